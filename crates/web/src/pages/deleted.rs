//! What was deleted, and the way to bring it back.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::records::Deletion;
use language::tr;
use maud::{Markup, Render, html};
use model::Model;

use crate::{
    app::Site,
    components::{Action, Command, EmptyState, PageLayout, PlainTable, TableColumn},
    failure::Failure,
    posted::Typed,
    session::Me,
    view::cells::Cells,
};

const ADDRESS: &str = "/deleted";

/// The list, the newest first.
pub(crate) async fn show(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let before = Typed::parse(&query.unwrap_or_default()).text("before").parse().ok();
    let (deletions, names, more) = site.app.deletions(&me.caller, before).await?;
    let model = site.model();
    let cells = Cells { me: &me, model: &model, names: &names };
    let older = deletions.last().filter(|_| more).map(|last| format!("{ADDRESS}?before={}", last.sequence));
    let whose = if me.caller.administrator { tr!("What anybody deleted.") } else { tr!("What you deleted.") };
    let content = html! {
        div.page-plain {
            header {
                h1 { (tr!("Deleted records")) }
                p { (whose) " " (tr!("Bringing a record back brings back everything that was deleted with it.")) }
            }
            section.page-card {
                @if deletions.is_empty() {
                    (EmptyState {
                        icon: "trash".to_owned(),
                        title: tr!("Nothing was deleted"),
                        text: tr!("Whatever is deleted can be brought back from here, whole, for as long as the history is kept."),
                        ..EmptyState::default()
                    })
                } @else {
                    (PlainTable {
                        caption: tr!("Deleted records"),
                        columns: [tr!("Record"), tr!("Deleted by"), tr!("When"), tr!("Command")]
                            .map(|label| TableColumn { label, number: false })
                            .into(),
                        rows: deletions.iter().map(|deletion| row(&cells, &model, deletion)).collect(),
                    })
                }
                @if let Some(older) = older { a.btn href=(older) { (tr!("Older")) } }
            }
        }
    };
    Ok(me.page(&model, &tr!("Deleted records"), PageLayout::Scrolling, "deleted", content.render()))
}

fn row(cells: &Cells<'_>, model: &Model, deletion: &Deletion) -> Vec<Markup> {
    let label = model.table(&deletion.record.table).map_or(deletion.record.table.as_str(), |table| &table.label);
    let bring_back = Action::Post { href: format!("/acts/{}/undo", deletion.act), confirm: None };
    vec![
        html! {
            strong { @if deletion.name.is_empty() { (tr!("Without a name")) } @else { (deletion.name) } }
            " " (label)
            @match deletion.others {
                0 => {}
                others => { " " (tr!("and one record that hung on it" | "and {n} records that hung on it" % others)) }
            }
        },
        html! { (cells.person(deletion.user)) },
        html! { (cells.moment(deletion.at)) },
        Command::new(tr!("Bring back"), "arrow-back-up", bring_back).render(),
    ]
}
