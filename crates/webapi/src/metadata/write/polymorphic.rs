//! Lookups that lead to several tables: `CreatePolymorphicLookupAttribute`, and
//! `CreateCustomerRelationships` for those that lead to accounts and contacts.

use axum::{http::StatusCode, response::Response};
use model::{Model, PartKind};
use serde_json::{Map, Value, json};

use super::{
    agreement::demand,
    make::{column_agrees, put},
    may_write, part,
    relationship::{JUDGED, Read, demand_apart, read_several},
    sent::Sent,
};
use crate::{
    error::{Error, Result},
    handlers::object,
    metadata::{not_found, relationship},
    operations::Call,
    wire::Json,
};

/// `CreatePolymorphicLookupAttribute`
pub async fn create(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    let body = said(call)?;
    let sent = Sent::at("", &body)?;
    let read = read_several(&sent)?;
    make(call, &sent, &read).await
}

/// `CreateCustomerRelationships`
pub async fn create_customer(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    let body = said(call)?;
    let sent = Sent::at("", &body)?;
    let read = read_several(&sent)?;
    let mut tables: Vec<&str> = read.iter().filter_map(|(_, read)| target(read)).collect();
    tables.sort_unstable();
    if tables != ["account", "contact"] {
        return Err(sent.wrong("OneToManyRelationships", "a customer is an account or a contact; send one for each"));
    }
    make(call, &sent, &read).await
}

fn said(call: &Call<'_>) -> Result<Value> {
    let mut body = Map::new();
    for name in ["Lookup", "OneToManyRelationships"] {
        body.extend(call.parameters.get::<Value>(name)?.map(|value| (name.to_owned(), value)));
    }
    Ok(Value::Object(body))
}

/// The table that a relationship leads to.
fn target(read: &Read) -> Option<&str> {
    match read {
        Read::OneToMany { lookup, .. } => lookup.document.get("targets")?.get(0)?.as_str(),
        Read::ManyToMany { .. } => None,
    }
}

async fn make(call: &Call<'_>, sent: &Sent<'_>, read: &[(String, Read)]) -> Result<Response> {
    let Some((_, Read::OneToMany { referencing, lookup, .. })) = read.first() else {
        return Err(Error::BadBody("OneToManyRelationships: send one for each table it leads to".to_owned()));
    };
    let of = format!("{referencing}/{}", lookup.name);
    let mut column = lookup.document.clone();
    column.insert("targets".to_owned(), json!(read.iter().filter_map(|(_, read)| target(read)).collect::<Vec<_>>()));
    let mut parts = vec![(part(PartKind::Column, &of)?, Value::Object(column))];
    for (_, read) in read {
        if let (Some(target), Read::OneToMany { document, .. }) = (target(read), read) {
            parts.push((part(PartKind::Relationship, &format!("{of}/{target}"))?, document.clone()));
        }
    }
    let accept = |model: &Model, (): &()| {
        let ones = sent.objects("OneToManyRelationships", usize::MAX)?.unwrap_or_default();
        for (one, (name, read)) in ones.iter().zip(read) {
            demand_apart(one, read, name, model)?;
            let item = relationship::all(model).into_iter().find(|item| item.is("SchemaName", name));
            demand(one, &item.ok_or_else(|| not_found(name, &[]))?, &JUDGED)?;
        }
        match (model.table(referencing), sent.object("Lookup")?) {
            (Some(table), Some(sent)) => column_agrees(model, table, &sent, &lookup.name),
            _ => Err(not_found(referencing, &[])),
        }
    };
    put(call.request, &parts, accept).await?;
    let ids = read.iter().map(|(name, _)| Json::Text(model::relationship_id(name).to_string())).collect();
    let column = model::column_id(referencing, &lookup.name).to_string();
    let members = vec![("RelationshipIds".into(), Json::List(ids)), ("AttributeId".into(), Json::Text(column))];
    Ok(object(StatusCode::OK, call.context(), members))
}
