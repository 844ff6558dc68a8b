//! Which row a key in an address means.

use model::{Filter, Table};
use uuid::Uuid;

use super::request::Request;
use crate::{
    domain,
    error::{Error, Result},
    odata::{KeyPart, Literal, Segment},
    translate::{as_value, column_of},
    wire::Draft,
};

/// The primary key of the row that `segment` names.
pub async fn resolve(request: &Request, table: &Table, segment: &Segment) -> Result<Uuid> {
    if let Some(id) = segment.id() {
        return Ok(id);
    }
    let parts = segment.key.as_deref().unwrap_or_default();
    find(request, table, parts).await?.ok_or_else(|| Error::NotFound { table: table.name.clone(), key: shown(parts) })
}

/// The row with these key values, where there is one.
pub async fn find(request: &Request, table: &Table, parts: &[KeyPart]) -> Result<Option<Uuid>> {
    if let [KeyPart { value: Literal::Guid(id), .. }] = parts
        && is_primary(table, parts)
    {
        return Ok(Some(*id));
    }
    let mut filter = Filter::everything();
    for (column, value) in values(table, parts)? {
        filter = filter.and(Filter::eq(column.as_str(), value));
    }
    Ok(domain::keys(&request.app, &request.caller, table, filter).await?.first().copied())
}

/// True for the primary key, bare or by name: `leads(leadid=…)`.
pub fn is_primary(table: &Table, parts: &[KeyPart]) -> bool {
    matches!(parts, [KeyPart { name, value: Literal::Guid(_) }] if name.as_ref().is_none_or(|name| *name == table.primary_key))
}

/// The columns and values of an alternate key, checked against the keys the table has.
pub fn values(table: &Table, parts: &[KeyPart]) -> Result<Vec<(String, model::Value)>> {
    let named = parts
        .iter()
        .map(|part| {
            let name = part.name.as_deref().ok_or_else(|| not_a_key(table))?;
            let column = column_of(table, name)?;
            match as_value(column, &part.value)? {
                // Any number of rows has none.
                model::Value::Null => Err(Error::BadValue {
                    column: column.name.clone(),
                    message: "a key that is empty names no row; send its value".to_owned(),
                }),
                value => Ok((column.name.clone(), value)),
            }
        })
        .collect::<Result<Vec<_>>>()?;
    let known = table.keys.iter().any(|key| {
        key.columns.len() == named.len()
            && key.columns.iter().all(|column| named.iter().any(|(name, _)| name == column))
    });
    if known { Ok(named) } else { Err(not_a_key(table)) }
}

/// Look up every link of a draft that was given by an alternate key.
pub async fn resolve_links(request: &Request, draft: &mut Draft) -> Result<()> {
    for (values, unresolved) in draft.unresolved_mut() {
        for link in std::mem::take(unresolved) {
            let table = crate::translate::known_table(&request.model, &link.table)?;
            let id = find(request, table, &link.key)
                .await?
                .ok_or_else(|| Error::NotFound { table: link.table.clone(), key: shown(&link.key) })?;
            values.set(link.column, model::Reference::new(link.table, id));
        }
    }
    Ok(())
}

fn not_a_key(table: &Table) -> Error {
    let keys: Vec<String> = table.keys.iter().map(|key| key.columns.join(",")).collect();
    let also = if keys.is_empty() { String::new() } else { format!(", or by an alternate key: {}", keys.join("; ")) };
    Error::BadRequest(format!("name a row of {} by its primary key, a GUID{also}", table.set_name))
}

fn shown(parts: &[KeyPart]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match &part.name {
            Some(name) => format!("{name}={}", part.value),
            None => part.value.to_string(),
        })
        .collect();
    parts.join(",")
}
