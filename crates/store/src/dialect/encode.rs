//! A column's value as the engine stores it.

use model::{Column, Value};
use rust_decimal::Decimal;

use super::{places, width};
use crate::{
    StoreError,
    engine::{Dialect, SqlValue},
};

/// The one or two values that stand for a column's value, in the order of its physical columns.
pub(crate) type Encoded = std::iter::Chain<std::iter::Once<SqlValue>, std::option::IntoIter<SqlValue>>;

/// The value as it is bound: two values (identifier, table) for a polymorphic lookup, else one.
pub(crate) fn encode(dialect: Dialect, column: &Column, value: &Value) -> Result<Encoded, StoreError> {
    let (first, second) = if width(column) == 2 {
        match value {
            Value::Reference(reference) => (reference.id.into(), Some(reference.table.as_str().into())),
            Value::Id(id) => ((*id).into(), Some(SqlValue::Null)),
            _ => (SqlValue::Null, Some(SqlValue::Null)),
        }
    } else {
        (one(dialect, column, value)?, None)
    };
    Ok(std::iter::once(first).chain(second))
}

fn one(dialect: Dialect, column: &Column, value: &Value) -> Result<SqlValue, StoreError> {
    Ok(match value {
        Value::Null => SqlValue::Null,
        Value::Boolean(yes) => SqlValue::Bool(*yes),
        Value::Text(text) => SqlValue::Text(text.clone()),
        Value::Id(id) => SqlValue::Uuid(*id),
        Value::Reference(reference) => SqlValue::Uuid(reference.id),
        Value::Date(day) => SqlValue::Date(*day),
        Value::DateTime(moment) => SqlValue::Timestamp(*moment),
        Value::Choices(choices) if choices.is_empty() => SqlValue::Null,
        Value::Choices(choices) => SqlValue::Text(choices_text(choices)),
        Value::Whole(_) | Value::Decimal(_) => number(dialect, column, value)?,
    })
}

fn number(dialect: Dialect, column: &Column, value: &Value) -> Result<SqlValue, StoreError> {
    let Some(places) = places(column.value_type()) else {
        return Ok(value.as_whole().map_or(SqlValue::Null, SqlValue::Int));
    };
    let number = value.as_decimal().unwrap_or_default();
    match (dialect, places) {
        (_, 0) => whole(number).map(SqlValue::Int),
        (Dialect::Sqlite, places) => scaled(number, places).map(SqlValue::Int),
        (Dialect::Postgres, places) => Some(SqlValue::Decimal(number.round_dp(places))),
    }
    .ok_or_else(|| StoreError::BadValue {
        column: column.name.clone(),
        message: format!("{number} is too large to be stored with {places} places"),
    })
}

fn whole(number: Decimal) -> Option<i64> {
    i64::try_from(number.round().mantissa()).ok().filter(|_| number.round().scale() == 0)
}

/// The number times ten to the power of `places`, rounded; none where it does not fit.
pub(crate) fn scaled(number: Decimal, places: u32) -> Option<i64> {
    let mut number = number.round_dp(places);
    number.rescale(places);
    // `rescale` keeps a smaller scale where the mantissa would overflow.
    (number.scale() == places).then(|| i64::try_from(number.mantissa()).ok()).flatten()
}

/// `,1,3,`: a value stands between commas wherever it stands.
fn choices_text(choices: &[i32]) -> String {
    let mut text = String::from(",");
    for choice in choices {
        text.push_str(&choice.to_string());
        text.push(',');
    }
    text
}
