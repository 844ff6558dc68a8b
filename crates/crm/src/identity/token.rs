//! Personal API tokens.

use jiff::{SignedDuration, Timestamp};
use store::Secret;
use uuid::Uuid;

use super::{Identity, fingerprint, random_secret};
use crate::{Caller, Error, Origin, Result};

/// Kind of secret a token is kept as; its key is the fingerprint.
pub(super) const KIND: &str = "token";
/// Begins every token, so that leaked ones can be recognised.
const PREFIX: &str = "pw_";

/// A token as its owner sees it in the list; the token itself is shown once.
#[derive(Debug, Clone)]
pub struct TokenInfo {
    /// By which it can be revoked.
    pub key: String,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created: String,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

impl Identity<'_> {
    /// Makes a token for `user` (oneself, or anybody for an administrator), good for `days`.
    pub async fn create_token(&self, caller: &Caller, user: Uuid, name: &str, days: u32) -> Result<String> {
        if caller.user != user {
            crate::access::require_administrator(caller, "make tokens for others")?;
        }
        self.app.caller(user).await?; // a disabled or unknown person gets none
        let token = format!("{PREFIX}{}", random_secret());
        let (key, name) = (fingerprint(&token), name.to_owned());
        self.app
            .work(caller, Origin::Engine, move |work| {
                let data = serde_json::json!({ "name": name, "created": work.now().to_string() });
                let expires = Some(work.now() + SignedDuration::from_hours(24 * i64::from(days)));
                Ok(work.writer().put_secret(&Secret { kind: KIND.into(), key, owner: Some(user), expires, data })?)
            })
            .await?;
        Ok(token)
    }

    /// The person a token belongs to.
    pub async fn by_token(&self, token: &str) -> Result<Caller> {
        let key = fingerprint(token);
        self.app
            .read_in_organization(move |reader, organization| {
                let token = reader.secret(KIND, &key)?.filter(|t| t.expires.is_none_or(|end| end > Timestamp::now()));
                let user = token.and_then(|token| token.owner).ok_or(Error::NotSignedIn)?;
                Caller::load(reader, organization, user)
            })
            .await
    }

    /// The caller's tokens.
    pub async fn tokens(&self, caller: &Caller) -> Result<Vec<TokenInfo>> {
        let user = caller.user;
        self.app
            .read(move |reader| {
                let text = |data: &serde_json::Value, name: &str| {
                    data.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned()
                };
                let secrets = reader.secrets_of(KIND, user)?;
                Ok(secrets
                    .into_iter()
                    .map(|s| TokenInfo {
                        name: text(&s.data, "name"),
                        created: text(&s.data, "created"),
                        key: s.key,
                        expires: s.expires,
                    })
                    .collect())
            })
            .await
    }

    /// Revokes one of the caller's tokens.
    pub async fn revoke_token(&self, caller: &Caller, key: String) -> Result<()> {
        let user = caller.user;
        self.app
            .work(caller, Origin::Page, move |work| {
                if work.writer().secret(KIND, &key)?.is_some_and(|token| token.owner == Some(user)) {
                    work.writer().delete_secret(KIND, &key)?;
                }
                Ok(())
            })
            .await
    }
}
