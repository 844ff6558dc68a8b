//! Earlier versions of flows: kept when a flow is changed, forgotten when nothing needs them.

use std::collections::BTreeSet;

use super::Overlay;
use crate::{Model, ModelError, ProcessVersion, files::Declarations};

impl Overlay {
    /// Keeps what each flow looks like in `present` where this overlay gives it other stages, and
    /// the versions that were kept before. A flow that is declared no more leaves nothing behind.
    pub fn keep_process_versions(&mut self, present: &Model) -> Result<(), ModelError> {
        let mut next = self.over(Declarations::base()?)?.processes;
        crate::build::finish_processes(&mut next, Vec::new());
        for before in &present.processes {
            let Some(after) = next.iter().find(|process| process.name == before.name) else { continue };
            let changed = (after.stages != before.stages).then(|| before.as_version());
            for kept in before.kept_versions().chain(changed) {
                self.keep_process_version(kept);
            }
        }
        self.process_versions.retain(|kept| next.iter().any(|process| process.name == kept.process));
        self.process_versions.sort_by(|a, b| (&a.process, a.version).cmp(&(&b.process, b.version)));
        Ok(())
    }

    fn keep_process_version(&mut self, version: ProcessVersion) {
        let known = |kept: &ProcessVersion| kept.process == version.process && kept.version == version.version;
        if !self.process_versions.iter().any(known) {
            self.process_versions.push(version);
        }
    }

    /// Forgets earlier versions of a flow that are not among those still needed. The latest stays,
    /// since the number of the version in force follows from it.
    pub fn forget_process_versions(&mut self, process: &str, needed: &BTreeSet<u32>) {
        let of_process = self.process_versions.iter().filter(|kept| kept.process == process);
        let latest = of_process.map(|kept| kept.version).max();
        self.process_versions
            .retain(|kept| kept.process != process || Some(kept.version) == latest || needed.contains(&kept.version));
    }
}
