//! Which columns can be secured.

use super::Validation;
use crate::{Column, ColumnType, RequiredLevel, Table, TableKind};

/// Tables that the engine itself works by, whoever asks.
const ENGINE_TABLES: [&str; 9] = [
    "activityparty",
    "asyncoperation",
    "duplicaterule",
    "duplicaterulecondition",
    "importjob",
    "importmap",
    "principalobjectaccess",
    "processstagevisit",
    "userquery",
];
/// Columns by which the engine knows what a row is.
const ENGINE_COLUMNS: [&str; 2] = ["merged", "traversedpath"];

impl Validation<'_> {
    pub(super) fn secured(&mut self, table: &Table, column: &Column) {
        let place = format!("{}.{}", table.name, column.name);
        if column.secured
            && let Some(reason) = unsecurable(table, column)
        {
            self.problem(&place, format!("this column cannot be secured: {reason}"));
        }
        if column.name == table.primary_name
            && let Some(guard) = column.guards.iter().find(|guard| guard.column != column.name)
        {
            let message = format!(
                "the name of a row, which everybody sees who sees the row, is made from {guard}; that column cannot be secured"
            );
            self.problem(&place, message);
        }
    }
}

/// Why a column cannot be secured; none where it can. The kinds of columns are those that
/// Dataverse leaves out, too.
fn unsecurable(table: &Table, column: &Column) -> Option<&'static str> {
    let engine_keeps = || ENGINE_TABLES.contains(&table.name.as_str()) || table.kind == TableKind::System;
    match &column.kind {
        _ if table.kind == TableKind::Pointer => {
            Some("rows of this table stand for activities; secure the column of each kind of activity")
        }
        _ if matches!(table.kind, TableKind::Intersect | TableKind::Process) => {
            Some("rows of this table only say what belongs together")
        }
        _ if column.name == table.primary_key => Some("rows are known by it"),
        _ if column.name == table.primary_name => Some("it is the name by which people know a row"),
        ColumnType::Id => Some("the engine knows rows by it"),
        ColumnType::Lookup { .. } | ColumnType::PartyList { .. } => {
            Some("it says what belongs together and who may see it; secure columns of the table it leads to")
        }
        ColumnType::State | ColumnType::Status => Some("what can be done with a row depends on it"),
        _ if !column.custom && engine_keeps() => {
            Some("the engine works by the shipped columns of this table; columns of your own can be secured")
        }
        _ if ENGINE_COLUMNS.contains(&column.name.as_str()) => Some("the engine works by it"),
        _ if table.keys.iter().any(|key| key.columns.contains(&column.name)) => {
            Some("it belongs to an alternate key, which tells that a value is taken")
        }
        _ if column.required == RequiredLevel::System && column.default.is_none() && !column.is_computed() => {
            Some("every row needs a value, which not everybody could give")
        }
        _ => None,
    }
}
