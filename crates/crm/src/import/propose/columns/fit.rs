//! Whether cells fit a column, and which column would fit them.

use model::{Column, ColumnKind, ColumnType};
use tabular::{ColumnProfile, DateOrder, Kind, NumberStyle, parse};

use crate::import::{
    matching::{folded, is_label},
    plan::NewColumn,
};

/// Most different values for which a choice is made instead of a text.
const MOST_OPTIONS: usize = 30;
/// Longest label of an option.
const LONGEST_OPTION: usize = 100;

/// True where the cells can be read into the column.
pub(super) fn fits(profile: &ColumnProfile, column: &Column) -> bool {
    let number = matches!(profile.kind, Kind::Whole | Kind::Decimal | Kind::Money { .. });
    // A column of nothing but 0 and 1 looks like yes and no, but may be numbers.
    let digits = matches!(profile.kind, Kind::Boolean)
        && profile.distinct.iter().all(|value| matches!(value.value.as_str(), "0" | "1"));
    match column.value_type() {
        ColumnType::Text { length, .. } | ColumnType::Memo { length } | ColumnType::RichText { length } => {
            profile.max_length <= *length as usize
        }
        ColumnType::Whole { .. } => matches!(profile.kind, Kind::Whole) || digits || mostly(profile, is_number),
        ColumnType::Decimal { .. } | ColumnType::Money { .. } => number || digits || mostly(profile, is_number),
        ColumnType::Boolean { yes, no } => {
            let means = |label: &str, value: &str| is_label(label, |label| folded(label) == folded(value));
            let label = |value: &str| means(yes, value) || means(no, value);
            matches!(profile.kind, Kind::Boolean) || profile.distinct.iter().all(|value| label(&value.value))
        }
        ColumnType::Date => matches!(profile.kind, Kind::Date { .. }) || mostly(profile, is_day),
        ColumnType::DateTime => {
            matches!(profile.kind, Kind::Date { .. } | Kind::DateTime { .. }) || mostly(profile, is_day)
        }
        ColumnType::Choice { .. } | ColumnType::MultiChoice { .. } | ColumnType::State | ColumnType::Status => true,
        ColumnType::Id => matches!(profile.kind, Kind::Uuid),
        _ => false,
    }
}

/// At least half of the different values: the header says what is meant, so the others are
/// mistakes, whose rows are kept with the reason.
fn mostly(profile: &ColumnProfile, fits: fn(&str) -> bool) -> bool {
    let fitting = profile.distinct.iter().filter(|value| fits(&value.value)).count();
    fitting > 0 && fitting * 2 >= profile.distinct.len()
}

fn is_number(text: &str) -> bool {
    parse::decimal(text, NumberStyle::Point).is_some()
}

fn is_day(text: &str) -> bool {
    [DateOrder::DayFirst, DateOrder::MonthFirst].into_iter().any(|order| parse::date_time(text, order).is_some())
}

/// The column that would hold the cells.
pub(super) fn declare(profile: &ColumnProfile, label: &str) -> NewColumn {
    let mut new =
        NewColumn { label: label.to_owned(), kind: ColumnKind::Text, length: None, precision: None, unique: false };
    match &profile.kind {
        Kind::Whole => new.kind = ColumnKind::Whole,
        Kind::Decimal => {
            new.kind = ColumnKind::Decimal;
            new.precision = Some(places(profile));
        }
        Kind::Money { .. } => new.kind = ColumnKind::Money,
        Kind::Boolean => new.kind = ColumnKind::Boolean,
        Kind::Date { .. } => new.kind = ColumnKind::Date,
        Kind::DateTime { .. } => new.kind = ColumnKind::DateTime,
        Kind::LongText => {
            new.kind = ColumnKind::Memo;
            new.length = Some(roomy(profile.max_length, 4000));
        }
        _ if is_choice(profile) => new.kind = ColumnKind::Choice,
        _ => new.length = Some(roomy(profile.max_length, 100)),
    }
    new
}

/// Few short words that come again and again.
fn is_choice(profile: &ColumnProfile) -> bool {
    matches!(profile.kind, Kind::Text)
        && profile.distinct_complete
        && profile.distinct.len() <= MOST_OPTIONS
        && profile.max_length <= LONGEST_OPTION
        && profile.filled >= 2 * profile.distinct.len() as u64
}

/// Twice what was seen, at least `least`.
fn roomy(longest: usize, least: u32) -> u32 {
    let twice = u32::try_from(longest.saturating_mul(2)).unwrap_or(u32::MAX);
    twice.div_ceil(100).saturating_mul(100).clamp(least, 1_000_000)
}

fn places(profile: &ColumnProfile) -> u32 {
    let fraction = |text: &str| {
        text.rsplit_once(['.', ',']).map_or(0, |(_, fraction)| fraction.chars().filter(char::is_ascii_digit).count())
    };
    let seen = profile.distinct.iter().map(|value| fraction(&value.value)).max().unwrap_or_default();
    let least = if profile.distinct_complete { 2 } else { 4 };
    u32::try_from(seen).unwrap_or(10).clamp(least, 10)
}
