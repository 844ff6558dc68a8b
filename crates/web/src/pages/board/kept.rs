//! How the person left the board of a table: laid out, and with which lanes folded.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use crm::{Origin, boards::Board};

use super::opened;
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::{Posted, Typed},
    session::Me,
    view::board::{LAYOUT_FORM, Layout, Scene},
};

/// The layout that the person left, where the address asks for none.
pub(super) fn layout(kept: &crm::workspace::KeptBoard) -> Layout {
    Layout::of(&Typed::parse(&kept.layout)).unwrap_or_default()
}

/// Keeps the layout where it was chosen in its form: a link that somebody sent says for once how the
/// board is to be shown.
pub(super) async fn keep(site: &Site, scene: &Scene<'_>) -> Result<(), Failure> {
    let me = scene.me;
    if me.browser.trigger.as_deref() != Some(LAYOUT_FORM) {
        return Ok(());
    }
    let layout = crate::view::list::address("", &scene.layout().parameters());
    let layout = layout.trim_start_matches('?').to_owned();
    Ok(site.app.keep_board(&me.caller, Origin::Page, &scene.table.name, layout).await?)
}

/// Folds a lane, or unfolds it: `folded` says which.
pub(crate) async fn fold(
    State(site): State<Site>,
    Address((set_name, lane)): Address<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let (model, table) = opened(&site, &me, &set_name)?;
    let board = Board::named(&model, &me.caller, &table, typed.text("by")).ok_or(Failure::NoPage)?;
    let lane = board.lane(&lane).ok_or(Failure::NoPage)?;
    let name = crate::view::board::folded_name(&board, lane);
    let folded = typed.text("folded") == "true";
    site.app.fold_lane(&me.caller, Origin::Page, &table.name, name, folded).await?;
    if me.browser.htmx {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(back(&me, &set_name))
}

fn back(me: &Me, set_name: &str) -> Response {
    me.go(&me.list_or(&format!("/{set_name}/board")), None)
}
