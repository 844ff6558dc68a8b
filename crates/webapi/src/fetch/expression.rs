//! Queries as objects, as the SDKs send them: a `QueryExpression` becomes the same tree that FetchXML is read
//! into, a `FetchExpression` holds FetchXML. Only which rows are meant is taken from them; what else they
//! say (columns, order) does not change that, and what would is refused.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    ast::{Condition, Entity, Fetch, Group, Link, LinkKind, Part},
    limits, read,
};
use crate::error::{Error, Result};

/// A query for rows of one table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct QueryExpression {
    entity_name: String,
    criteria: Option<FilterExpression>,
    link_entities: Option<Vec<LinkEntity>>,
    top_count: Option<u32>,
    page_info: Option<PageInfo>,
    #[serde(rename = "ColumnSet")]
    _columns: Option<Value>,
    #[serde(rename = "Orders")]
    _orders: Option<Value>,
    #[serde(rename = "Distinct")]
    _distinct: Option<bool>,
    #[serde(rename = "NoLock")]
    _no_lock: Option<bool>,
}

/// A page, of which there must be none.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PageInfo {
    #[serde(default)]
    count: i64,
    #[serde(default)]
    page_number: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct FilterExpression {
    filter_operator: Option<String>,
    conditions: Option<Vec<ConditionExpression>>,
    filters: Option<Vec<FilterExpression>>,
    is_quick_find_filter: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ConditionExpression {
    attribute_name: String,
    operator: String,
    values: Option<Vec<Value>>,
    entity_name: Option<String>,
    compare_columns: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct LinkEntity {
    link_from_attribute_name: String,
    link_to_entity_name: String,
    link_to_attribute_name: String,
    join_operator: Option<String>,
    entity_alias: Option<String>,
    link_criteria: Option<FilterExpression>,
    link_entities: Option<Vec<LinkEntity>>,
    #[serde(rename = "LinkFromEntityName")]
    _from: Option<String>,
    #[serde(rename = "Columns")]
    _columns: Option<Value>,
    #[serde(rename = "Orders")]
    _orders: Option<Value>,
}

/// A query that is sent as an object. Which rows it means is all that is taken from it.
///
/// # Errors
/// [`Error::BadBody`] where it is neither a `QueryExpression` nor a `FetchExpression`, [`Error::BadRequest`]
/// for what they cannot say here.
pub fn read_expression(object: &Value) -> Result<Fetch> {
    let is_fetch =
        object.get("@odata.type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("FetchExpression"));
    let object = without_annotations(object);
    if is_fetch || object.get("Query").is_some_and(Value::is_string) {
        return fetch_expression(&object);
    }
    let query: QueryExpression = parsed(object)?;
    let pages = query.page_info.as_ref().is_some_and(|page| page.count > 0 || page.page_number > 1);
    if query.top_count.is_some() || pages {
        return Err(wrong("TopCount and PageInfo are not possible: all rows of the query are meant"));
    }
    let mut reader = Reader { conditions: 0, links: 0 };
    let entity = Entity {
        name: query.entity_name,
        filters: reader.filters(query.criteria)?,
        links: reader.links(query.link_entities)?,
        ..Entity::default()
    };
    Ok(Fetch { entity, ..Fetch::default() })
}

fn fetch_expression(object: &Value) -> Result<Fetch> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "PascalCase")]
    struct FetchExpression {
        query: String,
    }
    let mut fetch = read(&parsed::<FetchExpression>(object.clone())?.query)?;
    if fetch.aggregate || fetch.top.is_some() || fetch.count.is_some() || fetch.page.is_some() {
        return Err(wrong("aggregate, top, count and page are not possible: all rows of the query are meant"));
    }
    fetch.cookie = None;
    fetch.entity.all = false;
    fetch.entity.attributes.clear();
    fetch.entity.orders.clear();
    Ok(fetch)
}

fn parsed<T: DeserializeOwned>(object: Value) -> Result<T> {
    serde_json::from_value(object).map_err(|error| {
        Error::BadBody(format!(
            "QuerySet: {error}; send {{\"EntityName\": \"account\", \"Criteria\": {{\"FilterOperator\": \"And\", \"Conditions\": [{{\"AttributeName\": \"name\", \"Operator\": \"Equal\", \"Values\": [{{\"Value\": \"x\", \"Type\": \"System.String\"}}]}}]}}}} or {{\"@odata.type\": \"Microsoft.Dynamics.CRM.FetchExpression\", \"Query\": \"<fetch>…\"}}"
        ))
    })
}

/// The object without what clients annotate it with, at whatever depth.
fn without_annotations(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let own = members.iter().filter(|(name, _)| !name.contains('@'));
            Value::Object(own.map(|(name, value)| (name.clone(), without_annotations(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_annotations).collect()),
        other => other.clone(),
    }
}

struct Reader {
    conditions: usize,
    links: usize,
}

impl Reader {
    fn filters(&mut self, filter: Option<FilterExpression>) -> Result<Vec<Group>> {
        filter.map(|filter| self.group(filter)).into_iter().collect()
    }

    fn group(&mut self, filter: FilterExpression) -> Result<Group> {
        if filter.is_quick_find_filter == Some(true) {
            return Err(wrong("IsQuickFindFilter is not possible; write the conditions with FilterOperator Or"));
        }
        let any = match filter.filter_operator.as_deref() {
            None | Some("And" | "0") => false,
            Some("Or" | "1") => true,
            Some(other) => return Err(wrong(format!("FilterOperator is And or Or, not '{other}'"))),
        };
        let mut parts = Vec::new();
        for condition in filter.conditions.unwrap_or_default() {
            parts.push(Part::Condition(self.condition(condition)?));
        }
        for inner in filter.filters.unwrap_or_default() {
            parts.push(Part::Group(self.group(inner)?));
        }
        Ok(Group { any, parts })
    }

    fn condition(&mut self, condition: ConditionExpression) -> Result<Condition> {
        self.conditions += 1;
        if self.conditions > limits::CONDITIONS {
            return Err(wrong(format!(
                "more than {} conditions; compare with a list (In) instead",
                limits::CONDITIONS
            )));
        }
        let mut values = condition.values.unwrap_or_default().iter().map(text).collect::<Result<Vec<_>>>()?;
        let other = if condition.compare_columns == Some(true) { values.pop() } else { None };
        Ok(Condition {
            entity: condition.entity_name.filter(|name| !name.is_empty()),
            attribute: condition.attribute_name,
            operator: operator(&condition.operator),
            values,
            other,
        })
    }

    fn links(&mut self, links: Option<Vec<LinkEntity>>) -> Result<Vec<Link>> {
        links.unwrap_or_default().into_iter().map(|link| self.link(link)).collect()
    }

    fn link(&mut self, link: LinkEntity) -> Result<Link> {
        self.links += 1;
        if self.links > limits::LINKS {
            return Err(wrong(format!("more than {} LinkEntities", limits::LINKS)));
        }
        let kind = match link.join_operator.as_deref() {
            None | Some("Inner") => LinkKind::Inner,
            Some("LeftOuter") => LinkKind::Outer,
            Some("Exists" | "In") => LinkKind::Exists,
            Some(other) => {
                return Err(wrong(format!("JoinOperator is Inner, LeftOuter, Exists or In, not '{other}'")));
            }
        };
        let entity = Entity {
            name: link.link_to_entity_name,
            filters: self.filters(link.link_criteria)?,
            links: self.links(link.link_entities)?,
            ..Entity::default()
        };
        let alias = link.entity_alias.filter(|alias| !alias.is_empty());
        Ok(Link { entity, from: link.link_to_attribute_name, to: link.link_from_attribute_name, alias, kind })
    }
}

/// A value as FetchXML writes it; `{"Value": …, "Type": "System.Guid"}` or the value alone.
fn text(value: &Value) -> Result<String> {
    match value {
        Value::Object(members) => match members.get("Value") {
            Some(inner) if !inner.is_object() => text(inner),
            _ => Err(wrong("Values are objects such as {\"Value\": \"x\", \"Type\": \"System.String\"}")),
        },
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(yes) => Ok(yes.to_string()),
        Value::Null | Value::Array(_) => Err(wrong("Values hold texts, numbers and true or false")),
    }
}

/// FetchXML's name of an operator: `LastXDays` is `last-x-days`. One that is not known stays as it is, and is
/// refused by its name.
fn operator(name: &str) -> String {
    let known = match name {
        "Equal" => "eq",
        "NotEqual" => "ne",
        "GreaterThan" => "gt",
        "GreaterEqual" => "ge",
        "LessThan" => "lt",
        "LessEqual" => "le",
        "DoesNotBeginWith" => "not-begin-with",
        "DoesNotEndWith" => "not-end-with",
        "DoesNotContainValues" => "not-contain-values",
        "EqualUserId" => "eq-userid",
        "NotEqualUserId" => "ne-userid",
        "EqualBusinessId" => "eq-businessid",
        "NotEqualBusinessId" => "ne-businessid",
        "EqualUserTeams" => "eq-userteams",
        "EqualUserOrUserTeams" => "eq-useroruserteams",
        "UnderOrEqual" => "eq-or-under",
        "AboveOrEqual" => "eq-or-above",
        "Last7Days" => "last-seven-days",
        "Next7Days" => "next-seven-days",
        // `OlderThanXMonths` is the one family that FetchXML writes together.
        _ => return dashed(name).replacen("older-than-", "olderthan-", 1),
    };
    known.to_owned()
}

fn dashed(name: &str) -> String {
    let mut dashed = String::with_capacity(name.len() + 8);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !dashed.is_empty() && !dashed.ends_with('-') {
            dashed.push('-');
        }
        dashed.push(letter.to_ascii_lowercase());
    }
    dashed
}

fn wrong(message: impl std::fmt::Display) -> Error {
    Error::BadRequest(format!("QuerySet: {message}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::condition, *};

    #[test]
    fn an_expression_says_the_same_as_fetchxml() {
        let expression = json!({
            "@odata.type": "Microsoft.Dynamics.CRM.QueryExpression",
            "EntityName": "lead",
            "ColumnSet": {"AllColumns": false, "Columns": []},
            "Criteria": {
                "@odata.type": "Microsoft.Dynamics.CRM.FilterExpression",
                "FilterOperator": "Or",
                "Conditions": [
                    {"AttributeName": "createdon", "Operator": "OlderThanXMonths", "Values": [{"Value": 3, "Type": "System.Int32"}]},
                    {"AttributeName": "leadid", "Operator": "In", "Values": ["a", "b"]},
                ],
                "Filters": [{"Conditions": [{"AttributeName": "subject", "Operator": "DoesNotBeginWith", "Values": ["x"]}]}],
            },
        });
        let fetch = "<fetch><entity name='lead'><filter type='or'><condition attribute='createdon' operator='olderthan-x-months' value='3'/>\
            <condition attribute='leadid' operator='in'><value>a</value><value>b</value></condition>\
            <filter><condition attribute='subject' operator='not-begin-with' value='x'/></filter></filter></entity></fetch>";
        assert_eq!(read_expression(&expression).unwrap(), read(fetch).unwrap());
    }

    /// All of the SDK's `ConditionOperator`, those in the second list refused by their names.
    #[test]
    fn every_operator_of_the_sdk_is_known_or_refused() {
        let known = "Equal NotEqual GreaterThan LessThan GreaterEqual LessEqual Like NotLike In NotIn Between NotBetween \
            Null NotNull Yesterday Today Tomorrow Last7Days Next7Days LastWeek ThisWeek NextWeek LastMonth ThisMonth \
            NextMonth On OnOrBefore OnOrAfter LastYear ThisYear NextYear LastXHours NextXHours LastXDays NextXDays \
            LastXWeeks NextXWeeks LastXMonths NextXMonths LastXYears NextXYears EqualUserId NotEqualUserId \
            EqualBusinessId NotEqualBusinessId NotOn OlderThanXMonths BeginsWith DoesNotBeginWith EndsWith \
            DoesNotEndWith ThisFiscalYear ThisFiscalPeriod NextFiscalYear NextFiscalPeriod LastFiscalYear \
            LastFiscalPeriod LastXFiscalYears LastXFiscalPeriods NextXFiscalYears NextXFiscalPeriods InFiscalYear \
            InFiscalPeriod EqualUserTeams EqualUserOrUserTeams Under UnderOrEqual Above AboveOrEqual \
            OlderThanXYears OlderThanXWeeks OlderThanXDays OlderThanXHours OlderThanXMinutes ContainValues \
            DoesNotContainValues";
        for name in known.split_whitespace() {
            assert!(condition::operator(&operator(name)).is_ok(), "{name}");
        }
        let refused = "ChildOf Mask NotMask MasksSelect Contains DoesNotContain EqualUserLanguage \
            InFiscalPeriodAndYear InOrBeforeFiscalPeriodAndYear InOrAfterFiscalPeriodAndYear NotUnder \
            EqualUserOrUserHierarchy EqualUserOrUserHierarchyAndTeams EqualRoleBusinessId";
        for name in refused.split_whitespace() {
            assert!(condition::operator(&operator(name)).is_err(), "{name}");
        }
        assert!(condition::operator("older-than-x-days").is_ok(), "both spellings are known");
    }
}
