//! Values as people read them: labels, separators, dates in the reader's locale and time zone.

use jiff::{Timestamp, civil};
use language::tr;
use model::{Column, ColumnType, Reference, Table, Value};
use pure_rust_locales::{Locale, locale_match};
use rust_decimal::Decimal;

use crate::{Caller, locality, reading::Names};

/// How numbers and dates are written where the reader lives.
#[derive(Debug, Clone)]
pub struct Style {
    locale: Locale,
    group: &'static str,
    decimal: &'static str,
    /// Four digits of the year: two leave open what is day and what is year.
    date: String,
    twelve_hours: bool,
    zone: jiff::tz::TimeZone,
}

impl Style {
    /// The caller's style.
    pub fn of(caller: &Caller) -> Self {
        let locale = locality::style_of(&caller.locale);
        let group = locale_match!(locale => LC_NUMERIC::THOUSANDS_SEP);
        let decimal = locale_match!(locale => LC_NUMERIC::DECIMAL_POINT);
        let date = locale_match!(locale => LC_TIME::D_FMT).replace("%y", "%Y");
        let time = locale_match!(locale => LC_TIME::T_FMT);
        let twelve_hours = ["%r", "%I", "%l", "%p"].iter().any(|part| time.contains(part));
        Self { locale, group, decimal, date, twelve_hours, zone: caller.time_zone.clone() }
    }

    /// A decimal with separators and exactly `places` places.
    pub fn number(&self, number: Decimal, places: u32) -> String {
        let plain = format!("{:.*}", places as usize, number.round_dp(places).abs());
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let mut text = String::new();
        if number.is_sign_negative() && !number.is_zero() {
            text.push('-');
        }
        for (position, digit) in whole.chars().enumerate() {
            if position > 0 && (whole.len() - position).is_multiple_of(3) {
                text.push_str(self.group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push_str(self.decimal);
            text.push_str(fraction);
        }
        text
    }

    /// An amount with its currency's symbol and places.
    pub fn money(&self, amount: Decimal, caller: &Caller, currency: Option<uuid::Uuid>) -> String {
        let organization = caller.organization();
        let known = currency.and_then(|id| organization.currency(id)).or_else(|| organization.base_currency());
        let (symbol, places) = known.map_or(("", 2), |currency| (currency.symbol.as_str(), currency.precision));
        self.with_symbol(amount, symbol, places)
    }

    /// An amount in the base currency in whole units, for totals that are read at a glance.
    pub fn whole_money(&self, amount: Decimal, caller: &Caller) -> String {
        let base = caller.organization().base_currency();
        self.with_symbol(amount, base.map_or("", |currency| currency.symbol.as_str()), 0)
    }

    fn with_symbol(&self, amount: Decimal, symbol: &str, places: u32) -> String {
        let before = locale_match!(self.locale => LC_MONETARY::P_CS_PRECEDES) != 0;
        let number = self.number(amount, places);
        match (symbol.is_empty(), before) {
            (true, _) => number,
            (false, true) if symbol.chars().count() > 1 => format!("{symbol} {number}"),
            (false, true) => {
                number.strip_prefix('-').map_or_else(|| format!("{symbol}{number}"), |n| format!("-{symbol}{n}"))
            }
            (false, false) => format!("{number} {symbol}"),
        }
    }

    /// A day.
    pub fn date(&self, day: civil::Date) -> String {
        jiff::fmt::strtime::format(&self.date, day).unwrap_or_else(|_| day.to_string())
    }

    /// A moment, to the minute, in the reader's time zone.
    pub fn date_time(&self, moment: Timestamp) -> String {
        let zoned = moment.to_zoned_datetime(self.zone.clone());
        format!("{} {}", self.date(zoned.date()), self.time(moment))
    }

    /// The time of day, to the minute, in the reader's time zone.
    pub fn time(&self, moment: Timestamp) -> String {
        let zoned = moment.to_zoned_datetime(self.zone.clone());
        let time = if self.twelve_hours { "%-I:%M %p" } else { "%H:%M" };
        jiff::fmt::strtime::format(time, &zoned).unwrap_or_default()
    }
}

/// A cell as people read it. `row_currency` is the row's currency, for money.
pub fn value(
    caller: &Caller,
    style: &Style,
    table: &Table,
    column: &Column,
    value: &Value,
    row_currency: Option<uuid::Uuid>,
    names: &Names,
) -> String {
    match value {
        Value::Null => String::new(),
        Value::Boolean(yes) => boolean_label(column, *yes),
        Value::Whole(number) => {
            whole_label(table, column, *number).unwrap_or_else(|| style.number(Decimal::from(*number), 0))
        }
        Value::Decimal(number) => match column.value_type() {
            ColumnType::Money { base: true, .. } => style.money(*number, caller, None),
            ColumnType::Money { .. } => style.money(*number, caller, row_currency),
            ColumnType::Decimal { precision, .. } => style.number(*number, *precision),
            _ => style.number(*number, number.scale()),
        },
        Value::Text(text) => text.clone(),
        Value::Id(id) => id.to_string(),
        Value::Reference(reference) => name(reference, names),
        Value::Date(day) => style.date(*day),
        Value::DateTime(moment) => style.date_time(*moment),
        Value::Choices(numbers) => {
            let labels: Vec<String> = numbers.iter().map(|number| choice_label(column, *number)).collect();
            labels.join("; ")
        }
    }
}

/// The label of a choice, state or status number.
pub fn whole_label(table: &Table, column: &Column, number: i64) -> Option<String> {
    let number = i32::try_from(number).ok()?;
    match column.value_type() {
        ColumnType::Choice { .. } => Some(choice_label(column, number)),
        ColumnType::State => Some(table.state(number).map_or_else(|| number.to_string(), |state| state.label.clone())),
        ColumnType::Status => {
            Some(table.status(number).map_or_else(|| number.to_string(), |status| status.label.clone()))
        }
        _ => None,
    }
}

/// The design colour of a choice, state or status number, where it has one.
pub fn color<'t>(table: &'t Table, column: &'t Column, number: i64) -> Option<&'t str> {
    let number = i32::try_from(number).ok()?;
    match column.value_type() {
        ColumnType::Choice { .. } => column.options().iter().find(|o| o.value == number)?.color.as_deref(),
        ColumnType::Status => table.status(number)?.color.as_deref(),
        _ => None,
    }
}

fn choice_label(column: &Column, number: i32) -> String {
    let known = column.options().iter().find(|option| option.value == number);
    known.map_or_else(|| number.to_string(), |option| option.label.clone())
}

pub(crate) fn boolean_label(column: &Column, value: bool) -> String {
    match column.value_type() {
        ColumnType::Boolean { yes, no } => {
            if value {
                yes.clone()
            } else {
                no.clone()
            }
        }
        _ => {
            if value {
                tr!("Yes")
            } else {
                tr!("No")
            }
        }
    }
}

fn name(reference: &Reference, names: &Names) -> String {
    names.get(reference).map_or_else(|| tr!("(no name)"), str::to_owned)
}
