//! The service document.

use axum::{
    http::{Method, StatusCode},
    response::Response,
};

use super::{request::Request, response::json};
use crate::{csdl, error::Result, wire::Json};

/// The entity sets there are.
pub fn document(request: &Request) -> Result<Response> {
    if request.method != Method::GET {
        return Err(request.not_allowed("the service document", "GET"));
    }
    let mut names: Vec<&str> = request.model.tables.values().map(|table| table.set_name.as_str()).collect();
    names.extend(csdl::OF_METADATA.map(|(name, _)| name));
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
