//! Activating, deactivating and completing records: a state set directly.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::Row;
use model::{State as ModelState, Table, TableKind};

use super::bulk::{self, Chosen};
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::{Posted, Typed},
    view::tables,
};

/// Sets the state of the rows named by `id` to `to`; each in its own part.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
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
    let chosen = if asked.has("id") { Chosen::of(&asked)? } else { Chosen::of(&typed)? };
    let to = state.value;
    bulk::run(&site, &me, &table, &chosen, &verb(&table, state), move |work, table, id| {
        work.update(table, id, Row::new().with("statecode", to), None).map(|_| ())
    })
    .await
}

/// What was done, in the word of the command.
fn verb(table: &Table, state: &ModelState) -> String {
    match (table.kind, state.value) {
        (TableKind::Activity, 0) => "reopened".to_owned(),
        (TableKind::Activity, 1) => "marked complete".to_owned(),
        (TableKind::Activity, 2) => "canceled".to_owned(),
        (_, 0) if table.name == "duplicaterule" => "unpublished".to_owned(),
        (_, 1) if table.name == "duplicaterule" => "published".to_owned(),
        (_, 0) => "activated".to_owned(),
        (_, 1) if table.states.len() == 2 => "deactivated".to_owned(),
        _ => format!("set to {}", state.label),
    }
}
