//! Constants of an address as values of the column they are compared with.

use jiff::{civil, tz::TimeZone};
use model::{Column, ColumnType, Value};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    odata::Literal,
};

/// The constant as a value of `column`; [`Value::Null`] for `null`.
pub fn as_value(column: &Column, literal: &Literal) -> Result<Value> {
    let value = match (column.value_type(), literal) {
        (_, Literal::Null) => Some(Value::Null),
        (ColumnType::Id | ColumnType::Lookup { .. } | ColumnType::File { .. } | ColumnType::Image { .. }, literal) => {
            guid(literal)
        }
        (
            ColumnType::Text { .. } | ColumnType::Memo { .. } | ColumnType::RichText { .. } | ColumnType::AutoNumber(_),
            literal,
        ) => text(literal),
        (
            ColumnType::Whole { .. } | ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status,
            Literal::Whole(number),
        ) => Some(Value::Whole(*number)),
        (ColumnType::Whole { .. }, Literal::Decimal(number)) => whole_of(*number),
        (ColumnType::Decimal { .. } | ColumnType::Money { .. }, Literal::Whole(number)) => {
            Some(Value::Decimal((*number).into()))
        }
        (ColumnType::Decimal { .. } | ColumnType::Money { .. }, Literal::Decimal(number)) => {
            Some(Value::Decimal(*number))
        }
        (ColumnType::Boolean { .. }, Literal::Boolean(yes)) => Some(Value::Boolean(*yes)),
        (ColumnType::MultiChoice { .. }, Literal::Whole(number)) => {
            i32::try_from(*number).ok().map(|one| Value::Choices(vec![one]))
        }
        (ColumnType::MultiChoice { .. }, Literal::Text(text)) => choices(text),
        (ColumnType::Date, literal) => day(literal).map(Value::Date),
        (ColumnType::DateTime, literal) => moment(literal).map(Value::DateTime),
        _ => None,
    };
    value.ok_or_else(|| mismatch(column, literal.kind()))
}

/// The constant as a value of `column`, texts being read as what the column holds: arguments of
/// functions are always quoted (`PropertyValues=['1','2']`).
pub fn as_value_from_text(column: &Column, literal: &Literal) -> Result<Value> {
    let Literal::Text(text) = literal else { return as_value(column, literal) };
    let value = match column.value_type() {
        ColumnType::Whole { .. } | ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => {
            text.trim().parse::<i64>().ok().map(Value::Whole)
        }
        ColumnType::Decimal { .. } | ColumnType::Money { .. } => {
            crate::odata::parse_decimal(text.trim()).map(Value::Decimal)
        }
        ColumnType::Boolean { .. } => match text.trim() {
            "true" | "1" => Some(Value::Boolean(true)),
            "false" | "0" => Some(Value::Boolean(false)),
            _ => None,
        },
        _ => return as_value(column, literal),
    };
    value.ok_or_else(|| mismatch(column, &format!("'{text}'")))
}

fn guid(literal: &Literal) -> Option<Value> {
    match literal {
        Literal::Guid(id) => Some(Value::Id(*id)),
        Literal::Text(text) => Uuid::try_parse(text.trim()).ok().map(Value::Id),
        _ => None,
    }
}

fn text(literal: &Literal) -> Option<Value> {
    match literal {
        Literal::Text(text) => Some(Value::Text(text.clone())),
        Literal::Guid(id) => Some(Value::Text(id.to_string())),
        _ => None,
    }
}

fn whole_of(number: rust_decimal::Decimal) -> Option<Value> {
    // 5.0 is 5; 5.5 can be no whole number's value.
    number.fract().is_zero().then(|| number.trunc().to_string().parse().ok()).flatten().map(Value::Whole)
}

fn choices(text: &str) -> Option<Value> {
    let mut numbers = text.split(',').map(|part| part.trim().parse::<i32>().ok()).collect::<Option<Vec<_>>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(Value::Choices(numbers))
}

fn day(literal: &Literal) -> Option<civil::Date> {
    match literal {
        Literal::Date(day) => Some(*day),
        Literal::DateTime(moment) => Some(moment.to_zoned_datetime(TimeZone::UTC).date()),
        Literal::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn moment(literal: &Literal) -> Option<jiff::Timestamp> {
    match literal {
        Literal::DateTime(moment) => Some(*moment),
        Literal::Date(day) => day.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
        Literal::Text(text) => {
            let text = text.trim();
            crate::odata::parse_moment(text).or_else(|| moment(&Literal::Date(text.parse().ok()?)))
        }
        _ => None,
    }
}

fn mismatch(column: &Column, found: &str) -> Error {
    Error::BadValue {
        column: column.name.clone(),
        message: format!("cannot be compared with {found}; write {}", fitting(column)),
    }
}

/// What a constant for this column looks like.
pub fn fitting(column: &Column) -> &'static str {
    match column.value_type() {
        ColumnType::Id | ColumnType::Lookup { .. } | ColumnType::File { .. } | ColumnType::Image { .. } => {
            "a GUID: 6f9619ff-8b86-d011-b42d-00c04fc964ff"
        }
        ColumnType::Whole { .. } => "a whole number: 42",
        ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => "the number of an option: 1",
        ColumnType::Decimal { .. } | ColumnType::Money { .. } => "a number: 1500.50",
        ColumnType::Boolean { .. } => "true or false",
        ColumnType::MultiChoice { .. } => "numbers of options as a text: '1,3'",
        ColumnType::Date => "a date: 2027-02-28",
        ColumnType::DateTime => "a date and time: 2027-03-01T08:30:00Z",
        _ => "a text in quotes: 'x'",
    }
}
