//! The lanes of a board.

use language::{tr, translated};
use model::{Choice, ColumnType, Filter, Model, Operator, RequiredLevel, State, Table};
use uuid::Uuid;

use super::{
    Axis, Board,
    axis::{STAGE, flows},
};
use crate::process::stage_table;
use crate::words::within;

/// One lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// How addresses name it; unique on the board.
    pub key: String,
    /// What people read.
    pub label: String,
    /// Colour name of the design, where the value has one.
    pub color: Option<String>,
    /// Left out while it has no cards: nobody looks for it.
    pub only_filled: bool,
    /// Which rows.
    pub holds: Holds,
}

/// Which rows a lane holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Holds {
    /// Those not closed in one of these stages.
    Stages(Vec<Uuid>),
    /// Those not closed that are in no stage.
    NoStage,
    /// Those with this number in the axis' column.
    Value(i32),
    /// Those with this yes or no in the axis' column.
    Flag(bool),
    /// Those with nothing there.
    Nothing,
    /// Those closed in this state, on a board of stages.
    Closed(i32),
}

impl Lane {
    fn new(key: impl Into<String>, label: impl Into<String>, holds: Holds) -> Self {
        Self { key: key.into(), label: label.into(), color: None, only_filled: false, holds }
    }

    /// Which rows of the board's table.
    pub fn filter(&self, board: &Board) -> Filter {
        let column = board.axis.column();
        match &self.holds {
            Holds::Stages(stages) => {
                let here = match stages.as_slice() {
                    [stage] => Filter::eq(STAGE, *stage),
                    several => Filter::is_in(STAGE, several.iter().copied()),
                };
                is_open(&board.table).and(here)
            }
            Holds::NoStage => is_open(&board.table).and(Filter::unary(STAGE, Operator::Null)),
            Holds::Value(number) => match self.state(&board.table, &board.axis) {
                // The reason says the state, too: by the state, indexes find the rows.
                Some(state) if column != "statecode" => Filter::eq("statecode", state).and(Filter::eq(column, *number)),
                _ => Filter::eq(column, *number),
            },
            Holds::Flag(yes) => Filter::eq(column, *yes),
            Holds::Nothing => Filter::unary(column, Operator::Null),
            Holds::Closed(state) => Filter::eq("statecode", *state),
        }
    }

    /// The state that its rows are in, where the lane says one.
    pub fn state(&self, table: &Table, axis: &Axis) -> Option<i32> {
        match (&self.holds, axis) {
            (Holds::Closed(state), _) => Some(*state),
            (Holds::Value(number), Axis::Column(name, _)) => match table.column(name)?.kind {
                ColumnType::State => Some(*number),
                ColumnType::Status => Some(table.state_of_status(*number)?.value),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The rows in states that are not closed, where the table has closed ones.
fn is_open(table: &Table) -> Filter {
    if !table.states.iter().any(|state| state.closed) {
        return Filter::everything();
    }
    let open: Vec<i32> = table.states.iter().filter(|state| !state.closed).map(|state| state.value).collect();
    match open.as_slice() {
        [state] => Filter::eq("statecode", *state),
        several => Filter::is_in("statecode", several.iter().copied()),
    }
}

/// The lanes of an axis, in order.
pub(super) fn lanes(model: &Model, table: &Table, axis: &Axis) -> Vec<Lane> {
    match axis {
        Axis::Phase => phases(model, table).into_iter().chain(closing(table)).collect(),
        Axis::Flow(process) => {
            let here = process.stages.iter().filter(|stage| stage_table(process, stage) == table.name);
            let lane = |stage: &model::Stage| {
                Lane::new(stage.id.to_string(), translated(&stage.label), Holds::Stages(vec![stage.id]))
            };
            let gone = gone_stages(process).filter(|stage| stage_table(process, stage) == table.name).map(|stage| {
                let label = tr!("{} (earlier version)", translated(&stage.label));
                Lane { only_filled: true, ..Lane::new(stage.id.to_string(), label, Holds::Stages(vec![stage.id])) }
            });
            here.map(lane).chain(gone).chain(closing(table)).collect()
        }
        Axis::Column(name, _) => values(table, name),
    }
}

/// Stages that only earlier versions of a flow have; records may still stand in them.
fn gone_stages(process: &model::Process) -> impl Iterator<Item = &model::Stage> {
    let mut seen: Vec<Uuid> = process.stages.iter().map(|stage| stage.id).collect();
    process.all_stages().filter(move |stage| {
        let gone = !seen.contains(&stage.id);
        seen.push(stage.id);
        gone
    })
}

/// A lane a phase of the pipeline, with the stages of all flows in it.
fn phases(model: &Model, table: &Table) -> Vec<Lane> {
    let mut phases: Vec<(model::StageCategory, Vec<Uuid>)> = Vec::new();
    for process in flows(model, table) {
        let all = process.stages.iter().chain(gone_stages(&process));
        for stage in all.filter(|stage| stage_table(&process, stage) == table.name) {
            match phases.iter_mut().find(|(phase, _)| *phase == stage.category) {
                Some((_, stages)) => stages.push(stage.id),
                None => phases.push((stage.category, vec![stage.id])),
            }
        }
    }
    phases.sort_by_key(|(phase, _)| *phase);
    let lane = |(phase, stages)| {
        let key = format!("{phase:?}").to_lowercase();
        Lane::new(key, crate::process::phase(phase), Holds::Stages(stages))
    };
    let without = Lane { only_filled: true, ..Lane::new("none", tr!("No stage"), Holds::NoStage) };
    std::iter::once(without).chain(phases.into_iter().map(lane)).collect()
}

/// The ways out of the flow: the states in which a row is closed.
fn closing(table: &Table) -> impl Iterator<Item = Lane> {
    table.states.iter().filter(|state| state.closed).map(|state| Lane {
        color: color_of(state),
        ..Lane::new(format!("state-{}", state.value), translated(&state.label), Holds::Closed(state.value))
    })
}

fn values(table: &Table, name: &str) -> Vec<Lane> {
    let Some(column) = table.column(name) else { return Vec::new() };
    let lane = |value: i32, label: &str, color: Option<String>, only_filled| Lane {
        color,
        only_filled,
        ..Lane::new(value.to_string(), translated(label), Holds::Value(value))
    };
    match &column.kind {
        ColumnType::State => {
            table.states.iter().map(|state| lane(state.value, &state.label, color_of(state), false)).collect()
        }
        ColumnType::Status => {
            let statuses = table.states.iter().flat_map(|state| &state.statuses);
            statuses.map(|status| lane(status.value, &status.label, status.color.clone(), false)).collect()
        }
        ColumnType::Boolean { yes, no } => flags(column, yes, no),
        _ => {
            let is_asked = column.required >= RequiredLevel::Required || column.default.is_some();
            let nothing = Lane {
                only_filled: is_asked,
                ..Lane::new("none", tr!("No {}", within(&column.label)), Holds::Nothing)
            };
            let option = |option: &Choice| lane(option.value, &option.label, option.color.clone(), option.hidden);
            std::iter::once(nothing).chain(column.options().iter().map(option)).collect()
        }
    }
}

fn flags(column: &model::Column, yes: &str, no: &str) -> Vec<Lane> {
    let nothing = Lane { only_filled: true, ..Lane::new("none", tr!("No {}", within(&column.label)), Holds::Nothing) };
    let lane = |flag: bool, label: &str| Lane::new(flag.to_string(), translated(label), Holds::Flag(flag));
    vec![nothing, lane(false, no), lane(true, yes)]
}

/// A state has no colour of its own: that of the status reason it begins with.
fn color_of(state: &State) -> Option<String> {
    state.statuses.iter().find(|status| status.value == state.default_status).and_then(|status| status.color.clone())
}
