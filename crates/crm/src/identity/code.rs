//! One-time codes of an authenticator app (TOTP, RFC 6238), and the recovery codes beside them.

use jiff::{SignedDuration, Timestamp};
use language::{spoken, text, tr};
use ring::hmac;
use store::Secret;
use uuid::Uuid;

use super::{Device, Entry, Identity, Proof, SignedIn, factors, fingerprint};
use crate::{Caller, Error, Origin, Result, records::Work};

/// Kind of secret an authenticator app's is kept as; its key is the user's id.
pub(super) const KIND: &str = "code";
/// Kind of secret the fingerprints of recovery codes are kept as; its key is the user's id.
pub(super) const RECOVERY: &str = "recovery";
/// Kind of secret something begun is kept as until it is finished.
pub(super) const CHALLENGE: &str = "challenge";
/// Seconds for which a code is shown.
const STEP: i64 = 30;
/// Steps by which clocks may differ.
const DRIFT: i64 = 1;
/// How long setting up may take, in minutes.
const SET_UP_MINUTES: i64 = 30;
/// Recovery codes made at once.
const RECOVERY_CODES: usize = 10;
/// Letters of a recovery code: 120 bits, so that a plain hash keeps it.
const RECOVERY_LETTERS: usize = 24;

const WRONG: &str = text!(
    "the code is wrong or was used already; wait for the next one, and see that the clock of the \
                     device is right"
);

/// What somebody needs to set up an authenticator app.
#[derive(Clone)]
pub struct CodeSetUp {
    /// The secret in base32, in groups, for typing.
    pub secret: String,
    /// The same as an address that apps understand.
    pub address: String,
    /// The address as a QR code, row by row; true is dark.
    pub picture: Vec<Vec<bool>>,
}

impl Identity<'_> {
    /// Begins to set up an authenticator app; asked again, it gives the same until it is finished.
    pub async fn begin_code(&self, session: &SignedIn) -> Result<CodeSetUp> {
        factors::require_open(session)?;
        let caller = &session.caller;
        let (user, vault) = (caller.user, self.app.sign_in_settings().vault.clone());
        let bytes = self
            .app
            .work(caller, Origin::Page, move |work| {
                let key = pending(user);
                let known =
                    work.writer().secret(CHALLENGE, &key)?.filter(|begun| begun.expires > Some(Timestamp::now()));
                if let Some(known) = known {
                    return vault.open(&purpose(user), text(&known.data, "sealed"));
                }
                let fresh = random_bytes();
                let data = serde_json::json!({ "sealed": vault.seal(&purpose(user), &fresh)? });
                let expires = Some(work.now() + SignedDuration::from_mins(SET_UP_MINUTES));
                work.writer().put_secret(&Secret { kind: CHALLENGE.into(), key, owner: Some(user), expires, data })?;
                Ok(fresh)
            })
            .await?;
        CodeSetUp::of(&bytes, &caller.organization().name, &caller.email)
    }

    /// Finishes it with the first code the app shows. Returns the session in its new place and,
    /// where the person had none, recovery codes to be shown once.
    pub async fn finish_code(&self, session: &SignedIn, device: &Device, typed: &str) -> Result<(Entry, Vec<String>)> {
        factors::require_open(session)?;
        let attempt = self.admit(&session.caller.user.to_string(), device).await?;
        let (user, vault, typed) = (session.caller.user, self.app.sign_in_settings().vault.clone(), digits(typed));
        let recovery = self
            .app
            .work(&session.caller, Origin::Page, move |work| {
                let gone = || Error::refused(tr!("setting up took too long; begin again"));
                let begun = work.writer().secret(CHALLENGE, &pending(user))?.ok_or_else(gone)?;
                if begun.expires < Some(work.now()) {
                    return Err(gone());
                }
                let sealed = text(&begun.data, "sealed").to_owned();
                let step = accepted(&vault.open(&purpose(user), &sealed)?, &typed, work.now(), None)
                    .ok_or_else(|| Error::refused(spoken(WRONG)))?;
                work.writer().delete_secret(CHALLENGE, &begun.key)?;
                let data = serde_json::json!({ "sealed": sealed, "last": step, "made": work.now().to_string() });
                let key = user.to_string();
                work.writer().put_secret(&Secret { kind: KIND.into(), key, owner: Some(user), expires: None, data })?;
                tracing::info!(target: "security", user = %user, "set up one-time codes");
                recovery_codes_once(work, user)
            })
            .await?;
        self.succeeded(attempt).await?;
        Ok((self.prove(session, device, Proof::Code).await?, recovery))
    }

    /// Proves the second factor by a code of the app, or by a recovery code.
    pub async fn prove_by_code(&self, session: &SignedIn, device: &Device, typed: &str) -> Result<Entry> {
        let attempt = self.admit(&session.caller.user.to_string(), device).await?;
        let (user, vault, typed) = (session.caller.user, self.app.sign_in_settings().vault.clone(), typed.to_owned());
        let proof = self
            .app
            .work(&session.caller, Origin::Page, move |work| {
                let numbers = digits(&typed);
                if numbers.len() == 6 && numbers.len() == typed.trim().chars().filter(|c| !c.is_whitespace()).count() {
                    use_code(work, user, &vault, &numbers).map(|()| Proof::Code)
                } else {
                    use_recovery_code(work, user, &typed).map(|()| Proof::Recovery)
                }
            })
            .await
            .inspect_err(|error| {
                if matches!(error, Error::Refused(_)) {
                    tracing::warn!(target: "security", user = %user, "a wrong one-time code");
                }
            })?;
        self.succeeded(attempt).await?;
        self.prove(session, device, proof).await
    }

    /// Takes the authenticator app away.
    pub async fn remove_code(&self, session: &SignedIn) -> Result<()> {
        factors::require_fresh(session)?;
        let user = session.caller.user;
        self.app
            .work(&session.caller, Origin::Page, move |work| {
                work.writer().delete_secret(KIND, &user.to_string())?;
                tracing::info!(target: "security", user = %user, "removed one-time codes");
                factors::require_enough(work, user)
            })
            .await
    }

    /// New recovery codes in the place of those there were.
    pub async fn renew_recovery_codes(&self, session: &SignedIn) -> Result<Vec<String>> {
        factors::require_fresh(session)?;
        let user = session.caller.user;
        self.app.work(&session.caller, Origin::Page, move |work| new_recovery_codes(work, user)).await
    }

    /// Whether the person has set up an app, and how many recovery codes are left.
    pub async fn codes(&self, caller: &Caller, user: Uuid) -> Result<(bool, usize)> {
        super::session::require_own(caller, user, text!("see how somebody else signs in"))?;
        self.app
            .read(move |reader| {
                let app = reader.secret(KIND, &user.to_string())?.is_some();
                let recovery = reader.secret(RECOVERY, &user.to_string())?;
                Ok((app, recovery.map_or(0, |codes| fingerprints(&codes).len())))
            })
            .await
    }
}

impl CodeSetUp {
    fn of(secret: &[u8], organization: &str, email: &str) -> Result<Self> {
        use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
        let text = base32(secret);
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let issuer = encoded(&format!("Pipewright {organization}"));
        let address = format!(
            "otpauth://totp/{issuer}:{}?secret={text}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}",
            encoded(email)
        );
        let code = qrcode::QrCode::new(address.as_bytes())
            .map_err(|error| Error::refused(tr!("the QR code cannot be drawn: {error}", error)))?;
        let picture = code
            .to_colors()
            .chunks(code.width())
            .map(|row| row.iter().map(|module| *module == qrcode::Color::Dark).collect())
            .collect();
        Ok(Self { secret: grouped(&text, 4), address, picture })
    }
}

/// Recovery codes for a person who has none; for others, none.
pub(super) fn recovery_codes_once(work: &mut Work<'_, '_>, user: Uuid) -> Result<Vec<String>> {
    if work.writer().secret(RECOVERY, &user.to_string())?.is_some() {
        return Ok(Vec::new());
    }
    new_recovery_codes(work, user)
}

fn new_recovery_codes(work: &mut Work<'_, '_>, user: Uuid) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..RECOVERY_CODES)
        .map(|_| base32(&random_bytes()).chars().take(RECOVERY_LETTERS).collect::<String>())
        .collect();
    let kept: Vec<String> = codes.iter().map(|code| fingerprint(code)).collect();
    let data = serde_json::json!({ "codes": kept });
    let secret = Secret { kind: RECOVERY.into(), key: user.to_string(), owner: Some(user), expires: None, data };
    work.writer().put_secret(&secret)?;
    tracing::info!(target: "security", user = %user, "made recovery codes");
    Ok(codes.iter().map(|code| grouped(code, 6).replace(' ', "-")).collect())
}

fn use_code(work: &mut Work<'_, '_>, user: Uuid, vault: &super::Vault, typed: &str) -> Result<()> {
    let wrong = || Error::refused(spoken(WRONG));
    let kept = work.writer().secret(KIND, &user.to_string())?.ok_or_else(wrong)?;
    let last = kept.data.get("last").and_then(serde_json::Value::as_i64);
    let secret = vault.open(&purpose(user), text(&kept.data, "sealed"))?;
    let step = accepted(&secret, typed, work.now(), last).ok_or_else(wrong)?;
    let mut data = kept.data.clone();
    data["last"] = step.into();
    if work.writer().replace_secret(&kept, None, &data)? { Ok(()) } else { Err(wrong()) }
}

fn use_recovery_code(work: &mut Work<'_, '_>, user: Uuid, typed: &str) -> Result<()> {
    let wrong = || Error::refused(tr!("the code is wrong or was used already"));
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let used = fingerprint(&plain);
    let kept = work.writer().secret(RECOVERY, &user.to_string())?.ok_or_else(wrong)?;
    let left: Vec<String> = fingerprints(&kept).into_iter().filter(|code| *code != used).collect();
    if left.len() == fingerprints(&kept).len() {
        return Err(wrong());
    }
    let data = serde_json::json!({ "codes": left });
    if !work.writer().replace_secret(&kept, None, &data)? {
        return Err(wrong());
    }
    tracing::warn!(target: "security", user = %user, left = left.len(), "a recovery code was used");
    Ok(())
}

fn fingerprints(kept: &Secret) -> Vec<String> {
    let codes = kept.data.get("codes").and_then(|codes| codes.as_array());
    codes.into_iter().flatten().filter_map(|code| code.as_str().map(str::to_owned)).collect()
}

fn pending(user: Uuid) -> String {
    format!("code {user}")
}

/// What the secret of an app is sealed for.
pub(super) fn purpose(user: Uuid) -> String {
    format!("one-time code of {user}")
}

fn text<'d>(data: &'d serde_json::Value, name: &str) -> &'d str {
    data.get(name).and_then(|value| value.as_str()).unwrap_or_default()
}

fn digits(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_digit).collect()
}

/// 20 bytes, the length RFC 4226 recommends.
fn random_bytes() -> Vec<u8> {
    use rand::RngCore;
    let mut bytes = vec![0_u8; 20];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// The step whose code this is, if it is one of now and later than the last one used.
fn accepted(secret: &[u8], typed: &str, now: Timestamp, last: Option<i64>) -> Option<i64> {
    let present = now.as_second().div_euclid(STEP);
    (present - DRIFT..=present + DRIFT)
        .filter(|step| last.is_none_or(|last| *step > last))
        .find(|step| same(&at(secret, *step), typed))
}

/// Compares in the same time wherever the difference is.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// The code of a step (RFC 4226, with SHA-1, which is what authenticator apps know).
fn at(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let digest = hmac::sign(&key, &step.to_be_bytes());
    let bytes = digest.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
    let number = bytes.iter().skip(offset).take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[((held >> bits) & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(LETTERS[((held << (5 - bits)) & 31) as usize]));
    }
    text
}

fn grouped(text: &str, size: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(size).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (second, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(at(secret, second / STEP), code, "{second}");
        }
        assert_eq!(base32(b"12345678901234567890"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(b"f"), "MY");
    }

    #[test]
    fn a_code_is_good_once_and_for_about_a_minute() {
        let secret = b"12345678901234567890";
        let now = Timestamp::from_second(1_111_111_109).unwrap();
        let step = accepted(secret, "081804", now, None).unwrap();
        assert_eq!(accepted(secret, "081804", now, Some(step)), None, "not twice");
        assert!(accepted(secret, "081804", now + SignedDuration::from_secs(30), None).is_some());
        assert_eq!(accepted(secret, "081804", now + SignedDuration::from_secs(90), None), None);
        assert_eq!(accepted(secret, "", now, None), None);
    }
}
