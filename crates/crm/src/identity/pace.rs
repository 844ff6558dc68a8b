//! How many requests a program may make in somebody's name. Each person has a bucket that fills
//! evenly; a burst may empty it. Counted by each server process for itself.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use uuid::Uuid;

use crate::{Error, Result};

/// The time over which requests are counted.
const WINDOW: Duration = Duration::from_secs(300);
/// Buckets kept; past that those that are full again are dropped.
const KEPT: usize = 10_000;

/// The buckets of all people.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    buckets: Mutex<HashMap<Uuid, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// Requests that are left.
    left: f64,
    at: Instant,
}

impl Bucket {
    fn filled(self, allowed: f64, now: Instant) -> f64 {
        let gained = allowed * now.duration_since(self.at).as_secs_f64() / WINDOW.as_secs_f64();
        (self.left + gained).min(allowed)
    }
}

impl Pace {
    /// Takes one request out of a person's bucket; `allowed` in five minutes, 0 for as many as they
    /// like.
    pub(crate) fn admit(&self, user: Uuid, allowed: u32) -> Result<()> {
        self.admit_at(user, allowed, Instant::now())
    }

    fn admit_at(&self, user: Uuid, allowed: u32, now: Instant) -> Result<()> {
        let Ok(mut buckets) = self.buckets.lock() else { return Ok(()) };
        if allowed == 0 {
            return Ok(());
        }
        let allowed = f64::from(allowed);
        if buckets.len() >= KEPT {
            buckets.retain(|_, bucket| bucket.filled(allowed, now) < allowed);
        }
        let bucket = buckets.entry(user).or_insert(Bucket { left: allowed, at: now });
        let left = bucket.filled(allowed, now);
        *bucket = Bucket { left, at: now };
        if left < 1.0 {
            let seconds = ((1.0 - left) * WINDOW.as_secs_f64() / allowed).ceil().max(1.0) as u64;
            return Err(Error::TooManyRequests { seconds });
        }
        bucket.left = left - 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_empties_the_bucket_and_time_fills_it() {
        let (pace, user, start) = (Pace::default(), Uuid::now_v7(), Instant::now());
        assert!((0..300).all(|_| pace.admit_at(user, 300, start).is_ok()));
        assert!(matches!(pace.admit_at(user, 300, start), Err(Error::TooManyRequests { seconds: 1 })));
        assert!(pace.admit_at(Uuid::now_v7(), 300, start).is_ok(), "others go on");
        assert!(pace.admit_at(user, 300, start + Duration::from_secs(1)).is_ok());
        assert!(pace.admit_at(user, 300, start + Duration::from_secs(1)).is_err());
        assert!((0..5000).all(|_| pace.admit_at(user, 0, start).is_ok()), "no limit");
    }
}
