//! A meeting as a file that calendars take.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::edit::ItemAddress;
use crate::{address::Address, app::Site, failure::Failure, posted::Typed, session::Me};

/// The file.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, kind, item)): ItemAddress,
) -> Result<Response, Failure> {
    let opened = super::Opened::at(&site, me, &set_name, id, &Typed::default()).await?;
    if kind != "appointment" {
        return Err(Failure::NoPage);
    }
    file(&site, &opened.me, item).await
}

async fn file(site: &Site, me: &Me, item: Uuid) -> Result<Response, Failure> {
    let event = site.app.calendar_file(&me.caller, item).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"meeting.ics\""),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, event).into_response())
}
