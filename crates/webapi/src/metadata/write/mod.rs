//! Definitions that clients write: tables, columns, keys, relationships and shared choices. Each is read as
//! a declaration of the model and published as one customisation, by the same path as every other; what
//! comes of it is compared with what was sent before it is published, so that nothing is passed over.

mod agreement;
mod change;
mod choice;
mod column;
mod delete;
mod key;
mod label;
mod make;
mod operations;
mod options;
mod polymorphic;
mod relationship;
mod sent;
mod table;

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use crm::access;
use model::{Model, ModelError, Overlay, PartAddress, PartKind, Problem, Table};
use serde_json::Value;

use super::{
    NAMESPACE, ask, attribute, entity, item::Item, key as keys, not_found, of_type, place_of,
    relationship as relationships, shared,
};
use crate::{
    error::{Error, Result},
    handlers::{Request, applied, at, empty},
    odata::{KeyPart, Segment},
};
pub use operations::OPERATIONS;

/// Writes a definition.
pub async fn serve(request: &Request, first: &Segment, rest: &[Segment]) -> Result<Response> {
    let (rest, cast) = match rest {
        [before @ .., cast] if cast.name.starts_with(NAMESPACE) && cast.key.is_none() => (before, Some(cast)),
        _ => (rest, None),
    };
    let what = Asked::of(first, rest).ok_or_else(|| request.not_allowed("this metadata", "GET"))?;
    may_write(request)?;
    if let Some(cast) = cast {
        demand_cast(request, &what, cast)?;
    }
    request.options.allow(&["$select"])?;
    match (&request.method, what) {
        (&Method::POST, Asked::Tables) => Box::pin(make::table(request)).await,
        (&Method::POST, Asked::Columns(table)) => Box::pin(make::column(request, table)).await,
        (&Method::POST, Asked::Keys(table)) => Box::pin(make::key(request, table)).await,
        (&Method::POST, Asked::Relationships) => Box::pin(make::relationship(request)).await,
        (&Method::POST, Asked::Choices) => Box::pin(make::choice(request)).await,
        (&Method::PUT | &Method::PATCH, Asked::Table(table)) => Box::pin(change::table(request, table)).await,
        (&Method::PUT | &Method::PATCH, Asked::Column(table, column)) => {
            Box::pin(change::column(request, table, column)).await
        }
        (&Method::PUT | &Method::PATCH, Asked::Relationship(key)) => Box::pin(change::relationship(request, key)).await,
        (&Method::PUT | &Method::PATCH, Asked::Choice(key)) => Box::pin(change::choice(request, key)).await,
        (&Method::DELETE, Asked::Table(table)) => Box::pin(delete::table(request, table)).await,
        (&Method::DELETE, Asked::Column(table, column)) => Box::pin(delete::column(request, table, column)).await,
        (&Method::DELETE, Asked::Key(table, key)) => Box::pin(delete::key(request, table, key)).await,
        (&Method::DELETE, Asked::Relationship(key)) => Box::pin(delete::relationship(request, key)).await,
        (&Method::DELETE, Asked::Choice(key)) => Box::pin(delete::choice(request, key)).await,
        (_, what) => Err(request.not_allowed("this metadata", what.allowed())),
    }
}

type Key<'r> = &'r [KeyPart];

/// What an address names.
enum Asked<'r> {
    Tables,
    Table(Key<'r>),
    Columns(Key<'r>),
    Column(Key<'r>, Key<'r>),
    Keys(Key<'r>),
    Key(Key<'r>, Key<'r>),
    Relationships,
    Relationship(Key<'r>),
    Choices,
    Choice(Key<'r>),
}

impl<'r> Asked<'r> {
    fn of(first: &'r Segment, rest: &'r [Segment]) -> Option<Self> {
        match (first.name.as_str(), first.key.as_deref(), rest) {
            ("EntityDefinitions" | "EntityMetadata", None, []) => Some(Self::Tables),
            ("EntityDefinitions" | "EntityMetadata", Some(table), []) => Some(Self::Table(table)),
            ("EntityDefinitions" | "EntityMetadata", Some(table), [below]) => {
                match (below.name.as_str(), below.key.as_deref()) {
                    ("Attributes", None) => Some(Self::Columns(table)),
                    ("Attributes", Some(column)) => Some(Self::Column(table, column)),
                    ("Keys", None) => Some(Self::Keys(table)),
                    ("Keys", Some(key)) => Some(Self::Key(table, key)),
                    _ => None,
                }
            }
            ("RelationshipDefinitions", None, []) => Some(Self::Relationships),
            ("RelationshipDefinitions", Some(key), []) => Some(Self::Relationship(key)),
            ("GlobalOptionSetDefinitions", None, []) => Some(Self::Choices),
            ("GlobalOptionSetDefinitions", Some(key), []) => Some(Self::Choice(key)),
            _ => None,
        }
    }

    /// The methods that are possible there.
    const fn allowed(&self) -> &'static str {
        match self {
            Self::Tables | Self::Columns(_) | Self::Keys(_) | Self::Relationships | Self::Choices => "GET, POST",
            Self::Table(_) | Self::Column(..) | Self::Relationship(_) | Self::Choice(_) => "GET, PUT, PATCH, DELETE",
            Self::Key(..) => "GET, DELETE",
        }
    }
}

/// A definition must be what it is taken for, and what is made below a type must be of it.
fn demand_cast(request: &Request, what: &Asked<'_>, cast: &Segment) -> Result<()> {
    let model = request.app.model();
    let items = match what {
        Asked::Table(key) => vec![entity::entity(&model, table_of(&model, key)?)],
        Asked::Column(table, column) => {
            let items = attribute::all(&model, table_of(&model, table)?);
            vec![one_of(items, column, "LogicalName", "Attributes")?]
        }
        Asked::Key(table, key) => vec![one_of(keys::all(table_of(&model, table)?), key, "LogicalName", "Keys")?],
        Asked::Relationship(key) => {
            vec![one_of(relationships::all(&model), key, "SchemaName", "RelationshipDefinitions")?]
        }
        Asked::Choice(key) => vec![one_of(shared::all(&model), key, "Name", "GlobalOptionSetDefinitions")?],
        Asked::Tables | Asked::Columns(_) | Asked::Keys(_) | Asked::Relationships | Asked::Choices => {
            return demand_type(&body(request)?, cast);
        }
    };
    if of_type(items, cast)?.is_empty() {
        return Err(Error::UnknownResource(cast.name.clone()));
    }
    Ok(())
}

/// What a body says it is must be the type of the collection it is sent to.
fn demand_type(body: &Value, cast: &Segment) -> Result<()> {
    let kind = cast.name.strip_prefix(NAMESPACE).unwrap_or_default();
    let sent = sent::Sent::at("", body)?;
    match sent.kind()? {
        Some(said) if said == kind || matches!(kind, "AttributeMetadata" | "RelationshipMetadataBase") => Ok(()),
        _ => Err(sent.wrong("@odata.type", &format!("what is sent here is a {kind}"))),
    }
}

/// Says so first to whoever may not customise.
fn may_write(request: &Request) -> Result<()> {
    Ok(access::require_customizer(&request.caller, "see and change the customisations")?)
}

/// The body of a request.
fn body(request: &Request) -> Result<Value> {
    let text = request.text()?.trim_start_matches('\u{feff}');
    serde_json::from_str(text).map_err(|error| Error::BadBody(format!("{error}; send a definition as a JSON object")))
}

/// The table of a key.
fn table_of<'m>(model: &'m Model, key: Key<'_>) -> Result<&'m Table> {
    let tables: Vec<&Table> = model.tables.values().map(|table| &**table).collect();
    let items: Vec<Item<'_>> = tables.iter().map(|table| entity::entity(model, table)).collect();
    place_of(&items, key, "LogicalName").map(|place| tables[place]).ok_or_else(|| not_found("entity", key))
}

/// The definition of a key among these.
fn one_of<'m>(mut items: Vec<Item<'m>>, key: Key<'_>, name: &str, what: &str) -> Result<Item<'m>> {
    let place = place_of(&items, key, name).ok_or_else(|| not_found(what, key))?;
    Ok(items.swap_remove(place))
}

/// The column of this name as a definition.
fn column_item<'m>(model: &'m Model, table: &'m Table, name: &str) -> Option<Item<'m>> {
    attribute::one(model, table, name)
}

/// A part of the customisations.
fn part(kind: PartKind, name: &str) -> Result<PartAddress> {
    Ok(PartAddress::new(kind, name).map_err(crm::Error::Model)?)
}

/// Puts a part that must not be there yet.
fn put_new(overlay: &mut Overlay, address: &PartAddress, document: &Value) -> std::result::Result<(), ModelError> {
    if overlay.part(address)?.is_some() {
        let message = "this is there already; change it, or choose another name";
        return Err(Problem::new(address.to_string(), message).into());
    }
    overlay.put_part(address, document).map(drop)
}

/// Changes a part that must be there.
fn change_known(overlay: &mut Overlay, address: &PartAddress, patch: &Value) -> std::result::Result<(), ModelError> {
    if patch.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(());
    }
    if overlay.part(address)?.is_none() {
        let message = "this follows from other declarations and cannot be changed by itself";
        return Err(Problem::new(address.to_string(), message).into());
    }
    overlay.change_part(address, patch).map(drop)
}

/// Where a definition stands.
struct Place {
    /// Its address below the root: `EntityDefinitions(…)/Attributes(…)`
    path: String,
    /// The set it is of.
    set: String,
    /// Whether it is new.
    is_new: bool,
}

/// Answers that a definition was written: with it, where the client wants to see it.
fn written(request: &Request, place: &Place, item: &Item<'_>) -> Result<Response> {
    let mut response = empty(StatusCode::NO_CONTENT);
    if request.prefer.representation {
        let told = ask::one(request, &place.set, item)?;
        response = applied(told, request.prefer.applied(true, false));
        *response.status_mut() = if place.is_new { StatusCode::CREATED } else { StatusCode::OK };
    }
    Ok(at(response, &format!("{}{}", request.root, place.path)))
}
