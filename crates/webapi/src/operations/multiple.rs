//! Many rows of a table in one request: `CreateMultiple`, `UpdateMultiple` and `UpsertMultiple`, all
//! of their rows or none.

use axum::{http::StatusCode, response::Response};
use model::Table;
use serde_json::value::RawValue;

use super::{Bound, Call, Kind, Operation, Parameter, Property, Returns, Type};
use crate::{
    domain::{self, Named},
    error::{Error, Result},
    handlers::{Request, empty, is_primary_key, key_values, object, resolve_links},
    odata::{KeyPart, Literal},
    wire::{Draft, Json, members, parse_link, read_draft},
};

/// Most rows of a request, as in Dataverse.
const MOST: usize = 1_000;

const TARGETS: &[Parameter] =
    &[Parameter::required("Targets", Type::Collection(&Type::AnyRow), "the rows as a list of objects: [{…}, …]")];

/// What can be done here.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateMultiple",
        kind: Kind::Action,
        bound: Bound::Set,
        parameters: TARGETS,
        returns: Returns::Response(&[Property::new("Ids", Type::Collection(&Type::Guid))]),
        handler: |call| Box::pin(create(call)),
    },
    Operation {
        name: "UpdateMultiple",
        kind: Kind::Action,
        bound: Bound::Set,
        parameters: TARGETS,
        returns: Returns::Nothing,
        handler: |call| Box::pin(write(call, false)),
    },
    Operation {
        name: "UpsertMultiple",
        kind: Kind::Action,
        bound: Bound::Set,
        parameters: TARGETS,
        returns: Returns::Nothing,
        handler: |call| Box::pin(write(call, true)),
    },
];

async fn create(call: &Call<'_>) -> Result<Response> {
    let (request, table) = (call.request, call.table()?);
    let mut drafts = Vec::new();
    for (place, raw) in targets(call)?.iter().enumerate() {
        let draft = match draft(table, request, raw, true) {
            Ok(draft) => resolved(request, draft).await,
            Err(error) => Err(error),
        };
        drafts.push(draft.map_err(|error| error.of_target(place))?);
    }
    let ids = domain::create_many(&request.app, &request.caller, drafts, request.detects_duplicates()).await;
    let ids = ids.map_err(|(place, error)| Error::from(error).of_target(place))?;
    let ids = ids.iter().map(|id| Json::Text(id.to_string())).collect();
    Ok(object(StatusCode::OK, call.context(), vec![("Ids".into(), Json::List(ids))]))
}

/// Changes rows, or with `creates` makes those that are not there.
async fn write(call: &Call<'_>, creates: bool) -> Result<Response> {
    let (request, table) = (call.request, call.table()?);
    let mut rows = Vec::new();
    for (place, raw) in targets(call)?.iter().enumerate() {
        let named = match named(table, request, raw) {
            Ok((draft, key)) => resolved(request, draft).await.map(|draft| Named { draft, key }),
            Err(error) => Err(error),
        };
        rows.push(named.map_err(|error| error.of_target(place))?);
    }
    let written = domain::write_many(&request.app, &request.caller, rows, creates, request.detects_duplicates()).await;
    written.map_err(|(place, error)| Error::from(error).of_target(place))?;
    Ok(empty(StatusCode::NO_CONTENT))
}

fn targets(call: &Call<'_>) -> Result<Vec<Box<RawValue>>> {
    let targets: Vec<Box<RawValue>> = call.parameters.required("Targets")?;
    if targets.len() > MOST {
        return Err(Error::BadRequest(format!("Targets: at most {MOST} rows a request; send them in several")));
    }
    Ok(targets)
}

fn draft(table: &Table, request: &Request, raw: &RawValue, nested: bool) -> Result<Draft> {
    let said = text_member(raw, "@odata.type")?;
    let kind = said.as_deref().map(|said| said.rsplit(['.', '#']).next().unwrap_or(said));
    if kind.is_some_and(|kind| kind != table.name) {
        return Err(Error::BadBody(format!(
            "@odata.type: '{}' is another table than that of the address, {}",
            said.unwrap_or_default(),
            table.name
        )));
    }
    read_draft(&request.model, table, raw.get(), nested)
}

/// A row with its key: in the body, or by `@odata.id`, which may be an alternate one.
fn named(table: &Table, request: &Request, raw: &RawValue) -> Result<(Draft, Vec<(String, model::Value)>)> {
    let mut draft = draft(table, request, raw, false)?;
    let Some(address) = text_member(raw, "@odata.id")? else {
        return if draft.id.is_some() { Ok((draft, Vec::new())) } else { Err(without_key(table)) };
    };
    let link = parse_link("@odata.id", &address)?;
    if link.set_name != table.set_name {
        return Err(Error::BadBody(format!("@odata.id: '{address}' is no row of {}", table.set_name)));
    }
    match link.key.as_slice() {
        [KeyPart { value: Literal::Guid(id), .. }] if is_primary_key(table, &link.key) => {
            if draft.id.is_some_and(|own| own != *id) {
                return Err(without_key(table));
            }
            draft.id = Some(*id);
            Ok((draft, Vec::new()))
        }
        parts => Ok((draft, key_values(table, parts)?)),
    }
}

fn without_key(table: &Table) -> Error {
    Error::BadBody(format!(
        "name the row by \"{}\": \"id\", or by \"@odata.id\": \"{}(key)\"",
        table.primary_key, table.set_name
    ))
}

fn text_member(raw: &RawValue, name: &str) -> Result<Option<String>> {
    let members = members("Targets", raw.get())?;
    let Some(told) = members.get(name) else { return Ok(None) };
    serde_json::from_str(told.get()).map(Some).map_err(|_| Error::BadBody(format!("{name}: must be a text")))
}

async fn resolved(request: &Request, mut draft: Draft) -> Result<Draft> {
    resolve_links(request, &mut draft).await?;
    Ok(draft)
}
