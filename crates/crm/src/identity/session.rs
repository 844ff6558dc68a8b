//! Sessions of people who signed in through a page.

use jiff::{SignedDuration, Timestamp};
use store::Secret;
use uuid::Uuid;

use super::{Identity, fingerprint, random_secret};
use crate::{Caller, Error, Origin, Result, records::Work};

/// Kind of secret a session is kept as; its key is the fingerprint of the cookie.
pub(super) const KIND: &str = "session";
/// How long a session lives, in days.
const DAYS: i64 = 30;

/// A session as its owner sees it in the list.
#[derive(Debug, Clone)]
pub struct Session {
    /// By which it can be ended.
    pub key: String,
    /// When it began.
    pub began: String,
    /// The browser.
    pub agent: String,
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
}

impl Identity<'_> {
    /// Signs a person in; returns the secret for the cookie.
    pub async fn sign_in(&self, email: &str, password: &str, agent: &str) -> Result<String> {
        self.app.throttle().admit(email)?;
        let user = match self.check(email, password).await {
            Ok(user) => user,
            Err(error) => {
                self.app.throttle().failed(email);
                return Err(error);
            }
        };
        self.app.throttle().succeeded(email);
        self.open_session(user, agent).await
    }

    /// Opens a session for a person whose identity is proved.
    pub async fn open_session(&self, user: Uuid, agent: &str) -> Result<String> {
        let caller = self.app.caller(user).await?;
        let (secret, csrf) = (random_secret(), random_secret());
        let agent: String = agent.chars().take(200).collect();
        let key = fingerprint(&secret);
        self.app
            .work(&caller, Origin::Page, move |work| {
                let data = serde_json::json!({ "began": work.now().to_string(), "agent": agent, "csrf": csrf });
                let expires = Some(work.now() + SignedDuration::from_hours(24 * DAYS));
                let session = Secret { kind: KIND.into(), key, owner: Some(user), expires, data };
                Ok(work.writer().put_secret(&session)?)
            })
            .await?;
        Ok(secret)
    }

    /// The person whose session this is.
    pub async fn by_session(&self, secret: &str) -> Result<SignedIn> {
        let key = fingerprint(secret);
        self.app
            .read_in_organization(move |reader, organization| {
                let session = reader.secret(KIND, &key)?.filter(|s| s.expires.is_none_or(|end| end > Timestamp::now()));
                let session = session.ok_or(Error::NotSignedIn)?;
                let user = session.owner.ok_or(Error::NotSignedIn)?;
                let csrf = session.data.get("csrf").and_then(|v| v.as_str()).unwrap_or_default().to_owned();
                Ok(SignedIn { caller: Caller::load(reader, organization, user)?, csrf })
            })
            .await
    }

    /// Ends the session with this secret.
    pub async fn sign_out(&self, caller: &Caller, secret: &str) -> Result<()> {
        self.end_session(caller, fingerprint(secret)).await
    }

    /// The caller's sessions.
    pub async fn sessions(&self, caller: &Caller) -> Result<Vec<Session>> {
        let user = caller.user;
        self.app
            .read(move |reader| {
                let text = |data: &serde_json::Value, name: &str| {
                    data.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned()
                };
                let secrets = reader.secrets_of(KIND, user)?;
                Ok(secrets
                    .into_iter()
                    .map(|s| Session {
                        began: text(&s.data, "began"),
                        agent: text(&s.data, "agent"),
                        key: s.key,
                        expires: s.expires,
                    })
                    .collect())
            })
            .await
    }

    /// Ends one of the caller's sessions.
    pub async fn end_session(&self, caller: &Caller, key: String) -> Result<()> {
        let user = caller.user;
        self.app
            .work(caller, Origin::Page, move |work| {
                let own = work.writer().secret(KIND, &key)?.is_some_and(|session| session.owner == Some(user));
                if own {
                    work.writer().delete_secret(KIND, &key)?;
                }
                Ok(())
            })
            .await
    }
}

/// Ends every session of a person.
pub(super) fn end_all(work: &mut Work<'_, '_>, user: Uuid) -> Result<()> {
    for session in work.writer().secrets_of(KIND, user)? {
        work.writer().delete_secret(KIND, &session.key)?;
    }
    Ok(())
}
