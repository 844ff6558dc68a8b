//! A change set: writes of one transaction.

use std::sync::Arc;

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use model::{Column, Reference, Table};
use uuid::Uuid;

use super::{
    read::Part,
    references::{References, in_body, in_target},
    write::PartAnswer,
};
use crate::{
    domain::{self, Change, Named},
    error::{Error, Result},
    handlers::{
        dispatch, key, property, record, reference,
        request::Request,
        response::{empty, finish},
    },
    odata::Segment,
    translate::{Navigation, known_table, navigation},
    wire::{Draft, Expectation, read_draft},
};

/// A write as it is going to be carried out, and what is said about it then.
struct Planned {
    request: Request,
    content_id: Option<String>,
    change: Change,
    says: Says,
}

/// What the answer to a write tells.
enum Says {
    /// The row of a table, with this status where the client wants to see it.
    Row(String, StatusCode),
    /// Nothing.
    Nothing,
}

/// Carries out all of the parts, or none.
pub async fn carry_out(request: &Request, mut parts: Vec<Part>) -> Result<Vec<PartAnswer>> {
    let mut references = References::new();
    if parts.len() == 1
        && let Some(part) = parts.pop()
    {
        return alone(request, referring(part, &references)?).await;
    }
    let mut planned = Vec::with_capacity(parts.len());
    for part in parts {
        planned.push(plan(request, referring(part, &references)?, &mut references).await?);
    }
    let warned = planned.iter().any(|planned| planned.request.detects_duplicates());
    let changes = planned.iter().map(|planned| planned.change.clone()).collect();
    let written =
        domain::change_set(&request.app, &request.caller, changes, warned).await.map_err(|(_, error)| error)?;
    let mut answers = Vec::with_capacity(planned.len());
    for (planned, id) in planned.into_iter().zip(written) {
        let result = answer(&planned, id).await;
        answers.push(PartAnswer::of(planned.content_id, finish(result)).await);
    }
    Ok(answers)
}

/// A part whose references are replaced.
fn referring(part: Part, references: &References) -> Result<Part> {
    Ok(Part { target: in_target(&part.target, references)?, body: in_body(&part.body, references)?, ..part })
}

/// A write by itself is all or nothing, whatever it is: an action, too.
async fn alone(batch: &Request, part: Part) -> Result<Vec<PartAnswer>> {
    let request = batch.part(&part)?;
    if request.method == Method::GET {
        return Err(impossible(&part));
    }
    let response = Box::pin(dispatch(&request)).await?;
    Ok(vec![PartAnswer::of(part.content_id, finish(Ok(response))).await])
}

fn impossible(part: &Part) -> Error {
    Error::BadRequest(format!(
        "'{} {}' is not possible in a change set together with others, where rows are created, changed, deleted and linked; send it as a part of the batch itself or in a change set of its own",
        part.method, part.target
    ))
}

async fn answer(planned: &Planned, id: Uuid) -> Result<Response> {
    match &planned.says {
        Says::Row(table, status) => {
            let table = known_table(&planned.request.model, table)?;
            record::written(&planned.request, table, id, *status).await
        }
        Says::Nothing => Ok(empty(StatusCode::NO_CONTENT)),
    }
}

async fn plan(batch: &Request, part: Part, references: &mut References) -> Result<Planned> {
    let request = batch.part(&part)?;
    let segments = request.path.segments.clone();
    let table = |segment: &Segment| request.model.table_by_set(&segment.name).cloned();
    let (change, says) = match (&request.method, segments.as_slice()) {
        (&Method::POST, [set]) if set.key.is_none() && table(set).is_some() => {
            let table = table(set).ok_or_else(|| Error::UnknownResource(set.name.clone()))?;
            create(&request, &table, part.content_id.as_deref(), references).await?
        }
        (&Method::PATCH, [row]) if row.is_keyed() && table(row).is_some() => {
            let table = table(row).ok_or_else(|| Error::UnknownResource(row.name.clone()))?;
            write(&request, &table, row, part.content_id.as_deref(), references).await?
        }
        (&Method::PUT | &Method::DELETE, [row, name]) if property_of(table(row).as_deref(), name).is_some() => {
            let table = table(row).ok_or_else(|| Error::UnknownResource(row.name.clone()))?;
            (change_property(&request, &table, row, name).await?, Says::Nothing)
        }
        (&Method::DELETE, [row]) if row.is_keyed() && table(row).is_some() => {
            let table = table(row).ok_or_else(|| Error::UnknownResource(row.name.clone()))?;
            let id = key::resolve(&request, &table, row).await?;
            (Change::Delete { table: table.name.clone(), id, versions: record::versions(&request) }, Says::Nothing)
        }
        (&Method::POST | &Method::PUT, [row, name, last]) if last.name == "$ref" && table(row).is_some() => {
            let table = table(row).ok_or_else(|| Error::UnknownResource(row.name.clone()))?;
            (link(&request, &table, row, name).await?, Says::Nothing)
        }
        (&Method::DELETE, [row, name, last]) if last.name == "$ref" && table(row).is_some() => {
            let table = table(row).ok_or_else(|| Error::UnknownResource(row.name.clone()))?;
            let here = key::resolve(&request, &table, row).await?;
            record::insist(&request, &table, here).await?;
            let navigation = navigation(&request.model, &table, &name.name);
            let navigation = navigation.ok_or_else(|| Error::UnknownResource(name.name.clone()))?;
            (reference::unlinking(&request, &table, here, &navigation, name).await?, Says::Nothing)
        }
        _ => return Err(impossible(&part)),
    };
    Ok(Planned { request, content_id: part.content_id, change, says })
}

async fn create(
    request: &Request,
    table: &Arc<Table>,
    content_id: Option<&str>,
    references: &mut References,
) -> Result<(Change, Says)> {
    record::check_answer(request, table)?;
    let mut draft = read_draft(&request.model, table, request.text()?, true)?;
    key::resolve_links(request, &mut draft).await?;
    // Known before it is written, so that later parts can link to it.
    let id = *draft.id.get_or_insert_with(Uuid::now_v7);
    if let Some(content_id) = content_id {
        references.insert(content_id.to_owned(), format!("/{}({id})", table.set_name));
    }
    Ok((Change::Create(draft), Says::Row(table.name.clone(), StatusCode::CREATED)))
}

async fn write(
    request: &Request,
    table: &Arc<Table>,
    row: &Segment,
    content_id: Option<&str>,
    references: &mut References,
) -> Result<(Change, Says)> {
    let (draft, key) = record::addressed(request, table, row).await?;
    if let (Some(content_id), Some(id)) = (content_id, draft.id) {
        references.insert(content_id.to_owned(), format!("/{}({id})", table.set_name));
    }
    let says = Says::Row(table.name.clone(), StatusCode::OK);
    if Expectation::if_none_match(&request.headers) == Some(Expectation::Exists) {
        let mut draft = draft;
        draft.values.merge(&key.into_iter().collect());
        return Ok((Change::Create(draft), says));
    }
    let creates = Expectation::if_match(&request.headers).is_none();
    let versions = record::versions(request);
    Ok((Change::Write { row: Named { draft, key }, creates, versions }, says))
}

/// The column that is addressed as a property.
fn property_of<'t>(table: Option<&'t Table>, name: &Segment) -> Option<&'t Column> {
    table?.column(&name.name).filter(|column| name.key.is_none() && property::is_property(column))
}

async fn change_property(request: &Request, table: &Table, row: &Segment, name: &Segment) -> Result<Change> {
    let column = property_of(Some(table), name).ok_or_else(|| Error::UnknownResource(name.name.clone()))?;
    let id = Some(key::resolve(request, table, row).await?);
    let draft = Draft { id, ..property::change(request, table, column)? };
    let versions = record::versions(request);
    Ok(Change::Write { row: Named { draft, key: Vec::new() }, creates: false, versions })
}

/// A link from a row; both may be rows that the change set itself creates.
async fn link(request: &Request, table: &Arc<Table>, row: &Segment, name: &Segment) -> Result<Change> {
    let here = key::resolve(request, table, row).await?;
    record::insist(request, table, here).await?;
    let link = reference::link_in_body(request)?;
    let there = request.model.table_by_set(&link.set_name).cloned();
    let there = there.ok_or_else(|| Error::UnknownResource(link.set_name.clone()))?;
    let segment = Segment { name: link.set_name, key: Some(link.key) };
    let target = Reference::new(there.name.as_str(), key::resolve(request, &there, &segment).await?);
    let here = Reference::new(table.name.as_str(), here);
    let wrong = || Error::BadRequest(format!("{}: leads to other rows than those of {}", name.name, there.set_name));
    let update = |table: &str, id: Uuid, lookup: &str, value: Reference, versions: Option<Vec<i64>>| {
        let mut draft = Draft { table: table.to_owned(), id: Some(id), ..Draft::default() };
        draft.values.set(lookup, value);
        Change::Write { row: Named { draft, key: Vec::new() }, creates: false, versions }
    };
    match navigation(&request.model, table, &name.name) {
        Some(Navigation::Single { lookup, targets }) if targets.contains(&there.name) => {
            Ok(update(&here.table, here.id, &lookup, target, record::versions(request)))
        }
        Some(Navigation::Collection { table: child, through }) if child == there.name => {
            Ok(update(&child, target.id, &through, here, None))
        }
        Some(Navigation::Pairs { intersect, here: own, there: other, table }) if table == there.name => {
            let mut pair = Draft { table: intersect, ..Draft::default() };
            pair.values.set(own, here);
            pair.values.set(other, target);
            Ok(Change::Create(pair))
        }
        Some(_) => Err(wrong()),
        None => Err(Error::UnknownResource(name.name.clone())),
    }
}
