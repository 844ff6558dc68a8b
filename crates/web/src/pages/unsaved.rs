//! What somebody had typed when they signed out, handed back to their browser when they are here again.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{app::Site, failure::Failure, posted::Posted, session::Me};

/// What is kept: pairs of the name and the text of each draft, as the browser had them, the newest first.
pub(crate) async fn show(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    let kept = site.app.unsaved(&me.caller).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(kept)).into_response())
}

/// The browser has it.
pub(crate) async fn forget(State(site): State<Site>, posted: Posted) -> Result<StatusCode, Failure> {
    site.app.forget_unsaved(&posted.me.caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
