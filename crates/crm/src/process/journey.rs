//! A record's flow as people see it: stages, steps, time spent.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use language::translated;
use model::{Reference, Stage, StepAction, Table};
use store::{Reader, Row};
use uuid::Uuid;

use super::{Instance, Processes, branch, gate, moves, stage_table, visits};
use crate::{Caller, Error, Result, reading};

/// A record's flow.
#[derive(Debug, Clone)]
pub struct Journey {
    /// The flow.
    pub process: Uuid,
    /// Its logical name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// How it stands with it.
    pub state: JourneyState,
    /// Whether the flow is for one of the caller's roles.
    pub is_for_caller: bool,
    /// The stage that the next move leads to; none in the last one.
    pub next: Option<Uuid>,
    /// The stage that the record came from.
    pub previous: Option<Uuid>,
    /// The stages visited or still ahead, in order; those that the values lead around are left out.
    pub stages: Vec<StageView>,
}

/// How it stands with a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JourneyState {
    /// It goes on.
    Active,
    /// It came to its end.
    Finished,
    /// It was given up.
    Abandoned,
    /// The record follows another flow by now.
    Switched,
}

/// Where a stage lies on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum StageState {
    Done,
    Active,
    Ahead,
}

/// One stage of a record's flow.
#[derive(Debug, Clone)]
pub struct StageView {
    /// The stage.
    pub id: Uuid,
    /// Its label.
    pub label: String,
    /// Where it lies.
    pub state: StageState,
    /// Time spent in it so far, all visits together.
    pub spent: SignedDuration,
    /// Whether it was ever visited.
    pub visited: bool,
    /// Logical name of the table it works on.
    pub table: String,
    /// The record worked on in it, where there is one.
    pub record: Option<Reference>,
    /// Data to be gathered and things to be done.
    pub steps: Vec<StepView>,
}

/// One step of a stage.
#[derive(Debug, Clone)]
pub struct StepView {
    /// The column; empty for an action.
    pub column: String,
    /// What is done; none for a column.
    pub action: Option<StepAction>,
    /// What people read.
    pub label: String,
    /// Must be filled before the next stage.
    pub required: bool,
    /// Holds data, as far as the caller sees the record.
    pub done: bool,
}

impl StageView {
    /// The required steps that are still empty.
    pub fn missing(&self) -> impl Iterator<Item = &StepView> {
        self.steps.iter().filter(|step| step.required && !step.done)
    }
}

impl Journey {
    /// True while it goes on.
    pub fn is_active(&self) -> bool {
        self.state == JourneyState::Active
    }

    /// A stage that was visited or lies ahead.
    pub fn stage(&self, id: Uuid) -> Option<&StageView> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    /// The stage the record stands in, or ended in.
    pub fn current(&self) -> Option<&StageView> {
        let last = || self.stages.iter().rev().find(|stage| stage.state == StageState::Done);
        self.stages.iter().find(|stage| stage.state == StageState::Active).or_else(last)
    }
}

impl Processes<'_> {
    /// The flow of a record; none where its table has no flow.
    pub async fn journey(&self, caller: &Caller, record: Reference) -> Result<Option<Journey>> {
        let caller = caller.clone();
        self.app
            .read(move |reader| {
                let row = reading::get(reader, &caller, &record.table, record.id, None)?;
                let Some(instance) = Instance::read(reader, &caller, &record, &row)? else { return Ok(None) };
                let rows = rows(reader, &caller, &instance, &record, row)?;
                View::of(reader, &caller, &instance, rows).map(|view| Some(view.journey()))
            })
            .await
    }
}

/// The records of the flow that the caller sees, by table.
fn rows(
    reader: &mut Reader<'_>,
    caller: &Caller,
    instance: &Instance,
    record: &Reference,
    row: Row,
) -> Result<HashMap<String, Row>> {
    let mut rows = HashMap::new();
    for other in instance.records.iter().filter(|other| *other != record) {
        match reading::get(reader, caller, &other.table, other.id, None) {
            Ok(row) => drop(rows.insert(other.table.clone(), row)),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    rows.insert(record.table.clone(), row);
    Ok(rows)
}

/// What a journey is made from.
struct View<'a> {
    model: std::sync::Arc<model::Model>,
    caller: &'a Caller,
    instance: &'a Instance,
    rows: HashMap<String, Row>,
    spent: Vec<(Uuid, SignedDuration)>,
    ahead: Vec<usize>,
}

impl<'a> View<'a> {
    fn of(
        reader: &mut Reader<'_>,
        caller: &'a Caller,
        instance: &'a Instance,
        rows: HashMap<String, Row>,
    ) -> Result<Self> {
        Ok(Self {
            model: reader.model().clone(),
            caller,
            instance,
            rows,
            spent: visits::spent(reader, caller, instance)?,
            ahead: branch::ahead(reader, &caller.zone(), instance)?,
        })
    }

    fn journey(&self) -> Journey {
        let (instance, process) = (self.instance, &self.instance.process);
        let id = |position: usize| process.stages.get(position).map(|stage| stage.id);
        let stages = process.stages.iter().enumerate().filter(|(position, stage)| self.is_on_way(*position, stage));
        Journey {
            process: process.id,
            name: process.name.clone(),
            label: translated(&process.label).into_owned(),
            state: state(instance),
            is_for_caller: gate::is_for(process, self.caller),
            next: self.ahead.first().copied().and_then(id),
            previous: moves::previous(instance).and_then(id),
            stages: stages.map(|(position, stage)| self.stage(position, stage)).collect(),
        }
    }

    fn is_on_way(&self, position: usize, stage: &Stage) -> bool {
        position == self.instance.active || self.ahead.contains(&position) || self.was_visited(stage.id)
    }

    fn was_visited(&self, stage: Uuid) -> bool {
        self.instance.path.contains(&stage) || self.spent.iter().any(|(visited, _)| *visited == stage)
    }

    fn stage(&self, position: usize, stage: &Stage) -> StageView {
        let here = position == self.instance.active;
        let state = match () {
            () if here && self.instance.is_active() => StageState::Active,
            () if position <= self.instance.active && self.instance.path.contains(&stage.id) => StageState::Done,
            () => StageState::Ahead,
        };
        let table = stage_table(&self.instance.process, stage);
        let over: SignedDuration = self.spent.iter().filter(|(id, _)| *id == stage.id).map(|(_, time)| *time).sum();
        let running = if state == StageState::Active { self.running(table) } else { SignedDuration::ZERO };
        StageView {
            id: stage.id,
            label: translated(&stage.label).into_owned(),
            state,
            spent: over + running,
            visited: here || self.was_visited(stage.id),
            table: table.to_owned(),
            record: self.instance.record(table).cloned(),
            steps: self.steps(stage, table),
        }
    }

    fn steps(&self, stage: &Stage, table: &str) -> Vec<StepView> {
        let Some(table) = self.model.table(table) else { return Vec::new() };
        let row = self.rows.get(&table.name);
        let is_done =
            |column: &str| row.is_some_and(|row| table.column(column).is_some_and(|column| gate::is_done(column, row)));
        let steps = stage.steps.iter().map(|step| StepView {
            column: step.column.clone(),
            action: step.action,
            label: gate::label(step, table),
            required: step.required,
            done: is_done(&step.column),
        });
        steps.collect()
    }

    /// The stay that goes on; the clock stops when the record is closed.
    fn running(&self, table: &str) -> SignedDuration {
        let closed = self.model.table(table).zip(self.rows.get(table)).and_then(|(table, row)| closed(table, row));
        let until = closed.map_or_else(Timestamp::now, |day| {
            let start = day.to_zoned_datetime(self.caller.time_zone.clone());
            start.map_or_else(|_| Timestamp::now(), |start| start.timestamp())
        });
        until.duration_since(self.instance.since).max(SignedDuration::ZERO)
    }
}

/// The day on which a closed record was closed, where it tells.
fn closed(table: &Table, row: &Row) -> Option<jiff::civil::Date> {
    let state = row.value("statecode").as_whole().and_then(|state| i32::try_from(state).ok())?;
    table.state(state).filter(|state| state.closed)?;
    match row.value("actualclosedate") {
        model::Value::Date(day) => Some(*day),
        _ => None,
    }
}

fn state(instance: &Instance) -> JourneyState {
    match () {
        () if instance.is_switched() => JourneyState::Switched,
        () if !instance.is_ended() => JourneyState::Active,
        () if instance.is_finished() => JourneyState::Finished,
        () => JourneyState::Abandoned,
    }
}
