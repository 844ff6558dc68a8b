//! The declarations of the organisation, as Dataverse tells them: what a client reads before it
//! touches a row. Everything here is made from the model of the request, so that a column that was
//! just added is there.

mod ask;
mod attribute;
mod changes;
mod condition;
mod entity;
mod item;
mod key;
mod message;
mod options;
mod relationship;
mod shared;
mod wanted;
mod write;

use axum::{
    http::{Method, StatusCode},
    response::Response,
};

use crate::{
    csdl,
    error::{Error, Result},
    handlers::{Request, object},
    odata::{KeyPart, Literal, Segment},
};
pub use ask::{all, count, one};
pub use changes::OPERATIONS;
pub use item::Item;
use item::Related;
pub use write::OPERATIONS as WRITES;

/// What the types of metadata are called in addresses.
const NAMESPACE: &str = "Microsoft.Dynamics.CRM.";

/// Answers where the first segment of the path is metadata.
pub async fn serve(request: &Request, first: &Segment, rest: &[Segment]) -> Option<Result<Response>> {
    let is_written = ["EntityDefinitions", "EntityMetadata", "RelationshipDefinitions", "GlobalOptionSetDefinitions"]
        .contains(&first.name.as_str());
    if is_written && request.method != Method::GET {
        return Some(write::serve(request, first, rest).await);
    }
    // Labels are also told in the caller's language.
    language::within(request.caller.language(), || read(request, first, rest))
}

fn read(request: &Request, first: &Segment, rest: &[Segment]) -> Option<Result<Response>> {
    let answer = match first.name.as_str() {
        // One client writes the type's name in place of the set's.
        "EntityDefinitions" | "EntityMetadata" => entities(request, first, rest),
        "RelationshipDefinitions" => relationships(request, first, rest),
        "GlobalOptionSetDefinitions" => {
            collection(request, "GlobalOptionSetDefinitions", shared::all(&request.model), first, rest, "Name")
        }
        "sdkmessagefilters" if rest.is_empty() && first.key.is_none() => {
            ask::all(request, "sdkmessagefilters", message::all(&request.model))
        }
        _ => return None,
    };
    Some(if request.method == Method::GET { answer } else { Err(request.not_allowed("metadata", "GET")) })
}

fn entities(request: &Request, set: &Segment, rest: &[Segment]) -> Result<Response> {
    let model = &request.model;
    let mut all = model.tables.values().map(|table| entity::entity(model, table)).collect::<Vec<_>>();
    let Some(key) = &set.key else {
        return match rest {
            [] => ask::all(request, "EntityDefinitions", all),
            [Segment { name, key: None }] if name == "$count" => ask::count(request, all),
            [next, ..] => Err(Error::UnknownResource(next.name.clone())),
        };
    };
    let place = place_of(&all, key, "LogicalName").ok_or_else(|| not_found("entity", key))?;
    let found = all.swap_remove(place);
    let Some((next, behind)) = rest.split_first() else { return ask::one(request, "EntityDefinitions", &found) };
    below(request, &found, &format!("EntityDefinitions({})/{}", key_text(key), next.name), next, behind)
}

fn relationships(request: &Request, set: &Segment, rest: &[Segment]) -> Result<Response> {
    let all = relationship::all(&request.model);
    collection(request, "RelationshipDefinitions", all, set, rest, "SchemaName")
}

/// What stands behind a definition: one of its properties, or what it leads to.
fn below(request: &Request, item: &Item<'_>, set: &str, next: &Segment, rest: &[Segment]) -> Result<Response> {
    match item.lead(&next.name) {
        Some(Related::Many(items)) => {
            let name = if next.name == "Attributes" || next.name == "Keys" { "LogicalName" } else { "SchemaName" };
            collection(request, set, items, next, rest, name)
        }
        Some(Related::One(Some(found))) if rest.is_empty() => ask::one(request, set, &found),
        Some(Related::One(None)) if rest.is_empty() => Err(not_found(&next.name, &[])),
        Some(Related::One(_)) => Err(Error::UnknownResource(next.name.clone())),
        None => match item.member(&next.name) {
            Some(value) if rest.is_empty() && next.key.is_none() => {
                let context = format!("{}$metadata#{set}", request.root);
                Ok(object(StatusCode::OK, context, vec![("value".into(), value.clone())]))
            }
            _ => Err(Error::UnknownResource(next.name.clone())),
        },
    }
}

/// A collection of definitions, perhaps only those of a type, perhaps one of them and what is behind it.
fn collection(
    request: &Request,
    set: &str,
    items: Vec<Item<'_>>,
    segment: &Segment,
    rest: &[Segment],
    name: &str,
) -> Result<Response> {
    let Some(key) = &segment.key else {
        return match rest {
            [] => ask::all(request, set, items),
            [Segment { name, key: None }] if name == "$count" => ask::count(request, items),
            [cast, behind @ ..] => {
                let items = of_type(items, cast)?;
                let set = format!("{set}/{}", cast.name);
                // The rest goes on as if the cast had the key.
                let segment = Segment { name: segment.name.clone(), key: cast.key.clone() };
                collection(request, &set, items, &segment, behind, name)
            }
        };
    };
    let place = place_of(&items, key, name).ok_or_else(|| not_found(&segment.name, key))?;
    let mut items = items;
    let found = items.swap_remove(place);
    match rest {
        [] => ask::one(request, set, &found),
        [cast, behind @ ..] if cast.name.starts_with(NAMESPACE) => {
            let mut found = of_type(vec![found], cast)?;
            let found = found.pop().ok_or_else(|| not_found(&cast.name, key))?;
            match behind.split_first() {
                None => ask::one(request, set, &found),
                Some((next, behind)) => below(request, &found, &format!("{set}/{}", next.name), next, behind),
            }
        }
        [next, behind @ ..] => below(request, &found, &format!("{set}/{}", next.name), next, behind),
    }
}

/// Those of a type. A type that others are made from is all of them.
fn of_type<'m>(items: Vec<Item<'m>>, cast: &Segment) -> Result<Vec<Item<'m>>> {
    let kind = cast.name.strip_prefix(NAMESPACE).filter(|kind| csdl::is_kind(kind));
    let kind = kind.ok_or_else(|| Error::UnknownResource(cast.name.clone()))?;
    let is_base = |own: &str| match kind {
        "AttributeMetadata" => own.ends_with("AttributeMetadata"),
        "EnumAttributeMetadata" => ["Picklist", "MultiSelectPicklist", "State", "Status"]
            .iter()
            .any(|stem| own == format!("{stem}AttributeMetadata")),
        "RelationshipMetadataBase" => own.ends_with("RelationshipMetadata"),
        _ => own == kind,
    };
    // Told as what they were asked for, without saying so again.
    Ok(items
        .into_iter()
        .filter(|item| is_base(item.kind))
        .map(|item| Item { is_subtype: item.kind != kind, ..item })
        .collect())
}

fn place_of(items: &[Item<'_>], key: &[KeyPart], name: &str) -> Option<usize> {
    let [KeyPart { name: asked, value }] = key else { return None };
    let (member, text) = match (asked.as_deref(), value) {
        (None | Some("MetadataId"), Literal::Guid(id)) => ("MetadataId", id.to_string()),
        (Some(asked), Literal::Text(text)) if asked == name || asked == "LogicalName" || asked == "SchemaName" => {
            (asked, text.clone())
        }
        _ => return None,
    };
    // A relationship has but one name.
    let member = if member == "LogicalName" && name == "SchemaName" { name } else { member };
    items.iter().position(|item| item.is(member, &text))
}

fn not_found(what: &str, key: &[KeyPart]) -> Error {
    Error::NotFound { table: what.to_owned(), key: key_text(key) }
}

fn key_text(key: &[KeyPart]) -> String {
    let parts = key.iter().map(|part| {
        let value = match &part.value {
            Literal::Guid(id) => id.to_string(),
            Literal::Text(text) => format!("'{text}'"),
            other => format!("{other:?}"),
        };
        part.name.as_ref().map_or(value.clone(), |name| format!("{name}={value}"))
    });
    parts.collect::<Vec<_>>().join(",")
}
