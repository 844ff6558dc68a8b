//! Activities: calls, e-mails, tasks, appointments; and notes.

pub(crate) mod notes;

use model::{Table, Value};
use store::Row;

use crate::records::Work;

/// `statecode` of a completed activity.
const COMPLETED: i64 = 1;

/// A new activity: its kind, the moment it sorts by, and, where it is already done, when.
pub(crate) fn before_create(work: &mut Work<'_, '_>, table: &Table, row: &mut Row) {
    set_known(table, row, "activitytypecode", table.name.as_str());
    complete(work, table, None, row);
    sort_date(table, None, row);
}

/// Completing an activity sets its end; closed ones keep it.
pub(crate) fn before_update(work: &mut Work<'_, '_>, table: &Table, old: &Row, changes: &mut Row) {
    complete(work, table, Some(old), changes);
    sort_date(table, Some(old), changes);
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
