//! The conditions a list can be filtered by: which suit a column, and their words.

use model::{Column, ColumnType, Operator};

/// Conditions that suit a column, the likeliest first.
pub(crate) fn operators(column: &Column) -> Vec<Operator> {
    use Operator as O;
    let tail = [O::NotNull, O::Null];
    let head: &[Operator] = match column.value_type() {
        ColumnType::Text { .. } | ColumnType::Memo { .. } | ColumnType::RichText { .. } | ColumnType::AutoNumber(_) => {
            &[O::Contains, O::NotContains, O::BeginsWith, O::EndsWith, O::Eq, O::Ne]
        }
        ColumnType::Whole { .. } | ColumnType::Decimal { .. } | ColumnType::Money { .. } => {
            &[O::Ge, O::Le, O::Gt, O::Lt, O::Between, O::Eq, O::Ne]
        }
        ColumnType::Boolean { .. } => &[O::Eq],
        ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => &[O::In, O::NotIn],
        ColumnType::MultiChoice { .. } => &[O::ContainValues, O::NotContainValues],
        ColumnType::Date | ColumnType::DateTime => &[
            O::On,
            O::OnOrAfter,
            O::OnOrBefore,
            O::Today,
            O::Yesterday,
            O::Tomorrow,
            O::ThisWeek,
            O::LastWeek,
            O::NextWeek,
            O::ThisMonth,
            O::LastMonth,
            O::NextMonth,
            O::ThisFiscalPeriod,
            O::LastFiscalPeriod,
            O::NextFiscalPeriod,
            O::ThisYear,
            O::LastYear,
            O::NextYear,
            O::ThisFiscalYear,
            O::LastFiscalYear,
            O::NextFiscalYear,
            O::LastSevenDays,
            O::NextSevenDays,
            O::LastXHours,
            O::NextXHours,
            O::LastXDays,
            O::NextXDays,
            O::LastXWeeks,
            O::NextXWeeks,
            O::LastXMonths,
            O::NextXMonths,
            O::LastXYears,
            O::NextXYears,
            O::LastXFiscalPeriods,
            O::NextXFiscalPeriods,
            O::LastXFiscalYears,
            O::NextXFiscalYears,
            O::OlderThanXHours,
            O::OlderThanXDays,
            O::OlderThanXWeeks,
            O::OlderThanXMonths,
            O::OlderThanXYears,
        ],
        ColumnType::Lookup { targets } if targets.iter().any(|target| target == "systemuser") => {
            &[O::EqUserid, O::NeUserid, O::EqUserteams, O::EqUseroruserteams, O::Eq, O::Ne]
        }
        ColumnType::Lookup { targets } if targets.iter().any(|target| target == "businessunit") => {
            &[O::EqBusinessid, O::NeBusinessid, O::Eq, O::Ne]
        }
        ColumnType::Lookup { .. } => &[O::Eq, O::Ne],
        _ => return Vec::new(),
    };
    let by_day = matches!(column.value_type(), ColumnType::Date);
    let by_hour = |operator: &O| matches!(operator, O::LastXHours | O::NextXHours | O::OlderThanXHours);
    head.iter().copied().filter(|operator| !by_day || !by_hour(operator)).chain(tail).collect()
}

/// The condition in words; X stands for a number.
pub(crate) fn label(operator: Operator, column: &Column) -> &'static str {
    use Operator as O;
    match operator {
        O::Eq | O::In => "is",
        O::Ne | O::NotIn => "is not",
        O::Gt => "is more than",
        O::Ge => "is at least",
        O::Lt => "is less than",
        O::Le => "is at most",
        O::Between => "is between",
        O::Contains => "contains",
        O::NotContains => "does not contain",
        O::BeginsWith => "begins with",
        O::EndsWith => "ends with",
        O::Null => "is empty",
        O::NotNull => "is filled",
        O::ContainValues => "has any of",
        O::NotContainValues => "has none of",
        O::On => "is on",
        O::OnOrAfter => "is on or after",
        O::OnOrBefore => "is on or before",
        O::Today => "is today",
        O::Yesterday => "is yesterday",
        O::Tomorrow => "is tomorrow",
        O::ThisWeek => "is this week",
        O::LastWeek => "is last week",
        O::NextWeek => "is next week",
        O::ThisMonth => "is this month",
        O::LastMonth => "is last month",
        O::NextMonth => "is next month",
        O::ThisYear => "is this year",
        O::LastYear => "is last year",
        O::NextYear => "is next year",
        O::LastSevenDays => "is in the last 7 days",
        O::NextSevenDays => "is in the next 7 days",
        O::ThisFiscalPeriod => "is this quarter",
        O::LastFiscalPeriod => "is last quarter",
        O::NextFiscalPeriod => "is next quarter",
        O::ThisFiscalYear => "is this fiscal year",
        O::LastFiscalYear => "is last fiscal year",
        O::NextFiscalYear => "is next fiscal year",
        O::LastXHours => "is in the last X hours",
        O::NextXHours => "is in the next X hours",
        O::LastXWeeks => "is in the last X weeks",
        O::NextXWeeks => "is in the next X weeks",
        O::LastXYears => "is in the last X years",
        O::NextXYears => "is in the next X years",
        O::LastXFiscalPeriods => "is in the last X quarters",
        O::NextXFiscalPeriods => "is in the next X quarters",
        O::LastXFiscalYears => "is in the last X fiscal years",
        O::NextXFiscalYears => "is in the next X fiscal years",
        O::OlderThanXMinutes => "is older than X minutes",
        O::OlderThanXHours => "is older than X hours",
        O::OlderThanXWeeks => "is older than X weeks",
        O::OlderThanXYears => "is older than X years",
        O::LastXDays => "is in the last X days",
        O::NextXDays => "is in the next X days",
        O::LastXMonths => "is in the last X months",
        O::NextXMonths => "is in the next X months",
        O::OlderThanXDays => "is older than X days",
        O::OlderThanXMonths => "is older than X months",
        O::EqUserid if column.name == "ownerid" => "is me",
        O::EqUserid => "is myself",
        O::NeUserid => "is not me",
        O::EqUserteams => "is one of my teams",
        O::EqUseroruserteams => "is me or one of my teams",
        O::EqBusinessid => "is my business unit",
        O::NeBusinessid => "is not my business unit",
        O::NotOn => "is not on",
        O::NotBetween => "is not between",
        O::NotBeginWith => "does not begin with",
        O::NotEndWith => "does not end with",
        O::Like => "is like",
        O::NotLike => "is not like",
        O::Under => "is below",
        O::EqOrUnder => "is or is below",
        O::Above => "is above",
        O::EqOrAbove => "is or is above",
        _ => "fits",
    }
}
