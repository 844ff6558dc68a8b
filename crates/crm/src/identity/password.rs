//! Passwords: Argon2id, never kept or shown in the clear.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use language::{Carried, spoken, text, tr};
use store::Secret;
use uuid::Uuid;

use super::{Device, Identity, Proof, fingerprint, guessable, random_secret, session, user_by_email};
use crate::{Caller, Error, Origin, Result, records::Work};

/// Kind of secret a password is kept as; its key is the user's id.
pub(super) const KIND: &str = "password";
/// Kind of secret a one-time link is kept as.
const LINK: &str = "password-link";
/// How long a one-time link is good, in hours.
const LINK_HOURS: i64 = 48;
/// Longest password, in characters: hashing a novel costs time.
const LONGEST: usize = 256;

impl Identity<'_> {
    /// Sets somebody's password; people may set their own with the old one, see
    /// [`Identity::change_password`], administrators anybody's.
    pub async fn set_password(&self, caller: &Caller, user: Uuid, password: &str) -> Result<()> {
        if caller.user != user {
            crate::access::require_administrator(caller, text!("set somebody else's password"))?;
        }
        let hash = self.hash_for(user, password).await?;
        self.app.work(caller, Origin::Engine, move |work| keep(work, user, &hash)).await
    }

    /// Hashes a new password, where the policy on this person lets it be one.
    async fn hash_for(&self, user: Uuid, password: &str) -> Result<String> {
        let person = self.app.caller(user).await?;
        let words = [person.name.clone(), person.email.clone(), person.organization().name.clone()];
        self.hash(password.to_owned(), person.sign_in_policy().password_length, &words).await
    }

    /// Hashes a new password off the async threads, where it is long enough, not easy to guess for
    /// somebody who knows these words about the person, and not known from a breach.
    pub(super) async fn hash(&self, password: String, shortest: usize, words: &[String]) -> Result<String> {
        let length = password.chars().count();
        if length < shortest {
            return Err(Error::refused(tr!("a password has at least {shortest} characters", shortest)));
        }
        if length > LONGEST {
            return Err(Error::refused(tr!("a password has at most {LONGEST} characters", LONGEST)));
        }
        let (words, settings) = (words.to_vec(), self.app.sign_in_settings());
        run(move || {
            if let Some(reason) = guessable::reason(&password, &words) {
                return Err(Error::Refused(reason));
            }
            if settings.breached_passwords.as_ref().map_or(Ok(false), |known| known.hold(&password))? {
                return Err(Error::refused(spoken(BREACHED)));
            }
            let hash = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string())
                .map_err(|error| Error::refused(tr!("this password cannot be used: {error}", error)))
        })
        .await?
    }

    /// Changes one's own password and signs out everywhere else: the session with the key `this`
    /// goes on.
    pub async fn change_password(
        &self,
        caller: &Caller,
        old: &str,
        new: &str,
        this: Option<String>,
        device: &Device,
    ) -> Result<()> {
        let attempt = self.admit(&caller.user.to_string(), device).await?;
        if !self.verify(caller.user, old.to_owned()).await? {
            return Err(Error::refused(tr!("the old password is wrong")));
        }
        self.succeeded(attempt).await?;
        let (user, hash) = (caller.user, self.hash_for(caller.user, new).await?);
        self.app
            .work(caller, Origin::Page, move |work| {
                keep(work, user, &hash)?;
                tracing::info!(target: "security", user = %user, "changed their password");
                session::end_all(work, user, this.as_deref())
            })
            .await
    }

    /// A one-time secret by which this person sets a password; good for two days.
    pub async fn password_link(&self, caller: &Caller, user: Uuid) -> Result<String> {
        crate::access::require_administrator(caller, text!("make a password link"))?;
        let secret = random_secret();
        let key = fingerprint(&secret);
        self.app
            .work(caller, Origin::Engine, move |work| {
                let expires = work.now() + jiff::SignedDuration::from_hours(LINK_HOURS);
                let kept = Secret {
                    kind: LINK.into(),
                    key,
                    owner: Some(user),
                    expires: Some(expires),
                    data: serde_json::json!({}),
                };
                for former in work.writer().secrets_of(LINK, user)? {
                    work.writer().delete_secret(LINK, &former.key)?;
                }
                tracing::info!(target: "security", user = %user, by = %work.caller().user, "made a one-time link");
                Ok(work.writer().put_secret(&kept)?)
            })
            .await?;
        Ok(secret)
    }

    /// The name and e-mail address of the person a one-time link belongs to.
    pub async fn password_link_owner(&self, secret: &str) -> Result<(Uuid, String)> {
        let (engine, key) = (self.app.engine().await?, fingerprint(secret));
        self.app
            .read(move |reader| {
                let found =
                    reader.secret(LINK, &key)?.filter(|s| s.expires.is_none_or(|end| end > jiff::Timestamp::now()));
                let user = found.and_then(|s| s.owner).ok_or_else(|| Error::refused(spoken(USED_LINK)))?;
                let row = crate::reading::get(reader, &engine, "systemuser", user, None)?;
                Ok((user, row.text("internalemailaddress").to_owned()))
            })
            .await
    }

    /// Sets the password by a one-time link, which is then used up.
    pub async fn use_password_link(&self, secret: &str, password: &str) -> Result<Uuid> {
        let (user, _) = self.password_link_owner(secret).await?;
        let hash = self.hash_for(user, password).await?;
        let (engine, key) = (self.app.engine().await?, fingerprint(secret));
        self.app
            .work(&engine, Origin::Engine, move |work| {
                if !work.writer().delete_secret(LINK, &key)? {
                    return Err(Error::refused(spoken(USED_LINK)));
                }
                keep(work, user, &hash)?;
                session::end_all(work, user, None)?;
                Ok(user)
            })
            .await
    }

    /// Opens a session for whoever has just used a one-time link.
    pub async fn open_by_link(&self, user: Uuid, device: &Device) -> Result<super::Entry> {
        self.open_session(user, device, &[Proof::Link]).await
    }

    /// True where the person has a password at all; one who comes by single sign-on has none.
    pub async fn has_password(&self, user: Uuid) -> Result<bool> {
        self.app.read(move |reader| Ok(reader.secret(KIND, &user.to_string())?.is_some())).await
    }

    /// The person with this e-mail address and password. A missing person costs as much time as
    /// a wrong password, so that addresses cannot be probed.
    pub(super) async fn check(&self, email: &str, password: &str) -> Result<Uuid> {
        let engine = self.app.engine().await?;
        let address = email.to_owned();
        let user = self.app.read(move |reader| user_by_email(reader, &engine, &address)).await?;
        let known = self.verify(user.unwrap_or_default(), password.to_owned()).await?;
        match user {
            Some(user) if known => Ok(user),
            _ => Err(Error::refused(tr!("the e-mail address or the password is wrong"))),
        }
    }

    pub(super) async fn verify(&self, user: Uuid, password: String) -> Result<bool> {
        let kept = self.app.read(move |reader| Ok(reader.secret(KIND, &user.to_string())?)).await?;
        let kept = kept.and_then(|secret| secret.data.get("hash").and_then(|h| h.as_str()).map(str::to_owned));
        run(move || {
            let Some(hash) = kept else {
                // A missing person costs as much time as a wrong password.
                let _ = Argon2::default().hash_password(password.as_bytes());
                return false;
            };
            PasswordHash::new(&hash)
                .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
        })
        .await
    }
}

const BREACHED: &str = text!(
    "this password is known from a breach of some other service and among the first that are tried; \
                        take another one, and change it wherever else you use it"
);
const USED_LINK: &str = text!("this link was used already or is too old; ask an administrator for a new one");

/// Keeps the hash of a password.
pub(super) fn keep(work: &mut Work<'_, '_>, user: Uuid, hash: &str) -> Result<()> {
    let data = serde_json::json!({ "hash": hash });
    let secret = Secret { kind: KIND.into(), key: user.to_string(), owner: Some(user), expires: None, data };
    Ok(work.writer().put_secret(&secret)?)
}

/// Does something costly off the async threads, in the language of the request.
async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let language = Carried::here();
    tokio::task::spawn_blocking(move || language.in_scope(work))
        .await
        .map_err(|error| Error::refused(tr!("the password could not be checked: {error}", error)))
}
