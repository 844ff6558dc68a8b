//! What an import would do, or did.

use crm::import::{FileReport, Report, Standing, plan::Duplicates};
use language::{spoken, tr};
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
            h2 { (tr!("What would be done")) }
            @if report.customisations.is_empty() { p { (tr!("Nothing has been written yet.")) } } @else {
                p { (tr!("Nothing has been written yet. The import would also add:")) }
                (additions(&report.customisations))
            }
            @for (place, file) in report.files.iter().enumerate() { (file_report(me, model, id, place, file)) }
        }
    }
}

/// What was done, with what is left to do about it.
pub(super) fn done(me: &Me, model: &Model, id: Uuid, report: &Report, undone: bool) -> Markup {
    let missing = report.failed() + report.unreached();
    let rest = match missing {
        0 => String::new(),
        missing => format!(
            " {}",
            tr!(
                "1 row is not in: download it, correct it, and import that file."
                    | "{count} rows are not in: download them, correct them, and import that file." % missing,
                count = me.style.number(Decimal::from(missing), 0)
            )
        ),
    };
    let (tone, icon, text) = match (&report.broke_off, report.canceled) {
        _ if undone => (Tone::Grey, "arrow-back-up", tr!("The import was undone.")),
        (Some(reason), _) if report.interrupted => (
            Tone::Red,
            "alert-circle",
            tr!("The import was interrupted: {}. What is in stays; you can undo it.{}", spoken(reason), rest),
        ),
        (Some(reason), _) => (
            Tone::Red,
            "alert-circle",
            tr!("The import broke off: {}. What is in stays; you can undo it.{}", spoken(reason), rest),
        ),
        (None, true) => {
            (Tone::Orange, "player-stop", tr!("The import was stopped. What is in stays; you can undo it.{}", rest))
        }
        (None, false) if missing == 0 => (Tone::Green, "circle-check", tr!("Everything is in.")),
        (None, false) => (Tone::Orange, "alert-triangle", rest.trim_start().to_owned()),
    };
    let undo = Action::Post { href: format!("/import/{id}/undo"), confirm: Some(tr!("Take the whole import back?")) };
    let undo = Some(Command::new(tr!("Undo the import"), "arrow-back-up", undo)).filter(|_| !undone);
    html! {
        (Banner { tone, icon: icon.to_owned(), text, commands: undo.into_iter().collect() })
        section.page-card {
            h2 { (tr!("Report")) }
            (additions(&report.customisations))
            @for (place, file) in report.files.iter().enumerate() { (file_report(me, model, id, place, file)) }
        }
        div.page-commands { (Command::new(tr!("Import more"), "file-import", Action::Link("/import".to_owned()))) }
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
        (true, tr!("Rows"), file.rows),
        (true, tr!("Created"), file.created),
        (false, tr!("Updated"), file.updated),
        (false, tr!("Unchanged"), file.unchanged),
        (false, tr!("Skipped"), file.skipped),
        (true, tr!("Left out"), file.failed),
        (false, tr!("Not reached"), file.unreached),
    ]
    .into_iter()
    .filter(|(always, _, count)| *always || *count > 0)
    .map(|(_, label, count)| (label, count))
    .collect();
    counts.extend(besides.map(|(label, count)| (tr!("{} besides", label), count)));
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
                    li { (warning.message) " (" (tr!("1 row" | "{count} rows" % warning.count, count = number(warning.count))) @if !warning.rows.is_empty() { ": " (rows(&warning.rows, warning.count)) } ")" }
                }
                @if file.unlisted > 0 {
                    li { (tr!("further warnings of other kinds, not listed")) " (" (tr!("1 row" | "{count} rows" % file.unlisted, count = number(file.unlisted))) ")" }
                }
            }
        }
        @if !file.failed_rows.is_empty() { (Command::new(tr!("Download the rows that are not in"), "download", Action::Link(format!("/import/{id}/failed/{place}")))) }
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
        @if told.len() > SHORT { details { summary { (tr!("{} columns and options added", told.len())) } (list) } } @else { (list) }
    }
}

/// How rows that were there already were found, and what became of them.
fn found_by(file: &FileReport) -> String {
    match (file.found_by.as_str(), file.duplicates) {
        ("", _) => tr!("Every row is new: nothing tells whether it is there already."),
        (keys, Duplicates::Skip) => tr!("Rows that are there already, found by {}, stay as they are.", keys),
        (keys, Duplicates::Update) => tr!("Rows that are there already, found by {}, are updated.", keys),
        (keys, Duplicates::Create) => tr!("Rows that are there already, found by {}, are created once more.", keys),
    }
}

/// An import at work in another process, or one of which nothing more is known.
pub(super) fn elsewhere(me: &Me, model: &Model, id: Uuid, standing: &Standing, report: Option<&Report>) -> Markup {
    let number = |count: u64| me.style.number(Decimal::from(count), 0);
    let text = if standing.at_work {
        tr!(
            "This import is at work: {} of {} rows. Where the process that ran it has ended, that is noticed within a minute; look again then.",
            number(standing.processed),
            number(standing.total)
        )
    } else {
        tr!("Nothing more is known of this import.")
    };
    let again = Command::new(tr!("Look again"), "refresh", Action::Link(format!("/import/{id}")));
    html! {
        (Banner { tone: Tone::Orange, icon: "alert-triangle".to_owned(), text, commands: vec![again] })
        @if let Some(report) = report {
            section.page-card {
                h2 { (tr!("So far")) }
                @for (place, file) in report.files.iter().enumerate() { (file_report(me, model, id, place, file)) }
            }
        }
    }
}
