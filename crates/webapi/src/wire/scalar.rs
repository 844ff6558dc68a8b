//! Single values as JSON and back.

use base64::Engine as _;
use jiff::{Timestamp, civil, tz::TimeZone};
use model::{Column, ColumnType, Value};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    odata::{parse_decimal, parse_moment},
};

/// A JSON value as a value of `column`; limits are checked by the domain.
pub fn from_json(column: &Column, raw: &str) -> Result<Value> {
    let raw = raw.trim();
    let found = match raw.as_bytes().first() {
        None | Some(b'n') => return Ok(Value::Null),
        Some(b't') => Found::Boolean(true),
        Some(b'f') => Found::Boolean(false),
        Some(b'"') => {
            Found::Text(serde_json::from_str(raw).map_err(|error| Error::BadBody(format!("{}: {error}", column.name)))?)
        }
        Some(b'{') => Found::Other("an object"),
        Some(b'[') => Found::Other("a list"),
        Some(_) => Found::Number(raw),
    };
    let value = match (column.value_type(), &found) {
        (ColumnType::Boolean { .. }, Found::Boolean(yes)) => Some(Value::Boolean(*yes)),
        (
            ColumnType::Whole { .. } | ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status,
            Found::Number(raw),
        ) => whole(raw),
        (ColumnType::Decimal { .. } | ColumnType::Money { .. }, Found::Number(raw)) => {
            parse_decimal(raw).map(|number| Value::Decimal(without_noise(number)))
        }
        (ColumnType::MultiChoice { .. }, Found::Text(text)) => choices(text),
        (ColumnType::MultiChoice { .. }, Found::Number(raw)) => choices(raw),
        (ColumnType::Date, Found::Text(text)) => day(text).map(Value::Date),
        (ColumnType::DateTime, Found::Text(text)) => moment(text).map(Value::DateTime),
        // A stored file is never named by its identifier from outside; see `file_bytes`.
        (ColumnType::Id | ColumnType::Lookup { .. }, Found::Text(text)) => {
            Uuid::try_parse(text.trim()).ok().map(Value::Id)
        }
        (
            ColumnType::Text { .. } | ColumnType::Memo { .. } | ColumnType::RichText { .. } | ColumnType::AutoNumber(_),
            Found::Text(text),
        ) => Some(Value::Text(text.clone())),
        _ => None,
    };
    value.ok_or_else(|| Error::BadValue {
        column: column.name.clone(),
        message: format!("{} does not fit; write {}", found.shown(), fitting(column)),
    })
}

/// More places than any column holds: what computing with binary fractions leaves.
const NOISE: u32 = 10;

/// 0.1 + 0.2 comes as 0.30000000000000004 from programs that compute in binary; fifteen digits are what they
/// mean. What a column could hold stays as it was sent.
fn without_noise(number: Decimal) -> Decimal {
    if number.scale() <= NOISE {
        return number;
    }
    number.round_sf(15).unwrap_or(number).normalize()
}

/// True for columns whose content is a stored file, base64 on the wire.
pub fn is_file(column: &Column) -> bool {
    matches!(column.value_type(), ColumnType::File { .. } | ColumnType::Image { .. })
}

/// The content for a file column; nothing for `null`.
pub fn file_bytes(column: &Column, raw: &str) -> Result<Option<Vec<u8>>> {
    if raw.trim() == "null" {
        return Ok(None);
    }
    let text: Option<String> = serde_json::from_str(raw).ok();
    let bytes = text.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text.trim()).ok());
    bytes
        .map(Some)
        .ok_or_else(|| Error::BadValue { column: column.name.clone(), message: format!("write {}", fitting(column)) })
}

/// A stored file's content as it stands in a row.
pub fn file_text(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

enum Found<'a> {
    Boolean(bool),
    Number(&'a str),
    Text(String),
    Other(&'static str),
}

impl Found<'_> {
    fn shown(&self) -> String {
        match self {
            Self::Boolean(yes) => yes.to_string(),
            Self::Number(raw) => (*raw).to_owned(),
            Self::Text(text) => format!("the text '{}'", text.chars().take(40).collect::<String>()),
            Self::Other(what) => (*what).to_owned(),
        }
    }
}

fn whole(raw: &str) -> Option<Value> {
    if let Ok(number) = raw.parse::<i64>() {
        return Some(Value::Whole(number));
    }
    // 5.0 and 5e0 are whole numbers, too.
    let decimal = parse_decimal(raw)?;
    decimal.fract().is_zero().then(|| decimal.trunc().to_string().parse().ok()).flatten().map(Value::Whole)
}

fn choices(text: &str) -> Option<Value> {
    if text.trim().is_empty() {
        return Some(Value::Null);
    }
    let mut numbers = text.split(',').map(|part| part.trim().parse::<i32>().ok()).collect::<Option<Vec<_>>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(Value::Choices(numbers))
}

fn day(text: &str) -> Option<civil::Date> {
    let text = text.trim();
    text.parse().ok().or_else(|| parse_moment(text).map(|moment| moment.to_zoned_datetime(TimeZone::UTC).date()))
}

/// A moment, cut to milliseconds, which is what the store keeps.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let moment = parse_moment(text).or_else(|| {
        let day: civil::Date = text.parse().ok()?;
        day.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })?;
    Timestamp::from_millisecond(moment.as_millisecond()).ok()
}

fn fitting(column: &Column) -> &'static str {
    match column.value_type() {
        ColumnType::Boolean { .. } => "true or false without quotes",
        ColumnType::Whole { .. } => "a whole number without quotes",
        ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => "the number of an option without quotes",
        ColumnType::Decimal { .. } | ColumnType::Money { .. } => "a number without quotes",
        ColumnType::MultiChoice { .. } => "numbers of options in one text: \"1,3\"",
        ColumnType::Date => "a date: \"2027-02-28\"",
        ColumnType::DateTime => "a date and time with zone: \"2027-03-01T08:30:00Z\"",
        ColumnType::Id | ColumnType::Lookup { .. } => "a GUID in quotes",
        ColumnType::File { .. } | ColumnType::Image { .. } => "the file's content in base64, in quotes",
        _ => "a text in quotes",
    }
}
