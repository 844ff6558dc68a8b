//! What the lanes of a board stand for.

use std::sync::Arc;

use language::{tr, translated};
use model::{Column, ColumnType, Model, Process, Table, TableKind};

use crate::{
    Caller,
    process::{is_kept_by_flow, stage_table},
};

/// The column that says in which stage of its flow a row is.
pub(super) const STAGE: &str = "stageid";
/// Begins the key of an axis of stages.
const STAGES: &str = "stage";

/// What the lanes of a board stand for.
#[derive(Debug, Clone, PartialEq)]
pub enum Axis {
    /// The phases of the pipeline, over all flows: rows of several flows stand side by side.
    Phase,
    /// The stages of one flow.
    Flow(Arc<Process>),
    /// The values of a choice, a state, a status reason or a yes and no: its logical name and its label.
    Column(String, String),
}

impl Axis {
    /// Everything a table's rows can be put into lanes by, as far as the caller may read it.
    pub fn all(model: &Model, caller: &Caller, table: &Table) -> Vec<Self> {
        let mut axes = Vec::new();
        if table.column(STAGE).is_some_and(|column| caller.may_read(column)) {
            let flows = flows(model, table);
            if flows.len() > 1 {
                axes.push(Self::Phase);
            }
            axes.extend(flows.into_iter().map(Self::Flow));
        }
        let may_be = |column: &&Column| makes_lanes(column) && caller.may_read(column);
        let mut columns: Vec<&Column> = table.columns.values().filter(may_be).collect();
        columns.sort_by_key(|column| (!is_state(column), is_flag(column), column.label.to_lowercase()));
        axes.extend(
            columns.into_iter().map(|column| Self::Column(column.name.clone(), translated(&column.label).into_owned())),
        );
        axes
    }

    /// The axis people expect: the stages of the flow; of activities their state; else the first
    /// choice that the table declares, since a state of two values tells little. Labels do not matter,
    /// so that it is the same in every language.
    pub(super) fn first<'a>(axes: &'a [Self], table: &Table) -> Option<&'a Self> {
        let by_state = matches!(table.kind, TableKind::Activity | TableKind::Pointer) || table.states.len() > 2;
        axes.iter().min_by_key(|axis| axis.column_in(table).map(|(place, column)| (rank(column, by_state), place)))
    }

    /// The column whose values make the lanes, with its place among those of its table; none of stages.
    fn column_in<'t>(&self, table: &'t Table) -> Option<(usize, &'t Column)> {
        let Self::Column(name, _) = self else { return None };
        table.columns.get_full(name).map(|(place, _, column)| (place, column))
    }

    /// How addresses name it: `stage`, `stage:opportunitysalesprocess`, `opportunityratingcode`.
    pub fn key(&self) -> String {
        match self {
            Self::Phase => STAGES.to_owned(),
            Self::Flow(process) => format!("{STAGES}:{}", process.name),
            Self::Column(name, _) => name.clone(),
        }
    }

    /// What people read.
    pub fn label(&self) -> String {
        match self {
            Self::Phase => tr!("Stage, all flows"),
            Self::Flow(process) => tr!("Stage, {}", translated(&process.label)),
            Self::Column(_, label) => label.clone(),
        }
    }

    /// The column whose value decides about the lane.
    pub fn column(&self) -> &str {
        match self {
            Self::Column(name, _) => name,
            _ => STAGE,
        }
    }

    /// True where lanes are stages.
    pub const fn is_stages(&self) -> bool {
        !matches!(self, Self::Column(..))
    }
}

/// The active flows with a stage on the table, in their order.
pub(super) fn flows(model: &Model, table: &Table) -> Vec<Arc<Process>> {
    let works_here = |process: &&Arc<Process>| {
        process.active && process.stages.iter().any(|stage| stage_table(process, stage) == table.name)
    };
    let mut flows: Vec<_> = model.processes.iter().filter(works_here).cloned().collect();
    flows.sort_by_key(|process| (process.table != table.name, process.order));
    flows
}

/// Which of a table's columns makes its board unasked: the least.
fn rank(column: &Column, by_state: bool) -> u8 {
    match &column.kind {
        ColumnType::State if by_state => 0,
        ColumnType::State => 2,
        ColumnType::Status => 3,
        ColumnType::Boolean { .. } => 4,
        _ => 1,
    }
}

fn is_state(column: &Column) -> bool {
    matches!(column.kind, ColumnType::State | ColumnType::Status)
}

/// A yes or no tells little: it is offered last, and never shown unasked.
fn is_flag(column: &Column) -> bool {
    matches!(column.kind, ColumnType::Boolean { .. })
}

fn makes_lanes(column: &Column) -> bool {
    match &column.kind {
        ColumnType::State | ColumnType::Status => true,
        // Those that the engine keeps are marks, not choices.
        ColumnType::Boolean { .. } => !column.read_only,
        // The stages themselves make lanes.
        ColumnType::Choice { options } => options.len() > 1 && !is_kept_by_flow(column),
        _ => false,
    }
}
