//! The flows of all tables, published and drafted.

use std::collections::BTreeMap;

use model::{Filter, Model, Order, Overlay, PartOrigin, Process};

use super::{Designer, WHAT, draft};
use crate::{Caller, Result, access};

/// Most drafts shown.
const MOST: u32 = 500;

/// One flow in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowSummary {
    /// Logical name.
    pub name: String,
    /// What people read.
    pub label: String,
    /// Logical name of the table it starts on.
    pub table: String,
    /// Whether it leads new records.
    pub state: FlowState,
    /// The version in force; none before it is first published.
    pub version: Option<u32>,
    /// True where changes wait to be published.
    pub drafted: bool,
    /// Whom it leads; everybody where empty.
    pub roles: Vec<String>,
    /// Which new records it takes; all where none.
    pub rule: Option<Filter>,
    /// How many stages it has.
    pub stages: usize,
    /// Whether it is shipped.
    pub origin: PartOrigin,
}

/// Whether a flow leads new records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowState {
    /// It was never published.
    Draft,
    /// It does.
    Active,
    /// It is switched off; the records it leads go on.
    Inactive,
}

impl Designer<'_> {
    /// All flows, by the table they start on and in the order they are chosen in; drafts of new ones
    /// last.
    pub async fn flows(&self, caller: &Caller) -> Result<BTreeMap<String, Vec<FlowSummary>>> {
        access::require_customizer(caller, WHAT)?;
        let engine = self.app.engine().await?;
        let query = self
            .app
            .new_query(&engine, draft::DRAFTS)
            .select(["uniquename", "definition"])
            .order_by(Order::ascending("uniquename"))
            .take(MOST);
        let rows = self.app.query(&engine, query).await?;
        let drafts: Vec<Process> = rows.to_rows().filter_map(|row| draft::process(&row).ok()).collect();
        let (model, overlay) = (self.app.model(), self.app.customization().overlay());
        let published = model.processes.iter().map(|process| FlowSummary {
            state: if process.active { FlowState::Active } else { FlowState::Inactive },
            version: Some(process.version),
            drafted: drafts.iter().any(|draft| draft.name == process.name),
            ..summary(process, origin(&overlay, &process.name))
        });
        let new = drafts.iter().filter(|draft| model.process(&draft.name).is_none());
        let new = new.map(|draft| FlowSummary { drafted: true, ..summary(draft, PartOrigin::Own) });
        let mut flows: BTreeMap<String, Vec<FlowSummary>> = BTreeMap::new();
        for flow in published.chain(new) {
            flows.entry(flow.table.clone()).or_default().push(flow);
        }
        Ok(flows)
    }
}

fn summary(process: &Process, origin: PartOrigin) -> FlowSummary {
    FlowSummary {
        name: process.name.clone(),
        label: process.label.clone(),
        table: process.table.clone(),
        state: FlowState::Draft,
        version: None,
        drafted: false,
        roles: process.roles.clone(),
        rule: process.rule.clone(),
        stages: process.stages.len(),
        origin,
    }
}

/// Where a flow comes from; one that is only drafted is an own one.
pub(super) fn origin(overlay: &Overlay, flow: &str) -> PartOrigin {
    let shipped = Model::shipped().is_ok_and(|shipped| shipped.process(flow).is_some());
    let changed = overlay.process_changes.contains_key(flow) || overlay.processes.iter().any(|own| own.name == flow);
    match (shipped, changed) {
        (false, _) => PartOrigin::Own,
        (true, false) => PartOrigin::Shipped,
        (true, true) => PartOrigin::Changed,
    }
}
