//! What the engine returns, as a value of the column.

use jiff::civil;
use model::{Column, ColumnType, Reference, Value};
use rust_decimal::Decimal;

use super::places;
use crate::{StoreError, engine::SqlValue};

/// The column's value from its physical value and, for a polymorphic lookup, the table's name.
pub(crate) fn decode(column: &Column, stored: SqlValue, target: Option<SqlValue>) -> Result<Value, StoreError> {
    if stored.is_null() {
        return Ok(Value::Null);
    }
    let kind = column.value_type();
    let value = match kind {
        ColumnType::Id | ColumnType::File { .. } | ColumnType::Image { .. } => stored.as_uuid().map(Value::Id),
        ColumnType::Lookup { targets } => stored.as_uuid().map(|id| reference(targets, target, id)),
        ColumnType::Text { .. } | ColumnType::Memo { .. } | ColumnType::RichText { .. } | ColumnType::AutoNumber(_) => {
            text(stored).map(Value::Text)
        }
        ColumnType::MultiChoice { .. } => stored.as_text().map(|text| Value::Choices(choices(text))),
        ColumnType::Boolean { .. } => stored.as_int().map(|number| Value::Boolean(number != 0)),
        ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => stored.as_int().map(Value::Whole),
        ColumnType::Whole { .. } | ColumnType::Decimal { .. } | ColumnType::Money { .. } => number(kind, &stored),
        ColumnType::Date => day(&stored).map(Value::Date),
        ColumnType::DateTime => stored.as_timestamp().map(Value::DateTime),
        ColumnType::PartyList { .. } | ColumnType::Calculated { .. } | ColumnType::Rollup(_) => None,
    };
    value.ok_or_else(|| StoreError::Database(format!("column {} holds a value that is not of its type", column.name)))
}

/// A day from either engine.
pub(crate) fn day(stored: &SqlValue) -> Option<civil::Date> {
    match stored {
        SqlValue::Date(day) => Some(*day),
        SqlValue::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn reference(targets: &[String], target: Option<SqlValue>, id: uuid::Uuid) -> Value {
    match target {
        Some(SqlValue::Text(table)) => Value::Reference(Reference { table, id }),
        // A lookup whose table is not known is still an identifier.
        Some(_) => Value::Id(id),
        None => Value::Reference(Reference::new(targets.first().map_or("", String::as_str), id)),
    }
}

fn number(kind: &ColumnType, stored: &SqlValue) -> Option<Value> {
    let places = places(kind)?;
    match stored {
        SqlValue::Int(number) if places == 0 => Some(Value::Whole(*number)),
        SqlValue::Int(number) => {
            Some(Value::Decimal(Decimal::from_i128_with_scale(i128::from(*number), places).normalize()))
        }
        SqlValue::Decimal(number) if places == 0 => i64::try_from(number.trunc().mantissa()).ok().map(Value::Whole),
        SqlValue::Decimal(number) => Some(Value::Decimal(number.normalize())),
        _ => None,
    }
}

fn text(stored: SqlValue) -> Option<String> {
    match stored {
        SqlValue::Text(text) => Some(text),
        _ => None,
    }
}

fn choices(text: &str) -> Vec<i32> {
    text.split(',').filter_map(|number| number.parse().ok()).collect()
}
