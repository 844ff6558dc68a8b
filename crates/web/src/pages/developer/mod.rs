//! For developers: the tables as the Web API knows them, and a form that tries a request.

pub(crate) mod request;
pub(crate) mod table;

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use language::tr;
use maud::{Markup, Render, html};
use model::Table;

use crate::{
    app::Site,
    components::{EmptyState, PageLayout, PlainTable, TableColumn},
    failure::Failure,
    posted::Typed,
    session::Me,
    view::{
        developer::{Trial, may_read, trial_form},
        palette::Words,
    },
};

/// Where the page is.
pub(crate) const ADDRESS: &str = "/developer";

/// The tables that the caller may read.
pub(crate) async fn show(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    let (model, words) = (site.model(), Words::of(asked.text("q")));
    let mut tables: Vec<&Arc<Table>> =
        model.tables.values().filter(|table| may_read(&me, &model, table) && fits(table, &words)).collect();
    tables.sort_by_key(|table| &table.name);
    let content = html! {
        div.page-plain.developer {
            header {
                h1 { (tr!("For developers")) }
                p { (tr!("The tables as the Web API knows them. Programs sign in with a token; this page asks in your name.")) }
            }
            section.page-card {
                h2 { (tr!("Tables")) }
                form.developer-search method="get" action=(ADDRESS) role="search" {
                    input.form-control type="search" name="q" value=(asked.text("q")) maxlength="100" autocomplete="off"
                        aria-label=(tr!("Search for a table")) placeholder=(tr!("Search for a table"));
                    button.btn type="submit" { (tr!("Search")) }
                }
                @if tables.is_empty() { (nothing()) } @else { (list(&tables)) }
            }
            section.page-card {
                h2 { (tr!("Descriptions for tools")) }
                p { (tr!("Made from the declarations in force: as OpenAPI 3.1 and as the schema of OData.")) }
                p { a href="/developer/openapi.json" download="openapi.json" { "OpenAPI 3.1 (JSON)" } }
                p { code { (me.browser.origin) "/api/data/v9.2/openapi.json" } " · " code { (me.browser.origin) "/api/data/v9.2/$metadata" } }
            }
            (trial_form(&me, &Trial::of("GET", "/api/data/v9.2/WhoAmI", ""), None))
        }
    };
    Ok(me.page(&model, &tr!("For developers"), PageLayout::Scrolling, "developer", content))
}

fn fits(table: &Table, words: &Words) -> bool {
    [&table.name, &table.set_name, &table.label, &table.plural_label].into_iter().any(|name| words.fit(name))
}

fn list(tables: &[&Arc<Table>]) -> Markup {
    let row = |table: &&Arc<Table>| {
        vec![
            html! { a href={ (ADDRESS) "/" (table.name) } { (table.name) } },
            html! { code { (table.set_name) } },
            html! { (table.plural_label) },
        ]
    };
    let column = |label: String| TableColumn { label, number: false };
    PlainTable {
        caption: tr!("Tables"),
        columns: vec![column(tr!("Logical name")), column(tr!("Entity set")), column(tr!("Called"))],
        rows: tables.iter().map(row).collect(),
    }
    .render()
}

fn nothing() -> Markup {
    EmptyState {
        icon: "search".to_owned(),
        title: tr!("No table is called that"),
        text: tr!("Search by the logical name, the entity set or what people call it."),
        commands: Vec::new(),
    }
    .render()
}
