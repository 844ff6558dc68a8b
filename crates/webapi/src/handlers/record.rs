//! Single rows: read, change, create by key, delete.

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use crm::Row;
use model::{Filter, Table, Value};
use uuid::Uuid;

use super::{
    expansion, key,
    request::Request,
    response::{applied, at, empty, object, tagged},
    views::Made,
};
use crate::{
    domain,
    error::{Error, Result},
    odata::Segment,
    translate::{plan_expand, plan_select, plan_whole_row},
    wire::{Draft, EntityTag, Expectation, read_draft},
};

const VERSION: &str = "versionnumber";

/// A request on one row.
pub async fn serve(request: &Request, table: &Table, segment: &Segment) -> Result<Response> {
    match request.method {
        Method::GET => {
            let id = key::resolve(request, table, segment).await?;
            read(request, table, id, StatusCode::OK).await
        }
        Method::PATCH => change(request, table, segment).await,
        Method::DELETE => {
            let id = key::resolve(request, table, segment).await?;
            let versions = versions(request);
            domain::delete(&request.app, &request.caller, &table.name, id, versions).await?;
            Ok(empty(StatusCode::NO_CONTENT))
        }
        _ => Err(request.not_allowed("a row", "GET, PATCH, DELETE")),
    }
}

/// The row as JSON, or 304 where the client has this version.
pub async fn read(request: &Request, table: &Table, id: Uuid, status: StatusCode) -> Result<Response> {
    request.options.allow(&["$select", "$expand"])?;
    let (names, made) = Made::split(table, request.options.select()?);
    let select = match names {
        Some(names) => plan_select(table, Some(&names))?,
        None => plan_whole_row(table),
    };
    let expand = plan_expand(&request.model, table, &request.options.expand()?)?;
    let query = made.query(expansion::query_for(request, &select, &expand));
    let query = query.matching(Filter::eq(table.primary_key.as_str(), id)).take(1);
    let rows = domain::query(&request.app, &request.caller, query).await?;
    let Some(row) = rows.rows.first() else {
        return Err(Error::NotFound { table: table.name.clone(), key: id.to_string() });
    };
    let version = rows.position(VERSION).and_then(|position| row.get(position)).and_then(Value::as_whole);
    if expand.is_empty() && request.prefer.annotations.is_empty() && is_known(request, version) {
        return Ok(tagged(empty(StatusCode::NOT_MODIFIED), version.map(EntityTag)));
    }
    let mut shown = expansion::shown(request, &select, &expand, &rows).await?;
    made.put(request, &rows, &mut shown);
    let members = shown.into_iter().next().unwrap_or_default();
    let response = object(status, context(request, table, true), members);
    let wrote = request.method != Method::GET;
    Ok(tagged(applied(response, request.prefer.applied(wrote, false)), version.map(EntityTag)))
}

fn is_known(request: &Request, version: Option<i64>) -> bool {
    if request.method != Method::GET {
        return false;
    }
    match (Expectation::if_none_match(&request.headers), version) {
        (Some(Expectation::Exists), _) => true,
        (Some(Expectation::Versions(known)), Some(version)) => known.contains(&version),
        _ => false,
    }
}

/// Refuses a write whose answer could not be given as it is asked for: what is answered with a refusal has
/// written nothing.
pub fn check_answer(request: &Request, table: &Table) -> Result<()> {
    request.options.allow(&["$select", "$expand"])?;
    if request.prefer.representation {
        let (names, _) = Made::split(table, request.options.select()?);
        names.map(|names| plan_select(table, Some(&names))).transpose()?;
        plan_expand(&request.model, table, &request.options.expand()?)?;
    }
    Ok(())
}

/// `{root}$metadata#leads(a,b)/$entity`
pub fn context(request: &Request, table: &Table, single: bool) -> String {
    let columns = match request.options.get("$select") {
        Some(select) => format!("({})", select.split(',').map(str::trim).collect::<Vec<_>>().join(",")),
        None => String::new(),
    };
    let entity = if single { "/$entity" } else { "" };
    format!("{}$metadata#{}{columns}{entity}", request.root, table.set_name)
}

/// The address of a row. It ends in the key, which clients cut off there.
pub fn url(request: &Request, table: &Table, id: Uuid) -> String {
    format!("{}{}({id})", request.root, table.set_name)
}

/// The answer to a write: the row where the client wants it (`status` then), else nothing.
pub async fn written(request: &Request, table: &Table, id: Uuid, status: StatusCode) -> Result<Response> {
    let response = if request.prefer.representation {
        match read(request, table, id, status).await {
            Ok(answer) => answer,
            // It is written, whatever hinders reading it: most often it is not theirs to read.
            Err(error) => {
                tracing::debug!(%error, "a row that was written is not shown");
                empty(StatusCode::NO_CONTENT)
            }
        }
    } else {
        empty(StatusCode::NO_CONTENT)
    };
    Ok(at(response, &url(request, table, id)))
}

/// The versions that `If-Match` insists on.
pub fn versions(request: &Request) -> Option<Vec<i64>> {
    match Expectation::if_match(&request.headers) {
        Some(Expectation::Versions(versions)) => Some(versions),
        Some(Expectation::Exists) | None => None,
    }
}

/// Refuses what `If-Match` forbids where it is not the row itself that is written: it has changed since.
///
/// # Errors
/// 404 where there is no such row, or none the caller may see.
pub async fn insist(request: &Request, table: &Table, id: Uuid) -> Result<()> {
    let Some(expected) = Expectation::if_match(&request.headers) else { return Ok(()) };
    let row = request.app.get(&request.caller, &table.name, id, Some(vec![VERSION.to_owned()])).await?;
    let holds = match expected {
        Expectation::Exists => true,
        Expectation::Versions(versions) => row.value(VERSION).as_whole().is_some_and(|now| versions.contains(&now)),
    };
    if holds { Ok(()) } else { Err(crm::Error::Changed { table: table.name.clone(), id }.into()) }
}

/// What the headers say about a change.
pub fn wish(request: &Request) -> domain::Wish {
    domain::Wish { versions: versions(request), detect_duplicates: request.detects_duplicates() }
}

/// What a PATCH shall make of the row that is addressed, and the values of the alternate key where it is
/// named by one.
pub async fn addressed(request: &Request, table: &Table, segment: &Segment) -> Result<(Draft, Vec<(String, Value)>)> {
    let (draft, target) = found(request, table, segment).await?;
    let key = target.key_values.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
    Ok((draft, key))
}

async fn found(request: &Request, table: &Table, segment: &Segment) -> Result<(Draft, Target)> {
    check_answer(request, table)?;
    let mut draft = read_draft(&request.model, table, request.text()?, false)?;
    key::resolve_links(request, &mut draft).await?;
    let target = Target::find(request, table, segment, draft.id).await?;
    draft.id = target.id;
    Ok((draft, target))
}

/// PATCH: change the row, or create it under this key.
async fn change(request: &Request, table: &Table, segment: &Segment) -> Result<Response> {
    if Expectation::if_none_match(&request.headers) == Some(Expectation::Exists) {
        let (draft, target) = found(request, table, segment).await?;
        return create(request, table, target, draft).await;
    }
    match upsert(request, table, segment).await {
        // Somebody made it in between: now it is there to be changed.
        Err(Error::Domain(crm::Error::Exists { .. })) => upsert(request, table, segment).await,
        answer => answer,
    }
}

async fn upsert(request: &Request, table: &Table, segment: &Segment) -> Result<Response> {
    let (draft, target) = found(request, table, segment).await?;
    if let Some(id) = target.id {
        match domain::update(&request.app, &request.caller, &table.name, id, draft.clone(), wish(request)).await {
            Ok(_) => return written(request, table, id, StatusCode::OK).await,
            Err(crm::Error::NotFound { table: missing, id: key }) if missing == table.name && key == id => {}
            Err(error) => return Err(error.into()),
        }
    }
    if Expectation::if_match(&request.headers).is_some() {
        return Err(Error::NotFound { table: table.name.clone(), key: target.shown });
    }
    create(request, table, target, draft).await
}

async fn create(request: &Request, table: &Table, target: Target, mut draft: Draft) -> Result<Response> {
    draft.values.merge(&target.key_values);
    let id = domain::create(&request.app, &request.caller, draft, request.detects_duplicates()).await?;
    written(request, table, id, StatusCode::CREATED).await
}

/// The row that a PATCH is about, there or not.
struct Target {
    /// Its primary key, where it is known.
    id: Option<Uuid>,
    /// Values of the alternate key it was named by.
    key_values: Row,
    /// The key for messages.
    shown: String,
}

impl Target {
    async fn find(request: &Request, table: &Table, segment: &Segment, in_body: Option<Uuid>) -> Result<Self> {
        let parts = segment.key.as_deref().unwrap_or_default();
        let found = match segment.id() {
            Some(id) => Self { id: Some(id), key_values: Row::new(), shown: id.to_string() },
            None => Self {
                id: key::find(request, table, parts).await?,
                key_values: if key::is_primary(table, parts) {
                    Row::new()
                } else {
                    key::values(table, parts)?.into_iter().collect()
                },
                shown: request.raw_path.clone(),
            },
        };
        match (found.id, in_body) {
            (Some(id), Some(other)) if id != other => Err(Error::BadValue {
                column: table.primary_key.clone(),
                message: format!("the key of a row never changes; leave it out or send {id}"),
            }),
            (None, Some(_)) => Ok(Self { id: None, ..found }),
            _ => Ok(found),
        }
    }
}
