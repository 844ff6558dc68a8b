//! How long records stay in the stages of a flow and how many go on, as a table and a chart.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::process::{Flow, Period, StageStatistics, Statistics};
use jiff::SignedDuration;
use language::{spoken, text, tr};
use maud::{Markup, Render, html};

use crate::{
    address::Address,
    app::Site,
    components::{EmptyState, PageLayout, PlainTable, StageBar, StageChart, TableColumn},
    failure::Failure,
    posted::Typed,
    session::Me,
    view::process::duration,
};

const ADDRESS: &str = "/process-flows";

/// The periods that can be chosen, with what they are called in addresses.
const PERIODS: &[(&str, &str, Period)] = &[
    ("", text!("All of the time"), Period::Always),
    ("quarter", text!("Last 90 days"), Period::Quarter),
    ("year", text!("Last 365 days"), Period::Year),
];

/// The first flow.
pub(crate) async fn first(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    match site.app.processes().flows(&me.caller).first() {
        Some(flow) => Ok(me.go(&format!("{ADDRESS}/{}", flow.name), None)),
        None => {
            Ok(page(&site, &me, &html! { div.page-plain { header { h1 { (tr!("Process flows")) } } (nothing()) } }))
        }
    }
}

/// One flow.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(flow): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    let (word, _, period) = PERIODS.iter().find(|(word, ..)| *word == asked.text("period")).unwrap_or(&PERIODS[0]);
    let flows = site.app.processes().flows(&me.caller);
    if !flows.iter().any(|known| known.name == flow) {
        return Err(Failure::NoPage);
    }
    let statistics = site.app.processes().statistics(&me.caller, flow.clone(), *period).await?;
    let content = html! {
        div.page-plain {
            header { h1 { (tr!("Process flows")) } p { (tr!("How long records stay in each stage, and how many go on.")) } }
            (choice(&flows, &flow, word))
            (report(&me, &statistics))
        }
    };
    Ok(page(&site, &me, &content))
}

fn page(site: &Site, me: &Me, content: &Markup) -> Response {
    me.page(&site.model(), &tr!("Process flows"), PageLayout::Scrolling, "process-flows", content.clone())
}

fn choice(flows: &[Flow], present: &str, period: &str) -> Markup {
    let href = |flow: &str, period: &str| {
        if period.is_empty() { format!("{ADDRESS}/{flow}") } else { format!("{ADDRESS}/{flow}?period={period}") }
    };
    html! {
        div.flow-choice {
            nav aria-label=(tr!("Flow")) {
                @for flow in flows {
                    a.btn .is-current[flow.name == present] href=(href(&flow.name, period))
                        aria-current=[(flow.name == present).then_some("page")] { (flow.label) }
                }
            }
            nav aria-label=(tr!("Period")) {
                @for (word, label, _) in PERIODS {
                    a.btn .is-current[*word == period] href=(href(present, word))
                        aria-current=[(*word == period).then_some("true")] { (spoken(label)) }
                }
            }
        }
    }
}

fn report(me: &Me, statistics: &Statistics) -> Markup {
    if statistics.stages.iter().all(|stage| stage.entered == 0) {
        return nothing();
    }
    html! {
        section.page-card {
            h2 { (statistics.label) }
            (chart(me, statistics))
            (table(me, statistics))
            p.page-note {
                (tr!("An entry counts each time a record comes into a stage; a new record comes into the first one.")) " "
                (tr!("“Not left” holds the records that stand in the stage and those that were closed in it.")) " "
                (tr!("Average and median are of the stays that are over; the median is that of the latest thousand.")) " "
                (tr!("You see the records that you may read."))
            }
        }
    }
}

fn chart(me: &Me, statistics: &Statistics) -> StageChart {
    let bar = |stage: &StageStatistics| StageBar {
        label: stage.label.clone(),
        value: stage.entered,
        part: stage.moved_on,
        text: match stage.conversion() {
            Some(share) => went_on(stage, &me.style.number(stage.entered.into(), 0), share),
            None => tr!("no entries"),
        },
    };
    let bars: Vec<StageBar> = statistics.stages.iter().filter(|stage| !stage.former).map(bar).collect();
    let told: Vec<String> = bars.iter().map(|bar| format!("{}: {}", bar.label, bar.text)).collect();
    StageChart {
        description: tr!("Entries of each stage and how many went on. {}.", told.join("; ")),
        whole: tr!("Entered"),
        part: tr!("Moved on"),
        bars,
    }
}

fn went_on(stage: &StageStatistics, entered: &str, share: u64) -> String {
    if stage.last {
        tr!("{}, {share} % finished", entered, share)
    } else {
        tr!("{}, {share} % moved on", entered, share)
    }
}

fn table(me: &Me, statistics: &Statistics) -> PlainTable {
    let number = |count: u64| html! { (me.style.number(count.into(), 0)) };
    let time = |span: Option<SignedDuration>| html! { (span.map_or_else(|| "–".to_owned(), duration)) };
    let row = |stage: &StageStatistics| {
        vec![
            html! { strong { (stage.label) } @if stage.former { " " (tr!("(earlier version)")) } },
            number(stage.entered),
            number(stage.moved_on),
            html! { (stage.conversion().map_or_else(|| "–".to_owned(), |share| format!("{share} %"))) },
            number(stage.moved_back),
            number(stage.given_up),
            number(stage.not_left()),
            time(stage.average),
            time(stage.median),
        ]
    };
    let columns = [
        (tr!("Stage"), false),
        (tr!("Entries"), true),
        (tr!("Moved on"), true),
        (tr!("Conversion"), true),
        (tr!("Moved back"), true),
        (tr!("Given up"), true),
        (tr!("Not left"), true),
        (tr!("Average time"), true),
        (tr!("Median time"), true),
    ];
    PlainTable {
        caption: tr!("Stages of {}", statistics.label),
        columns: columns.map(|(label, number)| TableColumn { label, number }).into(),
        rows: statistics.stages.iter().map(row).collect(),
    }
}

fn nothing() -> Markup {
    EmptyState {
        icon: "stairs".to_owned(),
        title: tr!("No record went through this flow yet"),
        text: tr!(
            "As soon as records move through its stages, the time in each and the share that goes on are shown here."
        ),
        ..EmptyState::default()
    }
    .render()
}
