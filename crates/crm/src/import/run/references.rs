//! Lookups whose cells hold identifiers, as an export with raw values writes them.

use std::collections::HashMap;

use language::{tr, translated};
use model::{Filter, Reference, Value};
use store::Row;
use uuid::Uuid;

use super::session::{Later, Pending, Session, State};
use crate::{
    Result,
    import::{
        cells::short,
        compile::Compiled,
        matching::{folded, normalised},
        plan::Unresolved,
        prepare::Prepared,
    },
    records::Work,
};

/// Identifiers asked for in one go.
const IDS: usize = 400;
/// Identifiers remembered; beyond that they are asked for anew.
const MOST_KNOWN: usize = 200_000;

/// Finds out which of the identifiers in these rows are there.
pub(super) fn look_up(work: &mut Work<'_, '_>, file: &Compiled, state: &mut State, rows: &[Prepared]) -> Result<()> {
    if state.known.len() > MOST_KNOWN {
        state.known.clear();
    }
    let columns = file.references.iter().map(|(column, _)| column.name.as_str());
    let pointed = columns.flat_map(|name| rows.iter().filter_map(|row| row.values.value(name).as_reference()));
    let unknown: Vec<&Reference> = pointed.filter(|reference| !state.known.contains(&reference.id)).collect();
    for (id, _) in found(work, unknown)? {
        state.known.insert(id);
    }
    // What the rows are called that stand there with their names and keys.
    let keyed = rows.iter().flat_map(|row| &row.keyed).map(|(reference, _)| reference);
    state.called = found(work, keyed)?.into_iter().collect();
    Ok(())
}

/// Those of the rows that are there, and what they are called.
fn found<'r>(work: &mut Work<'_, '_>, wanted: impl IntoIterator<Item = &'r Reference>) -> Result<Vec<(Uuid, String)>> {
    let mut by_table: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for reference in wanted {
        by_table.entry(reference.table.as_str()).or_default().push(reference.id);
    }
    let mut found = Vec::new();
    for (name, mut ids) in by_table {
        ids.sort_unstable();
        ids.dedup();
        let table = work.table(name)?;
        for part in ids.chunks(IDS) {
            let filter = Filter::is_in(table.primary_key.as_str(), part.iter().copied());
            for row in work.find(name, filter, &[&table.primary_key, &table.primary_name])? {
                let called = match row.value(&table.primary_name) {
                    Value::Whole(number) => number.to_string(),
                    _ => row.text(&table.primary_name).to_owned(),
                };
                found.extend(row.value(&table.primary_key).as_id().map(|id| (id, called)));
            }
        }
    }
    Ok(found)
}

/// Where name and key speak of different rows the key counts, and that is told.
fn tell_other_names(session: &mut Session<'_>, row: &Prepared) {
    for (reference, name) in &row.keyed {
        let Some(called) = session.state.called.get(&reference.id) else { continue };
        if folded(called) != folded(name) && normalised(called) != normalised(name) {
            let message = tr!(
                "'{}' was taken as {} '{}', whose key stands behind the name; take the key away where the name is meant",
                short(name),
                reference.table,
                short(called)
            );
            session.warn(&message, row.number);
        }
    }
}

/// Where the row is called otherwise here, takes that one; where it is to come, notes it for the
/// second pass; where it is nowhere, does what the mapping says.
pub(super) fn settle(session: &mut Session<'_>, row: &Prepared, values: &mut Row) -> Vec<Pending> {
    let file = session.file;
    let mut pending = Vec::new();
    tell_other_names(session, row);
    for (column, unresolved) in &file.references {
        let Some(reference) = values.value(&column.name).as_reference().cloned() else { continue };
        if let Some(here) = session.state.renamed.get(&reference.id) {
            values.set(column.name.as_str(), Reference::new(reference.table, *here));
            continue;
        }
        let id = reference.id;
        if session.state.known.contains(&id) || session.state.imagined.contains(&id) || session.here.contains(&id) {
            continue;
        }
        if file.coming.contains(&reference.table) {
            values.remove(&column.name);
            let later = Later::Id { column: column.name.clone(), reference };
            pending.push(Pending { row: Uuid::nil(), made: false, number: row.number, later });
        } else if *unresolved == Unresolved::Empty && !session.must_be_filled(&column.name) {
            values.remove(&column.name);
            session.warn(&nowhere(&translated(&column.label), &reference, &tr!("left empty")), row.number);
        }
    }
    pending
}

/// The sentence for an identifier that leads nowhere.
pub(super) fn nowhere(label: &str, reference: &Reference, end: &str) -> String {
    tr!("{label}: there is no {} with id {}; {end}", reference.table, reference.id, label, end)
}

/// The row of the file has another key here; what names it by the key of the file means this one.
pub(super) fn note_renamed(session: &mut Session<'_>, values: &Row, id: Uuid) {
    if let Some(given) = values.value(&session.file.table.primary_key).as_id().filter(|given| *given != id) {
        session.state.renamed.insert(given, id);
    }
}
