//! The secret that a webhook and its receiver share, and signatures by it.
//!
//! As the [Standard Webhooks](https://www.standardwebhooks.com) specification says: `whsec_` and base64 of
//! random bytes; a signature is the HMAC-SHA256 of `ID.SECONDS.BODY`.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use serde_json::json;
use store::{Reader, Secret};
use uuid::Uuid;

use crate::{Error, Result, identity::Vault, records::Work};

/// Kind of secret it is kept as; its key is the webhook's id.
pub(crate) const KIND: &str = "webhook";
/// By which people know what it is.
const PREFIX: &str = "whsec_";
const BYTES: usize = 32;
/// For how long the former one signs beside a new one, so that receivers can exchange it in peace.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// What a webhook's secret is sealed for.
pub(crate) fn purpose(webhook: &str) -> String {
    format!("webhook {webhook}")
}

/// Secrets that sign at one moment, the newest first.
pub(super) struct Keys(Vec<hmac::Key>);

impl Keys {
    /// The keys that the stored secret holds at `now`.
    pub fn open(vault: &Vault, secret: &Secret, now: Timestamp) -> Result<Self> {
        let purpose = purpose(&secret.key);
        let open = |sealed: &str| Ok::<_, Error>(hmac::Key::new(hmac::HMAC_SHA256, &vault.open(&purpose, sealed)?));
        let text = |name: &str| secret.data[name].as_str();
        let mut keys = vec![open(text("sealed").unwrap_or_default())?];
        let is_valid = text("until").and_then(|until| until.parse().ok()).is_some_and(|until: Timestamp| until > now);
        if let Some(former) = text("former").filter(|_| is_valid) {
            keys.push(open(former)?);
        }
        Ok(Self(keys))
    }

    /// The header `webhook-signature`.
    pub fn sign(&self, id: Uuid, seconds: i64, body: &str) -> String {
        let signed = format!("{id}.{seconds}.{body}");
        let sign = |key| format!("v1,{}", STANDARD.encode(hmac::sign(key, signed.as_bytes())));
        self.0.iter().map(sign).collect::<Vec<_>>().join(" ")
    }
}

/// The secret of a webhook, as it is kept.
pub(super) fn of(reader: &mut Reader<'_>, webhook: Uuid) -> Result<Option<Secret>> {
    Ok(reader.secret(KIND, &webhook.to_string())?)
}

/// Makes a secret; the former one stays valid for a day. Returns what is shown, this once.
pub(super) fn renew(work: &mut Work<'_, '_>, vault: &Vault, webhook: Uuid) -> Result<String> {
    use rand::RngCore;
    let mut bytes = [0_u8; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    let key = webhook.to_string();
    let mut data = json!({ "sealed": vault.seal(&purpose(&key), &bytes)? });
    if let Some(former) = of(work.writer(), webhook)? {
        data["former"] = former.data["sealed"].clone();
        data["until"] = (work.now() + OVERLAP).to_string().into();
    }
    work.writer().put_secret(&Secret { kind: KIND.to_owned(), key, owner: None, expires: None, data })?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn a_signature_is_the_one_of_the_specification() {
        let bytes = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let vault = Vault::of_key("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=").unwrap();
        let sealed = vault.seal(&purpose("x"), &bytes).unwrap();
        let data = json!({ "sealed": sealed, "former": sealed, "until": "2020-01-01T00:00:00Z" });
        let secret = Secret { kind: KIND.into(), key: "x".into(), owner: None, expires: None, data };
        let keys = Keys::open(&vault, &secret, Timestamp::now()).unwrap();
        let body = r#"{"test": 2432232314}"#;
        let signed = format!("msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{body}");
        let tag = hmac::sign(&keys.0[0], signed.as_bytes());
        assert_eq!(STANDARD.encode(tag), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(keys.0.len(), 1, "the former one is over");
    }
}
