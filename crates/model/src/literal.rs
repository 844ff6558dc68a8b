//! Values in files and in JSON, without a column at hand to say what they are.
//!
//! Yes/no, whole numbers and text stand as themselves; everything else says what it is:
//! `{"decimal": "12.50"}`, `{"date": "2027-03-01"}`. Reading is more generous: a number with a
//! point is a decimal, and a bare TOML date is a date.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};

use crate::Value;

/// The key under which the `toml` crate hands over its dates.
const TOML_DATE: &str = "$__toml_private_datetime";

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => out.serialize_none(),
            Self::Boolean(yes) => out.serialize_bool(*yes),
            Self::Whole(number) => out.serialize_i64(*number),
            Self::Text(text) => out.serialize_str(text),
            Self::Decimal(number) => tagged(out, "decimal", &number.to_string()),
            Self::Id(id) => tagged(out, "id", id),
            Self::Reference(reference) => tagged(out, "reference", reference),
            Self::Date(day) => tagged(out, "date", &day.to_string()),
            Self::DateTime(moment) => tagged(out, "datetime", &moment.to_string()),
            Self::Choices(numbers) => tagged(out, "choices", numbers),
        }
    }
}

fn tagged<S: Serializer, T: Serialize + ?Sized>(out: S, tag: &str, value: &T) -> Result<S::Ok, S::Error> {
    let mut map = out.serialize_map(Some(1))?;
    map.serialize_entry(tag, value)?;
    map.end()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(One)
    }
}

/// For fields that hold one value or a list of values.
pub(crate) fn one_or_many<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<Value>, D::Error> {
    input.deserialize_any(OneOrMany)
}

/// The decimal a binary number stands for: the shortest text that means the same number.
pub(crate) fn decimal_from_float(number: f64) -> Option<Decimal> {
    number.is_finite().then(|| Decimal::from_str(&number.to_string()).ok()).flatten()
}

struct One;

impl<'de> Visitor<'de> for One {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value: true or false, a number, text, a date, or {decimal = \"12.50\"}")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, yes: bool) -> Result<Value, E> {
        Ok(Value::Boolean(yes))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or_else(|_| Value::Decimal(Decimal::from(number)), Value::Whole))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        decimal_from_float(number)
            .map(Value::Decimal)
            .ok_or_else(|| E::custom(format!("{number} is not a number that can be held exactly")))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let tag: String = map.next_key()?.ok_or_else(|| A::Error::custom("{} is not a value"))?;
        let value = match tag.as_str() {
            "decimal" => Value::Decimal(parsed(&map.next_value::<String>()?, "a decimal")?),
            "id" => Value::Id(map.next_value()?),
            "reference" => Value::Reference(map.next_value()?),
            "date" => Value::Date(parsed(&map.next_value::<String>()?, "a date")?),
            "datetime" => Value::DateTime(parsed(&map.next_value::<String>()?, "a moment")?),
            "choices" => Value::Choices(map.next_value()?),
            TOML_DATE => bare_date(&map.next_value::<String>()?)?,
            other => {
                return Err(A::Error::custom(format!(
                    "'{other}' is not a kind of value; write decimal, id, reference, date, datetime or choices"
                )));
            }
        };
        match map.next_key::<IgnoredAny>()? {
            None => Ok(value),
            Some(_) => Err(A::Error::custom("a value has one entry only")),
        }
    }
}

fn parsed<T: FromStr, E: Error>(text: &str, what: &str) -> Result<T, E> {
    text.parse().map_err(|_| E::custom(format!("'{text}' is not {what}")))
}

fn bare_date<E: Error>(text: &str) -> Result<Value, E> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(Value::DateTime(moment));
    }
    if text.len() > "2027-03-01".len() {
        return Err(E::custom(format!("'{text}' needs a time zone; write for instance 2027-03-01T08:30:00Z")));
    }
    parsed::<civil::Date, E>(text, "a date").map(Value::Date)
}

struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Vec<Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        One.expecting(out)?;
        out.write_str(", or a list of them")
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<Value>, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E: Error>(self, yes: bool) -> Result<Vec<Value>, E> {
        One.visit_bool(yes).map(|value| vec![value])
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Vec<Value>, E> {
        One.visit_i64(number).map(|value| vec![value])
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Vec<Value>, E> {
        One.visit_u64(number).map(|value| vec![value])
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Vec<Value>, E> {
        One.visit_f64(number).map(|value| vec![value])
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<Value>, E> {
        One.visit_str(text).map(|value| vec![value])
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<Value>, A::Error> {
        One.visit_map(map).map(|value| vec![value])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Value>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(values)
    }
}
