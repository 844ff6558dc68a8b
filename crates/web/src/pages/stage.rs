//! The stages of a record's flow: what is gathered in them, and moving on.

use axum::{extract::State, http::StatusCode, response::Response};
use crm::{
    Error, Origin,
    access::Privilege,
    process::{Journey, Move, StageView, carry_out},
};
use language::{Language, tr};
use maud::Render;
use model::{Reference, Table};
use uuid::Uuid;

use super::{
    record::labelled,
    together::{Met, Said, mark, meet, version},
};
use crate::{
    address::Address,
    app::Site,
    components::StagePanel,
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html},
    session::Me,
    view::{
        fields::{self, Reading},
        parties::{self, Parties},
        record::{errors_of, form_columns, main_form},
        stage::{Opened, Worked},
        tables,
    },
};

/// The panel of one stage.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, stage)): Address<(String, Uuid, Uuid)>,
) -> Result<Response, Failure> {
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let record = Reference::new(table.name.as_str(), id);
    Ok(fragment(panel(&site, &me, &record, stage, None, Said::default()).await?))
}

/// Saves what was gathered in the stage and moves the record as asked, both or neither.
pub(crate) async fn create(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, mut typed } = posted;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let record = Reference::new(table.name.as_str(), id);
    let stage: Uuid = typed.text("stage").parse().map_err(|_| Failure::Bad(tr!("name the stage")))?;
    let step = step(&typed, stage)?;
    let journey = site.app.processes().journey(&me.caller, record.clone()).await?.ok_or(Failure::NoPage)?;
    let view = journey.stage(stage).ok_or(Failure::NoPage)?;
    let worked = worked(&site, &me, view, None).await?;
    let met = meanwhile(&site, &me, view, worked.as_ref(), &mut typed).await?;
    let reading = worked.as_ref().map(|worked| read(&me, view, worked, &typed));
    let Reading { values, mut errors } = reading.unwrap_or(Reading { values: crm::Row::new(), errors: Vec::new() });
    errors.extend(met.errors);
    if errors.is_empty() {
        match save(&site, &me, &record, view, values, step, &typed).await {
            Ok(act) => return told(&site, &me, &record, step, act).await,
            Err(error) => errors = errors_of(&error).ok_or(error)?,
        }
    }
    let panel =
        panel(&site, &me, &record, stage, Some(&typed), Said { errors: &errors, contested: &met.contested }).await?;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, panel.render()))
}

/// What was asked for beside saving.
fn step(typed: &Typed, stage: Uuid) -> Result<Option<Move>, Failure> {
    match typed.text("move") {
        "" | "save" => Ok(None),
        "next" => Ok(Some(Move::Next)),
        "back" => Ok(Some(Move::Back)),
        "active" => Ok(Some(Move::To(stage))),
        "finish" => Ok(Some(Move::Finish)),
        other => Err(Failure::Bad(tr!("“{}” is no move of a flow", other))),
    }
}

/// The steps, and with them what was typed into the record's own form.
fn read(me: &Me, stage: &StageView, worked: &Worked, typed: &Typed) -> Reading {
    let columns = columns(stage, worked);
    fields::read(me, &worked.table, columns.iter().map(String::as_str), Some(&worked.row), typed)
}

fn columns(stage: &StageView, worked: &Worked) -> Vec<String> {
    let mut columns: Vec<String> = stage.steps.iter().map(|step| step.column.clone()).collect();
    let form = main_form(&worked.table);
    columns.extend(
        form_columns(&form).filter(|name| stage.steps.iter().all(|step| step.column != *name)).map(str::to_owned),
    );
    // Who takes part is not saved here.
    columns.retain(|name| !worked.table.column(name).is_some_and(parties::is_list));
    columns
}

/// Puts what was typed together with what others saved after the panel, or the form, was made.
async fn meanwhile(
    site: &Site,
    me: &Me,
    stage: &StageView,
    worked: Option<&Worked>,
    typed: &mut Typed,
) -> Result<Met, Failure> {
    let (Some(worked), Some(record)) = (worked, &stage.record) else { return Ok(Met::default()) };
    let now = (&worked.row, &worked.names, &Parties::default());
    let mut met = meet(site, me, (&*worked.table, record.id), &columns(stage, worked), now, typed).await?;
    let is_step = |name: &String| stage.steps.iter().any(|step| step.column == *name);
    if met.contested.iter().any(|(name, _)| !is_step(name)) {
        // Only the form shows both.
        met.errors = vec![(String::new(), form_first(&worked.table.label))];
    }
    Ok(met)
}

fn form_first(what: &str) -> String {
    tr!(
        "Somebody else changed this {} after you opened it; save the form first, which shows both, then move on.",
        Language::within_sentence(what)
    )
}

async fn save(
    site: &Site,
    me: &Me,
    record: &Reference,
    stage: &StageView,
    values: crm::Row,
    step: Option<Move>,
    typed: &Typed,
) -> crm::Result<Uuid> {
    let (record, worked) = (record.clone(), stage.record.clone());
    let version = version(typed);
    let saved = site.app.work(&me.caller, Origin::Page, move |work| {
        if let Some(worked) = worked.filter(|_| !values.is_empty()) {
            work.update(&worked.table, worked.id, values, version)?;
        }
        if let Some(step) = step {
            carry_out(work, &record, step)?;
        }
        Ok(work.act())
    });
    match saved.await {
        Err(Error::Changed { table, .. }) => Err(Error::refused(form_first(&table))),
        saved => saved,
    }
}

/// On the page of the record that the flow stands on now.
async fn told(site: &Site, me: &Me, record: &Reference, step: Option<Move>, act: Uuid) -> Result<Response, Failure> {
    let model = site.model();
    let journey = site.app.processes().journey(&me.caller, record.clone()).await?.ok_or(Failure::NoPage)?;
    let current = journey.current();
    let words = match (step, current) {
        (None, _) => tr!("Saved."),
        (Some(Move::Finish), _) => tr!("Flow finished."),
        (Some(_), Some(stage)) => tr!("Moved to {}.", stage.label),
        (Some(_), None) => tr!("Moved."),
    };
    let moved_to = current.filter(|_| step.is_some()).and_then(|stage| stage.record.as_ref());
    let seen = match moved_to.filter(|other| *other != record) {
        Some(other) => site.app.get(&me.caller, &other.table, other.id, Some(Vec::new())).await.is_ok(),
        None => false,
    };
    let place = moved_to.filter(|_| seen).unwrap_or(record);
    Ok(me.go(&tables::href_of(&model, &place.table, place.id), Some(Flash::done(words).undo(act))))
}

async fn panel(
    site: &Site,
    me: &Me,
    record: &Reference,
    stage: Uuid,
    typed: Option<&Typed>,
    said: Said<'_>,
) -> Result<StagePanel, Failure> {
    let model = site.model();
    let journey: Journey = site.app.processes().journey(&me.caller, record.clone()).await?.ok_or(Failure::NoPage)?;
    let view = journey.stage(stage).ok_or(Failure::NoPage)?;
    let worked = worked(site, me, view, typed).await?;
    let visits = site.app.processes().visits(&me.caller, record.clone(), stage).await?;
    let stage = Opened {
        me,
        model: &model,
        record,
        journey: &journey,
        stage: view,
        worked: worked.as_ref(),
        visits: &visits,
        typed,
        errors: said.errors,
    };
    let mut panel = stage.panel();
    mark(&mut panel.fields, said.contested);
    panel.seen = panel.fields.iter().filter(|field| field.theirs.is_some()).map(|field| field.name.clone()).collect();
    Ok(panel)
}

/// The record that the stage works on; none where it is not there yet, or hidden.
async fn worked(site: &Site, me: &Me, stage: &StageView, typed: Option<&Typed>) -> Result<Option<Worked>, Failure> {
    let Some(record) = &stage.record else { return Ok(None) };
    let table = labelled(site, &record.table)?;
    let (row, mut names) = match site.app.get_with_names(&me.caller, &record.table, record.id).await {
        Ok(found) => found,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    for (reference, name) in chosen(site, me, &table, typed).await?.iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    let writes = site.app.rights_on(&me.caller, &table, &row).await?.contains(&Privilege::Write);
    Ok(Some(Worked { table, row, names, writes }))
}

/// The names of what was chosen in lookups.
async fn chosen(site: &Site, me: &Me, table: &Table, typed: Option<&Typed>) -> Result<crm::reading::Names, Failure> {
    Ok(site.app.names(&me.caller, fields::references(table, &crm::Row::new(), typed)).await?)
}
