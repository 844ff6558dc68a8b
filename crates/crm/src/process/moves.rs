//! Next, back, set active, finish, abandon, reactivate.

use model::{Column, Filter, Reference, Stage, Table};
use store::Row;
use uuid::Uuid;

use super::{
    Instance, Processes,
    position::{Ending, LeaveReason},
    stage_table,
};
use crate::{Caller, Error, FieldError, Origin, Result, records::Work};

impl Processes<'_> {
    /// Moves a record on to the next stage whose condition holds.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the required steps that are still empty.
    pub async fn advance(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<()> {
        self.app.work(caller, origin, move |work| advance(work, &record)).await
    }

    /// Moves a record back to the stage it came from.
    pub async fn back(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<()> {
        self.app.work(caller, origin, move |work| back(work, &record)).await
    }

    /// Makes a stage the active one: one already visited, or, without leaving out required
    /// steps, a later one.
    pub async fn set_active(&self, caller: &Caller, origin: Origin, record: Reference, stage: Uuid) -> Result<()> {
        self.app.work(caller, origin, move |work| set_active(work, &record, stage)).await
    }

    /// Finishes the flow in its last stage.
    pub async fn finish(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<()> {
        self.app
            .work(caller, origin, move |work| {
                let mut instance = active(work, &record)?;
                require_steps(work, &instance, instance.active)?;
                instance.end(work, Ending::Finished)
            })
            .await
    }

    /// Abandons the flow where it is.
    pub async fn abandon(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<()> {
        self.app.work(caller, origin, move |work| active(work, &record)?.end(work, Ending::Aborted)).await
    }

    /// Takes an ended flow up again.
    pub async fn reactivate(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<()> {
        self.app.work(caller, origin, move |work| super::reactivate_for(work, &record.table, record.id)).await
    }
}

/// Moves a record on inside an act; see [`Processes::advance`].
pub fn advance(work: &mut Work<'_, '_>, record: &Reference) -> Result<()> {
    let mut instance = active(work, record)?;
    require_steps(work, &instance, instance.active)?;
    let Some(next) = next_stage(work, &instance, instance.active)? else {
        return Err(Error::refused("this is the last stage; finish the process instead"));
    };
    bind_record(work, &mut instance, next)?;
    instance.enter(work, next, LeaveReason::Next)
}

fn back(work: &mut Work<'_, '_>, record: &Reference) -> Result<()> {
    let mut instance = active(work, record)?;
    let before =
        instance.path.iter().rev().skip(1).find_map(|id| instance.process.stages.iter().position(|s| s.id == *id));
    match before {
        Some(before) => instance.enter(work, before, LeaveReason::Earlier),
        None => Err(Error::refused("this is the first stage")),
    }
}

/// Makes a stage active; see [`Processes::set_active`].
pub(crate) fn set_active(work: &mut Work<'_, '_>, record: &Reference, stage: Uuid) -> Result<()> {
    let mut instance = active(work, record)?;
    let Some(target) = instance.process.stages.iter().position(|s| s.id == stage) else {
        return Err(Error::refused("the flow has no such stage"));
    };
    if target == instance.active {
        return Ok(());
    }
    let visited = instance.path.contains(&stage);
    if !visited {
        let mut at = instance.active;
        while at != target {
            require_steps(work, &instance, at)?;
            at = next_stage(work, &instance, at)?
                .filter(|next| *next <= target)
                .ok_or_else(|| Error::refused("the conditions of the flow do not lead to this stage"))?;
            bind_record(work, &mut instance, at)?;
        }
    }
    let reason = if target < instance.active { LeaveReason::Earlier } else { LeaveReason::Next };
    instance.enter(work, target, reason)
}

fn active(work: &mut Work<'_, '_>, record: &Reference) -> Result<Instance> {
    let instance = Instance::of(work, &record.table, record.id)?
        .ok_or_else(|| Error::refused(format!("there is no process flow for {}", record.table)))?;
    if instance.is_active() {
        return Ok(instance);
    }
    let how = if instance.is_finished() { "finished" } else { "abandoned" };
    Err(Error::refused(format!("the process is {how}; reactivate it first")))
}

/// Required steps of a stage must hold data.
fn require_steps(work: &mut Work<'_, '_>, instance: &Instance, stage: usize) -> Result<()> {
    let stage = &instance.process.stages[stage];
    let table = work.table(stage_table(&instance.process, stage))?;
    let Some(record) = instance.record(&table.name).cloned() else { return Ok(()) };
    let row = work.load(&table.name, record.id)?;
    let missing: Vec<FieldError> = empty_required(stage, &table, &row)
        .map(|column| FieldError::of(column, format!("must be filled before stage {} can be left", stage.label)))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Error::Invalid(missing)) }
}

/// Columns of required steps that are still empty. A yes-or-no step is complete when it is yes.
pub(super) fn empty_required<'t>(stage: &'t Stage, table: &'t Table, row: &'t Row) -> impl Iterator<Item = &'t Column> {
    stage
        .steps
        .iter()
        .filter(|step| step.required)
        .filter_map(|step| table.column(&step.column))
        .filter(move |column| !is_done(column, row))
}

/// True where a step's column holds data.
pub(super) fn is_done(column: &Column, row: &Row) -> bool {
    let value = row.value(&column.name);
    !value.is_null() && value.as_boolean() != Some(false)
}

/// The first later stage whose condition holds for the record of the stage that is left.
fn next_stage(work: &mut Work<'_, '_>, instance: &Instance, from: usize) -> Result<Option<usize>> {
    let process = instance.process.clone();
    let left = stage_table(&process, &process.stages[from]).to_owned();
    for (position, stage) in process.stages.iter().enumerate().skip(from + 1) {
        let holds = match &stage.condition {
            None => true,
            Some(condition) => satisfied(work, instance.record(&left), condition)?,
        };
        if holds {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

fn satisfied(work: &mut Work<'_, '_>, record: Option<&Reference>, condition: &Filter) -> Result<bool> {
    let Some(record) = record else { return Ok(false) };
    let key = work.table(&record.table)?.primary_key.clone();
    let this = Filter::eq(key.as_str(), record.id).and(condition.clone());
    Ok(!work.find_whole(&record.table, this, &[key.as_str()])?.is_empty())
}

/// A stage on another table needs a record there: the one that its relationship leads to.
fn bind_record(work: &mut Work<'_, '_>, instance: &mut Instance, stage: usize) -> Result<()> {
    let process = instance.process.clone();
    let stage = &process.stages[stage];
    let table = work.table(stage_table(&process, stage))?;
    if instance.record(&table.name).is_some() {
        return Ok(());
    }
    let from = instance.records.last().cloned();
    if let (Some(relationship), Some(from)) = (&stage.relationship, from) {
        let related = work.find(&table.name, Filter::eq(relationship.as_str(), from), &[table.primary_key.as_str()])?;
        if let Some(id) = related.first().and_then(|row| row.value(&table.primary_key).as_id()) {
            instance.bind(&table.name, id);
            return Ok(());
        }
    }
    let how = if table.name == "opportunity" { "qualify the lead" } else { "create it" };
    Err(Error::refused(format!("stage {} works on {}; {how} first", stage.label, table.plural_label.to_lowercase())))
}
