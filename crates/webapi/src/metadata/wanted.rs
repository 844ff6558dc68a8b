//! What a query of `RetrieveMetadataChanges` wants: conditions and properties.

use std::cmp::Ordering;

use serde::Deserialize;
use serde_json::Value;

use super::{
    condition::{order, unknown},
    item::Item,
};
use crate::{
    error::{Error, Result},
    wire::Json,
};

/// Most conditions of a query.
const MOST: usize = 500;
/// Most values that all lists of a query hold together, each of which every definition is compared with.
const MOST_VALUES: usize = 1_000;

/// Which tables, and what of them (Dataverse: `EntityQueryExpression`).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EntityQuery {
    #[serde(default)]
    pub properties: Properties,
    pub criteria: Option<Criteria>,
    pub attribute_query: Option<DefinitionQuery>,
    pub relationship_query: Option<DefinitionQuery>,
    pub key_query: Option<DefinitionQuery>,
    label_query: Option<LabelQuery>,
}

/// Which definitions below a table, and what of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DefinitionQuery {
    #[serde(default)]
    pub properties: Properties,
    pub criteria: Option<Criteria>,
}

/// Which properties.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Properties {
    #[serde(default)]
    all_properties: bool,
    #[serde(default)]
    pub property_names: Vec<String>,
}

/// Conditions, all or any of which hold.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Criteria {
    #[serde(default)]
    filter_operator: FilterOperator,
    #[serde(default)]
    conditions: Vec<Condition>,
    #[serde(default)]
    filters: Vec<Criteria>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
enum FilterOperator {
    #[default]
    And,
    Or,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Condition {
    property_name: String,
    #[serde(rename = "ConditionOperator")]
    operator: ConditionOperator,
    #[serde(default)]
    value: Value,
    /// What the value says, made of it once.
    #[serde(skip)]
    values: Vec<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum ConditionOperator {
    Equals,
    NotEquals,
    In,
    NotIn,
    GreaterThan,
    LessThan,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct LabelQuery {
    #[serde(default)]
    filter_languages: Vec<i64>,
    #[serde(default, rename = "MissingLabelBehavior")]
    _missing: i64,
}

impl EntityQuery {
    /// Reads a query.
    ///
    /// # Errors
    /// [`Error::BadRequest`] that names what is not known.
    pub fn read(text: &str) -> Result<Self> {
        let wrong = |error: serde_json::Error| Error::BadRequest(format!("Query: {error}"));
        let mut value: Value = serde_json::from_str(text).map_err(wrong)?;
        without_annotations(&mut value);
        let mut query: Self = serde_json::from_value(value).map_err(wrong)?;
        let below = [&mut query.attribute_query, &mut query.relationship_query, &mut query.key_query];
        let below = below.into_iter().flatten().filter_map(|query| query.criteria.as_mut());
        let (mut conditions, mut values) = (0, 0);
        for criteria in query.criteria.iter_mut().chain(below) {
            conditions += criteria.conditions();
            values += criteria.read_values();
        }
        if conditions > MOST {
            return Err(Error::BadRequest(format!("Query: at most {MOST} conditions; ask in several requests")));
        }
        if values > MOST_VALUES {
            return Err(Error::BadRequest(format!("Query: at most {MOST_VALUES} values; ask in several requests")));
        }
        Ok(query)
    }

    /// The languages that labels are wanted in; none where all are.
    pub fn languages(&self) -> Option<&[i64]> {
        self.label_query.as_ref().map(|labels| labels.filter_languages.as_slice()).filter(|wanted| !wanted.is_empty())
    }
}

impl DefinitionQuery {
    /// All of all.
    pub fn everything() -> Self {
        Self { properties: Properties { all_properties: true, ..Properties::default() }, criteria: None }
    }
}

impl Properties {
    /// Whether a property is wanted.
    pub fn wants(&self, name: &str) -> bool {
        self.all_properties || self.property_names.iter().any(|wanted| wanted == name)
    }
}

impl Criteria {
    fn conditions(&self) -> usize {
        self.conditions.len() + self.filters.iter().map(Self::conditions).sum::<usize>()
    }

    /// Reads the values of all conditions; how many there are.
    fn read_values(&mut self) -> usize {
        let own: usize = self.conditions.iter_mut().map(Condition::read_values).sum();
        own + self.filters.iter_mut().map(Self::read_values).sum::<usize>()
    }

    /// Whether a definition is wanted.
    ///
    /// # Errors
    /// [`Error`] where a condition is on what it does not have, or compares two types.
    pub fn holds(&self, item: &Item<'_>) -> Result<bool> {
        let is_any = self.filter_operator == FilterOperator::Or;
        if self.conditions.is_empty() && self.filters.is_empty() {
            return Ok(true);
        }
        for condition in &self.conditions {
            if condition.holds(item)? == is_any {
                return Ok(is_any);
            }
        }
        for filter in &self.filters {
            if filter.holds(item)? == is_any {
                return Ok(is_any);
            }
        }
        Ok(!is_any)
    }
}

impl Condition {
    fn read_values(&mut self) -> usize {
        let value = match std::mem::take(&mut self.value) {
            Value::Object(mut members) => members.remove("Value").unwrap_or_default(),
            plain => plain,
        };
        self.values = match self.operator {
            ConditionOperator::In | ConditionOperator::NotIn => several(value),
            _ => vec![value],
        };
        self.values.len()
    }

    fn holds(&self, item: &Item<'_>) -> Result<bool> {
        let found = match item.member(&self.property_name) {
            Some(Json::Object(members)) => members.iter().find(|(name, _)| &**name == "Value").map(|(_, value)| value),
            Some(plain) => Some(plain),
            // What only some types have; of the others nothing holds.
            None if item.is_subtype => Some(&Json::Null),
            None => None,
        };
        let found = found.ok_or_else(|| unknown(item.kind, &self.property_name))?;
        let compared = |wanted: &Value| {
            if let (Json::Text(found), Value::String(wanted)) = (found, wanted) {
                return Ok(Some(found.as_str().cmp(wanted)));
            }
            let wanted = as_property(found, wanted);
            if matches!((found, &wanted), (Json::Null, _) | (_, Json::Null)) {
                return Ok((*found == wanted).then_some(Ordering::Equal));
            }
            order(found, &wanted).map(Some).ok_or_else(|| {
                Error::BadRequest(format!(
                    "Query: the value of the condition on {} is of another type",
                    self.property_name
                ))
            })
        };
        let is_one_of = || -> Result<bool> {
            for wanted in &self.values {
                if compared(wanted)? == Some(Ordering::Equal) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let value = self.values.first().unwrap_or(&Value::Null);
        match self.operator {
            ConditionOperator::Equals => Ok(compared(value)? == Some(Ordering::Equal)),
            ConditionOperator::NotEquals => Ok(compared(value)? != Some(Ordering::Equal)),
            ConditionOperator::GreaterThan => Ok(compared(value)? == Some(Ordering::Greater)),
            ConditionOperator::LessThan => Ok(compared(value)? == Some(Ordering::Less)),
            ConditionOperator::In => is_one_of(),
            ConditionOperator::NotIn => Ok(!is_one_of()?),
        }
    }
}

/// Clients write values as texts whatever their type.
fn as_property(found: &Json, wanted: &Value) -> Json {
    match (found, wanted) {
        (_, Value::Null) => Json::Null,
        (_, Value::Bool(yes)) => Json::Boolean(*yes),
        (_, Value::Number(number)) => number.as_i64().map_or_else(|| Json::Text(number.to_string()), Json::Whole),
        (Json::Boolean(_), Value::String(text)) if matches!(text.to_lowercase().as_str(), "true" | "false") => {
            Json::Boolean(text.eq_ignore_ascii_case("true"))
        }
        (Json::Whole(_), Value::String(text)) => text.parse().map_or_else(|_| Json::Text(text.clone()), Json::Whole),
        (_, Value::String(text)) => Json::Text(text.clone()),
        (_, other) => Json::Text(other.to_string()),
    }
}

/// A list, also one in a text: `["a","b"]` or `a,b`.
fn several(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(Value::Array(values)) => values,
            _ => text.split(',').map(|one| Value::String(one.trim().to_owned())).collect(),
        },
        other => vec![other],
    }
}

/// Clients say the types of objects, which are known here.
fn without_annotations(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(without_annotations),
        Value::Object(members) => {
            members.retain(|name, value| !name.contains('@') && !value.is_null());
            members.values_mut().for_each(without_annotations);
        }
        _ => {}
    }
}
