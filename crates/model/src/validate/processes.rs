//! Process flows and column mappings.

use std::collections::BTreeSet;

use super::Validation;
use crate::{Column, ColumnType, Process, Stage, StageStep, Table, TableKind, coerce::MONEY_PLACES};

/// Limits people know from Dataverse; a bar with more cannot be read.
const MOST_STAGES: usize = 30;
const MOST_STEPS: usize = 30;
const MOST_TABLES: usize = 5;
const MOST_ACTIVE: usize = 10;

impl Validation<'_> {
    pub(super) fn processes(&mut self) {
        let model = self.model;
        for process in &model.processes {
            let here = format!("process {}", process.name);
            if process.stages.is_empty() || process.stages.len() > MOST_STAGES {
                self.problem(&here, format!("a process has 1 to {MOST_STAGES} stages"));
            }
            let tables: BTreeSet<&str> = process.stages.iter().map(|stage| stage.table.as_str()).collect();
            if tables.len() > MOST_TABLES {
                self.problem(&here, format!("a process works on at most {MOST_TABLES} tables"));
            }
            if model.table(&process.table).is_none() {
                self.problem(&here, format!("there is no table {}", process.table));
            }
            if process.stages.first().is_some_and(|stage| stage.table != process.table) {
                self.problem(
                    &here,
                    format!("the first stage must work on {}, where the process starts", process.table),
                );
            }
            self.unique(&here, "stage", process.stages.iter().map(|stage| &stage.name));
            self.unique(&here, "role", process.roles.iter());
            for role in process.roles.iter().filter(|name| !model.roles.values().any(|role| role.label == **name)) {
                self.problem(&here, format!("there is no security role “{role}”"));
            }
            let active = model.processes.iter().filter(|other| other.active && other.table == process.table);
            if process.active && active.count() > MOST_ACTIVE {
                let many = format!("{} has more than {MOST_ACTIVE} active processes; switch some off", process.table);
                self.problem(&here, many);
            }
            for (position, stage) in process.stages.iter().enumerate() {
                self.stage(&format!("{here}: stage {}", stage.name), process, position, stage);
            }
        }
    }

    fn stage(&mut self, here: &str, process: &Process, position: usize, stage: &Stage) {
        let model = self.model;
        let Some(table) = model.table(&stage.table) else {
            self.problem(here, format!("there is no table {}", stage.table));
            return;
        };
        if table.kind != TableKind::Standard {
            self.problem(here, format!("{} cannot be led through stages; only business records can", table.name));
        }
        if stage.steps.len() > MOST_STEPS {
            self.problem(here, format!("a stage has at most {MOST_STEPS} steps"));
        }
        self.unique(here, "step", stage.steps.iter().map(|step| &step.column).filter(|column| !column.is_empty()));
        for (number, step) in (1..).zip(&stage.steps) {
            self.step(here, number, table, step);
        }
        let earlier = &process.stages[..position];
        if let Some(lookup) = &stage.relationship {
            let leads_back = table
                .column(lookup)
                .is_some_and(|column| earlier.iter().any(|stage| column.targets().contains(&stage.table)));
            if !leads_back {
                self.problem(
                    here,
                    format!("{}.{lookup} is not a lookup that leads back to an earlier stage", table.name),
                );
            }
        }
        match (&stage.condition, earlier.last()) {
            (None, _) => {}
            (Some(_), None) => self.problem(here, "the first stage cannot have a condition"),
            (Some(condition), Some(before)) => self.filter(here, &before.table, condition, false),
        }
    }

    fn step(&mut self, stage: &str, number: usize, table: &Table, step: &StageStep) {
        let here = format!("{stage}: step {number}");
        match (step.action, table.column(&step.column)) {
            (Some(_), _) if !step.column.is_empty() => {
                self.problem(&here, "a step has either a column or an action, not both");
            }
            (Some(_), _) if step.required => {
                self.problem(&here, "an action cannot be required; require a column that tells it was done");
            }
            (Some(action), _) if action.table().is_some_and(|only| only != table.name) => {
                let only = action.table().unwrap_or_default();
                self.problem(&here, format!("“{}” works on {only}, not on {}", action.label(), table.name));
            }
            (Some(_), _) => {}
            (None, _) if step.column.is_empty() => self.problem(&here, "name a column or an action"),
            (None, None) => self.problem(&here, format!("{} has no column {}", table.name, step.column)),
            (None, Some(column)) => {
                if matches!(
                    column.kind,
                    ColumnType::PartyList { .. } | ColumnType::File { .. } | ColumnType::Image { .. }
                ) {
                    self.problem(&here, format!("{} holds files or people and cannot be a step", column.name));
                }
                if step.required && (column.read_only || column.is_computed()) {
                    let unfillable =
                        format!("{} is set by the system, so nobody could fill it; do not require it", column.name);
                    self.problem(&here, unfillable);
                }
            }
        }
    }

    pub(super) fn mappings(&mut self) {
        let model = self.model;
        for mapping in &model.mappings {
            let here = format!("mapping {} to {}", mapping.from, mapping.to);
            let (Some(from), Some(to)) = (model.table(&mapping.from), model.table(&mapping.to)) else {
                self.problem(&here, "one of the tables does not exist");
                continue;
            };
            self.unique(&here, "target column", mapping.columns.iter().map(|pair| &pair.to));
            for pair in &mapping.columns {
                match (from.column(&pair.from), to.column(&pair.to)) {
                    (None, _) => self.problem(&here, format!("{} has no column {}", from.name, pair.from)),
                    (_, None) => self.problem(&here, format!("{} has no column {}", to.name, pair.to)),
                    (Some(source), Some(target)) => {
                        if let Err(message) = fits(&from.name, source, target) {
                            self.problem(&here, format!("{} to {}: {message}", pair.from, pair.to));
                        }
                    }
                }
            }
        }
    }
}

/// Whether every value of `source` can be a value of `target`.
fn fits(from: &str, source: &Column, target: &Column) -> Result<(), String> {
    use ColumnType as T;
    if target.is_computed() || matches!(target.kind, T::Id | T::State | T::Status) {
        return Err("the target is set by the engine".to_owned());
    }
    let sound = match (source.value_type(), &target.kind) {
        (T::AutoNumber(_), T::Text { length, .. } | T::Memo { length }) => *length >= 100,
        (
            T::Text { length: a, .. } | T::Memo { length: a } | T::RichText { length: a },
            T::Text { length: b, .. } | T::Memo { length: b } | T::RichText { length: b },
        ) => {
            if a > b {
                return Err(format!(
                    "the target holds {b} characters, the source up to {a}; lengthen the target, too, or take the pair out"
                ));
            }
            true
        }
        (T::Id, T::Lookup { targets }) => targets.iter().any(|target| target == from),
        (T::Lookup { targets: a }, T::Lookup { targets: b }) => a.iter().all(|target| b.contains(target)),
        (T::Choice { options: a }, T::Choice { options: b })
        | (T::MultiChoice { options: a }, T::MultiChoice { options: b }) => {
            if let Some(option) = a.iter().find(|option| !b.iter().any(|other| other.value == option.value)) {
                return Err(format!("the target has no option {} {}", option.value, option.label));
            }
            true
        }
        (T::Whole { .. }, T::Decimal { .. } | T::Money { .. }) => true,
        (T::Decimal { precision, .. }, T::Money { .. }) => *precision <= MONEY_PLACES,
        (T::Money { .. }, T::Decimal { precision, .. }) => *precision >= MONEY_PLACES,
        (T::Decimal { precision: a, .. }, T::Decimal { precision: b, .. }) => a <= b,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    };
    if sound { Ok(()) } else { Err("the types do not agree".to_owned()) }
}
