//! What was deleted and can be brought back.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use model::{Filter, Model, Ownership, Reference, Table, TableKind, Value};
use store::{FeedEntry, Query, Reader, Scope};
use uuid::Uuid;

use crate::{App, Caller, Result, notifications, reading, reading::Names};

/// Deleted rows looked at for one page.
const LOOKED_AT: u32 = 500;

/// One act that deleted something that is not there again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The act; undoing it brings everything back.
    pub act: Uuid,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub user: Uuid,
    /// The row that was meant: what hung on it went before it.
    pub record: Reference,
    /// Its name.
    pub name: String,
    /// How many rows went with it.
    pub others: usize,
    /// The place of its last entry in the feed; older ones are asked for by it.
    pub sequence: u64,
}

impl App {
    /// What was deleted, the newest first: an administrator is told of everything, anybody else of
    /// what they deleted themselves. `before` is the [`Deletion::sequence`] of the last one seen.
    /// The second value is true where there is more.
    pub async fn deletions(&self, caller: &Caller, before: Option<u64>) -> Result<(Vec<Deletion>, Names, bool)> {
        let caller = caller.clone();
        self.read(move |reader| {
            let user = (!caller.administrator).then_some(caller.user);
            let entries = reader.feed_of_deletions(user, before, LOOKED_AT)?;
            let more = entries.len() as u32 == LOOKED_AT;
            let gone = still_gone(reader, &caller, &entries)?;
            let model = Arc::clone(reader.model());
            let deletions = by_act(&model, &entries, &gone);
            let people: Vec<Reference> =
                deletions.iter().map(|deletion| Reference::new("systemuser", deletion.user)).collect();
            let names = reading::names(reader, &caller, &people)?;
            Ok((deletions, names, more))
        })
        .await
    }
}

/// One deletion an act, of rows people know of.
fn by_act(model: &Model, entries: &[FeedEntry], gone: &HashSet<Reference>) -> Vec<Deletion> {
    let mut deletions: Vec<Deletion> = Vec::new();
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    for entry in entries {
        let record = Reference::new(entry.table.clone(), entry.id);
        let Some(table) = model.table(&entry.table).filter(|table| is_counted(table)) else { continue };
        // What was erased cannot be brought back.
        if !gone.contains(&record) || entry.erased {
            continue;
        }
        if let Some(place) = places.get(&entry.actor.act) {
            deletions[*place].others += 1;
            deletions[*place].sequence = entry.position.sequence;
            continue;
        }
        // What a record is deleted with goes before it; alone, its loss is a change of the record.
        if is_detail(table) {
            continue;
        }
        places.insert(entry.actor.act, deletions.len());
        let name = entry.changes.iter().find(|(column, ..)| *column == table.primary_name);
        deletions.push(Deletion {
            act: entry.actor.act,
            at: entry.at,
            user: entry.actor.user,
            record,
            name: name.and_then(|(_, before, _)| before.as_text()).unwrap_or_default().to_owned(),
            others: 0,
            sequence: entry.position.sequence,
        });
    }
    deletions
}

/// What people were told goes by itself.
fn is_counted(table: &Table) -> bool {
    !matches!(table.kind, TableKind::Intersect | TableKind::Pointer) && table.name != notifications::TABLE
}

/// Whether rows of the table are written only together with the record they are a part of, as the
/// people of a call are.
fn is_detail(table: &Table) -> bool {
    table.ownership == Ownership::Parent && !table.importable
}

/// Those deleted rows that nobody has brought back.
fn still_gone(reader: &mut Reader<'_>, caller: &Caller, entries: &[FeedEntry]) -> Result<HashSet<Reference>> {
    let mut by_table: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for entry in entries {
        by_table.entry(&entry.table).or_default().push(entry.id);
    }
    let mut gone: HashSet<Reference> =
        entries.iter().map(|entry| Reference::new(entry.table.clone(), entry.id)).collect();
    for (name, ids) in by_table {
        let Some(table) = reader.model().table(name).cloned() else { continue };
        // Whether a row is there is no secret to whoever deleted it.
        let query = Query::of(name, Arc::new(Scope::default()), caller.zone())
            .select([table.primary_key.as_str()])
            .matching(Filter::is_in(table.primary_key.as_str(), ids))
            .take(LOOKED_AT);
        for row in reader.query(&query)?.rows {
            if let Some(id) = row.first().and_then(Value::as_id) {
                gone.remove(&Reference::new(name, id));
            }
        }
    }
    Ok(gone)
}
