//! Links between rows: `…/primarycontactid/$ref`, `…/opportunitycompetitors_association/$ref`.

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use crm::Row;
use model::{Filter, Reference, Table, Value};
use uuid::Uuid;

use super::{
    key, navigation, record,
    request::Request,
    response::{empty, object},
};
use crate::{
    domain::{self, Change, Named},
    error::{Error, Result},
    odata::Segment,
    translate::{Navigation, known_table},
    wire::{Draft, Json, Link, members, parse_link},
};

/// A request on the links of a navigation property of the row `id`.
pub async fn serve(
    request: &Request,
    table: &Table,
    id: Uuid,
    navigation: &Navigation,
    name: &Segment,
) -> Result<Response> {
    navigation::exists(request, table, id).await?;
    if request.method != Method::GET {
        record::insist(request, table, id).await?;
    }
    match (navigation, &request.method) {
        (Navigation::Single { lookup, targets }, &Method::GET) => single(request, table, id, lookup, targets).await,
        (Navigation::Single { lookup, targets }, &Method::PUT | &Method::POST) => {
            let target = linked(request, targets).await?;
            set(request, &table.name, id, (lookup, target.into()), record::versions(request)).await
        }
        (_, &Method::DELETE) => {
            let change = unlinking(request, table, id, navigation, name).await?;
            let done = domain::change_set(&request.app, &request.caller, vec![change], false).await;
            done.map_err(|(_, error)| error)?;
            Ok(empty(StatusCode::NO_CONTENT))
        }
        (_, &Method::GET) => list(request, table, id, navigation).await,
        (Navigation::Collection { table: child, through }, &Method::POST) => {
            let target = linked(request, std::slice::from_ref(child)).await?;
            let here = Reference::new(table.name.as_str(), id);
            set(request, child, target.id, (through, here.into()), None).await
        }
        (Navigation::Pairs { intersect, here, there, table: other }, &Method::POST) => {
            let target = linked(request, std::slice::from_ref(other)).await?;
            pair(request, intersect, (here, Reference::new(table.name.as_str(), id)), (there, target)).await
        }
        (Navigation::Single { .. }, _) => Err(request.not_allowed("a link", "GET, PUT, DELETE")),
        _ => Err(request.not_allowed("links", "GET, POST, DELETE")),
    }
}

async fn single(request: &Request, table: &Table, id: Uuid, lookup: &str, targets: &[String]) -> Result<Response> {
    let found = navigation::pointed_at(request, table, id, lookup).await?;
    let Some(found) = found.filter(|found| targets.contains(&found.table)) else {
        return Ok(empty(StatusCode::NO_CONTENT));
    };
    let target = known_table(&request.model, &found.table)?;
    let context = format!("{}$metadata#$ref", request.root);
    Ok(object(StatusCode::OK, context, vec![("@odata.id".into(), Json::Text(record::url(request, target, found.id)))]))
}

async fn list(request: &Request, table: &Table, id: Uuid, navigation: &Navigation) -> Result<Response> {
    let (child, within) = navigation::collection_of(request, table, id, navigation)?;
    let query =
        request.app.new_query(&request.caller, &child.name).select([child.primary_key.as_str()]).matching(within);
    let rows = super::collection::page(request, query).await?;
    let links = rows
        .rows
        .iter()
        .filter_map(|row| row.first()?.as_id())
        .map(|found| Json::Object(vec![("@odata.id".into(), Json::Text(record::url(request, child, found)))]))
        .collect();
    Ok(super::collection::listed(request, child, &rows, links))
}

async fn set(
    request: &Request,
    table: &str,
    id: Uuid,
    (lookup, value): (&str, Value),
    versions: Option<Vec<i64>>,
) -> Result<Response> {
    let changes = Draft { table: table.to_owned(), values: Row::new().with(lookup, value), ..Draft::default() };
    let wish = domain::Wish { versions, ..domain::Wish::default() };
    domain::update(&request.app, &request.caller, table, id, changes, wish).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

async fn pair(
    request: &Request,
    intersect: &str,
    here: (&str, Reference),
    there: (&str, Reference),
) -> Result<Response> {
    if find_pair(request, intersect, &here, &there).await?.is_none() {
        let values = Row::new().with(here.0, here.1).with(there.0, there.1);
        let pair = Draft { table: intersect.to_owned(), values, ..Draft::default() };
        domain::create(&request.app, &request.caller, pair, false).await?;
    }
    Ok(empty(StatusCode::NO_CONTENT))
}

/// The write that takes a link away.
pub async fn unlinking(
    request: &Request,
    table: &Table,
    id: Uuid,
    navigation: &Navigation,
    name: &Segment,
) -> Result<Change> {
    let here = Reference::new(table.name.as_str(), id);
    let change = |id: Uuid, draft: Draft, versions: Option<Vec<i64>>| {
        let row = Named { draft: Draft { id: Some(id), ..draft }, key: Vec::new() };
        Change::Write { row, creates: false, versions }
    };
    match navigation {
        Navigation::Single { lookup, targets } => {
            let mut draft = Draft::of(table);
            draft.unlink(table, lookup.clone(), targets.clone());
            Ok(change(id, draft, record::versions(request)))
        }
        Navigation::Collection { table: child, through } => {
            let target = named(request, child, name).await?;
            let row = request.app.get(&request.caller, child, target, Some(vec![through.clone()])).await?;
            if row.value(through).as_reference() != Some(&here) {
                return Err(not_linked(&name.name, target));
            }
            let mut draft = Draft { table: child.clone(), ..Draft::default() };
            draft.values.set(through.as_str(), Value::Null);
            Ok(change(target, draft, None))
        }
        Navigation::Pairs { intersect, here: own, there, table: other } => {
            let target = named(request, other, name).await?;
            let pair = (there.as_str(), Reference::new(other.as_str(), target));
            let found = find_pair(request, intersect, &(own, here), &pair).await?;
            let id = found.ok_or_else(|| not_linked(&name.name, target))?;
            Ok(Change::Delete { table: intersect.clone(), id, versions: None })
        }
    }
}

fn not_linked(navigation: &str, id: Uuid) -> Error {
    Error::NotLinked { navigation: navigation.to_owned(), id }
}

async fn find_pair(
    request: &Request,
    intersect: &str,
    here: &(&str, Reference),
    there: &(&str, Reference),
) -> Result<Option<Uuid>> {
    let table = known_table(&request.model, intersect)?;
    let filter = Filter::eq(here.0, here.1.clone()).and(Filter::eq(there.0, there.1.clone()));
    Ok(domain::keys(&request.app, &request.caller, table, filter).await?.first().copied())
}

/// The address that the body's `@odata.id` tells.
pub fn link_in_body(request: &Request) -> Result<Link> {
    let body = members("$ref", request.text()?)?;
    let text = body
        .get("@odata.id")
        .and_then(|raw| serde_json::from_str::<String>(raw.get()).ok())
        .ok_or_else(|| Error::BadBody("$ref: send {\"@odata.id\": \"…/contacts(id)\"}".to_owned()))?;
    parse_link("@odata.id", &text)
}

/// The row that the body's `@odata.id` names.
async fn linked(request: &Request, targets: &[String]) -> Result<Reference> {
    follow(request, targets, link_in_body(request)?).await
}

/// The row to be unlinked: in brackets behind the property, or by `$id`.
async fn named(request: &Request, target: &str, segment: &Segment) -> Result<Uuid> {
    if segment.is_keyed() {
        return key::resolve(request, known_table(&request.model, target)?, segment).await;
    }
    let text = request.options.get("$id").ok_or_else(|| {
        Error::BadRequest(format!("name the row to be unlinked: {}(id)/$ref or $ref?$id=…", segment.name))
    })?;
    Ok(follow(request, &[target.to_owned()], parse_link("$id", text)?).await?.id)
}

async fn follow(request: &Request, targets: &[String], link: Link) -> Result<Reference> {
    let table =
        request.model.table_by_set(&link.set_name).filter(|table| targets.contains(&table.name)).ok_or_else(|| {
            Error::BadRequest(format!("a row of {} is needed, not of '{}'", targets.join(" or "), link.set_name))
        })?;
    let segment = Segment { name: link.set_name, key: Some(link.key) };
    let id = key::resolve(request, table, &segment).await?;
    navigation::exists(request, table, id).await?;
    Ok(Reference::new(table.name.as_str(), id))
}
