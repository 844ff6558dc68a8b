//! What must be true before a flow moves: required steps are filled, the record is open, and the
//! flow is for one of the caller's roles.
//!
//! The gate stands in the domain, so that it holds for every face. Only history passes it by: an
//! import or a demonstration tells what happened elsewhere, where other steps may have been asked.

use language::{in_english, spoken, tr, translated};
use model::{Column, Reference, Stage, StageStep, Table, Value};
use store::Row;

use super::{Instance, stage_table};
use crate::words::within;
use crate::{Caller, Error, FieldError, Origin, Result, records::Work};

/// Required steps of a stage must hold data.
pub(super) fn require_steps(work: &mut Work<'_, '_>, instance: &Instance, stage: usize) -> Result<()> {
    if matches!(work.origin(), Origin::Import | Origin::Demo) {
        return Ok(());
    }
    let stage = &instance.process.stages[stage];
    if !stage.steps.iter().any(|step| step.required) {
        return Ok(());
    }
    let table = work.table(stage_table(&instance.process, stage))?;
    let Some(record) = instance.record(&table.name).cloned() else {
        return require_record(instance, stage, &table);
    };
    let row = work.as_consequence(|work| work.load(&table.name, record.id))?;
    let missing: Vec<FieldError> = missing(stage, &table, &row)
        .map(|(step, column)| FieldError {
            column: column.name.clone(),
            label: label(step, &table),
            message: to_be_filled(column, stage),
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Error::Invalid(missing)) }
}

/// The steps of a record that was deleted cannot be filled any more. Where the flow began on another
/// table's record, there was never one to fill.
fn require_record(instance: &Instance, stage: &Stage, table: &Table) -> Result<()> {
    if table.name == instance.process.table {
        return Ok(());
    }
    let label = within(&table.label);
    Err(Error::refused(tr!(
        "the {label} of stage “{}” is gone, and with it the steps it requires",
        translated(&stage.label),
        label
    )))
}

fn to_be_filled(column: &Column, stage: &Stage) -> String {
    let stage = translated(&stage.label);
    match column.value_type() {
        model::ColumnType::Boolean { .. } => tr!("must be marked complete before stage “{}” can be left", stage),
        _ => tr!("must be filled before stage “{}” can be left", stage),
    }
}

/// Required steps that are still empty, with their columns.
pub(super) fn missing<'t>(
    stage: &'t Stage,
    table: &'t Table,
    row: &'t Row,
) -> impl Iterator<Item = (&'t StageStep, &'t Column)> {
    let required = stage.steps.iter().filter(|step| step.required);
    let columns = required.filter_map(|step| Some((step, table.column(&step.column)?)));
    columns.filter(|(_, column)| !is_done(column, row))
}

/// True where a step's column holds data. A yes-or-no step is complete when it is yes, a text when
/// it is more than blanks.
pub(super) fn is_done(column: &Column, row: &Row) -> bool {
    match row.value(&column.name) {
        Value::Null | Value::Boolean(false) => false,
        Value::Text(text) => !text.trim().is_empty(),
        _ => true,
    }
}

/// What people read at a step.
pub(super) fn label(step: &StageStep, table: &Table) -> String {
    let label = match (step.label.as_str(), step.action) {
        ("", Some(action)) => spoken(action.label()),
        ("", None) => {
            table.column(&step.column).map_or(step.column.as_str().into(), |column| translated(&column.label))
        }
        (own, _) => translated(own),
    };
    label.into_owned()
}

/// True where a new row is led by the flow: it satisfies the rule, if there is one. A rule that
/// cannot be judged takes nothing.
pub(super) fn takes(model: &model::Model, process: &model::Process, caller: &Caller, row: &Row) -> bool {
    let Some(rule) = &process.rule else { return true };
    let Some(table) = model.table(&process.table) else { return false };
    in_english(|| store::matches(table, rule, row, &caller.zone())).unwrap_or_else(|error| {
        tracing::warn!(process = process.name, %error, "the rule of a process flow could not be judged");
        false
    })
}

/// True where the caller is led by the flow.
pub(super) fn is_for(process: &model::Process, caller: &Caller) -> bool {
    caller.administrator || process.is_for(&caller.roles)
}

/// Refuses people for whom the flow is not meant.
pub(super) fn require_role(work: &Work<'_, '_>, process: &model::Process, table: &Table) -> Result<()> {
    if is_for(process, work.caller()) {
        return Ok(());
    }
    let words = tr!(
        "the flow “{}” is for these roles only: {}; ask for one of them",
        translated(&process.label),
        process.roles.join(", ")
    );
    Err(work.refused("move a process flow", table, words))
}

/// A closed record stays where it is. A flow may lead back to a closed record (the lead that was
/// qualified) and on again from there, while the record at the other end is open.
pub(super) fn refuse_closed(work: &mut Work<'_, '_>, records: &[Option<Reference>]) -> Result<()> {
    let mut closed = None;
    for record in records.iter().flatten() {
        let table = work.table(&record.table)?;
        let row = work.as_consequence(|work| work.load(&record.table, record.id))?;
        let state = state(&table, &row).filter(|state| state.closed).map(|state| within(&state.label));
        let Some(state) = state else { return Ok(()) };
        closed = Some((table, state));
    }
    let Some((table, state)) = closed else { return Ok(()) };
    let label = within(&table.label);
    Err(Error::refused(if table.name == "opportunity" {
        tr!("this {} is {state}; reopen it before its stage is changed", label, state)
    } else {
        tr!("this {} is {state}; reactivate it before its stage is changed", label, state)
    }))
}

fn state<'t>(table: &'t Table, row: &Row) -> Option<&'t model::State> {
    let state = row.value("statecode").as_whole().and_then(|state| i32::try_from(state).ok())?;
    table.state(state)
}
