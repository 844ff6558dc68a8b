//! A record's flow as people see it: stages, steps, time spent.

use jiff::{SignedDuration, Timestamp};
use model::{Filter, Reference};
use store::Query;
use uuid::Uuid;

use super::{Instance, Processes, moves, stage_table};
use crate::{Caller, Result};

/// A record's flow.
#[derive(Debug, Clone)]
pub struct Journey {
    /// Label of the flow.
    pub label: String,
    /// True while it goes on.
    pub active: bool,
    /// True where it was finished, not abandoned.
    pub finished: bool,
    /// Its stages in order.
    pub stages: Vec<StageView>,
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
    /// The record worked on in it, where there is one.
    pub record: Option<Reference>,
    /// Data to be gathered.
    pub steps: Vec<StepView>,
}

/// One step of a stage.
#[derive(Debug, Clone)]
pub struct StepView {
    /// The column.
    pub column: String,
    /// What people read.
    pub label: String,
    /// Must be filled before the next stage.
    pub required: bool,
    /// Holds data; only known for stages of the record looked at.
    pub done: bool,
}

impl Processes<'_> {
    /// The flow of a record; none where its table has no flow.
    pub async fn journey(&self, caller: &Caller, record: Reference) -> Result<Option<Journey>> {
        let caller = caller.clone();
        self.app
            .read(move |reader| {
                let row = crate::reading::get(reader, &caller, &record.table, record.id, None)?;
                let model = reader.model().clone();
                let Some(instance) = Instance::read(reader, &caller, &record, &row)? else { return Ok(None) };
                let spent = spent(reader, &caller, &instance)?;
                let process = instance.process.clone();
                let visited = |id: &Uuid| instance.path.contains(id);
                let stages = process
                    .stages
                    .iter()
                    .enumerate()
                    .map(|(position, stage)| {
                        let here = position == instance.active;
                        let state = match () {
                            () if here && instance.is_active() => StageState::Active,
                            () if visited(&stage.id) && (position <= instance.active) => StageState::Done,
                            () => StageState::Ahead,
                        };
                        let running = if here && instance.is_active() {
                            Timestamp::now().duration_since(instance.since)
                        } else {
                            SignedDuration::ZERO
                        };
                        let own = stage_table(&process, stage) == record.table;
                        let table = model.table(stage_table(&process, stage));
                        let steps = stage.steps.iter().map(|step| {
                            let column = table.and_then(|t| t.column(&step.column));
                            let label = if step.label.is_empty() {
                                column.map_or(step.column.as_str(), |c| &c.label)
                            } else {
                                &step.label
                            };
                            StepView {
                                column: step.column.clone(),
                                label: label.to_owned(),
                                required: step.required,
                                done: own && column.is_some_and(|column| moves::is_done(column, &row)),
                            }
                        });
                        StageView {
                            id: stage.id,
                            label: stage.label.clone(),
                            state,
                            spent: spent
                                .iter()
                                .filter(|(id, _)| *id == stage.id)
                                .map(|(_, time)| *time)
                                .sum::<SignedDuration>()
                                + running,
                            record: instance.record(stage_table(&process, stage)).cloned(),
                            steps: steps.collect(),
                        }
                    })
                    .collect();
                Ok(Some(Journey {
                    label: process.label.clone(),
                    active: instance.is_active(),
                    finished: instance.is_finished(),
                    stages,
                }))
            })
            .await
    }
}

fn spent(reader: &mut store::Reader<'_>, caller: &Caller, instance: &Instance) -> Result<Vec<(Uuid, SignedDuration)>> {
    let Some(id) = instance.row.as_ref().and_then(|row| row.value(&instance.table.primary_key).as_id()) else {
        return Ok(Vec::new());
    };
    let query = Query::of("processstagevisit", caller.scope().clone(), caller.zone())
        .select(["stageid", "durationseconds"])
        .matching(Filter::eq("processinstanceid", id))
        .take(5000);
    let rows = reader.query(&query)?;
    Ok(rows
        .to_rows()
        .filter_map(|row| {
            Some((row.value("stageid").as_id()?, SignedDuration::from_secs(row.value("durationseconds").as_whole()?)))
        })
        .collect())
}
