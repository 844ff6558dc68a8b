//! From a draft to a version in force, and what becomes of a flow afterwards.

use language::{tr, translated};
use model::{Filter, ModelError, PartAddress, PartKind, Process};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Design, Designer, Draft, Revision, WHAT, draft, unknown};
use crate::{
    Caller, Error, Origin, Result, access,
    customization::parts::Purpose,
    process::{Transfer, TransferOutcome, Waiting},
};

/// What publishing a draft would do.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The draft.
    pub design: Design,
    /// Number of the version that it would be.
    pub version: u32,
    /// Running records of other versions, which stay there unless they are moved.
    pub waiting: Vec<Waiting>,
}

/// What publishing did.
#[derive(Debug)]
pub struct Published {
    /// Number of the version in force.
    pub version: u32,
    /// Records moved to it, where that was wanted.
    pub transfer: Option<TransferOutcome>,
    /// True where the draft stays, because somebody changed it while it was published.
    pub draft_stays: bool,
}

impl Designer<'_> {
    /// What publishing the draft would do. Without a draft: the records that earlier versions lead.
    pub async fn preview(&self, caller: &Caller, flow: &str) -> Result<Publication> {
        let design = self.open(caller, flow).await?;
        let version = match &design.in_force {
            None => 1,
            Some(in_force) if in_force.stages == finished(&design.process).stages => in_force.version,
            Some(in_force) => in_force.version + 1,
        };
        let waiting = self.app.processes().waiting(caller, finished(&design.process)).await?;
        Ok(Publication { design, version, waiting })
    }

    /// Publishes the draft as a version. Records that earlier versions lead stay there, but for those
    /// of the stages named in `transfers`. New records get the new version at once. `seen` is the state
    /// that was looked at before, where the caller knows it.
    ///
    /// # Errors
    /// [`Error::Changed`] where the draft is in another state than `seen`; [`Error::Model`] tells what
    /// is wrong with it, with the place of each mistake.
    pub async fn publish(
        &self,
        caller: &Caller,
        origin: Origin,
        flow: &str,
        seen: Option<Revision>,
        transfers: &[Transfer],
    ) -> Result<Published> {
        let design = self.open(caller, flow).await?;
        if seen.is_some_and(|seen| seen != design.revision()) {
            return Err(draft::changed(design.draft.map_or_else(Uuid::nil, |draft| draft.id)));
        }
        let Design { mut process, in_force, draft, problems, .. } = design;
        let draft = draft.ok_or_else(|| Error::refused(tr!("there is nothing to publish; the flow has no draft")))?;
        if !problems.is_empty() {
            return Err(ModelError { problems }.into());
        }
        // Where it stands among the others is no matter of the draft.
        match &in_force {
            Some(in_force) => (process.order, process.active) = (in_force.order, in_force.active),
            None => process.order = self.last_order(&process.table) + 1,
        }
        let document = serde_json::to_value(&process).map_err(|error| Error::refused(error.to_string()))?;
        self.app.customization().put(caller, origin, &address(flow)?, &document, Purpose::Publish).await?;
        let draft_stays = !self.done_with(caller, origin, flow, &draft).await?;
        let version = self.app.model().process(flow).map_or(1, |process| process.version);
        let transfer = if transfers.is_empty() {
            None
        } else {
            // It is published, whatever becomes of the records: what breaks is part of the outcome.
            let outcome = self.app.processes().transfer(caller, origin, flow, transfers).await;
            Some(outcome.unwrap_or_else(TransferOutcome::nothing))
        };
        Ok(Published { version, transfer, draft_stays })
    }

    /// Throws the published draft away; false where it has been changed meanwhile, so that it stays.
    async fn done_with(&self, caller: &Caller, origin: Origin, flow: &str, draft: &Draft) -> Result<bool> {
        let (name, published) = (flow.to_owned(), draft.revision);
        let gone = self.app.work(caller, origin, move |work| draft::discard(work, &name, Some(published))).await;
        match gone {
            // Refused where somebody threw it away already.
            Ok(()) | Err(Error::Refused(_)) => Ok(true),
            Err(Error::Changed { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Switches a published flow on or off. One that is off leads the records it has to their end.
    pub async fn set_active(&self, caller: &Caller, origin: Origin, flow: &str, active: bool) -> Result<()> {
        self.change(caller, origin, flow, &json!({ "active": active })).await
    }

    /// Puts a published flow one place earlier or later among those of its table.
    pub async fn reorder(&self, caller: &Caller, origin: Origin, flow: &str, earlier: bool) -> Result<()> {
        access::require_customizer(caller, WHAT)?;
        let model = self.app.model();
        let table = model.process(flow).map(|process| process.table.clone()).ok_or_else(|| unknown(flow))?;
        let mut names: Vec<&str> =
            model.processes.iter().filter(|other| other.table == table).map(|other| other.name.as_str()).collect();
        let at = names.iter().position(|name| *name == flow).ok_or_else(|| unknown(flow))?;
        let to = if earlier { at.checked_sub(1) } else { Some(at + 1).filter(|to| *to < names.len()) };
        let Some(to) = to else { return Ok(()) };
        names.swap(at, to);
        // Flows may share a number; from now on each has its own.
        for (order, name) in (1..).zip(names) {
            if model.process(name).is_some_and(|process| process.order != order) {
                self.change(caller, origin, name, &json!({ "order": order })).await?;
            }
        }
        Ok(())
    }

    /// Takes an own flow out that no record ever followed; of a shipped one, the changes.
    ///
    /// # Errors
    /// Refused where records follow or followed the flow: it can be switched off instead.
    pub async fn delete(&self, caller: &Caller, origin: Origin, flow: &str) -> Result<()> {
        let Design { in_force, draft, origin: from, .. } = self.open(caller, flow).await?;
        if let Some(in_force) = &in_force {
            if from == model::PartOrigin::Own {
                self.refuse_followed(in_force).await?;
            }
            self.app.customization().remove(caller, origin, &address(flow)?, Purpose::Publish).await?;
        }
        if draft.is_some() {
            self.discard(caller, origin, flow).await?;
        }
        Ok(())
    }

    async fn refuse_followed(&self, process: &Process) -> Result<()> {
        let engine = self.app.engine().await?;
        let mut asked = vec![self.app.new_query(&engine, &process.name)];
        let placed =
            self.app.model().table(&process.table).filter(|table| table.column("processid").is_some()).cloned();
        asked.extend(
            placed.map(|table| self.app.new_query(&engine, &table.name).matching(Filter::eq("processid", process.id))),
        );
        for query in asked {
            let key = self.app.table(&query.table)?.primary_key.clone();
            if !self.app.query(&engine, query.select([key.as_str()]).take(1)).await?.rows.is_empty() {
                return Err(Error::refused(tr!(
                    "records follow “{}”, or did; switch it off instead, so that it leads no new ones",
                    translated(&process.label)
                )));
            }
        }
        Ok(())
    }

    fn last_order(&self, table: &str) -> i32 {
        let model = self.app.model();
        model.processes.iter().filter(|process| process.table == table).map(|process| process.order).max().unwrap_or(0)
    }

    async fn change(&self, caller: &Caller, origin: Origin, flow: &str, patch: &Json) -> Result<()> {
        access::require_customizer(caller, WHAT)?;
        if self.app.model().process(flow).is_none() {
            return Err(unknown(flow));
        }
        let customization = self.app.customization();
        customization.change(caller, origin, &address(flow)?, patch, Purpose::Publish).await.map(drop)
    }
}

fn address(flow: &str) -> Result<PartAddress> {
    Ok(PartAddress::new(PartKind::Process, flow)?)
}

/// The draft with what follows from its names, to be compared with what is in force.
fn finished(process: &Process) -> Process {
    let mut process = process.clone();
    process.finish();
    process
}
