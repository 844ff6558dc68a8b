//! Single columns of a row: `leads(id)/jobtitle`.

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use model::{Column, ColumnType, Table, Value};

use super::{
    file, key, record,
    request::Request,
    response::{at, empty, object, text},
};
use crate::{
    domain,
    error::{Error, Result},
    odata::Segment,
    translate::wire_name,
    wire::{Draft, Json, file_text, is_file, members, to_json},
};

/// True for columns that are addressed as properties; lookups are navigation properties.
pub fn is_property(column: &Column) -> bool {
    column.is_stored() && !matches!(column.kind, ColumnType::Lookup { .. })
}

/// The column that is addressed as a property by this name: a lookup by `_x_value`, which can only be read.
pub fn named<'t>(table: &'t Table, name: &str) -> Option<&'t Column> {
    let is_wanted = |column: &&Column| column.is_stored() && wire_name(column) == name;
    let bare = name.strip_prefix('_').and_then(|rest| rest.strip_suffix("_value")).unwrap_or(name);
    [name, bare].into_iter().filter_map(|name| table.column(name)).find(is_wanted)
}

/// A request on one column.
pub async fn serve(
    request: &Request,
    table: &Table,
    row: &Segment,
    name: &Segment,
    behind: &[Segment],
) -> Result<Response> {
    let column = named(table, &name.name).ok_or_else(|| Error::UnknownResource(name.name.clone()))?;
    let raw = match behind {
        [] => false,
        [Segment { name, key: None }] if name == "$value" => true,
        [other, ..] => return Err(Error::UnknownResource(other.name.clone())),
    };
    request.options.allow(&[])?;
    match request.method {
        Method::PUT | Method::DELETE if !is_property(column) => {
            Err(request.not_allowed("a lookup's value; the link is written by its navigation property", "GET"))
        }
        Method::GET if is_file(column) && file::is_meant(request, raw) => file::read(request, table, row, column).await,
        Method::GET => read(request, table, row, column, raw).await,
        Method::PATCH if is_file(column) && !raw => file::write(request, table, row, column).await,
        Method::PUT | Method::DELETE if !raw => write(request, table, row, column).await,
        _ if is_file(column) => Err(request.not_allowed("a file", "GET, PATCH, PUT, DELETE")),
        _ => Err(request.not_allowed("a property", "GET, PUT, DELETE")),
    }
}

async fn read(request: &Request, table: &Table, row: &Segment, column: &Column, raw: bool) -> Result<Response> {
    let id = key::resolve(request, table, row).await?;
    let found = request.app.get(&request.caller, &table.name, id, Some(vec![column.name.clone()])).await?;
    let value = found.value(&column.name);
    if value.is_null() {
        return Ok(empty(StatusCode::NO_CONTENT));
    }
    let shown = match value {
        Value::Id(file) if is_file(column) => {
            let content = request.app.file(&request.caller, *file).await?.unwrap_or_default();
            Json::Text(file_text(&content))
        }
        other => to_json(Some(column), other),
    };
    if raw {
        return Ok(text(match shown {
            Json::Text(text) => text,
            other => String::from_utf8_lossy(&other.to_bytes()).into_owned(),
        }));
    }
    let context = format!("{}$metadata#{}({id})/{}", request.root, table.set_name, wire_name(column));
    Ok(object(StatusCode::OK, context, vec![("value".into(), shown)]))
}

/// What a PUT or DELETE of the column makes of the row.
pub fn change(request: &Request, table: &Table, column: &Column) -> Result<Draft> {
    let mut changes = Draft::of(table);
    if request.method == Method::DELETE {
        changes.set(column, "null")?;
        return Ok(changes);
    }
    let body = members(&column.name, request.text()?)?;
    let value = body.get("value").ok_or_else(|| Error::BadBody(format!("{}: send {{\"value\": …}}", column.name)))?;
    changes.set(column, value.get())?;
    Ok(changes)
}

async fn write(request: &Request, table: &Table, row: &Segment, column: &Column) -> Result<Response> {
    let id = key::resolve(request, table, row).await?;
    let changes = change(request, table, column)?;
    domain::update(&request.app, &request.caller, &table.name, id, changes, record::wish(request)).await?;
    Ok(at(empty(StatusCode::NO_CONTENT), &record::url(request, table, id)))
}
