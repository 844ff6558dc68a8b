//! Conditions on metadata, which is filtered in memory.

use std::{borrow::Cow, cmp::Ordering};

use rust_decimal::Decimal;

use super::item::{Item, Related};
use crate::{
    error::{Error, Result},
    odata::{Comparison, Expression, Lambda, Literal, Operand, Quantifier, TextMatch},
    wire::Json,
};

/// Whether a definition satisfies a condition.
pub fn holds(item: &Item<'_>, condition: &Expression) -> Result<bool> {
    Scope { item, named: None }.holds(condition)
}

/// What names mean: properties of the definition, and the element that a lambda looks at.
struct Scope<'a, 'm> {
    item: &'a Item<'m>,
    named: Option<(&'a str, &'a Json)>,
}

impl Scope<'_, '_> {
    fn holds(&self, condition: &Expression) -> Result<bool> {
        match condition {
            Expression::And(parts) => all(parts, |part| self.holds(part)),
            Expression::Or(parts) => Ok(!all(parts, |part| Ok(!self.holds(part)?))?),
            Expression::Not(inner) => Ok(!self.holds(inner)?),
            Expression::Compare { left, comparison, right } => {
                compares(&*self.value(left)?, *comparison, &*self.value(right)?)
            }
            Expression::Match { how, column, text } => Ok(matches(*how, &*self.value(column)?, &*self.value(text)?)),
            Expression::In { column, values } => {
                let wanted = self.value(column)?;
                Ok(!all(values, |value| Ok(!compares(&wanted, Comparison::Eq, &*self.value(value)?)?))?)
            }
            Expression::Alone(operand) => Ok(*self.value(operand)? == Json::Boolean(true)),
            Expression::Lambda(lambda) => self.lambda(lambda),
            Expression::Function { name, .. } => Err(Error::BadRequest(format!(
                "the function '{name}' is not possible on metadata; there are comparisons, in, contains, startswith, endswith, any and all"
            ))),
        }
    }

    fn value<'v>(&'v self, operand: &'v Operand) -> Result<Cow<'v, Json>> {
        match operand {
            Operand::Literal(literal) => Ok(Cow::Owned(constant(literal))),
            Operand::Path(path) => self.at(path),
        }
    }

    fn at(&self, path: &[String]) -> Result<Cow<'_, Json>> {
        let (first, rest) = path.split_first().ok_or_else(|| Error::BadRequest("a name is missing".to_owned()))?;
        let begin = match self.named {
            Some((name, element)) if name == first => Cow::Borrowed(element),
            _ => match self.item.member(first) {
                Some(value) => Cow::Borrowed(value),
                None => Cow::Owned(told(self.item.lead(first).ok_or_else(|| unknown(self.item.kind, first))?)),
            },
        };
        rest.iter().try_fold(begin, |at, name| member(at, name))
    }

    fn lambda(&self, lambda: &Lambda) -> Result<bool> {
        let elements = match &*self.at(&lambda.path)? {
            Json::List(elements) => elements.clone(),
            Json::Null => Vec::new(),
            _ => return Err(Error::BadRequest(format!("'{}' is no collection", lambda.path.join("/")))),
        };
        let Some((name, condition)) = &lambda.condition else { return Ok(!elements.is_empty()) };
        let inner = |element: &Json| Scope { item: self.item, named: Some((name, element)) }.holds(condition);
        match lambda.quantifier {
            Quantifier::All => all(&elements, inner),
            Quantifier::Any => Ok(!all(&elements, |element| Ok(!inner(element)?))?),
        }
    }
}

fn all<T>(parts: &[T], mut holds: impl FnMut(&T) -> Result<bool>) -> Result<bool> {
    for part in parts {
        if !holds(part)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn told(related: Related<'_>) -> Json {
    match related {
        Related::One(item) => item.map_or(Json::Null, |item| item.whole()),
        Related::Many(items) => Json::List(items.iter().map(Item::whole).collect()),
    }
}

fn member<'v>(value: Cow<'v, Json>, name: &str) -> Result<Cow<'v, Json>> {
    let found = |members: &[(std::sync::Arc<str>, Json)]| members.iter().position(|(own, _)| &**own == name);
    match value {
        Cow::Borrowed(Json::Object(members)) => {
            found(members).map(|place| Cow::Borrowed(&members[place].1)).ok_or_else(|| unknown("object", name))
        }
        Cow::Owned(Json::Object(mut members)) => {
            found(&members).map(|place| Cow::Owned(members.swap_remove(place).1)).ok_or_else(|| unknown("object", name))
        }
        // What is not there has no properties either.
        value if *value == Json::Null => Ok(value),
        _ => Err(unknown("value", name)),
    }
}

/// A property that a type of metadata does not have.
pub fn unknown(kind: &str, name: &str) -> Error {
    Error::UnknownProperty { name: name.to_owned(), table: kind.to_owned(), hint: ".".to_owned() }
}

fn constant(literal: &Literal) -> Json {
    match literal {
        Literal::Null => Json::Null,
        Literal::Boolean(yes) => Json::Boolean(*yes),
        Literal::Whole(number) => Json::Whole(*number),
        Literal::Decimal(number) => Json::Decimal(*number),
        Literal::Text(text) => Json::Text(text.clone()),
        Literal::Guid(id) => Json::Text(id.to_string()),
        Literal::Date(day) => Json::Text(day.to_string()),
        Literal::DateTime(moment) => Json::Text(moment.to_string()),
    }
}

fn compares(left: &Json, comparison: Comparison, right: &Json) -> Result<bool> {
    if matches!((left, right), (Json::Null, _) | (_, Json::Null)) {
        let same = left == right;
        return Ok(match comparison {
            Comparison::Eq => same,
            Comparison::Ne => !same,
            _ => false,
        });
    }
    let order = order(left, right).ok_or_else(|| {
        Error::BadRequest("a condition compares values of two types; texts stand in quotes".to_owned())
    })?;
    Ok(match comparison {
        Comparison::Eq => order == Ordering::Equal,
        Comparison::Ne => order != Ordering::Equal,
        Comparison::Gt => order == Ordering::Greater,
        Comparison::Ge => order != Ordering::Less,
        Comparison::Lt => order == Ordering::Less,
        Comparison::Le => order != Ordering::Greater,
    })
}

/// The order of two values of a type; nothing of values of two types.
pub fn order(left: &Json, right: &Json) -> Option<Ordering> {
    let number = |value: &Json| match value {
        Json::Whole(number) => Some(Decimal::from(*number)),
        Json::Decimal(number) => Some(*number),
        _ => None,
    };
    match (left, right) {
        (Json::Null, Json::Null) => Some(Ordering::Equal),
        (Json::Null, _) => Some(Ordering::Less),
        (_, Json::Null) => Some(Ordering::Greater),
        (Json::Text(left), Json::Text(right)) => Some(left.cmp(right)),
        (Json::Boolean(left), Json::Boolean(right)) => Some(left.cmp(right)),
        _ => Some(number(left)?.cmp(&number(right)?)),
    }
}

fn matches(how: TextMatch, value: &Json, text: &Json) -> bool {
    let (Json::Text(value), Json::Text(text)) = (value, text) else { return false };
    match how {
        TextMatch::Contains => value.contains(text.as_str()),
        TextMatch::StartsWith => value.starts_with(text.as_str()),
        TextMatch::EndsWith => value.ends_with(text.as_str()),
    }
}
