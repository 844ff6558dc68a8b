//! One cell's value, whatever table it stands in.

use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A value of one column in one row.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing is known.
    #[default]
    Null,
    /// Two-options columns.
    Boolean(bool),
    /// Whole numbers, and the number of a choice, state or status.
    Whole(i64),
    /// Decimals and money, exact. Money has four decimal places at most.
    Decimal(Decimal),
    /// Text, memo, rich text, autonumber.
    Text(String),
    /// The row's own identifier, and the identifier of a stored file or image.
    Id(Uuid),
    /// A lookup: which row of which table.
    Reference(Reference),
    /// A day without a time zone.
    Date(civil::Date),
    /// A moment, in UTC, precise to the millisecond.
    DateTime(Timestamp),
    /// Several choices, ascending and without repeats.
    Choices(Vec<i32>),
}

/// Points at one row of one table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// Logical name of the table, for instance `account`.
    pub table: String,
    /// The row's primary key.
    pub id: Uuid,
}

impl Reference {
    /// A reference to the row `id` of `table`.
    pub fn new(table: impl Into<String>, id: Uuid) -> Self {
        Self { table: table.into(), id }
    }
}

/// Why a value does not fit its column; the text tells what would fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValueError {
    /// What is wrong and what would be right, to be shown beside the column's label.
    pub message: String,
}

impl ValueError {
    /// An error with this sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl Value {
    /// True for [`Value::Null`].
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a whole number, choice, state or status.
    pub const fn as_whole(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            _ => None,
        }
    }

    /// A decimal or whole number as a decimal.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Decimal(number) => Some(*number),
            Self::Whole(number) => Some(Decimal::from(*number)),
            _ => None,
        }
    }

    /// The yes or no of a two-options value.
    pub const fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(yes) => Some(*yes),
            _ => None,
        }
    }

    /// The identifier of an id or the target of a lookup.
    pub const fn as_id(&self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(*id),
            Self::Reference(reference) => Some(reference.id),
            _ => None,
        }
    }

    /// The target of a lookup.
    pub const fn as_reference(&self) -> Option<&Reference> {
        match self {
            Self::Reference(reference) => Some(reference),
            _ => None,
        }
    }

    /// The moment of a date-time value.
    pub const fn as_date_time(&self) -> Option<Timestamp> {
        match self {
            Self::DateTime(moment) => Some(*moment),
            _ => None,
        }
    }

    /// The day of a date value.
    pub const fn as_date(&self) -> Option<civil::Date> {
        match self {
            Self::Date(day) => Some(*day),
            _ => None,
        }
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

value_from! {
    bool => Boolean, i32 => Whole, i64 => Whole, Decimal => Decimal, &str => Text, String => Text,
    Uuid => Id, Reference => Reference, civil::Date => Date, Timestamp => DateTime,
    Vec<i32> => Choices,
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
