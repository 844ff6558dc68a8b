//! Jumping by letter in a list that is sorted by text.

use axum::response::Response;
use crm::Query;

use super::listed::Listed;
use crate::{
    app::Site,
    failure::Failure,
    respond::fragment,
    session::Me,
    view::{grid, jump, list::List},
};

/// The query of a list from the letter that it was jumped to.
pub(super) async fn from_letter(site: &Site, me: &Me, list: &List, mut query: Query) -> Result<Query, Failure> {
    if let Some(letter) = list.letter.filter(|_| list.cursor.is_none() && !query.order.is_empty()) {
        query.page.cursor = Some(site.app.place_of_letter(&me.caller, &query, letter).await?);
    }
    Ok(query)
}

/// The bar with the letters that the list really has.
pub(crate) async fn show(Listed { site, me, model, table, list, .. }: Listed) -> Result<Response, Failure> {
    let base = site.app.new_query(&me.caller, &table.name);
    let query = grid::query(&me, &model, &table, &list.beginning(), base).map_err(Failure::Bad)?;
    let path = list.path(&table);
    jump::bar(&model, &table, &me, &list, &path).ok_or(Failure::NoPage)?;
    let letters = site.app.letters(&me.caller, query).await?;
    let bar = jump::completed(&model, &table, &me, &list, &path, &letters).ok_or(Failure::NoPage)?;
    Ok(fragment(bar))
}
