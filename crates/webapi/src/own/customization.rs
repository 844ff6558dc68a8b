//! An organisation's customisations: read, replace, add a column.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use crm::{App, Origin, customization::NewColumn};
use model::Overlay;
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    handlers::authenticate,
};

/// `GET /api/customization`: all of it as one TOML file.
pub async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    authenticate(&app, &headers).await?;
    let text = app.customization().overlay().to_toml().map_err(|error| Error::BadRequest(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/toml; charset=utf-8")], text).into_response())
}

/// What can be asked of a publication.
#[derive(Debug, Default, Deserialize)]
pub struct PublishOptions {
    /// Only validate.
    #[serde(default)]
    dry_run: bool,
}

/// `PUT /api/customization`: validates, migrates, publishes. 204, or 400 with every mistake.
pub async fn publish(
    State(app): State<App>,
    Query(options): Query<PublishOptions>,
    headers: HeaderMap,
    body: String,
) -> Result<StatusCode> {
    let caller = authenticate(&app, &headers).await?;
    let overlay = Overlay::from_toml(&body).map_err(crm::Error::Model)?;
    if options.dry_run {
        app.customization().validate(&overlay)?;
    } else {
        app.customization().publish(&caller, Origin::WebApi, overlay).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A column as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnBody {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    label: String,
    #[serde(default)]
    options: Vec<String>,
    length: Option<u32>,
}

/// `POST /api/customization/tables/{table}/columns`: adds one column and publishes. 201.
pub async fn add_column(
    State(app): State<App>,
    Path(table): Path<String>,
    headers: HeaderMap,
    Json(body): Json<ColumnBody>,
) -> Result<StatusCode> {
    let caller = authenticate(&app, &headers).await?;
    let new = NewColumn {
        table,
        name: body.name,
        kind: body.kind,
        label: body.label,
        options: body.options,
        length: body.length,
    };
    app.customization().add_column(&caller, Origin::WebApi, new).await?;
    Ok(StatusCode::CREATED)
}
