//! Several people who write through the Web API at once, remember what they were promised, and
//! compare it with what is there later.
//!
//! Each writes rows of its own, whose texts begin with a mark, so that everything that came of one
//! round can be listed. What was acknowledged must be there whole; what was sent and not answered
//! may be there whole or not at all.

mod feed;
mod seller;
mod truth;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

pub use feed::{Entries, Follower, entries, every_row};
use rand::{Rng, SeedableRng, rngs::StdRng};
use seller::Seller;
pub use truth::Truth;

use crate::world::Client;

/// What became of the acts of one round.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Acts the server said it did.
    pub acknowledged: u64,
    /// Acts it answered with an error that says that it cannot at the moment (503).
    pub put_off: u64,
    /// Acts without an answer.
    pub unanswered: u64,
}

/// People at work.
pub struct Load {
    mark: String,
    sellers: Vec<Seller>,
}

impl Load {
    /// So many people whose rows bear this mark.
    pub fn new(mark: impl Into<String>, people: u32, seed: u64) -> Self {
        let mark = mark.into();
        let mut dice = StdRng::seed_from_u64(seed);
        let sellers = (0..people).map(|number| Seller::new(format!("{mark}{number}-"), dice.random())).collect();
        Self { mark, sellers }
    }

    /// Everybody writes while `meanwhile` runs; those who meet a server that does not answer go on
    /// trying (`stubborn`) or go home.
    pub fn during<T>(&mut self, client: &Client, stubborn: bool, meanwhile: impl FnOnce() -> T) -> T {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for seller in &mut self.sellers {
                let stop = &stop;
                scope.spawn(move || seller.work(client, stubborn, stop));
            }
            let result = meanwhile();
            stop.store(true, Ordering::Relaxed);
            result
        })
    }

    /// Everybody writes, in the stubborn way, until one of them is put off; fails after `patience`.
    #[track_caller]
    pub fn until_put_off(&mut self, client: &Client, patience: Duration) {
        let (before, begun) = (self.tally(), Instant::now());
        while self.tally().put_off == before.put_off {
            assert!(begun.elapsed() < patience, "nobody was put off: {before:?}, then {:?}", self.tally());
            self.during(client, true, || thread::sleep(Duration::from_millis(500)));
        }
    }

    /// What became of their acts so far.
    pub fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        for seller in &self.sellers {
            sum.acknowledged += seller.tally.acknowledged;
            sum.put_off += seller.tally.put_off;
            sum.unanswered += seller.tally.unanswered;
        }
        sum
    }

    /// Compares what they were promised with what a client sees; everything that differs.
    pub fn differences(&mut self, client: &Client) -> Vec<String> {
        let truth = Truth::of(client, &self.mark);
        let mut differences = truth.halves();
        for seller in &mut self.sellers {
            differences.extend(seller.compare(&truth));
        }
        differences
    }

    /// Fails where anything differs.
    #[track_caller]
    pub fn must_be_there(&mut self, client: &Client, story: &str) {
        let differences = self.differences(client);
        assert!(differences.is_empty(), "{story}:\n{}", differences.join("\n"));
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.put_off += other.put_off;
        self.unanswered += other.unanswered;
    }
}

/// How often something is to be done: as the variable says, else as is usual.
pub fn times(variable: &str, usual: u32) -> u32 {
    std::env::var(variable)
        .map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// Dice that fall the same way for the seed in `PIPEWRIGHT_SEED`; the seed is printed.
pub fn dice() -> StdRng {
    let seed = std::env::var("PIPEWRIGHT_SEED").map_or_else(|_| rand::random(), |text| text.parse().expect("a number"));
    eprintln!("PIPEWRIGHT_SEED={seed}");
    StdRng::seed_from_u64(seed)
}
