//! How two values are compared.

use language::tr;
use model::{Column, Reference, Table, Value};
use store::Row;

use super::normal;
use crate::words::within;

/// How two values are compared; the number in the table `duplicaterulecondition` beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// 0, and 6 of a choice: the same value.
    Exact,
    /// 1: the same first characters.
    First(usize),
    /// 2: the same last characters.
    Last(usize),
    /// 3: the same day, in UTC.
    Day,
    /// 4: the same day and time, to the second.
    Moment,
    /// 5: the same label, of different choices maybe.
    Label,
    /// 100: the same e-mail address.
    Email,
    /// 101: the same phone number.
    Phone,
    /// 102: a person's name that is spelt or sounds alike.
    Name,
    /// 103: a company's name that is alike, whatever its legal form.
    Company,
    /// 104: the same domain of a web or e-mail address.
    Domain,
}

/// What a value is compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Compared {
    /// There is nothing.
    Blank,
    /// There is something that says nothing about who it is: the domain of a mail provider.
    Meaningless,
    /// It is found under each of these.
    Under(Vec<String>),
}

impl Criterion {
    /// From its number and the number of characters.
    pub fn of(number: i64, characters: Option<i64>) -> Option<Self> {
        let characters = || characters.and_then(|count| usize::try_from(count).ok()).filter(|count| *count > 0);
        Some(match number {
            0 | 6 => Self::Exact,
            1 => Self::First(characters()?),
            2 => Self::Last(characters()?),
            3 => Self::Day,
            4 => Self::Moment,
            5 => Self::Label,
            100 => Self::Email,
            101 => Self::Phone,
            102 => Self::Name,
            103 => Self::Company,
            104 => Self::Domain,
            _ => return None,
        })
    }

    /// True where a key in common is not yet a match.
    pub const fn is_tolerant(self) -> bool {
        matches!(self, Self::Name | Self::Company)
    }

    /// Whether values of this column can be compared so.
    pub fn fits(self, column: &Column) -> bool {
        use model::ColumnType as Type;
        match self {
            Self::Exact => {
                !matches!(column.value_type(), Type::File { .. } | Type::Image { .. } | Type::PartyList { .. })
            }
            Self::Day => matches!(column.value_type(), Type::Date | Type::DateTime),
            Self::Moment => matches!(column.value_type(), Type::DateTime),
            Self::Label => !column.options().is_empty(),
            _ => column.is_text(),
        }
    }

    /// Why two rows match, in a person's words; `label` is that of the column.
    pub fn reason(self, label: &str) -> String {
        let label = within(label);
        match self {
            Self::Exact | Self::Label => tr!("same {label}", label),
            Self::First(count) => tr!("same first {count} characters of {label}", count, label),
            Self::Last(count) => tr!("same last {count} characters of {label}", count, label),
            Self::Day => tr!("same day of {label}", label),
            Self::Moment => tr!("same date and time of {label}", label),
            Self::Email => tr!("same e-mail address"),
            Self::Phone => tr!("same phone number"),
            Self::Name => tr!("similar name"),
            Self::Company => tr!("similar company name"),
            Self::Domain => tr!("same web or e-mail domain"),
        }
    }

    /// What a value is compared by; `region` is that of phone numbers which tell none.
    pub(crate) fn compared(
        self,
        column: &Column,
        value: &Value,
        case_sensitive: bool,
        region: Option<&str>,
    ) -> Compared {
        if value.is_null() || value.as_text().is_some_and(|text| text.trim().is_empty()) {
            return Compared::Blank;
        }
        let text = value.as_text().unwrap_or_default();
        let one = |form: Option<String>| form.map_or(Compared::Meaningless, |form| Compared::Under(vec![form]));
        match self {
            Self::Exact => one(exact(value, case_sensitive)),
            Self::First(count) => {
                one(normal::text(text, case_sensitive).map(|text| text.chars().take(count).collect()))
            }
            Self::Last(count) => one(normal::text(text, case_sensitive).map(|text| {
                let length = text.chars().count();
                text.chars().skip(length.saturating_sub(count)).collect()
            })),
            Self::Day => one(day(value)),
            Self::Moment => one(value.as_date_time().map(|moment| moment.as_second().to_string())),
            Self::Label => one(label(column, value, case_sensitive)),
            Self::Email => one(normal::email(text)),
            Self::Phone => one(normal::phone(text, region)),
            Self::Domain => one(normal::domain(text).filter(|domain| !normal::is_shared_domain(domain))),
            Self::Name => several(normal::name_keys(&normal::tokens(text))),
            Self::Company => one(normal::company(text).map(|name| normal::company_key(&name))),
        }
    }

    /// Whether two values agree.
    pub(crate) fn agrees(self, one: &str, other: &str) -> bool {
        match self {
            Self::Name => super::similar::names(one, other),
            Self::Company => super::similar::companies(one, other),
            _ => true,
        }
    }
}

fn several(mut keys: Vec<String>) -> Compared {
    keys.dedup();
    if keys.is_empty() { Compared::Meaningless } else { Compared::Under(keys) }
}

fn exact(value: &Value, case_sensitive: bool) -> Option<String> {
    Some(match value {
        Value::Text(text) => return normal::text(text, case_sensitive),
        Value::Decimal(number) => number.normalize().to_string(),
        Value::Whole(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Id(id) | Value::Reference(Reference { id, .. }) => id.to_string(),
        Value::Date(day) => day.to_string(),
        Value::DateTime(moment) => moment.as_millisecond().to_string(),
        other => format!("{other:?}"),
    })
}

fn day(value: &Value) -> Option<String> {
    let of_moment = |moment: jiff::Timestamp| moment.to_zoned_datetime(jiff::tz::TimeZone::UTC).date().to_string();
    value.as_date().map(|day| day.to_string()).or_else(|| value.as_date_time().map(of_moment))
}

fn label(column: &Column, value: &Value, case_sensitive: bool) -> Option<String> {
    let number = value.as_whole()?;
    let choice = column.options().iter().find(|choice| i64::from(choice.value) == number)?;
    normal::text(&choice.label, case_sensitive)
}

/// The column that tells the country of a row's phone numbers.
pub(crate) fn country_column(table: &Table) -> Option<&str> {
    table.column("address1_country").map(|column| column.name.as_str())
}

/// The region of a row's phone numbers: its own country's, else the organisation's.
pub(crate) fn region<'r>(country: Option<&str>, row: &Row, fallback: Option<&'r str>) -> Option<&'r str> {
    let own = country.map(|column| row.text(column)).filter(|country| !country.is_empty());
    own.and_then(normal::region_of).or(fallback)
}
