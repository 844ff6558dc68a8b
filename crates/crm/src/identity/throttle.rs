//! Limits on guessing passwords.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::{Error, Result};

/// Wrong attempts before waiting begins.
const FREE_ATTEMPTS: u32 = 5;
/// Longest wait.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Addresses remembered; past that the oldest are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts wrong attempts by address; each one past the fifth doubles the wait.
#[derive(Clone, Default)]
pub struct Throttle {
    attempts: Arc<Mutex<HashMap<String, (u32, Instant)>>>,
}

impl Throttle {
    /// Refuses while the address must wait.
    pub(super) fn admit(&self, email: &str) -> Result<()> {
        let Ok(attempts) = self.attempts.lock() else { return Ok(()) };
        let Some((count, last)) = attempts.get(&key(email)) else { return Ok(()) };
        let wait = wait_after(*count);
        match wait.checked_sub(last.elapsed()) {
            Some(left) if !left.is_zero() => Err(Error::TooManyAttempts { seconds: left.as_secs() + 1 }),
            _ => Ok(()),
        }
    }

    /// Counts a wrong attempt.
    pub(super) fn failed(&self, email: &str) {
        let Ok(mut attempts) = self.attempts.lock() else { return };
        if attempts.len() >= REMEMBERED {
            attempts.retain(|_, (_, last)| last.elapsed() < LONGEST);
        }
        let entry = attempts.entry(key(email)).or_insert((0, Instant::now()));
        *entry = (entry.0.saturating_add(1), Instant::now());
    }

    /// Forgets the wrong attempts.
    pub(super) fn succeeded(&self, email: &str) {
        if let Ok(mut attempts) = self.attempts.lock() {
            attempts.remove(&key(email));
        }
    }
}

fn key(email: &str) -> String {
    email.trim().to_lowercase()
}

fn wait_after(count: u32) -> Duration {
    match count.checked_sub(FREE_ATTEMPTS) {
        None => Duration::ZERO,
        Some(over) => Duration::from_secs(1_u64 << over.min(10)).min(LONGEST),
    }
}
