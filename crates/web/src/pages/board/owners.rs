//! A board with a row of lanes for each owner.

use axum::response::Response;
use crm::boards::{OwnerTotals, Total};
use language::tr;
use model::Reference;

use super::lanes;
use crate::{
    app::Site,
    components::{BoardRow, board as parts},
    failure::Failure,
    posted::Typed,
    respond::fragment,
    view::board::{OWNERS, Scene},
};

/// In place of the key of a lane: all of one owner's, or the owners after these.
pub(super) const ALL_LANES: &str = "all";
/// Rows whose cards come with the page; the others' when they come into sight.
const AT_ONCE: usize = 2;

/// The owners from the position `from` on, and where those after them are.
pub(super) async fn rows(
    site: &Site,
    scene: &mut Scene<'_>,
    from: usize,
) -> Result<(Vec<BoardRow>, Option<String>), Failure> {
    let filter = scene.filter().map_err(Failure::Bad)?;
    let caller = &scene.me.caller;
    let owners = site.app.boards().totals_by_owner(caller, &scene.board, filter, scene.sum.as_ref()).await?;
    scene.without = without(scene, &owners);
    let more = (owners.len() > from + OWNERS)
        .then(|| scene.at(&format!("lanes/{ALL_LANES}"), &[("from", (from + OWNERS).to_string())]));
    let here: Vec<OwnerTotals> = owners.into_iter().skip(from).take(OWNERS).collect();
    let names = site.app.names(caller, here.iter().map(|of| of.owner.clone()).collect()).await?;
    let mut rows = Vec::new();
    for (position, OwnerTotals { owner, totals }) in here.into_iter().enumerate() {
        let at_once = from == 0 && position < AT_ONCE;
        let owned = format!("{}:{}", owner.table, owner.id);
        rows.push(BoardRow {
            label: names.get(&owner).map_or_else(|| tr!("(no name)"), str::to_owned),
            total: scene.total(&totals.lanes.iter().fold(Total::default(), sum), true),
            lanes: if at_once { lanes(site, scene, Some(&totals), Some(&owner)).await? } else { Vec::new() },
            source: scene.at(&format!("lanes/{ALL_LANES}"), &[("owner", owned.clone())]),
            owner: scene.can_assign().then(|| owned.clone()),
            key: owned,
        });
    }
    Ok((rows, more))
}

/// Lanes that are looked for only where they have cards, and have none of anybody's.
fn without(scene: &Scene<'_>, owners: &[OwnerTotals]) -> Vec<String> {
    let is_empty = |at: usize| owners.iter().all(|of| of.totals.lanes.get(at).is_none_or(|lane| lane.count == 0));
    let lanes = scene.board.lanes.iter().enumerate().filter(|(at, lane)| lane.only_filled && is_empty(*at));
    lanes.map(|(_, lane)| lane.key.clone()).collect()
}

fn sum(mut all: Total, lane: &Total) -> Total {
    all.count += lane.count;
    all.sum += lane.sum;
    all
}

/// The lanes of one owner, or the owners that follow.
pub(super) async fn answer(
    site: &Site,
    scene: &mut Scene<'_>,
    owner: Option<Reference>,
    asked: &Typed,
) -> Result<Response, Failure> {
    if let Some(owner) = owner {
        let names = site.app.names(&scene.me.caller, vec![owner.clone()]).await?;
        let lanes = lanes(site, scene, None, Some(&owner)).await?;
        return Ok(fragment(parts::row_lanes(names.get(&owner).unwrap_or(&tr!("(no name)")), &lanes)));
    }
    let (rows, more) = rows(site, scene, asked.text("from").parse().unwrap_or_default()).await?;
    Ok(fragment(parts::rows(&rows, more.as_deref())))
}
