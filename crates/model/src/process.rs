//! Business process flows: the stages a seller is led through.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Filter;

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
    /// Taken only when the row of the stage before satisfies this; otherwise skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Filter>,
    /// Data to be gathered.
    #[serde(default, rename = "step")]
    pub steps: Vec<StageStep>,
}

/// One piece of data to be gathered in a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageStep {
    /// The column.
    pub column: String,
    /// What people read; the column's label where empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Must be filled before the next stage.
    #[serde(default)]
    pub required: bool,
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
