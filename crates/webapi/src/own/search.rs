//! `POST /api/search/v2.0/query`, `suggest` and `autocomplete`, and the same of version 1.0.

use axum::{
    Extension, Json,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, Uri},
};
use crm::App;
use serde_json::{Value, json};

use crate::{
    error::{Error, Result},
    handlers::{authenticate, origin},
    operations::NAMESPACE,
    search::{Asked, Kind, Version, answer},
};

/// `https://crm.example.com`, where the `Host` header does not tell.
#[derive(Debug, Clone)]
pub struct PublicUrl(pub Option<String>);

/// All words must be in the row; those whose name they begin or are come first.
pub async fn search(
    State(app): State<App>,
    Extension(public_url): Extension<PublicUrl>,
    Path((version, kind)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: std::result::Result<Json<Asked>, JsonRejection>,
) -> Result<Json<Value>> {
    let caller = authenticate(&app, &headers).await?;
    let unknown = || Error::UnknownResource(uri.path().to_owned());
    let (kind, name) = match kind.as_str() {
        "query" => (Kind::Query, "searchquery"),
        "suggest" => (Kind::Suggest, "searchsuggest"),
        "autocomplete" => (Kind::Autocomplete, "searchautocomplete"),
        _ => return Err(unknown()),
    };
    let version = match version.as_str() {
        "v1.0" => Version::One,
        "v2.0" => Version::Two,
        _ => return Err(unknown()),
    };
    let Json(asked) = body.map_err(|error| Error::BadBody(error.body_text()))?;
    let told = answer(&app, &caller, &asked, kind, version).await?;
    Ok(Json(match version {
        Version::One => told,
        Version::Two => {
            let root = format!("{}/api/data/v9.2/", origin(public_url.0.as_deref(), &headers, &uri));
            let context = format!("{root}$metadata#{NAMESPACE}{name}Response");
            json!({"@odata.context": context, "response": told.to_string()})
        }
    }))
}
