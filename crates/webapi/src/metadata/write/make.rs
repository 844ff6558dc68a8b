//! Definitions that are made.

use std::sync::Arc;

use axum::response::Response;
use crm::Origin;
use model::{Model, PartAddress, PartKind, Table};
use serde_json::Value;

use super::{
    Key, Place, agreement::demand, body, choice as choices, column as columns, column_item, key as keys, part, put_new,
    relationship as relationships, sent::Sent, table as tables, table_of, written,
};
use crate::{
    error::{Error, Result},
    handlers::Request,
    metadata::{NAMESPACE, entity, item::Item, key, not_found, relationship, shared},
};

/// Most columns that one request makes, and that a table has.
const MOST_COLUMNS: usize = 1_000;

/// `POST EntityDefinitions`
pub async fn table(request: &Request) -> Result<Response> {
    let body = body(request)?;
    let sent = [Sent::at("", &body)?];
    let (model, names) = put_tables(request, &sent).await?;
    let table = names.first().and_then(|name| model.table(name)).ok_or_else(|| not_found("entity", &[]))?;
    let path = format!("EntityDefinitions({})", model::table_id(&table.name));
    written(request, &Place { path, set: "EntityDefinitions".to_owned(), is_new: true }, &entity::entity(&model, table))
}

/// Makes tables in one publication; the model with them, and their names.
pub async fn put_tables(request: &Request, sent: &[Sent<'_>]) -> Result<(Arc<Model>, Vec<String>)> {
    let present = request.app.model();
    let mut parts = Vec::new();
    let mut columns = 0;
    for one in sent {
        columns += one.get("Attributes").and_then(Value::as_array).map_or(0, Vec::len);
        if columns > MOST_COLUMNS {
            return Err(one.wrong(
                "Attributes",
                &format!("these are more than {MOST_COLUMNS} columns in all; make them in several requests"),
            ));
        }
        let mut read = tables::read(one)?;
        read.columns.iter_mut().for_each(|column| choices::resolve(&mut column.document, &present));
        parts.push((part(PartKind::Table, &read.name)?, read));
    }
    let edit = |overlay: &mut model::Overlay| {
        parts.iter().try_for_each(|(address, read)| put_new(overlay, address, &read.whole()))
    };
    let accept = |model: &Model, (): &()| {
        sent.iter().zip(&parts).try_for_each(|(sent, (_, read))| {
            let table = model.table(&read.name).ok_or_else(|| not_found(&read.name, &[]))?;
            table_agrees(model, table, sent, read)
        })
    };
    let customization = request.app.customization();
    let (model, ()) = Box::pin(customization.change_together(&request.caller, Origin::WebApi, edit, accept)).await?;
    Ok((model, parts.into_iter().map(|(_, read)| read.name).collect()))
}

fn table_agrees(model: &Model, table: &Table, sent: &Sent<'_>, read: &tables::Read) -> Result<()> {
    demand(sent, &entity::entity(model, table), &tables::JUDGED)?;
    let attributes = sent.objects("Attributes", usize::MAX)?.unwrap_or_default();
    attributes.iter().zip(&read.columns).try_for_each(|(sent, read)| column_agrees(model, table, sent, &read.name))
}

/// Whether a column is what was sent.
pub fn column_agrees(model: &Model, table: &Table, sent: &Sent<'_>, name: &str) -> Result<()> {
    let item = column_item(model, table, name).ok_or_else(|| not_found(name, &[]))?;
    demand(sent, &item, columns::judged(item.kind, true))?;
    let Some(set) = sent.object("OptionSet")? else { return Ok(()) };
    let Some(crate::metadata::item::Related::One(Some(told))) = item.lead("OptionSet") else { return Ok(()) };
    // A list of a column's own has no name of its own.
    let is_shared = set.boolean("IsGlobal")? == Some(true);
    let judged: &[&str] = if is_shared { &[] } else { &["Name", "Options", "TrueOption", "FalseOption"] };
    demand(&set, &told, judged)
}

/// `POST EntityDefinitions(…)/Attributes`
pub async fn column(request: &Request, table: Key<'_>) -> Result<Response> {
    let body = body(request)?;
    let sent = Sent::at("", &body)?;
    let mut read = columns::read(&sent)?;
    let present = request.app.model();
    choices::resolve(&mut read.document, &present);
    let table_name = table_of(&present, table)?.name.clone();
    let address = part(PartKind::Column, &format!("{table_name}/{}", read.name))?;
    if present.table(&table_name).is_some_and(|table| table.columns.len() >= MOST_COLUMNS) {
        return Err(Error::BadRequest(format!("{table_name} has {MOST_COLUMNS} columns, and no table has more")));
    }
    if sent.boolean("IsPrimaryName")? == Some(true) {
        return Err(sent.wrong("IsPrimaryName", "a table has its primary name from the beginning; leave it out"));
    }
    if present.table(&table_name).is_some_and(|table| table.column(&read.name).is_some()) {
        return Err(Error::BadRequest(format!(
            "{table_name} has a column {} already; change it by PUT, or choose another name",
            read.name
        )));
    }
    let accept = |model: &Model, (): &()| {
        let table = model.table(&table_name).ok_or_else(|| not_found(&table_name, &[]))?;
        column_agrees(model, table, &sent, &read.name)
    };
    let model = put(request, &[(address, Value::Object(read.document.clone()))], accept).await?;
    let table = model.table(&table_name).ok_or_else(|| not_found("entity", table))?;
    let item = column_item(&model, table, &read.name).ok_or_else(|| not_found(&read.name, &[]))?;
    let set = asked(request);
    let path = format!("{set}({})", model::column_id(&table_name, &read.name));
    written(request, &Place { path, set, is_new: true }, &item)
}

/// The collection as the client named it: clients look for one identifier in the address of what they made.
fn asked(request: &Request) -> String {
    let path = request.raw_path.trim_end_matches('/');
    path.split_once(&format!("/{NAMESPACE}")).map_or(path, |(set, _)| set).to_owned()
}

/// Publishes new parts together.
pub async fn put(
    request: &Request,
    parts: &[(PartAddress, Value)],
    accept: impl FnOnce(&Model, &()) -> Result<()> + Send,
) -> Result<Arc<Model>> {
    let edit = |overlay: &mut model::Overlay| {
        parts.iter().try_for_each(|(address, document)| match address.kind {
            // Every lookup has one; what is new about it is its name.
            PartKind::Relationship => overlay.put_part(address, document).map(drop),
            _ => put_new(overlay, address, document),
        })
    };
    let customization = request.app.customization();
    let (model, ()) = Box::pin(customization.change_together(&request.caller, Origin::WebApi, edit, accept)).await?;
    Ok(model)
}

/// `POST EntityDefinitions(…)/Keys`
pub async fn key(request: &Request, table: Key<'_>) -> Result<Response> {
    let body = body(request)?;
    let sent = Sent::at("", &body)?;
    let (name, document) = keys::read(&sent)?;
    let table = table_of(&request.app.model(), table)?.name.clone();
    let address = part(PartKind::Key, &format!("{table}/{name}"))?;
    let found = |model: &Model, then: &dyn Fn(&Item<'_>) -> Result<()>| {
        let items = model.table(&table).map(|table| key::all(table)).unwrap_or_default();
        let item = items.into_iter().find(|item| item.is("LogicalName", &name));
        then(&item.ok_or_else(|| not_found(&name, &[]))?)
    };
    let accept = |model: &Model, (): &()| found(model, &|item| demand(&sent, item, &keys::JUDGED));
    let model = put(request, &[(address, document)], accept).await?;
    let set = asked(request);
    let path = format!("{set}({})", model::key_id(&table, &name));
    let items = model.table(&table).map(|table| key::all(table)).unwrap_or_default();
    let item = items.into_iter().find(|item| item.is("LogicalName", &name)).ok_or_else(|| not_found(&name, &[]))?;
    written(request, &Place { path, set, is_new: true }, &item)
}

/// `POST RelationshipDefinitions`
pub async fn relationship(request: &Request) -> Result<Response> {
    let body = body(request)?;
    let sent = Sent::at("", &body)?;
    let (name, read) = relationships::read(&sent)?;
    let present = request.app.model();
    if relationship::all(&present).iter().any(|item| item.is("SchemaName", &name)) {
        return Err(Error::BadRequest(format!("there is a relationship {name} already; choose another name")));
    }
    let parts = match &read {
        relationships::Read::OneToMany { referencing, lookup, document } => {
            let of = format!("{referencing}/{}", lookup.name);
            vec![
                (part(PartKind::Column, &of)?, Value::Object(lookup.document.clone())),
                (part(PartKind::Relationship, &of)?, document.clone()),
            ]
        }
        relationships::Read::ManyToMany { first, document } => {
            vec![(part(PartKind::ManyToMany, &format!("{first}/{name}"))?, document.clone())]
        }
    };
    let accept = |model: &Model, (): &()| {
        relationships::demand_apart(&sent, &read, &name, model)?;
        let item = relationship::all(model).into_iter().find(|item| item.is("SchemaName", &name));
        demand(&sent, &item.ok_or_else(|| not_found(&name, &[]))?, &relationships::JUDGED)?;
        let relationships::Read::OneToMany { referencing, lookup, .. } = &read else { return Ok(()) };
        let (Some(table), Some(sent)) = (model.table(referencing), sent.object("Lookup")?) else { return Ok(()) };
        column_agrees(model, table, &sent, &lookup.name)
    };
    let model = put(request, &parts, accept).await?;
    let item = relationship::all(&model).into_iter().find(|item| item.is("SchemaName", &name));
    let path = format!("RelationshipDefinitions({})", model::relationship_id(&name));
    let place = Place { path, set: "RelationshipDefinitions".to_owned(), is_new: true };
    written(request, &place, &item.ok_or_else(|| not_found(&name, &[]))?)
}

/// `POST GlobalOptionSetDefinitions`
pub async fn choice(request: &Request) -> Result<Response> {
    let body = body(request)?;
    let sent = Sent::at("", &body)?;
    let (name, document) = choices::read(&sent)?;
    if shared::all(&request.app.model()).iter().any(|item| item.is("Name", &name)) {
        return Err(Error::BadRequest(format!("there is a global choice {name} already; choose another name")));
    }
    let address = part(PartKind::Choice, &name)?;
    let accept = |model: &Model, (): &()| {
        let item = shared::all(model).into_iter().find(|item| item.is("Name", &name));
        demand(&sent, &item.ok_or_else(|| not_found(&name, &[]))?, &["DisplayName", "Description", "Options"])
    };
    let model = put(request, &[(address, Value::Object(document))], accept).await?;
    let item = shared::all(&model).into_iter().find(|item| item.is("Name", &name));
    let path = format!("GlobalOptionSetDefinitions({})", model::options_id("", &name));
    let place = Place { path, set: "GlobalOptionSetDefinitions".to_owned(), is_new: true };
    written(request, &place, &item.ok_or_else(|| not_found(&name, &[]))?)
}
