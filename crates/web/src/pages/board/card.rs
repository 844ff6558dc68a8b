//! One card: shown again, and its values changed in place.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::{Origin, Row};
use maud::{Markup, Render, html};
use uuid::Uuid;

use super::{one_card, opened, scene, totals_again, totals_kept};
use crate::{
    address::Address,
    app::Site,
    components::{BoardCard, CardEdit},
    failure::Failure,
    flash::Flash,
    pages::together::{Met, Said, at_once, mark, meet, version},
    posted::{Posted, Typed},
    respond::{fragment, html, set_header},
    session::Me,
    view::{
        board::{Scene, editable},
        fields::{self, Fields},
        parties::Parties,
        record::errors_of,
    },
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
        Some(column) => editing(&site, &scene, id, column, None, Said::default()).await?,
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
    let column = typed.text("column").to_owned();
    let shown = table.column(&column).filter(|column| editable(&me, &table, column)).ok_or(Failure::NoPage)?;
    let mut met = meanwhile(&site, &scene, id, &column, &mut typed).await?;
    let row = site.app.get(&me.caller, &table.name, id, None).await?;
    let reading = fields::read(&me, &table, [column.as_str()], Some(&row), &typed);
    let mut errors = reading.errors;
    errors.append(&mut met.errors);
    let mut flash = None;
    if errors.is_empty() && !reading.values.is_empty() {
        let wanted = reading.values.value(&column).clone();
        match change(&site, &me, &table.name, id, reading.values, version(&typed)).await {
            Ok((act, now)) => {
                let what = format!("{} of “{}”", shown.label, row.text(&table.primary_name));
                // A rule may have its own idea of the value: revenue that product lines sum up to.
                let is_kept = now.value(&column) == &wanted;
                let told =
                    if is_kept { format!("{what} changed.") } else { format!("{what} is calculated and stays.") };
                flash = Some(Flash::done(told).undo(act));
            }
            // Once more, at this very moment.
            Err(crm::Error::Changed { .. }) => {
                met = meanwhile(&site, &scene, id, &column, &mut typed).await?;
                errors = vec![at_once()];
            }
            Err(error) => errors = errors_of(&error).ok_or(error)?,
        }
    }
    if !errors.is_empty() {
        let card =
            editing(&site, &scene, id, &column, Some(&typed), Said { errors: &errors, contested: &met.contested })
                .await?;
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, card.render()));
    }
    if !me.browser.htmx {
        return Ok(me.go(&scene.href(), flash));
    }
    let (card, _) = one_card(&site, &scene, id).await?;
    answer(&site, &scene, card.render(), flash).await
}

/// Puts what was typed together with what others saved after the field was opened.
async fn meanwhile(site: &Site, scene: &Scene<'_>, id: Uuid, column: &str, typed: &mut Typed) -> Result<Met, Failure> {
    let Scene { me, table, .. } = *scene;
    let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    meet(site, me, (table, id), &[column.to_owned()], (&row, &names, &Parties::default()), typed).await
}

async fn change(
    site: &Site,
    me: &Me,
    table: &str,
    id: Uuid,
    values: Row,
    version: Option<i64>,
) -> crm::Result<(Uuid, Row)> {
    let table = table.to_owned();
    let change = site.app.work(&me.caller, Origin::Page, move |work| {
        let row = work.update(&table, id, values, version)?;
        Ok((work.act(), row))
    });
    change.await
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
async fn editing(
    site: &Site,
    scene: &Scene<'_>,
    id: Uuid,
    name: &str,
    typed: Option<&Typed>,
    said: Said<'_>,
) -> Result<BoardCard, Failure> {
    let Scene { me, model, table, .. } = *scene;
    table.column(name).filter(|column| editable(me, table, column)).ok_or(Failure::NoPage)?;
    let (card, _) = one_card(site, scene, id).await?;
    let (row, mut names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    for (reference, name) in site.app.names(&me.caller, fields::references(table, &Row::new(), typed)).await?.iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    let scope = format!("card-{id}");
    let fields = Fields {
        me,
        model,
        table,
        names: &names,
        row: &row,
        typed,
        new: false,
        closed: false,
        scope: &scope,
        errors: said.errors,
        parties: None,
    };
    let mut field = fields.field(name).ok_or(Failure::NoPage)?;
    field.autofocus = true;
    field.help = None;
    if field.error.is_none() {
        // A rule that no single field breaks is told beside the one that was changed.
        field.error = said.errors.first().map(|(_, message)| crate::failure::sentence(message));
    }
    mark([&mut field], said.contested);
    // What was typed belongs to the version it came with.
    let stored = || row.value("versionnumber").as_whole().unwrap_or_default();
    let edit = CardEdit {
        version: typed.and_then(version).unwrap_or_else(stored).to_string(),
        column: name.to_owned(),
        field,
        action: scene.at(&format!("cards/{id}"), &[]),
        cancel: scene.at(&format!("cards/{id}"), &[]),
        csrf: me.csrf.clone(),
    };
    Ok(BoardCard { editing: Some(edit), ..card })
}
