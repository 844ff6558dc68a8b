//! Changes as JSON text: `{"subject": [before, after]}`.
//!
//! Each value says itself what it is, so that an entry can be read when its column has long been
//! removed: null, booleans, whole numbers and text stand plainly, the rest as an object with one
//! letter: `{"n": "12.50"}` decimal, `{"i": id}`, `{"r": [table, id]}` reference, `{"d": date}`,
//! `{"t": milliseconds}`, `{"c": [1, 3]}` choices.

use std::fmt::Display;

use jiff::Timestamp;
use model::{Reference, Value};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use crate::StoreError;

/// Column, value before, value after.
pub(crate) type Changes = Vec<(String, Value, Value)>;

/// One change to be written.
pub(crate) type Change<'a> = (&'a str, &'a Value, &'a Value);

/// The text that is stored.
pub(crate) fn write(changes: &[Change<'_>]) -> Result<String, StoreError> {
    serde_json::to_string(&Told(changes)).map_err(|error| StoreError::Internal(error.to_string()))
}

struct Told<'a>(&'a [Change<'a>]);

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(column, before, after)| (column, (Marked(before), Marked(after)))))
    }
}

/// A value that says what it is.
struct Marked<'a>(&'a Value);

impl Serialize for Marked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Boolean(yes) => serializer.serialize_bool(*yes),
            Value::Whole(number) => serializer.serialize_i64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Decimal(number) => serializer.collect_map([("n", Shown(number))]),
            Value::Id(id) => serializer.collect_map([("i", Shown(id))]),
            Value::Reference(reference) => serializer.collect_map([("r", (&reference.table, Shown(&reference.id)))]),
            Value::Date(day) => serializer.collect_map([("d", Shown(day))]),
            Value::DateTime(moment) => serializer.collect_map([("t", moment.as_millisecond())]),
            Value::Choices(choices) => serializer.collect_map([("c", choices)]),
        }
    }
}

/// As it is displayed.
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// What [`write`] wrote.
pub(crate) fn read(text: &str) -> Result<Changes, StoreError> {
    let broken = || StoreError::Database(format!("an entry of the change feed cannot be read: {text}"));
    let pairs: Map<String, Json> = serde_json::from_str(text).map_err(|_| broken())?;
    pairs
        .into_iter()
        .map(|(column, pair)| match pair.as_array().map(Vec::as_slice) {
            Some([before, after]) => Some((column, from_json(before)?, from_json(after)?)),
            _ => None,
        })
        .collect::<Option<_>>()
        .ok_or_else(broken)
}

fn from_json(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(yes) => Value::Boolean(*yes),
        Json::Number(number) => Value::Whole(number.as_i64()?),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) => return None,
        Json::Object(fields) => {
            let (kind, field) = fields.iter().next()?;
            match kind.as_str() {
                "n" => Value::Decimal(field.as_str()?.parse().ok()?),
                "i" => Value::Id(field.as_str()?.parse().ok()?),
                "r" => {
                    let id = field.get(1)?.as_str()?.parse().ok()?;
                    Value::Reference(Reference::new(field.get(0)?.as_str()?, id))
                }
                "d" => Value::Date(field.as_str()?.parse().ok()?),
                "t" => Value::DateTime(Timestamp::from_millisecond(field.as_i64()?).ok()?),
                "c" => {
                    let choices = field.as_array()?.iter().map(|choice| i32::try_from(choice.as_i64()?).ok());
                    Value::Choices(choices.collect::<Option<_>>()?)
                }
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_kind_of_value_comes_back_as_it_went() {
        let values = [
            Value::Null,
            Value::Boolean(true),
            Value::Whole(-7),
            Value::Decimal("12.50".parse().unwrap()),
            Value::Text("Ärger \"quoted\"".to_owned()),
            Value::Id(Uuid::from_u128(7)),
            Value::Reference(Reference::new("account", Uuid::from_u128(9))),
            Value::Date(jiff::civil::date(2026, 11, 24)),
            Value::DateTime(Timestamp::from_millisecond(1_772_321_400_123).unwrap()),
            Value::Choices(vec![1, 3]),
        ];
        let changes: Changes =
            values.iter().enumerate().map(|(n, value)| (format!("c{n}"), Value::Null, value.clone())).collect();
        let borrowed: Vec<Change<'_>> =
            changes.iter().map(|(column, before, after)| (column.as_str(), before, after)).collect();
        assert_eq!(read(&write(&borrowed).unwrap()).unwrap(), changes);
    }
}
