//! What happened to the record itself, told from its history.

use jiff::Timestamp;
use model::{Reference, Table};
use store::{FeedEntry, FeedOperation, Reader};
use uuid::Uuid;

use crate::{Caller, Result, opportunities};

/// Columns whose change is an event.
const TOLD: [&str; 3] = ["statecode", "stageid", "ownerid"];
/// Most changes looked through for the events of one page.
const MOST_READ: u32 = 5_000;

/// Something that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Who did it; nil for the engine itself.
    pub by: Uuid,
    /// What.
    pub what: What,
}

/// What happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It was made.
    Created,
    /// It went from one state to another, for this reason.
    State {
        /// `statecode` before.
        from: Option<i64>,
        /// `statecode` after.
        to: i64,
        /// `statuscode` after, where it changed, too.
        reason: Option<i64>,
    },
    /// Its process flow went on or back.
    Stage {
        /// The stage it left.
        from: Option<Uuid>,
        /// The stage it entered.
        to: Uuid,
    },
    /// Somebody else owns it.
    Owner {
        /// Who owned it.
        from: Option<Reference>,
        /// Who owns it since.
        to: Reference,
    },
}

impl Event {
    /// Everybody it speaks of.
    pub(super) fn references(&self) -> Vec<Reference> {
        let mut references = vec![Reference::new("systemuser", self.by)];
        if let What::Owner { from, to } = &self.what {
            references.extend(from.clone());
            references.push(to.clone());
        }
        references
    }
}

/// The last events of a record up to a moment, at least `limit` where there are so many, the newest
/// first; those of these people where some are given.
pub(super) fn of_record(
    reader: &mut Reader<'_>,
    caller: &Caller,
    record: (&Table, Uuid),
    people: &[Uuid],
    until: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<Event>> {
    let (table, id) = record;
    let may_read = |name: &&str| table.column(name).is_some_and(|column| caller.may_read(column));
    let told: Vec<&str> = TOLD.into_iter().filter(may_read).collect();
    // Some changes tell of no event, so that it takes more changes than events.
    let mut read = limit;
    loop {
        let entries = reader.feed_of_columns((&table.name, id), &told, people, until, read)?;
        let found: Vec<Event> = entries.iter().flat_map(|entry| events(table, &told, entry)).collect();
        let is_all = entries.len() < read as usize || read >= MOST_READ;
        if is_all || found.len() >= limit as usize {
            return Ok(found);
        }
        read = read.saturating_mul(2).min(MOST_READ);
    }
}

fn events(table: &Table, told: &[&str], entry: &FeedEntry) -> Vec<Event> {
    let event = |what| Event { at: entry.at, by: entry.actor.user, what };
    if entry.operation == FeedOperation::Create {
        return vec![event(What::Created)];
    }
    let change = |column: &str| {
        let (_, before, after) = entry.changes.iter().find(|(name, ..)| name == column)?;
        (told.contains(&column) && before != after).then_some((before, after))
    };
    let state = change("statecode").and_then(|(before, after)| {
        let to = after.as_whole().filter(|to| !is_told_by_activity(table, *to))?;
        let reason = entry.changes.iter().find(|(name, ..)| name == "statuscode").and_then(|(_, _, to)| to.as_whole());
        Some(What::State { from: before.as_whole(), to, reason })
    });
    let stage =
        change("stageid").and_then(|(before, after)| Some(What::Stage { from: before.as_id(), to: after.as_id()? }));
    let owner = change("ownerid").and_then(|(before, after)| {
        let to = after.as_reference()?.clone();
        Some(What::Owner { from: before.as_reference().cloned(), to })
    });
    [state, owner, stage].into_iter().flatten().map(event).collect()
}

/// The closing of a deal is an activity of its own.
fn is_told_by_activity(table: &Table, state: i64) -> bool {
    table.name == "opportunity" && state != opportunities::OPEN
}
