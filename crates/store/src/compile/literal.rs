//! What a filter compares with, understood as a value of the column's type.
//!
//! Looser than a value to be stored: `name begins-with` takes any length, a number may lie
//! outside the column's limits, an unknown choice matches nothing.

use jiff::{Timestamp, civil};
use model::{Choice, Column, ColumnType, Table, Value};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::window::start_of_day;
use crate::{StoreError, Zone};

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Without regard to case.
    Text,
    /// Stored with so many places.
    Number(u32),
    Boolean,
    /// The number of an option.
    Choice,
    MultiChoice,
    Date,
    DateTime,
    /// Identifiers: primary key, lookup, stored file.
    Key,
}

/// The family of a stored column.
pub(crate) fn family(column: &Column) -> Family {
    match column.value_type() {
        ColumnType::Whole { .. } => Family::Number(0),
        kind @ (ColumnType::Decimal { .. } | ColumnType::Money { .. }) => {
            Family::Number(crate::dialect::places(kind).unwrap_or_default())
        }
        ColumnType::Boolean { .. } => Family::Boolean,
        ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => Family::Choice,
        ColumnType::MultiChoice { .. } => Family::MultiChoice,
        ColumnType::Date => Family::Date,
        ColumnType::DateTime => Family::DateTime,
        ColumnType::Id
        | ColumnType::Lookup { .. }
        | ColumnType::PartyList { .. }
        | ColumnType::File { .. }
        | ColumnType::Image { .. } => Family::Key,
        _ => Family::Text,
    }
}

/// The value to compare the column with; null stays null.
pub(crate) fn literal(table: &Table, column: &Column, value: &Value, zone: &Zone) -> Result<Value, StoreError> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let (understood, wanted) = match family(column) {
        Family::Text => (text(value).map(Value::Text), "text"),
        Family::Number(_) => (number(value).map(Value::Decimal), "a number"),
        Family::Boolean => (boolean(column, value).map(Value::Boolean), "true or false"),
        Family::Choice => (choice(table, column, value).map(Value::Whole), "the number or label of an option"),
        Family::MultiChoice => (choices(column, value).map(Value::Choices), "numbers of options"),
        Family::Date => (date(value, zone).map(Value::Date), "a date such as 2026-12-31"),
        Family::DateTime => (moment(value, zone).map(Value::DateTime), "a time such as 2026-12-31T15:30:00Z"),
        Family::Key => return key(table, column, value),
    };
    understood.ok_or_else(|| wrong(table, column, value, wanted))
}

fn wrong(table: &Table, column: &Column, value: &Value, wanted: &str) -> StoreError {
    StoreError::BadQuery(format!("{}.{} is compared with {}; give {wanted}", table.name, column.name, shown(value)))
}

/// A value as a message quotes it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Whole(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Text(text) => format!("'{text}'"),
        Value::Id(id) => id.to_string(),
        Value::Reference(reference) => format!("{} {}", reference.table, reference.id),
        Value::Date(day) => day.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::Choices(choices) => format!("{choices:?}"),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        // PostgreSQL cannot hold a zero character, so no row can match it; a text that no row
        // has either takes its place.
        Value::Text(text) => Some(text.replace('\0', "\u{fffd}")),
        Value::Whole(number) => Some(number.to_string()),
        Value::Decimal(number) => Some(number.to_string()),
        Value::Id(id) => Some(id.to_string()),
        Value::Boolean(yes) => Some(yes.to_string()),
        Value::Date(day) => Some(day.to_string()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Text(text) => text.trim().parse().ok(),
        other => other.as_decimal(),
    }
}

fn boolean(column: &Column, value: &Value) -> Option<bool> {
    match value {
        Value::Boolean(yes) => Some(*yes),
        Value::Whole(0) => Some(false),
        Value::Whole(1) => Some(true),
        Value::Text(text) => match (text.to_lowercase().as_str(), column.value_type()) {
            ("true" | "1", _) => Some(true),
            ("false" | "0", _) => Some(false),
            (text, ColumnType::Boolean { yes, .. }) if text == yes.to_lowercase() => Some(true),
            (text, ColumnType::Boolean { no, .. }) if text == no.to_lowercase() => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn choice(table: &Table, column: &Column, value: &Value) -> Option<i64> {
    match value {
        Value::Whole(number) => Some(*number),
        Value::Decimal(number) if number.fract().is_zero() => i64::try_from(number.trunc().mantissa()).ok(),
        Value::Text(text) => text.trim().parse().ok().or_else(|| labelled(table, column, text).map(i64::from)),
        _ => None,
    }
    // Options are 32 bits wide in the database; nothing beyond can match.
    .map(|number| number.clamp(i64::from(i32::MIN), i64::from(i32::MAX)))
}

fn labelled(table: &Table, column: &Column, label: &str) -> Option<i32> {
    let wanted = label.to_lowercase();
    match column.value_type() {
        ColumnType::State => {
            table.states.iter().find(|state| state.label.to_lowercase() == wanted).map(|state| state.value)
        }
        ColumnType::Status => table
            .states
            .iter()
            .flat_map(|state| &state.statuses)
            .find(|status| status.label.to_lowercase() == wanted)
            .map(|status| status.value),
        ColumnType::Choice { options } => {
            options.iter().find(|option: &&Choice| option.label.to_lowercase() == wanted).map(|option| option.value)
        }
        _ => None,
    }
}

fn choices(column: &Column, value: &Value) -> Option<Vec<i32>> {
    let mut numbers: Vec<i32> = match value {
        Value::Choices(numbers) => numbers.clone(),
        Value::Whole(number) => vec![i32::try_from(*number).ok()?],
        Value::Text(text) => text
            .split(',')
            .map(|part| {
                let part = part.trim();
                part.parse().ok().or_else(|| {
                    let wanted = part.to_lowercase();
                    column
                        .options()
                        .iter()
                        .find(|option| option.label.to_lowercase() == wanted)
                        .map(|option| option.value)
                })
            })
            .collect::<Option<_>>()?,
        _ => return None,
    };
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

fn date(value: &Value, zone: &Zone) -> Option<civil::Date> {
    let day_of = |moment: Timestamp| moment.to_zoned_datetime(zone.time_zone.clone()).date();
    match value {
        Value::Date(day) => Some(*day),
        Value::DateTime(moment) => Some(day_of(*moment)),
        Value::Text(text) => {
            let text = text.trim();
            text.parse::<Timestamp>().ok().map(day_of).or_else(|| text.parse().ok())
        }
        _ => None,
    }
    .filter(|day| day.year() >= 1)
}

fn moment(value: &Value, zone: &Zone) -> Option<Timestamp> {
    match value {
        Value::DateTime(moment) => Some(*moment),
        Value::Date(day) => start_of_day(*day, zone),
        Value::Text(text) => {
            let text = text.trim();
            text.parse::<Timestamp>().ok().or_else(|| {
                let local = text.parse::<civil::DateTime>().ok()?;
                local.to_zoned_datetime(zone.time_zone.clone()).ok().map(|zoned| zoned.timestamp())
            })
        }
        _ => None,
    }
    // What is stored is precise to the millisecond, and PostgreSQL has no moments before 4713 BC.
    .filter(|moment| moment.as_millisecond() > -62_135_596_800_000)
    .and_then(|moment| Timestamp::from_millisecond(moment.as_millisecond()).ok())
}

fn key(table: &Table, column: &Column, value: &Value) -> Result<Value, StoreError> {
    match value {
        Value::Reference(reference) => {
            let fits = match column.value_type() {
                ColumnType::Lookup { targets } => targets.contains(&reference.table),
                ColumnType::Id => reference.table == table.name,
                _ => false,
            };
            if fits {
                return Ok(value.clone());
            }
            let wanted = match column.targets() {
                [] => format!("the identifier of a {}", table.name),
                targets => format!("a row of {}", targets.join(" or ")),
            };
            Err(wrong(table, column, value, &wanted))
        }
        Value::Id(id) => Ok(Value::Id(*id)),
        Value::Text(text) => text
            .trim()
            .trim_matches(['{', '}'])
            .parse::<Uuid>()
            .map(Value::Id)
            .map_err(|_| wrong(table, column, value, "an identifier such as 0198c0de-0000-7000-8000-000000000000")),
        _ => Err(wrong(table, column, value, "an identifier such as 0198c0de-0000-7000-8000-000000000000")),
    }
}
