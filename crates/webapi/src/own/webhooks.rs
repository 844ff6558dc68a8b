//! What is done with webhooks beside changing their rows. For administrators.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use crm::{App, Origin};
use serde::Serialize;
use uuid::Uuid;

use crate::{error::Result, handlers::authenticate};

/// A secret, told this once.
#[derive(Debug, Serialize)]
struct Made {
    secret: String,
}

/// A delivery that was begun.
#[derive(Debug, Serialize)]
pub struct Begun {
    webhookdeliveryid: Uuid,
}

/// `POST /api/webhooks/{id}/secret`: makes a new secret and tells it; the former one counts for one more day.
pub async fn renew_secret(
    State(app): State<App>,
    headers: HeaderMap,
    Path(webhook): Path<Uuid>,
) -> Result<impl IntoResponse> {
    let caller = authenticate(&app, &headers).await?;
    let secret = app.webhooks().renew_secret(&caller, Origin::WebApi, webhook).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Made { secret })))
}

/// `POST /api/webhooks/{id}/tests`: sends a test.
pub async fn send_test(
    State(app): State<App>,
    headers: HeaderMap,
    Path(webhook): Path<Uuid>,
) -> Result<(StatusCode, Json<Begun>)> {
    let caller = authenticate(&app, &headers).await?;
    let webhookdeliveryid = app.webhooks().send_test(&caller, Origin::WebApi, webhook).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { webhookdeliveryid })))
}

/// `POST /api/webhooks/deliveries/{id}/sending`: sends a delivery again.
pub async fn send_again(State(app): State<App>, headers: HeaderMap, Path(delivery): Path<Uuid>) -> Result<StatusCode> {
    let caller = authenticate(&app, &headers).await?;
    app.webhooks().send_again(&caller, Origin::WebApi, delivery).await?;
    Ok(StatusCode::ACCEPTED)
}
