//! All flows, by table: which lead new records, in which order, what is drafted.

use axum::{extract::State, http::StatusCode, response::Response};
use crm::{
    Origin,
    process::design::{FlowState, FlowSummary},
};
use language::{tr, translated};
use maud::{Markup, Render, html};
use model::{Model, PartOrigin};

use super::{again, asked, dialog};
use crate::{
    address::Address,
    app::Site,
    components::{
        Badge, Command, Control, Dialog, Field, PageLayout, PlainTable, TableColumn, Tone, fields::ChoiceOption, icon,
    },
    failure::Failure,
    flash::Flash,
    pages::customizations,
    posted::Posted,
    respond::{fragment, html as answer},
    session::Me,
    view::{
        designer::{ADDRESS, href, table_label, tables},
        record::errors_of,
    },
};

/// The flows of every table.
pub(crate) async fn show(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    let flows = site.app.designer().flows(&me.caller).await?;
    let model = site.model();
    let mut tables: Vec<(&String, &Vec<FlowSummary>)> = flows.iter().collect();
    tables
        .sort_by_key(|(table, _)| model.table(table).map_or(usize::MAX, |table| crate::view::navigation::rank(table)));
    let new = crate::components::Action::Dialog(format!("{ADDRESS}/new"));
    let past = crate::components::Action::Link(customizations::ADDRESS.to_owned());
    let content = html! {
        div.page-plain.designer-list {
            header.designer-title {
                div {
                    h1 { (tr!("Flow designer")) }
                    p { (tr!("Process flows lead people through the stages of a record. A new record gets the first active flow of its table, in order, that is for its maker's roles and whose rule it fulfils.")) }
                }
                div.designer-commands {
                    (Command::new(tr!("Published customisations"), "history", past))
                    (Command::new(tr!("New flow"), "plus", new).primary())
                }
            }
            @for (table, flows) in tables {
                section.page-card aria-labelledby={ "of-" (table) } {
                    h2 id={ "of-" (table) } { (model.table(table).map_or(table.as_str().into(), |table| translated(&table.plural_label))) }
                    (listed(&me, &model, table, flows))
                }
            }
        }
    };
    Ok(me.page(&model, &tr!("Flow designer"), PageLayout::Scrolling, "process-designer", content))
}

fn listed(me: &Me, model: &Model, table: &str, flows: &[FlowSummary]) -> PlainTable {
    let published = flows.iter().filter(|flow| flow.state != FlowState::Draft).count();
    let columns = [
        (tr!("Flow"), false),
        (tr!("State"), false),
        (tr!("whom it leads" => "Leads"), false),
        (tr!("Stages"), true),
        (tr!("Commands"), false),
    ];
    let row = |(at, flow): (usize, &FlowSummary)| {
        vec![
            html! { a href=(href(&flow.name)) { strong { (flow.label) } } },
            html! { span.designer-badges { (state(flow)) } },
            html! { (leads(flow)) },
            html! { (flow.stages) },
            html! { (commands(me, flow, at, published)) },
        ]
    };
    PlainTable {
        caption: tr!("Flows of {}", table_label(model, table)),
        columns: columns.map(|(label, number)| TableColumn { label, number }).into(),
        rows: flows.iter().enumerate().map(row).collect(),
    }
}

fn state(flow: &FlowSummary) -> Markup {
    html! {
        @match flow.state {
            FlowState::Draft => (Badge::new(tr!("Draft"), Tone::Yellow)),
            FlowState::Active => (Badge::new(tr!("Active"), Tone::Green)),
            FlowState::Inactive => (Badge::new(tr!("Inactive"), Tone::Grey)),
        }
        @if let Some(version) = flow.version { span { (tr!("Version {}", version)) } }
        @if flow.drafted && flow.state != FlowState::Draft { (Badge::new(tr!("Unpublished changes"), Tone::Yellow)) }
    }
}

fn leads(flow: &FlowSummary) -> String {
    let whom = if flow.roles.is_empty() { tr!("Everybody") } else { flow.roles.join(", ") };
    if flow.rule.is_some() { tr!("{}, by a rule", whom) } else { whom }
}

fn commands(me: &Me, flow: &FlowSummary, at: usize, published: usize) -> Markup {
    let post = |rest: &str, name: &str, value: &str, symbol: &str, label: String| {
        html! {
            form method="post" action={ (href(&flow.name)) (rest) } {
                input type="hidden" name="csrf" value=(me.csrf);
                input type="hidden" name=(name) value=(value);
                button.btn.btn-icon.btn-sm type="submit" aria-label=(label) title=(label) { (icon(symbol)) }
            }
        }
    };
    let is_published = flow.state != FlowState::Draft;
    html! {
        span.designer-tools {
            @if is_published && at > 0 { (post("/order", "to", "earlier", "arrow-up", tr!("Choose {} earlier", flow.label))) }
            @if is_published && at + 1 < published { (post("/order", "to", "later", "arrow-down", tr!("Choose {} later", flow.label))) }
            @match flow.state {
                FlowState::Active => (post("/state", "active", "false", "player-pause", tr!("Switch {} off", flow.label))),
                FlowState::Inactive => (post("/state", "active", "true", "bolt", tr!("Switch {} on", flow.label))),
                FlowState::Draft => {},
            }
            @if flow.origin != PartOrigin::Shipped {
                @let label = if flow.origin == PartOrigin::Own { tr!("Delete {}", flow.label) } else { tr!("Give {} its shipped stages back", flow.label) };
                button.btn.btn-icon.btn-sm type="button" aria-label=(label) title=(label) hx-get={ (href(&flow.name)) "/deletion" } hx-target="#dialogs" hx-swap="innerHTML" {
                    (icon(if flow.origin == PartOrigin::Own { "trash" } else { "arrow-back-up" }))
                }
            }
        }
    }
}

/// Asks what a new flow is.
pub(crate) async fn ask(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    let flows = site.app.designer().flows(&me.caller).await?;
    Ok(fragment(new_dialog(&me, &site.model(), flows.values().flatten(), "", "", "")))
}

fn new_dialog<'f>(
    me: &Me,
    model: &Model,
    flows: impl Iterator<Item = &'f FlowSummary>,
    label: &str,
    table: &str,
    like: &str,
) -> Dialog {
    let published = flows.filter(|flow| flow.version.is_some());
    let copies = published.map(|flow| ChoiceOption {
        value: flow.name.clone(),
        label: tr!("The stages of “{}”", flow.label),
        chosen: flow.name == like,
    });
    let name = Control::Text { value: label.to_owned(), max_length: Some(200), autocomplete: None };
    let fields = vec![
        Field { autofocus: true, ..asked(Field::new("label", tr!("Name"), name).required()) },
        Field {
            searchable: true,
            ..asked(Field::new("table", tr!("Table"), Control::Choice { options: tables(model, table) }).required())
                .help(tr!("The records that it starts on."))
        },
        asked(Field::new("like", tr!("Begin with"), Control::Choice { options: copies.collect() }))
            .help(tr!("Of the same table; leave it empty to begin with one empty stage.")),
    ];
    let text = tr!("It is a draft first: nobody is led by it before you publish it.");
    Dialog { fields, text, submit: tr!("Create"), ..dialog(me, tr!("New flow"), "sitemap", ADDRESS.to_owned()) }
}

/// Begins a flow.
pub(crate) async fn create(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let (label, table, like) = (typed.text("label"), typed.text("table"), typed.text("like"));
    let designer = site.app.designer();
    let made =
        designer.create(&me.caller, Origin::Page, label, table, Some(like).filter(|like| !like.is_empty())).await;
    match made {
        Ok(flow) => Ok(me.go(&href(&flow), Some(Flash::done(tr!("Draft begun. Add stages, then publish it."))))),
        Err(error) => {
            let errors = errors_of(&error).ok_or(error)?;
            let flows = designer.flows(&me.caller).await?;
            let dialog = new_dialog(&me, &site.model(), flows.values().flatten(), label, table, like);
            Ok(again(dialog, &errors))
        }
    }
}

/// Switches a flow on or off.
pub(crate) async fn switch(
    State(site): State<Site>,
    Address(flow): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let active = typed.text("active") == "true";
    let words =
        if active { tr!("Flow switched on.") } else { tr!("Flow switched off. The records that it leads go on.") };
    let done = site.app.designer().set_active(&me.caller, Origin::Page, &flow, active).await;
    told(&me, done, &words)
}

/// Puts a flow earlier or later.
pub(crate) async fn reorder(
    State(site): State<Site>,
    Address(flow): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let earlier = typed.text("to") == "earlier";
    let done = site.app.designer().reorder(&me.caller, Origin::Page, &flow, earlier).await;
    told(&me, done, &tr!("Order changed."))
}

fn told(me: &Me, done: crm::Result<()>, words: &str) -> Result<Response, Failure> {
    let flash = match done {
        Ok(()) => Flash::done(words),
        Err(error @ (crm::Error::Refused(_) | crm::Error::Model(_))) => Flash::failed(Failure::from(error).text()),
        Err(error) => return Err(error.into()),
    };
    Ok(me.go(ADDRESS, Some(flash)))
}

/// Asks before a flow goes.
pub(crate) async fn ask_to_delete(
    State(site): State<Site>,
    me: Me,
    Address(flow): Address<String>,
) -> Result<Response, Failure> {
    let design = site.app.designer().open(&me.caller, &flow).await?;
    Ok(fragment(deletion(&me, &flow, &design)))
}

fn deletion(me: &Me, flow: &str, design: &crm::process::design::Design) -> Dialog {
    let label = &design.process.label;
    let (title, text, submit) = if design.origin == PartOrigin::Own {
        let text = tr!("It goes with its draft. This is possible only as long as no record follows it, or ever did.");
        (tr!("Delete flow “{}”?", label), text, tr!("Delete"))
    } else {
        let text = tr!(
            "It is as it was shipped from then on, as a new version; its draft goes. Records under way stay on their version."
        );
        (tr!("Give “{}” its shipped stages back?", label), text, tr!("Give back"))
    };
    Dialog {
        text,
        submit,
        danger: true,
        size: crate::components::DialogSize::Small,
        ..dialog(me, title, "trash", format!("{}/deletion", href(flow)))
    }
}

/// Deletes a flow, or gives a shipped one its stages back.
pub(crate) async fn delete(
    State(site): State<Site>,
    Address(flow): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let designer = site.app.designer();
    let design = designer.open(&me.caller, &flow).await?;
    match designer.delete(&me.caller, Origin::Page, &flow).await {
        Ok(()) => Ok(me.go(ADDRESS, Some(Flash::done(tr!("“{}” is done with.", design.process.label))))),
        Err(error @ (crm::Error::Refused(_) | crm::Error::Model(_))) => {
            let dialog = Dialog { text: Failure::from(error).text(), action: None, ..deletion(&me, &flow, &design) };
            Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
        }
        Err(error) => Err(error.into()),
    }
}
