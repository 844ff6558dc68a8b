//! What a literal means for a column: in filters, in files, from text.

use std::str::FromStr;

use jiff::{Timestamp, civil, tz::TimeZone};
use language::{tr, translated};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use uuid::Uuid;

use super::check::{midnight, to_milliseconds};
use crate::{Choice, Column, ColumnType, Reference, Table, Value, ValueError};

type Coerced = Result<Value, ValueError>;

fn refuse(message: impl Into<String>) -> Coerced {
    Err(ValueError::new(message))
}

impl Column {
    /// The literal as a value of the column's type; limits do not matter for a comparison.
    /// Text is read as what the column holds: identifiers, numbers, days, moments, an option's
    /// number or label. An identifier for a lookup with several targets stays [`Value::Id`].
    pub fn coerce(&self, value: Value) -> Coerced {
        coerce(self.value_type(), value)
    }

    /// Text from a person or a file in plain or ISO form, as a value that may be written.
    /// Nothing but blanks is empty.
    pub fn parse_text(&self, text: &str) -> Coerced {
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        let value = if self.is_text() { Value::from(text) } else { self.coerce(Value::from(text.trim()))? };
        self.check(&value)
    }
}

impl Table {
    /// As [`Column::coerce`]; labels of states and status reasons are understood, too.
    pub fn coerce(&self, column: &str, value: Value) -> Coerced {
        let Some(column) = self.column(column) else {
            return refuse(tr!("{} has no column {column}", translated(&self.label), column));
        };
        if let Value::Text(text) = &value {
            let text = text.trim().to_lowercase();
            let states = || self.states.iter().map(|state| (&state.label, state.value));
            let statuses = || self.states.iter().flat_map(|s| &s.statuses).map(|status| (&status.label, status.value));
            let found = match column.kind {
                ColumnType::State => states().find(|(label, _)| label.to_lowercase() == text),
                ColumnType::Status => statuses().find(|(label, _)| label.to_lowercase() == text),
                _ => None,
            };
            if let Some((_, number)) = found {
                return Ok(Value::from(number));
            }
        }
        column.coerce(value)
    }
}

fn coerce(kind: &ColumnType, value: Value) -> Coerced {
    if value.is_null() {
        return Ok(Value::Null);
    }
    match kind {
        ColumnType::Text { .. } | ColumnType::Memo { .. } | ColumnType::RichText { .. } | ColumnType::AutoNumber(_) => {
            text(value)
        }
        ColumnType::Whole { .. } => whole(&value),
        ColumnType::State | ColumnType::Status => option(&value, &[]),
        ColumnType::Choice { options } => option(&value, options),
        ColumnType::MultiChoice { options } => options_of(value, options),
        ColumnType::Decimal { .. } | ColumnType::Money { .. } => decimal(&value),
        ColumnType::Boolean { yes, no } => boolean(&value, yes, no),
        ColumnType::Date => date(&value),
        ColumnType::DateTime => date_time(&value),
        ColumnType::Lookup { targets } => lookup(value, targets),
        ColumnType::PartyList { .. } => {
            refuse(tr!("an activity's people cannot be compared; filter its activity parties"))
        }
        ColumnType::Id | ColumnType::File { .. } | ColumnType::Image { .. } => match value {
            Value::Text(text) => identifier(&text).map(Value::Id),
            Value::Id(id) => Ok(Value::Id(id)),
            Value::Reference(reference) => Ok(Value::Id(reference.id)),
            _ => refuse(tr!("an identifier is needed")),
        },
        ColumnType::Calculated { result, .. } => coerce(result, value),
        ColumnType::Rollup(rollup) => coerce(&rollup.result, value),
    }
}

fn text(value: Value) -> Coerced {
    Ok(Value::Text(match value {
        Value::Text(text) => text,
        Value::Whole(number) => number.to_string(),
        Value::Decimal(number) => number.normalize().to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Date(day) => day.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::Id(id) => id.to_string(),
        _ => return refuse(tr!("text is needed")),
    }))
}

fn whole(value: &Value) -> Coerced {
    let number = match value {
        Value::Whole(number) => Some(*number),
        Value::Decimal(number) if number.fract().is_zero() => number.to_i64(),
        Value::Text(text) => match text.trim().parse() {
            Ok(number) => Some(number),
            Err(_) => number_in(text).filter(|number| number.fract().is_zero()).and_then(|number| number.to_i64()),
        },
        _ => None,
    };
    number.map_or_else(|| refuse(tr!("a whole number is needed{}", instead_of(value))), |n| Ok(Value::Whole(n)))
}

fn decimal(value: &Value) -> Coerced {
    let number = match value {
        Value::Text(text) => number_in(text),
        other => other.as_decimal(),
    };
    number.map_or_else(
        || refuse(tr!("a number is needed, for instance 1234.50{}", instead_of(value))),
        |number| Ok(Value::Decimal(number)),
    )
}

fn number_in(text: &str) -> Option<Decimal> {
    let text = text.trim();
    Decimal::from_str(text).ok().or_else(|| Decimal::from_scientific(text).ok())
}

fn instead_of(value: &Value) -> String {
    value.as_text().map_or_else(String::new, |text| {
        let shown: String = text.chars().take(40).collect();
        tr!(", not '{shown}'", shown)
    })
}

fn option(value: &Value, options: &[Choice]) -> Coerced {
    if let Value::Text(text) = value {
        let text = text.trim().to_lowercase();
        if let Some(option) = options.iter().find(|option| option.label.to_lowercase() == text) {
            return Ok(Value::from(option.value));
        }
    }
    match whole(value) {
        Ok(number) => Ok(number),
        Err(_) => refuse(tr!("an option's number or label is needed{}", instead_of(value))),
    }
}

/// Text is a list parted by commas or semicolons; labels may themselves hold commas, so the
/// whole text is tried as one label first.
fn options_of(value: Value, options: &[Choice]) -> Coerced {
    let mut numbers = match &value {
        Value::Choices(numbers) => numbers.clone(),
        Value::Text(text) => match option(&value, options) {
            Ok(one) => vec![small(&one)?],
            Err(_) => text
                .split([',', ';'])
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| option(&Value::from(part), options).and_then(|one| small(&one)))
                .collect::<Result<_, _>>()?,
        },
        other => vec![small(&whole(other)?)?],
    };
    numbers.sort_unstable();
    numbers.dedup();
    Ok(Value::Choices(numbers))
}

fn small(value: &Value) -> Result<i32, ValueError> {
    let number = value.as_whole().and_then(|number| i32::try_from(number).ok());
    number.ok_or_else(|| ValueError::new(tr!("an option's number or label is needed")))
}

fn boolean(value: &Value, yes: &str, no: &str) -> Coerced {
    let found = match value {
        Value::Boolean(yes) => Some(*yes),
        Value::Whole(0) => Some(false),
        Value::Whole(1) => Some(true),
        Value::Text(text) => match text.trim().to_lowercase() {
            text if text == yes.to_lowercase() => Some(true),
            text if text == no.to_lowercase() => Some(false),
            text => match text.as_str() {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => None,
            },
        },
        _ => None,
    };
    found.map_or_else(
        || refuse(tr!("{yes} or {no} is needed{}", instead_of(value), yes = translated(yes), no = translated(no))),
        |yes| Ok(yes.into()),
    )
}

fn date(value: &Value) -> Coerced {
    let day = match value {
        Value::Date(day) => Some(*day),
        Value::DateTime(moment) => Some(moment.to_zoned_datetime(TimeZone::UTC).date()),
        Value::Text(text) => date_in(text.trim()),
        _ => None,
    };
    day.map_or_else(
        || refuse(tr!("a day is needed, for instance 2027-03-01{}", instead_of(value))),
        |day| Ok(Value::Date(day)),
    )
}

/// A day, or the day written in a date-time, whatever its offset.
fn date_in(text: &str) -> Option<civil::Date> {
    let day = text.get(..10).unwrap_or(text);
    let rest = text.get(10..).unwrap_or_default();
    if !rest.is_empty() && !rest.starts_with(['T', 't', ' ']) {
        return None;
    }
    day.parse().ok()
}

fn date_time(value: &Value) -> Coerced {
    let moment = match value {
        Value::DateTime(moment) => Some(*moment),
        Value::Date(day) => midnight(*day),
        Value::Text(text) => moment_in(text.trim()),
        _ => None,
    };
    moment.map_or_else(
        || refuse(tr!("a moment is needed, for instance 2027-03-01T08:30:00Z{}", instead_of(value))),
        |moment| Ok(Value::DateTime(to_milliseconds(moment))),
    )
}

/// With an offset as it says; without one in UTC; a day alone is its midnight in UTC.
fn moment_in(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    if let Ok(moment) = text.parse::<civil::DateTime>() {
        return moment.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    }
    text.parse::<civil::Date>().ok().and_then(midnight)
}

fn lookup(value: Value, targets: &[String]) -> Coerced {
    let id = match value {
        Value::Reference(reference) => return Ok(Value::Reference(reference)),
        Value::Id(id) => id,
        Value::Text(text) => identifier(&text)?,
        _ => return refuse(tr!("a row's identifier is needed")),
    };
    Ok(match targets {
        [only] => Reference::new(only.clone(), id).into(),
        _ => Value::Id(id),
    })
}

fn identifier(text: &str) -> Result<Uuid, ValueError> {
    Uuid::parse_str(text.trim()).map_err(|_| {
        ValueError::new(tr!(
            "an identifier is needed, for instance 018f6e0a-5c1d-7b3a-9c6e-2f1d4b8a7e90{}",
            instead_of(&Value::from(text))
        ))
    })
}
