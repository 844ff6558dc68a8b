//! Checking what comes in, column by column, before anything is written.

use language::{tr, translated};
use model::{Column, ColumnType, Table, Value};
use store::Row;

use crate::{Error, FieldError, Result};

/// Refuses columns that only the engine or a rule may set.
pub(super) fn refuse_outside_writes(table: &Table, values: &Row) -> Result<()> {
    let errors: Vec<FieldError> = values
        .iter()
        .filter_map(|(name, _)| table.column(name))
        .filter(|column| column.read_only || column.is_computed())
        .map(|column| FieldError::of(column, tr!("is set by the system and cannot be written")))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// Every value against its column's type and limits; all mistakes are reported together.
pub(super) fn checked(table: &Table, values: Row) -> Result<Row> {
    let mut errors = Vec::new();
    let mut row = Row::new();
    for (name, value) in values {
        match table.column(&name) {
            None => errors.push(unknown(table, &name)),
            Some(column) => match table.check(&name, &value) {
                Ok(value) => row.set(name, safe(column, value)),
                Err(error) => errors.push(FieldError::of(column, error.message)),
            },
        }
    }
    if errors.is_empty() { Ok(row) } else { Err(Error::Invalid(errors)) }
}

/// System-required columns must not be emptied.
pub(super) fn refuse_emptying(table: &Table, changes: &Row) -> Result<()> {
    let errors: Vec<FieldError> = changes
        .iter()
        .filter(|(_, value)| matches!(value, Value::Null))
        .filter_map(|(name, _)| table.column(name))
        .filter(|column| column.required == model::RequiredLevel::System)
        .map(|column| FieldError::of(column, tr!("{} must be filled", translated(&column.label))))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// Rich text is cleaned on its way in: scripts, frames and event handlers never reach a page.
fn safe(column: &Column, value: Value) -> Value {
    match (&column.kind, value) {
        (ColumnType::RichText { .. }, Value::Text(html)) => Value::Text(ammonia::clean(&html)),
        (_, value) => value,
    }
}

fn unknown(table: &Table, name: &str) -> FieldError {
    FieldError {
        column: name.to_owned(),
        label: name.to_owned(),
        message: tr!(
            "{} has no column of this name; see the column list of '{}'",
            translated(&table.label),
            table.name
        ),
    }
}
