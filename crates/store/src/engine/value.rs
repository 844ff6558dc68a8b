//! A value as the engines bind and return it.

use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A value as the engines bind and return it.
///
/// Returned by SQLite: `Null`, `Int`, `Real`, `Text`, `Uuid` (a blob of 16 bytes) and `Bytes`
/// (any other blob). Returned by PostgreSQL: the variant named after the column's type
/// (`bigint`, `integer`, `xid8` as `Int`; `text` as `Text`; `numeric` as `Decimal` …).
///
/// Bound on SQLite: `Bool` as 0/1, `Uuid` as 16 bytes, `Decimal` as text, `Date` as ISO text,
/// `Timestamp` as milliseconds. Bound on PostgreSQL: by the type the server infers for the
/// parameter, so that `Int` may meet `bigint`, `integer`, `numeric`, or `timestamptz` (then
/// milliseconds) and `Text` may meet `date`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SqlValue {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    Uuid(Uuid),
    Decimal(Decimal),
    Date(civil::Date),
    Timestamp(Timestamp),
}

impl SqlValue {
    pub(crate) const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A whole number; also of a boolean, and the milliseconds of a moment.
    pub(crate) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Bool(yes) => Some(i64::from(*yes)),
            Self::Timestamp(moment) => Some(moment.as_millisecond()),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) const fn as_uuid(&self) -> Option<Uuid> {
        match self {
            Self::Uuid(id) => Some(*id),
            _ => None,
        }
    }

    /// A moment, also from SQLite's milliseconds.
    pub(crate) fn as_timestamp(&self) -> Option<Timestamp> {
        match self {
            Self::Timestamp(moment) => Some(*moment),
            Self::Int(millis) => Timestamp::from_millisecond(*millis).ok(),
            _ => None,
        }
    }

    /// Bytes, also where they happen to be as many as an identifier has.
    pub(crate) fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Uuid(id) => Some(id.into_bytes().to_vec()),
            _ => None,
        }
    }
}

macro_rules! sql_value_from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for SqlValue {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

sql_value_from! {
    bool => Bool, i32 => Int, i64 => Int, u32 => Int, &str => Text, String => Text, Vec<u8> => Bytes,
    Uuid => Uuid, Decimal => Decimal, civil::Date => Date, Timestamp => Timestamp,
}

impl<T: Into<Self>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<sea_query::Value> for SqlValue {
    fn from(value: sea_query::Value) -> Self {
        use sea_query::Value as Built;
        match value {
            Built::Bool(value) => value.into(),
            Built::TinyInt(value) => value.map(i64::from).into(),
            Built::SmallInt(value) => value.map(i64::from).into(),
            Built::Int(value) => value.into(),
            Built::BigInt(value) => value.into(),
            Built::TinyUnsigned(value) => value.map(i64::from).into(),
            Built::SmallUnsigned(value) => value.map(i64::from).into(),
            Built::Unsigned(value) => value.into(),
            Built::BigUnsigned(value) => value.map(|number| i64::try_from(number).unwrap_or(i64::MAX)).into(),
            Built::Float(value) => value.map_or(Self::Null, |number| Self::Real(f64::from(number))),
            Built::Double(value) => value.map_or(Self::Null, Self::Real),
            Built::String(value) => value.into(),
            Built::Char(value) => value.map(String::from).into(),
            Built::Bytes(value) => value.into(),
            Built::Uuid(value) => value.into(),
            Built::Decimal(value) => value.into(),
            // Enumerations of the database are not used.
            Built::Enum(_) => Self::Null,
        }
    }
}

impl From<SqlValue> for sea_query::Value {
    /// Dates travel as ISO text and moments as milliseconds: what SQLite stores, and what the
    /// PostgreSQL side turns into the type of the parameter it meets.
    fn from(value: SqlValue) -> Self {
        match value {
            SqlValue::Null => Self::String(None),
            SqlValue::Bool(value) => Self::Bool(Some(value)),
            SqlValue::Int(value) => Self::BigInt(Some(value)),
            SqlValue::Real(value) => Self::Double(Some(value)),
            SqlValue::Text(value) => Self::String(Some(value)),
            SqlValue::Bytes(value) => Self::Bytes(Some(value)),
            SqlValue::Uuid(value) => Self::Uuid(Some(value)),
            SqlValue::Decimal(value) => Self::Decimal(Some(value)),
            SqlValue::Date(value) => Self::String(Some(value.to_string())),
            SqlValue::Timestamp(value) => Self::BigInt(Some(value.as_millisecond())),
        }
    }
}
