//! Cards that others have changed, for a board that stands: each with the lane it belongs to now and
//! its place there, and the totals of the lanes. What is left out is not on the board any more.

use std::collections::HashMap;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{Query, Row};
use language::tr;
use maud::{Markup, html};
use model::{Path, Reference};
use uuid::Uuid;

use super::{opened, owner, scene, totals_again, totals_kept};
use crate::{
    address::Address, app::Site, failure::Failure, posted::Typed, respond::fragment, session::Me, view::board::Scene,
};

/// Cards asked for at once; of more a board is shown anew.
const MOST: usize = 60;
/// Cards of a lane whose order is looked at.
const DEEPEST: u32 = 400;
/// Cards told that follow a card, of which the board may lack some.
const FOLLOWING: usize = 3;

/// A lane of the board, and of an owner where owners have rows.
type Place = (String, Option<Reference>);

/// How many cards of each lane the board has loaded.
type Loaded = HashMap<Place, u32>;

/// The cards with these `id`s; `loaded=COUNT~LANE~OWNER` says of each lane how far it is shown.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (model, table) = opened(&site, &me, &set_name)?;
    let query = query.unwrap_or_default();
    let asked = Typed::parse(&query);
    let scene = scene(&site, &me, &model, &table, &query).await?;
    let ids: Vec<Uuid> = asked.all("id").filter_map(|id| id.parse().ok()).collect();
    if ids.len() > MOST {
        return Err(Failure::Bad(tr!("at most {} cards are asked for at once", MOST)));
    }
    let loaded = loaded(&scene, &asked);
    let base = site.app.new_query(&me.caller, &table.name);
    let cards = scene.cards_among(&ids, base).map_err(Failure::Bad)?;
    let cards = site.app.boards().cards(&me.caller, &scene.board, vec![cards]).await?;
    let rows: Vec<Row> = cards.pages.first().map(|page| page.to_rows().collect()).unwrap_or_default();
    let placed: Vec<(Uuid, Place)> = rows.iter().filter_map(|row| place(&scene, row)).collect();
    let order = order(&site, &scene, &placed, &loaded, ids.len()).await?;
    let changed = scene.page(&cards, 0).into_iter().filter_map(|card| {
        let id: Uuid = card.id.parse().ok()?;
        let (_, at) = placed.iter().find(|(placed, _)| *placed == id)?;
        let of_lane = order.get(at)?;
        let here = of_lane.iter().position(|known| *known == id)?;
        let next = of_lane.iter().skip(here + 1).take(FOLLOWING).map(Uuid::to_string).collect::<Vec<_>>().join(" ");
        let owner = at.1.as_ref().map(|owner| format!("{}:{}", owner.table, owner.id));
        Some(html! { ul data-changed=(card.id) data-into=(at.0) data-of=[owner] data-next=(next) { (card) } })
    });
    let changed: Vec<Markup> = changed.collect();
    let totals = totals_kept(&site, &scene).await?;
    Ok(fragment(html! {
        @for card in &changed { (card) }
        @match &totals { Some(totals) => (totals_again(&scene, totals)), None => div data-count-again {} }
    }))
}

/// The lane a row is in; none where the board has none for it.
fn place(scene: &Scene<'_>, row: &Row) -> Option<(Uuid, Place)> {
    let id = row.value(&scene.table.primary_key).as_id()?;
    let state = row.value("statecode").as_whole().and_then(|state| i32::try_from(state).ok());
    let lane = scene.board.place(row.value(scene.board.axis.column()), state)?;
    let owner = row.value("ownerid").as_reference().filter(|_| scene.layout().by_owner).cloned();
    Some((id, (scene.board.lanes.get(lane)?.key.clone(), owner)))
}

fn loaded(scene: &Scene<'_>, asked: &Typed) -> Loaded {
    let read = |text: &str| {
        let mut parts = text.splitn(3, '~');
        let count: u32 = parts.next()?.parse().ok()?;
        let lane = scene.board.lane(parts.next()?)?.key.clone();
        let mut of = Typed::default();
        of.add("owner", parts.next().unwrap_or_default());
        Some(((lane, owner(scene.table, &of).ok()?), count.min(DEEPEST)))
    };
    asked.all("loaded").filter_map(read).collect()
}

/// The cards of the lanes concerned in their order, as far as the board shows them and these further
/// ones may bring it.
async fn order(
    site: &Site,
    scene: &Scene<'_>,
    placed: &[(Uuid, Place)],
    loaded: &Loaded,
    further: usize,
) -> Result<HashMap<Place, Vec<Uuid>>, Failure> {
    let mut places: Vec<&Place> =
        placed.iter().map(|(_, place)| place).filter(|place| loaded.contains_key(*place)).collect();
    places.sort_unstable();
    places.dedup();
    let further = u32::try_from(further).unwrap_or(u32::MAX);
    let query = |place: &&Place| -> Option<Result<Query, String>> {
        let lane = scene.board.lane(&place.0)?;
        let base = site.app.new_query(&scene.me.caller, &scene.table.name);
        Some(scene.lane_query(lane, place.1.as_ref(), base).map(|mut query| {
            let key = Path::column(scene.table.primary_key.as_str());
            query.columns = vec![crm::Output { path: key, alias: None, join: None }];
            query.page.size = loaded.get(*place).copied().unwrap_or_default().saturating_add(further).clamp(1, DEEPEST);
            query
        }))
    };
    let queries = places.iter().filter_map(query).collect::<Result<Vec<_>, _>>().map_err(Failure::Bad)?;
    let found = site.app.queries(&scene.me.caller, queries).await?;
    let ids = |rows: crm::Rows| rows.rows.iter().filter_map(|row| row.first()?.as_id()).collect();
    Ok(places.into_iter().cloned().zip(found.into_iter().map(ids)).collect())
}
