//! Changes of a table: whoever prefers `odata.track-changes` gets, with the last page, a link to what
//! changes from the first page on, and behind that another one.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode},
    response::Response,
};
use crm::FeedPosition;
use model::{Filter, Table};
use uuid::Uuid;

use super::{collection, expansion, request::Request, response::object};
use crate::{
    domain,
    error::{Error, Result},
    odata::encode,
    translate::{SelectPlan, plan_select},
    wire::{Json, PAGE},
};

/// Where the place in the feed stands in a link to a further page of the first reading.
const SINCE: &str = "trackedsince";
/// Where it stands in a link to changes.
const TOKEN: &str = "$deltatoken";
/// Ids asked for in one query.
const CHUNK: usize = 1_000;

/// Answers where changes are tracked; nothing where they are not.
pub async fn serve(request: &Request, table: &Table) -> Option<Result<Response>> {
    if let Some(token) = request.options.get(TOKEN) {
        return Some(changes(request, table, token).await);
    }
    if request.prefer.track_changes || request.options.get(SINCE).is_some() {
        return Some(first(request, table).await);
    }
    None
}

/// A page of all rows, and behind the last one a link to what changed meanwhile.
async fn first(request: &Request, table: &Table) -> Result<Response> {
    request.options.allow(&["$select", "$skiptoken"])?;
    let since = match request.options.get(SINCE) {
        Some(since) => position(SINCE, since)?,
        // Before anything is read, so that no change falls between.
        None => request.app.feed_end().await?,
    };
    let select = plan_select(table, request.options.select()?.as_deref())?;
    let rows = collection::page(request, expansion::query_for(request, &select, &[])).await?;
    let shown = expansion::shown(request, &select, &[], &rows).await?;
    let link = match &rows.next {
        Some(next) => ("@odata.nextLink", format!("{SINCE}={since}&$skiptoken={}", encode(&next.token))),
        None => ("@odata.deltaLink", format!("{TOKEN}={since}")),
    };
    Ok(answer(request, table, shown.into_iter().map(Json::Object).collect(), link))
}

/// What changed since a link was given out.
async fn changes(request: &Request, table: &Table, token: &str) -> Result<Response> {
    request.options.allow(&["$select", TOKEN])?;
    let since = position(TOKEN, token)?;
    if since > request.app.feed_end().await? {
        return Err(Error::BadRequest(format!(
            "{TOKEN}: it is of a later state than that of this server; read the table once more"
        )));
    }
    let most = request.prefer.page_size.unwrap_or(PAGE) as usize;
    let changed = request.app.changed_since(&request.caller, &table.name, since, most).await?;
    let select = plan_select(table, request.options.select()?.as_deref())?;
    let mut values = rows(request, &select, &changed.rows).await?;
    values.extend(changed.deleted.iter().map(|id| deleted(request, table, *id)));
    let name = if changed.more { "@odata.nextLink" } else { "@odata.deltaLink" };
    Ok(answer(request, table, values, (name, format!("{TOKEN}={}", changed.reached))))
}

async fn rows(request: &Request, select: &SelectPlan<'_>, ids: &[Uuid]) -> Result<Vec<Json>> {
    let mut values = Vec::with_capacity(ids.len());
    for some in ids.chunks(CHUNK) {
        let here = Filter::is_in(select.table.primary_key.as_str(), some.iter().copied());
        let query = expansion::query_for(request, select, &[]).matching(here).take(PAGE);
        let rows = domain::query(&request.app, &request.caller, query).await?;
        values.extend(expansion::shown(request, select, &[], &rows).await?.into_iter().map(Json::Object));
    }
    Ok(values)
}

fn deleted(request: &Request, table: &Table, id: Uuid) -> Json {
    Json::Object(vec![
        ("@odata.context".into(), Json::Text(format!("{}$metadata#{}/$deletedEntity", request.root, table.set_name))),
        ("id".into(), Json::Text(id.to_string())),
        ("reason".into(), "deleted".into()),
    ])
}

/// The answer with a link to what comes behind: its name, and what its address says beside the columns.
fn answer(request: &Request, table: &Table, values: Vec<Json>, (name, rest): (&'static str, String)) -> Response {
    let selected = request.options.get("$select");
    let columns =
        selected.map(|select| format!("({})", select.split(',').map(str::trim).collect::<Vec<_>>().join(",")));
    let columns = columns.unwrap_or_default();
    let options = request.options.without(&["$skiptoken", TOKEN, SINCE]);
    let separator = if options.is_empty() { "" } else { "&" };
    let link = format!("{}{}?{options}{separator}{rest}", request.root, request.raw_path);
    let members: Vec<(Arc<str>, Json)> = vec![("value".into(), Json::List(values)), (name.into(), Json::Text(link))];
    let context = format!("{}$metadata#{}{columns}/$delta", request.root, table.set_name);
    let mut response = object(StatusCode::OK, context, members);
    let applied = request.prefer.applied(false, true).into_iter().chain(["odata.track-changes".to_owned()]);
    if let Ok(applied) = HeaderValue::from_str(&applied.collect::<Vec<_>>().join(",")) {
        response.headers_mut().insert("preference-applied", applied);
    }
    response
}

fn position(option: &str, text: &str) -> Result<FeedPosition> {
    text.parse().map_err(|_| Error::BadRequest(format!("{option}: '{text}' is none; follow the link as it was given")))
}
