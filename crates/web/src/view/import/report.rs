//! What an import would do, or did.

use crm::import::{FileReport, Report, Standing, plan::Duplicates};
use maud::{Markup, html};
use model::Model;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    components::{Action, Banner, Command, Tone},
    session::Me,
};

/// What a trial says would be done.
pub(super) fn trial(me: &Me, model: &Model, id: Uuid, report: &Report) -> Markup {
    html! {
        section.page-card {
            h2 { "What would be done" }
            @if report.customisations.is_empty() { p { "Nothing has been written yet." } } @else {
                p { "Nothing has been written yet. The import would also add:" }
                (additions(&report.customisations))
            }
            @for (place, file) in report.files.iter().enumerate() { (file_report(me, model, id, place, file)) }
        }
    }
}

/// What was done, with what is left to do about it.
pub(super) fn done(me: &Me, model: &Model, id: Uuid, report: &Report, undone: bool) -> Markup {
    let missing = report.failed() + report.unreached();
    let rest = if missing == 0 {
        String::new()
    } else {
        let them = if missing == 1 { "it" } else { "them" };
        format!(" {}: download {them}, correct {them}, and import that file.", not_in(me, missing))
    };
    let (tone, icon, text) = match (&report.broke_off, report.canceled) {
        _ if undone => (Tone::Grey, "arrow-back-up", "The import was undone.".to_owned()),
        (Some(reason), _) if report.interrupted => (
            Tone::Red,
            "alert-circle",
            format!("The import was interrupted: {reason}. What is in stays; you can undo it.{rest}"),
        ),
        (Some(reason), _) => (
            Tone::Red,
            "alert-circle",
            format!("The import broke off: {reason}. What is in stays; you can undo it.{rest}"),
        ),
        (None, true) => {
            (Tone::Orange, "player-stop", format!("The import was stopped. What is in stays; you can undo it.{rest}"))
        }
        (None, false) if missing == 0 => (Tone::Green, "circle-check", "Everything is in.".to_owned()),
        (None, false) => (Tone::Orange, "alert-triangle", rest.trim_start().to_owned()),
    };
    let undo =
        Action::Post { href: format!("/import/{id}/undo"), confirm: Some("Take the whole import back?".to_owned()) };
    let undo = Some(Command::new("Undo the import", "arrow-back-up", undo)).filter(|_| !undone);
    html! {
        (Banner { tone, icon: icon.to_owned(), text, commands: undo.into_iter().collect() })
        section.page-card {
            h2 { "Report" }
            (additions(&report.customisations))
            @for (place, file) in report.files.iter().enumerate() { (file_report(me, model, id, place, file)) }
        }
        div.page-commands { (Command::new("Import more", "file-import", Action::Link("/import".to_owned()))) }
    }
}

fn file_report(me: &Me, model: &Model, id: Uuid, place: usize, file: &FileReport) -> Markup {
    let number = |count: u64| me.style.number(Decimal::from(count), 0);
    let table = model.table(&file.table);
    let besides = file
        .created_besides
        .iter()
        .map(|(name, count)| (model.table(name).map_or(name.clone(), |table| table.plural_label.clone()), *count));
    let mut counts: Vec<(String, u64)> = [
        ("Rows", file.rows),
        ("Created", file.created),
        ("Updated", file.updated),
        ("Unchanged", file.unchanged),
        ("Skipped", file.skipped),
        ("Left out", file.failed),
        ("Not reached", file.unreached),
    ]
    .into_iter()
    .filter(|(label, count)| *count > 0 || matches!(*label, "Rows" | "Created" | "Left out"))
    .map(|(label, count)| (label.to_owned(), count))
    .collect();
    counts.extend(besides.map(|(label, count)| (format!("{label} besides"), count)));
    html! {
        h3 { (file.file) " → " @match table {
            Some(table) => a href={ "/" (table.set_name) } { (table.plural_label) },
            None => (file.table),
        } }
        dl.numbers { @for (label, count) in counts { div { dt { (label) } dd { (number(count)) } } } }
        p { (found_by(file)) }
        @if !file.warnings.is_empty() {
            ul {
                @for warning in &file.warnings {
                    li { (warning.message) " (" (number(warning.count)) (if warning.count == 1 { " row" } else { " rows" }) @if !warning.rows.is_empty() { ": " (rows(&warning.rows, warning.count)) } ")" }
                }
            }
        }
        @if !file.failed_rows.is_empty() { (Command::new("Download the rows that are not in", "download", Action::Link(format!("/import/{id}/failed/{place}")))) }
    }
}

fn rows(numbers: &[u64], count: u64) -> String {
    let listed = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    if count > numbers.len() as u64 { format!("{listed} …") } else { listed }
}

/// What was added to the model; a long list is folded up.
fn additions(told: &[String]) -> Markup {
    const SHORT: usize = 6;
    let list = html! { ul { @for added in told { li { (added) } } } };
    if told.is_empty() {
        return html! {};
    }
    html! {
        @if told.len() > SHORT { details { summary { (told.len()) " columns and options added" } (list) } } @else { (list) }
    }
}

fn not_in(me: &Me, count: u64) -> String {
    match count {
        1 => "1 row is not in".to_owned(),
        count => format!("{} rows are not in", me.style.number(Decimal::from(count), 0)),
    }
}

/// How rows that were there already were found, and what became of them.
fn found_by(file: &FileReport) -> String {
    let then = match file.duplicates {
        Duplicates::Skip => "stay as they are",
        Duplicates::Update => "are updated",
        Duplicates::Create => "are created once more",
    };
    match file.found_by.as_str() {
        "" => "Every row is new: nothing tells whether it is there already.".to_owned(),
        keys => format!("Rows that are there already, found by {keys}, {then}."),
    }
}

/// An import at work in another process, or one of which nothing more is known.
pub(super) fn elsewhere(me: &Me, model: &Model, id: Uuid, standing: &Standing, report: Option<&Report>) -> Markup {
    let number = |count: u64| me.style.number(Decimal::from(count), 0);
    let text = if standing.at_work {
        format!(
            "This import is at work: {} of {} rows. Where the process that ran it has ended, that is noticed within a minute; look again then.",
            number(standing.processed),
            number(standing.total)
        )
    } else {
        "Nothing more is known of this import.".to_owned()
    };
    let again = Command::new("Look again", "refresh", Action::Link(format!("/import/{id}")));
    html! {
        (Banner { tone: Tone::Orange, icon: "alert-triangle".to_owned(), text, commands: vec![again] })
        @if let Some(report) = report {
            section.page-card {
                h2 { "So far" }
                @for (place, file) in report.files.iter().enumerate() { (file_report(me, model, id, place, file)) }
            }
        }
    }
}
