//! Calculated columns.

use model::{Column, ColumnType, Table, Value};
use uuid::Uuid;

use super::rollup::{read_row, write_columns};
use crate::{
    Row, StoreError,
    engine::{Connection, SqlValue, quoted},
};

/// Computes the calculated columns of a whole row.
pub(super) fn compute(table: &Table, row: &mut Row) {
    let calculated: Vec<&Column> =
        table.columns.values().filter(|column| matches!(column.kind, ColumnType::Calculated { .. })).collect();
    compute_columns(&calculated, row);
}

/// Computes these columns, which are all calculated ones of the row. One may use another, so that
/// it goes on until nothing changes; the model refuses circles.
pub(super) fn compute_columns(calculated: &[&Column], row: &mut Row) {
    for round in 1..=calculated.len() {
        let mut changed = false;
        for column in calculated {
            let ColumnType::Calculated { formula, result } = &column.kind else { continue };
            let value = fitted(result, formula.evaluate(&|name| row.value(name).clone()));
            if row.get(&column.name) != Some(&value) {
                row.set(column.name.as_str(), value);
                changed = true;
            }
        }
        if !changed || round == calculated.len() {
            break;
        }
    }
}

/// A result as its column holds it: numbers rounded to its places, text cut to its length, and
/// null where it fits in no way (a formula never fails on data).
fn fitted(result: &ColumnType, value: Value) -> Value {
    match (result, value) {
        (
            ColumnType::Text { length, .. } | ColumnType::Memo { length } | ColumnType::RichText { length },
            Value::Text(text),
        ) => {
            if text.is_empty() {
                Value::Null
            } else {
                Value::Text(text.chars().take(*length as usize).collect())
            }
        }
        (ColumnType::Whole { .. }, value) => value
            .as_decimal()
            .and_then(|number| i64::try_from(number.round().mantissa()).ok())
            .map_or(Value::Null, Value::Whole),
        (kind @ (ColumnType::Decimal { .. } | ColumnType::Money { .. }), value) => value
            .as_decimal()
            .and_then(|number| {
                let places = crate::dialect::places(kind)?;
                // Also null where the engine could not store it.
                crate::dialect::scaled(number, places)?;
                Some(Value::Decimal(number.round_dp(places).normalize()))
            })
            .unwrap_or_default(),
        (ColumnType::Boolean { .. }, value @ Value::Boolean(_))
        | (ColumnType::Date, value @ Value::Date(_))
        | (ColumnType::DateTime, value @ Value::DateTime(_)) => value,
        _ => Value::Null,
    }
}

/// Computes the calculated columns of all rows anew, after a formula has changed.
pub(super) fn rebuild(connection: &mut dyn Connection, table: &Table) -> Result<(), StoreError> {
    if !table.columns.values().any(|column| matches!(column.kind, ColumnType::Calculated { .. })) {
        return Ok(());
    }
    for_each_id(connection, table, &mut |connection, id| {
        let Some(old) = read_row(connection, table, id, false)? else { return Ok(()) };
        let mut new = old.clone();
        compute(table, &mut new);
        write_columns(connection, table, id, &old, &new)
    })
}

/// Walks all rows by key, a thousand at a time.
pub(super) fn for_each_id(
    connection: &mut dyn Connection,
    table: &Table,
    each: &mut dyn FnMut(&mut dyn Connection, Uuid) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (name, key) = (quoted(&table.name), quoted(&table.primary_key));
    let first = format!("SELECT {key} FROM {name} ORDER BY {key} LIMIT 1000");
    let next = connection
        .dialect()
        .numbered(&format!("SELECT {key} FROM {name} WHERE {key} > ?1 ORDER BY {key} LIMIT 1000"))
        .into_owned();
    let mut rows = connection.query(&first, &[])?;
    while let Some(last) = rows.last().and_then(|row| row.first()).and_then(SqlValue::as_uuid) {
        for id in rows.iter().filter_map(|row| row.first()?.as_uuid()) {
            each(connection, id)?;
        }
        rows = connection.query(&next, &[last.into()])?;
    }
    Ok(())
}
