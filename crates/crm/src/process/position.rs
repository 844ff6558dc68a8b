//! Where a record stands, as columns of the record itself.

use model::{Column, ColumnType, Process, Stage, Table, Value};
use store::Row;
use uuid::Uuid;

/// The stage of a record's flow as a choice. No declaration protects it: Dataverse lets programs set it.
const SALES_STAGE: &str = "salesstage";

/// Whether the flow keeps this column. People do not set it by hand: the flow would know nothing of it, and
/// the record would say two things.
pub fn is_kept_by_flow(column: &Column) -> bool {
    column.name == SALES_STAGE
}

/// How a flow ended (`statuscode` of its instance).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Finished = 2,
    Aborted = 3,
}

/// Writes process, stage, path and pipeline phase into `row`, as far as `table` has the columns.
pub(super) fn write(table: &Table, process: &Process, stage: &Stage, path: Option<&str>, row: &mut Row) {
    let own = stage.id.to_string();
    set(table, row, "processid", |column| id_value(column, process.id));
    set(table, row, "stageid", |column| id_value(column, stage.id));
    set(table, row, "traversedpath", |_| path.unwrap_or(&own).into());
    set(table, row, "stepname", |_| stage.category.step_name().into());
    set(table, row, SALES_STAGE, |column| {
        // Only the four phases of the pipeline are stages of a sale.
        let value = stage.category.value();
        if column.options().iter().any(|option| option.value == value) { value.into() } else { Value::Null }
    });
}

pub(super) fn set(table: &Table, row: &mut Row, column: &str, value: impl FnOnce(&Column) -> Value) {
    if let Some(column) = table.column(column) {
        row.set(column.name.clone(), value(column));
    }
}

/// An identifier as the column keeps it.
pub(super) fn id_value(column: &Column, id: Uuid) -> Value {
    match column.kind {
        ColumnType::Text { .. } => id.to_string().into(),
        _ => id.into(),
    }
}

/// An identifier kept in a column of either kind.
pub(super) fn id_of(value: &Value) -> Option<Uuid> {
    match value {
        Value::Text(text) => text.parse().ok(),
        other => other.as_id(),
    }
}
