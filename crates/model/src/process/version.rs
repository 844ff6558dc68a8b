//! Versions of a flow: what it looked like when records began to be led by it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Process, Stage};

/// The stages of a flow as they were published once, kept for the records that are led by them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessVersion {
    /// Logical name of the flow.
    pub process: String,
    /// Its number, from 1.
    pub version: u32,
    /// The stages, in order.
    #[serde(rename = "stage")]
    pub stages: Vec<Stage>,
}

impl Process {
    /// Fills in what follows from names and stands in no declaration: identifiers, and the tables of
    /// stages that name none.
    pub fn finish(&mut self) {
        crate::build::finish_process(self);
    }

    /// The flow as it was in this version; as it is now where the version is not known any more.
    pub fn in_version(self: &Arc<Self>, version: u32) -> Arc<Self> {
        self.earlier.iter().find(|earlier| earlier.version == version).unwrap_or(self).clone()
    }

    /// The version that leads a record standing in this stage: the one in force, or else the latest
    /// one that has it.
    pub fn with_stage(self: &Arc<Self>, stage: uuid::Uuid) -> Option<Arc<Self>> {
        let versions = std::iter::once(self).chain(self.earlier.iter().rev());
        versions.into_iter().find(|version| version.position(stage).is_some()).cloned()
    }

    /// The stages of all versions, those in force first; one that several versions have stands there
    /// several times.
    pub fn all_stages(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().chain(self.earlier.iter().rev().flat_map(|earlier| &earlier.stages))
    }

    /// The earlier versions, as an overlay keeps them.
    pub(crate) fn kept_versions(&self) -> impl Iterator<Item = ProcessVersion> {
        self.earlier.iter().map(|earlier| earlier.as_version())
    }

    /// The stages in force, to be kept as an earlier version: as a file says them, without what follows
    /// from names.
    pub(crate) fn as_version(&self) -> ProcessVersion {
        let declared = |stage: &Stage| Stage { id: uuid::Uuid::nil(), ..stage.clone() };
        let stages = self.stages.iter().map(declared).collect();
        ProcessVersion { process: self.name.clone(), version: self.version, stages }
    }
}
