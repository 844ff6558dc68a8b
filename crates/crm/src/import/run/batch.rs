//! Some rows in one transaction.

use std::{collections::HashMap, fmt::Write};

use model::{Filter, Value};
use store::Row;
use uuid::Uuid;

use super::{
    row,
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
    let mut session = Session { state, file, existing, done: Done::default() };
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
        for place in &lookup.places {
            if session.state.finder.is_complete(*place) {
                continue;
            }
            let wanted: Vec<&str> = rows
                .iter()
                .flat_map(|row| &row.names)
                .filter(|(of, _)| *of == position)
                .map(|(_, name)| name.as_str())
                .collect();
            session.state.finder.fetch(work, *place, &wanted)?;
        }
    }
    Ok(())
}

/// The rows that are there already, by key.
fn existing(
    work: &mut Work<'_, '_>,
    file: &Compiled,
    state: &State,
    rows: &[Prepared],
) -> Result<HashMap<String, Vec<Uuid>>> {
    let mut found: HashMap<String, Vec<Uuid>> = HashMap::new();
    let table = work.table(&file.table.name)?;
    if file.key.is_empty() {
        return Ok(found);
    }
    if file.key.iter().any(|name| table.column(name).is_none()) {
        // A dry run whose key is a column that the import would add.
        return Ok(found);
    }
    let mut columns: Vec<&str> = file.key.iter().map(String::as_str).collect();
    columns.push(&table.primary_key);
    let keyed: Vec<&Row> = rows.iter().filter(|row| row.problem.is_none()).map(|row| &row.values).collect();
    let filters: Vec<Filter> = match file.key.as_slice() {
        [only] => keyed
            .chunks(VALUES)
            .map(|part| {
                Filter::is_in(
                    only.as_str(),
                    part.iter().map(|row| row.value(only).clone()).filter(|value| !value.is_null()),
                )
            })
            .filter(|filter| !matches!(filter, Filter::Condition(condition) if condition.values.is_empty()))
            .collect(),
        several => keyed.chunks(KEYS).filter_map(|part| any_of(several, part)).collect(),
    };
    for filter in filters {
        for row in work.find(&table.name, filter, &columns)? {
            if let (Some(key), Some(id)) = (key_of(file, &row), row.value(&table.primary_key).as_id()) {
                found.entry(key).or_default().push(id);
            }
        }
    }
    if state.dry_run {
        for prepared in rows {
            if let Some(key) = key_of(file, &prepared.values)
                && let Some(id) = state.imagined_keys.get(&key)
            {
                found.entry(key).or_default().push(*id);
            }
        }
    }
    Ok(found)
}

fn any_of(columns: &[String], rows: &[&Row]) -> Option<Filter> {
    let branches: Vec<Filter> = rows
        .iter()
        .filter(|row| columns.iter().all(|name| row.has(name)))
        .map(|row| Filter::All(columns.iter().map(|name| Filter::eq(name.as_str(), row.value(name).clone())).collect()))
        .collect();
    if branches.is_empty() { None } else { Some(Filter::Any(branches)) }
}

/// The row's key as text, where all of it is filled.
pub(super) fn key_of(file: &Compiled, row: &Row) -> Option<String> {
    if file.key.is_empty() {
        return None;
    }
    let mut key = String::new();
    for name in &file.key {
        match row.value(name) {
            Value::Null => return None,
            Value::Text(text) => key.push_str(&folded(text)),
            Value::Decimal(number) => key.push_str(&number.normalize().to_string()),
            other => {
                // Writing into a text cannot fail.
                let _ = write!(key, "{other:?}");
            }
        }
        key.push('\u{1f}');
    }
    Some(key)
}
