//! The tree of accounts around one, on the page of an account or of a contact of it.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{Cursor, accounts::Level};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::Typed,
    respond::fragment,
    session::Me,
    view::{hierarchy, tables},
};

/// The way down to the account, opened at it.
pub(crate) async fn show(State(site): State<Site>, me: Me, Address(id): Address<Uuid>) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, "accounts")?;
    let above = site.app.accounts_above(&me.caller, id).await?;
    let below = if above.nodes.last().is_some_and(|node| node.parts > 0) {
        site.app.account_parts(&me.caller, id, None).await?
    } else {
        Level::default()
    };
    Ok(fragment(hierarchy::Tree { me: &me, model: &model, table: &table, here: id }.markup(&above, &below)))
}

/// The accounts that are a part of one. `behind` says where they go on.
pub(crate) async fn parts(
    State(site): State<Site>,
    me: Me,
    Address(id): Address<Uuid>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, "accounts")?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let behind = asked.get("behind").map(|token| Cursor { token: token.to_owned(), backwards: false });
    let here = asked.text("here").parse().unwrap_or_default();
    let parts = site.app.account_parts(&me.caller, id, behind).await?;
    Ok(fragment(hierarchy::Tree { me: &me, model: &model, table: &table, here }.parts(id, &parts)))
}
