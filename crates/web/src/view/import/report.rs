//! What an import would do, or did.

use crm::import::{FileReport, Report, plan::Duplicates};
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
pub(super) fn done(me: &Me, model: &Model, id: Uuid, report: &Report) -> Markup {
    let missing = report.failed() + report.unreached();
    let rest = if missing == 0 {
        String::new()
    } else {
        let them = if missing == 1 { "it" } else { "them" };
        format!(" {}: download {them}, correct {them}, and import that file.", not_in(me, missing))
    };
    let (tone, icon, text) = match (&report.broke_off, report.canceled) {
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
    html! {
        (Banner { tone, icon: icon.to_owned(), text, commands: vec![Command::new("Undo the import", "arrow-back-up", undo)] })
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

/// An import whose end nobody knows: it runs, or broke off.
pub(super) fn unfinished(id: Uuid, left_out: &[String]) -> Markup {
    let text =
        "This import has not told its end: it still runs, or was broken off. What is in stays and can be undone.";
    let undo =
        Action::Post { href: format!("/import/{id}/undo"), confirm: Some("Take the whole import back?".to_owned()) };
    let banner = Banner {
        tone: Tone::Orange,
        icon: "alert-triangle".to_owned(),
        text: text.to_owned(),
        commands: vec![Command::new("Undo the import", "arrow-back-up", undo)],
    };
    html! {
        (banner)
        @if !left_out.is_empty() {
            section.page-card {
                h2 { "Rows that are not in" }
                @for (place, file) in left_out.iter().enumerate() {
                    (Command::new(format!("Download those of {file}"), "download", Action::Link(format!("/import/{id}/failed/{place}"))))
                }
            }
        }
    }
}
