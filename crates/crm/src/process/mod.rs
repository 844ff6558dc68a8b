//! Business process flows: where a record stands, how it got there and how long each stage took.
//!
//! A flow's instance is a row of the table named after the flow. It is made when the record
//! first moves (until then the record stands in the first stage since its creation), so that
//! capturing a lead costs one row, not three. Every visit of every stage is kept.
//!
//! Every change of it is one of the [`Move`]s, which pass the gates (`gate`) and take the branch that
//! the record's values lead to (`branch`), whichever face asks.

pub mod design;

mod branch;
mod brought_in;
mod face;
mod find;
mod gate;
mod history;
mod instance;
mod journey;
mod moves;
mod position;
mod statistics;
mod switch;
mod transfer;
mod visits;

use std::sync::Arc;

use language::{in_every_language, tr};
use model::{Process, StageCategory, Table, TableKind};
use store::Row;
use uuid::Uuid;

use crate::{App, Caller, Result, records::Work};

pub(crate) use brought_in::{VISITS, bring_in, is_path, tells_path};
pub(crate) use face::{change, refuse_deletion, start};
pub use history::FlowChange;
pub(crate) use history::history_of_flows;
pub(crate) use instance::Instance;
pub use journey::{Journey, JourneyState, StageState, StageView, StepView};
pub use moves::{Move, advance, carry_out};
pub use position::is_kept_by_flow;
pub use statistics::{Flow, Period, StageStatistics, Statistics};
pub use switch::Choice;
pub use transfer::{Portion, Transfer, TransferOutcome, Waiting};
pub use visits::{LeaveReason, Visit};

/// What can be done with process flows.
pub struct Processes<'a> {
    pub(crate) app: &'a App,
}

impl App {
    /// What can be done with process flows.
    pub const fn processes(&self) -> Processes<'_> {
        Processes { app: self }
    }
}

/// The flow that a new row of `table` gets: the first active one, in order, that is for the caller's
/// roles and whose rule the row satisfies.
pub(crate) fn first_process(model: &model::Model, table: &str, caller: &Caller, row: &Row) -> Option<Arc<Process>> {
    let fits = |process: &&Arc<Process>| gate::is_for(process, caller) && gate::takes(model, process, caller, row);
    active(model, table).find(fits).cloned()
}

/// The active flows that begin on a table; the model keeps them in their order.
fn active<'m>(model: &'m model::Model, table: &str) -> impl Iterator<Item = &'m Arc<Process>> {
    model.processes.iter().filter(move |process| process.active && process.table == table)
}

/// A new row stands in the first stage of its flow.
pub(crate) fn place_new(work: &Work<'_, '_>, table: &str, row: &mut Row) {
    if row.contains("stageid") {
        return; // it continues a flow that began on another record
    }
    let Some(process) = first_process(work.model(), table, work.caller(), row) else { return };
    if let (Ok(table), Some(stage)) = (work.table(table), process.stages.first()) {
        position::write(&table, &process, stage, None, row);
    }
}

/// The stage of this name, label (in any language) or pipeline phase (`2-Develop`) in the flow that new
/// rows of `table` get.
pub(crate) fn stage_named(model: &model::Model, table: &str, name: &str) -> Option<(Arc<Process>, usize)> {
    let process = active(model, table).next().cloned()?;
    let name = name.trim().to_lowercase();
    let is_meant = |called: &str| called.to_lowercase() == name;
    let at = process.stages.iter().position(|stage| {
        stage_table(&process, stage) == table
            && (is_meant(&stage.name)
                || is_meant(&stage.category.step_name())
                || in_every_language(&stage.label).iter().any(|label| is_meant(label)))
    })?;
    Some((process, at))
}

/// What people call a phase of the pipeline.
pub fn phase(category: StageCategory) -> String {
    match category {
        StageCategory::Qualify => tr!("phase" => "Qualify"),
        StageCategory::Develop => tr!("phase" => "Develop"),
        StageCategory::Propose => tr!("phase" => "Propose"),
        StageCategory::Close => tr!("phase" => "Close"),
        StageCategory::Identify => tr!("phase" => "Identify"),
        StageCategory::Research => tr!("phase" => "Research"),
        StageCategory::Resolve => tr!("phase" => "Resolve"),
        StageCategory::Approval => tr!("phase" => "Approval"),
    }
}

/// A new row that comes from another system stands in this stage already, since it was created.
pub(crate) fn place_in(table: &Table, process: &Process, at: usize, row: &mut Row) {
    let Some(stage) = process.stages.get(at) else { return };
    let path: Vec<String> = process.stages[..=at].iter().map(|stage| stage.id.to_string()).collect();
    position::write(table, process, stage, Some(&path.join(",")), row);
}

/// Rows of every table with a position begin in the first stage of their flow.
pub(crate) fn before_create(work: &Work<'_, '_>, table: &Table, row: &mut Row) {
    if table.kind == TableKind::Standard && table.columns.contains_key("stageid") {
        place_new(work, &table.name, row);
    }
}

/// A lead is about to be qualified into an opportunity, where its flow goes on: the required steps
/// of its stages must be filled.
pub(crate) fn require_qualifiable(work: &mut Work<'_, '_>, lead: Uuid) -> Result<()> {
    match Instance::of(work, "lead", lead)? {
        Some(instance) if instance.is_active() => moves::way_to_opportunity(work, &instance).map(drop),
        _ => Ok(()),
    }
}

/// The lead was qualified: its flow goes on with the primary opportunity, in the first stage of
/// the opportunity's table. One that was abandoned, or switched away from, stays so.
pub(crate) fn lead_qualified(work: &mut Work<'_, '_>, lead: Uuid, opportunity: Option<Uuid>) -> Result<()> {
    let Some(opportunity) = opportunity else { return Ok(()) };
    let Some(mut instance) = Instance::of(work, "lead", lead)?.filter(Instance::is_active) else { return Ok(()) };
    let Some(next) = moves::way_to_opportunity(work, &instance)? else { return Ok(()) };
    instance.bind("opportunity", opportunity);
    instance.enter(work, next, LeaveReason::Next)
}

/// A disqualified lead's flow is abandoned.
pub(crate) fn abandon_for(work: &mut Work<'_, '_>, table: &str, id: Uuid) -> Result<()> {
    match Instance::stored(work, table, id)? {
        Some(mut instance) if instance.is_active() => instance.end(work, position::Ending::Aborted),
        _ => Ok(()),
    }
}

/// A reactivated lead's flow goes on where it was.
pub(crate) fn reactivate_for(work: &mut Work<'_, '_>, table: &str, id: Uuid) -> Result<()> {
    match Instance::stored(work, table, id)? {
        Some(mut instance) if instance.is_ended() && !instance.is_switched() => instance.reactivate(work),
        _ => Ok(()),
    }
}

/// The table whose row is worked on in `stage`.
pub(crate) fn stage_table<'p>(process: &'p Process, stage: &'p model::Stage) -> &'p str {
    if stage.table.is_empty() { &process.table } else { &stage.table }
}
