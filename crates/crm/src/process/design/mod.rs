//! Designing process flows: a draft is changed step by step, checked as publishing would, tried on a
//! real record, and published as a version.
//!
//! A draft is a row of `processdraft`, so that nothing is lost with the page, every change of it stands
//! in the history and can be undone. What is in force stays untouched until the draft is published.

mod conditions;
mod draft;
mod edit;
mod list;
mod publish;
mod revision;
mod trial;

use std::sync::Arc;

use jiff::Timestamp;
use language::{text, tr};
use model::{PartOrigin, Problem, Process, Reference};
use store::Row;
use uuid::Uuid;

use crate::{App, Caller, Error, Origin, Result, access};

pub use conditions::{ConditionEdit, Join, Spot, is_group, parts};
pub use edit::{Edit, StageForm};
pub use list::{FlowState, FlowSummary};
pub use publish::{Publication, Published};
pub use revision::{NoRevision, Revision};
pub use trial::{Offer, Trial, TrialNext, TrialStage};

/// What designing is called where it is refused.
const WHAT: &str = text!("design process flows");

/// What can be done to design process flows.
pub struct Designer<'a> {
    app: &'a App,
}

impl App {
    /// What can be done to design process flows.
    pub const fn designer(&self) -> Designer<'_> {
        Designer { app: self }
    }
}

/// A flow as it is being designed.
#[derive(Debug, Clone)]
pub struct Design {
    /// The draft, or what is in force where there is none.
    pub process: Process,
    /// The flow in force; none before it is first published.
    pub in_force: Option<Arc<Process>>,
    /// The draft, where there is one.
    pub draft: Option<Draft>,
    /// Whether it is shipped.
    pub origin: PartOrigin,
    /// What publishing would say is wrong, each mistake with its place.
    pub problems: Vec<Problem>,
}

/// A kept draft.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its row.
    pub id: Uuid,
    /// The row's version number, which every change raises.
    pub revision: i64,
    /// The version it was begun from.
    pub base: Option<u32>,
    /// Who changed it last.
    pub by: Option<Reference>,
    /// When.
    pub at: Option<Timestamp>,
}

impl Design {
    /// True where another version was published since the draft was begun.
    pub fn is_outdated(&self) -> bool {
        let version = self.in_force.as_ref().map(|process| process.version);
        self.draft.as_ref().is_some_and(|draft| draft.base != version)
    }
}

impl Designer<'_> {
    /// A flow as it is being designed.
    ///
    /// # Errors
    /// [`Error::Unknown`] where there is neither such a flow nor a draft of one.
    pub async fn open(&self, caller: &Caller, flow: &str) -> Result<Design> {
        access::require_customizer(caller, WHAT)?;
        let (caller, name) = (caller.clone(), flow.to_owned());
        let overlay = self.app.customization().overlay();
        self.app
            .read(move |reader| {
                let row = draft::find(reader, &caller, &name)?;
                let model = reader.model().clone();
                let in_force = model.process(&name).cloned();
                let process = match (&row, &in_force) {
                    (Some(row), _) => draft::process(row)?,
                    (None, Some(in_force)) => (**in_force).clone(),
                    (None, None) => return Err(unknown(&name)),
                };
                let origin = list::origin(&overlay, &name);
                let problems = model.check_process(&process);
                Ok(Design { process, in_force, draft: row.as_ref().and_then(draft::of), origin, problems })
            })
            .await
    }

    /// A new flow on a table, as a draft: one empty stage, or the stages of another flow. Returns its
    /// logical name.
    pub async fn create(
        &self,
        caller: &Caller,
        origin: Origin,
        label: &str,
        table: &str,
        like: Option<&str>,
    ) -> Result<String> {
        access::require_customizer(caller, WHAT)?;
        let (label, table, like) = (label.to_owned(), table.to_owned(), like.map(str::to_owned));
        self.app.work(caller, origin, move |work| draft::begin(work, &label, &table, like.as_deref())).await
    }

    /// Changes the draft of a flow, which is begun where there is none; returns the act, by which the
    /// change is undone. `seen` is the state that the change was meant for, where the caller knows it.
    ///
    /// # Errors
    /// [`Error::Changed`] where the flow is in another state than `seen`.
    pub async fn edit(
        &self,
        caller: &Caller,
        origin: Origin,
        flow: &str,
        seen: Option<Revision>,
        edit: Edit,
    ) -> Result<Uuid> {
        access::require_customizer(caller, WHAT)?;
        let flow = flow.to_owned();
        self.app
            .work(caller, origin, move |work| {
                draft::change(work, &flow, seen, |model, process| edit.apply(model, process))?;
                Ok(work.act())
            })
            .await
    }

    /// Takes the stages of an earlier version into the draft.
    ///
    /// # Errors
    /// [`Error::Changed`] where the flow is in another state than `seen`.
    pub async fn take_version(
        &self,
        caller: &Caller,
        origin: Origin,
        flow: &str,
        seen: Option<Revision>,
        version: u32,
    ) -> Result<Uuid> {
        access::require_customizer(caller, WHAT)?;
        let flow = flow.to_owned();
        self.app
            .work(caller, origin, move |work| {
                let in_force = work.model().process(&flow).cloned().ok_or_else(|| unknown(&flow))?;
                let earlier = in_force.earlier.iter().find(|earlier| earlier.version == version).cloned();
                let earlier = earlier.ok_or_else(|| Error::refused(tr!("this version is not kept any more")))?;
                draft::change(work, &flow, seen, |_, process| {
                    process.stages.clone_from(&earlier.stages);
                    Ok(())
                })?;
                Ok(work.act())
            })
            .await
    }

    /// Throws the draft of a flow away; what is in force stays. Returns the act.
    pub async fn discard(&self, caller: &Caller, origin: Origin, flow: &str) -> Result<Uuid> {
        access::require_customizer(caller, WHAT)?;
        let flow = flow.to_owned();
        self.app
            .work(caller, origin, move |work| {
                draft::discard(work, &flow, None)?;
                Ok(work.act())
            })
            .await
    }
}

fn unknown(flow: &str) -> Error {
    Error::Unknown(tr!("there is no process flow '{flow}'", flow))
}

/// A draft can be read, whoever writes it.
pub(crate) fn before_draft(row: &Row) -> Result<()> {
    if row.contains("definition") {
        draft::process(row)?;
    }
    Ok(())
}
