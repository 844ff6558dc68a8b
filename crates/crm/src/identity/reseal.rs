//! Exchanging the key that secrets are sealed with.

use jiff::Timestamp;

use super::{Identity, Vault, code};
use crate::{Error, Origin, Result, records::Work, webhooks};

impl Identity<'_> {
    /// Seals everything that is sealed anew with the first of the configured keys, in one
    /// transaction; returns how much there was. Afterwards no other key is needed.
    ///
    /// # Errors
    /// Refused where something was sealed with none of the keys: nothing is changed then.
    pub async fn reseal(&self) -> Result<usize> {
        let (engine, vault) = (self.app.engine().await?, self.app.sign_in_settings().vault.clone());
        self.app
            .work(&engine, Origin::CommandLine, move |work| {
                let mut kept = work.writer().secrets_of_kind(code::KIND)?;
                let begun = work.writer().secrets_of_kind(code::CHALLENGE)?;
                kept.extend(begun.into_iter().filter(|begun| begun.expires > Some(Timestamp::now())));
                let mut resealed = 0;
                for secret in kept {
                    let (Some(user), Some(sealed)) = (secret.owner, secret.data["sealed"].as_str()) else { continue };
                    let purpose = code::purpose(user);
                    let mut data = secret.data.clone();
                    data["sealed"] = vault.seal(&purpose, &vault.open(&purpose, sealed)?)?.into();
                    if !work.writer().replace_secret(&secret, secret.expires, &data)? {
                        return Err(meanwhile());
                    }
                    resealed += 1;
                }
                resealed += reseal_webhooks(work, &vault)?;
                tracing::info!(target: "security", resealed, "secrets were sealed with another key");
                Ok(resealed)
            })
            .await
    }
}

/// Secrets of webhooks, with the former ones that are valid beside them.
fn reseal_webhooks(work: &mut Work<'_, '_>, vault: &Vault) -> Result<usize> {
    let kept = work.writer().secrets_of_kind(webhooks::SECRET)?;
    for secret in &kept {
        let purpose = webhooks::purpose(&secret.key);
        let mut data = secret.data.clone();
        for name in ["sealed", "former"] {
            if let Some(sealed) = secret.data[name].as_str() {
                data[name] = vault.seal(&purpose, &vault.open(&purpose, sealed)?)?.into();
            }
        }
        if !work.writer().replace_secret(secret, secret.expires, &data)? {
            return Err(meanwhile());
        }
    }
    Ok(kept.len())
}

fn meanwhile() -> Error {
    Error::refused("somebody signed in at this moment; repeat it")
}
