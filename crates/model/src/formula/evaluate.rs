//! The value of an expression for one row.

use std::cmp::Ordering;

use jiff::{civil, tz::TimeZone};
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

use super::{Binary, Expression, Function};
use crate::Value;

/// Values of columns by name.
type Columns<'a> = &'a dyn Fn(&str) -> Value;

pub(super) fn evaluate(expression: &Expression, columns: Columns<'_>) -> Value {
    match expression {
        Expression::Literal(value) => value.clone(),
        Expression::Column(name) => columns(name),
        Expression::Not(inner) => evaluate(inner, columns).as_boolean().map(|yes| !yes).into(),
        Expression::Negate(inner) => evaluate(inner, columns).as_decimal().map(|number| -number).into(),
        Expression::Binary(Binary::And, left, right) => logic(left, right, columns, false),
        Expression::Binary(Binary::Or, left, right) => logic(left, right, columns, true),
        Expression::Binary(operator, left, right) => {
            binary(*operator, &evaluate(left, columns), &evaluate(right, columns))
        }
        Expression::Call(function, arguments) => call(*function, arguments, columns),
    }
}

/// Three-valued: what decides decides, even if the other side is empty.
fn logic(left: &Expression, right: &Expression, columns: Columns<'_>, deciding: bool) -> Value {
    let left = evaluate(left, columns).as_boolean();
    if left == Some(deciding) {
        return Value::Boolean(deciding);
    }
    match (left, evaluate(right, columns).as_boolean()) {
        (_, Some(yes)) if yes == deciding => Value::Boolean(deciding),
        (Some(_), Some(_)) => Value::Boolean(!deciding),
        _ => Value::Null,
    }
}

fn binary(operator: Binary, left: &Value, right: &Value) -> Value {
    if left.is_null() || right.is_null() {
        return Value::Null;
    }
    match operator {
        Binary::Add => arithmetic(left, right, Decimal::checked_add),
        Binary::Subtract => arithmetic(left, right, Decimal::checked_sub),
        Binary::Multiply => arithmetic(left, right, Decimal::checked_mul),
        Binary::Divide => arithmetic(left, right, Decimal::checked_div),
        Binary::Equal => compared(left, right, Ordering::is_eq),
        Binary::NotEqual => compared(left, right, Ordering::is_ne),
        Binary::Less => compared(left, right, Ordering::is_lt),
        Binary::LessOrEqual => compared(left, right, Ordering::is_le),
        Binary::Greater => compared(left, right, Ordering::is_gt),
        Binary::GreaterOrEqual => compared(left, right, Ordering::is_ge),
        Binary::And | Binary::Or => Value::Null,
    }
}

fn arithmetic(left: &Value, right: &Value, with: fn(Decimal, Decimal) -> Option<Decimal>) -> Value {
    match (left.as_decimal(), right.as_decimal()) {
        (Some(left), Some(right)) => with(left, right).into(),
        _ => Value::Null,
    }
}

fn compared(left: &Value, right: &Value, holds: fn(Ordering) -> bool) -> Value {
    order(left, right).map(holds).into()
}

/// Text is compared without regard to case, as everywhere in the product.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.to_lowercase().cmp(&right.to_lowercase())),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::DateTime(left), Value::DateTime(right)) => Some(left.cmp(right)),
        (Value::Date(_), Value::DateTime(_)) | (Value::DateTime(_), Value::Date(_)) => {
            Some(day_of(left)?.cmp(&day_of(right)?))
        }
        (Value::Id(_) | Value::Reference(_), Value::Id(_) | Value::Reference(_)) => {
            Some(left.as_id()?.cmp(&right.as_id()?))
        }
        _ => Some(left.as_decimal()?.cmp(&right.as_decimal()?)),
    }
}

fn call(function: Function, arguments: &[Expression], columns: Columns<'_>) -> Value {
    let value = |position: usize| arguments.get(position).map_or(Value::Null, |inner| evaluate(inner, columns));
    match function {
        Function::If if value(0).as_boolean() == Some(true) => value(1),
        Function::If => value(2),
        Function::Coalesce => {
            arguments.iter().map(|inner| evaluate(inner, columns)).find(|value| !is_empty(value)).unwrap_or_default()
        }
        Function::Join => joined(&text_of(&value(0)), &arguments[1..], columns),
        Function::Concat => joined("", arguments, columns),
        Function::Round => rounded(&value(0), &value(1)),
        Function::Abs => value(0).as_decimal().map(|number| number.abs()).into(),
        Function::Min => extreme(arguments, columns, Ordering::Less),
        Function::Max => extreme(arguments, columns, Ordering::Greater),
        Function::Upper => value(0).as_text().map(str::to_uppercase).into(),
        Function::Lower => value(0).as_text().map(str::to_lowercase).into(),
        Function::DaysBetween => days_between(&value(0), &value(1)),
        Function::Year => day_of(&value(0)).map(|day| i64::from(day.year())).into(),
        Function::Month => day_of(&value(0)).map(|day| i64::from(day.month())).into(),
        Function::Day => day_of(&value(0)).map(|day| i64::from(day.day())).into(),
        Function::IsEmpty => Value::Boolean(is_empty(&value(0))),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::Choices(numbers) => numbers.is_empty(),
        _ => false,
    }
}

/// Empty parts are left out together with their separator; nothing at all is empty.
fn joined(separator: &str, parts: &[Expression], columns: Columns<'_>) -> Value {
    let parts: Vec<String> = parts
        .iter()
        .map(|inner| evaluate(inner, columns))
        .filter(|value| !is_empty(value))
        .map(|value| text_of(&value))
        .collect();
    if parts.is_empty() { Value::Null } else { Value::Text(parts.join(separator)) }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Whole(number) => number.to_string(),
        Value::Decimal(number) => number.normalize().to_string(),
        Value::Text(text) => text.clone(),
        Value::Id(id) => id.to_string(),
        Value::Reference(reference) => reference.id.to_string(),
        Value::Date(day) => day.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::Choices(numbers) => numbers.iter().map(i32::to_string).collect::<Vec<_>>().join(","),
    }
}

/// Halves go away from zero, as people learn it.
fn rounded(number: &Value, places: &Value) -> Value {
    let places = places.as_decimal().and_then(|places| places.to_u32()).unwrap_or(0).min(28);
    number
        .as_decimal()
        .map(|number| number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
        .into()
}

/// Empty values are passed over.
fn extreme(arguments: &[Expression], columns: Columns<'_>, wanted: Ordering) -> Value {
    let mut best = Value::Null;
    for value in arguments.iter().map(|inner| evaluate(inner, columns)).filter(|value| !is_empty(value)) {
        if best.is_null() || order(&value, &best) == Some(wanted) {
            best = value;
        }
    }
    best
}

fn days_between(from: &Value, to: &Value) -> Value {
    let (Some(from), Some(to)) = (day_of(from), day_of(to)) else { return Value::Null };
    from.until(to).ok().map(|span| i64::from(span.get_days())).into()
}

/// The day of a date, or of a moment in UTC: a stored result cannot depend on who looks.
fn day_of(value: &Value) -> Option<civil::Date> {
    match value {
        Value::Date(day) => Some(*day),
        Value::DateTime(moment) => Some(moment.to_zoned_datetime(TimeZone::UTC).date()),
        _ => None,
    }
}
