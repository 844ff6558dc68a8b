//! `InitializeFrom`: what a new row takes over from the row it is made for.

use std::sync::Arc;

use axum::{http::StatusCode, response::Response};
use model::{Model, Table, Value};

use super::{Bound, Call, Enumeration, Kind, Operation, Parameter, Returns, Type};
use crate::{
    error::{Error, Result},
    handlers::object,
    translate::known_table,
    wire::{Json, to_json},
};

static FIELDS: Enumeration = Enumeration {
    name: "TargetFieldType",
    flags: false,
    members: &[("All", 0), ("ValidForCreate", 1), ("ValidForUpdate", 2), ("ValidForRead", 3)],
};

/// What can be asked here.
pub static OPERATIONS: &[Operation] = &[Operation {
    name: "InitializeFrom",
    kind: Kind::Function,
    bound: Bound::Nothing,
    parameters: &[
        Parameter::required("EntityMoniker", Type::AnyRow, "the address of a row: {'@odata.id':'accounts(id)'}"),
        Parameter::required("TargetEntityName", Type::Text, "the logical name of the new row's table"),
        Parameter::required(
            "TargetFieldType",
            Type::Enumeration(&FIELDS),
            "Microsoft.Dynamics.CRM.TargetFieldType'ValidForCreate', or All, ValidForUpdate, ValidForRead",
        ),
    ],
    returns: Returns::Row,
    handler: |call| Box::pin(initialize(call)),
}];

/// The new row, as it can be sent to be created.
async fn initialize(call: &Call<'_>) -> Result<Response> {
    let (request, parameters) = (call.request, &call.parameters);
    // What a mapping sets can be set on creates and updates and is read: they are all of these.
    let fields: String = parameters.required("TargetFieldType")?;
    if !FIELDS.members.iter().any(|(name, _)| *name == fields) {
        return Err(parameters.wrong("TargetFieldType"));
    }
    let target: String = parameters.required("TargetEntityName")?;
    let target = known_table(&request.model, &target)?;
    let source = parameters.row(request, "EntityMoniker").await?;
    let values = request.app.initial_values(&request.caller, &source, &target.name).await?.ok_or_else(|| {
        Error::BadRequest(format!(
            "InitializeFrom: a row of {} takes nothing over from one of {}: there is no mapping between them and no lookup that leads there",
            target.name, source.table
        ))
    })?;
    let kind = Json::Text(format!("#Microsoft.Dynamics.CRM.{}", target.name));
    let mut members: Vec<(Arc<str>, Json)> = vec![("@odata.type".into(), kind)];
    members.extend(values.iter().filter_map(|(name, value)| member(&request.model, target, name, value)));
    let context = format!("{}$metadata#{}/$entity", request.root, target.set_name);
    Ok(object(StatusCode::OK, context, members))
}

/// A value as it is sent: a lookup by its navigation property.
fn member(model: &Model, table: &Table, column: &str, value: &Value) -> Option<(Arc<str>, Json)> {
    let Value::Reference(reference) = value else { return Some((column.into(), to_json(table.column(column), value))) };
    let leads_there = |it: &&model::Relationship| it.column == column && it.referenced == reference.table;
    let relationship = model.pointing_from(&table.name).find(leads_there)?;
    let navigation = if column == "ownerid" { column } else { relationship.navigation.as_str() };
    let set = &model.table(&reference.table)?.set_name;
    Some((format!("{navigation}@odata.bind").into(), Json::Text(format!("{set}({})", reference.id))))
}
