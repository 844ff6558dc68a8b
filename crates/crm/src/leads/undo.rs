//! Undo a qualification.

use std::collections::HashSet;

use model::{Reference, Value};
use store::{FeedEntry, FeedPosition, Reader};
use uuid::Uuid;

use super::{Leads, QUALIFIED};
use crate::{Caller, Origin, Result, reading};

/// Most changes an act may consist of to be offered for undo on the lead itself.
const OFFERED: u32 = 500;

impl Leads<'_> {
    /// Takes a qualification back as if it had not been: the created records go, the lead is
    /// open, its notes and activities hang on it again. Refused, with the reason, once somebody
    /// touched one of the records.
    pub async fn undo(&self, caller: &Caller, origin: Origin, act: Uuid) -> Result<()> {
        self.app.work(caller, origin, move |work| work.undo(act).map(|_| ())).await
    }

    /// The act that qualified the lead, by which it is undone: only while none of the records it
    /// touched was changed since, and where it concerned this lead alone.
    pub async fn qualification_to_undo(&self, caller: &Caller, lead: Uuid) -> Result<Option<Uuid>> {
        let caller = caller.clone();
        self.app
            .read(move |reader| {
                reading::get(reader, &caller, "lead", lead, Some(&[]))?;
                let Some(last) = reader.feed_of("lead", lead, 1)?.pop().filter(qualified) else { return Ok(None) };
                let act = last.actor.act;
                let entries = reader.feed_of_act(act, FeedPosition::default(), OFFERED)?;
                let alone = entries.iter().all(|entry| entry.table != "lead" || entry.id == lead);
                let complete = entries.len() < OFFERED as usize;
                Ok(if alone && complete && untouched(reader, act, &entries)? { Some(act) } else { None })
            })
            .await
    }
}

fn qualified(entry: &FeedEntry) -> bool {
    entry.changes.iter().any(|(column, _, after)| column == "statecode" && *after == Value::Whole(QUALIFIED))
}

/// True where the act made the last change of every row it touched.
fn untouched(reader: &mut Reader<'_>, act: Uuid, entries: &[FeedEntry]) -> Result<bool> {
    let rows: HashSet<Reference> = entries.iter().map(|entry| Reference::new(entry.table.as_str(), entry.id)).collect();
    for row in rows {
        let last = reader.feed_of(&row.table, row.id, 1)?;
        if last.first().is_none_or(|entry| entry.actor.act != act) {
            return Ok(false);
        }
    }
    Ok(true)
}
