//! Related rows on a record's page.

use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Render, html};
use model::{Filter, Path as ColumnPath, Reference, Related, Subgrid};
use uuid::Uuid;

use crate::{
    app::Site,
    components::{Action, Command, PlainTable, TableColumn},
    failure::Failure,
    respond::fragment,
    session::Me,
    view::{grid::Sheet, record, tables},
};

/// Rows shown; a link leads to the rest.
const SHOWN: u32 = 25;

/// The rows of the form's section of this number.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Path((set_name, id, section)): Path<(String, Uuid, usize)>,
) -> Result<Response, Failure> {
    let model = site.app.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let form = record::main_form(&table);
    let subgrid = form
        .tabs
        .iter()
        .flat_map(|tab| &tab.sections)
        .nth(section)
        .and_then(|section| section.subgrid.as_ref())
        .ok_or(Failure::NoPage)?;
    let other = model
        .table(&subgrid.table)
        .filter(|other| tables::is_open_to(&me.caller, other))
        .cloned()
        .ok_or(Failure::NoPage)?;
    site.app.get(&me.caller, &table.name, id, Some(Vec::new())).await?;
    let columns: Vec<ColumnPath> = if subgrid.columns.is_empty() {
        let view = other.default_view();
        // The row that is looked at anyway needs no column of its own.
        view.map(|view| {
            view.columns
                .iter()
                .map(|column| column.column.clone())
                .filter(|path| path.column != subgrid.through)
                .take(6)
                .collect()
        })
        .unwrap_or_default()
    } else {
        subgrid.columns.iter().filter_map(|column| column.parse().ok()).collect()
    };
    let sheet = Sheet::new(&model, &other, columns);
    let filter = filter(&model, &table, subgrid, id).ok_or(Failure::NoPage)?;
    let mut query = sheet.select(site.app.new_query(&me.caller, &other.name)).matching(filter).take(SHOWN);
    query.order = other.default_view().map(|view| view.order.clone()).unwrap_or_default();
    let (rows, names) = site.app.query_with_names(&me.caller, query).await?;
    let new = (!subgrid.many_to_many && tables::is_writable(&other)).then(|| {
        let href = format!("/{}/quick-create?{}={}:{id}", other.set_name, subgrid.through, table.name);
        Command::new(format!("New {}", other.label.to_lowercase()), "plus", Action::Dialog(href))
    });
    let shown = sheet.rows(&me, &rows, &names);
    let plain = PlainTable {
        caption: other.plural_label.clone(),
        columns: sheet
            .columns(|_| None)
            .into_iter()
            .map(|column| TableColumn { label: column.label, number: column.number })
            .collect(),
        rows: shown.iter().map(|row| row.cells.iter().map(Render::render).collect()).collect(),
    };
    Ok(fragment(html! {
        @if shown.is_empty() { p.loading { "No " (other.plural_label.to_lowercase()) " yet." } } @else { (plain) }
        @if rows.next.is_some() { p.loading { "These are the first " (SHOWN) "." } }
        @if let Some(new) = new { div.timeline-compose { (new) } }
    }))
}

/// Which rows: those whose lookup points here, or those that a pair leads to.
fn filter(model: &model::Model, table: &model::Table, subgrid: &Subgrid, id: Uuid) -> Option<Filter> {
    let here = Reference::new(table.name.as_str(), id);
    if !subgrid.many_to_many {
        return Some(Filter::eq(subgrid.through.as_str(), here));
    }
    let pairs = model.many_to_many.iter().find(|pairs| pairs.name == subgrid.through)?;
    let intersect = model.table(&pairs.intersect)?;
    let lookup_of =
        |target: &str| intersect.lookups().find(|column| column.targets().iter().any(|name| name == target));
    let (own, theirs) = (lookup_of(&table.name)?, lookup_of(&subgrid.table)?);
    Some(Filter::Related(Related {
        table: intersect.name.clone(),
        through: theirs.name.clone(),
        filter: Box::new(Filter::eq(own.name.as_str(), here)),
    }))
}
