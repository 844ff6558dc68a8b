//! `$apply`: groups instead of rows.

use std::sync::Arc;

use axum::response::Response;
use crm::{Query, Rows, reading::Names};
use model::{Filter, Order, Path, Table, Value};

use super::{
    collection,
    expansion::{self, Members},
    request::Request,
};
use crate::{
    domain,
    error::{Error, Result},
    odata::Apply,
    translate::{Grouped, translate_apply},
    wire::{FORMATTED_VALUE, Formatter, Json, PAGE, to_json},
};

/// The groups that `$apply` asks for.
pub async fn list(request: &Request, table: &Table, apply: &Apply, within: Filter) -> Result<Response> {
    let grouped = translate_apply(&request.model, table, apply)?;
    let mut query = request
        .app
        .new_query(&request.caller, &table.name)
        .matching(collection::filter(request, table)?)
        .matching(within)
        .matching(grouped.filter.clone());
    query.group_by = grouped.group_by.iter().map(|group| group.grouping.clone()).collect();
    query.aggregates = grouped.aggregates.iter().map(|value| value.aggregate.clone()).collect();
    query.order = order(request, &grouped)?;
    let rows = groups(request, query).await?;
    let names = expansion::names(request, &rows).await?;
    let values =
        rows.rows.iter().map(|row| Json::Object(shown(request, table, &grouped, &rows, row, &names))).collect();
    Ok(collection::listed(request, table, &rows, values))
}

/// All groups, or the first that `$top` asks for: they do not come in pages.
async fn groups(request: &Request, mut query: Query) -> Result<Rows> {
    let top = request.options.top()?;
    // One more shows that there are more.
    query.page.size = top.unwrap_or(PAGE + 1).clamp(1, PAGE + 1);
    query.page.count = request.options.count()?;
    let mut rows = domain::query(&request.app, &request.caller, query).await?;
    let kept = top.map_or(PAGE as usize, |top| top as usize);
    if top.is_none() && rows.rows.len() > kept {
        return Err(Error::BadRequest(format!(
            "$apply: more than {PAGE} groups; narrow them with filter(…), or ask for the first with $orderby and $top"
        )));
    }
    rows.rows.truncate(kept);
    rows.next = None;
    Ok(rows)
}

fn order(request: &Request, grouped: &Grouped<'_>) -> Result<Vec<Order>> {
    request
        .options
        .order()?
        .into_iter()
        .map(|item| {
            let alias = grouped.alias_of(&item.path).ok_or_else(|| {
                Error::BadRequest(format!(
                    "$orderby: '{}' is neither grouped by nor computed in $apply",
                    item.path.join("/")
                ))
            })?;
            Ok(Order { column: Path::column(alias), descending: item.descending })
        })
        .collect()
}

fn shown(
    request: &Request,
    table: &Table,
    grouped: &Grouped<'_>,
    rows: &Rows,
    row: &[Value],
    names: &Names,
) -> Members {
    let formatter = request.prefer.annotations.wants(FORMATTED_VALUE).then(|| Formatter::new(&request.caller));
    let value_of = |alias: &str| rows.position(alias).and_then(|position| row.get(position)).unwrap_or(&Value::Null);
    let mut members = Members::new();
    for group in &grouped.group_by {
        let value = value_of(&group.grouping.alias);
        let formatted = formatter
            .as_ref()
            .and_then(|f| f.format(owner(request, table, &group.names), group.column, value, None, names));
        nest(&mut members, &group.names, formatted, to_json(Some(group.column), value));
    }
    for computed in &grouped.aggregates {
        let value = value_of(&computed.aggregate.alias);
        let formatted = formatter.as_ref().and_then(|formatter| match computed.column {
            Some(column) => formatter.format(table, column, value, None, names),
            None => value.as_decimal().map(|number| formatter.number(number)),
        });
        nest(&mut members, std::slice::from_ref(&computed.name), formatted, to_json(computed.column, value));
    }
    members
}

/// The table whose labels a grouped column has: that at the end of the path.
fn owner<'a>(request: &'a Request, table: &'a Table, names: &[String]) -> &'a Table {
    let before = names.split_last().map(|(_, before)| before).unwrap_or_default();
    crate::translate::steps_to(&request.model, table, before).map_or(table, |(_, found)| found)
}

/// Put a value at the end of a path of objects, as OData shows `nav/column`.
fn nest(members: &mut Members, path: &[String], formatted: Option<String>, value: Json) {
    match path {
        [] => {}
        [name] => {
            if let Some(text) = formatted {
                members.push((format!("{name}@{FORMATTED_VALUE}").into(), Json::Text(text)));
            }
            members.push((name.as_str().into(), value));
        }
        [name, rest @ ..] => {
            let known = members.iter().position(|(found, _)| **found == **name);
            let position = known.unwrap_or_else(|| {
                members.push((Arc::from(name.as_str()), Json::Object(Vec::new())));
                members.len() - 1
            });
            if let Json::Object(inner) = &mut members[position].1 {
                nest(inner, rest, formatted, value);
            }
        }
    }
}
