//! Changes of derived data that wait for the end of the transaction.
//!
//! FTS5 gathers changes in memory and writes them whenever a savepoint begins or ends, or a row
//! comes that stands before the last one; writing costs as much for one row as for a hundred. And
//! the rows of a group often count in the same total. So a group's changes are run together.

use std::{collections::BTreeMap, sync::Arc};

use uuid::Uuid;

use crate::{
    derived::{Share, SummaryPlan},
    store::match_key::{Change, Changes, MatchKey},
};

/// The changes of one transaction.
#[derive(Default)]
pub(crate) struct PutOff {
    words: Waiting<Words>,
    shares: Waiting<(Arc<SummaryPlan>, Share)>,
    keys: Waiting<Change>,
    /// What became of keys, those of undone parts among them.
    keys_seen: Changes,
}

/// What a row's place in a search index is to hold.
pub(super) struct Words {
    /// The index, quoted.
    pub index: String,
    /// The row's number.
    pub place: i64,
    /// None takes the row out.
    pub text: Option<String>,
}

impl PutOff {
    /// Words of one more row; what was put off for the same place before does not matter any more.
    pub(crate) fn put_words(&mut self, index: String, place: i64, words: Option<String>) {
        self.words.entries.push(Words { index, place, text: words });
    }

    /// Something to be added to a group of a summary.
    pub(crate) fn add_share(&mut self, summary: &Arc<SummaryPlan>, share: Share) {
        self.shares.entries.push((Arc::clone(summary), share));
    }

    /// A row that gets a match key, or loses it.
    pub(crate) fn change_key(&mut self, record: Uuid, key: MatchKey, is_there: bool) {
        self.keys.entries.push(((key, record), is_there));
        self.keys_seen.note(((key, record), is_there));
    }

    /// Match keys that rows got, or lost, in this transaction; undone parts may have left some.
    pub(crate) const fn keys_seen(&self) -> &Changes {
        &self.keys_seen
    }

    /// Changes of match keys that are still to be written.
    pub(crate) fn take_keys(&mut self) -> Vec<Change> {
        self.keys.take().to_vec()
    }

    /// Whether a statement may read what still waits.
    pub(super) fn concerns(&self, sql: &str) -> bool {
        (self.words.is_due() && sql.contains(crate::derived::SEARCH_SUFFIX))
            || (self.shares.is_due() && sql.contains(crate::derived::SUMMARY_PREFIX))
    }

    /// The last words of each place that are still to be written, in the order of the places.
    pub(super) fn take_words(&mut self) -> Vec<&Words> {
        let due: BTreeMap<(&str, i64), &Words> =
            self.words.take().iter().map(|words| ((words.index.as_str(), words.place), words)).collect();
        due.into_values().collect()
    }

    /// What is still to be added, summed up for each group of each summary.
    pub(super) fn take_shares(&mut self) -> Vec<(Arc<SummaryPlan>, Share)> {
        let mut due: Vec<(Arc<SummaryPlan>, Vec<Share>)> = Vec::new();
        for (summary, share) in self.shares.take() {
            match due.iter_mut().find(|(known, _)| Arc::ptr_eq(known, summary)) {
                Some((_, shares)) => shares.push(share.clone()),
                None => due.push((Arc::clone(summary), vec![share.clone()])),
            }
        }
        let summed = due.into_iter().flat_map(|(summary, shares)| {
            Share::summed(shares).into_iter().map(move |share| (Arc::clone(&summary), share))
        });
        summed.collect()
    }

    pub(super) fn begin_part(&mut self) {
        self.words.begin_part();
        self.shares.begin_part();
        self.keys.begin_part();
    }

    pub(super) fn end_part(&mut self, keep: bool) {
        self.words.end_part(keep);
        self.shares.end_part(keep);
        self.keys.end_part(keep);
    }
}

/// Entries of one kind, in the order in which they came.
struct Waiting<T> {
    entries: Vec<T>,
    /// How many of them have been run already.
    run: usize,
    /// Both counts, as they were when each of the open parts began.
    parts: Vec<(usize, usize)>,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), run: 0, parts: Vec::new() }
    }
}

impl<T> Waiting<T> {
    fn is_due(&self) -> bool {
        self.run < self.entries.len()
    }

    /// Those not run yet, which count as run from now on.
    fn take(&mut self) -> &[T] {
        let from = std::mem::replace(&mut self.run, self.entries.len());
        &self.entries[from..]
    }

    fn begin_part(&mut self) {
        self.parts.push((self.entries.len(), self.run));
    }

    fn end_part(&mut self, keep: bool) {
        let Some((entries, run)) = self.parts.pop() else { return };
        if !keep {
            self.entries.truncate(entries);
            // Entries put off before the part, but run inside of it, have been undone with it.
            self.run = self.run.min(run);
        }
    }
}
