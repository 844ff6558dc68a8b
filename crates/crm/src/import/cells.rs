//! Text of a cell to the value of a column.

use jiff::tz::TimeZone;
use language::{tr, translated};
use model::{Column, ColumnType, Reference, Table, Value};
use tabular::{DateOrder, NumberStyle, parse};

use super::{
    labels::{Labels, YES},
    matching::folded,
    plan::Reading,
};

/// A value, and what a person should know about how it was found.
pub(super) struct Understood {
    pub value: Value,
    pub remark: Option<String>,
}

/// Reads `text` as a value of `column`, whose labels these are; the error says what would be right.
pub(super) fn read(
    table: &Table,
    column: &Column,
    labels: &Labels,
    reading: &Reading,
    zone: &TimeZone,
    text: &str,
) -> Result<Understood, String> {
    let replaced =
        reading.values.iter().find(|(word, _)| folded(word) == folded(text)).map(|(_, meaning)| meaning.as_str());
    let text = replaced.unwrap_or(text).trim();
    if text.is_empty() {
        return Ok(Understood { value: Value::Null, remark: None });
    }
    let plain = |value: Value| Understood { value, remark: None };
    let numbers = reading.numbers.unwrap_or_default();
    let understood = match column.value_type() {
        ColumnType::Whole { .. } => plain(whole(text, numbers)?),
        ColumnType::Decimal { .. } | ColumnType::Money { .. } => plain(Value::Decimal(decimal(text, numbers)?)),
        ColumnType::Boolean { yes, no } => plain(boolean(text, labels, reading, yes, no)?.into()),
        ColumnType::Choice { .. } => choice(column, labels, text)?,
        ColumnType::State | ColumnType::Status => {
            plain(table.coerce(&column.name, Value::from(labels.in_english(text))).map_err(|error| error.message)?)
        }
        ColumnType::MultiChoice { .. } => {
            let words: Vec<&str> = text.split(';').map(|word| labels.in_english(word)).collect();
            plain(column.coerce(Value::from(words.join(";"))).map_err(|error| error.message)?)
        }
        ColumnType::Date => plain(date(text, reading.dates)?.into()),
        ColumnType::DateTime => plain(moment(text, reading.dates, zone)?.into()),
        ColumnType::Lookup { targets } => plain(reference(text, targets)?),
        _ if column.is_text() => plain(Value::from(text)),
        _ => plain(column.coerce(Value::from(text)).map_err(|error| error.message)?),
    };
    let value = table.check(&column.name, &understood.value).map_err(|error| error.message)?;
    Ok(Understood { value, remark: understood.remark })
}

pub(super) fn decimal(text: &str, style: NumberStyle) -> Result<rust_decimal::Decimal, String> {
    parse::decimal(text, style).ok_or_else(|| tr!("'{}' is not a number; write it as {}", short(text), example(style)))
}

const fn example(style: NumberStyle) -> &'static str {
    match style {
        NumberStyle::Point => "1234.50",
        NumberStyle::Comma => "1234,50",
    }
}

fn whole(text: &str, style: NumberStyle) -> Result<Value, String> {
    let number =
        parse::decimal(text, style).ok_or_else(|| tr!("'{}' is not a whole number; write it as 1234", short(text)))?;
    if !number.fract().is_zero() {
        return Err(tr!("'{}' is not a whole number", short(text)));
    }
    i64::try_from(number.trunc()).map(Value::Whole).map_err(|_| tr!("'{}' is too large", short(text)))
}

fn boolean(text: &str, labels: &Labels, reading: &Reading, yes: &str, no: &str) -> Result<bool, String> {
    let word = folded(text);
    let among = |words: &[String]| words.iter().any(|known| folded(known) == word);
    let labelled = labels.named(text).map(|label| label.number == YES);
    if among(&reading.yes) || labelled == Some(true) {
        return Ok(true);
    }
    if among(&reading.no) || labelled == Some(false) {
        return Ok(false);
    }
    parse::boolean(text).ok_or_else(|| {
        tr!(
            "'{}' is neither yes nor no; write {yes} or {no}, or name the word in the mapping",
            short(text),
            yes = translated(yes),
            no = translated(no)
        )
    })
}

/// The option by its label, label written a little differently, or number.
fn choice(column: &Column, labels: &Labels, text: &str) -> Result<Understood, String> {
    if let Some(option) = labels.named(text) {
        return Ok(Understood { value: option.number.into(), remark: None });
    }
    if let Some(option) = labels.nearly_named(text) {
        let remark = tr!(
            "{}: '{}' was taken as the option '{}'",
            translated(&column.label),
            short(text),
            translated(&option.english)
        );
        return Ok(Understood { value: option.number.into(), remark: Some(remark) });
    }
    if let Some(option) =
        text.parse().ok().and_then(|number: i32| column.options().iter().find(|option| option.value == number))
    {
        return Ok(Understood { value: option.value.into(), remark: None });
    }
    Err(tr!(
        "'{}' is not an option; allow the import to add options, or say in the mapping which option is meant",
        short(text)
    ))
}

pub(super) fn date(text: &str, order: Option<DateOrder>) -> Result<jiff::civil::Date, String> {
    let order = order.unwrap_or(DateOrder::Ambiguous);
    let found = parse::date(text, order).or_else(|| parse::date_time(text, order).map(jiff::civil::DateTime::date));
    found.ok_or_else(|| match order {
        DateOrder::Ambiguous => tr!("'{}' is not a date that reads in one way only; write 2027-03-31, or say in the mapping dates = \"day_first\" or \"month_first\"", short(text)),
        _ => tr!("'{}' is not a date; write 2027-03-31", short(text)),
    })
}

/// A moment as written; without an offset in the caller's time zone. A day without an hour is
/// its noon, so that it is the same day wherever it is looked at.
pub(super) fn moment(text: &str, order: Option<DateOrder>, zone: &TimeZone) -> Result<jiff::Timestamp, String> {
    let wanted = order.unwrap_or(DateOrder::Ambiguous);
    let Some((at, offset)) = parse::date_time_with_offset(text, wanted) else {
        return Err(date(text, order)
            .err()
            .unwrap_or_else(|| tr!("'{}' is not a moment; write 2027-03-31 08:30", short(text))));
    };
    let is_day = offset.is_none() && at.time() == jiff::civil::Time::midnight() && !text.contains(':');
    let at = if is_day { at.date().at(12, 0, 0, 0) } else { at };
    let zone = offset.map_or_else(|| zone.clone(), TimeZone::fixed);
    at.to_zoned_datetime(zone)
        .map(|zoned| zoned.timestamp())
        .map_err(|error| tr!("'{}' is not a moment: {error}", short(text), error))
}

/// A row by its identifier, with its table before it where there are several: `account:018f…`.
fn reference(text: &str, targets: &[String]) -> Result<Value, String> {
    let (table, id) = match text.split_once(':') {
        Some((table, id)) => (Some(table), id),
        None => (None, text),
    };
    let id = uuid::Uuid::parse_str(id.trim()).map_err(|_| {
        tr!("'{}' is not an identifier; say in the mapping as = \"lookup\" to find rows by name", short(text))
    })?;
    match (table, targets) {
        (Some(table), _) if targets.iter().any(|target| target == table) => Ok(Reference::new(table, id).into()),
        (None, [only]) => Ok(Reference::new(only.clone(), id).into()),
        _ => Err(tr!(
            "say which table is meant before the identifier: {}",
            targets.iter().map(|t| format!("{t}:…")).collect::<Vec<_>>().join(&tr!(" or "))
        )),
    }
}

/// At most 60 signs of a cell, for messages.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST).chain(['…']).collect() }
}
