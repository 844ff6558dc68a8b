//! Switching a record to another flow. The one it leaves waits where it is.

use std::sync::Arc;

use language::{tr, translated};
use model::{Process, Reference};
use store::{Reader, Row};
use uuid::Uuid;

use super::{Instance, Processes, find, gate, position};
use crate::words::within;
use crate::{Caller, Error, Result, access::Privilege, records::Work};

/// A flow that a record can be switched to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The flow.
    pub id: Uuid,
    /// Its label.
    pub label: String,
    /// What it is for.
    pub description: String,
}

impl Processes<'_> {
    /// The flows that a record can be switched to, in their order.
    pub async fn choices(&self, caller: &Caller, record: Reference) -> Result<Vec<Choice>> {
        let caller = caller.clone();
        self.app
            .read(move |reader| {
                let row = crate::reading::get(reader, &caller, &record.table, record.id, None)?;
                choices(reader, &caller, &record, &row)
            })
            .await
    }
}

fn choices(reader: &mut Reader<'_>, caller: &Caller, record: &Reference, row: &Row) -> Result<Vec<Choice>> {
    let model = reader.model().clone();
    let present = Instance::read(reader, caller, record, row)?.map(|instance| instance.process.id);
    let mut choices = Vec::new();
    for process in model.processes.iter().filter(|process| Some(process.id) != present && is_offered(process, caller)) {
        // A flow that starts on another table is offered where the record took part in it.
        if process.table == record.table || find::stored_in(reader, caller, process, record)?.is_some() {
            choices.push(Choice {
                id: process.id,
                label: translated(&process.label).into_owned(),
                description: process.description.clone(),
            });
        }
    }
    Ok(choices)
}

fn is_offered(process: &Process, caller: &Caller) -> bool {
    process.active && gate::is_for(process, caller)
}

/// Puts the present flow aside and takes up the other one, where it was left or from its first stage.
pub(super) fn switch(work: &mut Work<'_, '_>, record: &Reference, to: Uuid) -> Result<Instance> {
    let process = work.model().processes.iter().find(|process| process.id == to).cloned();
    let process = process.ok_or_else(|| Error::refused(tr!("there is no such process flow")))?;
    let table = work.table(&record.table)?;
    let row = work.load(&record.table, record.id)?;
    work.authorise(Privilege::Write, &table, &row)?;
    gate::require_role(work, &process, &table)?;
    gate::refuse_closed(work, &[Some(record.clone())])?;
    if !process.active {
        return Err(Error::refused(tr!("the flow “{}” is switched off", translated(&process.label))));
    }
    let present = Instance::of(work, &record.table, record.id)?;
    let waiting = Instance::in_process(work, &process, record)?;
    if let Some(mut present) = present {
        if present.process.id == to && !present.is_switched() {
            return Err(Error::refused(tr!("the {} follows this flow already", within(&table.label))));
        }
        if !present.is_switched() {
            // It may stand on another record than the one named.
            present.authorise(work)?;
            present.put_aside(work)?;
        }
    }
    let instance = match waiting {
        Some(mut waiting) => {
            waiting.take_up(work)?;
            waiting
        }
        None => first(work, process, record, &table)?,
    };
    instance.place_record(work)?;
    show_process(work, record, &instance)?;
    Ok(instance)
}

/// The flow from its first stage.
fn first(work: &mut Work<'_, '_>, process: Arc<Process>, record: &Reference, table: &model::Table) -> Result<Instance> {
    if process.table != record.table {
        let words = tr!("the flow “{}” does not begin on {}", translated(&process.label), within(&table.plural_label));
        return Err(Error::refused(words));
    }
    let now = Row::new().with("createdon", work.now());
    let instance = Instance::beginning(work.model(), process, record, &now);
    let mut instance = instance.ok_or_else(|| Error::refused(tr!("the flow has no stages")))?;
    instance.begin(work)?;
    Ok(instance)
}

/// Also where the flow stands on another record, this one tells which flow it follows.
fn show_process(work: &mut Work<'_, '_>, record: &Reference, instance: &Instance) -> Result<()> {
    let table = work.table(&record.table)?;
    let old = work.load(&record.table, record.id)?;
    let mut row = Row::new();
    position::set(&table, &mut row, "processid", |column| position::id_value(column, instance.process.id));
    work.update_loaded(&table, &old, row).map(drop)
}
