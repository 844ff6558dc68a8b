//! API tokens: personal ones, and the access tokens of programs.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use language::{text, tr};
use serde::{Deserialize, Serialize};
use store::{Reader, Secret};
use uuid::Uuid;

use super::{
    Identity, fingerprint,
    programs::{self, Program},
    random_secret,
    session::require_own,
};
use crate::{Caller, Error, Organization, Origin, Result, access, access::Within, records::Work};

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

/// The program that holds a token, where it is not a personal one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    /// The row of `program`.
    pub program: Uuid,
    /// The grant with which the token ends; none where the program works by itself.
    pub grant: Option<String>,
    /// No more than reading was granted.
    pub reading: bool,
}

impl Holder {
    fn of(token: &Secret) -> Option<Self> {
        serde_json::from_value(token.data.get("holder")?.clone()).ok()
    }
}

/// Keeps a new token of somebody's, and returns it.
pub(super) fn keep(
    work: &mut Work<'_, '_>,
    user: Uuid,
    name: &str,
    lives: SignedDuration,
    holder: Option<&Holder>,
) -> Result<String> {
    let token = format!("{PREFIX}{}", random_secret());
    let mut data = serde_json::json!({ "name": name, "created": work.now().to_string() });
    if let Some(holder) = holder {
        data["holder"] = serde_json::json!(holder);
    }
    let (key, expires) = (fingerprint(&token), Some(work.now() + lives));
    work.writer().put_secret(&Secret { kind: KIND.into(), key, owner: Some(user), expires, data })?;
    Ok(token)
}

/// Whether a program holds the token.
pub(super) fn is_of(token: &Secret, program: Uuid) -> bool {
    Holder::of(token).is_some_and(|holder| holder.program == program)
}

impl Identity<'_> {
    /// Makes a token for `user` (oneself, or anybody for an administrator), good for `days`.
    ///
    /// # Errors
    /// Refused where the policy on the person allows no tokens, or none that live so long, and for users
    /// who stand for a program: what limits the program would not hold.
    pub async fn create_token(&self, caller: &Caller, user: Uuid, name: &str, days: u32) -> Result<String> {
        require_own(caller, user, text!("make tokens for others"))?;
        let person = self.app.caller(user).await?; // a disabled or unknown person gets none
        if person.application.is_some() {
            return Err(Error::refused(tr!("this user stands for a program, which signs in by its own secret")));
        }
        let policy = person.sign_in_policy();
        if !policy.tokens {
            return Err(Error::refused(tr!("the organisation does not allow API tokens for these security roles")));
        }
        if days == 0 || days > policy.token_days {
            return Err(Error::refused(tr!("a token may live for 1 to {} days", policy.token_days)));
        }
        let name = name.to_owned();
        self.app
            .work(caller, Origin::Engine, move |work| {
                tracing::info!(target: "security", user = %user, by = %work.caller().user, days, "made an API token");
                keep(work, user, &name, SignedDuration::from_hours(24 * i64::from(days)), None)
            })
            .await
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
                let holder = Holder::of(&token);
                let user = token.owner.ok_or(Error::NotSignedIn)?;
                let caller = let_in(reader, organization, user, holder.as_ref())?;
                if caller.application.is_some() {
                    return Ok(caller);
                }
                let longest = SignedDuration::from_hours(24 * i64::from(caller.sign_in_policy().token_days));
                let age = info(token).created.map(|created| now.duration_since(created));
                if age.is_some_and(|age| age > longest) {
                    return Err(Error::NotSignedIn);
                }
                Ok(caller)
            })
            .await
    }

    /// A person's tokens: one's own, or anybody's for an administrator.
    pub async fn tokens(&self, caller: &Caller, user: Uuid) -> Result<Vec<TokenInfo>> {
        require_own(caller, user, text!("see somebody else's tokens"))?;
        self.app
            .read(move |reader| {
                let all = reader.secrets_of(KIND, user)?.into_iter();
                Ok(all.filter(|token| Holder::of(token).is_none()).map(info).collect())
            })
            .await
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
                let personal = all.iter().filter(|token| Holder::of(token).is_none());
                let mut meant = personal.filter(|token| !key.is_empty() && token.key.starts_with(&key));
                let (Some(token), None) = (meant.next(), meant.next()) else { return Ok(false) };
                tracing::info!(target: "security", user = %user, by = %work.caller().user, "revoked an API token");
                Ok(work.writer().delete_secret(KIND, &token.key)?)
            })
            .await
    }
}

/// Somebody as their token lets them in now: by themselves, or by the program that holds it.
///
/// # Errors
/// [`Error::NotSignedIn`] where the person or the program is disabled or gone, the grant has ended, or the
/// policy on the person allows no tokens any more.
pub(crate) fn let_in(
    reader: &mut Reader<'_>,
    organization: &Arc<Organization>,
    user: Uuid,
    holder: Option<&Holder>,
) -> Result<Caller> {
    let caller = match holder {
        Some(holder) => of_program(reader, organization, user, holder)?,
        None => Caller::load(reader, organization, user)?,
    };
    // An application user is let in by whoever registered the program, and by nothing else.
    let is_let_in = if caller.application.is_some() { holder.is_some() } else { caller.sign_in_policy().tokens };
    if is_let_in { Ok(caller) } else { Err(Error::NotSignedIn) }
}

/// Whoever a program works for or as, with no more rights than the program may use.
fn of_program(
    reader: &mut Reader<'_>,
    organization: &Arc<Organization>,
    user: Uuid,
    holder: &Holder,
) -> Result<Caller> {
    let engine = Caller::engine(Arc::clone(organization));
    let program = Program::find(reader, &engine, "programid", holder.program)?.filter(|program| !program.disabled);
    let program = program.ok_or(Error::NotSignedIn)?;
    if let Some(grant) = &holder.grant {
        let grant = reader.secret(programs::GRANT, grant)?;
        if !programs::is_valid(grant.as_ref(), Some(user)) {
            return Err(Error::NotSignedIn);
        }
    }
    let within = Within { holder: Some(holder.clone()), ..program.within(reader, holder.reading) };
    let caller = Caller::load_within(reader, organization, user, within)?;
    // What works by itself works as the user that stands for it, and for as long as that does.
    let is_itself = caller.application == Some(program.client_id);
    if holder.grant.is_none() == is_itself { Ok(caller) } else { Err(Error::NotSignedIn) }
}

fn info(secret: Secret) -> TokenInfo {
    let text = |name: &str| secret.data.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    TokenInfo { name: text("name"), created: text("created").parse().ok(), expires: secret.expires, key: secret.key }
}
