//! `RetrieveMetadataChanges`: definitions with just what a client wants of them, and a stamp by which it
//! asks later whether anything changed.

use std::sync::Arc;

use axum::{http::StatusCode, response::Response};
use model::Model;

use super::{
    entity,
    item::{Item, Related},
    wanted::{Criteria, DefinitionQuery, EntityQuery},
};
use crate::{
    error::{Error, Result},
    handlers::object,
    metadata::condition::unknown,
    operations::{Bound, Call, Complex, Enumeration, Kind, Operation, Parameter, Property, Returns, Type},
    wire::Json,
};

static OPERATORS: Enumeration =
    Enumeration { name: "LogicalOperator", flags: false, members: &[("And", 0), ("Or", 1)] };

static COMPARISONS: Enumeration = Enumeration {
    name: "MetadataConditionOperator",
    flags: false,
    members: &[("Equals", 0), ("NotEquals", 1), ("In", 2), ("NotIn", 3), ("GreaterThan", 4), ("LessThan", 5)],
};

static DELETED: Enumeration = Enumeration {
    name: "DeletedMetadataFilters",
    flags: true,
    members: &[
        ("Entity", 1),
        ("Default", 1),
        ("Attribute", 2),
        ("Relationship", 4),
        ("Label", 8),
        ("OptionSet", 16),
        ("All", 31),
    ],
};

static VALUE: Complex = Complex {
    name: "Object",
    open: false,
    properties: &[Property::new("Type", Type::Text), Property::new("Value", Type::Text)],
};

static CONDITION: Complex = Complex {
    name: "MetadataConditionExpression",
    open: false,
    properties: &[
        Property::new("PropertyName", Type::Text),
        Property::new("ConditionOperator", Type::Enumeration(&COMPARISONS)),
        Property::new("Value", Type::Complex(&VALUE)),
    ],
};

static CRITERIA: Complex = Complex {
    name: "MetadataFilterExpression",
    open: false,
    properties: &[
        Property::new("FilterOperator", Type::Enumeration(&OPERATORS)),
        Property::new("Conditions", Type::Collection(&Type::Complex(&CONDITION))),
        Property::new("Filters", Type::Collection(&Type::Complex(&CRITERIA))),
    ],
};

static PROPERTIES: Complex = Complex {
    name: "MetadataPropertiesExpression",
    open: false,
    properties: &[
        Property::new("AllProperties", Type::Boolean),
        Property::new("PropertyNames", Type::Collection(&Type::Text)),
    ],
};

macro_rules! definition_query {
    ($name:literal) => {
        Complex {
            name: $name,
            open: false,
            properties: &[
                Property::new("Properties", Type::Complex(&PROPERTIES)),
                Property::new("Criteria", Type::Complex(&CRITERIA)),
            ],
        }
    };
}

static ATTRIBUTES: Complex = definition_query!("AttributeQueryExpression");
static RELATIONSHIPS: Complex = definition_query!("RelationshipQueryExpression");
static KEYS: Complex = definition_query!("EntityKeyQueryExpression");

static LABELS: Complex = Complex {
    name: "LabelQueryExpression",
    open: false,
    properties: &[
        Property::new("FilterLanguages", Type::Collection(&Type::Int32)),
        Property::new("MissingLabelBehavior", Type::Int32),
    ],
};

static QUERY: Complex = Complex {
    name: "EntityQueryExpression",
    open: false,
    properties: &[
        Property::new("Properties", Type::Complex(&PROPERTIES)),
        Property::new("Criteria", Type::Complex(&CRITERIA)),
        Property::new("AttributeQuery", Type::Complex(&ATTRIBUTES)),
        Property::new("RelationshipQuery", Type::Complex(&RELATIONSHIPS)),
        Property::new("KeyQuery", Type::Complex(&KEYS)),
        Property::new("LabelQuery", Type::Complex(&LABELS)),
    ],
};

/// A table as an object.
pub static TABLE: Complex = Complex {
    name: "ComplexEntityMetadata",
    open: true,
    properties: &[Property::new("MetadataId", Type::Guid), Property::new("LogicalName", Type::Text)],
};

static GONE: Complex =
    Complex { name: "DeletedMetadataCollection", open: true, properties: &[Property::new("Count", Type::Int32)] };

/// What can be asked here.
pub static OPERATIONS: &[Operation] = &[Operation {
    name: "RetrieveMetadataChanges",
    kind: Kind::Function,
    bound: Bound::Nothing,
    parameters: &[
        Parameter::required(
            "Query",
            Type::Complex(&QUERY),
            "what is wanted: (Query=@p1)?@p1={\"Properties\": {\"PropertyNames\": [\"DisplayName\"]}}",
        ),
        Parameter::optional("ClientVersionStamp", Type::Text, "the ServerVersionStamp of an earlier answer"),
        Parameter::optional(
            "DeletedMetadataFilters",
            Type::Enumeration(&DELETED),
            "Microsoft.Dynamics.CRM.DeletedMetadataFilters'All'",
        ),
    ],
    returns: Returns::Response(&[
        Property::new("EntityMetadata", Type::Collection(&Type::Complex(&TABLE))),
        Property::new("ServerVersionStamp", Type::Text),
        Property::new("DeletedMetadata", Type::Complex(&GONE)),
    ]),
    handler: |call| Box::pin(changes(call)),
}];

async fn changes(call: &Call<'_>) -> Result<Response> {
    let (model, parameters) = (&call.request.model, &call.parameters);
    let query = EntityQuery::read(parameters.raw("Query").unwrap_or_default())?;
    // The same tables may be told otherwise by another release.
    let stamp = format!("{}!{}", model.version, env!("CARGO_PKG_VERSION"));
    let found = match parameters.get::<String>("ClientVersionStamp")? {
        Some(known) if known == stamp => Vec::new(),
        // What went away since is not kept.
        Some(_) => return Err(Error::ExpiredStamp),
        None => {
            let model = Arc::clone(model);
            // Thousands of definitions times hundreds of conditions are no work between two requests.
            let language = call.request.caller.language();
            let found = tokio::task::spawn_blocking(move || language::within(language, || all(&model, &query))).await;
            found.map_err(std::io::Error::other)??
        }
    };
    let members = vec![
        ("EntityMetadata".into(), Json::List(found)),
        ("ServerVersionStamp".into(), Json::Text(stamp)),
        ("DeletedMetadata".into(), Json::Null),
    ];
    Ok(object(StatusCode::OK, call.context(), members))
}

fn all(model: &Model, query: &EntityQuery) -> Result<Vec<Json>> {
    let tables = model.tables.values().map(|table| entity::entity(model, table));
    tables.filter_map(|item| told(query, &item).transpose()).collect()
}

/// What is wanted of a table; nothing where it is not wanted at all.
fn told(query: &EntityQuery, item: &Item<'_>) -> Result<Option<Json>> {
    if !query.criteria.as_ref().map_or(Ok(true), |criteria| criteria.holds(item))? {
        return Ok(None);
    }
    let everything = DefinitionQuery::everything();
    let mut members = properties(&query.properties, item, &["LogicalName"])?;
    for (name, lead) in &item.leads_to {
        if !query.properties.wants(name) {
            continue;
        }
        let own = match *name {
            "Attributes" => &query.attribute_query,
            "Keys" => &query.key_query,
            _ => &query.relationship_query,
        };
        let Related::Many(items) = lead() else { continue };
        members.push(((*name).into(), Json::List(definitions(own.as_ref().unwrap_or(&everything), &items)?)));
    }
    members.push(("HasChanged".into(), Json::Null));
    let mut told = Json::Object(members);
    if let Some(languages) = query.languages() {
        only_labels(&mut told, languages);
    }
    Ok(Some(told))
}

fn definitions(query: &DefinitionQuery, items: &[Item<'_>]) -> Result<Vec<Json>> {
    let mut told = Vec::new();
    for item in items {
        if !query.criteria.as_ref().map_or(Ok(true), |criteria: &Criteria| criteria.holds(item))? {
            continue;
        }
        let identity: &[&str] = if item.member("LogicalName").is_some() { &["LogicalName"] } else { &["SchemaName"] };
        let mut members = properties(&query.properties, item, identity)?;
        for (name, lead) in item.leads_to.iter().filter(|(name, _)| query.properties.wants(name)) {
            let value = match lead() {
                Related::One(Some(one)) => one.whole(),
                Related::One(None) => Json::Null,
                Related::Many(many) => Json::List(many.iter().map(Item::whole).collect()),
            };
            members.push(((*name).into(), value));
        }
        told.push(Json::Object(members));
    }
    Ok(told)
}

/// The wanted properties of a definition, with those it is known by.
fn properties(wanted: &super::wanted::Properties, item: &Item<'_>, identity: &[&str]) -> Result<Vec<(Arc<str>, Json)>> {
    let is_known = |name: &str| {
        // Among definitions of several types some have a property that others lack.
        !item.kind.starts_with("Entity")
            || item.member(name).is_some()
            || name == "HasChanged"
            || item.leads_to.iter().any(|(lead, _)| *lead == name)
    };
    if let Some(name) = wanted.property_names.iter().find(|name| !is_known(name)) {
        return Err(unknown(item.kind, name));
    }
    let is_told = |name: &str| wanted.wants(name) || name == item.identity || identity.contains(&name);
    Ok(item.members.iter().filter(|(name, _)| is_told(name)).cloned().collect())
}

/// Takes away the texts for people in other languages.
fn only_labels(told: &mut Json, languages: &[i64]) {
    match told {
        Json::List(items) => items.iter_mut().for_each(|item| only_labels(item, languages)),
        Json::Object(members) => {
            for (name, value) in members {
                match (&**name, value) {
                    ("LocalizedLabels", Json::List(labels)) => labels.retain(|label| is_of(label, languages)),
                    ("UserLocalizedLabel", label) if !is_of(label, languages) => *label = Json::Null,
                    (_, value) => only_labels(value, languages),
                }
            }
        }
        _ => {}
    }
}

fn is_of(label: &Json, languages: &[i64]) -> bool {
    let Json::Object(members) = label else { return false };
    members.iter().any(
        |(name, value)| matches!((&**name, value), ("LanguageCode", Json::Whole(code)) if languages.contains(code)),
    )
}
