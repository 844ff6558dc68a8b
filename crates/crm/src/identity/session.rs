//! Sessions of people who signed in through a page.

use jiff::{SignedDuration, Timestamp};
use language::{Language, in_language, text, tr};
use serde::{Deserialize, Serialize};
use store::Secret;
use uuid::Uuid;

use super::{Device, Identity, SecondFactor, SignInPolicy, code, fingerprint, passkey, random_secret};
use crate::{Caller, Error, Origin, Result, access, records::Work};

/// Kind of secret a session is kept as; its key is the fingerprint of the cookie.
pub(super) const KIND: &str = "session";
/// How long somebody may take to prove a second factor or set one up, in minutes.
const HALF_MINUTES: i64 = 15;
/// A request is noted at most this often, in seconds, so that reading stays reading.
const NOTED_EVERY: i64 = 60;
/// How long after a proof one may change how one signs in, in minutes.
const FRESH_MINUTES: i64 = 15;

/// How somebody has proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// By the password.
    Password,
    /// By a one-time link of an administrator's.
    Link,
    /// By a one-time code of an authenticator app.
    Code,
    /// By a recovery code.
    Recovery,
    /// By a passkey, whose device has verified the person.
    Passkey,
    /// By an identity provider.
    Provider,
    /// By an identity provider which vouches for a second factor.
    ProviderWithFactor,
}

/// How far a session opens the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Wholly.
    Full,
    /// Once a second factor is proved.
    Confirm,
    /// Once a second factor is set up.
    SetUp,
}

/// A session just opened.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Secret for the cookie.
    pub secret: String,
    /// How far it opens the door.
    pub stage: Stage,
    /// When it ends at the latest.
    pub expires: Timestamp,
}

/// A session as its owner sees it in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// By which it can be ended.
    pub key: String,
    /// When it began.
    pub began: Option<Timestamp>,
    /// When it was last used, to about a minute.
    pub seen: Option<Timestamp>,
    /// The browser.
    pub agent: String,
    /// The address from which it was opened.
    pub address: String,
    /// How the person proved who they are.
    pub proofs: Vec<Proof>,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub caller: Caller,
    /// Token that a form of this session must carry, against forged requests.
    pub csrf: String,
    /// How far the session opens the door.
    pub stage: Stage,
    /// What was proved.
    pub proofs: Vec<Proof>,
    /// By which the session is known in the list.
    pub key: String,
    /// When something was last proved.
    proved: Timestamp,
}

/// What is kept of a session.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    began: Timestamp,
    seen: Timestamp,
    proved: Timestamp,
    agent: String,
    address: String,
    csrf: String,
    stage: Stage,
    proofs: Vec<Proof>,
}

impl SignedIn {
    /// True shortly after a proof: then one may change how one signs in.
    pub fn is_fresh(&self) -> bool {
        Timestamp::now().duration_since(self.proved) < SignedDuration::from_mins(FRESH_MINUTES)
    }
}

impl Identity<'_> {
    /// Signs a person in by their password; the session may be half open, see [`Stage`].
    pub async fn sign_in(&self, email: &str, password: &str, device: &Device) -> Result<Entry> {
        if self.app.sign_in_settings().single_sign_on.as_ref().is_some_and(|sign_on| !sign_on.configuration.passwords) {
            return Err(Error::refused(tr!("passwords are not used here; sign in by the identity provider")));
        }
        let attempt = self.admit(email, device).await?;
        let user = self.check(email, password).await.inspect_err(|error| {
            if matches!(error, Error::Refused(_)) {
                tracing::warn!(target: "security", address = device.address_text(), "a wrong e-mail address or password");
            }
        })?;
        let entry = self.open_session(user, device, &[Proof::Password]).await?;
        self.succeeded(attempt).await?;
        Ok(entry)
    }

    /// Opens a session for a person whose identity is proved.
    pub async fn open_session(&self, user: Uuid, device: &Device, proofs: &[Proof]) -> Result<Entry> {
        let caller = self.app.caller(user).await?;
        if caller.application.is_some() {
            return Err(Error::refused(tr!("this user stands for a program, which signs in by its own secret")));
        }
        let (device, proofs) = (device.clone(), proofs.to_vec());
        let entry = self.app.work(&caller, Origin::Page, move |work| open(work, user, &device, proofs, None)).await?;
        tracing::info!(target: "security", user = %user, stage = ?entry.stage, "signed in");
        Ok(entry)
    }

    /// Puts a new session, which knows of one more proof, in the place of one that is there.
    pub(super) async fn prove(&self, session: &SignedIn, device: &Device, proof: Proof) -> Result<Entry> {
        let (user, device, key) = (session.caller.user, device.clone(), session.key.clone());
        let mut proofs = session.proofs.clone();
        proofs.retain(|known| *known != proof);
        proofs.push(proof);
        let entry = self
            .app
            .work(&session.caller, Origin::Page, move |work| open(work, user, &device, proofs, Some(&key)))
            .await?;
        tracing::info!(target: "security", user = %user, stage = ?entry.stage, ?proof, "proved a factor");
        Ok(entry)
    }

    /// Proves by the password again that it is still the same person, who may then change how
    /// they sign in.
    pub async fn prove_by_password(&self, session: &SignedIn, device: &Device, password: &str) -> Result<Entry> {
        let attempt = self.admit(&session.caller.user.to_string(), device).await?;
        if !self.verify(session.caller.user, password.to_owned()).await? {
            return Err(Error::refused(tr!("the password is wrong")));
        }
        let entry = self.prove(session, device, Proof::Password).await?;
        self.succeeded(attempt).await?;
        Ok(entry)
    }

    /// The person whose session this is, whatever its stage.
    pub async fn by_session(&self, secret: &str) -> Result<SignedIn> {
        let (signed_in, session, kept) = self.read_session(fingerprint(secret)).await?;
        self.note(session, kept).await;
        Ok(signed_in)
    }

    /// The same, where a page asks by itself: that does not count as use, so that a session nobody
    /// uses ends in its time however much happens around it.
    pub async fn by_idle_session(&self, secret: &str) -> Result<SignedIn> {
        Ok(self.read_session(fingerprint(secret)).await?.0)
    }

    /// The person of the session with this key (see [`SignedIn::key`]), with what they may do by now;
    /// that does not count as use.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] where the session has ended.
    pub async fn still_signed_in(&self, key: &str) -> Result<Caller> {
        let signed_in = self.read_session(key.to_owned()).await?.0;
        if signed_in.stage == Stage::Full { Ok(signed_in.caller) } else { Err(Error::NotSignedIn) }
    }

    async fn read_session(&self, key: String) -> Result<(SignedIn, Secret, Kept)> {
        self.app
            .read_in_organization(move |reader, organization| {
                let session = reader.secret(KIND, &key)?.ok_or(Error::NotSignedIn)?;
                let kept: Kept = serde_json::from_value(session.data.clone()).map_err(|_| Error::NotSignedIn)?;
                let user = session.owner.ok_or(Error::NotSignedIn)?;
                let caller = Caller::load(reader, organization, user)?;
                if has_ended(&session, &kept, &caller.sign_in_policy()) {
                    return Err(Error::NotSignedIn);
                }
                let signed_in = SignedIn {
                    caller,
                    csrf: kept.csrf.clone(),
                    stage: kept.stage,
                    proofs: kept.proofs.clone(),
                    key,
                    proved: kept.proved,
                };
                Ok((signed_in, session, kept))
            })
            .await
    }

    /// Notes that a session was used. Where that fails, reading goes on, and the log says so in English.
    async fn note(&self, session: Secret, kept: Kept) {
        let now = Timestamp::now();
        if now.duration_since(kept.seen).as_secs() < NOTED_EVERY {
            return;
        }
        let noted = in_language(Language::English, async {
            let data = kept_value(&Kept { seen: now, ..kept })?;
            let engine = self.app.engine().await?;
            self.app
                .work(&engine, Origin::Engine, move |work| {
                    Ok(work.writer().replace_secret(&session, session.expires, &data).map(drop)?)
                })
                .await
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "the use of a session could not be noted");
        }
    }

    /// Ends the session with this secret.
    pub async fn sign_out(&self, caller: &Caller, secret: &str) -> Result<()> {
        self.end_session(caller, caller.user, fingerprint(secret)).await
    }

    /// A person's sessions, the last used first: one's own, or anybody's for an administrator.
    pub async fn sessions(&self, caller: &Caller, user: Uuid) -> Result<Vec<Session>> {
        require_own(caller, user, text!("see where somebody else is signed in"))?;
        let policy = self.app.caller(user).await.map(|person| person.sign_in_policy());
        let mut sessions: Vec<Session> = self
            .app
            .read(move |reader| {
                let all = reader.secrets_of(KIND, user)?.into_iter();
                Ok(all.filter_map(|session| shown(session, policy.as_ref().ok()?)).collect())
            })
            .await?;
        sessions.sort_by_key(|session| std::cmp::Reverse(session.seen));
        Ok(sessions)
    }

    /// Ends one of a person's sessions.
    pub async fn end_session(&self, caller: &Caller, user: Uuid, key: String) -> Result<()> {
        require_own(caller, user, text!("end somebody else's session"))?;
        self.app
            .work(caller, Origin::Page, move |work| {
                let own = work.writer().secret(KIND, &key)?.is_some_and(|session| session.owner == Some(user));
                if own {
                    work.writer().delete_secret(KIND, &key)?;
                    tracing::info!(target: "security", user = %user, by = %work.caller().user, "a session was ended");
                }
                Ok(())
            })
            .await?;
        self.app.live().check_sessions();
        Ok(())
    }

    /// Ends all of a person's sessions but the one with this key, where one is named.
    pub async fn end_sessions(&self, caller: &Caller, user: Uuid, but: Option<String>) -> Result<()> {
        require_own(caller, user, text!("end somebody else's sessions"))?;
        self.app.work(caller, Origin::Page, move |work| end_all(work, user, but.as_deref())).await?;
        self.app.live().check_sessions();
        Ok(())
    }
}

/// Refuses everybody but the person and administrators.
pub(super) fn require_own(caller: &Caller, user: Uuid, what: &'static str) -> Result<()> {
    if caller.user == user { Ok(()) } else { access::require_administrator(caller, what) }
}

/// Opens a session, and closes the one whose place it takes.
fn open(
    work: &mut Work<'_, '_>,
    user: Uuid,
    device: &Device,
    proofs: Vec<Proof>,
    instead: Option<&str>,
) -> Result<Entry> {
    let mut began = work.now();
    if let Some(key) = instead {
        let former = work.writer().secret(KIND, key)?.ok_or(Error::NotSignedIn)?;
        // Proving something again does not lengthen the whole.
        if let Ok(former) = serde_json::from_value::<Kept>(former.data)
            && former.stage == Stage::Full
        {
            began = former.began;
        }
        if !work.writer().delete_secret(KIND, key)? {
            return Err(Error::NotSignedIn);
        }
    }
    let policy = work.caller().sign_in_policy();
    let set_up = SetUpFactors::of(work, user)?;
    let stage = stage(policy.second_factor, set_up, &proofs);
    let now = work.now();
    let expires =
        if stage == Stage::Full { began + policy.lifetime } else { now + SignedDuration::from_mins(HALF_MINUTES) };
    let (secret, csrf) = (random_secret(), random_secret());
    let kept = Kept {
        began,
        seen: now,
        proved: now,
        agent: device.short_agent(),
        address: device.address_text(),
        csrf,
        stage,
        proofs,
    };
    work.writer().put_secret(&Secret {
        kind: KIND.into(),
        key: fingerprint(&secret),
        owner: Some(user),
        expires: Some(expires),
        data: kept_value(&kept)?,
    })?;
    Ok(Entry { secret, stage, expires })
}

/// Which second factors a person has set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SetUpFactors {
    pub code: bool,
    pub passkey: bool,
}

impl SetUpFactors {
    pub(super) fn of(work: &mut Work<'_, '_>, user: Uuid) -> Result<Self> {
        Ok(Self {
            code: work.writer().secret(code::KIND, &user.to_string())?.is_some(),
            passkey: !work.writer().secrets_of(passkey::KIND, user)?.is_empty(),
        })
    }
}

/// How far the door opens. Whoever has set up a second factor proves it, whatever the policy:
/// else somebody who knows the password alone could set up another one.
fn stage(demanded: SecondFactor, set_up: SetUpFactors, proofs: &[Proof]) -> Stage {
    let proved = |wanted: &[Proof]| proofs.iter().any(|proof| wanted.contains(proof));
    let by_passkey = proved(&[Proof::Passkey]);
    let by_any = by_passkey || proved(&[Proof::Code, Proof::Recovery, Proof::ProviderWithFactor]);
    let has_any = set_up.code || set_up.passkey;
    match demanded {
        SecondFactor::NotRequired if by_any || !has_any || proved(&[Proof::Provider]) => Stage::Full,
        SecondFactor::Any if by_any => Stage::Full,
        SecondFactor::Passkey if by_passkey => Stage::Full,
        // A recovery code stands for a device that was lost: a new one is set up.
        SecondFactor::Passkey if set_up.passkey && !proved(&[Proof::Recovery]) => Stage::Confirm,
        SecondFactor::Passkey if by_any || !has_any => Stage::SetUp,
        SecondFactor::Any if !has_any => Stage::SetUp,
        _ => Stage::Confirm,
    }
}

fn has_ended(session: &Secret, kept: &Kept, policy: &SignInPolicy) -> bool {
    let now = Timestamp::now();
    session.expires.is_none_or(|end| end <= now)
        || now.duration_since(kept.seen) > policy.idle
        || now.duration_since(kept.began) > policy.lifetime
}

fn shown(session: Secret, policy: &SignInPolicy) -> Option<Session> {
    let kept: Kept = serde_json::from_value(session.data.clone()).ok()?;
    if has_ended(&session, &kept, policy) || kept.stage != Stage::Full {
        return None;
    }
    Some(Session {
        began: Some(kept.began),
        seen: Some(kept.seen),
        agent: kept.agent,
        address: kept.address,
        proofs: kept.proofs,
        expires: session.expires,
        key: session.key,
    })
}

fn kept_value(kept: &Kept) -> Result<serde_json::Value> {
    serde_json::to_value(kept).map_err(|error| Error::refused(tr!("the session cannot be kept: {error}", error)))
}

/// Ends the sessions of a person, but the one with this key.
pub(super) fn end_all(work: &mut Work<'_, '_>, user: Uuid, but: Option<&str>) -> Result<()> {
    for session in work.writer().secrets_of(KIND, user)? {
        if Some(session.key.as_str()) != but {
            work.writer().delete_secret(KIND, &session.key)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: SetUpFactors = SetUpFactors { code: false, passkey: false };
    const CODE: SetUpFactors = SetUpFactors { code: true, passkey: false };
    const PASSKEY: SetUpFactors = SetUpFactors { code: false, passkey: true };
    const BOTH: SetUpFactors = SetUpFactors { code: true, passkey: true };

    #[test]
    fn a_second_factor_that_was_set_up_is_always_asked_for() {
        use Proof::{Code, Passkey, Password, Provider};
        assert_eq!(stage(SecondFactor::NotRequired, NOTHING, &[Password]), Stage::Full);
        assert_eq!(stage(SecondFactor::NotRequired, CODE, &[Password]), Stage::Confirm);
        assert_eq!(stage(SecondFactor::NotRequired, CODE, &[Password, Code]), Stage::Full);
        assert_eq!(stage(SecondFactor::NotRequired, PASSKEY, &[Passkey]), Stage::Full);
        assert_eq!(stage(SecondFactor::NotRequired, CODE, &[Provider]), Stage::Full);
    }

    #[test]
    fn a_demanded_factor_is_proved_or_set_up_first() {
        use Proof::{Code, Passkey, Password, Provider, ProviderWithFactor, Recovery};
        assert_eq!(stage(SecondFactor::Any, NOTHING, &[Password]), Stage::SetUp);
        assert_eq!(stage(SecondFactor::Any, CODE, &[Password]), Stage::Confirm);
        assert_eq!(stage(SecondFactor::Any, NOTHING, &[Provider]), Stage::SetUp);
        assert_eq!(stage(SecondFactor::Any, NOTHING, &[ProviderWithFactor]), Stage::Full);
        assert_eq!(
            stage(SecondFactor::Passkey, CODE, &[Password]),
            Stage::Confirm,
            "the password alone sets nothing up"
        );
        assert_eq!(stage(SecondFactor::Passkey, CODE, &[Password, Code]), Stage::SetUp);
        assert_eq!(stage(SecondFactor::Passkey, BOTH, &[Password, Code]), Stage::Confirm, "a code is no passkey");
        assert_eq!(stage(SecondFactor::Passkey, BOTH, &[Password, Recovery]), Stage::SetUp);
        assert_eq!(stage(SecondFactor::Passkey, BOTH, &[Passkey]), Stage::Full);
    }
}
