//! Next, back, set active, finish, abandon, reactivate.

use language::{tr, translated};
use model::{Filter, Reference};
use uuid::Uuid;

use super::{Instance, LeaveReason, Processes, branch, gate, position::Ending, stage_table, switch};
use crate::words::within;
use crate::{Caller, Error, Origin, Result, records::Work};

/// What can be done with a record in its flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// On to the next stage whose condition holds.
    Next,
    /// Back to the stage it came from.
    Back,
    /// To this stage: one already visited, or, without leaving out required steps, a later one.
    To(Uuid),
    /// The flow is done, in its last stage.
    Finish,
    /// The flow is given up where it is.
    Abandon,
    /// An ended flow goes on in the stage it ended in.
    Reactivate,
    /// The record follows this other flow from now on.
    Switch(Uuid),
}

impl Processes<'_> {
    /// Carries out one move; it can be undone as the act of this number.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the required steps that are still empty.
    pub async fn carry_out(&self, caller: &Caller, origin: Origin, record: Reference, step: Move) -> Result<Uuid> {
        let done = move |work: &mut Work<'_, '_>| carry_out(work, &record, step).map(|()| work.act());
        self.app.work(caller, origin, done).await
    }

    /// See [`Move::Next`].
    pub async fn advance(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<()> {
        self.carry_out(caller, origin, record, Move::Next).await.map(drop)
    }

    /// See [`Move::Back`].
    pub async fn back(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<()> {
        self.carry_out(caller, origin, record, Move::Back).await.map(drop)
    }

    /// See [`Move::To`].
    pub async fn set_active(&self, caller: &Caller, origin: Origin, record: Reference, stage: Uuid) -> Result<()> {
        self.carry_out(caller, origin, record, Move::To(stage)).await.map(drop)
    }

    /// See [`Move::Finish`].
    pub async fn finish(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<()> {
        self.carry_out(caller, origin, record, Move::Finish).await.map(drop)
    }

    /// See [`Move::Abandon`].
    pub async fn abandon(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<()> {
        self.carry_out(caller, origin, record, Move::Abandon).await.map(drop)
    }

    /// See [`Move::Reactivate`].
    pub async fn reactivate(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<()> {
        self.carry_out(caller, origin, record, Move::Reactivate).await.map(drop)
    }
}

/// Carries out a move inside an act.
pub fn carry_out(work: &mut Work<'_, '_>, record: &Reference, step: Move) -> Result<()> {
    if let Move::Switch(process) = step {
        return switch::switch(work, record, process).map(drop);
    }
    let instance = Instance::of(work, &record.table, record.id)?
        .ok_or_else(|| Error::refused(tr!("there is no process flow for {}", record.table)))?;
    carry_out_in(work, instance, step)
}

/// Moves a record on inside an act; see [`Move::Next`].
pub fn advance(work: &mut Work<'_, '_>, record: &Reference) -> Result<()> {
    carry_out(work, record, Move::Next)
}

/// Carries out a move in this instance of a flow.
pub(super) fn carry_out_in(work: &mut Work<'_, '_>, mut instance: Instance, step: Move) -> Result<()> {
    let table = instance.table.clone();
    gate::require_role(work, &instance.process, &table)?;
    instance.authorise(work)?;
    if step != Move::Reactivate {
        require_active(&instance)?;
    }
    match step {
        Move::Next => next(work, instance),
        Move::Back => back(work, instance),
        Move::To(stage) => to(work, instance, stage),
        Move::Finish => finish(work, &mut instance),
        Move::Abandon => instance.end(work, Ending::Aborted),
        Move::Reactivate => reactivate(work, &mut instance),
        Move::Switch(process) => match instance.records.first() {
            Some(record) => switch::switch(work, record, process).map(drop),
            None => Err(Error::refused(tr!("the flow has no record"))),
        },
    }
}

fn require_active(instance: &Instance) -> Result<()> {
    if instance.is_active() {
        return Ok(());
    }
    Err(Error::refused(match () {
        () if instance.is_switched() => tr!("the record follows another flow; switch back to this one first"),
        () if instance.is_finished() => tr!("the process is finished; reactivate it first"),
        () => tr!("the process is abandoned; reactivate it first"),
    }))
}

fn next(work: &mut Work<'_, '_>, mut instance: Instance) -> Result<()> {
    gate::require_steps(work, &instance, instance.active)?;
    let Some(next) = branch::next_in(work, &instance, instance.active)? else {
        return Err(Error::refused(tr!("this is the last stage; finish the process instead")));
    };
    bind_record(work, &mut instance, next)?;
    enter(work, instance, next, LeaveReason::Next)
}

fn back(work: &mut Work<'_, '_>, instance: Instance) -> Result<()> {
    let before = previous(&instance).ok_or_else(|| Error::refused(tr!("this is the first stage")))?;
    enter(work, instance, before, LeaveReason::Earlier)
}

/// The stage a record came from.
pub(super) fn previous(instance: &Instance) -> Option<usize> {
    instance.path.iter().rev().skip(1).find_map(|id| instance.process.position(*id))
}

fn to(work: &mut Work<'_, '_>, mut instance: Instance, stage: Uuid) -> Result<()> {
    let target = instance.process.position(stage).ok_or_else(|| no_stage(work, &instance))?;
    if target == instance.active {
        return Ok(());
    }
    if !instance.path.contains(&stage) {
        walk(work, &mut instance, target)?;
    }
    let reason = if target < instance.active { LeaveReason::Earlier } else { LeaveReason::Next };
    enter(work, instance, target, reason)
}

fn no_stage(work: &Work<'_, '_>, instance: &Instance) -> Error {
    let process = &instance.process;
    if work.model().process(&process.name).is_some_and(|in_force| in_force.version == process.version) {
        return Error::refused(tr!("the flow has no such stage"));
    }
    let version = process.version;
    Error::refused(tr!(
        "the record is led by version {version} of “{}”, which has no such stage; an administrator can move it to the newest version",
        translated(&process.label),
        version
    ))
}

/// The way to a later stage must be open: no required step on it is left out, no condition passed by.
fn walk(work: &mut Work<'_, '_>, instance: &mut Instance, target: usize) -> Result<()> {
    let mut at = instance.active;
    while at != target {
        gate::require_steps(work, instance, at)?;
        at = branch::next_in(work, instance, at)?
            .filter(|next| *next <= target)
            .ok_or_else(|| Error::refused(tr!("the conditions of the flow do not lead to this stage")))?;
        bind_record(work, instance, at)?;
    }
    Ok(())
}

fn enter(work: &mut Work<'_, '_>, mut instance: Instance, stage: usize, reason: LeaveReason) -> Result<()> {
    let process = instance.process.clone();
    let record_in = |at: usize| instance.record(stage_table(&process, &process.stages[at])).cloned();
    let ends = [record_in(instance.active), record_in(stage)];
    gate::refuse_closed(work, &ends)?;
    instance.enter(work, stage, reason)
}

fn finish(work: &mut Work<'_, '_>, instance: &mut Instance) -> Result<()> {
    gate::require_steps(work, instance, instance.active)?;
    if let Some(next) = branch::next_in(work, instance, instance.active)? {
        let label = translated(&instance.process.stages[next].label);
        return Err(Error::refused(tr!("the flow ends in its last stage; move on to “{label}” first", label)));
    }
    instance.end(work, Ending::Finished)
}

fn reactivate(work: &mut Work<'_, '_>, instance: &mut Instance) -> Result<()> {
    if instance.is_switched() {
        return Err(Error::refused(tr!("the record follows another flow; switch back to this one first")));
    }
    if !instance.is_ended() {
        return Err(Error::refused(tr!("the process goes on already")));
    }
    let stage = instance.stage();
    let record = instance.record(stage_table(&instance.process, stage)).cloned();
    gate::refuse_closed(work, &[record])?;
    instance.reactivate(work)
}

/// Where the lead's stages end: the first stage of its flow on the opportunity, once every required
/// step before it is filled. None where the flow does not go on there.
pub(super) fn way_to_opportunity(work: &mut Work<'_, '_>, instance: &Instance) -> Result<Option<usize>> {
    let is_there = |at: usize| stage_table(&instance.process, &instance.process.stages[at]) == "opportunity";
    let mut at = instance.active;
    if is_there(at) {
        // A lead that was reactivated and is qualified anew.
        return Ok((0..instance.process.stages.len()).find(|at| is_there(*at)));
    }
    while !is_there(at) {
        gate::require_steps(work, instance, at)?;
        match branch::next_in(work, instance, at)? {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
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
        // Keys grow with time, and rows come in their order: the latest one.
        if let Some(id) = related.last().and_then(|row| row.value(&table.primary_key).as_id()) {
            instance.bind(&table.name, id);
            return Ok(());
        }
    }
    let (stage, many) = (translated(&stage.label), within(&table.plural_label));
    Err(Error::refused(if table.name == "opportunity" {
        tr!("stage {} works on {}; qualify the lead first", stage, many)
    } else {
        tr!("stage {} works on {}; create it first", stage, many)
    }))
}
