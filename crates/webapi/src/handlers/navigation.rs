//! Behind a row: what its lookups lead to and what points at it.

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use model::{Filter, Reference, Related, Table};
use uuid::Uuid;

use super::{collection, key, record, reference, request::Request, response::empty};
use crate::{
    error::{Error, Result},
    odata::Segment,
    translate::{Navigation, known_table, navigation},
};

/// A request on a navigation property.
pub async fn serve(
    request: &Request,
    table: &Table,
    row: &Segment,
    name: &Segment,
    behind: &[Segment],
) -> Result<Response> {
    let navigation =
        navigation(&request.model, table, &name.name).ok_or_else(|| Error::UnknownResource(name.name.clone()))?;
    let id = key::resolve(request, table, row).await?;
    match behind {
        [] if name.key.is_none() => read(request, table, id, &navigation).await,
        [Segment { name: last, key: None }] if last == "$ref" => {
            reference::serve(request, table, id, &navigation, name).await
        }
        [Segment { name: last, key: None }] if last == "$count" && request.method == Method::GET => {
            let (child, within) = collection_of(request, table, id, &navigation)?;
            exists(request, table, id).await?;
            collection::count_within(request, child, within).await
        }
        [other, ..] => Err(Error::UnknownResource(other.name.clone())),
        [] => Err(Error::UnknownResource(name.name.clone())),
    }
}

async fn read(request: &Request, table: &Table, id: Uuid, navigation: &Navigation) -> Result<Response> {
    if request.method != Method::GET {
        return Err(request.not_allowed("a navigation property", "GET"));
    }
    if let Navigation::Single { lookup, targets } = navigation {
        return match pointed_at(request, table, id, lookup).await? {
            Some(found) if targets.contains(&found.table) => {
                let target = known_table(&request.model, &found.table)?;
                record::read(request, target, found.id, StatusCode::OK).await
            }
            _ => Ok(empty(StatusCode::NO_CONTENT)),
        };
    }
    exists(request, table, id).await?;
    let (child, within) = collection_of(request, table, id, navigation)?;
    collection::list(request, child, within).await
}

/// The row that a lookup points at.
pub async fn pointed_at(request: &Request, table: &Table, id: Uuid, lookup: &str) -> Result<Option<Reference>> {
    let row = request.app.get(&request.caller, &table.name, id, Some(vec![lookup.to_owned()])).await?;
    Ok(row.value(lookup).as_reference().cloned())
}

/// 404 where the row is absent or hidden.
pub async fn exists(request: &Request, table: &Table, id: Uuid) -> Result<()> {
    request.app.get(&request.caller, &table.name, id, Some(Vec::new())).await?;
    Ok(())
}

/// The table of a collection and which of its rows belong to the row `id`.
pub fn collection_of<'r>(
    request: &'r Request,
    table: &Table,
    id: Uuid,
    navigation: &Navigation,
) -> Result<(&'r Table, Filter)> {
    match navigation {
        Navigation::Collection { table: child, through } => {
            let here = Filter::eq(through.as_str(), Reference::new(table.name.as_str(), id));
            Ok((known_table(&request.model, child)?, here))
        }
        Navigation::Pairs { intersect, here, there, table: other } => {
            let pair = Filter::eq(here.as_str(), Reference::new(table.name.as_str(), id));
            let (table, through) = (intersect.clone(), there.clone());
            let related = Related { table, through, filter: Box::new(pair), at: None };
            Ok((known_table(&request.model, other)?, Filter::Related(related)))
        }
        Navigation::Single { lookup, .. } => Err(Error::BadRequest(format!("'{lookup}' is one row, not a collection"))),
    }
}
