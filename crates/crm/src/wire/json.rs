//! JSON answers. Unlike `serde_json::Value` this keeps decimals exact.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap, SerializeSeq},
};
use serde_json::value::RawValue;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A whole number.
    Whole(i64),
    /// A number with all its places.
    Decimal(Decimal),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Members in order.
    Object(Vec<(Arc<str>, Json)>),
}

impl Json {
    /// Bytes of the answer.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Only a decimal that is no number could fail, and there is none.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => out.serialize_unit(),
            Self::Boolean(yes) => out.serialize_bool(*yes),
            Self::Whole(number) => out.serialize_i64(*number),
            Self::Decimal(number) => {
                RawValue::from_string(number.to_string()).map_err(S::Error::custom)?.serialize(out)
            }
            Self::Text(text) => out.serialize_str(text),
            Self::List(items) => {
                let mut list = out.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(members) => {
                let mut object = out.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    object.serialize_entry(&**name, value)?;
                }
                object.end()
            }
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(yes: bool) -> Self {
        Self::Boolean(yes)
    }
}

impl From<Option<&str>> for Json {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, Self::from)
    }
}
