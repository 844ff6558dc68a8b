//! Chance that falls the same way every time.

use uuid::Uuid;

/// A repeatable source of chance (the generator `SplitMix64`). Its sequence is part of what a seed means, so it
/// must not change with the version of a library.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The dice that decide about number `index` of `what`.
    pub fn new(seed: u64, what: &str, index: u64) -> Self {
        let mut dice = Self(name(what) ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        dice.0 = dice.number() ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03);
        dice.number();
        dice
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, not including, 1.
    pub fn fraction(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From `low` up to, not including, `high`.
    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.fraction()
    }

    /// From 0 up to, not including, `count`; 0 where there is nothing to choose from.
    pub fn below(&mut self, count: u64) -> u64 {
        if count == 0 { 0 } else { self.number() % count }
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).unsigned_abs()) as i64
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    /// One of `items`, which are never empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// One of `items`, each as likely as it weighs.
    pub fn weighted<'a, T>(&mut self, items: &'a [T], weight: impl Fn(&T) -> f64) -> &'a T {
        let mut left = self.fraction() * items.iter().map(&weight).sum::<f64>();
        for item in items {
            left -= weight(item);
            if left < 0.0 {
                return item;
            }
        }
        &items[items.len() - 1]
    }

    /// Around `median`, with a long tail to the right.
    pub fn log_normal(&mut self, median: f64, spread: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.fraction()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.fraction()).cos();
        median * (spread * normal).exp()
    }

    /// Brings `items` into an order of chance.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }
}

/// The identifier of number `index` of `what`: of version 7, in the order of the numbers.
pub(crate) fn id(seed: u64, what: &str, index: u64) -> Uuid {
    // Some moment in 2020, so that rows made by people sort behind the generated ones.
    const BEGINNING: u64 = 1_600_000_000_000;
    let mut dice = Dice::new(seed, what, index);
    let time = u128::from(BEGINNING + index) << 80;
    let random = u128::from(dice.number()) >> 2;
    Uuid::from_u128(time | 7 << 76 | u128::from(dice.below(1 << 12)) << 64 | 2 << 62 | random)
}

/// A number for a name (FNV-1a).
fn name(what: &str) -> u64 {
    what.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
