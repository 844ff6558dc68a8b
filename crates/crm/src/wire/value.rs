//! Single columns and values.

use jiff::{Timestamp, tz::TimeZone};
use model::{Column, ColumnType, Value};
use rust_decimal::Decimal;

use super::Json;

/// The name a column has in rows: `_ownerid_value` for lookups, else its logical name.
pub fn wire_name(column: &Column) -> String {
    match column.kind {
        ColumnType::Lookup { .. } => format!("_{}_value", column.name),
        _ => column.name.clone(),
    }
}

/// A value as it stands in a row: money with four places and decimals with those of their
/// column on every engine, moments in UTC with whole seconds.
pub fn to_json(column: Option<&Column>, value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(yes) => Json::Boolean(*yes),
        Value::Whole(number) => Json::Whole(*number),
        Value::Decimal(number) => Json::Decimal(with_places(column, *number)),
        Value::Text(text) => Json::Text(text.clone()),
        Value::Id(id) => Json::Text(id.to_string()),
        Value::Reference(reference) => Json::Text(reference.id.to_string()),
        Value::Date(day) => Json::Text(day.to_string()),
        Value::DateTime(moment) => Json::Text(moment_text(*moment)),
        Value::Choices(numbers) => Json::Text(choices_text(numbers)),
    }
}

/// `2027-03-01T08:30:00Z`
pub fn moment_text(moment: Timestamp) -> String {
    moment.to_zoned_datetime(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `1,3`
fn choices_text(numbers: &[i32]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn with_places(column: Option<&Column>, mut number: Decimal) -> Decimal {
    match column.map(Column::value_type) {
        Some(ColumnType::Money { .. }) => number.rescale(4),
        Some(ColumnType::Decimal { precision, .. }) => number.rescale(*precision),
        _ => number.normalize_assign(),
    }
    number
}
