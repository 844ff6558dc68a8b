//! What people type, as values: numbers as their locale writes them, moments in their time zone;
//! and the other way round, as fields show it.

use jiff::{Timestamp, civil, tz::TimeZone};
use language::tr;
use model::{Column, ColumnType, Reference, Value};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::cells::{formatted_text, plain_text};
use crate::session::Me;

/// How numbers are written and where moments are meant.
#[derive(Debug, Clone)]
pub(crate) struct Notation {
    group: String,
    decimal: String,
    zone: TimeZone,
}

impl Notation {
    /// As this person writes.
    pub fn of(me: &Me) -> Self {
        // What a formatted number has between its digits.
        let sample = me.style.number(Decimal::new(12_345, 1), 1);
        let between = |from: char, to: char| {
            let from = sample.find(from).map_or(0, |at| at + from.len_utf8());
            sample.find(to).filter(|to| *to >= from).map(|to| sample[from..to].to_owned()).unwrap_or_default()
        };
        let decimal = Some(between('4', '5')).filter(|sign| !sign.is_empty()).unwrap_or_else(|| ".".to_owned());
        Self { group: between('1', '2'), decimal, zone: me.caller.time_zone.clone() }
    }

    /// As addresses write: no groups, a point, moments in the same time zone.
    pub fn plain(zone: TimeZone) -> Self {
        Self { group: String::new(), decimal: ".".to_owned(), zone }
    }

    /// The value that was typed for a column, not yet checked against its limits.
    pub fn read(&self, column: &Column, typed: &str) -> Result<Value, String> {
        let text = typed.trim();
        let kind = column.value_type();
        if text.is_empty() {
            return Ok(Value::Null);
        }
        match kind {
            ColumnType::Text { .. } | ColumnType::AutoNumber(_) => Ok(Value::Text(text.to_owned())),
            // Browsers send line ends as CR LF; the stored text has LF.
            ColumnType::Memo { .. } => Ok(Value::Text(typed.trim_end().replace("\r\n", "\n"))),
            // There is no editor for formatting yet: what is typed is shown as typed.
            ColumnType::RichText { .. } => Ok(Value::Text(formatted_text(typed.trim_end()))),
            ColumnType::Whole { .. } => self.number(text).and_then(|number| {
                if number.fract().is_zero() {
                    Ok(Value::Decimal(number))
                } else {
                    Err(tr!("“{}” is not a whole number", text))
                }
            }),
            ColumnType::Decimal { .. } | ColumnType::Money { .. } => self.number(text).map(Value::Decimal),
            ColumnType::Boolean { .. } => match text {
                "true" => Ok(Value::Boolean(true)),
                "false" => Ok(Value::Boolean(false)),
                _ => Err(tr!("“{}” is neither yes nor no", text)),
            },
            ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => {
                choice(text).map(|number| Value::Whole(number.into()))
            }
            ColumnType::MultiChoice { .. } => {
                text.split(',').map(choice).collect::<Result<Vec<_>, _>>().map(|mut numbers| {
                    numbers.sort_unstable();
                    numbers.dedup();
                    Value::Choices(numbers)
                })
            }
            ColumnType::Date => day(text).map(Value::Date),
            ColumnType::DateTime => self.moment(text).map(Value::DateTime),
            ColumnType::Lookup { targets } => reference(text, targets).map(Value::Reference),
            ColumnType::Id | ColumnType::File { .. } | ColumnType::Image { .. } => {
                text.parse().map(Value::Id).map_err(|_| tr!("“{}” is not an identifier", text))
            }
            ColumnType::PartyList { .. } | ColumnType::Calculated { .. } | ColumnType::Rollup(_) => {
                Err(tr!("this cannot be typed"))
            }
        }
    }

    /// What a field shows for a value; reading it again gives the value, as far as the field can
    /// show it.
    pub fn write(&self, me: &Me, column: &Column, value: &Value, currency: Option<Uuid>) -> String {
        match value {
            Value::Null => String::new(),
            Value::Boolean(yes) => yes.to_string(),
            Value::Whole(number) if matches!(column.value_type(), ColumnType::Whole { .. }) => {
                me.style.number(Decimal::from(*number), 0)
            }
            Value::Whole(number) => number.to_string(),
            Value::Decimal(number) => me.style.number(*number, shown_places(me, column, *number, currency)),
            Value::Text(html) if matches!(column.value_type(), ColumnType::RichText { .. }) => plain_text(html),
            Value::Text(text) => text.clone(),
            Value::Id(id) => id.to_string(),
            Value::Reference(reference) => format!("{}:{}", reference.table, reference.id),
            Value::Date(day) => day.to_string(),
            Value::DateTime(moment) => self.local(*moment),
            Value::Choices(numbers) => numbers.iter().map(i32::to_string).collect::<Vec<_>>().join(","),
        }
    }

    /// A value as an address holds it.
    pub fn write_plain(&self, value: &Value) -> String {
        match value {
            Value::Whole(number) => number.to_string(),
            Value::Decimal(number) => number.normalize().to_string(),
            Value::Boolean(yes) => yes.to_string(),
            Value::Text(text) => text.clone(),
            Value::Id(id) => id.to_string(),
            Value::Reference(reference) => format!("{}:{}", reference.table, reference.id),
            Value::Date(day) => day.to_string(),
            Value::DateTime(moment) => self.local(*moment),
            Value::Choices(numbers) => numbers.iter().map(i32::to_string).collect::<Vec<_>>().join(","),
            Value::Null => String::new(),
        }
    }

    fn local(&self, moment: Timestamp) -> String {
        moment.to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    fn moment(&self, text: &str) -> Result<Timestamp, String> {
        let local: civil::DateTime = text
            .parse()
            .map_err(|_| tr!("“{}” is not a date and time; choose them, or write like 2026-03-31T14:30", text))?;
        local
            .to_zoned_datetime(self.zone.clone())
            .map(|zoned| zoned.timestamp())
            .map_err(|_| tr!("“{}” is outside the calendar", text))
    }

    /// A number as the locale writes it. Groups must stand where groups stand: a comma that means
    /// something else elsewhere must not turn 185,000.00 into 185.
    pub fn number(&self, typed: &str) -> Result<Decimal, String> {
        let blank = |letter: char| letter.is_whitespace() || matches!(letter, '\u{a0}' | '\u{202f}' | '\'' | '’');
        let text: String = typed
            .chars()
            .filter(|letter| !blank(*letter))
            .map(|letter| if letter == '−' { '-' } else { letter })
            .collect();
        let group: String = self.group.chars().filter(|letter| !blank(*letter)).collect();
        self.plain_number(&text, &group).and_then(|plain| plain.parse().ok()).ok_or_else(|| {
            let group = if self.group.is_empty() { "" } else { &self.group };
            tr!("“{}” is not a number; write it like {}", typed, format_args!("1{group}250{}50", self.decimal))
        })
    }

    fn plain_number(&self, text: &str, group: &str) -> Option<String> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once(self.decimal.as_str()).unwrap_or((digits, ""));
        let parts: Vec<&str> = if group.is_empty() { vec![whole] } else { whole.split(group).collect() };
        let all_digits =
            parts.iter().copied().chain([fraction]).all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let grouped = match parts.as_slice() {
            [_] => true,
            [first, middle @ .., last] => {
                (1..=3).contains(&first.len())
                    && middle.iter().all(|part| (2..=3).contains(&part.len()))
                    && last.len() == 3
            }
            [] => false,
        };
        let something = !whole.is_empty() || !fraction.is_empty();
        (all_digits && grouped && something).then(|| {
            let whole = parts.concat();
            let whole = if whole.is_empty() { "0" } else { whole.as_str() };
            if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
        })
    }
}

/// Digits after the decimal sign that a field shows: the currency's or the column's, more where
/// the value has more, so that no digit is lost by saving.
fn shown_places(me: &Me, column: &Column, number: Decimal, currency: Option<Uuid>) -> u32 {
    places(me, column, currency).max(number.normalize().scale())
}

/// Digits after the decimal sign of a column: the currency's for money.
pub(crate) fn places(me: &Me, column: &Column, currency: Option<Uuid>) -> u32 {
    let organization = me.caller.organization();
    match column.value_type() {
        ColumnType::Money { base, .. } => {
            let own = currency.filter(|_| !base).and_then(|id| organization.currency(id));
            own.or_else(|| organization.base_currency()).map_or(2, |currency| currency.precision)
        }
        ColumnType::Decimal { precision, .. } => *precision,
        _ => 0,
    }
}

fn choice(text: &str) -> Result<i32, String> {
    text.trim().parse().map_err(|_| tr!("“{}” is not one of the options", text))
}

/// A day from a date field.
pub(crate) fn day(text: &str) -> Result<civil::Date, String> {
    text.parse().map_err(|_| tr!("“{}” is not a date; choose one, or write like 2026-03-31", text))
}

/// A row chosen in a lookup: `table:id`.
pub(crate) fn reference(text: &str, targets: &[String]) -> Result<Reference, String> {
    let (table, id) =
        text.split_once(':').ok_or_else(|| tr!("“{}” was not chosen from the list; type and pick a match", text))?;
    let id = id.parse().map_err(|_| tr!("“{}” was not chosen from the list; type and pick a match", text))?;
    if targets.iter().any(|target| target == table) {
        return Ok(Reference::new(table, id));
    }
    Err(tr!("choose one of {}, not {}", targets.join(&tr!("between conditions" => " or ")), table))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notation(group: &str, decimal: &str) -> Notation {
        Notation { group: group.to_owned(), decimal: decimal.to_owned(), zone: TimeZone::UTC }
    }

    #[test]
    fn numbers_are_read_as_the_locale_writes_them() {
        let read =
            |group: &str, decimal: &str, text: &str| notation(group, decimal).number(text).ok().map(|n| n.to_string());
        assert_eq!(read(",", ".", "1,250,000.50").as_deref(), Some("1250000.50"));
        assert_eq!(read(".", ",", "1.250.000,50").as_deref(), Some("1250000.50"));
        assert_eq!(read("\u{202f}", ",", "1 250,5").as_deref(), Some("1250.5"));
        assert_eq!(read(",", ".", "−12").as_deref(), Some("-12"));
        assert_eq!(read(",", ".", ".5").as_deref(), Some("0.5"));
    }

    #[test]
    fn a_number_of_another_locale_is_refused_rather_than_misread() {
        for (group, decimal, text) in [
            (".", ",", "185,000.00"),
            (",", ".", "1.234,56"),
            (",", ".", "1,23"),
            (",", ".", "about 5"),
            (",", ".", ""),
        ] {
            assert!(notation(group, decimal).number(text).is_err(), "{text}");
        }
    }
}
