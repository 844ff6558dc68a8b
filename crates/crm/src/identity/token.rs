//! Personal API tokens.

use jiff::{SignedDuration, Timestamp};
use language::{text, tr};
use store::Secret;
use uuid::Uuid;

use super::{Identity, fingerprint, random_secret, session::require_own};
use crate::{Caller, Error, Origin, Result, access};

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
    pub created: Option<Timestamp>,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

impl Identity<'_> {
    /// Makes a token for `user` (oneself, or anybody for an administrator), good for `days`.
    ///
    /// # Errors
    /// Refused where the policy on the person allows no tokens, or none that live so long.
    pub async fn create_token(&self, caller: &Caller, user: Uuid, name: &str, days: u32) -> Result<String> {
        require_own(caller, user, text!("make tokens for others"))?;
        let policy = self.app.caller(user).await?.sign_in_policy(); // a disabled or unknown person gets none
        if !policy.tokens {
            return Err(Error::refused(tr!("the organisation does not allow API tokens for these security roles")));
        }
        if days == 0 || days > policy.token_days {
            return Err(Error::refused(tr!("a token may live for 1 to {} days", policy.token_days)));
        }
        let token = format!("{PREFIX}{}", random_secret());
        let (key, name) = (fingerprint(&token), name.to_owned());
        self.app
            .work(caller, Origin::Engine, move |work| {
                let data = serde_json::json!({ "name": name, "created": work.now().to_string() });
                let expires = Some(work.now() + SignedDuration::from_hours(24 * i64::from(days)));
                tracing::info!(target: "security", user = %user, by = %work.caller().user, days, "made an API token");
                Ok(work.writer().put_secret(&Secret { kind: KIND.into(), key, owner: Some(user), expires, data })?)
            })
            .await?;
        Ok(token)
    }

    /// The person a token belongs to. A policy that became stricter holds for tokens that are
    /// there, too.
    pub async fn by_token(&self, token: &str) -> Result<Caller> {
        let key = fingerprint(token);
        self.app
            .read_in_organization(move |reader, organization| {
                let now = Timestamp::now();
                let token = reader.secret(KIND, &key)?.filter(|t| t.expires.is_none_or(|end| end > now));
                let token = token.ok_or(Error::NotSignedIn)?;
                let caller = Caller::load(reader, organization, token.owner.ok_or(Error::NotSignedIn)?)?;
                let policy = caller.sign_in_policy();
                let longest = SignedDuration::from_hours(24 * i64::from(policy.token_days));
                let age = info(token).created.map(|created| now.duration_since(created));
                if !policy.tokens || age.is_some_and(|age| age > longest) {
                    return Err(Error::NotSignedIn);
                }
                Ok(caller)
            })
            .await
    }

    /// A person's tokens: one's own, or anybody's for an administrator.
    pub async fn tokens(&self, caller: &Caller, user: Uuid) -> Result<Vec<TokenInfo>> {
        require_own(caller, user, text!("see somebody else's tokens"))?;
        self.app.read(move |reader| Ok(reader.secrets_of(KIND, user)?.into_iter().map(info).collect())).await
    }

    /// Revokes one of a person's tokens; whether there was one with this key (or the beginning of
    /// it, which must belong to one only).
    pub async fn revoke_token(&self, caller: &Caller, user: Uuid, key: String) -> Result<bool> {
        if caller.user != user {
            access::require_administrator(caller, text!("revoke somebody else's token"))?;
        }
        self.app
            .work(caller, Origin::Page, move |work| {
                let all = work.writer().secrets_of(KIND, user)?;
                let mut meant = all.iter().filter(|token| !key.is_empty() && token.key.starts_with(&key));
                let (Some(token), None) = (meant.next(), meant.next()) else { return Ok(false) };
                tracing::info!(target: "security", user = %user, by = %work.caller().user, "revoked an API token");
                Ok(work.writer().delete_secret(KIND, &token.key)?)
            })
            .await
    }
}

fn info(secret: Secret) -> TokenInfo {
    let text = |name: &str| secret.data.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    TokenInfo { name: text("name"), created: text("created").parse().ok(), expires: secret.expires, key: secret.key }
}
