//! The groups of a list, and the rows of one of them.

use axum::response::Response;
use crm::{Rows, reading::Names};
use language::tr;
use model::Value;

use super::{list::parties_of, listed::Listed};
use crate::{
    components::GroupHead,
    failure::Failure,
    respond::fragment,
    view::{
        cells::Cells,
        grid::{self, Sheet},
        groups::{self, Grouped, MOST_GROUPS},
        list::List,
        totals,
    },
};

/// The heads of the groups, with counts and totals over all their rows.
pub(crate) async fn show(Listed { site, me, model, table, list, .. }: Listed) -> Result<Response, Failure> {
    let list = list.beginning();
    let grouped = Grouped::of(&me, &model, &table, &list).ok_or(Failure::NoPage)?;
    let sheet = Sheet::of_list(&model, &table, &list);
    let totals = totals::of(&me, &table, &sheet);
    let filter = list.filter(&me, &model, &table).map_err(Failure::Bad)?;
    let asked = grouped.ask(totals.as_ref(), site.app.new_summing_up(&me.caller, &table.name), filter);
    let page = grid::Page { rows: &Rows::default(), names: &Names::default(), parties: &[] };
    let grid = grid::grid(&me, &model, &table, &list, &[], &page);
    let (found, names) = match site.app.query_with_names(&me.caller, asked).await {
        Err(given_up @ crm::Error::TookTooLong) => {
            return Ok(fragment(grid.grouped(&[], Some(&Failure::from(given_up).text()))));
        }
        found => found?,
    };
    let cells = Cells { me: &me, model: &model, names: &names };
    let group = |row: &Vec<Value>| {
        let value = row.first().cloned().unwrap_or_default();
        let label = grouped.label(&cells, &table, &value);
        (grouped.place(&value, &label), value, label, row.clone())
    };
    let mut known: Vec<_> = found.rows.iter().map(group).collect();
    known.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    let head = |(place, (_, value, label, row)): (usize, (_, Value, String, Vec<Value>))| {
        let count = row.get(1).and_then(Value::as_whole).unwrap_or_default();
        let mut parameters = list.parameters();
        parameters.push(("in", groups::text(&me, &value)));
        GroupHead {
            id: place.to_string(),
            label,
            count: me.style.number(count.into(), 0),
            totals: totals.as_ref().map(|totals| totals.cells(&me, &found.columns, &row)).unwrap_or_default(),
            rows: crate::view::list::address(&format!("/{}/groups/rows", table.set_name), &parameters),
        }
    };
    let heads: Vec<GroupHead> = known.into_iter().enumerate().map(head).collect();
    let note = (heads.len() >= MOST_GROUPS as usize)
        .then(|| tr!("Only the {} largest groups are shown. Filter the list to see others.", MOST_GROUPS));
    Ok(fragment(grid.grouped(&heads, note.as_deref())))
}

/// A page of the rows of a group.
pub(crate) async fn rows(Listed { site, me, model, table, asked, list }: Listed) -> Result<Response, Failure> {
    let grouped = Grouped::of(&me, &model, &table, &list).ok_or(Failure::NoPage)?;
    let value = grouped.read(&me, asked.text("in")).map_err(Failure::Bad)?;
    let base = site.app.new_query(&me.caller, &table.name).matching(grouped.filter(&value));
    let query = grid::query(&me, &model, &table, &list, base).map_err(Failure::Bad)?;
    let (found, names) = site.app.query_with_names(&me.caller, query).await?;
    let parties = parties_of(&site, &me, &table, &list, &found).await?;
    let page = grid::Page { rows: &found, names: &names, parties: &parties };
    let grid = grid::grid(&me, &model, &table, &list.beginning(), &[], &page);
    let more = found.next.as_ref().map(|next| {
        let mut parameters = List { cursor: Some(next.token.clone()), ..list.beginning() }.parameters();
        parameters.push(("in", asked.text("in").to_owned()));
        crate::view::list::address(&format!("/{}/groups/rows", table.set_name), &parameters)
    });
    Ok(fragment(grid.rows_of_group(more.as_deref())))
}
