//! The list of a table through a view.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use crm::{Rows, activities::parties::StoredParty, reading::Names, views::PersonalView};
use language::{Language, tr};
use maud::Render;
use model::{Filter, Model, Table, View, ViewColumn};

use super::{export, letters::from_letter, listed::Listed};
use crate::{
    address::Address,
    app::Site,
    components::{EmptyState, PageLayout, grid::MORE},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Typed,
    respond::fragment,
    session::Me,
    view::{
        board, chart,
        filters::{self, Condition, Part},
        grid,
        groups::Grouped,
        list::List,
        parties, tables,
    },
};

/// The list.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let list = List { board: None, ..List::of(&asked) };
    let Opened { mut list, personal, missing } = open(&site, &me, &table, list).await?;
    if asked.has("filter_column") {
        return Ok(with_filter(&me, &model, &table, list, &asked));
    }
    if let Some(format) = export::format(asked.text("format")) {
        return export::answer(&site, &me, &model, &table, &list, Filter::everything(), format).await;
    }
    let (mut rows, mut names, refused) = match page_of(&site, &me, &model, &table, &list).await {
        Ok((rows, names)) => (rows, names, None),
        // The rest of the page stays, so that another view or filter can be chosen.
        Err(Failure::Domain(crm::Error::Forbidden(reason))) => (Rows::default(), Names::default(), Some(reason)),
        Err(error) => return Err(error),
    };
    let further = me.browser.target.as_deref() == Some(MORE);
    let leafed = list.cursor.is_some() || list.letter.is_some();
    if rows.rows.is_empty() && leafed && refused.is_none() && !further {
        // The rows of this page are gone: begin again.
        list = list.beginning();
        (rows, names) = page_of(&site, &me, &model, &table, &list).await?;
    }
    for (reference, name) in filters::names(&site, &me, &list.filters).await?.iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    let parties = parties_of(&site, &me, &table, &list, &rows).await?;
    let page = grid::Page { rows: &rows, names: &names, parties: &parties };
    let mut grid = grid::grid(&me, &model, &table, &list, &personal, &page);
    let faces = board::switch(&me, &model, &table, &list).into_iter().chain(chart::switch(&me, &table, &list));
    grid.commands.commands.splice(0..0, faces);
    if let Some(reason) = refused {
        grid.empty = EmptyState {
            icon: "lock".to_owned(),
            title: tr!("This cannot be shown to you"),
            text: sentence(&reason),
            ..EmptyState::default()
        };
    }
    if me.browser.target.as_deref() == Some("grid-results") {
        return Ok(fragment(grid.results()));
    }
    if further {
        return Ok(fragment(grid.further(asked.text("from"))));
    }
    let title = list.view(&table).map_or(table.plural_label.as_str(), |view| view.label.as_str());
    let mut me = me.clone();
    if let Some(wanted) = missing {
        let text = tr!(
            "There is no view “{wanted}” of {of}; this is “{title}”.",
            wanted = wanted,
            of = Language::within_sentence(&table.plural_label),
            title = title
        );
        me.flash = Some(Flash::failed(text));
    }
    Ok(me.page(&model, title, PageLayout::Filling, &table.set_name, grid.render()))
}

/// A list as it is opened.
pub(crate) struct Opened {
    pub list: List,
    /// The views that people made, to choose from.
    pub personal: Vec<PersonalView>,
    /// The view that was asked for and is not there.
    pub missing: Option<String>,
}

/// Finds the view of a list: the one its address names, or the one that the person wants to see first.
pub(crate) async fn open(site: &Site, me: &Me, table: &Table, mut list: List) -> Result<Opened, Failure> {
    let personal = site.app.personal_views(&me.caller, &table.name).await?;
    if list.view.is_empty()
        && let Some(first) = site.app.default_view(&me.caller, &table.name).await?
    {
        let is_it = |view: &View| view.name == first;
        let is_there = table.views.iter().any(is_it) || personal.iter().any(|known| is_it(&known.view));
        if is_there {
            list.view = first;
        }
    } else if list.view.is_empty()
        && let Some(first) = personal.iter().find(|known| known.mine && known.view.default)
    {
        list.view.clone_from(&first.view.name);
    }
    let wanted = list.view.clone();
    let known = list.find_view(me, table, &personal);
    Ok(Opened { list, personal, missing: (!known).then_some(wanted) })
}

/// The rows of a page; none where they come in groups.
async fn page_of(site: &Site, me: &Me, model: &Model, table: &Table, list: &List) -> Result<(Rows, Names), Failure> {
    let base = site.app.new_query(&me.caller, &table.name);
    let query = grid::query(me, model, table, list, base).map_err(Failure::Bad)?;
    if Grouped::of(me, model, table, list).is_some() {
        // What is refused is told all the same, and whether there is anything at all.
        let query = crm::Query { columns: Vec::new(), order: Vec::new(), ..query };
        let rows = site.app.query(&me.caller, query.select([table.primary_key.as_str()]).take(1)).await?;
        return Ok((rows, Names::default()));
    }
    let query = from_letter(site, me, list, query).await?;
    Ok(site.app.query_with_names(&me.caller, query).await?)
}

/// Who takes part in the activities of a page, where the view shows it.
pub(crate) async fn parties_of(
    site: &Site,
    me: &Me,
    table: &Table,
    list: &List,
    rows: &Rows,
) -> Result<Vec<StoredParty>, Failure> {
    let is_list = |shown: ViewColumn| table.column(&shown.column.column).is_some_and(parties::is_list);
    if !list.shown(table).into_iter().any(is_list) {
        return Ok(Vec::new());
    }
    let ids = rows.to_rows().filter_map(|row| row.value(&table.primary_key).as_id()).collect();
    Ok(site.app.parties(&me.caller, &table.name, ids).await?)
}

/// The list of an address, with the caller's own view where it names one.
pub(crate) async fn with_view(site: &Site, me: &Me, table: &Table, asked: &Typed) -> Result<List, Failure> {
    let mut list = List::of(asked);
    let personal = match list.view.parse::<uuid::Uuid>() {
        Ok(_) => site.app.personal_views(&me.caller, &table.name).await?,
        Err(_) => Vec::new(),
    };
    list.find_view(me, table, &personal);
    Ok(list)
}

/// The list with one more filter, from the editor's form.
pub(crate) fn with_filter(me: &Me, model: &Model, table: &Table, mut list: List, form: &Typed) -> Response {
    let path = list.path(table);
    match Condition::typed(me, model, table, form) {
        Ok(condition) => {
            let condition = Part::Condition(condition);
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
pub(crate) async fn filter_editor(Listed { site, me, model, table, asked, list }: Listed) -> Result<Response, Failure> {
    let names = filters::names(&site, &me, &list.filters).await?;
    Ok(fragment(filters::editor(&me, &model, &names, &table, &list, &asked)))
}
