//! Own definitions that are deleted. What is shipped stays, and so does what others still need. Data is
//! kept aside until it is purged, as whenever something leaves the model.

use axum::{http::StatusCode, response::Response};
use crm::{App, Origin};
use model::{PartAddress, PartKind};

use super::{Key, change::text, one_of, part, table_of};
use crate::{
    error::{Error, Result},
    handlers::{Request, empty},
    metadata::{attribute, key as keys, relationship as relationships, shared},
};

/// `DELETE EntityDefinitions(…)`
pub async fn table(request: &Request, key: Key<'_>) -> Result<Response> {
    let name = table_of(&request.app.model(), key)?.name.clone();
    delete(request, part(PartKind::Table, &name)?).await
}

/// `DELETE EntityDefinitions(…)/Attributes(…)`
pub async fn column(request: &Request, table: Key<'_>, column: Key<'_>) -> Result<Response> {
    let address = {
        let model = request.app.model();
        let table = table_of(&model, table)?;
        let item = one_of(attribute::all(&model, table), column, "LogicalName", "Attributes")?;
        part(PartKind::Column, &format!("{}/{}", table.name, text(&item, "LogicalName")))?
    };
    delete(request, address).await
}

/// `DELETE EntityDefinitions(…)/Keys(…)`
pub async fn key(request: &Request, table: Key<'_>, key: Key<'_>) -> Result<Response> {
    let address = {
        let model = request.app.model();
        let table = table_of(&model, table)?;
        let item = one_of(keys::all(table), key, "LogicalName", "Keys")?;
        part(PartKind::Key, &format!("{}/{}", table.name, text(&item, "LogicalName")))?
    };
    delete(request, address).await
}

/// `DELETE RelationshipDefinitions(…)`: with a lookup's last target goes the lookup.
pub async fn relationship(request: &Request, key: Key<'_>) -> Result<Response> {
    let address = {
        let model = request.app.model();
        let item = one_of(relationships::all(&model), key, "SchemaName", "RelationshipDefinitions")?;
        if item.kind == "ManyToManyRelationshipMetadata" {
            let name = format!("{}/{}", text(&item, "Entity1LogicalName"), text(&item, "SchemaName"));
            part(PartKind::ManyToMany, &name)?
        } else {
            let of =
                ["ReferencingEntity", "ReferencingAttribute", "ReferencedEntity"].map(|member| text(&item, member));
            part(PartKind::Relationship, &of.join("/"))?
        }
    };
    delete(request, address).await
}

/// `DELETE GlobalOptionSetDefinitions(…)`
pub async fn choice(request: &Request, key: Key<'_>) -> Result<Response> {
    let name = {
        let model = request.app.model();
        text(&one_of(shared::all(&model), key, "Name", "GlobalOptionSetDefinitions")?, "Name")
    };
    if !request.app.model().choices.contains_key(&name) {
        return Err(Error::BadRequest(format!("global choice {name}: this is shipped and cannot be deleted")));
    }
    delete(request, part(PartKind::Choice, &name)?).await
}

async fn delete(request: &Request, address: PartAddress) -> Result<Response> {
    let app: &App = &request.app;
    Box::pin(app.customization().delete(&request.caller, Origin::WebApi, vec![address])).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
