//! People's data: what is kept about somebody, as a package, and its erasure. For administrators.

use std::io::Cursor;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use crm::{
    App, Origin,
    privacy::{ErasureRequest, Findings, Person, Report},
};
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    handlers::authenticate,
};

/// What a program must send to say that it means it.
const CONFIRMATION: &str = "erase";

/// A package that is asked for.
#[derive(Debug, Deserialize)]
pub struct PackageRequest {
    person: Person,
    #[serde(default)]
    reference: String,
}

/// An erasure that is asked for.
#[derive(Debug, Deserialize)]
pub struct ConfirmedErasure {
    #[serde(flatten)]
    request: ErasureRequest,
    #[serde(default)]
    confirmation: String,
}

/// `POST /api/privacy/findings`: everything that is kept about a person.
pub async fn find(State(app): State<App>, headers: HeaderMap, Json(person): Json<Person>) -> Result<Json<Findings>> {
    let caller = authenticate(&app, &headers).await?;
    Ok(Json(app.privacy().find(&caller, person).await?))
}

/// `POST /api/privacy/packages`: everything about a person as one ZIP file.
pub async fn export(
    State(app): State<App>,
    headers: HeaderMap,
    Json(wanted): Json<PackageRequest>,
) -> Result<Response> {
    let caller = authenticate(&app, &headers).await?;
    let target = Cursor::new(Vec::new());
    let package = app.privacy().export(&caller, Origin::WebApi, wanted.person, &wanted.reference, target).await?;
    let headers = [(header::CONTENT_TYPE, "application/zip"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, package.target.into_inner()).into_response())
}

/// `POST /api/privacy/erasures`: erases for good, and answers with the report.
pub async fn erase(
    State(app): State<App>,
    headers: HeaderMap,
    Json(wanted): Json<ConfirmedErasure>,
) -> Result<Json<Report>> {
    let caller = authenticate(&app, &headers).await?;
    if wanted.confirmation != CONFIRMATION {
        return Err(Error::BadRequest(format!(
            "an erasure cannot be undone; send \"confirmation\": \"{CONFIRMATION}\" to do it"
        )));
    }
    Ok(Json(app.privacy().erase(&caller, Origin::WebApi, wanted.request).await?))
}

/// `GET /api/privacy/ledger`: all erasures, to be kept apart from the backups.
pub async fn ledger(State(app): State<App>, headers: HeaderMap) -> Result<Json<Vec<Report>>> {
    let caller = authenticate(&app, &headers).await?;
    Ok(Json(app.privacy().ledger(&caller).await?))
}
