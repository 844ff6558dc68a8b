//! The search of everything.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use language::{Language, tr};
use maud::html;
use model::Table;

use super::lookup;
use crate::{
    app::Site,
    components::{EmptyState, Page, PageLayout, Suggestion, SuggestionGroup, Suggestions},
    failure::Failure,
    posted::Typed,
    respond::fragment,
    session::Me,
    view::list::List,
};

/// Rows shown of each table.
const LISTED: u32 = 20;

/// The order in which tables are offered; the others follow.
const FIRST: &[&str] = &["lead", "opportunity", "account", "contact"];

/// The page with all matches.
pub(crate) async fn show(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    let words = asked.text("q").trim().to_owned();
    let model = site.model();
    let found = find(&site, &me, &words, LISTED).await?;
    let mut shell = me.shell(&model, "");
    shell.search_value.clone_from(&words);
    let page = Page { title: tr!("Search"), shell, layout: PageLayout::Scrolling, content: results(&words, found) };
    Ok(fragment(page))
}

/// The records of all searchable tables that hold the words, at most `size` a table, on one
/// snapshot; tables in the order in which they matter.
pub(crate) async fn find(
    site: &Site,
    me: &Me,
    words: &str,
    size: u32,
) -> Result<Vec<(Arc<Table>, Vec<lookup::Match>)>, Failure> {
    if !words.chars().any(char::is_alphanumeric) {
        return Ok(Vec::new());
    }
    let model = site.model();
    let mut searched: Vec<Arc<Table>> =
        model.tables.values().filter(|table| lookup::is_found(me, table)).cloned().collect();
    searched.sort_by_key(|table| FIRST.iter().position(|name| *name == table.name).unwrap_or(FIRST.len()));
    let queries = searched.iter().map(|table| {
        let query = site.app.new_query(&me.caller, &table.name);
        lookup::find(query, table, words, size)
    });
    let found = site.app.queries(&me.caller, queries.collect()).await?;
    let names = lookup::secondary_names(site, me, &found).await?;
    let matches = searched.into_iter().zip(&found).map(|(table, rows)| {
        let matches = lookup::matches(me, &model, &table, rows, &names);
        (table, matches)
    });
    Ok(matches.collect())
}

fn group(table: &Table, matches: Vec<lookup::Match>) -> SuggestionGroup {
    let one = |found: lookup::Match| Suggestion {
        href: format!("/{}/{}", table.set_name, found.id),
        label: found.label,
        secondary: found.secondary,
    };
    SuggestionGroup {
        label: table.plural_label.clone(),
        icon: table.icon.clone(),
        items: matches.into_iter().map(one).collect(),
    }
}

fn results(words: &str, found: Vec<(Arc<Table>, Vec<lookup::Match>)>) -> maud::Markup {
    let nothing = found.iter().all(|(_, matches)| matches.is_empty());
    html! {
        div.page-plain {
            header {
                h1 { (tr!("Search")) }
                @if !words.is_empty() { p { (tr!("Records that contain “{}”", words)) } }
            }
            @if nothing {
                (EmptyState {
                    icon: "search".to_owned(),
                    title: if words.is_empty() { tr!("What are you looking for?") } else { tr!("Nothing found") },
                    text: tr!("Type the beginning of a name, a company, an e-mail address or a phone number. Several words must all be in the record."),
                    commands: Vec::new(),
                })
            }
            @for (table, matches) in found.into_iter().filter(|(_, matches)| !matches.is_empty()) {
                @let has_more = matches.len() >= LISTED as usize;
                section.page-card {
                    (Suggestions { groups: vec![group(&table, matches)], all: None, query: words.to_owned() })
                    @if has_more {
                        a href=(more_href(&table, words)) { (tr!("All matching {}", Language::within_sentence(&table.plural_label))) }
                    }
                }
            }
        }
    }
}

/// The whole table narrowed by the words.
fn more_href(table: &model::Table, words: &str) -> String {
    let all = table.views.iter().find(|view| view.filter.is_everything()).map(|view| view.name.clone());
    List { view: all.unwrap_or_default(), q: words.to_owned(), ..List::default() }.href(&format!("/{}", table.set_name))
}
