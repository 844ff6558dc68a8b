//! Dividing exact totals by chance, so that any part can be known without the others.

use std::ops::Range;

use crate::dice::Dice;

/// Slots that are divided among together.
const BLOCK: u64 = 20;

/// `total` things spread over `slots`: unevenly, but exactly `total` in all.
#[derive(Debug, Clone)]
pub(crate) struct Shares {
    pub seed: u64,
    pub what: &'static str,
    pub total: u64,
    pub slots: u64,
    /// How even the shares are: 0 for very uneven ones with many empty, 5 for nearly equal ones.
    pub evenness: f64,
}

impl Shares {
    /// The numbers of the things in one slot.
    pub fn of(&self, slot: u64) -> Range<u64> {
        let first = slot / BLOCK * BLOCK;
        let last = (first + BLOCK).min(self.slots);
        let start = self.before(first);
        let amount = (self.before(last) - start) as f64;
        let mut dice = Dice::new(self.seed, self.what, first);
        let weights: Vec<f64> = (first..last).map(|_| self.evenness - (1.0 - dice.fraction()).ln()).collect();
        let total: f64 = weights.iter().sum();
        let bound = |slots: usize| start + (amount * weights[..slots].iter().sum::<f64>() / total).round() as u64;
        let position = (slot - first) as usize;
        bound(position)..bound(position + 1)
    }

    fn before(&self, slot: u64) -> u64 {
        self.total * slot / self.slots.max(1)
    }
}

/// Slots that each meet one of several fates: exactly so many the first, so many the second …;
/// the rest meets none.
#[derive(Debug, Clone)]
pub(crate) struct Fates<const KINDS: usize> {
    pub seed: u64,
    pub what: &'static str,
    pub slots: u64,
    pub totals: [u64; KINDS],
    /// The share of the totals met before a share of the slots; grows from 0 to 1.
    pub before: fn(f64) -> f64,
}

impl<const KINDS: usize> Fates<KINDS> {
    /// Which fate the slot meets, with its number among those that meet the same.
    pub fn of(&self, slot: u64) -> Option<(usize, u64)> {
        let first = slot / BLOCK * BLOCK;
        let last = (first + BLOCK).min(self.slots);
        let mut order: Vec<u64> = (first..last).collect();
        Dice::new(self.seed, self.what, first).shuffle(&mut order);
        let mut from = 0;
        for kind in 0..KINDS {
            let start = self.met(kind, first);
            let until = from + (self.met(kind, last) - start) as usize;
            let chosen = &order[from.min(order.len())..until.min(order.len())];
            if chosen.contains(&slot) {
                return Some((kind, start + chosen.iter().filter(|other| **other < slot).count() as u64));
            }
            from = until;
        }
        None
    }

    fn met(&self, kind: usize, slot: u64) -> u64 {
        if slot >= self.slots {
            return self.totals[kind];
        }
        (self.totals[kind] as f64 * (self.before)(slot as f64 / self.slots as f64)) as u64
    }
}

/// The same share everywhere.
pub(crate) fn evenly(share: f64) -> f64 {
    share
}

/// As many everywhere, but fewer and fewer in the last part: what came in lately is undecided.
pub(crate) fn fewer_lately(share: f64) -> f64 {
    const LATELY: f64 = 0.85;
    const LAST: f64 = 0.1;
    let area = |x: f64| {
        let late = (x - LATELY).max(0.0);
        x.min(LATELY) + late - late * late * (1.0 - LAST) / (2.0 * (1.0 - LATELY))
    };
    area(share) / area(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_and_follow_each_other() {
        for (total, slots) in [(0, 7), (93, 41), (1000, 40), (3, 100)] {
            let shares = Shares { seed: 4, what: "test", total, slots, evenness: 0.2 };
            let mut next = 0;
            for slot in 0..slots {
                let share = shares.of(slot);
                assert_eq!(share.start, next);
                next = share.end;
            }
            assert_eq!(next, total);
        }
    }

    #[test]
    fn fates_are_exact_and_numbered() {
        let fates = Fates { seed: 9, what: "test", slots: 413, totals: [103, 82], before: fewer_lately };
        let mut met = [Vec::new(), Vec::new()];
        for slot in 0..413 {
            if let Some((kind, number)) = fates.of(slot) {
                met[kind].push(number);
            }
        }
        assert_eq!(met[0], (0..103).collect::<Vec<_>>());
        assert_eq!(met[1], (0..82).collect::<Vec<_>>());
    }
}
