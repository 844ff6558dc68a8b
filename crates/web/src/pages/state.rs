//! Activating, deactivating and completing records: a state set directly.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use crm::Row;

use crate::{
    app::Site,
    failure::Failure,
    posted::{Posted, Typed},
    view::{bulk, tables},
};

/// Sets the state of the rows named by `id` to `to`; each in its own part.
pub(crate) async fn create(
    State(site): State<Site>,
    Path(set_name): Path<String>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = tables::named(&site.app.model(), &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let state = asked
        .text("to")
        .parse()
        .ok()
        .and_then(|to| table.state(to))
        .ok_or_else(|| Failure::Bad("name the state in “to”".to_owned()))?;
    let ids = if asked.has("id") { asked.ids()? } else { typed.ids()? };
    let to = state.value;
    let done = bulk::each(&site, &me, &table, ids, move |work, table, id| {
        work.update(table, id, Row::new().with("statecode", to), None).map(|_| ())
    })
    .await?;
    Ok(bulk::report(&me, &table, &done, &format!("set to {}", state.label)))
}
