//! Process flows and column mappings.

use std::collections::BTreeSet;

use super::Validation;
use crate::{
    Column, ColumnType, Filter, Model, Problem, Process, Stage, StageStep, Table, TableKind, coerce::MONEY_PLACES,
};

/// Limits people know from Dataverse; a bar with more cannot be read.
const MOST_STAGES: usize = 30;
const MOST_STEPS: usize = 30;
const MOST_TABLES: usize = 5;
const MOST_ACTIVE: usize = 10;

impl Model {
    /// What publishing would say is wrong with a process in this model: each mistake with its place,
    /// such as `process new_large: stage approve: step 2`.
    pub fn check_process(&self, process: &Process) -> Vec<Problem> {
        let mut process = process.clone();
        crate::build::finish_process(&mut process);
        let mut validation = Validation { model: self, problems: Vec::new() };
        validation.process(&process);
        validation.unfinished(&process);
        validation.problems
    }
}

impl Validation<'_> {
    pub(super) fn processes(&mut self) {
        for process in &self.model.processes {
            self.process(process);
            // What still leads records must go on working as it is.
            for earlier in &process.earlier {
                self.stages(&format!("process {}: version {}", process.name, earlier.version), earlier);
            }
        }
    }

    fn process(&mut self, process: &Process) {
        let model = self.model;
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
            self.problem(&here, format!("the first stage must work on {}, where the process starts", process.table));
        }
        self.unique(&here, "stage", process.stages.iter().map(|stage| &stage.name));
        self.unique(&here, "role", process.roles.iter());
        for role in process.roles.iter().filter(|name| !model.roles.values().any(|role| role.label == **name)) {
            self.problem(&here, format!("there is no security role “{role}”"));
        }
        let others = model.processes.iter().filter(|other| other.active && other.table == process.table);
        let others = others.filter(|other| other.name != process.name).count();
        if process.active && others >= MOST_ACTIVE {
            let many = format!("{} has more than {MOST_ACTIVE} active processes; switch some off", process.table);
            self.problem(&here, many);
        }
        if let Some(rule) = &process.rule {
            self.rule(&format!("{here}: rule"), process, rule);
        }
        self.stages(&here, process);
    }

    /// What nobody leaves so on purpose. Not asked of what is published already.
    fn unfinished(&mut self, process: &Process) {
        let here = format!("process {}", process.name);
        if process.label.trim().is_empty() {
            self.problem(&here, "give the process a label");
        }
        for stage in &process.stages {
            let here = format!("{here}: stage {}", stage.name);
            if stage.label.trim().is_empty() {
                self.problem(&here, "give the stage a label");
            }
            if let Some(condition) = &stage.condition {
                self.whole_groups(&format!("{here}: condition"), condition);
            }
        }
    }

    fn stages(&mut self, here: &str, process: &Process) {
        for (position, stage) in process.stages.iter().enumerate() {
            self.stage(&format!("{here}: stage {}", stage.name), process, position, stage);
        }
    }

    /// A rule is judged on the new row before it is written, so it cannot speak of what is only
    /// known afterwards.
    fn rule(&mut self, here: &str, process: &Process, rule: &Filter) {
        self.filter(here, &process.table, rule, true);
        self.whole_groups(here, rule);
        let Some(table) = self.model.table(&process.table) else { return };
        for condition in rule.conditions() {
            if table.column(&condition.column.column).is_some_and(Column::is_computed) {
                let message = format!("{} is calculated after a row is made; choose another column", condition.column);
                self.problem(here, message);
            }
            if condition.operator.climbs() {
                let message = format!("{}: a place in a hierarchy cannot be asked of a new row", condition.column);
                self.problem(here, message);
            }
        }
    }

    /// A group without conditions says either everything or nothing; nobody means that.
    fn whole_groups(&mut self, here: &str, filter: &Filter) {
        match filter {
            Filter::All(parts) | Filter::Any(parts) if parts.is_empty() => {
                self.problem(here, "a group has no conditions; add some or take the group out");
            }
            Filter::All(parts) | Filter::Any(parts) => parts.iter().for_each(|part| self.whole_groups(here, part)),
            Filter::Not(inner) => self.whole_groups(here, inner),
            _ => {}
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
            (Some(condition), Some(before)) => {
                let here = format!("{here}: condition");
                self.filter(&here, &before.table, condition, false);
            }
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
