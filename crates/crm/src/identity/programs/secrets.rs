//! Secrets by which programs on servers prove who they are. Two may be valid at a time, so that one
//! takes the place of the other without a pause.

use jiff::{SignedDuration, Timestamp};
use language::{text, tr};
use store::Secret;
use uuid::Uuid;

use super::{Identity, Program, TABLE};
use crate::{
    Caller, Error, Origin, Result, access,
    identity::{fingerprint, random_secret},
};

/// Kind of secret a program's own is kept as; its key is the fingerprint, its owner the program.
pub(super) const KIND: &str = "client-secret";
/// How many may be valid at a time.
pub const MOST_SECRETS: usize = 2;
/// Begins every such secret, so that leaked ones can be recognised.
const PREFIX: &str = "pwc_";
/// Longest life of a secret, in days.
pub const MOST_SECRET_DAYS: u32 = 730;

/// A program's secret as administrators see it in the list; the secret itself is shown once.
#[derive(Debug, Clone)]
pub struct ClientSecret {
    /// By which it can be removed.
    pub key: String,
    /// Its first letters, by which one is told from the other.
    pub begins: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

impl Identity<'_> {
    /// Makes a secret for a program, good for `days` (1 to 730).
    ///
    /// # Errors
    /// Refused for programs that keep no secret, and where two are valid already.
    pub async fn create_client_secret(&self, caller: &Caller, program: Uuid, days: u32) -> Result<String> {
        access::require_administrator(caller, text!("make secrets for programs"))?;
        if self.program(program).await?.public {
            return Err(Error::refused(tr!("a program on people's devices keeps no secret; it proves itself by PKCE")));
        }
        if days == 0 || days > MOST_SECRET_DAYS {
            return Err(Error::refused(tr!("a secret may live for 1 to {} days", MOST_SECRET_DAYS)));
        }
        let secret = format!("{PREFIX}{}", random_secret());
        let (key, begins) = (fingerprint(&secret), secret.chars().take(PREFIX.len() + 4).collect::<String>());
        self.app
            .work(caller, Origin::Engine, move |work| {
                // Locked, so that two at once do not make three.
                work.load(TABLE, program)?;
                let now = work.now();
                let valid = |known: &&Secret| known.expires.is_none_or(|end| end > now);
                if work.writer().secrets_of(KIND, program)?.iter().filter(valid).count() >= MOST_SECRETS {
                    return Err(Error::refused(tr!(
                        "two secrets are valid already; remove the one that is not used any more first"
                    )));
                }
                let data = serde_json::json!({ "begins": begins, "created": now.to_string() });
                let expires = Some(now + SignedDuration::from_hours(24 * i64::from(days)));
                tracing::info!(target: "security", %program, by = %work.caller().user, days, "made a program's secret");
                Ok(work.writer().put_secret(&Secret { kind: KIND.into(), key, owner: Some(program), expires, data })?)
            })
            .await?;
        Ok(secret)
    }

    /// The secrets of a program, the newest first.
    pub async fn client_secrets(&self, caller: &Caller, program: Uuid) -> Result<Vec<ClientSecret>> {
        access::require_administrator(caller, text!("see the secrets of programs"))?;
        let mut secrets: Vec<ClientSecret> =
            self.app.read(move |reader| Ok(reader.secrets_of(KIND, program)?.into_iter().map(info).collect())).await?;
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.created));
        Ok(secrets)
    }

    /// Removes a program's secret; whether there was one with this key.
    pub async fn remove_client_secret(&self, caller: &Caller, program: Uuid, key: String) -> Result<bool> {
        access::require_administrator(caller, text!("remove secrets of programs"))?;
        self.app
            .work(caller, Origin::Page, move |work| {
                let own = work.writer().secret(KIND, &key)?.is_some_and(|secret| secret.owner == Some(program));
                if own {
                    work.writer().delete_secret(KIND, &key)?;
                    tracing::info!(target: "security", %program, by = %work.caller().user, "removed a program's secret");
                }
                Ok(own)
            })
            .await
    }

    /// Whether the secret is one of the program's that has not ended.
    pub(super) async fn is_client_secret(&self, program: &Program, secret: &str) -> Result<bool> {
        let (key, program) = (fingerprint(secret), program.id);
        self.app
            .read(move |reader| {
                let now = Timestamp::now();
                let known = reader.secret(KIND, &key)?.filter(|known| known.owner == Some(program));
                Ok(known.is_some_and(|known| known.expires.is_none_or(|end| end > now)))
            })
            .await
    }
}

fn info(secret: Secret) -> ClientSecret {
    let text = |name: &str| secret.data.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    ClientSecret {
        begins: text("begins"),
        created: text("created").parse().ok(),
        expires: secret.expires,
        key: secret.key,
    }
}
