//! What programs get for what they present: a code, a refresh token, or their own secret alone.

use base64::Engine;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::Secret;
use uuid::Uuid;

use super::{
    ClientCredentials, Identity, Program, REFRESH, RefusalCode, Scope,
    authorise::{self, KeptCode},
    grants::{self, KeptGrant},
    refusal::refuse,
};
use crate::{
    Caller, Error, Origin, Result,
    identity::{Device, fingerprint, random_secret, throttle::FREE_TOKENS, token},
    records::Work,
};

/// How long an access token lives, in seconds.
const ACCESS_SECONDS: i64 = 3600;
/// How long a refresh token waits to be used, in days; each use gives a new one.
const REFRESH_DAYS: i64 = 30;
/// Begins every refresh token, so that leaked ones can be recognised.
const PREFIX: &str = "pwr_";

/// What a program presents for a token.
#[derive(Debug, Clone)]
pub enum Presented {
    /// Nothing beside its secret: it works by itself.
    Itself {
        /// `scope`.
        scope: String,
    },
    /// A code.
    Code {
        /// `code`.
        code: String,
        /// `redirect_uri`, as it was when the code was asked for.
        redirect: String,
        /// `code_verifier` (RFC 7636).
        verifier: String,
    },
    /// A refresh token.
    Refresh {
        /// `refresh_token`.
        token: String,
        /// `scope`; "" for what was granted.
        scope: String,
    },
}

/// What a program gets.
#[derive(Debug, Clone)]
pub struct Issued {
    /// For the `Authorization` header.
    pub access_token: String,
    /// For how long it is good.
    pub seconds: i64,
    /// For the next one.
    pub refresh_token: Option<String>,
    /// What it may be used for.
    pub scope: String,
}

/// What is kept of a refresh token. A used one is kept until it would have ended: whoever presents
/// it again has stolen it, or was stolen from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptRefresh {
    pub program: Uuid,
    pub grant: String,
    pub reading: bool,
    #[serde(default)]
    pub used: bool,
}

/// What became of something presented. What was used before is found out in the act that ends all that
/// was granted by it, which must not be undone by an error.
enum Outcome {
    Issued(Issued),
    UsedBefore,
}

impl Identity<'_> {
    /// Gives a program a token for what it presents.
    ///
    /// # Errors
    /// [`Error::Program`] with the standard's code, or [`Error::TooManyAttempts`].
    pub async fn issue(&self, client: &ClientCredentials, presented: Presented, device: &Device) -> Result<Issued> {
        let program = self.client(client, device).await?;
        let outcome = match presented {
            Presented::Itself { scope } => return self.for_itself(program, &scope).await,
            Presented::Code { code, redirect, verifier } => {
                self.expect(&program, authorise::KIND, &code, device).await?.ok_or_else(wrong_code)?;
                self.exchange(move |work| by_code(work, &program, &code, &redirect, &verifier)).await?
            }
            Presented::Refresh { token, scope } => {
                self.expect(&program, REFRESH, &token, device).await?.ok_or_else(wrong_refresh)?;
                self.exchange(move |work| by_refresh(work, &program, &token, &scope)).await?
            }
        };
        match outcome {
            Outcome::Issued(issued) => Ok(issued),
            Outcome::UsedBefore => Err(refuse(
                RefusalCode::InvalidGrant,
                "this was used before; to be safe, everything granted by it was taken back: ask the person again",
            )),
        }
    }

    /// Looks whether there is such a secret of the program, before anything is written: programs that keep
    /// no secret ask without proof. Where there is none, that is counted.
    pub(super) async fn expect(
        &self,
        program: &Program,
        kind: &'static str,
        presented: &str,
        device: &Device,
    ) -> Result<Option<()>> {
        let (key, of) = (fingerprint(presented), program.id);
        let known = self.app.read(move |reader| Ok(reader.secret(kind, &key)?)).await?;
        let held = known.is_some_and(|known| known.data.get("program") == Some(&serde_json::json!(of)));
        if !held {
            self.program_failed(device, FREE_TOKENS).await?;
        }
        Ok(held.then_some(()))
    }

    async fn exchange(
        &self,
        act: impl FnOnce(&mut Work<'_, '_>) -> Result<Outcome> + Send + 'static,
    ) -> Result<Outcome> {
        let engine = self.app.engine().await?;
        self.app.work(&engine, Origin::Engine, act).await
    }

    /// A token for the program's application user.
    async fn for_itself(&self, program: Program, scope: &str) -> Result<Issued> {
        if program.public {
            let message = "a program on people's devices cannot work by itself; ask a person to let it in";
            return Err(refuse(RefusalCode::UnauthorizedClient, message));
        }
        let scope = Scope { offline: false, ..Scope::read(scope).map_err(Error::Program)?.within(program.only_reads) };
        let Some(user) = self.application_user(program.client_id).await? else {
            let message = "the program has no application user, or it is disabled; an administrator makes one on the program's page";
            return Err(refuse(RefusalCode::UnauthorizedClient, message));
        };
        let engine = self.app.engine().await?;
        self.app
            .work(&engine, Origin::Engine, move |work| {
                tracing::info!(target: "security", %user, program = %program.id, "a program signed in");
                access_token(work, &program, user, None, scope)
            })
            .await
    }
}

fn wrong_code() -> Error {
    refuse(
        RefusalCode::InvalidGrant,
        "the code is wrong or too old, or was given for another program, redirect_uri or code_verifier",
    )
}

fn wrong_refresh() -> Error {
    refuse(RefusalCode::InvalidGrant, "the refresh token is wrong or has ended; ask the person again")
}

fn by_code(work: &mut Work<'_, '_>, program: &Program, code: &str, redirect: &str, verifier: &str) -> Result<Outcome> {
    let secret = work.writer().secret(authorise::KIND, &fingerprint(code))?.ok_or_else(wrong_code)?;
    let mut kept: KeptCode = serde_json::from_value(secret.data.clone()).map_err(|_| wrong_code())?;
    if kept.program != program.id {
        return Err(wrong_code());
    }
    if let Some(grant) = &kept.grant {
        return used_before(work, program, grant);
    }
    let ended = secret.expires.is_none_or(|end| end <= work.now());
    if ended || kept.redirect != redirect || !proves(verifier, &kept.challenge) {
        return Err(wrong_code());
    }
    let user = enabled(work, secret.owner)?;
    let grant = random_secret();
    kept.grant = Some(grant.clone());
    let scope = Scope { reading: kept.reading, offline: kept.offline };
    // Kept as long as the grant, so that whoever presents the code again is noticed.
    let expires = Some(work.now() + grant_lives(scope));
    if !work.writer().replace_secret(&secret, expires, &value(&kept)?)? {
        // Somebody else presented it at this very moment, or the person shut the program out.
        let now = work.writer().secret(authorise::KIND, &fingerprint(code))?;
        let now = now.and_then(|secret| serde_json::from_value::<KeptCode>(secret.data).ok());
        let by_other = now.and_then(|kept| kept.grant).ok_or_else(wrong_code)?;
        return used_before(work, program, &by_other);
    }
    let made = KeptGrant { program: program.id, reading: kept.reading, made: work.now() };
    let (kind, data) = (grants::KIND.into(), value(&made)?);
    work.writer().put_secret(&Secret { kind, key: grant.clone(), owner: Some(user), expires, data })?;
    issued(work, program, user, grant, scope, scope.reading).map(Outcome::Issued)
}

fn by_refresh(work: &mut Work<'_, '_>, program: &Program, presented: &str, scope: &str) -> Result<Outcome> {
    let secret = work.writer().secret(REFRESH, &fingerprint(presented))?.ok_or_else(wrong_refresh)?;
    let mut kept: KeptRefresh = serde_json::from_value(secret.data.clone()).map_err(|_| wrong_refresh())?;
    if kept.program != program.id {
        return Err(wrong_refresh());
    }
    if kept.used {
        return used_before(work, program, &kept.grant);
    }
    let grant = work.writer().secret(grants::KIND, &kept.grant)?;
    let grant = grant.filter(|grant| grants::is_valid(Some(grant), secret.owner)).ok_or_else(wrong_refresh)?;
    if secret.expires.is_none_or(|end| end <= work.now()) {
        return Err(wrong_refresh());
    }
    let user = enabled(work, secret.owner)?;
    let made: KeptGrant = serde_json::from_value(grant.data.clone()).map_err(|_| wrong_refresh())?;
    refuse_too_old(work, user, &made)?;
    kept.used = true;
    let granted = kept.reading;
    if !work.writer().replace_secret(&secret, secret.expires, &value(&kept)?)? {
        // Somebody else presented it at this very moment, or it was revoked.
        work.writer().secret(REFRESH, &fingerprint(presented))?.ok_or_else(wrong_refresh)?;
        return used_before(work, program, &kept.grant);
    }
    let asked = narrowed(scope, granted)?;
    // Only what is still there lives on: a grant that was taken back meanwhile must not come back.
    let expires = Some(work.now() + grant_lives(Scope { offline: true, ..asked }));
    if !work.writer().replace_secret(&grant, expires, &grant.data)? {
        return Err(wrong_refresh());
    }
    issued(work, program, user, kept.grant, asked, granted).map(Outcome::Issued)
}

/// Whoever presents something again has stolen it, or was stolen from: all that was granted by it ends.
fn used_before(work: &mut Work<'_, '_>, program: &Program, grant: &str) -> Result<Outcome> {
    tracing::warn!(target: "security", program = %program.id, "a code or refresh token was used twice");
    grants::end(work, grant)?;
    Ok(Outcome::UsedBefore)
}

/// What a refresh asks for: no more than was granted.
fn narrowed(scope: &str, granted_reading: bool) -> Result<Scope> {
    let granted = Scope { reading: granted_reading, offline: true };
    if scope.trim().is_empty() {
        return Ok(granted);
    }
    let asked = Scope { offline: true, ..Scope::read(scope).map_err(Error::Program)? };
    if granted.reading && !asked.reading {
        let message = format!("only {} was granted; ask the person again for more", granted.told());
        return Err(refuse(RefusalCode::InvalidScope, message));
    }
    Ok(asked)
}

/// A policy on how long tokens live holds for what was granted long ago, too.
fn refuse_too_old(work: &mut Work<'_, '_>, user: Uuid, made: &KeptGrant) -> Result<()> {
    let policy = caller(work, user)?.sign_in_policy();
    let longest = SignedDuration::from_hours(24 * i64::from(policy.token_days));
    if !policy.tokens || work.now().duration_since(made.made) > longest {
        let message = "the organisation lets no program work this long in somebody's name; ask the person again";
        return Err(refuse(RefusalCode::InvalidGrant, message));
    }
    Ok(())
}

/// The person, where they may still sign in.
fn enabled(work: &mut Work<'_, '_>, user: Option<Uuid>) -> Result<Uuid> {
    let user = user.ok_or_else(wrong_code)?;
    caller(work, user).map(|person| person.user)
}

fn caller(work: &mut Work<'_, '_>, user: Uuid) -> Result<Caller> {
    let organization = work.organization();
    Caller::load(work.writer(), &organization, user).map_err(|error| match error {
        Error::NotSignedIn => refuse(RefusalCode::InvalidGrant, "the person may not sign in any more"),
        other => other,
    })
}

/// Whether the verifier is the one whose challenge came with the request (RFC 7636, section 4.6).
fn proves(verifier: &str, challenge: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(allowed)
        && base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge
}

/// How long a grant is kept: as long as a token by it may live.
const fn grant_lives(scope: Scope) -> SignedDuration {
    if scope.offline {
        SignedDuration::from_hours(24 * REFRESH_DAYS)
    } else {
        SignedDuration::from_secs(ACCESS_SECONDS)
    }
}

/// An access token, and a refresh token where one was asked for; `granted_reading` is what later ones
/// may not go beyond.
fn issued(
    work: &mut Work<'_, '_>,
    program: &Program,
    user: Uuid,
    grant: String,
    scope: Scope,
    granted_reading: bool,
) -> Result<Issued> {
    let access = access_token(work, program, user, Some(&grant), scope)?;
    if !scope.offline {
        return Ok(access);
    }
    let refresh = format!("{PREFIX}{}", random_secret());
    let kept = KeptRefresh { program: program.id, grant, reading: granted_reading, used: false };
    let (key, data) = (fingerprint(&refresh), value(&kept)?);
    let expires = Some(work.now() + SignedDuration::from_hours(24 * REFRESH_DAYS));
    work.writer().put_secret(&Secret { kind: REFRESH.into(), key, owner: Some(user), expires, data })?;
    Ok(Issued { refresh_token: Some(refresh), ..access })
}

fn access_token(
    work: &mut Work<'_, '_>,
    program: &Program,
    user: Uuid,
    grant: Option<&str>,
    scope: Scope,
) -> Result<Issued> {
    let of = token::Holder { program: program.id, grant: grant.map(str::to_owned), reading: scope.reading };
    let lives = SignedDuration::from_secs(ACCESS_SECONDS);
    let access_token = token::keep(work, user, &program.name, lives, Some(&of))?;
    Ok(Issued { access_token, seconds: ACCESS_SECONDS, refresh_token: None, scope: scope.told() })
}

fn value(kept: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(kept).map_err(|error| refuse(RefusalCode::InvalidRequest, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_proves_its_challenge_as_in_the_appendix_of_the_standard() {
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(proves(verifier, challenge));
        assert!(!proves(&verifier.replace('d', "e"), challenge));
        assert!(!proves("short", challenge) && !proves("", ""));
        assert!(!proves(challenge, challenge), "a challenge is not its own verifier");
    }

    #[test]
    fn a_refresh_asks_for_no_more_than_was_granted() {
        assert!(narrowed("", true).unwrap().reading);
        assert!(narrowed("crm.read", false).unwrap().reading);
        assert!(narrowed("crm", true).is_err());
    }
}
