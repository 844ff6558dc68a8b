//! What an operator is compared with.

use crate::Operator;

/// The values an operator takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operands {
    /// None.
    None,
    /// One value of the column's type.
    One,
    /// Two values of the column's type, smaller first.
    Two,
    /// Any number of values of the column's type.
    Many,
    /// One text, whatever the column's type.
    Text,
    /// One day.
    Day,
    /// One positive whole number.
    Number,
}

impl Operator {
    /// True where it asks for a place in a hierarchy of rows.
    pub const fn climbs(self) -> bool {
        matches!(self, Self::Under | Self::EqOrUnder | Self::Above | Self::EqOrAbove)
    }

    /// The values it takes.
    pub const fn operands(self) -> Operands {
        match self {
            Self::Eq
            | Self::Ne
            | Self::Gt
            | Self::Ge
            | Self::Lt
            | Self::Le
            | Self::Under
            | Self::EqOrUnder
            | Self::Above
            | Self::EqOrAbove => Operands::One,
            Self::Like
            | Self::NotLike
            | Self::BeginsWith
            | Self::NotBeginWith
            | Self::EndsWith
            | Self::NotEndWith
            | Self::Contains
            | Self::NotContains => Operands::Text,
            Self::In | Self::NotIn | Self::ContainValues | Self::NotContainValues => Operands::Many,
            Self::Between | Self::NotBetween => Operands::Two,
            Self::On | Self::OnOrBefore | Self::OnOrAfter | Self::NotOn => Operands::Day,
            Self::LastXHours
            | Self::NextXHours
            | Self::LastXDays
            | Self::NextXDays
            | Self::LastXWeeks
            | Self::NextXWeeks
            | Self::LastXMonths
            | Self::NextXMonths
            | Self::LastXYears
            | Self::NextXYears
            | Self::OlderThanXMinutes
            | Self::OlderThanXHours
            | Self::OlderThanXDays
            | Self::OlderThanXWeeks
            | Self::OlderThanXMonths
            | Self::OlderThanXYears
            | Self::LastXFiscalYears
            | Self::NextXFiscalYears
            | Self::LastXFiscalPeriods
            | Self::NextXFiscalPeriods
            | Self::InFiscalYear
            | Self::InFiscalPeriod => Operands::Number,
            _ => Operands::None,
        }
    }

    /// True where it speaks of days and so needs a date or date-time column.
    pub const fn needs_date(self) -> bool {
        matches!(
            self,
            Self::Today
                | Self::Yesterday
                | Self::Tomorrow
                | Self::ThisWeek
                | Self::LastWeek
                | Self::NextWeek
                | Self::ThisMonth
                | Self::LastMonth
                | Self::NextMonth
                | Self::ThisYear
                | Self::LastYear
                | Self::NextYear
                | Self::LastSevenDays
                | Self::NextSevenDays
                | Self::ThisFiscalYear
                | Self::LastFiscalYear
                | Self::NextFiscalYear
                | Self::ThisFiscalPeriod
                | Self::LastFiscalPeriod
                | Self::NextFiscalPeriod
        ) || matches!(self.operands(), Operands::Day | Operands::Number)
    }

    /// True where it asks who the caller is and so needs a lookup or an identifier.
    pub const fn needs_reference(self) -> bool {
        matches!(
            self,
            Self::EqUserid
                | Self::NeUserid
                | Self::EqUserteams
                | Self::EqUseroruserteams
                | Self::EqBusinessid
                | Self::NeBusinessid
                | Self::Under
                | Self::EqOrUnder
                | Self::Above
                | Self::EqOrAbove
        )
    }
}
