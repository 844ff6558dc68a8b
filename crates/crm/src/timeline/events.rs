//! What happened to the record itself, told from its history.

use jiff::Timestamp;
use model::{Reference, Table};
use store::{FeedEntry, FeedOperation, Reader};
use uuid::Uuid;

use crate::{
    Caller, Result, opportunities,
    process::{self, FlowChange},
    reading,
};

/// Columns whose change is an event.
const TOLD: [&str; 4] = ["statecode", "stageid", "ownerid", PROCESS];
/// The flow that leads a record.
const PROCESS: &str = "processid";
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
    /// Records that came of it, or that it came of.
    pub with: Vec<Reference>,
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
    /// Another process flow leads it.
    Switched {
        /// `processid` since.
        to: Uuid,
    },
    /// Its process flow ended or went on again.
    Flow {
        /// Logical name of the flow.
        process: String,
        /// What became of it.
        change: FlowChange,
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
    fn of(entry: &FeedEntry, what: What) -> Self {
        Self { at: entry.at, by: entry.actor.user, what, with: Vec::new() }
    }

    /// Everybody and everything it speaks of.
    pub(super) fn references(&self) -> Vec<Reference> {
        let mut references = vec![Reference::new("systemuser", self.by)];
        if let What::Owner { from, to } = &self.what {
            references.extend(from.clone());
            references.push(to.clone());
        }
        references.extend(self.with.iter().cloned());
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
        let made = entries.iter().find(|entry| entry.operation == FeedOperation::Create).map(|entry| entry.actor.act);
        let of_entry = |entry: &FeedEntry| {
            let mut events = events(table, &told, entry);
            // An opportunity comes under the flow that led its lead as it is made.
            events.retain(|event| made != Some(entry.actor.act) || !matches!(event.what, What::Switched { .. }));
            events
        };
        let found: Vec<Event> = entries.iter().flat_map(of_entry).collect();
        let is_all = entries.len() < read as usize || read >= MOST_READ;
        if is_all || found.len() >= limit as usize {
            return Ok(found);
        }
        read = read.saturating_mul(2).min(MOST_READ);
    }
}

/// The ends of a record's process flows and their new beginnings; those by these people where some are
/// given. That another flow was chosen, the record itself tells.
pub(super) fn of_flows(
    reader: &mut Reader<'_>,
    caller: &Caller,
    record: &Reference,
    people: &[Uuid],
    until: Option<Timestamp>,
) -> Result<Vec<Event>> {
    let entries = process::history_of_flows(reader, caller, record, MOST_READ)?;
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    // A flow that led a lead leads the opportunity, too, which was not there then.
    let row = reading::get(reader, caller, &record.table, record.id, Some(&["createdon".to_owned()]))?;
    let made = row.value("createdon").as_date_time();
    let model = reader.model();
    let event = |entry: &FeedEntry| {
        let change = FlowChange::of(model, entry)?;
        let is_switch = matches!(change, FlowChange::SwitchedAway | FlowChange::SwitchedBack);
        (!is_switch).then(|| Event::of(entry, What::Flow { process: entry.table.clone(), change }))
    };
    let is_asked = |event: &Event| {
        (people.is_empty() || people.contains(&event.by))
            && until.is_none_or(|until| event.at <= until)
            && made.is_none_or(|made| event.at >= made)
    };
    Ok(entries.iter().filter_map(event).filter(is_asked).collect())
}

fn events(table: &Table, told: &[&str], entry: &FeedEntry) -> Vec<Event> {
    let event = |what| Event::of(entry, what);
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
    let switched = change(PROCESS).filter(|(before, _)| !before.is_null());
    let stage = match switched {
        // Its first stage, or the one it had been left in, is no move.
        Some((_, to)) => to.as_id().map(|to| What::Switched { to }),
        None => {
            change("stageid").and_then(|(before, after)| Some(What::Stage { from: before.as_id(), to: after.as_id()? }))
        }
    };
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
