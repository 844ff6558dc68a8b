//! One card: shown again, and its values changed in place.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, Render, html};
use uuid::Uuid;

use super::{one_card, opened, scene, totals_again, totals_kept};
use crate::{
    address::Address,
    app::Site,
    components::{BoardCard, CardEdit},
    failure::Failure,
    flash::Flash,
    pages::in_place::{Open, Outcome, Place},
    posted::{Posted, Typed},
    respond::{fragment, html, set_header},
    session::Me,
    view::board::Scene,
};

/// The card; with `edit`, with that value in a field.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (model, table) = opened(&site, &me, &set_name)?;
    let query = query.unwrap_or_default();
    let scene = scene(&site, &me, &model, &table, &query).await?;
    let card = match Typed::parse(&query).get("edit") {
        Some(column) => {
            let open = place(&site, &scene, id, column)?.begin(&scope(id)).await?;
            editing(&site, &scene, id, open).await?
        }
        None => one_card(&site, &scene, id).await?.0,
    };
    Ok(fragment(card))
}

/// Keeps a value that was changed on a card.
pub(crate) async fn save(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, mut typed } = posted;
    let (model, table) = opened(&site, &me, &set_name)?;
    let scene = scene(&site, &me, &model, &table, &query.unwrap_or_default()).await?;
    let place = place(&site, &scene, id, typed.text("column"))?;
    let flash = match place.keep(&mut typed).await? {
        Outcome::Kept(flash) => flash,
        Outcome::Refused(why) => {
            let open = place.again(&scope(id), &typed, &why).await?;
            let card = editing(&site, &scene, id, open).await?;
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, card.render()));
        }
    };
    if !me.browser.htmx {
        return Ok(me.go(&scene.href(), flash));
    }
    let (card, _) = one_card(&site, &scene, id).await?;
    answer(&site, &scene, card.render(), flash).await
}

fn place<'a>(site: &'a Site, scene: &Scene<'a>, id: Uuid, column: &str) -> Result<Place<'a>, Failure> {
    Place::new(site, scene.me, scene.model, (scene.table, id), vec![column.to_owned()])
}

/// Prefix of the ids of a card's field.
fn scope(id: Uuid) -> String {
    format!("card-{id}")
}

/// A card that has changed, with what follows from it on the rest of the page: totals and a message.
pub(super) async fn answer(
    site: &Site,
    scene: &Scene<'_>,
    card: Markup,
    flash: Option<Flash>,
) -> Result<Response, Failure> {
    let totals = totals_kept(site, scene).await?;
    let mut response = fragment(html! {
        (card)
        @if let Some(totals) = &totals { (totals_again(scene, totals)) }
        @if let Some(flash) = &flash { div hx-swap-oob="beforeend:#toasts" { (flash.toast(&scene.me.csrf)) } }
    });
    if totals.is_none() {
        set_header(&mut response, "hx-trigger", "totals-changed");
    }
    Ok(response)
}

/// The card with a field open.
async fn editing(site: &Site, scene: &Scene<'_>, id: Uuid, open: Open) -> Result<BoardCard, Failure> {
    let (card, _) = one_card(site, scene, id).await?;
    let field = open.fields.into_iter().next().ok_or(Failure::NoPage)?;
    let edit = CardEdit {
        column: field.name.clone(),
        field,
        hidden: open.hidden,
        action: scene.at(&format!("cards/{id}"), &[]),
        cancel: scene.at(&format!("cards/{id}"), &[]),
        csrf: scene.me.csrf.clone(),
    };
    Ok(BoardCard { editing: Some(edit), ..card })
}
