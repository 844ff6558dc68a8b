//! What happened to a record's flow as a whole, for the record's history. Moves from stage to stage
//! are changes of the record itself.

use model::{Reference, TableKind, Value};
use store::{FeedEntry, FeedOperation, Reader};

use super::{find, position::Ending};
use crate::{Caller, Result};

/// What happened to a flow as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FlowChange {
    Finished,
    Abandoned,
    Reactivated,
    SwitchedAway,
    SwitchedBack,
}

impl FlowChange {
    /// What an entry of the flow's own row tells; none for a mere move, and for entries of other rows.
    pub fn of(model: &model::Model, entry: &FeedEntry) -> Option<Self> {
        model.table(&entry.table).filter(|table| table.kind == TableKind::Process)?;
        let after = |column: &str| entry.changes.iter().find(|(name, ..)| name == column).map(|(_, _, after)| after);
        let made = entry.operation == FeedOperation::Create;
        match after("switchedon") {
            Some(Value::Null) if !made => return Some(Self::SwitchedBack),
            Some(Value::DateTime(_)) => return Some(Self::SwitchedAway),
            _ => {}
        }
        match after("statuscode").and_then(Value::as_whole)? {
            ended if ended == Ending::Finished as i64 => Some(Self::Finished),
            ended if ended == Ending::Aborted as i64 => Some(Self::Abandoned),
            _ => (!made).then_some(Self::Reactivated),
        }
    }
}

/// The entries of a record's flows that tell more than a move.
pub(crate) fn history_of_flows(
    reader: &mut Reader<'_>,
    caller: &Caller,
    record: &Reference,
    limit: u32,
) -> Result<Vec<FeedEntry>> {
    let model = reader.model().clone();
    let mut entries = Vec::new();
    for process in model.processes.iter().filter(|process| process.works_on(&record.table)) {
        let Some(instance) = find::stored_in(reader, caller, process, record)? else { continue };
        let told = reader.feed_of(&process.name, instance.id, limit)?.into_iter();
        entries.extend(told.filter(|entry| FlowChange::of(&model, entry).is_some()));
    }
    Ok(entries)
}
