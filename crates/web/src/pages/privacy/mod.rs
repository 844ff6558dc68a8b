//! Requests of people outside about their data: look for somebody, see everything found, hand it
//! out or erase it.

pub(crate) mod reports;
pub(crate) mod retention;

use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use crm::{
    Origin, Row, access,
    privacy::{ErasureRequest, Findings, HOLD, Item, Kind, Person, Report, Treatment},
};
use form_urlencoded::Serializer;
use language::{spoken, text, tr};
use maud::{Markup, Render, html};
use model::{Model, Reference};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Action, Command, EmptyState, PageLayout, PlainTable, TableColumn, icon},
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    session::Me,
    view::tables,
};

const ADDRESS: &str = "/privacy";
/// Reports listed.
const REPORTS: u32 = 50;

/// Kinds of what was found, with their heading and what it means.
const KINDS: [(Kind, &str, &str); 7] = [
    (Kind::Person, text!("Records about them"), text!("Anonymised or deleted, with their history.")),
    (Kind::About, text!("Activities, notes and connections"), text!("On records about them.")),
    (
        Kind::Party,
        text!("Activities they take part in"),
        text!("The activity stays and no longer says that they took part."),
    ),
    (
        Kind::Business,
        text!("Business that stays"),
        text!("Amounts and counts stay right; what they point at says nothing about anybody any more."),
    ),
    (
        Kind::FormerValue,
        text!("Former values of other records"),
        text!("The values are erased from the history; the records stay as they are."),
    ),
    (Kind::Deleted, text!("Deleted records"), text!("Their history is erased; they can no longer be brought back.")),
    (Kind::Import, text!("Imports"), text!("Rows that were left out are taken out of the import's file.")),
];

/// Where a search begins, and what was done so far.
pub(crate) async fn show(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    access::require_administrator(&me.caller, text!("answer requests about people's data"))?;
    let reports = site.app.privacy().reports(&me.caller, REPORTS).await?;
    let content = html! {
        div.page-plain {
            header {
                h1 { (tr!("Privacy")) }
                p { (tr!("Somebody asks what you know about them, or wants it erased: look for them by what they told you.")) }
            }
            section.page-card aria-labelledby="look" {
                h2 id="look" { (tr!("Look for a person")) }
                form method="get" action={ (ADDRESS) "/person" } {
                    (text_field("email", &tr!("E-mail address"), "email", ""))
                    (text_field("phone", &tr!("Phone number"), "tel", ""))
                    (text_field("name", &tr!("First and last name"), "text", ""))
                    div.page-commands { button.btn.btn-primary type="submit" { (icon("search")) span { (tr!("Look")) } } }
                }
            }
            section.page-card aria-labelledby="done" {
                h2 id="done" { (tr!("Done so far")) }
                @if reports.is_empty() {
                    (EmptyState {
                        icon: "shield-lock".to_owned(),
                        title: tr!("No request yet"),
                        text: tr!("Each export and erasure leaves a report here, without any personal data."),
                        ..EmptyState::default()
                    })
                } @else { (listed(&me, &reports)) }
                div.page-commands {
                    (Command::new(tr!("Retention rules"), "clock", Action::Link(format!("{ADDRESS}/retention"))))
                    (Command::new(tr!("Ledger of erasures"), "download", Action::Link(format!("{ADDRESS}/ledger"))))
                }
            }
        }
    };
    Ok(me.page(&site.model(), &tr!("Privacy"), PageLayout::Scrolling, "privacy", content))
}

fn listed(me: &Me, reports: &[Report]) -> Markup {
    let row = |report: &Report| {
        let name = if report.reference.is_empty() { tr!("Without a reference") } else { report.reference.clone() };
        vec![
            html! { a href=(reports::href(report.id)) { (name) } },
            html! { (reports::kind_of(report)) },
            html! { (report.records()) },
            html! { (me.style.date_time(report.at)) },
        ]
    };
    table(
        &tr!("Requests"),
        &[(tr!("Reference"), false), (tr!("Kind"), false), (tr!("Records"), true), (tr!("When"), false)],
        reports.iter().map(row),
    )
}

/// Everything found about a person.
pub(crate) async fn person(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let person = person_of(&Typed::parse(&query.unwrap_or_default()))?;
    let findings = match site.app.privacy().find(&me.caller, person).await {
        Ok(findings) => findings,
        Err(error @ crm::Error::Refused(_)) => {
            return Ok(me.go(ADDRESS, Some(Flash::failed(Failure::from(error).text()))));
        }
        Err(error) => return Err(error.into()),
    };
    let model = site.model();
    let known = findings.person.names.iter().chain(&findings.person.emails).chain(&findings.person.phones);
    let known: Vec<&str> = known.map(String::as_str).collect();
    let title = tr!("What is kept about a person");
    let content = html! {
        div.page-plain {
            header {
                (back())
                h1 { (title) }
                p { (known.join(", ")) }
            }
            @if findings.items.is_empty() && findings.mentions.is_empty() {
                section.page-card {
                    (EmptyState {
                        icon: "search".to_owned(),
                        title: tr!("Nothing is kept about them"),
                        text: tr!("No record, no history, no import and no text speaks of them."),
                        ..EmptyState::default()
                    })
                }
            } @else {
                (candidates(&me, &model, &findings))
                (erasure(&me, &model, &findings))
                (package(&me, &findings))
                (mentions(&me, &model, &findings))
            }
        }
    };
    Ok(me.page(&model, &title, PageLayout::Scrolling, "privacy", content))
}

/// Records that may be about them: a person decides.
fn candidates(me: &Me, model: &Model, findings: &Findings) -> Markup {
    let found: Vec<&Item> = findings.items.iter().filter(|item| item.kind == Kind::Candidate).collect();
    if found.is_empty() {
        return html! {};
    }
    let row = |item: &&Item| {
        let also = format!("{}/{}", item.record.table, item.record.id);
        let href = format!("{ADDRESS}/person?{}&record={also}", address_of(&findings.person));
        vec![
            linked(me, model, &item.record, &item.name),
            html! { (label(model, &item.record)) },
            html! { (item.reason) },
            html! { a href=(href) { (tr!("It is them")) span.visually-hidden { ": " (item.name) } } },
        ]
    };
    html! {
        section.page-card aria-labelledby="candidates" {
            h2 id="candidates" { (tr!("Perhaps about them, too")) }
            p { (tr!("Look at these and say which are about the same person; until then they are neither handed out nor erased.")) }
            (table(&tr!("Perhaps about them"), &[(tr!("Record"), false), (tr!("Table"), false), (tr!("Why"), false), (tr!("What to do"), false)], found.iter().map(row)))
        }
    }
}

/// What is to be erased, chosen row by row.
fn erasure(me: &Me, model: &Model, findings: &Findings) -> Markup {
    html! {
        form method="post" action={ (ADDRESS) "/person/erasure" } {
            (hidden(me, findings))
            @for (kind, heading, meaning) in KINDS {
                @let found = findings.items.iter().filter(|item| item.kind == kind).collect::<Vec<_>>();
                @if !found.is_empty() {
                    section.page-card {
                        h2 { (spoken(heading)) " (" (found.len()) ")" }
                        p { (spoken(meaning)) }
                        (table(
                            &spoken(heading),
                            &[(tr!("Erase"), false), (tr!("Record"), false), (tr!("Table"), false), (tr!("Why"), false)],
                            found.iter().map(|item| vec![
                                choice(item),
                                linked(me, model, &item.record, &item.name),
                                html! { (label(model, &item.record)) },
                                html! { (item.reason) @if item.held { strong { " " (tr!("Legal hold")) } } },
                            ]),
                        ))
                    }
                }
            }
            section.page-card aria-labelledby="erase" {
                h2 id="erase" { (tr!("Erase what is chosen")) }
                p { (tr!("For good: no undo and no history brings it back. A report without personal data is kept.")) }
                (radios("people", &tr!("Records about them"), [("anonymise", tr!("Anonymise: they stay for the counts and say nothing about anybody")), ("delete", tr!("Delete, where no record of business needs them"))]))
                (radios("about", &tr!("Activities and notes"), [("anonymise", tr!("Anonymise: when and what kind stays")), ("delete", tr!("Delete"))]))
                (text_field("reference", &tr!("Reference: the number you keep the request under, never a name"), "text", ""))
                (text_field("confirmation", &tr!("Write “{}” to confirm", word()), "text", ""))
                div.page-commands { button.btn.btn-danger type="submit" { (icon("trash")) span { (tr!("Erase for good")) } } }
            }
        }
    }
}

fn choice(item: &Item) -> Markup {
    if !item.is_erasable() {
        return html! { span { @if item.held { (tr!("Held")) } @else { (tr!("Stays")) } } };
    }
    let name = if item.name.is_empty() { tr!("the record without a name") } else { item.name.clone() };
    html! {
        input.form-check-input type="checkbox" name="chosen" value=(item.key()) checked[item.certain]
            aria-label=(tr!("Erase {}", name));
    }
}

/// Everything as one file for the person.
fn package(me: &Me, findings: &Findings) -> Markup {
    html! {
        section.page-card aria-labelledby="package" {
            h2 id="package" { (tr!("Hand out")) }
            p { (tr!("One ZIP file with everything that is surely about them: a page to read, tables and JSON for programs, the files and the history.")) }
            form method="post" action={ (ADDRESS) "/person/package" } {
                (hidden(me, findings))
                (text_field("package-reference", &tr!("Reference of the request"), "text", ""))
                div.page-commands { button.btn type="submit" { (icon("download")) span { (tr!("Download")) } } }
            }
        }
    }
}

fn mentions(me: &Me, model: &Model, findings: &Findings) -> Markup {
    if findings.mentions.is_empty() {
        return html! {};
    }
    let row = |mention: &crm::privacy::Mention| {
        vec![
            linked(me, model, &mention.record, &mention.name),
            html! { (label(model, &mention.record)) },
            html! { (mention.columns.join(", ")) },
        ]
    };
    html! {
        section.page-card aria-labelledby="mentions" {
            h2 id="mentions" { (tr!("To look at by a person")) " (" (findings.mentions.len()) ")" }
            p { (tr!("These records speak of them among other things. Nothing is changed in them: open them and decide.")) }
            (table(&tr!("Mentions"), &[(tr!("Record"), false), (tr!("Table"), false), (tr!("of a record" => "Columns"), false)], findings.mentions.iter().map(row)))
        }
    }
}

/// Erases what was chosen.
pub(crate) async fn erase(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let person = person_of(&typed)?;
    let back = format!("{ADDRESS}/person?{}", address_of(&person));
    if typed.text("confirmation").trim().to_lowercase() != word().to_lowercase() {
        let text = tr!("Nothing was erased: write “{}” in the last field to confirm.", word());
        return Ok(me.go(&back, Some(Flash::failed(text))));
    }
    let treatment = |name: &str| if typed.text(name) == "delete" { Treatment::Delete } else { Treatment::Anonymise };
    let request = ErasureRequest {
        person,
        chosen: Some(typed.all("chosen").map(str::to_owned).collect()),
        people: treatment("people"),
        about: treatment("about"),
        reference: typed.text("reference").to_owned(),
    };
    match site.app.privacy().erase(&me.caller, Origin::Page, request).await {
        Ok(report) => {
            let flash = match &report.left_behind {
                None => Flash::done(tr!("Erased.")),
                Some(reason) => Flash::failed(tr!(
                    "Erased for everybody, but bytes of it may still be in the database file: {}",
                    reason
                )),
            };
            Ok(me.go(&reports::href(report.id), Some(flash)))
        }
        Err(error @ (crm::Error::Refused(_) | crm::Error::Invalid(_))) => {
            Ok(me.go(&back, Some(Flash::failed(Failure::from(error).text()))))
        }
        Err(error) => Err(error.into()),
    }
}

/// Everything as a file.
pub(crate) async fn export(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let target = std::io::Cursor::new(Vec::new());
    let (person, reference) = (person_of(&typed)?, typed.text("package-reference"));
    let package = site.app.privacy().export(&me.caller, Origin::Page, person, reference, target).await?;
    let name = format!("personal-data-{}.zip", package.report.at.strftime("%Y-%m-%d"));
    Ok(attachment("application/zip", &name, package.target.into_inner()))
}

/// Places a record under legal hold, or ends that.
pub(crate) async fn hold(
    State(site): State<Site>,
    Address((set_name, id, held)): Address<(String, Uuid, bool)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    access::require_administrator(&me.caller, text!("place records under legal hold"))?;
    let name = table.name.clone();
    let changed = site.app.work(&me.caller, Origin::Page, move |work| {
        work.update(&name, id, Row::new().with(HOLD, held), None)?;
        Ok::<_, crm::Error>(work.act())
    });
    let text =
        if held { tr!("Under legal hold: nothing of it is erased.") } else { tr!("No longer under legal hold.") };
    let act = changed.await?;
    Ok(me.go(&tables::row_href(&table, id), Some(Flash::done(text).undo(act))))
}
/// Whom a form or an address speaks of.
fn person_of(typed: &Typed) -> Result<Person, Failure> {
    let all = |name: &'static str| typed.all(name).map(|text| text.trim().to_owned()).collect::<Vec<_>>();
    let record = |text: &str| {
        let (table, id) = text.split_once('/')?;
        Some(Reference::new(table, id.parse().ok()?))
    };
    let records =
        typed.all("record").map(|text| record(text).ok_or_else(|| Failure::Bad(tr!("“{}” names no record", text))));
    Ok(Person {
        records: records.collect::<Result<_, _>>()?,
        emails: all("email"),
        phones: all("phone"),
        names: all("name"),
    })
}

/// The same as the query of an address.
fn address_of(person: &Person) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in fields_of(person) {
        query.append_pair(name, &value);
    }
    query.finish()
}

fn fields_of(person: &Person) -> Vec<(&'static str, String)> {
    let records = person.records.iter().map(|record| ("record", format!("{}/{}", record.table, record.id)));
    let emails = person.emails.iter().map(|email| ("email", email.clone()));
    let phones = person.phones.iter().map(|phone| ("phone", phone.clone()));
    let names = person.names.iter().map(|name| ("name", name.clone()));
    records.chain(emails).chain(phones).chain(names).collect()
}

fn hidden(me: &Me, findings: &Findings) -> Markup {
    html! {
        input type="hidden" name="csrf" value=(me.csrf);
        @for (name, value) in fields_of(&findings.person) { input type="hidden" name=(name) value=(value); }
    }
}

fn text_field(name: &str, label: &str, kind: &str, value: &str) -> Markup {
    html! {
        div.ask {
            label.form-label for=(name) { (label) }
            input.form-control id=(name) name=(name) type=(kind) value=(value) autocomplete="off";
        }
    }
}

fn radios(name: &str, legend: &str, choices: [(&str, String); 2]) -> Markup {
    html! {
        fieldset.ask {
            legend.form-label { (legend) }
            @for (place, (value, label)) in choices.iter().enumerate() {
                label.form-check {
                    input.form-check-input type="radio" name=(name) value=(value) checked[place == 0];
                    span.form-check-label { (label) }
                }
            }
        }
    }
}

fn table(caption: &str, columns: &[(String, bool)], rows: impl Iterator<Item = Vec<Markup>>) -> Markup {
    PlainTable {
        caption: caption.to_owned(),
        columns: columns.iter().map(|(label, number)| TableColumn { label: label.clone(), number: *number }).collect(),
        rows: rows.collect(),
    }
    .render()
}

fn linked(me: &Me, model: &Model, record: &Reference, name: &str) -> Markup {
    let name = if name.is_empty() { tr!("(no name)") } else { name.to_owned() };
    html! {
        @match tables::reference_href(model, &me.caller, record) {
            Some(href) => a href=(href) { (name) },
            None => (name),
        }
    }
}

fn label(model: &Model, record: &Reference) -> String {
    model.table(&record.table).map_or_else(|| record.table.clone(), |table| table.label.clone())
}
/// What has to be written before anything is erased.
fn word() -> String {
    tr!("what confirms" => "erase")
}
fn back() -> Markup {
    html! {
        nav.record-trail aria-label=(tr!("Where this is")) {
            a href=(ADDRESS) { (icon("chevron-left")) span { (tr!("Privacy")) } }
        }
    }
}

fn attachment(kind: &'static str, name: &str, content: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, content).into_response()
}
