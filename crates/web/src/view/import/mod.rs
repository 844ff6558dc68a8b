//! The pages of an import: upload, what was found, progress; see [`mapping`] and [`report`].

pub(crate) mod mapping;
mod report;

use crm::import::{Control, Standing};
use jiff::Timestamp;
use language::tr;
use maud::{Markup, Render, html};
use model::{Model, Table};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{cells, order::by_label, tables};
use crate::{
    components::{
        Action, Badge, Banner, Command, Control as FieldControl, Field, PlainTable, Progress, Step, StepState, Steps,
        TableColumn, Tone, fields::ChoiceOption,
    },
    drafts::{Draft, Stage},
    session::Me,
};

/// The page with the upload.
pub(crate) fn upload(me: &Me, model: &Model, wanted: &str, recent: &[Recent]) -> Markup {
    let mut importable: Vec<&Table> = model
        .tables
        .values()
        .map(AsRef::as_ref)
        .filter(|table| table.importable && tables::is_open_to(&me.caller, table))
        .collect();
    importable.sort_by_key(|table| by_label(&table.plural_label));
    let options = importable.iter().map(|table| ChoiceOption {
        value: table.name.clone(),
        label: table.plural_label.clone(),
        chosen: table.name == wanted,
    });
    let table = Field::new("table", tr!("What is in the files"), FieldControl::Choice { options: options.collect() })
        .help(tr!("Left open, it is recognised for each file from its name and columns."));
    let missing =
        FieldControl::Boolean { value: false, yes: tr!("Create what is missing"), no: tr!("Create nothing besides") };
    let missing = Field::new("create_missing", tr!("Columns, options and names that are not there yet"), missing);
    html! {
        div.page-plain {
            header { h1 { (tr!("Import")) } p { (tr!("Bring spreadsheets in: CSV or Excel, of any size, or a ZIP of them with files. Nothing is written before you have seen what would be done.")) } }
            (steps(0, None))
            section.form-section {
                h2 { (tr!("Choose the files")) }
                // The token goes first, so that it is known before a file arrives.
                form method="post" action="/import" enctype="multipart/form-data" {
                    input type="hidden" name="csrf" value=(me.csrf);
                    div.form-grid.columns-2 {
                        (table) (missing)
                        div.field.is-full {
                            label.form-label for="import-files" { (tr!("Files")) span.field-required aria-hidden="true" { "*" } }
                            div.field-control {
                                input.form-control type="file" id="import-files" name="files" multiple required accept=".csv,.tsv,.txt,.xlsx,.xlsm,.zip" aria-describedby="import-files-help";
                                p.field-help id="import-files-help" { (tr!("Files that belong together, such as accounts and their opportunities, go in together.")) }
                            }
                        }
                    }
                    div.page-commands { button.btn.btn-primary type="submit" { (tr!("Look into the files")) } }
                }
            }
            (so_far(me, model, recent))
        }
    }
}

/// An import of the past, to be looked at again.
pub(crate) struct Recent {
    pub id: Uuid,
    pub name: String,
    /// Number of its status.
    pub status: i64,
    pub began: Timestamp,
    pub created: i64,
    pub left_out: i64,
}

/// The status of an import, in its colour.
fn status(model: &Model, number: i64) -> Badge {
    let column = model.table("importjob").and_then(|table| Some((table, table.column("statuscode")?)));
    let known = column.and_then(|(table, column)| {
        let status = table.status(i32::try_from(number).ok()?)?;
        Some(Badge::new(&status.label, cells::tone(table, column, number)))
    });
    known.unwrap_or_else(|| Badge::new("", Tone::Grey))
}

/// The last imports, with a way to the report of each.
fn so_far(me: &Me, model: &Model, recent: &[Recent]) -> Markup {
    let number = |count: i64| me.style.number(Decimal::from(count), 0);
    let rows = recent.iter().map(|import| {
        vec![
            html! { a href={ "/import/" (import.id) } { (import.name) } },
            status(model, import.status).render(),
            html! { (me.style.date_time(import.began)) },
            html! { (number(import.created)) },
            html! { (number(import.left_out)) },
        ]
    });
    let columns = [
        (tr!("Files"), false),
        (tr!("Status"), false),
        (tr!("Began"), false),
        (tr!("Created"), true),
        (tr!("Left out"), true),
    ];
    html! {
        @if !recent.is_empty() {
            section.page-card {
                h2 { (tr!("Imports so far")) }
                (PlainTable {
                    caption: tr!("Imports so far"),
                    columns: columns.map(|(label, number)| TableColumn { label, number }).to_vec(),
                    rows: rows.collect(),
                })
            }
        }
        p { a href="/importjobs" { (tr!("All imports")) } }
    }
}

/// An import as it is now.
pub(crate) fn draft(me: &Me, model: &Model, draft: &Draft) -> Markup {
    let now = draft.now();
    let here = format!("/import/{}", draft.id);
    let names = draft.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
    let at = match &now.stage {
        Stage::Mapping | Stage::Failed(_) if now.trial.is_none() => 1,
        Stage::Mapping | Stage::Failed(_) | Stage::Running { trial: true, .. } => 2,
        Stage::Running { trial: false, .. } | Stage::Done(_) => 3,
    };
    html! {
        div.page-plain {
            header { h1 { (tr!("Import")) } p { (names) } }
            (steps(at, Some(&here)))
            @match &now.stage {
                Stage::Running { control, trial } => { section.page-card { h2 { @if *trial { (tr!("Trial")) } @else { (tr!("Import")) } } (running(me, draft.id, control, *trial)) } }
                Stage::Done(report) => { (report::done(me, model, draft.id, report, false)) }
                Stage::Failed(message) => {
                    (Banner { tone: Tone::Red, icon: "alert-circle".to_owned(), text: message.clone(), commands: Vec::new() })
                    (mapping::form(me, model, draft, &now.mapping, None))
                }
                Stage::Mapping => { (mapping::form(me, model, draft, &now.mapping, now.trial.as_deref())) }
            }
        }
    }
}

fn steps(at: usize, here: Option<&str>) -> Steps {
    let step = |(place, label): (usize, String)| Step {
        label,
        state: match place.cmp(&at) {
            std::cmp::Ordering::Less => StepState::Done,
            std::cmp::Ordering::Equal => StepState::Current,
            std::cmp::Ordering::Greater => StepState::Ahead,
        },
        href: (place == 0 && here.is_some()).then(|| "/import".to_owned()),
    };
    Steps {
        steps: [tr!("Files"), tr!("Columns"), tr!("Trial"), tr!("Import")].into_iter().enumerate().map(step).collect(),
    }
}

/// How far a running one is; asks again every second.
pub(crate) fn running(me: &Me, id: Uuid, control: &Control, trial: bool) -> Progress {
    let progress = control.progress().borrow().clone();
    let number = |count: u64| me.style.number(Decimal::from(count), 0);
    let label =
        if trial { tr!("Checking without writing {}", progress.file) } else { tr!("Bringing in {}", progress.file) };
    let (done, total) = (number(progress.processed), number(progress.total));
    let text = match progress.failed {
        0 => tr!("{} of {} rows", done, total),
        failed => tr!("{} of {} rows, {} left out", done, total, number(failed)),
    };
    Progress {
        label,
        done: progress.processed,
        total: (progress.total > 0).then_some(progress.total),
        text,
        poll: Some(format!("/import/{id}/progress")),
        commands: vec![Command::new(
            tr!("Stop"),
            "player-stop",
            Action::Post { href: format!("/import/{id}/cancellation"), confirm: None },
        )],
    }
}

/// An import that this process does not run itself: of the past, or at work elsewhere; with the
/// number of its status.
pub(crate) fn past(me: &Me, model: &Model, id: Uuid, standing: &Standing, number: i64) -> Markup {
    html! {
        div.page-plain {
            header { h1 { (tr!("Import")) } p { (standing.name) " " (status(model, number)) } }
            (steps(3, None))
            @match &standing.report {
                Some(report) if !standing.at_work => { (report::done(me, model, id, report, standing.undone)) }
                report => { (report::elsewhere(me, model, id, standing, report.as_ref())) }
            }
        }
    }
}
