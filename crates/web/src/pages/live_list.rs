//! Rows of a list as they are now, for a list that is open.

use std::collections::BTreeSet;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{Output, Query};
use language::tr;
use model::{Filter, Path, Table};
use uuid::Uuid;

use super::{
    letters::from_letter,
    list::{parties_of, with_view},
};
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::Typed,
    respond::fragment,
    session::Me,
    view::{grid, list::List, tables},
};

/// Rows asked about at once: a page of shown ones and as many others.
const MOST: usize = 200;

/// Of the rows `shown`, those that still belong to the list, drawn anew; of `others` (each parameter
/// several times) the ids of those that would stand on this page by now.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let (displayed, others) = (ids(&asked, "shown")?, ids(&asked, "other")?);
    if displayed.len() + others.len() > MOST {
        return Err(Failure::Bad(tr!("these are more rows than a page shows")));
    }
    let list = with_view(&site, &me, &table, &asked).await?;
    let asks = |list: &List| {
        let base = site.app.new_query(&me.caller, &table.name);
        grid::query(&me, &model, &table, list, base).map_err(Failure::Bad)
    };
    let within = Filter::is_in(table.primary_key.as_str(), displayed.iter().copied());
    let query = asks(&list.beginning())?.matching(within).take(u32::try_from(MOST).unwrap_or(u32::MAX));
    let (rows, names) = site.app.query_with_names(&me.caller, query).await?;
    let parties = parties_of(&site, &me, &table, &list, &rows).await?;
    let entered = if others.is_empty() {
        Vec::new()
    } else {
        entered(&site, &me, &table, from_letter(&site, &me, &list, asks(&list)?).await?, &others).await?
    };
    let page = grid::Page { rows: &rows, names: &names, parties: &parties };
    Ok(fragment(grid::grid(&me, &model, &table, &list, &[], &page).fresh_rows(&entered)))
}

/// Those of `others` that are on the page this query asks for.
async fn entered(
    site: &Site,
    me: &Me,
    table: &Table,
    mut page: Query,
    others: &BTreeSet<Uuid>,
) -> Result<Vec<String>, Failure> {
    page.columns = vec![Output { path: Path::column(table.primary_key.as_str()), alias: None, join: None }];
    let rows = site.app.query(&me.caller, page).await?;
    let ids = rows.to_rows().filter_map(|row| row.value(&table.primary_key).as_id());
    Ok(ids.filter(|id| others.contains(id)).map(|id| id.to_string()).collect())
}

fn ids(asked: &Typed, name: &str) -> Result<BTreeSet<Uuid>, Failure> {
    let parse = |id: &str| id.parse().map_err(|_| Failure::Bad(tr!("“{}” is not the number of a row", id)));
    asked.all(name).map(parse).collect()
}
