//! The list of a table through a view.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use crm::{Aggregate, AggregateFunction, Rows, activities::parties::StoredParty, reading::Names};
use maud::{Render, html};
use model::{Filter, Table};
use rust_decimal::Decimal;

use super::{export, letters::from_letter};
use crate::{
    address::Address,
    app::Site,
    components::{EmptyState, PageLayout},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Typed,
    respond::fragment,
    session::Me,
    view::{
        board,
        filters::{self, Condition},
        grid,
        list::List,
        parties, tables,
    },
};

/// Rows counted at most where no total is kept: counting on would cost a scan a page.
const COUNTED: u32 = 10_000;

/// The list.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.app.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let mut list = List { board: None, ..List::of(&asked) };
    let personal = site.app.personal_views(&me.caller, &table.name).await?;
    let wanted = list.view.clone();
    let known = list.find_view(&me, &table, &personal);
    if asked.has("filter_column") {
        return Ok(with_filter(&me, &model, &table, list, &asked));
    }
    if let Some(format) = export::format(asked.text("format")) {
        return export::answer(&site, &me, &model, &table, &list, Filter::everything(), format).await;
    }
    let base = site.app.new_query(&me.caller, &table.name);
    let query = grid::query(&me, &model, &table, &list, base).map_err(Failure::Bad)?;
    let query = from_letter(&site, &me, &list, query).await?;
    let (mut rows, mut names, refused) = match site.app.query_with_names(&me.caller, query).await {
        Ok((rows, names)) => (rows, names, None),
        // The rest of the page stays, so that another view or filter can be chosen.
        Err(crm::Error::Forbidden(reason)) => (Rows::default(), Names::default(), Some(reason)),
        Err(error) => return Err(error.into()),
    };
    if rows.rows.is_empty() && (list.cursor.is_some() || list.letter.is_some()) && refused.is_none() {
        // The rows of this page are gone: begin again.
        list = list.beginning();
        let query = grid::query(&me, &model, &table, &list, site.app.new_query(&me.caller, &table.name))
            .map_err(Failure::Bad)?;
        (rows, names) = site.app.query_with_names(&me.caller, query).await?;
    }
    let pointed: Vec<_> = list.filters.iter().flat_map(Condition::references).collect();
    if !pointed.is_empty() {
        for (reference, name) in site.app.names(&me.caller, pointed).await?.iter() {
            names.insert(reference.clone(), name.to_owned());
        }
    }
    let parties = parties_of(&site, &me, &table, &list, &rows).await?;
    let page = grid::Page { rows: &rows, names: &names, parties: &parties };
    let mut grid = grid::grid(&me, &model, &table, &list, &personal, &page);
    grid.commands.commands.splice(0..0, board::switch(&me, &model, &table, &list));
    if let Some(reason) = refused {
        grid.empty = EmptyState {
            icon: "lock".to_owned(),
            title: "This cannot be shown to you".to_owned(),
            text: sentence(&reason),
            ..EmptyState::default()
        };
    }
    if me.browser.target.as_deref() == Some("grid-results") {
        return Ok(fragment(grid.results()));
    }
    let title = list.view(&table).map_or(table.plural_label.as_str(), |view| view.label.as_str());
    let mut me = me.clone();
    if !known {
        let text = format!("There is no view “{wanted}” of {}; this is “{title}”.", table.plural_label.to_lowercase());
        me.flash = Some(Flash::failed(text));
    }
    Ok(me.page(&model, title, PageLayout::Filling, &table.set_name, grid.render()))
}

/// Who takes part in the activities of a page, where the view shows it.
pub(crate) async fn parties_of(
    site: &Site,
    me: &Me,
    table: &Table,
    list: &List,
    rows: &Rows,
) -> Result<Vec<StoredParty>, Failure> {
    let shows = |view: &model::View| {
        view.columns.iter().any(|shown| table.column(&shown.column.column).is_some_and(parties::is_list))
    };
    if !list.view(table).is_some_and(shows) {
        return Ok(Vec::new());
    }
    let ids = rows.to_rows().filter_map(|row| row.value(&table.primary_key).as_id()).collect();
    Ok(site.app.parties(&me.caller, &table.name, ids).await?)
}

/// The list of an address, with the caller's own view where it names one.
pub(crate) async fn with_view(site: &Site, me: &Me, table: &Table, asked: &Typed) -> Result<List, Failure> {
    let mut list = List::of(asked);
    if list.view.parse::<uuid::Uuid>().is_ok() {
        list.find_view(me, table, &site.app.personal_views(&me.caller, &table.name).await?);
    }
    Ok(list)
}

/// The list with one more filter, from the editor's form.
pub(crate) fn with_filter(me: &Me, model: &model::Model, table: &Table, mut list: List, form: &Typed) -> Response {
    let path = list.path(table);
    match Condition::typed(me, model, table, form) {
        Ok(condition) => {
            let edited = form.get("edit").and_then(|position| position.parse::<usize>().ok());
            if let Some(edited) = edited.and_then(|position| list.filters.get_mut(position)) {
                *edited = condition;
            } else {
                list.filters.retain(|known| *known != condition);
                list.filters.push(condition);
            }
            Redirect::to(&list.beginning().href(&path)).into_response()
        }
        Err(message) => me.go(&list.beginning().href(&path), Some(Flash::failed(message))),
    }
}

/// The editor that adds a filter.
pub(crate) async fn filter_editor(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.app.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let list = with_view(&site, &me, &table, &asked).await?;
    let pointed = list.filters.iter().flat_map(Condition::references).collect();
    let names = site.app.names(&me.caller, pointed).await?;
    Ok(fragment(filters::editor(&me, &model, &names, &table, &list, &asked)))
}

/// How many rows the whole list has, beside the page that is already there.
pub(crate) async fn count(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.app.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let list = with_view(&site, &me, &table, &Typed::parse(&query.unwrap_or_default())).await?;
    let filter = list.filter(&me, &model, &table).map_err(Failure::Bad)?;
    let kept = has_kept_total(&table, &filter);
    let mut query = site.app.new_query(&me.caller, &table.name).matching(filter);
    let number = |count: u64| me.style.number(Decimal::from(count), 0);
    let text = if kept {
        query.aggregates =
            vec![Aggregate { function: AggregateFunction::Count, path: None, alias: "count".to_owned() }];
        let rows = site.app.query(&me.caller, query).await?;
        let count = rows.rows.first().and_then(|row| row.first()).and_then(model::Value::as_whole).unwrap_or_default();
        number(count.unsigned_abs())
    } else {
        let query = query.select([table.primary_key.as_str()]).take(COUNTED);
        let rows = site.app.query(&me.caller, query).await?;
        let more = if rows.next.is_some() { "+" } else { "" };
        format!("{}{more}", number(rows.rows.len() as u64))
    };
    Ok(fragment(html! { span { " of " (text) } }))
}

/// True where a declared summary answers the count: its totals are kept with every write.
fn has_kept_total(table: &Table, filter: &Filter) -> bool {
    let Some(columns) = filter.compared_columns() else { return false };
    let covers = |grouped: &[String]| columns.iter().all(|column| grouped.iter().any(|name| name == column));
    table.summaries.iter().any(|summary| covers(&summary.group_by))
}
