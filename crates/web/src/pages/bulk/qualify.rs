//! Many leads qualified at once: one dialog that shows what would be made of them.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{Row, leads::OPEN, reading::Names};
use language::{Language, tr};
use maud::{Markup, Render, html};
use model::Table;

use super::{Chosen, run};
use crate::{
    app::Site,
    components::{Control, Dialog, DialogSize, Field, PlainTable, TableColumn},
    failure::Failure,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::bulk::capital,
};

/// Leads shown one by one.
const SHOWN: u32 = 10;
/// What the preview is made of.
const COLUMNS: [&str; 7] =
    ["leadid", "fullname", "subject", "companyname", "parentaccountid", "parentcontactid", "statecode"];

/// The dialog.
pub(crate) async fn ask(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let model = site.model();
    let table = model.table("lead").ok_or(Failure::NoPage)?;
    let chosen = Chosen::of(&Typed::parse(&query.unwrap_or_default()))?;
    let filter = chosen.filter(&site, &me, table).await?;
    let leads = site.app.new_query(&me.caller, "lead").select(COLUMNS).matching(filter).take(SHOWN);
    let (leads, names) = site.app.query_with_names(&me.caller, leads).await?;
    let further = leads.next.is_some();
    let leads: Vec<Row> = leads.to_rows().collect();
    let switch = |name: &str, label: &str| {
        let control = Control::Boolean { value: true, yes: tr!("Create"), no: tr!("Do not create") };
        Field::new(name, label, control)
    };
    Ok(fragment(Dialog {
        id: "qualification".to_owned(),
        title: capital(&tr!("Qualify {}", chosen.words(&me, table))),
        icon: "circle-check".to_owned(),
        size: DialogSize::Large,
        action: Some("/leads/qualifications".to_owned()),
        csrf: me.csrf,
        hidden: chosen.hidden(),
        text: tr!(
            "Accounts and contacts that the leads already have are used. Leads that cannot be qualified stay as they are, and you are told why."
        ),
        fields: vec![
            switch("account", &tr!("Account")),
            switch("contact", &tr!("Contact")),
            switch("opportunity", &tr!("Opportunity")),
        ],
        body: html! { @if !leads.is_empty() { (preview(table, &leads, &names, further)) } },
        submit: tr!("Qualify"),
        ..Dialog::default()
    }))
}

/// What would become of each lead.
fn preview(table: &Table, leads: &[Row], names: &Names, further: bool) -> Markup {
    let column = |label: String| TableColumn { label, number: false };
    let row = |lead: &Row| {
        let name = lead.text("fullname");
        if lead.value("statecode").as_whole() != Some(OPEN) {
            let state = lead.value("statecode").as_whole().and_then(|state| i32::try_from(state).ok());
            let label =
                state.and_then(|state| table.state(state)).map_or_else(|| tr!("closed"), |state| state.label.clone());
            return vec![
                html! { (name) },
                html! { (tr!("Stays as it is: {}", Language::within_sentence(&label))) },
                html! {},
                html! {},
            ];
        }
        let made = |lookup: &str, new: &str| match lead.value(lookup).as_reference() {
            Some(known) => html! { (names.get(known).unwrap_or(&tr!("(no name)"))) " (" (tr!("there already")) ")" },
            None if new.is_empty() => html! { "–" },
            None => html! { (tr!("New: {}", new)) },
        };
        vec![
            html! { (name) },
            made("parentaccountid", lead.text("companyname")),
            made("parentcontactid", name),
            made("", lead.text("subject")),
        ]
    };
    let table = PlainTable {
        caption: tr!("What becomes of the leads"),
        columns: [tr!("Lead"), tr!("Account"), tr!("Contact"), tr!("Opportunity")].map(column).to_vec(),
        rows: leads.iter().map(row).collect(),
    };
    html! { (table.render()) @if further { p { (tr!("The others alike.")) } } }
}

/// Qualifies them.
pub(crate) async fn create(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.model();
    let table = model.table("lead").ok_or(Failure::NoPage)?;
    let yes = |name: &str| typed.get(name) == Some("true");
    let wanted = (yes("account"), yes("contact"), yes("opportunity"));
    run(&site, &me, table, &Chosen::of(&typed)?, &tr!("qualified"), move |work, _, lead| {
        work.qualify_lead(lead, wanted).map(drop)
    })
    .await
}
