//! Limits on guessing. Each attempt is counted before it is looked at, in the database, so that
//! neither a restart nor a second server nor many attempts at once help.
//!
//! Three counts run side by side: this account from this address, which is strict; this address
//! with whatever accounts; and this account from everywhere. The latter two are generous, so that
//! a stranger can hardly lock out somebody, or an office behind one address itself.
//!
//! Programs are counted apart and by their address alone, after what they present was found wrong.

use jiff::{SignedDuration, Timestamp};
use store::Secret;

use super::{Device, Identity, fingerprint};
use crate::{Error, Origin, Result, records::Work};

/// Kind of secret a count is kept as; its key is a fingerprint of what is counted.
pub(super) const KIND: &str = "throttle";
/// Wrong attempts at one account from one address before waiting begins.
const FREE_PAIR: u64 = 5;
/// Wrong attempts from one address, and at one account, before waiting begins.
const FREE_ONE: u64 = 30;
/// Wrong secrets of programs from one address before waiting begins.
pub(super) const FREE_SECRETS: u64 = 5;
/// Codes and refresh tokens from one address that are not there, before waiting begins: an office behind
/// one address has many programs whose refresh tokens have ended.
pub(super) const FREE_TOKENS: u64 = 30;
/// Longest wait, in seconds.
const LONGEST: i64 = 15 * 60;
/// After how long without a wrong attempt they are forgotten, in hours.
const FORGOTTEN: i64 = 24;

/// An attempt that was counted.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    /// Keys of the counts, the strict one first.
    keys: Vec<(String, u64)>,
}

impl Attempt {
    fn new(account: &str, device: &Device) -> Self {
        let (account, address) = (account.trim().to_lowercase(), device.address_text());
        let mut keys = vec![
            (fingerprint(&format!("pair {address} {account}")), FREE_PAIR),
            (fingerprint(&format!("account {account}")), FREE_ONE),
        ];
        if device.address.is_some() {
            keys.push((fingerprint(&format!("address {address}")), FREE_ONE));
        }
        Self { keys }
    }
}

impl Identity<'_> {
    /// Counts an attempt at an account (an e-mail address, or a person's id for a second factor).
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`] while one must wait.
    pub(super) async fn admit(&self, account: &str, device: &Device) -> Result<Attempt> {
        let attempt = Attempt::new(account, device);
        let counted = attempt.clone();
        let engine = self.app.engine().await?;
        self.app.work(&engine, Origin::Engine, move |work| counted.count(work)).await.inspect_err(|error| {
            if matches!(error, Error::TooManyAttempts { .. }) {
                tracing::warn!(target: "security", address = device.address_text(), "too many attempts to sign in");
            }
        })?;
        Ok(attempt)
    }

    /// Counts that a program presented something wrong from this address, where `free` of its kind do not
    /// make anybody wait.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`] while one must wait; then nothing is written.
    pub(super) async fn program_failed(&self, device: &Device, free: u64) -> Result<()> {
        let key = fingerprint(&format!("programs {free} {}", device.address_text()));
        let attempt = Attempt { keys: vec![(key.clone(), free)] };
        let known = self.app.read(move |reader| Ok(reader.secret(KIND, &key)?)).await?;
        if let Some(seconds) = known.and_then(|known| left_to_wait(&known, free, Timestamp::now())) {
            return Err(Error::TooManyAttempts { seconds });
        }
        let engine = self.app.engine().await?;
        self.app.work(&engine, Origin::Engine, move |work| attempt.count(work)).await
    }

    /// Forgets the wrong attempts at an account; those of the address stay, less this one.
    pub(super) async fn succeeded(&self, attempt: Attempt) -> Result<()> {
        let engine = self.app.engine().await?;
        self.app.work(&engine, Origin::Engine, move |work| attempt.forget(work)).await
    }
}

impl Attempt {
    fn count(&self, work: &mut Work<'_, '_>) -> Result<()> {
        let now = work.now();
        let expires = Some(now + SignedDuration::from_hours(FORGOTTEN));
        for (key, free) in &self.keys {
            let known = work.writer().secret(KIND, key)?;
            if let Some(seconds) = known.as_ref().and_then(|known| left_to_wait(known, *free, now)) {
                return Err(Error::TooManyAttempts { seconds });
            }
            let (count, _) = known.as_ref().map_or((0, now), read);
            let data = serde_json::json!({ "count": count + 1, "last": now.to_string() });
            let kept = if let Some(known) = &known {
                work.writer().replace_secret(known, expires, &data)?
            } else {
                let fresh = Secret { kind: KIND.into(), key: key.clone(), owner: None, expires, data };
                work.writer().put_secret(&fresh)?;
                true
            };
            if !kept {
                // Somebody else counts at this very moment.
                return Err(Error::TooManyAttempts { seconds: 1 });
            }
        }
        Ok(())
    }

    fn forget(&self, work: &mut Work<'_, '_>) -> Result<()> {
        for (place, (key, _)) in self.keys.iter().enumerate() {
            if place < 2 {
                work.writer().delete_secret(KIND, key)?;
            } else if let Some(known) = work.writer().secret(KIND, key)? {
                let (count, last) = read(&known);
                let data = serde_json::json!({ "count": count.saturating_sub(1), "last": last.to_string() });
                work.writer().replace_secret(&known, known.expires, &data)?;
            }
        }
        Ok(())
    }
}

fn read(known: &Secret) -> (u64, Timestamp) {
    let count = known.data.get("count").and_then(serde_json::Value::as_u64).unwrap_or_default();
    let last = known.data.get("last").and_then(|last| last.as_str()).and_then(|last| last.parse().ok());
    (count, last.unwrap_or(Timestamp::UNIX_EPOCH))
}

/// Seconds for which one must still wait.
fn left_to_wait(known: &Secret, free: u64, now: Timestamp) -> Option<u64> {
    let (count, last) = read(known);
    let left = wait_after(count, free) - now.duration_since(last).as_secs();
    (left > 0).then(|| left.unsigned_abs())
}

/// Seconds to wait after so many wrong attempts: each one past the free ones doubles them.
fn wait_after(count: u64, free: u64) -> i64 {
    match count.checked_sub(free) {
        None => 0,
        Some(over) => (1_i64 << over.min(20)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_attempt_past_the_free_ones_doubles_the_wait() {
        assert_eq!([4, 5, 6, 7, 60].map(|count| wait_after(count, FREE_PAIR)), [0, 1, 2, 4, LONGEST]);
    }
}
