//! Type and limits of a value to be written.

use jiff::{Timestamp, civil, tz::TimeZone};
use language::{tr, translated};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::format::written;
use crate::{Choice, Column, ColumnType, Reference, Table, Value, ValueError};

type Checked = Result<Value, ValueError>;

/// Money is stored with this many places.
pub(crate) const MONEY_PLACES: u32 = 4;

fn refuse(message: impl Into<String>) -> Checked {
    Err(ValueError::new(message))
}

impl Column {
    /// The value as it will be stored, or what would fit. Empty always fits; whether a column
    /// must be filled is another question. State and status are judged by [`Table::check`].
    pub fn check(&self, value: &Value) -> Checked {
        let value = check(self.value_type(), value)?;
        match (&self.kind, &value) {
            (ColumnType::Text { format, .. }, Value::Text(text)) => written(*format, text),
            _ => Ok(value),
        }
    }
}

impl Table {
    /// As [`Column::check`], with the table's states and status reasons known.
    pub fn check(&self, column: &str, value: &Value) -> Checked {
        let Some(column) = self.column(column) else {
            return refuse(tr!("{} has no column {column}", translated(&self.label), column));
        };
        let value = column.check(value)?;
        let Some(number) = value.as_whole().and_then(|number| i32::try_from(number).ok()) else { return Ok(value) };
        match column.kind {
            ColumnType::State if self.state(number).is_none() => {
                let known = self.states.iter().map(|state| (state.value, state.label.as_str()));
                refuse(tr!("{number} is not a state; there are {}", listed(known), number))
            }
            ColumnType::Status if self.status(number).is_none() => {
                let known = self.states.iter().flat_map(|state| &state.statuses);
                let known = known.map(|status| (status.value, status.label.as_str()));
                refuse(tr!("{number} is not a status reason; there are {}", listed(known), number))
            }
            _ => Ok(value),
        }
    }
}

fn check(kind: &ColumnType, value: &Value) -> Checked {
    if value.is_null() {
        return Ok(Value::Null);
    }
    match kind {
        ColumnType::Text { length, .. } => text(value, *length, true),
        ColumnType::Memo { length } | ColumnType::RichText { length } => text(value, *length, false),
        ColumnType::AutoNumber(_) => text(value, 100, true),
        ColumnType::Whole { min, max } => whole(value, *min, *max),
        ColumnType::Decimal { precision, min, max } => decimal(value, *precision, *min, *max),
        ColumnType::Money { min, max, .. } => decimal(value, MONEY_PLACES, *min, *max),
        ColumnType::Boolean { yes, no } => match value {
            Value::Boolean(_) => Ok(value.clone()),
            _ => refuse(tr!(
                "this is either {yes} or {no}: write true or false",
                yes = translated(yes),
                no = translated(no)
            )),
        },
        ColumnType::Choice { options } => choice(value, options),
        ColumnType::MultiChoice { options } => choices(value, options),
        ColumnType::State | ColumnType::Status => number(value),
        ColumnType::Date => date(value),
        ColumnType::DateTime => date_time(value),
        ColumnType::Lookup { targets } => lookup(value, targets),
        ColumnType::PartyList { .. } => refuse(tr!("the people of an activity are written as its activity parties")),
        ColumnType::Id | ColumnType::File { .. } | ColumnType::Image { .. } => match value {
            Value::Id(_) => Ok(value.clone()),
            _ => refuse(tr!("an identifier is needed, for instance 018f6e0a-5c1d-7b3a-9c6e-2f1d4b8a7e90")),
        },
        ColumnType::Calculated { result, .. } => check(result, value),
        ColumnType::Rollup(rollup) => check(&rollup.result, value),
    }
}

/// Trailing blanks go; nothing left is empty. One line stays one line.
fn text(value: &Value, length: u32, one_line: bool) -> Checked {
    let Value::Text(text) = value else { return refuse(tr!("text is needed")) };
    let trimmed = text.trim_end();
    if trimmed.is_empty() {
        return Ok(Value::Null);
    }
    if trimmed.contains('\0') {
        return refuse(tr!("the text holds a character no database keeps (U+0000); remove it"));
    }
    let kept = if one_line && trimmed.contains(['\r', '\n']) {
        trimmed.split(['\r', '\n']).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    } else {
        trimmed.to_owned()
    };
    let count = kept.chars().count();
    if count > length as usize {
        return refuse(tr!("at most {length} characters fit, this has {count}", length, count));
    }
    Ok(Value::Text(kept))
}

fn whole(value: &Value, min: i64, max: i64) -> Checked {
    let number = match value {
        Value::Whole(number) => *number,
        Value::Decimal(number) if number.fract().is_zero() => match number.to_i64() {
            Some(number) => number,
            None => return refuse(tr!("a whole number from {min} to {max} is needed", min, max)),
        },
        _ => return refuse(tr!("a whole number is needed")),
    };
    if number < min || number > max {
        return refuse(tr!("a number from {min} to {max} is needed, not {number}", min, max, number));
    }
    Ok(Value::Whole(number))
}

/// Nobody's figures are changed silently: what does not fit the places is refused.
fn decimal(value: &Value, places: u32, min: Decimal, max: Decimal) -> Checked {
    let Some(number) = value.as_decimal() else { return refuse(tr!("a number is needed")) };
    let number = number.normalize();
    if number.scale() > places {
        return refuse(tr!(
            "at most {places} decimal places fit, {number} has {}; write for instance {}",
            number.scale(),
            number.round_dp(places),
            places,
            number
        ));
    }
    if number < min || number > max {
        return refuse(tr!("a number from {} to {} is needed, not {number}", min.normalize(), max.normalize(), number));
    }
    Ok(Value::Decimal(number))
}

fn number(value: &Value) -> Checked {
    match whole(value, i64::from(i32::MIN), i64::from(i32::MAX)) {
        Ok(number) => Ok(number),
        Err(_) => refuse(tr!("the number of an option is needed")),
    }
}

fn choice(value: &Value, options: &[Choice]) -> Checked {
    let value = number(value)?;
    let known = options.iter().any(|option| Some(i64::from(option.value)) == value.as_whole());
    if known { Ok(value) } else { refuse(unknown_option(value.as_whole().unwrap_or_default(), options)) }
}

fn choices(value: &Value, options: &[Choice]) -> Checked {
    let mut numbers = match value {
        Value::Choices(numbers) => numbers.clone(),
        Value::Whole(number) => match i32::try_from(*number) {
            Ok(number) => vec![number],
            Err(_) => return refuse(unknown_option(*number, options)),
        },
        _ => return refuse(tr!("the numbers of the chosen options are needed")),
    };
    numbers.sort_unstable();
    numbers.dedup();
    if let Some(number) = numbers.iter().find(|number| !options.iter().any(|option| option.value == **number)) {
        return refuse(unknown_option(i64::from(*number), options));
    }
    Ok(if numbers.is_empty() { Value::Null } else { Value::Choices(numbers) })
}

fn unknown_option(number: i64, options: &[Choice]) -> String {
    let offered = options.iter().filter(|option| !option.hidden);
    let offered = offered.map(|option| (option.value, option.label.as_str()));
    tr!("{number} is not an option; there are {}", listed(offered), number)
}

/// `1 New, 2 Contacted`; long lists are cut.
fn listed<'a>(options: impl Iterator<Item = (i32, &'a str)>) -> String {
    const MOST: usize = 20;
    let mut parts: Vec<String> =
        options.take(MOST + 1).map(|(value, label)| format!("{value} {}", translated(label))).collect();
    if parts.len() > MOST {
        "…".clone_into(&mut parts[MOST]);
    }
    parts.join(", ")
}

fn date(value: &Value) -> Checked {
    match value {
        Value::Date(day) => within_years(i64::from(day.year())).map(|()| value.clone()),
        _ => refuse(tr!("a day is needed, for instance 2027-03-01")),
    }
}

fn date_time(value: &Value) -> Checked {
    let Value::DateTime(moment) = value else {
        return refuse(tr!("a moment is needed, for instance 2027-03-01T08:30:00Z"));
    };
    within_years(i64::from(moment.to_zoned_datetime(TimeZone::UTC).year()))?;
    Ok(Value::DateTime(to_milliseconds(*moment)))
}

/// Moments are kept to the millisecond; what is finer is cut off.
pub(super) fn to_milliseconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}

/// Dataverse's limits: every client knows these days, and their years sort as text.
fn within_years(year: i64) -> Result<(), ValueError> {
    if (1753..=9999).contains(&year) {
        Ok(())
    } else {
        Err(ValueError::new(tr!("a day from 1753-01-01 to 9999-12-31 is needed; the year {year} is outside", year)))
    }
}

fn lookup(value: &Value, targets: &[String]) -> Checked {
    match value {
        Value::Reference(reference) if targets.contains(&reference.table) => Ok(value.clone()),
        Value::Reference(reference) => {
            refuse(tr!("this cannot point at {}; it may point at {}", reference.table, either(targets)))
        }
        Value::Id(id) if targets.len() == 1 => Ok(Reference::new(targets[0].clone(), *id).into()),
        Value::Id(_) => refuse(tr!("say which table is meant: {}", either(targets))),
        _ => refuse(tr!("a row of {} is needed", either(targets))),
    }
}

/// Words of which one is meant: `account or contact`.
pub fn either<T: AsRef<str>>(words: &[T]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    words.join(&tr!(" or "))
}

/// Midnight UTC of a day.
pub(super) fn midnight(day: civil::Date) -> Option<Timestamp> {
    day.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
