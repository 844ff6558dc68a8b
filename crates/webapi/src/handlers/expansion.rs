//! Rows with what they are expanded by: one query for each expansion, not for each row.

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc};

use crm::{Query, Rows, reading::Names};
use model::{Filter, Order, Reference, Value};
use uuid::Uuid;

use super::request::Request;
use crate::{
    domain,
    error::{Error, Result},
    translate::{ExpandPlan, ExpandTarget, Navigation, SelectPlan},
    wire::{FORMATTED_VALUE, Json, Known, RowShape, fetched_columns, file_text, is_file},
};

/// Members of one JSON object.
pub type Members = Vec<(Arc<str>, Json)>;

/// Most rows of one expansion over all rows of a page.
const EXPANDED_ROWS: usize = 50_000;
/// Most bytes of files in one answer.
const FILE_BYTES: usize = 64 * 1024 * 1024;
/// Ids asked for in one query.
const CHUNK: usize = 1_000;
/// Rows read in one query.
const PAGE: u32 = 5_000;

/// A query for what `select` and `expand` show.
pub fn query_for(request: &Request, select: &SelectPlan<'_>, expand: &[ExpandPlan<'_>]) -> Query {
    let columns = fetched_columns(select, expand);
    request.app.new_query(&request.caller, &select.table.name).select(columns.iter().map(String::as_str))
}

/// The rows as JSON, expansions included.
pub fn shown<'a>(
    request: &'a Request,
    select: &'a SelectPlan<'a>,
    expand: &'a [ExpandPlan<'a>],
    rows: &'a Rows,
) -> Pin<Box<dyn Future<Output = Result<Vec<Members>>> + Send + 'a>> {
    Box::pin(async move {
        let known = Known { names: names(request, rows).await?, files: files(request, select, rows).await? };
        let shape = RowShape::new(&request.model, select, &rows.columns, &request.prefer.annotations, &request.caller);
        let mut shown: Vec<Members> = rows.rows.iter().map(|row| shape.write(row, &known)).collect();
        for plan in expand {
            let name: Arc<str> = plan.name.as_str().into();
            for (members, value) in shown.iter_mut().zip(expanded(request, select, plan, rows).await?) {
                members.push((name.clone(), value));
            }
        }
        Ok(shown)
    })
}

/// Names of everything the rows point at, where formatted values are wanted.
pub async fn names(request: &Request, rows: &Rows) -> Result<Names> {
    if !request.prefer.annotations.wants(FORMATTED_VALUE) {
        return Ok(Names::default());
    }
    let mut references: Vec<Reference> = rows.rows.iter().flatten().filter_map(Value::as_reference).cloned().collect();
    references.sort_unstable();
    references.dedup();
    Ok(request.app.names(&request.caller, references).await?)
}

/// The contents of the files that the rows show.
async fn files(request: &Request, select: &SelectPlan<'_>, rows: &Rows) -> Result<HashMap<Uuid, String>> {
    let mut files = HashMap::new();
    let mut bytes = 0;
    for column_shown in select.columns.iter().filter(|column| is_file(column)) {
        for id in column(rows, &column_shown.name).filter_map(|value| value.and_then(Value::as_id)) {
            let Some(content) = request.app.file(&request.caller, id).await? else { continue };
            bytes += content.len();
            if bytes > FILE_BYTES {
                return Err(Error::BadRequest(format!(
                    "$select: the files in '{}' are too large for one answer; ask for fewer rows",
                    column_shown.name
                )));
            }
            files.insert(id, file_text(&content));
        }
    }
    Ok(files)
}

/// What each row is expanded by, in the order of the rows.
async fn expanded(request: &Request, select: &SelectPlan<'_>, plan: &ExpandPlan<'_>, rows: &Rows) -> Result<Vec<Json>> {
    match &plan.navigation {
        Navigation::Single { lookup, .. } => single(request, plan, lookup, rows).await,
        Navigation::Collection { through, .. } => collection(request, plan, select, through, rows).await,
        Navigation::Pairs { intersect, here, there, .. } => {
            pairs(request, plan, select, (intersect, here, there), rows).await
        }
    }
}

async fn single(request: &Request, plan: &ExpandPlan<'_>, lookup: &str, rows: &Rows) -> Result<Vec<Json>> {
    let pointed: Vec<Option<&Reference>> =
        column(rows, lookup).map(|value| value.and_then(Value::as_reference)).collect();
    let mut found: HashMap<Reference, Json> = HashMap::new();
    for target in &plan.targets {
        let table = &target.select.table.name;
        let mut ids: Vec<Uuid> = pointed.iter().flatten().filter(|r| r.table == *table).map(|r| r.id).collect();
        ids.sort_unstable();
        ids.dedup();
        for chunk in ids.chunks(CHUNK) {
            let here = Filter::is_in(target.select.table.primary_key.as_str(), chunk.iter().copied());
            let query = query_for(request, &target.select, &target.expand).matching(here).take(PAGE);
            let rows = domain::query(&request.app, &request.caller, query).await?;
            for (id, mut members) in keyed(request, target, &rows).await? {
                name_owner(target, &mut members);
                if plan.targets.len() > 1 {
                    members.insert(0, ("@odata.type".into(), Json::Text(format!("#Microsoft.Dynamics.CRM.{table}"))));
                }
                found.insert(Reference::new(table.as_str(), id), finished(request, plan, target, id, members));
            }
        }
    }
    Ok(pointed
        .into_iter()
        .map(|reference| reference.and_then(|r| found.get(r)).cloned().unwrap_or(Json::Null))
        .collect())
}

/// Calls by its name as an owner what was asked for so.
fn name_owner(target: &ExpandTarget<'_>, members: &mut Members) {
    let mut named: Members = Vec::new();
    for (name, column) in target.owner.pairs() {
        if let Some((_, value)) = members.iter().find(|(member, _)| **member == *column) {
            named.push((name.into(), value.clone()));
        }
    }
    members.retain(|(member, _)| !target.owner.is_unasked(member));
    members.extend(named);
}

async fn collection(
    request: &Request,
    plan: &ExpandPlan<'_>,
    select: &SelectPlan<'_>,
    through: &str,
    rows: &Rows,
) -> Result<Vec<Json>> {
    let parents: Vec<Uuid> =
        column(rows, &select.table.primary_key).filter_map(|value| value.and_then(Value::as_id)).collect();
    let mut by_parent: HashMap<Uuid, Vec<Json>> = HashMap::new();
    let Some(target) = plan.targets.first() else { return Ok(Vec::new()) };
    for chunk in parents.chunks(CHUNK) {
        let mut query = query_for(request, &target.select, &target.expand)
            .matching(Filter::is_in(through, chunk.iter().copied()))
            .matching(target.filter.clone());
        if !query.columns.iter().any(|output| output.path.is_own() && output.path.column == through) {
            query = query.select([through]);
        }
        let mut children = all_pages(request, plan, ordered(query, &target.order), chunk.len()).await?;
        cut_to_top(&mut children, through, plan.top);
        let parents: Vec<Option<Uuid>> = column(&children, through).map(|value| value.and_then(Value::as_id)).collect();
        for (parent, (id, members)) in parents.into_iter().zip(keyed(request, target, &children).await?) {
            if let Some(parent) = parent {
                by_parent.entry(parent).or_default().push(finished(request, plan, target, id, members));
            }
        }
    }
    Ok(parents.iter().map(|parent| Json::List(by_parent.remove(parent).unwrap_or_default())).collect())
}

async fn pairs(
    request: &Request,
    plan: &ExpandPlan<'_>,
    select: &SelectPlan<'_>,
    (intersect, here, there): (&str, &str, &str),
    rows: &Rows,
) -> Result<Vec<Json>> {
    let parents: Vec<Uuid> =
        column(rows, &select.table.primary_key).filter_map(|value| value.and_then(Value::as_id)).collect();
    let Some(target) = plan.targets.first() else { return Ok(Vec::new()) };
    let mut partners: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for chunk in parents.chunks(CHUNK) {
        let query = request
            .app
            .new_query(&request.caller, intersect)
            .select([here, there])
            .matching(Filter::is_in(here, chunk.iter().copied()));
        for row in all_pages(request, plan, query, chunk.len()).await?.rows {
            if let [parent, partner] = row.as_slice()
                && let (Some(parent), Some(partner)) = (parent.as_id(), partner.as_id())
            {
                partners.entry(partner).or_default().push(parent);
            }
        }
    }
    let ids: Vec<Uuid> = partners.keys().copied().collect();
    if ids.len() > PAGE as usize {
        return Err(too_many(plan));
    }
    let query = query_for(request, &target.select, &target.expand)
        .matching(Filter::is_in(target.select.table.primary_key.as_str(), ids))
        .matching(target.filter.clone())
        .take(PAGE);
    let found = domain::query(&request.app, &request.caller, ordered(query, &target.order)).await?;
    let top = plan.top.map_or(usize::MAX, |top| top as usize);
    let mut by_parent: HashMap<Uuid, Vec<Json>> = HashMap::new();
    for (id, members) in keyed(request, target, &found).await? {
        let json = finished(request, plan, target, id, members);
        for parent in partners.get(&id).into_iter().flatten() {
            let list = by_parent.entry(*parent).or_default();
            if list.len() < top {
                list.push(json.clone());
            }
        }
    }
    Ok(parents.iter().map(|parent| Json::List(by_parent.remove(parent).unwrap_or_default())).collect())
}

/// All rows of a query, page by page; with one parent no more than it shows.
async fn all_pages(request: &Request, plan: &ExpandPlan<'_>, query: Query, parents: usize) -> Result<Rows> {
    let enough = if parents == 1 { plan.top.map_or(usize::MAX, |top| top as usize) } else { usize::MAX };
    let mut query = query.take(PAGE.min(u32::try_from(enough).unwrap_or(PAGE)).max(1));
    let mut all = Rows::default();
    loop {
        let mut page = domain::query(&request.app, &request.caller, query.clone()).await?;
        all.columns = page.columns;
        all.rows.append(&mut page.rows);
        if all.rows.len() >= enough {
            return Ok(all);
        }
        if all.rows.len() > EXPANDED_ROWS {
            return Err(too_many(plan));
        }
        match page.next {
            None => return Ok(all),
            next => query.page.cursor = next,
        }
    }
}

/// Keep at most `top` rows for each parent.
fn cut_to_top(children: &mut Rows, through: &str, top: Option<u32>) {
    let (Some(top), Some(position)) = (top, children.position(through)) else { return };
    let mut seen: HashMap<Uuid, u32> = HashMap::new();
    children.rows.retain(|row| {
        let Some(parent) = row.get(position).and_then(Value::as_id) else { return false };
        let count = seen.entry(parent).or_default();
        *count += 1;
        *count <= top
    });
}

/// The rows as JSON with their primary keys.
async fn keyed(request: &Request, target: &ExpandTarget<'_>, rows: &Rows) -> Result<Vec<(Uuid, Members)>> {
    let ids =
        column(rows, &target.select.table.primary_key).map(|value| value.and_then(Value::as_id).unwrap_or_default());
    let ids: Vec<Uuid> = ids.collect();
    Ok(ids.into_iter().zip(shown(request, &target.select, &target.expand, rows).await?).collect())
}

fn finished(request: &Request, plan: &ExpandPlan<'_>, target: &ExpandTarget<'_>, id: Uuid, members: Members) -> Json {
    if plan.references_only {
        let url = format!("{}{}({id})", request.root, target.select.table.set_name);
        return Json::Object(vec![("@odata.id".into(), Json::Text(url))]);
    }
    Json::Object(members)
}

fn ordered(mut query: Query, order: &[Order]) -> Query {
    query.order.extend_from_slice(order);
    query
}

fn column<'r>(rows: &'r Rows, name: &str) -> impl Iterator<Item = Option<&'r Value>> {
    let position = rows.position(name);
    rows.rows.iter().map(move |row| position.and_then(|position| row.get(position)))
}

fn too_many(plan: &ExpandPlan<'_>) -> Error {
    Error::BadRequest(format!(
        "$expand: '{}' leads to too many rows for one answer; add $top inside it or ask for fewer rows",
        plan.name
    ))
}
