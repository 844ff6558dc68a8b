//! Definitions that are changed. What a body does not speak of stays as it is.

use axum::response::Response;
use crm::Origin;
use model::{Model, PartAddress, PartKind};
use serde_json::{Map, Value, json};

use super::{
    Key, Place,
    agreement::{demand, differs},
    body, change_known, column as columns, column_item, label, one_of, part, relationship as relationships,
    sent::Sent,
    table as tables, table_of, written,
};
use crate::{
    error::{Error, Result},
    handlers::Request,
    metadata::{attribute, entity, item::Item, not_found, relationship, shared},
    wire::Json,
};

/// `PUT EntityDefinitions(…)`
pub async fn table(request: &Request, key: Key<'_>) -> Result<Response> {
    let body = body(request)?;
    let sent = Sent::at("", &body)?;
    let present = request.app.model();
    let table = table_of(&present, key)?.clone();
    let patch = {
        let item = entity::entity(&present, &table);
        tables::changes(&sent.with(&differing(&sent, &item)), &item)?
    };
    let address = part(PartKind::Table, &table.name)?;
    let accept = |model: &Model| {
        let table = model.table(&table.name).ok_or_else(|| not_found("entity", key))?;
        demand(&sent, &entity::entity(model, table), &tables::JUDGED)
    };
    let model = publish(request, &address, &patch.into(), accept).await?;
    let table = model.table(&table.name).ok_or_else(|| not_found("entity", key))?;
    let path = format!("EntityDefinitions({})", model::table_id(&table.name));
    let place = Place { path, set: "EntityDefinitions".to_owned(), is_new: false };
    written(request, &place, &entity::entity(&model, table))
}

/// `PUT EntityDefinitions(…)/Attributes(…)`
pub async fn column(request: &Request, table: Key<'_>, column: Key<'_>) -> Result<Response> {
    let body = body(request)?;
    let sent = Sent::at("", &body)?;
    let present = request.app.model();
    let table = table_of(&present, table)?.clone();
    let (name, patch) = {
        let item = one_of(attribute::all(&present, &table), column, "LogicalName", "Attributes")?;
        (text(&item, "LogicalName"), columns::changes(&sent.with(&differing(&sent, &item)), &item)?)
    };
    let address = part(PartKind::Column, &format!("{}/{name}", table.name))?;
    let accept = |model: &Model| {
        let item = model.table(&table.name).and_then(|table| column_item(model, table, &name));
        let item = item.ok_or_else(|| not_found("Attributes", column))?;
        demand(&sent, &item, columns::judged(item.kind, false))
    };
    let model = publish(request, &address, &patch.into(), accept).await?;
    let item = model.table(&table.name).and_then(|table| column_item(&model, table, &name));
    let set = format!("EntityDefinitions({})/Attributes", model::table_id(&table.name));
    let path = format!("{set}({})", model::column_id(&table.name, &name));
    written(request, &Place { path, set, is_new: false }, &item.ok_or_else(|| not_found("Attributes", column))?)
}

/// `PUT RelationshipDefinitions(…)`
pub async fn relationship(request: &Request, key: Key<'_>) -> Result<Response> {
    let body = body(request)?;
    let sent = Sent::at("", &body)?;
    if sent.get("Lookup").is_some() {
        return Err(sent.wrong("Lookup", "change the lookup at EntityDefinitions(…)/Attributes(…)"));
    }
    let present = request.app.model();
    let (name, kind, of) = {
        let item = one_of(relationship::all(&present), key, "SchemaName", "RelationshipDefinitions")?;
        let of = ["ReferencingEntity", "ReferencingAttribute", "ReferencedEntity"].map(|member| text(&item, member));
        (text(&item, "SchemaName"), item.kind, of.join("/"))
    };
    if let Some(said) = sent.kind()?.filter(|said| *said != kind && *said != "RelationshipMetadataBase") {
        return Err(sent.wrong("@odata.type", &format!("a relationship keeps its type; this one is no {said}")));
    }
    let (address, patch) = match kind {
        "OneToManyRelationshipMetadata" => (part(PartKind::Relationship, &of)?, relationships::cascades(&sent)?),
        // Of pairs nothing can be changed.
        _ => (part(PartKind::ManyToMany, &format!("-/{name}"))?, Map::new()),
    };
    let find = |model: &Model, then: &mut dyn FnMut(&Item<'_>) -> Result<()>| {
        let item = relationship::all(model).into_iter().find(|item| item.is("SchemaName", &name));
        then(&item.ok_or_else(|| not_found("RelationshipDefinitions", key))?)
    };
    let accept = |model: &Model| find(model, &mut |item| demand(&sent, item, &relationships::JUDGED));
    let model = publish(request, &address, &patch.into(), accept).await?;
    let path = format!("RelationshipDefinitions({})", model::relationship_id(&name));
    let place = Place { path, set: "RelationshipDefinitions".to_owned(), is_new: false };
    let item = one_of(relationship::all(&model), key, "SchemaName", "RelationshipDefinitions")?;
    written(request, &place, &item)
}

/// `PUT GlobalOptionSetDefinitions(…)`
pub async fn choice(request: &Request, key: Key<'_>) -> Result<Response> {
    let body = body(request)?;
    let sent = Sent::at("", &body)?;
    let present = request.app.model();
    let (name, patch) = {
        let item = one_of(shared::all(&present), key, "Name", "GlobalOptionSetDefinitions")?;
        let mut patch = Map::new();
        for (property, member) in [("label", "DisplayName"), ("description", "Description")] {
            if let Some(text) = label::read(&sent, member, item.member(member))? {
                patch.insert(property.to_owned(), json!(text));
            }
        }
        (text(&item, "Name"), patch)
    };
    if !patch.is_empty() && !present.choices.contains_key(&name) {
        return Err(Error::BadRequest(format!(
            "{name} is shipped: it is what columns of several tables have alike; change these, at EntityDefinitions(…)/Attributes(…)"
        )));
    }
    let address = part(PartKind::Choice, &name)?;
    let accept = |model: &Model| {
        let item = one_of(shared::all(model), key, "Name", "GlobalOptionSetDefinitions")?;
        demand(&sent, &item, &["DisplayName", "Description"])
    };
    let model = publish(request, &address, &patch.into(), accept).await?;
    let path = format!("GlobalOptionSetDefinitions({})", model::options_id("", &name));
    let place = Place { path, set: "GlobalOptionSetDefinitions".to_owned(), is_new: false };
    written(request, &place, &one_of(shared::all(&model), key, "Name", "GlobalOptionSetDefinitions")?)
}

/// What a body says otherwise than a definition is told. Labels say themselves what is different in them.
fn differing(sent: &Sent<'_>, item: &Item<'_>) -> Map<String, Value> {
    let is_label = |name: &str| matches!(name, "DisplayName" | "DisplayCollectionName" | "Description");
    let kept = |name: &str| name == "@odata.type" || is_label(name) || differs(sent, item, name);
    sent.members.iter().filter(|(name, _)| kept(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

async fn publish(
    request: &Request,
    address: &PartAddress,
    patch: &Value,
    accept: impl FnOnce(&Model) -> Result<()> + Send,
) -> Result<std::sync::Arc<Model>> {
    let customization = request.app.customization();
    let changed = customization.change_together(
        &request.caller,
        Origin::WebApi,
        |overlay| change_known(overlay, address, patch),
        |model, ()| accept(model),
    );
    Ok(Box::pin(changed).await?.0)
}

/// A property that is a text.
pub fn text(item: &Item<'_>, name: &str) -> String {
    match item.member(name) {
        Some(Json::Text(text)) => text.clone(),
        _ => String::new(),
    }
}
