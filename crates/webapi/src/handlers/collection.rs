//! Entity sets: list, count, create.

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use crm::{Cursor, Query, Rows};
use model::{Filter, Table};

use super::{
    aggregate, expansion, fetch, key, paging, record,
    request::Request,
    response::{applied, object, text},
    tracking,
    views::{self, Made},
};
use crate::{
    domain,
    error::{Error, Result},
    odata::encode,
    translate::{plan_expand, plan_select, translate_filter, translate_order},
    wire::{Json, PAGE, read_draft},
};

/// A request on an entity set.
pub async fn serve(request: &Request, table: &Table) -> Result<Response> {
    match request.method {
        Method::GET => match tracking::serve(request, table).await {
            Some(answer) => answer,
            None => list(request, table, Filter::everything()).await,
        },
        Method::POST => create(request, table).await,
        _ => Err(request.not_allowed("a collection", "GET, POST")),
    }
}

/// The rows of `table` within `within` that the query options ask for.
pub async fn list(request: &Request, table: &Table, within: Filter) -> Result<Response> {
    let options = &request.options;
    if let Some(text) = options.get("fetchXml") {
        return fetch::list(request, table, text, within).await;
    }
    if options.is_blank("fetchXml") {
        let message = "fetchXml: is empty; send a query: <fetch><entity name=\"account\" /></fetch>";
        return Err(Error::BadRequest(message.to_owned()));
    }
    if options.get("savedQuery").is_some() && options.get("userQuery").is_some() {
        return Err(Error::BadRequest("savedQuery and userQuery name two views; ask for one of them".to_owned()));
    }
    if let Some(id) = options.get("savedQuery") {
        return views::system(request, table, id, within).await;
    }
    if let Some(id) = options.get("userQuery") {
        return views::own(request, table, id, within).await;
    }
    if let Some(apply) = options.apply()? {
        options.allow(&["$apply", "$filter", "$orderby", "$top", "$count"])?;
        return aggregate::list(request, table, &apply, within).await;
    }
    options.allow(&["$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken"])?;
    let (names, made) = Made::split(table, options.select()?);
    let select = plan_select(table, names.as_deref())?;
    let expand = plan_expand(&request.model, table, &options.expand()?)?;
    let query = made.query(expansion::query_for(request, &select, &expand));
    let mut query = query.matching(filter(request, table)?).matching(within);
    query.order = translate_order(&request.model, table, &options.order()?)?;
    let rows = page(request, query).await?;
    let mut shown = expansion::shown(request, &select, &expand, &rows).await?;
    made.put(request, &rows, &mut shown);
    Ok(listed(request, table, &rows, shown.into_iter().map(Json::Object).collect()))
}

/// `$filter` over `table`.
pub fn filter(request: &Request, table: &Table) -> Result<Filter> {
    match request.options.filter()? {
        Some(expression) => translate_filter(&request.model, table, &expression),
        None => Ok(Filter::everything()),
    }
}

/// The page that `$top`, `$skiptoken`, `$count` and the client's page size ask for.
pub async fn page(request: &Request, mut query: Query) -> Result<Rows> {
    let top = request.options.top()?;
    query.page.size = top.unwrap_or_else(|| request.prefer.page_size.unwrap_or(PAGE)).clamp(1, PAGE);
    query.page.count = request.options.count()?;
    let mut rows = match request.options.get("$skiptoken") {
        None => domain::query(&request.app, &request.caller, query).await?,
        Some(token) => rows_behind(request, query, token).await?,
    };
    // More than a page holds come in several, the last of which ends where `$top` says.
    if let Some(top) = top.filter(|top| *top <= PAGE) {
        rows.rows.truncate(top as usize);
        rows.next = None;
    }
    Ok(rows)
}

/// The rows from where `$skiptoken` says: our own token, or a page number in a cookie that a client made by
/// hand.
async fn rows_behind(request: &Request, mut query: Query, token: &str) -> Result<Rows> {
    if !token.starts_with("<cookie") {
        query.page.cursor = Some(Cursor { token: token.to_owned(), backwards: false });
        return Ok(domain::query(&request.app, &request.caller, query).await?);
    }
    let number = token
        .split_once("pagenumber=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .and_then(|(number, _)| number.parse::<u32>().ok())
        .filter(|number| *number > 0)
        .ok_or_else(|| Error::BadRequest("$skiptoken: send it as @odata.nextLink gave it".to_owned()))?;
    if let Some(query) = paging::on(request, query.clone(), number - 1, "$skiptoken").await? {
        return Ok(domain::query(&request.app, &request.caller, query).await?);
    }
    let mut rows = domain::query(&request.app, &request.caller, paging::past_the_end(query.clone())).await?;
    if query.page.count {
        rows.total = domain::query(&request.app, &request.caller, query.take(1)).await?.total;
    }
    Ok(rows)
}

/// The answer with the rows of a page.
pub fn listed(request: &Request, table: &Table, rows: &Rows, values: Vec<Json>) -> Response {
    let mut members = Vec::with_capacity(4);
    if let Some(total) = rows.total {
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        members.push(("@odata.count".into(), Json::Whole(total)));
        if request.prefer.annotations.wants("Microsoft.Dynamics.CRM.totalrecordcount") {
            members.push(("@Microsoft.Dynamics.CRM.totalrecordcount".into(), Json::Whole(total)));
            members.push(("@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded".into(), Json::Boolean(false)));
        }
    }
    members.push(("value".into(), Json::List(values)));
    if let Some(next) = &rows.next {
        members.push(("@odata.nextLink".into(), Json::Text(next_link(request, next))));
    }
    let response = object(StatusCode::OK, record::context(request, table, false), members);
    applied(response, request.prefer.applied(false, true))
}

fn next_link(request: &Request, next: &Cursor) -> String {
    let mut options = request.options.without(&["$skiptoken", "$top"]);
    if !options.is_empty() {
        options.push('&');
    }
    // A page has been read of so many.
    if let Some(left) = request.options.top().ok().flatten().and_then(|top| top.checked_sub(PAGE)) {
        options.extend(["$top=", &left.to_string(), "&"]);
    }
    format!("{}{}?{options}$skiptoken={}", request.root, request.raw_path, encode(&next.token))
}

/// `leads/$count`: the bare number.
pub async fn count(request: &Request, table: &Table) -> Result<Response> {
    if request.method != Method::GET {
        return Err(request.not_allowed("a count", "GET"));
    }
    count_within(request, table, Filter::everything()).await
}

/// The number of rows within `within` that `$filter` lets through.
pub async fn count_within(request: &Request, table: &Table, within: Filter) -> Result<Response> {
    request.options.allow(&["$filter"])?;
    let mut query = request
        .app
        .new_query(&request.caller, &table.name)
        .select([table.primary_key.as_str()])
        .matching(filter(request, table)?)
        .matching(within)
        .take(1);
    query.page.count = true;
    let rows = domain::query(&request.app, &request.caller, query).await?;
    Ok(text(rows.total.unwrap_or_default().to_string()))
}

async fn create(request: &Request, table: &Table) -> Result<Response> {
    record::check_answer(request, table)?;
    let mut draft = read_draft(&request.model, table, request.text()?, true)?;
    key::resolve_links(request, &mut draft).await?;
    let id = domain::create(&request.app, &request.caller, draft, request.detects_duplicates()).await?;
    record::written(request, table, id, StatusCode::CREATED).await
}
