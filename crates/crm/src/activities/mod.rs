//! Activities: calls, e-mails, tasks, appointments; and notes.

mod calendar;
pub(crate) mod content;
pub(crate) mod notes;
pub mod parties;

pub use notes::MAX_BYTES as LARGEST_FILE;

use language::tr;
use model::{Table, Value};
use store::Row;

use crate::{Error, Result, records::Work};

/// `statecode` of a completed activity.
const COMPLETED: i64 = 1;

/// A new activity: its kind, the moment it sorts by, and, where it is already done, when.
pub(crate) fn before_create(work: &mut Work<'_, '_>, table: &Table, row: &mut Row) -> Result<()> {
    set_known(table, row, "activitytypecode", table.name.as_str());
    refuse_ending_before_it_begins(table, None, row)?;
    complete(work, table, None, row);
    sort_date(table, None, row);
    Ok(())
}

/// Completing an activity sets its end; closed ones keep it.
pub(crate) fn before_update(work: &mut Work<'_, '_>, table: &Table, old: &Row, changes: &mut Row) -> Result<()> {
    refuse_ending_before_it_begins(table, Some(old), changes)?;
    complete(work, table, Some(old), changes);
    sort_date(table, Some(old), changes);
    Ok(())
}

/// An appointment takes a span of time, as may an organisation's own kinds of activity. Of a task
/// or a call the one is when work begins and the other when it is due; those are free.
fn refuse_ending_before_it_begins(table: &Table, old: Option<&Row>, row: &Row) -> Result<()> {
    let concerned = row.contains("scheduledstart") || row.contains("scheduledend");
    if !concerned || !(table.custom || table.name == "appointment") {
        return Ok(());
    }
    let moment = |column: &str| row.get(column).or_else(|| old.map(|old| old.value(column)))?.as_date_time();
    match (moment("scheduledstart"), moment("scheduledend"), table.column("scheduledend")) {
        (Some(start), Some(end), Some(column)) if end < start => Err(Error::field(
            column,
            tr!("it must not end before it begins: it begins at {start} and would end at {end}", start, end),
        )),
        _ => Ok(()),
    }
}

fn complete(work: &Work<'_, '_>, table: &Table, old: Option<&Row>, row: &mut Row) {
    let state = row.value("statecode").as_whole();
    let was = old.and_then(|old| old.value("statecode").as_whole());
    if state == was || state.is_none() {
        return;
    }
    let has_end = row.has("actualend") || old.is_some_and(|old| old.has("actualend") && !row.contains("actualend"));
    if state == Some(COMPLETED) && !has_end {
        set_known(table, row, "actualend", work.now());
    }
    if state == Some(0) && old.is_some() {
        set_known(table, row, "actualend", Value::Null);
    }
}

/// Timelines sort by one moment: when it happened, else when it is due, else when it was made.
fn sort_date(table: &Table, old: Option<&Row>, row: &mut Row) {
    let now =
        |column: &str| row.get(column).or_else(|| old.map(|old| old.value(column))).filter(|v| !v.is_null()).cloned();
    let moment = ["actualend", "scheduledend", "scheduledstart", "createdon"].iter().find_map(|column| now(column));
    if let Some(moment) = moment {
        set_known(table, row, "sortdate", moment);
    }
}

fn set_known(table: &Table, row: &mut Row, column: &str, value: impl Into<Value>) {
    if table.column(column).is_some() {
        row.set(column, value);
    }
}
