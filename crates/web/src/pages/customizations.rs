//! Who published customisations, when, by what way, and what that changed.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::customization::history::{Published, USUAL};
use language::tr;
use maud::{Markup, Render, html};

use crate::{
    app::Site,
    components::{EmptyState, Moment, PageLayout, PlainTable, TableColumn},
    failure::Failure,
    posted::Typed,
    session::Me,
};

/// Where it is.
pub(crate) const ADDRESS: &str = "/customizations";
/// Changes of one publication that are shown without being asked for.
const SHOWN: usize = 5;

/// The list, the newest first.
pub(crate) async fn show(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let before = Typed::parse(&query.unwrap_or_default()).text("before").parse().ok();
    let history = site.app.customization().history(&me.caller, before, USUAL).await?;
    let older = history.before.map(|before| format!("{ADDRESS}?before={before}"));
    let content = html! {
        div.page-plain {
            header {
                h1 { (tr!("Published customisations")) }
                p { (tr!("Who changed tables, columns, choices, views, forms, flows and roles, and what became different.")) }
            }
            section.page-card {
                @if history.value.is_empty() {
                    (EmptyState {
                        icon: "history".to_owned(),
                        title: tr!("Nothing was published"),
                        text: tr!("Whatever changes the model for everybody is noted here: from pages, by the Web API, by an import or from the command line."),
                        ..EmptyState::default()
                    })
                } @else {
                    (PlainTable {
                        caption: tr!("Published customisations"),
                        columns: [tr!("When"), tr!("Published by"), tr!("What changed")]
                            .map(|label| TableColumn { label, number: false })
                            .into(),
                        rows: history.value.iter().map(|published| row(&me, published)).collect(),
                    })
                }
                @if let Some(older) = older { a.btn href=(older) { (tr!("Older")) } }
            }
        }
    };
    let title = tr!("Published customisations");
    Ok(me.page(&site.model(), &title, PageLayout::Scrolling, "process-designer", content.render()))
}

fn row(me: &Me, published: &Published) -> Vec<Markup> {
    vec![
        Moment::new(published.at.to_string(), me.style.date_time(published.at)).render(),
        html! { (publisher(published)) },
        changes(&published.changes),
    ]
}

/// Who it was, and by what way.
fn publisher(published: &Published) -> String {
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| tr!("Somebody"));
    let author = if published.user.is_nil() { "Pipewright".to_owned() } else { name(&published.user_name) };
    let by = match published.origin.as_str() {
        "webapi" => tr!("{}, by the Web API", author),
        "import" => tr!("{}, by an import", author),
        "command" => tr!("{}, from the command line", author),
        _ => author,
    };
    match published.acting_user {
        Some(_) => tr!("{}, done on their behalf by {}", by, name(&published.acting_user_name)),
        None => by,
    }
}

/// The sentences are kept in English, as they are told to programs.
fn changes(sentences: &[String]) -> Markup {
    let (shown, others) = sentences.split_at(sentences.len().min(SHOWN));
    let list = |sentences: &[String]| html! { ul lang="en" { @for sentence in sentences { li { (sentence) } } } };
    html! {
        @if shown.is_empty() { (tr!("Nothing that was in force")) } @else { (list(shown)) }
        @if !others.is_empty() {
            details {
                summary { (tr!("and one more" | "and {n} more" % others.len())) }
                (list(others))
            }
        }
    }
}
