//! What the history says of a person: former values of records that are not theirs, and records
//! that were deleted.

use std::collections::{BTreeMap, HashSet};

use language::tr;
use model::{Reference, Value};
use store::{FeedEntry, FeedOperation};

use super::{
    PEOPLE,
    find::{Findings, Item, Kind},
    terms::{Spoken, Terms},
};
use crate::{App, Caller, Result, reading};

/// Entries read in one go, so that no reader is held for long.
const PART: u32 = 2000;

/// What one record's history says of the person.
#[derive(Default)]
struct Trace {
    sequences: Vec<u64>,
    /// It holds their e-mail address, or is known to be about them.
    surely: bool,
    /// The record was a note, an activity … of a record about them.
    pointed: bool,
}

/// Reads the whole history.
pub(super) async fn find(app: &App, caller: &Caller, findings: &Findings, terms: &Terms) -> Result<Vec<Item>> {
    let whole: HashSet<Reference> = findings
        .items
        .iter()
        .filter(|item| matches!(item.kind, Kind::Person | Kind::About))
        .map(|item| item.record.clone())
        .collect();
    let people: HashSet<&Reference> = findings.person.records.iter().collect();
    let mut traces: BTreeMap<Reference, Trace> = BTreeMap::new();
    let mut after = 0;
    loop {
        let part = app.read(move |reader| Ok(reader.history_after(after, PART)?)).await?;
        for entry in &part {
            after = entry.position.sequence;
            if entry.erased || entry.operation == FeedOperation::Erase {
                continue;
            }
            let record = Reference::new(entry.table.as_str(), entry.id);
            if !whole.contains(&record) {
                note(&mut traces, record, entry, &people, terms);
            }
        }
        if part.len() < PART as usize {
            break;
        }
    }
    items(app, caller, traces, &people).await
}

fn note(
    traces: &mut BTreeMap<Reference, Trace>,
    record: Reference,
    entry: &FeedEntry,
    people: &HashSet<&Reference>,
    terms: &Terms,
) {
    let values = || entry.changes.iter().flat_map(|(_, before, after)| [before, after]);
    let spoken = values().filter_map(Value::as_text).filter_map(|text| terms.spoken(text)).max();
    let pointed = values().filter_map(Value::as_reference).any(|reference| people.contains(reference));
    let is_theirs = people.contains(&record);
    if spoken.is_none() && !pointed && !is_theirs {
        return;
    }
    let trace = traces.entry(record).or_default();
    trace.surely |= spoken == Some(Spoken::Email) || is_theirs;
    trace.pointed |= pointed;
    if spoken.is_some() {
        trace.sequences.push(entry.position.sequence);
    }
}

/// Records that are there have former values; those that are gone are deleted ones.
async fn items(
    app: &App,
    caller: &Caller,
    traces: BTreeMap<Reference, Trace>,
    people: &HashSet<&Reference>,
) -> Result<Vec<Item>> {
    let records: Vec<Reference> = traces.keys().cloned().collect();
    let asker = caller.clone();
    let (there, names, parts) = app
        .read(move |reader| {
            let mut there = HashSet::new();
            for record in &records {
                if reader.model().table(&record.table).is_some() && reader.exists(record)? {
                    there.insert(record.clone());
                }
            }
            let names = reading::names(reader, &asker, &there.iter().cloned().collect::<Vec<_>>())?;
            let model = reader.model().clone();
            let is_part = |record: &Reference| {
                let table = model.table(&record.table);
                table.is_none_or(|table| {
                    table.kind == model::TableKind::Activity || table.ownership == model::Ownership::Parent
                }) || ["annotation", "connection"].contains(&record.table.as_str())
            };
            let parts: HashSet<Reference> = records.into_iter().filter(is_part).collect();
            Ok((there, names, parts))
        })
        .await?;
    let items = traces.into_iter().filter_map(|(record, trace)| {
        let is_there = there.contains(&record);
        if is_there && trace.sequences.is_empty() {
            return None; // it only points at them, which says nothing by itself
        }
        let (kind, reason, certain) = if is_there {
            (Kind::FormerValue, tr!("its history holds their address, number or name"), trace.surely)
        } else {
            let theirs = people.contains(&record) || trace.surely && PEOPLE.contains(&record.table.as_str());
            let about = trace.pointed && parts.contains(&record);
            if trace.sequences.is_empty() && !theirs && !about {
                return None;
            }
            (Kind::Deleted, tr!("was deleted, and its history still tells"), theirs || about || trace.surely)
        };
        let name = super::find::name_of(&names, &record.table, record.id);
        Some(Item { kind, record, name, reason, certain, held: false, sequences: trace.sequences })
    });
    Ok(items.collect())
}
