//! Rows of a list under heads: by a choice, a person, a word, or the month of a date.

use crm::{Aggregate, AggregateFunction, DatePart, Grouping, Query};
use jiff::{ToSpan, civil::Date};
use language::tr;
use model::{Column, ColumnType, Filter, Model, Operator, Order, Path, Table, Value};

use super::{cells::Cells, filters::offered, input::Notation, list::List, order::by_label, totals::Totals};
use crate::{components::OptionGroup, session::Me};

/// Groups shown at most, those with most rows.
pub(crate) const MOST_GROUPS: u32 = 200;
const KEY: &str = "key";
const COUNT: &str = "count";
/// In an address: the group of rows without a value, and what comes before a value.
const EMPTY: &str = "-";
const FILLED: &str = "=";

/// By what rows are grouped.
pub(crate) struct Grouped<'m> {
    pub column: &'m Column,
    part: Option<DatePart>,
}

impl<'m> Grouped<'m> {
    /// What the list groups by; none where nothing, or nothing that can be grouped by.
    pub fn of(me: &Me, model: &'m Model, table: &Table, list: &List) -> Option<Self> {
        Self::by(me, model, table, list.grouped_by()?)
    }

    /// By `createdon:month`, as an address says it; none where nothing can be grouped by that.
    pub fn by(me: &Me, model: &'m Model, table: &Table, key: &str) -> Option<Self> {
        let (name, part) = taken_apart(key)?;
        let column = model.table(&table.name)?.column(name).filter(|column| me.caller.may_read(column))?;
        (can_group(column) && is_dated(column) == part.is_some()).then_some(Self { column, part })
    }

    fn path(&self) -> Path {
        Path::column(self.column.name.as_str())
    }

    /// Asks for the groups with their totals.
    pub fn ask(&self, totals: Option<&Totals>, base: Query, filter: Filter) -> Query {
        let mut query = match totals {
            Some(totals) => totals.ask(base, filter),
            None => base.matching(filter),
        };
        query.group_by = vec![Grouping { path: self.path(), part: self.part, alias: KEY.to_owned() }];
        let count = Aggregate { function: AggregateFunction::Count, path: None, alias: COUNT.to_owned() };
        query.aggregates.insert(0, count);
        query.order_by(Order::descending(COUNT)).take(MOST_GROUPS)
    }

    /// The rows of the group with this value.
    pub fn filter(&self, value: &Value) -> Filter {
        let path = self.path();
        match (value, self.part) {
            (Value::Null, _) => Filter::unary(path, Operator::Null),
            (Value::Date(first), Some(part)) => {
                let from = Filter::compare(path.clone(), Operator::OnOrAfter, *first);
                from.and(Filter::compare(path, Operator::OnOrBefore, last_day(*first, part)))
            }
            _ => Filter::eq(path, value.clone()),
        }
    }

    /// The value that an address holds.
    pub fn read(&self, me: &Me, text: &str) -> Result<Value, String> {
        let Some(text) = text.strip_prefix(FILLED) else {
            return if text == EMPTY { Ok(Value::Null) } else { Err(tr!("“{}” is no group of this list", text)) };
        };
        if self.part.is_some() {
            return super::input::day(text).map(Value::Date);
        }
        Notation::plain(me.caller.time_zone.clone()).read(self.column, text)
    }

    /// What a group is called.
    pub fn label(&self, cells: &Cells<'_>, table: &Table, value: &Value) -> String {
        let text = match (value, self.part) {
            (Value::Date(first), Some(part)) => period(*first, part),
            _ => cells.text(table, self.column, value, None),
        };
        if text.trim().is_empty() { tr!("(empty)") } else { text }
    }

    /// By what groups are put in the order in which people look for them: choices as declared, times
    /// as they come, all else by name; rows without a value last.
    pub fn place(&self, value: &Value, label: &str) -> (i64, Option<Date>, String) {
        let rank = match value {
            Value::Null => i64::MAX,
            Value::Whole(number) => {
                let place = self.column.options().iter().position(|option| i64::from(option.value) == *number);
                place.and_then(|place| i64::try_from(place).ok()).unwrap_or(*number)
            }
            _ => 0,
        };
        let when = if let Value::Date(day) = value { Some(*day) } else { None };
        (rank, when, by_label(label))
    }
}

/// Whether groups stand in an order of their own: that of a choice, or of time.
pub(crate) fn is_ordered(column: &Column) -> bool {
    !matches!(column.value_type(), ColumnType::Lookup { .. } | ColumnType::Text { .. })
}

/// A group's value as an address holds it.
pub(crate) fn text(me: &Me, value: &Value) -> String {
    if value.is_null() {
        return EMPTY.to_owned();
    }
    format!("{FILLED}{}", Notation::plain(me.caller.time_zone.clone()).write_plain(value))
}

/// What a table can be grouped by, or nothing; `chosen` as a list has it.
pub(crate) fn choices(me: &Me, table: &Table, chosen: &str) -> Vec<OptionGroup> {
    let mut choices = keys(me, table, chosen);
    for group in &mut choices {
        group.options.insert(0, (String::new(), tr!("Nothing"), chosen.is_empty()));
    }
    choices
}

/// What a table can be grouped by.
pub(crate) fn keys(me: &Me, table: &Table, chosen: &str) -> Vec<OptionGroup> {
    let option = |value: String, label: String| {
        let is_chosen = value == chosen;
        (value, label, is_chosen)
    };
    let mut options = Vec::new();
    for column in offered::columns(me, table, can_group) {
        if is_dated(column) {
            let dated = PARTS.map(|(part, word)| (format!("{}:{word}", column.name), by(&column.label, part)));
            options.extend(dated.map(|(value, label)| option(value, label)));
        } else {
            options.push(option(column.name.clone(), column.label.clone()));
        }
    }
    vec![OptionGroup { label: String::new(), options }]
}

const PARTS: [(DatePart, &str); 4] =
    [(DatePart::Week, "week"), (DatePart::Month, "month"), (DatePart::Quarter, "quarter"), (DatePart::Year, "year")];

/// A column with the part of its days that rows are grouped by.
fn by(column: &str, part: DatePart) -> String {
    match part {
        DatePart::Week => tr!("{}, by week", column),
        DatePart::Quarter => tr!("{}, by quarter", column),
        DatePart::Year => tr!("{}, by year", column),
        _ => tr!("{}, by month", column),
    }
}

fn taken_apart(text: &str) -> Option<(&str, Option<DatePart>)> {
    match text.split_once(':') {
        None => Some((text, None)),
        Some((name, word)) => {
            let (part, _) = PARTS.into_iter().find(|(_, known)| *known == word)?;
            Some((name, Some(part)))
        }
    }
}

fn is_dated(column: &Column) -> bool {
    matches!(column.value_type(), ColumnType::Date | ColumnType::DateTime)
}

pub(crate) fn can_group(column: &Column) -> bool {
    column.is_stored()
        && (is_dated(column)
            || matches!(
                column.value_type(),
                ColumnType::Choice { .. }
                    | ColumnType::State
                    | ColumnType::Status
                    | ColumnType::Boolean { .. }
                    | ColumnType::Lookup { .. }
                    | ColumnType::Text { .. }
            ))
}

fn last_day(first: Date, part: DatePart) -> Date {
    let span = match part {
        DatePart::Week => 7.days(),
        DatePart::Quarter => 3.months(),
        DatePart::Year => 1.year(),
        _ => 1.month(),
    };
    first.saturating_add(span).yesterday().unwrap_or(first)
}

fn period(first: Date, part: DatePart) -> String {
    match part {
        DatePart::Week => {
            tr!("Week of {day} {month} {year}", day = first.day(), month = month(first.month()), year = first.year())
        }
        DatePart::Quarter => format!("Q{} {}", (first.month() - 1) / 3 + 1, first.year()),
        DatePart::Year => first.year().to_string(),
        _ => format!("{} {}", month(first.month()), first.year()),
    }
}

/// What a month is called.
fn month(number: i8) -> String {
    match number {
        1 => tr!("month" => "January"),
        2 => tr!("month" => "February"),
        3 => tr!("month" => "March"),
        4 => tr!("month" => "April"),
        5 => tr!("month" => "May"),
        6 => tr!("month" => "June"),
        7 => tr!("month" => "July"),
        8 => tr!("month" => "August"),
        9 => tr!("month" => "September"),
        10 => tr!("month" => "October"),
        11 => tr!("month" => "November"),
        _ => tr!("month" => "December"),
    }
}
