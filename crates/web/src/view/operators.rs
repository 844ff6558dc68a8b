//! The conditions a list can be filtered by: which suit a column, and their words.

use language::tr;
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
pub(crate) fn label(operator: Operator, column: &Column) -> String {
    use Operator as O;
    match operator {
        O::Eq | O::In => tr!("is"),
        O::Ne | O::NotIn => tr!("is not"),
        O::Gt => tr!("is more than"),
        O::Ge => tr!("is at least"),
        O::Lt => tr!("is less than"),
        O::Le => tr!("is at most"),
        O::Between => tr!("is between"),
        O::Contains => tr!("contains"),
        O::NotContains => tr!("does not contain"),
        O::BeginsWith => tr!("begins with"),
        O::EndsWith => tr!("ends with"),
        O::Null => tr!("is empty"),
        O::NotNull => tr!("is filled"),
        O::ContainValues => tr!("has any of"),
        O::NotContainValues => tr!("has none of"),
        O::On => tr!("is on"),
        O::OnOrAfter => tr!("is on or after"),
        O::OnOrBefore => tr!("is on or before"),
        O::Today => tr!("is today"),
        O::Yesterday => tr!("is yesterday"),
        O::Tomorrow => tr!("is tomorrow"),
        O::ThisWeek => tr!("is this week"),
        O::LastWeek => tr!("is last week"),
        O::NextWeek => tr!("is next week"),
        O::ThisMonth => tr!("is this month"),
        O::LastMonth => tr!("is last month"),
        O::NextMonth => tr!("is next month"),
        O::ThisYear => tr!("is this year"),
        O::LastYear => tr!("is last year"),
        O::NextYear => tr!("is next year"),
        O::LastSevenDays => tr!("is in the last 7 days"),
        O::NextSevenDays => tr!("is in the next 7 days"),
        O::ThisFiscalPeriod => tr!("is this quarter"),
        O::LastFiscalPeriod => tr!("is last quarter"),
        O::NextFiscalPeriod => tr!("is next quarter"),
        O::ThisFiscalYear => tr!("is this fiscal year"),
        O::LastFiscalYear => tr!("is last fiscal year"),
        O::NextFiscalYear => tr!("is next fiscal year"),
        O::LastXHours => tr!("is in the last X hours"),
        O::NextXHours => tr!("is in the next X hours"),
        O::LastXWeeks => tr!("is in the last X weeks"),
        O::NextXWeeks => tr!("is in the next X weeks"),
        O::LastXYears => tr!("is in the last X years"),
        O::NextXYears => tr!("is in the next X years"),
        O::LastXFiscalPeriods => tr!("is in the last X quarters"),
        O::NextXFiscalPeriods => tr!("is in the next X quarters"),
        O::LastXFiscalYears => tr!("is in the last X fiscal years"),
        O::NextXFiscalYears => tr!("is in the next X fiscal years"),
        O::OlderThanXMinutes => tr!("is older than X minutes"),
        O::OlderThanXHours => tr!("is older than X hours"),
        O::OlderThanXWeeks => tr!("is older than X weeks"),
        O::OlderThanXYears => tr!("is older than X years"),
        O::LastXDays => tr!("is in the last X days"),
        O::NextXDays => tr!("is in the next X days"),
        O::LastXMonths => tr!("is in the last X months"),
        O::NextXMonths => tr!("is in the next X months"),
        O::OlderThanXDays => tr!("is older than X days"),
        O::OlderThanXMonths => tr!("is older than X months"),
        O::EqUserid if column.name == "ownerid" => tr!("is me"),
        O::EqUserid => tr!("is myself"),
        O::NeUserid => tr!("is not me"),
        O::EqUserteams => tr!("is one of my teams"),
        O::EqUseroruserteams => tr!("is me or one of my teams"),
        O::EqBusinessid => tr!("is my business unit"),
        O::NeBusinessid => tr!("is not my business unit"),
        O::NotOn => tr!("is not on"),
        O::NotBetween => tr!("is not between"),
        O::NotBeginWith => tr!("does not begin with"),
        O::NotEndWith => tr!("does not end with"),
        O::Like => tr!("is like"),
        O::NotLike => tr!("is not like"),
        O::Under => tr!("is below"),
        O::EqOrUnder => tr!("is or is below"),
        O::Above => tr!("is above"),
        O::EqOrAbove => tr!("is or is above"),
        _ => tr!("fits"),
    }
}

/// What the number that a comparison asks for counts.
pub(crate) fn unit(operator: Operator) -> String {
    use Operator as O;
    match operator {
        O::OlderThanXMinutes => tr!("Minutes"),
        O::LastXHours | O::NextXHours | O::OlderThanXHours => tr!("Hours"),
        O::LastXDays | O::NextXDays | O::OlderThanXDays => tr!("Days"),
        O::LastXWeeks | O::NextXWeeks | O::OlderThanXWeeks => tr!("Weeks"),
        O::LastXMonths | O::NextXMonths | O::OlderThanXMonths => tr!("Months"),
        O::LastXYears | O::NextXYears | O::OlderThanXYears => tr!("Years"),
        O::LastXFiscalPeriods | O::NextXFiscalPeriods => tr!("Quarters"),
        O::LastXFiscalYears | O::NextXFiscalYears => tr!("Fiscal years"),
        _ => tr!("Number"),
    }
}
