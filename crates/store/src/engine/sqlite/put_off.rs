//! Changes of search indexes that wait for the end of the transaction.
//!
//! FTS5 gathers changes in memory and writes them whenever a savepoint begins or ends, or a row
//! comes that stands before the last one; writing costs as much for one row as for a hundred. So
//! a group's changes are run together, in the order of their rows.

use std::collections::BTreeMap;

/// The changes of one transaction.
#[derive(Default)]
pub(crate) struct PutOff {
    changes: Vec<Change>,
    /// How many of them have been run already.
    run: usize,
    /// Both, as they were when each of the open parts began.
    parts: Vec<(usize, usize)>,
}

/// What a row's place in an index is to hold.
pub(super) struct Change {
    /// The index, quoted.
    pub index: String,
    /// The row's number.
    pub place: i64,
    /// None takes the row out.
    pub words: Option<String>,
}

impl PutOff {
    /// One more; what was put off for the same place before does not matter any more.
    pub(crate) fn add(&mut self, index: String, place: i64, words: Option<String>) {
        self.changes.push(Change { index, place, words });
    }

    pub(super) fn is_settled(&self) -> bool {
        self.run == self.changes.len()
    }

    /// What is still to be run: the last change of each place, in order.
    pub(super) fn due(&self) -> Vec<&Change> {
        let due: BTreeMap<(&str, i64), &Change> =
            self.changes[self.run..].iter().map(|change| ((change.index.as_str(), change.place), change)).collect();
        due.into_values().collect()
    }

    /// All that is due has been run.
    pub(super) fn settled(&mut self) {
        self.run = self.changes.len();
    }

    pub(super) fn begin_part(&mut self) {
        self.parts.push((self.changes.len(), self.run));
    }

    pub(super) fn end_part(&mut self, keep: bool) {
        let Some((changes, run)) = self.parts.pop() else { return };
        if !keep {
            self.changes.truncate(changes);
            // Changes put off before the part, but run inside of it, have been undone with it.
            self.run = self.run.min(run);
        }
    }
}
