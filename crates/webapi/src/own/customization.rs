//! An organisation's customisations: the whole as one file, and each part of it.

use axum::{
    Json, RequestPartsExt,
    extract::{
        FromRequest, Path, Query, Request, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use crm::{
    App, Caller, Origin, access,
    customization::{
        history::{self, History},
        parts::{Outcome, Purpose},
        purge::{KeptAside, PurgeOutcome},
    },
};
use model::{Overlay, PartAddress, PartKind, PartSummary};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    handlers::authenticate,
};

/// `GET /api/customization`: all of it as one TOML file.
pub async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    customizer(&app, &headers).await?;
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

/// What publishing changes, or would change.
#[derive(Debug, Serialize)]
pub struct Changes {
    /// A sentence each.
    changes: Vec<String>,
}

/// `PUT /api/customization`: validates, migrates, publishes. 204 (for a dry run 200 with what
/// would change), or 400 with every mistake.
pub async fn publish(
    State(app): State<App>,
    Query(options): Query<PublishOptions>,
    headers: HeaderMap,
    body: String,
) -> Result<Response> {
    let caller = customizer(&app, &headers).await?;
    let overlay = Overlay::from_toml(&body).map_err(crm::Error::Model)?;
    if options.dry_run {
        let changes = app.customization().validate(&caller, &overlay).await?;
        return Ok(Json(Changes { changes }).into_response());
    }
    app.customization().publish(&caller, Origin::WebApi, overlay).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Which parts are listed.
#[derive(Debug, Default, Deserialize)]
pub struct ListOptions {
    /// Of this table only.
    table: Option<String>,
    /// Only what an organisation added or changed.
    #[serde(default)]
    own: bool,
}

/// A list of parts.
#[derive(Debug, Serialize)]
pub struct Parts {
    value: Vec<PartSummary>,
}

/// `GET /api/customization/{kind}`: the parts of this kind, shipped ones included.
pub async fn list(
    State(app): State<App>,
    Path(kind): Path<String>,
    Query(options): Query<ListOptions>,
    headers: HeaderMap,
) -> Result<Json<Parts>> {
    let caller = customizer(&app, &headers).await?;
    let kind: PartKind = kind.parse().map_err(crm::Error::Model)?;
    let mut value = app.customization().parts(&caller, Some(kind), options.table.as_deref())?;
    value.retain(|part| !options.own || part.origin != model::PartOrigin::Shipped);
    Ok(Json(Parts { value }))
}

/// `GET /api/customization/{kind}/{name}`: the part as it is in force, to be edited and put back.
pub async fn part(
    State(app): State<App>,
    Path((kind, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let caller = customizer(&app, &headers).await?;
    let address = address(&kind, &name)?;
    match app.customization().part(&caller, &address)? {
        Some(part) => Ok(Json(part.document).into_response()),
        None => Err(Error::UnknownResource(address.to_string())),
    }
}

/// A part as somebody sent it, and what is to become of it.
pub struct Sent {
    caller: Caller,
    address: PartAddress,
    document: serde_json::Value,
    purpose: Purpose,
}

impl FromRequest<App> for Sent {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let caller = customizer(app, request.headers()).await?;
        let (mut parts, body) = request.into_parts();
        let Path((kind, name)) = parts.extract::<Path<(String, String)>>().await.map_err(unreadable)?;
        let Query(options) = parts.extract::<Query<PublishOptions>>().await.map_err(unreadable)?;
        let body = Json::from_request(Request::from_parts(parts, body), app).await;
        Ok(Self {
            caller,
            address: address(&kind, &name)?,
            document: document(body)?,
            purpose: Purpose::of_dry_run(options.dry_run),
        })
    }
}

/// `PUT /api/customization/{kind}/{name}`: declares the part whole and publishes.
pub async fn put_part(State(app): State<App>, sent: Sent) -> Result<Json<Outcome>> {
    let Sent { caller, address, document, purpose } = sent;
    Ok(Json(app.customization().put(&caller, Origin::WebApi, &address, &document, purpose).await?))
}

/// `PATCH /api/customization/{kind}/{name}`: changes some properties of the part and publishes.
pub async fn change_part(State(app): State<App>, sent: Sent) -> Result<Json<Outcome>> {
    let Sent { caller, address, document, purpose } = sent;
    Ok(Json(app.customization().change(&caller, Origin::WebApi, &address, &document, purpose).await?))
}

/// `DELETE /api/customization/{kind}/{name}`: removes an own part, or gives a changed one its
/// shipped declaration back, and publishes.
pub async fn remove_part(
    State(app): State<App>,
    Path((kind, name)): Path<(String, String)>,
    Query(options): Query<PublishOptions>,
    headers: HeaderMap,
) -> Result<Json<Outcome>> {
    let caller = customizer(&app, &headers).await?;
    let address = address(&kind, &name)?;
    let purpose = Purpose::of_dry_run(options.dry_run);
    let removed = app.customization().remove(&caller, Origin::WebApi, &address, purpose).await?;
    removed.map(Json).ok_or_else(|| Error::UnknownResource(address.to_string()))
}

/// Which publications are told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryOptions {
    /// Before this version of the model.
    before: Option<u64>,
    /// How many.
    #[serde(default = "usual")]
    count: u32,
}

const fn usual() -> u32 {
    history::USUAL
}

/// `GET /api/customization/history`: who published customisations, when, by what way and what that
/// changed, the newest first. `before` of the answer leads on to earlier ones.
pub async fn history(
    State(app): State<App>,
    options: std::result::Result<Query<HistoryOptions>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<History>> {
    let caller = customizer(&app, &headers).await?;
    let Query(options) = options.map_err(unreadable)?;
    if !(1..=history::MOST).contains(&options.count) {
        return Err(Error::BadRequest(format!("count is {}; a page has 1 to {}", options.count, history::MOST)));
    }
    Ok(Json(app.customization().history(&caller, options.before, options.count).await?))
}

/// `GET /api/customization/kept`: what was taken out of the model and is still in the database,
/// with the rows that have a value, and what was purged so far.
pub async fn kept(State(app): State<App>, headers: HeaderMap) -> Result<Json<KeptAside>> {
    let caller = customizer(&app, &headers).await?;
    Ok(Json(app.customization().kept_aside(&caller).await?))
}

/// `DELETE /api/customization/kept/{table}` or `…/{table}/{column}`: takes it away for good. With
/// `dry_run=true` only says what would go.
pub async fn purge(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(options): Query<PublishOptions>,
    headers: HeaderMap,
) -> Result<Json<PurgeOutcome>> {
    let caller = customizer(&app, &headers).await?;
    let purpose = Purpose::of_dry_run(options.dry_run);
    Ok(Json(app.customization().purge(&caller, Origin::WebApi, &name, purpose).await?))
}

async fn customizer(app: &App, headers: &HeaderMap) -> Result<Caller> {
    let caller = authenticate(app, headers).await?;
    access::require_customizer(&caller, "see and change the customisations")?;
    Ok(caller)
}

fn address(kind: &str, name: &str) -> Result<PartAddress> {
    let kind = kind.parse().map_err(crm::Error::Model)?;
    Ok(PartAddress::new(kind, name).map_err(crm::Error::Model)?)
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::BadRequest(error.to_string())
}

fn document(body: std::result::Result<Json<serde_json::Value>, JsonRejection>) -> Result<serde_json::Value> {
    let Json(document) = body.map_err(|error| Error::BadBody(error.body_text()))?;
    Ok(document)
}
