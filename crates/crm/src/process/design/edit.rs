//! What can be changed in a draft, one thing at a time.

use language::tr;
use model::{Model, Process, Stage, StageCategory, StageStep};
use uuid::Uuid;

use super::{
    conditions::{ConditionEdit, Spot},
    draft::{labelled, short_name, wrong},
};
use crate::{Error, Result};

/// One change of a draft.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// What the flow is called, what it is for and whom it leads.
    Describe {
        /// What people read.
        label: String,
        /// What it is for.
        description: String,
        /// Labels of security roles; everybody where empty.
        roles: Vec<String>,
    },
    /// A stage at the end.
    AddStage(StageForm),
    /// Another label, category or table of a stage.
    ChangeStage(String, StageForm),
    /// A stage to another place.
    MoveStage(String, usize),
    /// A stage goes, with its steps.
    RemoveStage(String),
    /// A step at the end of a stage.
    AddStep(String, StageStep),
    /// Another step in the place of the one at this position.
    ChangeStep(String, usize, StageStep),
    /// A step to another place of its stage.
    MoveStep(String, usize, usize),
    /// A step goes.
    RemoveStep(String, usize),
    /// A part of a condition.
    Condition(Spot, ConditionEdit),
}

/// What a stage is, but for its steps and condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageForm {
    /// What people read.
    pub label: String,
    /// The phase of the pipeline.
    pub category: StageCategory,
    /// The table worked on.
    pub table: String,
    /// The lookup of that table which leads back to an earlier stage.
    pub relationship: Option<String>,
}

impl Edit {
    /// Makes the change. Whether the whole is sound is told by checking it.
    pub(super) fn apply(self, model: &Model, process: &mut Process) -> Result<()> {
        match self {
            Self::Describe { label, description, roles } => {
                process.label = labelled(&label)?;
                description.trim().clone_into(&mut process.description);
                process.roles = roles;
            }
            Self::AddStage(form) => {
                let name = free_name(process, &form.label);
                process.stages.push(form.stage(model, name)?);
            }
            Self::ChangeStage(name, form) => {
                let wanted = form.stage(model, name.clone())?;
                let stage = stage_named(process, &name)?;
                // Steps name columns of the table; those of another one are told to be wrong.
                (stage.label, stage.category) = (wanted.label, wanted.category);
                (stage.table, stage.relationship) = (wanted.table, wanted.relationship);
            }
            Self::MoveStage(name, to) => {
                let from = position(process, &name)?;
                put(&mut process.stages, from, to);
            }
            Self::RemoveStage(name) => {
                let at = position(process, &name)?;
                process.stages.remove(at);
            }
            Self::AddStep(name, step) => steps(process, &name)?.push(step),
            Self::ChangeStep(name, at, step) => *steps(process, &name)?.get_mut(at).ok_or_else(no_step)? = step,
            Self::MoveStep(name, from, to) => {
                let steps = steps(process, &name)?;
                if from >= steps.len() {
                    return Err(no_step());
                }
                put(steps, from, to);
            }
            Self::RemoveStep(name, at) => {
                let steps = steps(process, &name)?;
                if at >= steps.len() {
                    return Err(no_step());
                }
                steps.remove(at);
            }
            Self::Condition(spot, edit) => edit.apply(process, &spot)?,
        }
        Ok(())
    }
}

impl StageForm {
    fn stage(self, model: &Model, name: String) -> Result<Stage> {
        let label = labelled(&self.label)?;
        if model.table(&self.table).is_none() {
            return Err(wrong("table", &tr!("Table"), &tr!("choose a table")));
        }
        Ok(Stage {
            name,
            label,
            id: Uuid::nil(),
            category: self.category,
            table: self.table,
            relationship: self.relationship.filter(|lookup| !lookup.is_empty()),
            condition: None,
            steps: Vec::new(),
        })
    }
}

/// The place goes to another one; beyond the end is the end.
fn put<T>(list: &mut Vec<T>, from: usize, to: usize) {
    let item = list.remove(from);
    list.insert(to.min(list.len()), item);
}

/// Names of stages stay the same for good: they say where records stand.
fn free_name(process: &Process, label: &str) -> String {
    let stem = short_name(label, 40);
    let taken = |name: &str| process.all_stages().any(|stage| stage.name == name);
    let numbered = (2..).map(|number| format!("{stem}{number}"));
    std::iter::once(stem.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(stem)
}

fn position(process: &Process, name: &str) -> Result<usize> {
    process.stages.iter().position(|stage| stage.name == name).ok_or_else(no_stage)
}

pub(super) fn stage_named<'p>(process: &'p mut Process, name: &str) -> Result<&'p mut Stage> {
    process.stages.iter_mut().find(|stage| stage.name == name).ok_or_else(no_stage)
}

fn steps<'p>(process: &'p mut Process, stage: &str) -> Result<&'p mut Vec<StageStep>> {
    Ok(&mut stage_named(process, stage)?.steps)
}

fn no_stage() -> Error {
    Error::refused(tr!("the flow has no such stage any more; look at it again"))
}

fn no_step() -> Error {
    Error::refused(tr!("the stage has no such step any more; look at it again"))
}
