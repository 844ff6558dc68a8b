//! Business process flows: the stages a seller is led through.

mod version;

use std::sync::Arc;

use language::text;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Filter;

pub use version::ProcessVersion;

/// A process flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Logical name, also of the table of its instances: `leadtoopportunitysalesprocess`.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Identifier on the wire (`workflows`); derived from the name.
    #[serde(skip)]
    pub id: Uuid,
    /// The table it starts on.
    pub table: String,
    /// The lower, the earlier it is offered to a new row of its table.
    #[serde(default)]
    pub order: i32,
    /// Switched off flows keep their instances but start no new ones.
    #[serde(default = "yes")]
    pub active: bool,
    /// Security roles whose holders are led by it; everybody where empty. Administrators always are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Only for new rows of its table that satisfy this, which speaks of the row's own columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Filter>,
    /// Number of the published version that the stages are; it follows from the earlier ones.
    #[serde(skip)]
    pub version: u32,
    /// Versions published earlier, which records may still be led by, the oldest first. All but
    /// their stages is that of the flow in force.
    #[serde(skip)]
    pub earlier: Vec<Arc<Process>>,
    /// The stages, in order; a branch's stages stand between its condition and the stage where
    /// the branches merge.
    #[serde(rename = "stage")]
    pub stages: Vec<Stage>,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Stable short name within the process: `qualify`.
    pub name: String,
    /// What people read.
    pub label: String,
    /// Identifier on the wire (`processstages`); derived from process and name.
    #[serde(skip)]
    pub id: Uuid,
    /// The phase of the pipeline it belongs to.
    pub category: StageCategory,
    /// The table whose row is worked on; the process's own table where empty.
    #[serde(default)]
    pub table: String,
    /// On a new table: the lookup of that table which leads back to the earlier row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
    /// A branch: taken only when the row of the stage that stands before it in the list satisfies
    /// this; otherwise skipped. Stages without a condition are where branches merge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Filter>,
    /// Data to be gathered.
    #[serde(default, rename = "step")]
    pub steps: Vec<StageStep>,
}

impl Process {
    /// True where a holder of these roles is led by the flow.
    pub fn is_for(&self, roles: &[String]) -> bool {
        self.roles.is_empty() || self.roles.iter().any(|role| roles.contains(role))
    }

    /// The position of a stage.
    pub fn position(&self, stage: Uuid) -> Option<usize> {
        self.stages.iter().position(|known| known.id == stage)
    }

    /// The stage on whose row the condition of the stage at `position` is asked.
    pub fn asked(&self, position: usize) -> Option<&Stage> {
        self.stages.get(position.checked_sub(1)?)
    }

    /// True where some of its stages, or of those of an earlier version, works on rows of `table`.
    pub fn works_on(&self, table: &str) -> bool {
        self.table == table || self.all_stages().any(|stage| stage.table == table)
    }
}

/// One step of a stage: data to be gathered, or something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageStep {
    /// The column; empty for an action.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub column: String,
    /// What is done; none for a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<StepAction>,
    /// What people read; the column's or the action's label where empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Must be filled before the next stage; a yes-or-no column must be yes.
    #[serde(default)]
    pub required: bool,
}

/// Something a step offers to do with the record of its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepAction {
    /// Qualify the lead.
    Qualify,
    /// Close the opportunity as won.
    CloseAsWon,
    /// Close the opportunity as lost.
    CloseAsLost,
    /// Add a task about the record.
    AddTask,
    /// Add a phone call about the record.
    AddPhonecall,
    /// Add an appointment about the record.
    AddAppointment,
    /// Add an e-mail about the record.
    AddEmail,
    /// Add a note to the record.
    AddNote,
}

impl StepAction {
    /// What people read where the step has no label of its own, to be looked up where it is shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Qualify => text!("Qualify"),
            Self::CloseAsWon => text!("Close as won"),
            Self::CloseAsLost => text!("Close as lost"),
            Self::AddTask => text!("Add a task"),
            Self::AddPhonecall => text!("Add a phone call"),
            Self::AddAppointment => text!("Add an appointment"),
            Self::AddEmail => text!("Add an e-mail"),
            Self::AddNote => text!("Add a note"),
        }
    }

    /// The only table it can be done on.
    pub const fn table(self) -> Option<&'static str> {
        match self {
            Self::Qualify => Some("lead"),
            Self::CloseAsWon | Self::CloseAsLost => Some("opportunity"),
            _ => None,
        }
    }

    /// The kind of activity it adds.
    pub const fn activity(self) -> Option<&'static str> {
        match self {
            Self::AddTask => Some("task"),
            Self::AddPhonecall => Some("phonecall"),
            Self::AddAppointment => Some("appointment"),
            Self::AddEmail => Some("email"),
            _ => None,
        }
    }
}

/// Phase of the pipeline (`stagecategory` of `processstage`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the field's own")]
pub enum StageCategory {
    Qualify = 0,
    Develop = 1,
    Propose = 2,
    Close = 3,
    Identify = 4,
    Research = 5,
    Resolve = 6,
    Approval = 7,
}

impl StageCategory {
    /// Dataverse's number.
    pub const fn value(self) -> i32 {
        self as i32
    }

    /// `1-Qualify`: the pipeline phase text that an opportunity's `stepname` holds.
    pub fn step_name(self) -> String {
        format!("{}-{self:?}", self.value() + 1)
    }
}

const fn yes() -> bool {
    true
}
