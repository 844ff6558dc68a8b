//! The service document and `WhoAmI`.

use axum::{
    http::{Method, StatusCode},
    response::Response,
};

use super::{
    request::Request,
    response::{json, object},
};
use crate::{error::Result, wire::Json};

/// The entity sets there are.
pub fn document(request: &Request) -> Result<Response> {
    if request.method != Method::GET {
        return Err(request.not_allowed("the service document", "GET"));
    }
    let mut names: Vec<&str> = request.model.tables.values().map(|table| table.set_name.as_str()).collect();
    names.sort_unstable();
    let sets = names
        .into_iter()
        .map(|name| {
            Json::Object(vec![
                ("name".into(), name.into()),
                ("kind".into(), "EntitySet".into()),
                ("url".into(), name.into()),
            ])
        })
        .collect();
    let members = vec![
        ("@odata.context".into(), Json::Text(format!("{}$metadata", request.root))),
        ("value".into(), Json::List(sets)),
    ];
    Ok(json(StatusCode::OK, &Json::Object(members)))
}

/// The caller's user, business unit and organisation.
pub fn who_am_i(request: &Request) -> Response {
    let context = format!("{}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse", request.root);
    let id = |id: uuid::Uuid| Json::Text(id.to_string());
    let members = vec![
        ("BusinessUnitId".into(), id(request.caller.business_unit)),
        ("UserId".into(), id(request.caller.user)),
        ("OrganizationId".into(), id(request.caller.organization().id)),
    ];
    object(StatusCode::OK, context, members)
}
