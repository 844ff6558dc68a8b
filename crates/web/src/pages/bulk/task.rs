//! The page of something that is done to many rows: how far it is, and what became of it.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use language::{Language, tr};
use maud::{Markup, Render, html};
use model::Table;
use uuid::Uuid;

use crate::{
    app::Site,
    components::{Action, Command, PageLayout, PlainTable, Progress, TableColumn, icon},
    failure::Failure,
    posted::Posted,
    respond::{fragment, set_header},
    session::Me,
    tasks::Task,
    view::{
        bulk::{Report, capital, counted, number},
        tables,
    },
};

/// How far it is, or what became of it.
pub(crate) async fn show(State(site): State<Site>, me: Me, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let model = site.model();
    let task = site.tasks.get(me.caller.user, id)?;
    let table = model.table(&task.table).ok_or(Failure::NoPage)?;
    let title = match task.report() {
        Some(_) => format!("{} {}", table.plural_label, task.verb),
        None => tr!("Working on {}", Language::within_sentence(&table.plural_label)),
    };
    let content = html! {
        div.page-plain {
            header {
                nav.record-trail aria-label=(tr!("Where this is")) {
                    a href=(task.back) { (icon("chevron-left")) span { (table.plural_label) } }
                }
                h1 { (title) }
            }
            section.page-card {
                @match task.report() {
                    None => (running(&me, table, id, &task)),
                    Some(report) => (told(&me, table, &task, &report)),
                }
            }
        }
    };
    Ok(me.page(&model, &title, PageLayout::Scrolling, &table.set_name, content))
}

fn running(me: &Me, table: &Table, id: Uuid, task: &Task) -> Progress {
    let progress = task.control.progress();
    let done = number(&me.style, progress.processed);
    let all = counted(&me.style, table, progress.total);
    let text = match progress.refused {
        0 => tr!("{} of {}", done, all),
        refused => tr!("{} of {}, {} left as they are", done, all, number(&me.style, refused)),
    };
    let cancel = Action::Post { href: format!("/bulk/{id}/cancellation"), confirm: None };
    Progress {
        label: if task.control.is_canceled() { tr!("Stopping") } else { tr!("Under way") },
        done: progress.processed as u64,
        total: Some(progress.total as u64),
        text,
        poll: Some(format!("/bulk/{id}/progress")),
        commands: vec![Command::new(tr!("Stop"), "player-stop", cancel)],
    }
}

fn told(me: &Me, table: &Table, task: &Task, report: &Report) -> Markup {
    let counted = |count: usize| capital(&counted(&me.style, table, count));
    let untold = report.refused - report.reasons.len();
    let row = |refused: &crate::view::bulk::Refused| {
        let name = if refused.name.is_empty() { tr!("(no name)") } else { refused.name.clone() };
        vec![html! { a href=(tables::row_href(table, refused.row)) { (name) } }, html! { (refused.why) }]
    };
    let column = |label: String| TableColumn { label, number: false };
    html! {
        p { strong { (counted(report.succeeded)) " " (task.verb) "." } }
        @if let Some(why) = &report.broken { p { (tr!("It broke off: {}", why)) } }
        @if report.left > 0 { p { (tr!("{} not reached.", counted(report.left))) } }
        div.page-commands {
            a.btn href=(task.back) { (tr!("Back to the list")) }
            @if let Some(act) = report.act {
                form method="post" action={ "/acts/" (act) "/undo" } {
                    input type="hidden" name="csrf" value=(me.csrf);
                    button.btn type="submit" { (icon("arrow-back-up")) span { (tr!("Undo")) } }
                }
            }
        }
        @if report.refused > 0 {
            h2 { (tr!("{} left as they are", counted(report.refused))) }
            (PlainTable {
                caption: tr!("Rows that were left as they are, and why"),
                columns: vec![column(tr!("Record")), column(tr!("Why"))],
                rows: report.reasons.iter().map(row).collect(),
            }.render())
            @if untold > 0 { p { (tr!("And {} more.", number(&me.style, untold))) } }
        }
    }
}

/// How far it is; the page loads itself anew when it is done.
pub(crate) async fn progress(State(site): State<Site>, me: Me, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let model = site.model();
    let task = site.tasks.get(me.caller.user, id)?;
    let table = model.table(&task.table).ok_or(Failure::NoPage)?;
    if task.report().is_none() {
        return Ok(fragment(running(&me, table, id, &task)));
    }
    let mut response = fragment(html! {});
    set_header(&mut response, "hx-refresh", "true");
    Ok(response)
}

/// Stops it; what is done stays and can be undone.
pub(crate) async fn cancel(
    State(site): State<Site>,
    Path(id): Path<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let task: Arc<Task> = site.tasks.get(posted.me.caller.user, id)?;
    task.control.cancel();
    Ok(posted.me.go(&format!("/bulk/{id}"), None))
}
