//! A table's rows as a board, by the stage of their flow or by a choice.

pub(crate) mod card;
pub(crate) mod changed;
pub(crate) mod kept;
pub(crate) mod moves;
mod owners;

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{
    Rows,
    boards::{Cards, Totals},
    views::PersonalView,
};
use language::{Language, tr};
use maud::{Markup, Render, html};
use model::{Model, Reference, Table};

use super::list::{Opened, open, with_filter, with_view};
use crate::{
    address::Address,
    app::Site,
    components::{Board, BoardLane, Grid, PageLayout, board as parts},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Typed,
    respond::fragment,
    session::Me,
    view::{board::Scene, filters, grid, input, list::List, tables},
};

/// The board.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let mut list = List::of(&asked).beginning();
    let kept = site.app.kept_board(&me.caller, &table.name).await?;
    list.board.get_or_insert_with(|| kept::layout(&kept));
    let Opened { list, personal, missing } = open(&site, &me, &table, list).await?;
    if asked.has("filter_column") {
        return Ok(with_filter(&me, &model, &table, list, &asked));
    }
    let mut scene = Scene::new(&me, &model, &table, list).ok_or(Failure::NoPage)?;
    scene.folded = kept.folded;
    kept::keep(&site, &scene).await?;
    let frame = frame(&site, &scene, &personal).await?;
    let title = scene.list.view(&table).map_or(table.plural_label.as_str(), |view| view.label.as_str()).to_owned();
    let board = match board(&site, &mut scene, frame.clone()).await {
        Ok(board) => board,
        // The rest of the page stays, so that another view or filter can be chosen.
        Err(Failure::Domain(crm::Error::Forbidden(reason))) => Board {
            refused: Some(sentence(&reason)),
            ..scene.component(frame, Vec::new(), Vec::new(), Some(&Totals::default()))
        },
        Err(error) => return Err(error),
    };
    if me.browser.target.as_deref() == Some("board-results") {
        return Ok(fragment(board.results()));
    }
    let mut told = me.clone();
    if let Some(wanted) = missing {
        let text = tr!(
            "There is no view “{wanted}” of {of}; this is “{title}”.",
            wanted = wanted,
            of = Language::within_sentence(&table.plural_label),
            title = title
        );
        told.flash = Some(Flash::failed(text));
    }
    Ok(told.page(&model, &title, PageLayout::Filling, &table.set_name, board.render()))
}

/// Views, filters and commands, as the list has them.
async fn frame(site: &Site, scene: &Scene<'_>, personal: &[PersonalView]) -> Result<Grid, Failure> {
    let names = filters::names(site, scene.me, &scene.list.filters).await?;
    let nothing = grid::Page { rows: &Rows::default(), names: &names, parties: &[] };
    Ok(grid::grid(scene.me, scene.model, scene.table, &scene.list, personal, &nothing))
}

async fn board(site: &Site, scene: &mut Scene<'_>, frame: Grid) -> Result<Board, Failure> {
    let totals = totals_kept(site, scene).await?;
    if scene.layout().by_owner {
        let (rows, more) = owners::rows(site, scene, 0).await?;
        let heads = scene.heads(totals.as_ref());
        return Ok(Board { more_rows: more, ..scene.component(frame, heads, rows, totals.as_ref()) });
    }
    let lanes = lanes(site, scene, totals.as_ref(), None).await?;
    Ok(scene.component(frame, lanes, Vec::new(), totals.as_ref()))
}

/// The first cards of every lane.
async fn lanes(
    site: &Site,
    scene: &Scene<'_>,
    totals: Option<&Totals>,
    owner: Option<&Reference>,
) -> Result<Vec<BoardLane>, Failure> {
    let mut queries = Vec::new();
    let mut asked = Vec::new();
    for (position, lane) in scene.board.lanes.iter().enumerate() {
        // A lane without rows is not looked through: to find none may mean to look at all others.
        let is_empty = totals.and_then(|totals| totals.lanes.get(position)).is_some_and(|total| total.count == 0);
        asked.push(!is_empty);
        if !is_empty {
            let base = site.app.new_query(&scene.me.caller, &scene.table.name);
            queries.push(scene.lane_query(lane, owner, base).map_err(Failure::Bad)?);
        }
    }
    let mut cards = site.app.boards().cards(&scene.me.caller, &scene.board, queries).await?;
    let mut pages = std::mem::take(&mut cards.pages).into_iter();
    cards.pages =
        asked.into_iter().map(|asked| if asked { pages.next().unwrap_or_default() } else { Rows::default() }).collect();
    Ok(scene.lanes(&cards, totals, owner))
}

/// The totals, where they cost nothing.
async fn totals_kept(site: &Site, scene: &Scene<'_>) -> Result<Option<Totals>, Failure> {
    let filter = scene.filter().map_err(Failure::Bad)?;
    let (caller, board, sum) = (&scene.me.caller, &scene.board, scene.sum.as_ref());
    if !board.totals_are_kept(caller, &filter, sum, false) {
        return Ok(None);
    }
    Ok(Some(site.app.boards().totals(caller, board, filter, sum).await?))
}

/// The totals by themselves, where adding them up takes a while.
pub(crate) async fn totals(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (model, table) = opened(&site, &me, &set_name)?;
    let scene = scene(&site, &me, &model, &table, &query.unwrap_or_default()).await?;
    let filter = scene.filter().map_err(Failure::Bad)?;
    let totals = site.app.boards().totals(&me.caller, &scene.board, filter, scene.sum.as_ref()).await?;
    Ok(fragment(totals_again(&scene, &totals)))
}

/// The totals in place of those on the page.
fn totals_again(scene: &Scene<'_>, totals: &Totals) -> Markup {
    html! { @for head in scene.heads(Some(totals)) { (head.total_markup(true)) } }
}

/// Further cards of a lane, or the lanes of one owner.
pub(crate) async fn more(
    State(site): State<Site>,
    me: Me,
    Address((set_name, lane)): Address<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (model, table) = opened(&site, &me, &set_name)?;
    let query = query.unwrap_or_default();
    let asked = Typed::parse(&query);
    let mut scene = scene(&site, &me, &model, &table, &query).await?;
    let owner = owner(&table, &asked)?;
    if lane == owners::ALL_LANES {
        return owners::answer(&site, &mut scene, owner, &asked).await;
    }
    let of = scene.board.lane(&lane).ok_or(Failure::NoPage)?;
    let base = site.app.new_query(&me.caller, &table.name);
    let query = scene.lane_query(of, owner.as_ref(), base).map_err(Failure::Bad)?;
    let cards = site.app.boards().cards(&me.caller, &scene.board, vec![query]).await?;
    let mut further: Vec<(&'static str, String)> = cards
        .pages
        .first()
        .and_then(|page| page.next.as_ref())
        .map(|next| ("cursor", next.token.clone()))
        .into_iter()
        .collect();
    let more = !further.is_empty();
    further.extend(owner.map(|owner| ("owner", format!("{}:{}", owner.table, owner.id))));
    let more = more.then(|| scene.at(&format!("lanes/{lane}"), &further));
    Ok(fragment(parts::cards(&scene.page(&cards, 0), more.as_deref())))
}

fn opened(site: &Site, me: &Me, set_name: &str) -> Result<(Arc<Model>, Arc<Table>), Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, set_name)?;
    Ok((model, table))
}

/// The board that a query string speaks of.
async fn scene<'a>(
    site: &Site,
    me: &'a Me,
    model: &'a Model,
    table: &'a Arc<Table>,
    query: &str,
) -> Result<Scene<'a>, Failure> {
    let asked = Typed::parse(query);
    let mut list = with_view(site, me, table, &asked).await?;
    list.board.get_or_insert_default();
    let mut scene = Scene::new(me, model, table, list).ok_or(Failure::NoPage)?;
    scene.without = asked.all("without").map(str::to_owned).collect();
    Ok(scene)
}

/// Whose cards are asked for.
fn owner(table: &Table, asked: &Typed) -> Result<Option<Reference>, Failure> {
    let Some(text) = asked.get("owner").filter(|text| !text.is_empty()) else { return Ok(None) };
    let targets = table.column("ownerid").map(|column| column.targets().to_vec()).unwrap_or_default();
    input::reference(text, &targets).map(Some).map_err(Failure::Bad)
}

/// One row as a card.
async fn one_card(
    site: &Site,
    scene: &Scene<'_>,
    id: uuid::Uuid,
) -> Result<(crate::components::BoardCard, Cards), Failure> {
    let query = scene.card_query(id, site.app.new_query(&scene.me.caller, &scene.table.name));
    let cards = site.app.boards().cards(&scene.me.caller, &scene.board, vec![query]).await?;
    let card = scene.page(&cards, 0).into_iter().next();
    let gone = || crm::Error::NotFound { table: scene.table.name.clone(), id };
    Ok((card.ok_or_else(gone)?, cards))
}
