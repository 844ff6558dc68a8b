//! `?fetchXml=…` and views: the rows or groups that a FetchXML query asks for.

use std::sync::Arc;

use axum::{http::StatusCode, response::Response};
use crm::{Cursor, Query, Rows, reading::Names};
use model::{Filter, Table, Value};

use super::{
    collection,
    expansion::{self, Members},
    paging, record,
    request::Request,
    response::{applied, object},
};
use crate::{
    domain,
    error::{Error, Result},
    fetch::{Fetch, PagingCookie, Plan, Shown, plan, read, read_cookie, write_cookie},
    wire::{ASSOCIATED_NAVIGATION, EntityTag, FORMATTED_VALUE, Formatter, Json, LOOKUP_LOGICAL_NAME, PAGE, to_json},
};

const COOKIE: &str = "Microsoft.Dynamics.CRM.fetchxmlpagingcookie";
const MORE: &str = "Microsoft.Dynamics.CRM.morerecords";
/// Most groups that pages of them lead to.
const MOST_GROUPS: u32 = 50_000;

/// What the query in `text` asks for, among the rows within `within`.
pub async fn list(request: &Request, table: &Table, text: &str, within: Filter) -> Result<Response> {
    request.options.allow(&["fetchXml", "$count"])?;
    let fetch = read(text)?;
    let plan = plan(&request.model, table, &fetch)?;
    let page = Page::of(request, &fetch)?;
    plan.fits(page.size)?;
    let mut query = plan.query(request.app.new_query(&request.caller, &table.name)).matching(within);
    query.page.count = fetch.total || request.options.count()?;
    let mut rows =
        if plan.is_grouped() { groups(request, query, &page).await? } else { page.rows(request, query).await? };
    if page.is_top {
        rows.next = None;
    }
    let values = shown(request, table, &plan, &rows).await?;
    let mut members = totals(request, &fetch, &rows)?;
    members.push(("value".into(), Json::List(values)));
    if let Some(next) = &rows.next {
        members.extend(cookie(request, &page, next));
    }
    let response = object(StatusCode::OK, record::context(request, table, false), members);
    Ok(applied(response, request.prefer.applied(false, true)))
}

/// The rows of a view's query, in pages as other lists have them.
pub async fn view(request: &Request, table: &Table, fetch: &Fetch, within: Filter) -> Result<Response> {
    request.options.allow(&["savedQuery", "userQuery", "$filter", "$top", "$count", "$skiptoken"])?;
    let plan = plan(&request.model, table, fetch)?;
    let query = plan.query(request.app.new_query(&request.caller, &table.name));
    let rows = collection::page(request, query.matching(collection::filter(request, table)?).matching(within)).await?;
    let values = shown(request, table, &plan, &rows).await?;
    Ok(collection::listed(request, table, &rows, values))
}

/// Which page is asked for.
struct Page {
    size: u32,
    /// From 1.
    number: u32,
    /// Where the page before ended, and its number.
    behind: Option<PagingCookie>,
    /// The first rows and no pages.
    is_top: bool,
}

impl Page {
    fn of(request: &Request, fetch: &Fetch) -> Result<Self> {
        let behind = fetch.cookie.as_deref().map(read_cookie).transpose()?;
        let by_cookie = behind.as_ref().map_or(1, |cookie| cookie.page.saturating_add(1));
        Ok(Self {
            size: fetch.top.or(fetch.count).or(request.prefer.page_size).unwrap_or(PAGE),
            number: fetch.page.unwrap_or(by_cookie),
            behind,
            is_top: fetch.top.is_some(),
        })
    }

    async fn rows(&self, request: &Request, mut query: Query) -> Result<Rows> {
        query.page.size = self.size;
        let mut walked = self.number - 1;
        if let Some(PagingCookie { page, marker: Some(marker) }) = &self.behind
            && *page < self.number
        {
            query.page.cursor = Some(Cursor { token: marker.clone(), backwards: false });
            walked = self.number - 1 - page;
        }
        match paging::on(request, query, walked, "fetchXml: page").await? {
            Some(query) => Ok(domain::query(&request.app, &request.caller, query).await?),
            None => Ok(Rows::default()),
        }
    }
}

/// A page of groups. Each needs all rows, so they are counted off and not gone on behind.
async fn groups(request: &Request, mut query: Query, page: &Page) -> Result<Rows> {
    let until = page.number.checked_mul(page.size).filter(|until| *until <= MOST_GROUPS);
    let until = until.ok_or_else(|| {
        Error::BadRequest(format!("fetchXml: pages of groups end at {MOST_GROUPS}; narrow them with a filter"))
    })?;
    // One more shows that there are more.
    query.page.size = until + 1;
    let mut rows = domain::query(&request.app, &request.caller, query).await?;
    let more = rows.rows.len() > until as usize;
    rows.rows.truncate(until as usize);
    rows.rows.drain(..rows.rows.len().min((until - page.size) as usize));
    rows.next = more.then(|| Cursor { token: String::new(), backwards: false });
    Ok(rows)
}

fn totals(request: &Request, fetch: &Fetch, rows: &Rows) -> Result<Members> {
    let mut members = Members::new();
    let Some(total) = rows.total else { return Ok(members) };
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    if request.options.count()? {
        members.push(("@odata.count".into(), Json::Whole(total)));
    }
    let annotated = request.prefer.annotations.wants("Microsoft.Dynamics.CRM.totalrecordcount");
    if fetch.total || annotated {
        members.push(("@Microsoft.Dynamics.CRM.totalrecordcount".into(), Json::Whole(total)));
        members.push(("@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded".into(), Json::Boolean(false)));
    }
    Ok(members)
}

/// Where the page ended, for those who ask.
fn cookie(request: &Request, page: &Page, next: &Cursor) -> Members {
    let annotations = &request.prefer.annotations;
    let mut members = Members::new();
    if annotations.wants(COOKIE) {
        let marker = Some(next.token.clone()).filter(|token| !token.is_empty());
        let text = write_cookie(&PagingCookie { page: page.number, marker });
        members.push((format!("@{COOKIE}").into(), Json::Text(text)));
    }
    if annotations.wants(MORE) {
        members.push((format!("@{MORE}").into(), Json::Boolean(true)));
    }
    members
}

async fn shown(request: &Request, table: &Table, plan: &Plan<'_>, rows: &Rows) -> Result<Vec<Json>> {
    let names = expansion::names(request, rows).await?;
    let writer = Writer::new(request, table, plan);
    Ok(rows.rows.iter().map(|row| Json::Object(writer.row(row, &names))).collect())
}

/// Writes the rows of one query: every name is made once, not once a row.
struct Writer<'a> {
    members: Vec<Member<'a>>,
    version: Option<usize>,
    etag: Arc<str>,
    formatter: Option<Formatter<'a>>,
    logical_names: bool,
}

struct Member<'a> {
    shown: &'a Shown<'a>,
    name: Arc<str>,
    formatted: Arc<str>,
    logical_name: Arc<str>,
    navigation: Arc<str>,
    /// Where lookups may lead by which navigation property, where that is wanted.
    navigations: Vec<(&'a str, &'a str)>,
}

impl<'a> Writer<'a> {
    fn new(request: &'a Request, table: &'a Table, plan: &'a Plan<'a>) -> Self {
        let annotations = &request.prefer.annotations;
        let with_navigations = annotations.wants(ASSOCIATED_NAVIGATION) && !plan.is_grouped();
        let member = |shown: &'a Shown<'a>| {
            let lookup = shown.column.filter(|_| with_navigations && shown.table.name == table.name);
            let navigations = lookup.map(|column| crate::wire::navigations(&request.model, table, &column.name));
            Member {
                shown,
                name: shown.name.as_str().into(),
                formatted: format!("{}@{FORMATTED_VALUE}", shown.name).into(),
                logical_name: format!("{}@{LOOKUP_LOGICAL_NAME}", shown.name).into(),
                navigation: format!("{}@{ASSOCIATED_NAVIGATION}", shown.name).into(),
                navigations: navigations.unwrap_or_default(),
            }
        };
        Self {
            members: plan.shown.iter().map(member).collect(),
            version: plan.version,
            etag: "@odata.etag".into(),
            formatter: annotations.wants(FORMATTED_VALUE).then(|| Formatter::new(&request.caller)),
            logical_names: annotations.wants(LOOKUP_LOGICAL_NAME),
        }
    }

    fn row(&self, row: &[Value], names: &Names) -> Members {
        let mut members = Members::with_capacity(self.members.len() + 1);
        if let Some(version) = self.version.and_then(|at| row.get(at)).and_then(Value::as_whole) {
            members.push((self.etag.clone(), Json::Text(EntityTag(version).to_string())));
        }
        for member in &self.members {
            self.put(member, row, names, &mut members);
        }
        members
    }

    fn put(&self, member: &Member<'_>, row: &[Value], names: &Names, members: &mut Members) {
        let shown = member.shown;
        let value = row.get(shown.position).unwrap_or(&Value::Null);
        if shown.is_number {
            let number = match value {
                // The first day of a year stands for it.
                Value::Date(day) => Value::Whole(day.year().into()),
                other => other.clone(),
            };
            let text = self.formatter.as_ref().zip(number.as_decimal()).map(|(f, number)| f.number(number));
            members.extend(text.map(|text| (member.formatted.clone(), Json::Text(text))));
            members.push((member.name.clone(), to_json(None, &number)));
            return;
        }
        let Some(column) = shown.column else { return };
        let currency = shown.currency.and_then(|at| row.get(at)).and_then(Value::as_id);
        let text = self.formatter.as_ref().and_then(|f| f.format(shown.table, column, value, currency, names));
        members.extend(text.map(|text| (member.formatted.clone(), Json::Text(text))));
        if let Value::Reference(reference) = value {
            if let Some((_, navigation)) = member.navigations.iter().find(|(target, _)| *target == reference.table) {
                members.push((member.navigation.clone(), (*navigation).into()));
            }
            if self.logical_names {
                members.push((member.logical_name.clone(), Json::Text(reference.table.clone())));
            }
        }
        members.push((member.name.clone(), to_json(Some(column), value)));
    }
}
