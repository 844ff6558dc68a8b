//! Going on with an act: what a form saves by itself, again and again, is taken back as one.

use model::{Reference, TableKind};
use store::{FeedEntry, FeedOperation, FeedPosition};
use uuid::Uuid;

use super::Work;
use crate::{Origin, Result};

/// Changes of one act that are looked through; one with more is not gone on with.
const LOOKED_THROUGH: u32 = 500;

impl Work<'_, '_> {
    /// Makes this work a part of an earlier act of the same person on the same record, by the same
    /// way, as long as nobody else has changed the record since. Where it is none, this is an act of
    /// its own.
    pub fn go_on_with(&mut self, act: Uuid, record: &Reference) -> Result<()> {
        let row = self.load(&record.table, record.id)?;
        let entries = self.writer.feed_of_act(act, FeedPosition::default(), LOOKED_THROUGH)?;
        let is_whole = !entries.is_empty() && entries.len() < LOOKED_THROUGH as usize;
        let own = entries.iter().rev().find(|entry| is_of(entry, record));
        let version = row.value("versionnumber").as_whole();
        let is_last = own.is_some_and(|last| i64::try_from(last.position.sequence).ok() == version);
        if is_whole && is_last && entries.iter().all(|entry| self.could_go_on_with(entry, record)) {
            self.belongs_to(act);
        }
        Ok(())
    }

    /// Whether an entry is the caller's own, of the record or of what is written along with it.
    fn could_go_on_with(&self, entry: &FeedEntry, record: &Reference) -> bool {
        let along = self.model.table(&entry.table).is_some_and(|table| table.kind == TableKind::Pointer)
            || entry.table == "activityparty";
        let is_own = entry.actor.user == self.caller.user && entry.actor.origin == Origin::Page.name();
        // Of the act that made the record, nothing would be left by taking it back.
        is_own && (along || (is_of(entry, record) && entry.operation == FeedOperation::Update))
    }
}

fn is_of(entry: &FeedEntry, record: &Reference) -> bool {
    entry.table == record.table && entry.id == record.id
}
