//! How many rows a list has and what its numbers come to: asked for once the page stands.

use axum::response::Response;
use crm::{Aggregate, AggregateFunction, Rows, reading::Names};
use language::tr;
use maud::html;
use model::Value;

use super::listed::Listed;
use crate::{
    failure::Failure,
    respond::fragment,
    view::{
        grid::{self, Sheet},
        totals,
    },
};

/// How many rows the whole list has, beside the page that is already there.
pub(crate) async fn count(Listed { site, me, model, table, list, .. }: Listed) -> Result<Response, Failure> {
    let filter = list.filter(&me, &model, &table).map_err(Failure::Bad)?;
    let mut query = site.app.new_summing_up(&me.caller, &table.name).matching(filter);
    query.aggregates = vec![Aggregate { function: AggregateFunction::Count, path: None, alias: "count".to_owned() }];
    let rows = match site.app.query(&me.caller, query).await {
        // The row of totals, or whatever else counts, says why.
        Err(crm::Error::TookTooLong) => return Ok(fragment(html! { span { " " (tr!("of many")) } })),
        counted => counted?,
    };
    let count = rows.rows.first().and_then(|row| row.first()).and_then(Value::as_whole).unwrap_or_default();
    Ok(fragment(html! { span { " " (tr!("of {}", me.style.number(count.into(), 0))) } }))
}

/// The row of totals.
pub(crate) async fn show(Listed { site, me, model, table, list, .. }: Listed) -> Result<Response, Failure> {
    let list = list.beginning();
    let sheet = Sheet::of_list(&model, &table, &list);
    let totals = totals::of(&me, &table, &sheet).ok_or(Failure::NoPage)?;
    let filter = list.filter(&me, &model, &table).map_err(Failure::Bad)?;
    let page = grid::Page { rows: &Rows::default(), names: &Names::default(), parties: &[] };
    let grid = grid::grid(&me, &model, &table, &list, &[], &page);
    let asked = totals.ask(site.app.new_summing_up(&me.caller, &table.name), filter);
    let found = match site.app.query(&me.caller, asked).await {
        Err(given_up @ crm::Error::TookTooLong) => {
            return Ok(fragment(grid.totals_given_up(&Failure::from(given_up).text())));
        }
        found => found?,
    };
    let values = found.rows.first().cloned().unwrap_or_default();
    Ok(fragment(grid.totals_row(Some(&totals.cells(&me, &found.columns, &values)))))
}
