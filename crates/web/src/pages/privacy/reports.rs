//! What was done by one request: on a page, and for programs.

use axum::{extract::State, response::Response};
use crm::privacy::Report;
use language::{Language, spoken, tr, translated};
use maud::html;
use model::{Model, Reference};
use uuid::Uuid;

use super::{ADDRESS, attachment, back, label, linked, table};
use crate::{
    address::Address,
    app::Site,
    components::{Action, Command, PageLayout},
    failure::Failure,
    session::Me,
};

/// What was done by one request.
pub(crate) async fn show(State(site): State<Site>, me: Me, Address(id): Address<Uuid>) -> Result<Response, Failure> {
    let report = site.app.privacy().report(&me.caller, id).await?;
    let (model, english) = (site.model(), site.app.model());
    let title = title_of(&report);
    let mut counts: Vec<(String, String, usize)> = Vec::new();
    for step in &report.steps {
        let label = label(&model, &Reference::new(step.table.as_str(), step.id));
        let did = did(step);
        match counts.iter_mut().find(|(known, what, _)| *known == label && *what == did) {
            Some((.., count)) => *count += 1,
            None => counts.push((label, did, 1)),
        }
    }
    let mut kept: Vec<(String, String, usize)> = Vec::new();
    for one in &report.kept {
        let label = label(&model, &Reference::new(one.table.as_str(), one.id));
        let why = why(&english, &one.why);
        match kept.iter_mut().find(|(known, known_why, _)| *known == label && *known_why == why) {
            Some((.., count)) => *count += 1,
            None => kept.push((label, why, 1)),
        }
    }
    let row =
        |(label, what, count): &(String, String, usize)| vec![html! { (label) }, html! { (what) }, html! { (count) }];
    let content = html! {
        div.page-plain {
            header {
                (back())
                h1 { (title) }
                p { (report.reference) " " (me.style.date_time(report.at)) }
            }
            section.page-card {
                h2 { (tr!("What was done")) }
                (table(&tr!("What was done"), &[(tr!("Table"), false), (tr!("What"), false), (tr!("Records"), true)], counts.iter().map(row)))
                p { (tr!("{} entries of the history were erased, {} files.", report.history_entries, report.files)) }
            }
            @if !kept.is_empty() {
                section.page-card {
                    h2 { (tr!("What stays, and why")) }
                    (table(&tr!("What stays"), &[(tr!("Table"), false), (tr!("Why"), false), (tr!("Records"), true)], kept.iter().map(row)))
                }
            }
            @if !report.mentioned.is_empty() {
                section.page-card {
                    h2 { (tr!("To look at by a person")) }
                    ul { @for record in &report.mentioned { li { (linked(&me, &model, record, &label(&model, record))) } } }
                }
            }
            div.page-commands { (Command::new(tr!("Download as JSON"), "download", Action::Link(format!("{}/json", href(id))))) }
        }
    };
    Ok(me.page(&model, &title, PageLayout::Scrolling, "privacy", content))
}

/// The same for programs.
pub(crate) async fn json(State(site): State<Site>, me: Me, Address(id): Address<Uuid>) -> Result<Response, Failure> {
    let report = site.app.privacy().report(&me.caller, id).await?;
    json_file(&format!("privacy-report-{id}.json"), &report)
}

/// All erasures, to be kept apart from the backups.
pub(crate) async fn ledger(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    let ledger = site.app.privacy().ledger(&me.caller).await?;
    json_file("erasures.json", &ledger)
}
pub(super) fn kind_of(report: &Report) -> String {
    match report.kind {
        crm::privacy::ReportKind::Export => tr!("Export"),
        crm::privacy::ReportKind::Erasure => tr!("Erasure"),
        crm::privacy::ReportKind::Retention => tr!("Retention"),
    }
}

fn title_of(report: &Report) -> String {
    match report.kind {
        crm::privacy::ReportKind::Export => tr!("Export report"),
        crm::privacy::ReportKind::Erasure => tr!("Erasure report"),
        crm::privacy::ReportKind::Retention => tr!("Retention report"),
    }
}

/// Why a record was kept: in the report it stands in English.
fn why(english: &Model, why: &str) -> String {
    let others = why.strip_prefix("anonymised instead of deleted, since a record of ");
    let Some(others) = others.and_then(|rest| rest.strip_suffix(" points at it")) else {
        return spoken(why).into_owned();
    };
    let table = english.tables.values().find(|table| table.plural_label.to_lowercase() == others);
    let others =
        table.map_or_else(|| others.to_owned(), |table| Language::within_sentence(&translated(&table.plural_label)));
    tr!("anonymised instead of deleted, since a record of {} points at it", others)
}

fn did(step: &crm::privacy::Step) -> String {
    use crm::privacy::Did;
    match &step.did {
        Did::Exported => tr!("handed out"),
        Did::Anonymised => tr!("anonymised"),
        Did::Deleted => tr!("deleted"),
        Did::Unlinked => tr!("no longer says who took part"),
        Did::HistoryErased { .. } => tr!("history erased"),
        Did::RowsTakenOut { .. } => tr!("rows taken out"),
    }
}

pub(super) fn href(id: Uuid) -> String {
    format!("{ADDRESS}/reports/{id}")
}

fn json_file(name: &str, value: &impl serde::Serialize) -> Result<Response, Failure> {
    let text = serde_json::to_vec_pretty(value).map_err(|error| Failure::Bad(error.to_string()))?;
    Ok(attachment("application/json", name, text))
}

#[cfg(test)]
mod tests {
    use language::in_language;

    use super::*;

    #[tokio::test]
    async fn why_a_record_was_kept_is_told_in_the_language_of_the_reader() {
        language::start();
        let english = Model::shipped().unwrap();
        let stored = "anonymised instead of deleted, since a record of opportunities points at it";
        assert_eq!(why(&english, stored), stored);
        let german = in_language(Language::German, async { why(&english, stored) }).await;
        assert!(german.contains("Verkaufschancen") && !german.contains("opportunities"), "{german}");
    }
}
