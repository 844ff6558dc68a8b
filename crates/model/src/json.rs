//! Values as JSON, both ways: the Web API's form and the change feed's.
//!
//! The wire form is Dataverse's: amounts are JSON numbers. Up to 15 significant digits pass
//! exactly both ways (a JSON number here is a double); the feed writes amounts as text, and
//! lookups with their table, and loses nothing.

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde_json::{Value as Json, json};

use crate::{Column, ColumnType, Reference, Value, ValueError, literal::decimal_from_float};

type Read = Result<Value, ValueError>;

/// Significant digits that every double holds.
const DIGITS_OF_A_DOUBLE: u32 = 15;

impl Column {
    /// The wire form: choices as numbers, amounts as numbers, moments in UTC with whole seconds,
    /// multi-choices as `"1,3"`, lookups as the identifier alone.
    pub fn to_json(&self, value: &Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Boolean(yes) => json!(yes),
            Value::Whole(number) => json!(number),
            Value::Decimal(number) => decimal_to_json(*number),
            Value::Text(text) => json!(text),
            Value::Id(id) => json!(id),
            Value::Reference(reference) => json!(reference.id),
            Value::Date(day) => json!(day.to_string()),
            Value::DateTime(moment) => json!(moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            Value::Choices(numbers) => json!(choices_to_text(numbers)),
        }
    }

    /// Reads the wire form. The type is settled, the limits are not: see [`Column::check`].
    /// A lookup may come as an identifier (with several targets it stays [`Value::Id`]) or as
    /// `{"table": .., "id": ..}`.
    pub fn from_json(&self, json: &Json) -> Read {
        match json {
            Json::Null => Ok(Value::Null),
            Json::Bool(yes) => match self.value_type() {
                ColumnType::Boolean { .. } => Ok(Value::Boolean(*yes)),
                _ => Err(ValueError::new(format!("{} is needed, not {yes}", self.wanted()))),
            },
            Json::Number(number) => self.number_in_json(number),
            Json::String(text) => self.text_in_json(text),
            Json::Array(items) => self.list_in_json(items),
            Json::Object(_) => match self.value_type() {
                ColumnType::Lookup { .. } => serde_json::from_value::<Reference>(json.clone())
                    .map(Value::Reference)
                    .map_err(|_| ValueError::new("a lookup is written as {\"table\": \"account\", \"id\": \"…\"}")),
                _ => Err(ValueError::new(format!("{} is needed, not an object", self.wanted()))),
            },
        }
    }

    /// The change feed's form: as the wire's, but lossless: amounts as text, moments with
    /// milliseconds, lookups as `{"table": .., "id": ..}`.
    pub fn to_feed_json(&self, value: &Value) -> Json {
        match value {
            Value::Decimal(number) => json!(number.to_string()),
            Value::DateTime(moment) => json!(moment.to_string()),
            Value::Reference(reference) => json!(reference),
            other => self.to_json(other),
        }
    }

    /// Reads the change feed's form.
    pub fn from_feed_json(&self, json: &Json) -> Read {
        match (self.value_type(), json) {
            (ColumnType::Decimal { .. } | ColumnType::Money { .. }, Json::String(_)) => {
                self.coerce(Value::from(json.as_str()))
            }
            _ => self.from_json(json),
        }
    }

    fn number_in_json(&self, number: &serde_json::Number) -> Read {
        let decimal = number
            .as_i64()
            .map(Decimal::from)
            .or_else(|| number.as_u64().map(Decimal::from))
            .or_else(|| number.as_f64().and_then(decimal_from_float))
            .ok_or_else(|| ValueError::new("the number is too large or has too many digits"))?;
        match self.value_type() {
            ColumnType::Decimal { precision, .. } => Ok(Value::Decimal(without_noise(decimal, *precision))),
            ColumnType::Money { .. } => Ok(Value::Decimal(without_noise(decimal, crate::coerce::MONEY_PLACES))),
            ColumnType::Whole { .. } | ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => {
                let whole = decimal.fract().is_zero().then(|| decimal.to_i64()).flatten();
                whole
                    .map(Value::Whole)
                    .ok_or_else(|| ValueError::new(format!("a whole number is needed, not {number}")))
            }
            ColumnType::MultiChoice { .. } => self.coerce(Value::from(number.to_string())),
            _ => Err(ValueError::new(format!("{} is needed, not the number {number}", self.wanted()))),
        }
    }

    fn text_in_json(&self, text: &str) -> Read {
        match self.value_type() {
            ColumnType::MultiChoice { .. } if text.trim().is_empty() => Ok(Value::Null),
            ColumnType::Decimal { .. }
            | ColumnType::Money { .. }
            | ColumnType::Whole { .. }
            | ColumnType::Choice { .. }
            | ColumnType::State
            | ColumnType::Status
            | ColumnType::Boolean { .. } => {
                Err(ValueError::new(format!("{} is needed, without quotes around it", self.wanted())))
            }
            _ => self.coerce(Value::from(text)),
        }
    }

    fn list_in_json(&self, items: &[Json]) -> Read {
        let ColumnType::MultiChoice { .. } = self.value_type() else {
            return Err(ValueError::new(format!("{} is needed, not a list", self.wanted())));
        };
        let mut numbers = items
            .iter()
            .map(|item| item.as_i64().and_then(|number| i32::try_from(number).ok()))
            .collect::<Option<Vec<i32>>>()
            .ok_or_else(|| ValueError::new("a list of option numbers is needed"))?;
        numbers.sort_unstable();
        numbers.dedup();
        Ok(if numbers.is_empty() { Value::Null } else { Value::Choices(numbers) })
    }

    /// What the column holds, for sentences: `a number`.
    fn wanted(&self) -> &'static str {
        match self.value_type() {
            ColumnType::Id | ColumnType::File { .. } | ColumnType::Image { .. } => "an identifier",
            ColumnType::Whole { .. } => "a whole number",
            ColumnType::Decimal { .. } | ColumnType::Money { .. } => "a number",
            ColumnType::Boolean { .. } => "true or false",
            ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => "the number of an option",
            ColumnType::MultiChoice { .. } => "option numbers like \"1,3\"",
            ColumnType::Date => "a day like \"2027-03-01\"",
            ColumnType::DateTime => "a moment like \"2027-03-01T08:30:00Z\"",
            ColumnType::Lookup { .. } => "a reference to a row",
            _ => "text",
        }
    }
}

/// Whole amounts stay whole numbers, so that 100 is not written as 100.0.
fn decimal_to_json(number: Decimal) -> Json {
    let number = number.normalize();
    if number.scale() == 0
        && let Some(whole) = number.to_i64()
    {
        return json!(whole);
    }
    // Through the text: the nearest double, whose shortest text is the number again.
    let double = number.to_string().parse::<f64>().ok();
    double.and_then(serde_json::Number::from_f64).map_or(Json::Null, Json::Number)
}

/// Takes away what binary arithmetic added: 59.970000000000006 was meant as 59.97. Only where the
/// column could not hold the number as it is, and only beyond the digits a double is sure of.
fn without_noise(number: Decimal, places: u32) -> Decimal {
    if number.normalize().scale() <= places {
        return number;
    }
    match number.round_sf(DIGITS_OF_A_DOUBLE) {
        Some(rounded) if rounded.normalize().scale() <= places => rounded,
        _ => number,
    }
}

fn choices_to_text(numbers: &[i32]) -> String {
    numbers.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
}
