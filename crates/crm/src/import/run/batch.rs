//! Some rows in one transaction.

use std::{collections::HashMap, fmt::Write};

use model::{Filter, Value};
use store::Row;
use uuid::Uuid;

use super::{
    references, row,
    session::{Done, Session, State, concerns_the_row, one_row},
};
use crate::{
    Result,
    import::{compile::Compiled, matching::folded, prepare::Prepared},
    records::Work,
};

/// Keys of several columns asked for in one go: each is a branch of the condition.
const KEYS: usize = 50;
/// Keys of one column asked for in one go.
const VALUES: usize = 500;

/// How errors of rows are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// The first one ends the batch, which is then done again row by row.
    Quick,
    /// Each row for itself; the good ones get in.
    RowByRow,
}

/// Writes the rows; with [`Care::Quick`] the first mistake is returned.
pub(super) fn write(
    work: &mut Work<'_, '_>,
    file: &Compiled,
    state: &mut State,
    rows: &[Prepared],
    care: Care,
) -> Result<Done> {
    let mark = state.finder.mark();
    let existing = existing(work, file, state, rows)?;
    references::look_up(work, file, state, rows)?;
    let mut session = Session { state, file, existing, here: Vec::new(), done: Done::default() };
    match all(work, &mut session, rows, care) {
        Ok(()) => Ok(session.done),
        Err(error) => {
            session.state.finder.back_to(mark);
            Err(error)
        }
    }
}

fn all(work: &mut Work<'_, '_>, session: &mut Session<'_>, rows: &[Prepared], care: Care) -> Result<()> {
    fetch_names(work, session, rows)?;
    for (place, prepared) in rows.iter().enumerate() {
        session.done.report.rows += 1;
        if let Some(problem) = &prepared.problem {
            session.done.failed.push((place, problem.clone()));
            session.done.report.failed += 1;
            continue;
        }
        match care {
            Care::Quick => row::write(work, session, prepared)?,
            Care::RowByRow => match one_row(work, session, prepared, row::write)? {
                Ok(()) => {}
                Err(error) if concerns_the_row(&error) => {
                    session.done.failed.push((place, error.to_string()));
                    session.done.report.failed += 1;
                    continue;
                }
                Err(error) => return Err(error),
            },
        }
        for remark in &prepared.remarks {
            session.warn(remark, prepared.number);
        }
    }
    Ok(())
}

fn fetch_names(work: &mut Work<'_, '_>, session: &mut Session<'_>, rows: &[Prepared]) -> Result<()> {
    for (position, lookup) in session.file.lookups.iter().enumerate() {
        for place in lookup.steps.iter().flatten().map(|place| place.names) {
            if session.state.finder.is_complete(place) {
                continue;
            }
            let names = rows.iter().flat_map(|row| &row.names).filter(|(of, _)| *of == position);
            let parties = rows.iter().flat_map(|row| &row.parties).filter(|(of, _)| *of == position);
            let wanted: Vec<&str> = names
                .map(|(_, name)| name.as_str())
                .chain(parties.flat_map(|(_, names)| names).map(String::as_str))
                .collect();
            session.state.finder.fetch(work, place, &wanted)?;
        }
    }
    Ok(())
}

/// The rows that are there already, by those of their keys that the file alone tells.
fn existing(
    work: &mut Work<'_, '_>,
    file: &Compiled,
    state: &State,
    rows: &[Prepared],
) -> Result<HashMap<String, Vec<Uuid>>> {
    let mut found: HashMap<String, Vec<Uuid>> = HashMap::new();
    let table = work.table(&file.table.name)?;
    let keyed: Vec<&Row> = rows.iter().filter(|row| row.problem.is_none()).map(|row| &row.values).collect();
    for (rule, columns) in file.keys.iter().enumerate() {
        // In a dry run the key may be a column that the import would add.
        if columns.iter().any(|name| table.column(name).is_none_or(|column| !column.targets().is_empty())) {
            continue;
        }
        let mut wanted: Vec<&str> = columns.iter().map(String::as_str).collect();
        wanted.push(&table.primary_key);
        for filter in conditions(columns, &keyed) {
            for row in work.find(&table.name, filter, &wanted)? {
                if let (Some(key), Some(id)) = (key_of(file, rule, &row), row.value(&table.primary_key).as_id()) {
                    found.entry(key).or_default().push(id);
                }
            }
        }
        if state.dry_run {
            for row in &keyed {
                if let Some(key) = key_of(file, rule, row)
                    && let Some(id) = state.imagined_keys.get(&key)
                {
                    let ids = found.entry(key).or_default();
                    if !ids.contains(id) {
                        ids.push(*id);
                    }
                }
            }
        }
    }
    Ok(found)
}

fn conditions(columns: &[String], rows: &[&Row]) -> Vec<Filter> {
    let [only] = columns else {
        return rows.chunks(KEYS).filter_map(|part| any_of(columns, part)).collect();
    };
    let values = |part: &[&Row]| -> Vec<Value> {
        part.iter().map(|row| row.value(only).clone()).filter(|value| !value.is_null()).collect()
    };
    let parts = rows.chunks(VALUES).map(values).filter(|values| !values.is_empty());
    parts.map(|values| Filter::is_in(only.as_str(), values)).collect()
}

/// The rows that one row of the file means, by the first of the keys that finds any. Keys with
/// lookups in them are asked for row by row, once `resolved`.
pub(super) fn known(work: &mut Work<'_, '_>, session: &Session<'_>, values: &Row, resolved: bool) -> Result<Vec<Uuid>> {
    let table = session.table(work)?;
    for (rule, columns) in session.file.keys.iter().enumerate() {
        let Some(key) = key_of(session.file, rule, values) else { continue };
        if let Some(ids) = session.existing.get(&key).filter(|ids| !ids.is_empty()) {
            return Ok(ids.clone());
        }
        let by_lookup =
            columns.iter().any(|name| table.column(name).is_some_and(|column| !column.targets().is_empty()));
        if resolved && by_lookup {
            let real = |name: &String| match values.value(name).as_reference() {
                Some(reference) => session.is_real(reference.id),
                None => true,
            };
            if let Some(filter) = any_of(columns, &[values]).filter(|_| columns.iter().all(real)) {
                let rows = work.find(&table.name, filter, &[&table.primary_key])?;
                let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.value(&table.primary_key).as_id()).collect();
                if !ids.is_empty() {
                    return Ok(ids);
                }
            }
        }
    }
    Ok(Vec::new())
}

fn any_of(columns: &[String], rows: &[&Row]) -> Option<Filter> {
    let branches: Vec<Filter> = rows
        .iter()
        .filter(|row| columns.iter().all(|name| row.has(name)))
        .map(|row| Filter::All(columns.iter().map(|name| Filter::eq(name.as_str(), row.value(name).clone())).collect()))
        .collect();
    if branches.is_empty() { None } else { Some(Filter::Any(branches)) }
}

/// The key of a row by one of the file's rules as text, where all of it is filled.
pub(super) fn key_of(file: &Compiled, rule: usize, row: &Row) -> Option<String> {
    let columns = file.keys.get(rule)?;
    let mut key = format!("{rule}\u{1f}");
    for name in columns {
        match row.value(name) {
            Value::Null => return None,
            Value::Text(text) => key.push_str(&folded(text)),
            Value::Decimal(number) => key.push_str(&number.normalize().to_string()),
            Value::Reference(reference) => key.push_str(&reference.id.to_string()),
            other => {
                // Writing into a text cannot fail.
                let _ = write!(key, "{other:?}");
            }
        }
        key.push('\u{1f}');
    }
    Some(key)
}
