//! Activating, deactivating and completing records: a state set directly.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::Row;
use language::tr;

use super::bulk::{self, Chosen};
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::{Posted, Typed},
    view::{commands::StateVerb, tables},
};

/// Sets the state of the rows named by `id` to `to`; each in its own part.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let state = asked
        .text("to")
        .parse()
        .ok()
        .and_then(|to| table.state(to))
        .ok_or_else(|| Failure::Bad(tr!("name the state in “to”")))?;
    let chosen = if asked.has("id") { Chosen::of(&asked)? } else { Chosen::of(&typed)? };
    let StateVerb { past, to, .. } = StateVerb::of(&table, state);
    bulk::run(&site, &me, &table, &chosen, &past, move |work, table, id| {
        work.update(table, id, Row::new().with("statecode", to), None).map(|_| ())
    })
    .await
}
