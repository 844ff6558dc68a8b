//! Constants in filters, keys and parameters.

use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A constant as it was written; what it means is decided by the column it meets.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// `42`, `-7`
    Whole(i64),
    /// `1.50`
    Decimal(Decimal),
    /// `'O''Brien'`, unquoted
    Text(String),
    /// A bare GUID.
    Guid(Uuid),
    /// `2027-02-28`
    Date(civil::Date),
    /// `2027-03-01T08:30:00Z`
    DateTime(Timestamp),
}

impl Literal {
    /// What it is called in messages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a true/false value",
            Self::Whole(_) => "a whole number",
            Self::Decimal(_) => "a number",
            Self::Text(_) => "a text",
            Self::Guid(_) => "a GUID",
            Self::Date(_) => "a date",
            Self::DateTime(_) => "a date and time",
        }
    }
}
