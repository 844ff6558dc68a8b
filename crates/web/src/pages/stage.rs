//! The stages of a record's flow: what is gathered in them, and moving on.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use crm::{
    Origin,
    access::Privilege,
    process::{Journey, StageState, StageView},
};
use maud::{Render, html};
use model::{Reference, Table};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Action, Command, Dialog, DialogSize, icon},
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html},
    session::Me,
    view::{
        fields::{self, Fields},
        process::duration,
        record::{error_list, errors_of, is_closed},
        tables,
    },
};

const ID: &str = "stage";

/// The dialog of one stage.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, stage)): Address<(String, Uuid, Uuid)>,
) -> Result<Response, Failure> {
    let table = tables::named(&site.app.model(), &me.caller, &set_name)?;
    Ok(fragment(dialog(&site, &me, &table, id, stage, None, &[]).await?))
}

/// Saves what was gathered in the stage, then moves: on from the active one, else to the named.
pub(crate) async fn create(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = tables::named(&site.app.model(), &me.caller, &set_name)?;
    let record = Reference::new(table.name.as_str(), id);
    let stage: Uuid = typed.text("stage").parse().map_err(|_| Failure::Bad("name the stage".to_owned()))?;
    let journey = site.app.processes().journey(&me.caller, record.clone()).await?.ok_or(Failure::NoPage)?;
    let view = journey.stages.iter().find(|view| view.id == stage).ok_or(Failure::NoPage)?;
    let row = site.app.get(&me.caller, &table.name, id, None).await?;
    let reading = fields::read(&me, &table, view.steps.iter().map(|step| step.column.as_str()), Some(&row), &typed);
    let mut errors = reading.errors;
    if errors.is_empty()
        && !reading.values.is_empty()
        && let Err(error) = site.app.update(&me.caller, Origin::Page, &table.name, id, reading.values, None).await
    {
        errors = errors_of(&error).ok_or(error)?;
    }
    if errors.is_empty()
        && typed.get("then") != Some("new")
        && let Err(error) = step(&site, &me, &journey, view, record).await
    {
        errors = errors_of(&error).ok_or(error)?;
    }
    if errors.is_empty() {
        let words = if typed.get("then") == Some("new") { "Saved." } else { "Stage changed." };
        return Ok(me.go(&tables::row_href(&table, id), Some(Flash::done(words))));
    }
    let dialog = dialog(&site, &me, &table, id, stage, Some(&typed), &errors).await?;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
}

async fn step(site: &Site, me: &Me, journey: &Journey, stage: &StageView, record: Reference) -> crm::Result<()> {
    let processes = site.app.processes();
    let last = journey.stages.last().is_some_and(|last| last.id == stage.id);
    match (stage.state, last) {
        (StageState::Active, true) => processes.finish(&me.caller, Origin::Page, record).await,
        (StageState::Active, false) => processes.advance(&me.caller, Origin::Page, record).await,
        _ => processes.set_active(&me.caller, Origin::Page, record, stage.id).await,
    }
}

async fn dialog(
    site: &Site,
    me: &Me,
    table: &Arc<Table>,
    id: Uuid,
    stage: Uuid,
    typed: Option<&Typed>,
    errors: &[(String, String)],
) -> Result<Dialog, Failure> {
    let model = site.app.model();
    let record = Reference::new(table.name.as_str(), id);
    let journey = site.app.processes().journey(&me.caller, record.clone()).await?.ok_or(Failure::NoPage)?;
    let stage = journey.stages.iter().find(|view| view.id == stage).ok_or(Failure::NoPage)?;
    let (row, mut names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    for (reference, name) in
        site.app.names(&me.caller, fields::references(table, &crm::Row::new(), typed)).await?.iter()
    {
        names.insert(reference.clone(), name.to_owned());
    }
    let own = stage.record.as_ref().is_none_or(|of| *of == record);
    let elsewhere =
        stage.record.as_ref().filter(|of| **of != record).and_then(|of| tables::reference_href(&model, &me.caller, of));
    let may_write = site.app.rights_on(&me.caller, table, &row).await?.contains(&Privilege::Write);
    let closed = is_closed(table, &row) || !journey.active || !may_write;
    let fields = Fields {
        me,
        model: &model,
        table,
        names: &names,
        row: &row,
        typed,
        new: false,
        closed,
        scope: ID,
        errors,
        parties: None,
    };
    let steps = stage.steps.iter().filter_map(|step| {
        let mut field = fields.field(&step.column)?;
        field.label.clone_from(&step.label);
        Some(if step.required { field.required() } else { field })
    });
    let shown: Vec<_> = if own { steps.collect() } else { Vec::new() };
    let last = journey.stages.last().is_some_and(|last| last.id == stage.id);
    let submit = match (stage.state, last) {
        (StageState::Active, true) => "Finish",
        (StageState::Active, false) => "Next stage",
        _ => "Set active",
    };
    let named: Vec<String> = stage.steps.iter().map(|step| step.column.clone()).collect();
    Ok(Dialog {
        id: ID.to_owned(),
        title: stage.label.clone(),
        icon: "flag".to_owned(),
        size: DialogSize::Medium,
        action: (!closed && (own || stage.state != StageState::Active))
            .then(|| format!("{}/stage", tables::row_href(table, id))),
        csrf: me.csrf.clone(),
        hidden: vec![("stage".to_owned(), stage.id.to_string())],
        errors: error_list(table, errors, ID, |column| named.iter().any(|name| name == column)),
        text: said(stage, &journey),
        body: html! {
            @if !own && !stage.steps.is_empty() {
                ul { @for step in &stage.steps { li { (step.label) @if step.done { " " (icon("check")) } } } }
            }
            @if let Some(href) = elsewhere { (Command::new("Open the record of this stage", "external-link", Action::Link(href))) }
        },
        submit: submit.to_owned(),
        submit_more: (own && !closed && !shown.is_empty()).then(|| "Save only".to_owned()),
        fields: shown,
        ..Dialog::default()
    })
}

fn said(stage: &StageView, journey: &Journey) -> String {
    let spent = duration(stage.spent);
    match (stage.state, journey.active) {
        (_, false) => "This flow has ended.".to_owned(),
        (StageState::Active, _) => format!("The active stage, for {spent}."),
        (StageState::Done, _) => format!("Gone through; {spent} were spent here."),
        (StageState::Ahead, _) => "Still to come.".to_owned(),
    }
}
