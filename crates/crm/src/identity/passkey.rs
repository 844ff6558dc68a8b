//! Passkeys (WebAuthn): the device holds a key that works for this site only, and verifies the
//! person before it uses it.

use jiff::{SignedDuration, Timestamp};
use language::{spoken, text, tr};
use passki::{
    AuthenticationCredential, AuthenticationOptions, AuthenticationState, Passki, RegistrationCredential,
    RegistrationOptions, RegistrationState, ResidentKeyRequirement, StoredPasskey, UserVerificationRequirement,
};
use serde::{Deserialize, Serialize};
use store::Secret;
use uuid::Uuid;

use super::{
    Device, Entry, Identity, Proof, SignedIn, code::CHALLENGE, code::recovery_codes_once, factors, fingerprint,
    session::require_own,
};
use crate::{Caller, Error, Origin, Result, records::Work};

/// Kind of secret a passkey is kept as; its key is the credential's id.
pub(super) const KIND: &str = "passkey";
/// How long the browser may take to ask the person, in minutes.
const MINUTES: i64 = 5;
/// Passkeys a person can have.
const MOST: usize = 20;
/// Longest name of a passkey, in characters.
const LONGEST_NAME: usize = 100;

const FAILED: &str = text!("the passkey could not be verified; try again");

/// A passkey as its owner sees it in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyInfo {
    /// By which it can be renamed and removed.
    pub key: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was set up.
    pub made: Option<Timestamp>,
    /// When it was last used.
    pub used: Option<Timestamp>,
    /// The host it works on.
    pub host: String,
    /// Whether the device's maker keeps copies of it on the person's other devices.
    pub synced: bool,
}

/// What is kept of a passkey.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    name: String,
    made: Timestamp,
    used: Option<Timestamp>,
    host: String,
    passkey: StoredPasskey,
}

impl Identity<'_> {
    /// Begins to set up a passkey for the site at `origin` (`https://crm.example.com`); returns
    /// the options for the browser.
    pub async fn begin_passkey(&self, session: &SignedIn, origin: &str) -> Result<serde_json::Value> {
        factors::require_open(session)?;
        let caller = &session.caller;
        let known = self.kept_passkeys(caller.user).await?;
        if known.len() >= MOST {
            return Err(Error::refused(tr!("you have {MOST} passkeys; remove one first", MOST)));
        }
        let site = site(origin, &caller.organization().name)?;
        let known: Vec<StoredPasskey> = known.into_iter().map(|(_, kept)| kept.passkey).collect();
        let mut options = RegistrationOptions::default();
        options.resident_key = ResidentKeyRequirement::Required;
        options.user_verification = UserVerificationRequirement::Required;
        options.exclude_credentials = Some(&known);
        let (challenge, state) = site
            .start_passkey_registration(caller.user.as_bytes(), &caller.email, &caller.name, options)
            .map_err(|error| failed(&error))?;
        self.begin(&session.key, Some(caller.user), value(&state)?).await?;
        value(&challenge)
    }

    /// Finishes it with what the browser answered. Returns the session in its new place and,
    /// where the person had none, recovery codes to be shown once.
    pub async fn finish_passkey(
        &self,
        session: &SignedIn,
        device: &Device,
        origin: &str,
        name: &str,
        answer: &str,
    ) -> Result<(Entry, Vec<String>)> {
        factors::require_open(session)?;
        let (user, site) = (session.caller.user, site(origin, &session.caller.organization().name)?);
        let state: RegistrationState = self.take_begun(&session.key).await?;
        let credential: RegistrationCredential = serde_json::from_str(answer).map_err(|error| failed(&error))?;
        let passkey = site.finish_passkey_registration(&credential, &state).map_err(|error| failed(&error))?;
        let name: String = name.trim().chars().take(LONGEST_NAME).collect();
        let name = if name.is_empty() { "Passkey".to_owned() } else { name };
        let recovery = self
            .app
            .work(&session.caller, Origin::Page, move |work| {
                let key = Passki::base64_encode(&passkey.credential_id);
                if work.writer().secret(KIND, &key)?.is_some() {
                    return Err(Error::refused(tr!("this passkey is set up already")));
                }
                let kept = Kept { name, made: work.now(), used: None, host: site.rp_id, passkey };
                let data = value(&kept)?;
                work.writer().put_secret(&Secret { kind: KIND.into(), key, owner: Some(user), expires: None, data })?;
                tracing::info!(target: "security", user = %user, "set up a passkey");
                recovery_codes_once(work, user)
            })
            .await?;
        Ok((self.prove(session, device, Proof::Passkey).await?, recovery))
    }

    /// Options for the browser to sign somebody in by any passkey of this site. `binding` ties the
    /// answer to the browser: a secret of its own.
    pub async fn begin_passkey_sign_in(&self, origin: &str, binding: &str) -> Result<serde_json::Value> {
        self.challenge(origin, &fingerprint(binding), None).await
    }

    /// Signs in by the passkey the browser answered with.
    pub async fn sign_in_by_passkey(
        &self,
        device: &Device,
        origin: &str,
        binding: &str,
        answer: &str,
    ) -> Result<Entry> {
        // Nobody guesses a signature, but checking one costs time.
        let attempt = self.admit(&format!("passkey {}", device.address_text()), device).await?;
        let user = self.verified(origin, &fingerprint(binding), None, answer).await?;
        let entry = self.open_session(user, device, &[Proof::Passkey]).await?;
        self.succeeded(attempt).await?;
        Ok(entry)
    }

    /// Options for the browser to prove a session by one of the person's passkeys.
    pub async fn begin_passkey_proof(&self, session: &SignedIn, origin: &str) -> Result<serde_json::Value> {
        self.challenge(origin, &session.key, Some(session.caller.user)).await
    }

    /// Proves the second factor, or again that it is the same person, by a passkey.
    pub async fn prove_by_passkey(
        &self,
        session: &SignedIn,
        device: &Device,
        origin: &str,
        answer: &str,
    ) -> Result<Entry> {
        self.verified(origin, &session.key, Some(session.caller.user), answer).await?;
        self.prove(session, device, Proof::Passkey).await
    }

    /// A person's passkeys: one's own, or anybody's for an administrator.
    pub async fn passkeys(&self, caller: &Caller, user: Uuid) -> Result<Vec<PasskeyInfo>> {
        require_own(caller, user, text!("see somebody else's passkeys"))?;
        let kept = self.kept_passkeys(user).await?;
        let info = |(key, kept): (String, Kept)| PasskeyInfo {
            key,
            name: kept.name,
            made: Some(kept.made),
            used: kept.used,
            host: kept.host,
            synced: kept.passkey.bs,
        };
        let mut all: Vec<PasskeyInfo> = kept.into_iter().map(info).collect();
        all.sort_by_key(|passkey| passkey.made);
        Ok(all)
    }

    /// Gives one's own passkey another name.
    pub async fn rename_passkey(&self, session: &SignedIn, key: &str, name: &str) -> Result<()> {
        let name: String = name.trim().chars().take(LONGEST_NAME).collect();
        if name.is_empty() {
            return Err(Error::refused(tr!("a passkey needs a name")));
        }
        let (user, key) = (session.caller.user, key.to_owned());
        self.app
            .work(&session.caller, Origin::Page, move |work| {
                let secret = own(work, user, &key)?;
                let data = value(&Kept { name, ..kept(&secret)? })?;
                Ok(work.writer().replace_secret(&secret, None, &data).map(drop)?)
            })
            .await
    }

    /// Removes one's own passkey.
    pub async fn remove_passkey(&self, session: &SignedIn, key: &str) -> Result<()> {
        factors::require_fresh(session)?;
        let (user, key) = (session.caller.user, key.to_owned());
        self.app
            .work(&session.caller, Origin::Page, move |work| {
                own(work, user, &key)?;
                work.writer().delete_secret(KIND, &key)?;
                tracing::info!(target: "security", user = %user, "removed a passkey");
                factors::require_enough(work, user)
            })
            .await
    }

    async fn kept_passkeys(&self, user: Uuid) -> Result<Vec<(String, Kept)>> {
        self.app
            .read(move |reader| {
                reader
                    .secrets_of(KIND, user)?
                    .into_iter()
                    .map(|secret| Ok((secret.key.clone(), kept(&secret)?)))
                    .collect()
            })
            .await
    }

    async fn challenge(&self, origin: &str, binding: &str, user: Option<Uuid>) -> Result<serde_json::Value> {
        let site = site(origin, &self.app.organization().await?.name)?;
        let known = match user {
            None => Vec::new(),
            Some(user) => self.kept_passkeys(user).await?.into_iter().map(|(_, kept)| kept.passkey).collect(),
        };
        if user.is_some() && known.is_empty() {
            return Err(Error::refused(tr!("you have no passkey")));
        }
        let mut options = AuthenticationOptions::default();
        options.user_verification = UserVerificationRequirement::Required;
        let (challenge, state) = site.start_passkey_authentication(&known, options).map_err(|error| failed(&error))?;
        self.begin(binding, user, value(&state)?).await?;
        value(&challenge)
    }

    /// The person whose passkey answered the challenge.
    async fn verified(&self, origin: &str, binding: &str, wanted: Option<Uuid>, answer: &str) -> Result<Uuid> {
        let site = site(origin, &self.app.organization().await?.name)?;
        let state: AuthenticationState = self.take_begun(binding).await?;
        let credential: AuthenticationCredential = serde_json::from_str(answer).map_err(|error| failed(&error))?;
        let engine = self.app.engine().await?;
        self.app
            .work(&engine, Origin::Engine, move |work| {
                let key = Passki::base64_decode(&credential.raw_id).map(|id| Passki::base64_encode(&id));
                let key = key.map_err(|error| failed(&error))?;
                let secret = work.writer().secret(KIND, &key)?.ok_or_else(|| Error::refused(spoken(FAILED)))?;
                let known = kept(&secret)?;
                let user = secret.owner.filter(|owner| wanted.is_none_or(|wanted| wanted == *owner));
                let user = user.filter(|_| known.host == site.rp_id).ok_or_else(|| Error::refused(spoken(FAILED)))?;
                let result = site
                    .finish_passkey_authentication(&credential, &state, &known.passkey)
                    .map_err(|error| failed(&error))?;
                if result.user_handle.is_some_and(|handle| handle != user.as_bytes()) {
                    return Err(Error::refused(spoken(FAILED)));
                }
                let mut used = Kept { used: Some(work.now()), ..known };
                used.passkey.counter = result.counter;
                if !work.writer().replace_secret(&secret, None, &value(&used)?)? {
                    return Err(Error::refused(spoken(FAILED)));
                }
                Ok(user)
            })
            .await
    }

    async fn begin(&self, binding: &str, owner: Option<Uuid>, data: serde_json::Value) -> Result<()> {
        let (engine, key) = (self.app.engine().await?, begun(binding));
        self.app
            .work(&engine, Origin::Engine, move |work| {
                let expires = Some(work.now() + SignedDuration::from_mins(MINUTES));
                Ok(work.writer().put_secret(&Secret { kind: CHALLENGE.into(), key, owner, expires, data })?)
            })
            .await
    }

    /// What was begun, which is then used up.
    async fn take_begun<T: serde::de::DeserializeOwned>(&self, binding: &str) -> Result<T> {
        let (engine, key) = (self.app.engine().await?, begun(binding));
        let gone = || Error::refused(tr!("this took too long; try again"));
        let data = self
            .app
            .work(&engine, Origin::Engine, move |work| {
                let found =
                    work.writer().secret(CHALLENGE, &key)?.filter(|begun| begun.expires > Some(Timestamp::now()));
                let taken = work.writer().delete_secret(CHALLENGE, &key)?;
                Ok(found.filter(|_| taken).map(|begun| begun.data))
            })
            .await?;
        serde_json::from_value(data.ok_or_else(gone)?).map_err(|_| gone())
    }
}

fn begun(binding: &str) -> String {
    format!("passkey {binding}")
}

fn own(work: &mut Work<'_, '_>, user: Uuid, key: &str) -> Result<Secret> {
    let secret = work.writer().secret(KIND, key)?.filter(|secret| secret.owner == Some(user));
    secret.ok_or_else(|| Error::refused(tr!("this passkey is not there any more")))
}

fn kept(secret: &Secret) -> Result<Kept> {
    serde_json::from_value(secret.data.clone()).map_err(|error| failed(&error))
}

fn value(part: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(part).map_err(|error| failed(&error))
}

/// The person is told little; the log says why.
fn failed(error: &impl std::fmt::Display) -> Error {
    tracing::warn!(target: "security", %error, "a passkey was refused");
    Error::refused(spoken(FAILED))
}

/// The site a passkey belongs to: its host, whatever the port.
fn site(origin: &str, organization: &str) -> Result<Passki> {
    let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    if host.is_empty() || host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok() {
        return Err(Error::refused(tr!(
            "passkeys need a host name; reach Pipewright by a name such as localhost or crm.company.example instead \
             of a number"
        )));
    }
    Ok(Passki::new(&host, &[origin], &format!("Pipewright {organization}")))
}
