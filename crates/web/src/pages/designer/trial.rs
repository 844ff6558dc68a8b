//! A draft tried on a real record. Nothing is saved.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::process::design::{Design, Trial, TrialNext};
use language::{Language, tr, translated};
use maud::{Markup, html};
use model::{Model, Order, Reference, Table};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Badge, EmptyState, PageLayout, Tone, icon},
    failure::Failure,
    pages::lookup,
    posted::Typed,
    session::Me,
    view::{
        designer::{any_of, href, table_label},
        list::{address, text_filter},
        tables,
    },
};

/// Records offered to try a flow on.
const OFFERED: u32 = 10;

/// What is asked: which record, how many moves, whether empty steps are passed.
struct Asked {
    flow: String,
    words: String,
    table: String,
    record: Option<Uuid>,
    moves: usize,
    as_if: bool,
}

impl Asked {
    fn of(flow: &str, typed: &Typed) -> Self {
        Self {
            flow: flow.to_owned(),
            words: typed.text("q").trim().to_owned(),
            table: typed.text("table").to_owned(),
            record: typed.text("record").parse().ok(),
            moves: typed.text("moves").parse().unwrap_or(0),
            as_if: typed.text("as_if") == "1",
        }
    }

    /// The page of a record after so many moves.
    fn address(&self, record: &str, moves: usize, as_if: bool) -> String {
        let mut parameters =
            vec![("table", self.table.clone()), ("record", record.to_owned()), ("moves", moves.to_string())];
        parameters.extend(as_if.then(|| ("as_if", "1".to_owned())));
        address(&format!("{}/trial", href(&self.flow)), &parameters)
    }
}

/// The page: records to choose from, or the walk of the chosen one.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(flow): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let mut asked = Asked::of(&flow, &Typed::parse(&query.unwrap_or_default()));
    let design = site.app.designer().open(&me.caller, &flow).await?;
    let model = site.model();
    let worked_on = worked_on(&model, &me, &design);
    let table =
        worked_on.iter().find(|table| table.name == asked.table).or(worked_on.first()).ok_or(Failure::NoPage)?;
    asked.table.clone_from(&table.name);
    let content = match asked.record {
        Some(id) => walk(&site, &me, &model, table, id, &asked).await?,
        None => offered(&site, &me, &model, &worked_on, table, &asked).await?,
    };
    let content = html! {
        div.page-plain.designer {
            header.designer-title {
                div {
                    nav.record-trail aria-label=(tr!("Where this is")) { a href=(href(&flow)) { (icon("chevron-left")) span { (design.process.label) } } }
                    h1 { (tr!("Try “{}”", design.process.label)) }
                    p {
                        @if design.draft.is_some() { (tr!("Walk a real record through the draft. Nothing is saved.")) }
                        @else { (tr!("Walk a real record through the flow. Nothing is saved.")) }
                    }
                }
            }
            (content)
        }
    };
    Ok(me.page(&model, &tr!("Try a flow"), PageLayout::Scrolling, "process-designer", content))
}

/// The tables that the flow works on and the caller meets on pages, each once.
fn worked_on<'m>(model: &'m Model, me: &Me, design: &Design) -> Vec<&'m Table> {
    let process = &design.process;
    let mut names = vec![process.table.as_str()];
    for stage in &process.stages {
        if !stage.table.is_empty() && !names.contains(&stage.table.as_str()) {
            names.push(&stage.table);
        }
    }
    let known = names.into_iter().filter_map(|name| model.table(name)).map(AsRef::as_ref);
    known.filter(|table| tables::is_open_to(&me.caller, table)).collect()
}

async fn offered(
    site: &Site,
    me: &Me,
    model: &Model,
    worked_on: &[&Table],
    table: &Table,
    asked: &Asked,
) -> Result<Markup, Failure> {
    let columns = table.columns.values().filter(|column| column.is_stored()).map(|column| column.name.as_str());
    let mut query = site.app.new_query(&me.caller, &table.name).select(columns).take(OFFERED);
    query = if asked.words.is_empty() {
        query.order_by(Order::descending("modifiedon"))
    } else {
        query.matching(text_filter(table, &asked.words))
    };
    let (rows, names) = site.app.query_with_names(&me.caller, query).await?;
    let search = tr!("Search {}", Language::within_sentence(&translated(&table.plural_label)));
    let found = lookup::matches(me, model, table, &rows, &names);
    Ok(html! {
        section.page-card aria-labelledby="choose" {
            h2 id="choose" { (tr!("Choose a record")) }
            form.designer-search method="get" role="search" {
                @if worked_on.len() > 1 {
                    select.form-select name="table" aria-label=(tr!("Table")) {
                        @for offered in worked_on { option value=(offered.name) selected[offered.name == table.name] { (translated(&offered.plural_label)) } }
                    }
                } @else { input type="hidden" name="table" value=(table.name); }
                input.form-control type="search" name="q" value=(asked.words) placeholder=(search)
                    aria-label=(search) autocomplete="off";
                button.btn type="submit" { (icon("search")) span { (tr!("Search")) } }
            }
            @if found.is_empty() {
                (EmptyState { icon: "search".to_owned(), title: tr!("Nothing found"), text: tr!("Search by other words, or make a record first."), ..EmptyState::default() })
            } @else {
                p.page-note { @if asked.words.is_empty() { (tr!("Changed last:")) } @else { (tr!("Found:")) } }
                ul.designer-found {
                    @for one in &found {
                        li {
                            a href=(asked.address(&one.id, 0, false)) { (one.label) }
                            @if !one.secondary.is_empty() { small { (one.secondary) } }
                        }
                    }
                }
            }
        }
    })
}

async fn walk(site: &Site, me: &Me, model: &Model, table: &Table, id: Uuid, asked: &Asked) -> Result<Markup, Failure> {
    let record = Reference::new(table.name.as_str(), id);
    let trial = site.app.designer().try_on(&me.caller, &asked.flow, record.clone(), asked.moves, asked.as_if).await?;
    let named = trial.walked.iter().filter_map(|stage| stage.record.clone()).chain([record.clone()]).collect();
    let names = site.app.names(&me.caller, named).await?;
    let name = |record: &Reference| names.get(record).map_or_else(|| tr!("(no name)"), str::to_owned);
    let link = |record: &Reference| {
        html! {
            @match tables::reference_href(model, &me.caller, record) {
                Some(href) => a href=(href) { (name(record)) },
                None => (name(record)),
            }
        }
    };
    Ok(html! {
        section.page-card aria-labelledby="walk" {
            h2 id="walk" { (translated(&table.label)) ": " (link(&record)) }
            ol.trial-walk {
                @for (at, stage) in trial.walked.iter().enumerate() {
                    li .is-here[at + 1 == trial.walked.len()] aria-current=[(at + 1 == trial.walked.len()).then_some("step")] {
                        b { (stage.label) }
                        @match &stage.record {
                            Some(record) => span.trial-record { (table_label(model, &record.table)) ": " (link(record)) },
                            None => span.trial-record { (tr!("No record yet")) },
                        }
                        @if !stage.missing.is_empty() { span { (Badge::new(tr!("Required and empty"), Tone::Orange)) " " (stage.missing.join(", ")) } }
                    }
                }
                @for label in &trial.ahead { li.is-ahead { (label) } }
            }
            (next(&trial, asked, id))
        }
        (offers(&trial, table))
    })
}

fn next(trial: &Trial, asked: &Asked, id: Uuid) -> Markup {
    let id = id.to_string();
    let done = trial.walked.len().saturating_sub(1);
    html! {
        p role="status" {
            @match &trial.next {
                TrialNext::Stage(label) => (tr!("Next stage leads to {}.", label)),
                TrialNext::Missing => (tr!("Next stage would be refused: required steps are empty.")),
                TrialNext::NoRecord(stage, table) => (tr!("Next stage would be refused: “{}” works on another table, and there is no {} yet.", stage, Language::within_sentence(&translated(table)))),
                TrialNext::End => (tr!("This is the last stage: the flow can be finished here.")),
            }
        }
        div.page-commands {
            a.btn href={ (href(&asked.flow)) "/trial" } { (icon("search")) span { (tr!("Another record")) } }
            @if done > 0 { a.btn href=(asked.address(&id, 0, false)) { (icon("refresh")) span { (tr!("From the start")) } } }
            @match &trial.next {
                TrialNext::Stage(_) => a.btn.btn-primary href=(asked.address(&id, done + 1, asked.as_if)) { (icon("arrow-right")) span { (tr!("Next stage")) } },
                TrialNext::Missing => a.btn href=(asked.address(&id, done, true)) { (icon("checks")) span { (tr!("As if they were filled")) } },
                _ => {},
            }
        }
    }
}

/// Which flow a new record like this one would get.
fn offers(trial: &Trial, table: &Table) -> Markup {
    if trial.offers.is_empty() {
        return html! {};
    }
    let first = trial.offers.iter().position(|offer| offer.takes && offer.roles.is_empty());
    html! {
        section.page-card aria-labelledby="offers" {
            h2 id="offers" { (tr!("Which flow a new {} like this gets", Language::within_sentence(&translated(&table.label)))) }
            ol.trial-offers {
                @for (at, offer) in trial.offers.iter().enumerate() {
                    li {
                        @if offer.tried { b { (offer.label) } " " (tr!("(tried here)")) } @else { (offer.label) }
                        ": "
                        @if !offer.takes { (tr!("its rule is not fulfilled")) }
                        @else if !offer.roles.is_empty() { (tr!("for people with the role {}", any_of(&offer.roles))) }
                        @else if first == Some(at) { (tr!("for everybody else")) " " (Badge::new(tr!("This one"), Tone::Green)) }
                        @else { (tr!("comes too late in the order")) }
                    }
                }
            }
        }
    }
}
