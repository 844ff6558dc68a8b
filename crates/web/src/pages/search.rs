//! The search of everything.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use maud::html;

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

/// Rows offered of each table while one types, and on the page.
const SUGGESTED: u32 = 5;
const LISTED: u32 = 20;

/// The order in which tables are offered; the others follow.
const FIRST: &[&str] = &["lead", "opportunity", "account", "contact"];

/// Suggestions while one types (`suggest=1`), or the page with all matches.
pub(crate) async fn show(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    let words = asked.text("q").trim().to_owned();
    let suggest = asked.get("suggest") == Some("1");
    let model = site.app.model();
    let mut searched: Vec<_> = model.tables.values().filter(|table| lookup::is_found(&me, table)).collect();
    searched.sort_by_key(|table| FIRST.iter().position(|name| *name == table.name).unwrap_or(FIRST.len()));
    let size = if suggest { SUGGESTED } else { LISTED };
    let found = if words.chars().any(char::is_alphanumeric) {
        let queries = searched.iter().map(|table| {
            let query = site.app.new_query(&me.caller, &table.name);
            lookup::find(query, table, &words, size)
        });
        site.app.queries(&me.caller, queries.collect()).await?
    } else {
        Vec::new()
    };
    let names = lookup::secondary_names(&site, &me, &found).await?;
    let groups: Vec<SuggestionGroup> = searched
        .iter()
        .zip(&found)
        .map(|(table, rows)| SuggestionGroup {
            label: table.plural_label.clone(),
            icon: table.icon.clone(),
            items: lookup::matches(&me, &model, table, rows, &names)
                .into_iter()
                .map(|found| Suggestion {
                    href: format!("/{}/{}", table.set_name, found.id),
                    label: found.label,
                    secondary: found.secondary,
                })
                .collect(),
        })
        .collect();
    if suggest {
        let all = List { q: words.clone(), ..List::default() }.href("/search");
        return Ok(fragment(Suggestions { groups, all: Some(all), query: words }));
    }
    let mut shell = me.shell(&model, "");
    shell.search_value.clone_from(&words);
    let page = Page {
        title: "Search".to_owned(),
        shell,
        layout: PageLayout::Scrolling,
        content: results(&model, &words, groups),
    };
    Ok(fragment(page))
}

fn results(model: &model::Model, words: &str, groups: Vec<SuggestionGroup>) -> maud::Markup {
    let nothing = groups.iter().all(|group| group.items.is_empty());
    html! {
        div.page-plain {
            header {
                h1 { "Search" }
                @if !words.is_empty() { p { "Records that contain “" (words) "”" } }
            }
            @if nothing {
                (EmptyState {
                    icon: "search".to_owned(),
                    title: if words.is_empty() { "What are you looking for?".to_owned() } else { "Nothing found".to_owned() },
                    text: "Type the beginning of a name, a company, an e-mail address or a phone number. Several words must all be in the record.".to_owned(),
                    commands: Vec::new(),
                })
            }
            @for group in groups.into_iter().filter(|group| !group.items.is_empty()) {
                @let more = (group.items.len() >= LISTED as usize).then(|| model.tables.values().find(|table| table.plural_label == group.label)).flatten();
                section.page-card {
                    (Suggestions { groups: vec![group], all: None, query: words.to_owned() })
                    @if let Some(table) = more {
                        a href=(more_href(table, words)) { "All matching " (table.plural_label.to_lowercase()) }
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
