//! Which flow a record follows: the stored instance, or the one it would begin with.

use std::sync::Arc;

use jiff::Timestamp;
use model::{Filter, Model, Order, Process, Reference, Table, Value};
use store::{Query, Reader, Row, Scope};
use uuid::Uuid;

use super::{Instance, first_process, position::id_of, stage_table};
use crate::{Caller, Result, records::Work};

impl Instance {
    /// The flow of a record, stored or about to begin; none where its table has no flow.
    pub fn of(work: &mut Work<'_, '_>, table: &str, id: Uuid) -> Result<Option<Self>> {
        // Locks the record, so that two moves of it come one after the other.
        let row = work.load(table, id)?;
        let caller = work.caller().clone();
        Self::read(work.writer(), &caller, &Reference::new(table, id), &row)
    }

    /// The stored flow of a record.
    pub fn stored(work: &mut Work<'_, '_>, table: &str, id: Uuid) -> Result<Option<Self>> {
        let caller = work.caller().clone();
        followed(work.writer(), &caller, &Reference::new(table, id))
    }

    /// For reading: the flow of a record, stored or about to begin.
    pub fn read(reader: &mut Reader<'_>, caller: &Caller, record: &Reference, row: &Row) -> Result<Option<Self>> {
        if let Some(stored) = followed(reader, caller, record)? {
            return Ok(Some(stored));
        }
        let model = reader.model().clone();
        let Some(process) = begun(&model, caller, &record.table, row) else { return Ok(None) };
        Ok(Self::beginning(&model, process, record, row))
    }

    /// The instance of this one flow, followed or put aside.
    pub fn in_process(work: &mut Work<'_, '_>, process: &Arc<Process>, record: &Reference) -> Result<Option<Self>> {
        let caller = work.caller().clone();
        stored_in(work.writer(), &caller, process, record)
    }

    /// An instance from its row.
    pub fn from_row(model: &Model, process: &Arc<Process>, table: &Arc<Table>, row: Row) -> Option<Self> {
        let stage = id_of(row.value("activestageid"))?;
        let process = led_by(process, row.value("processversion"), stage);
        let active = process.position(stage).unwrap_or(0);
        let mut records: Vec<Reference> = Vec::new();
        for stage in &process.stages {
            let Some(of) = model.table(stage_table(&process, stage)) else { continue };
            let record = row.value(&of.primary_key).as_id().map(|id| Reference::new(of.name.clone(), id));
            records.extend(record.filter(|record| !records.contains(record)));
        }
        let path = path(row.text("traversedpath"));
        let since = row.value("activestagestartedon").as_date_time().unwrap_or_else(Timestamp::now);
        let id = row.value(&table.primary_key).as_id()?;
        Some(Self { process, table: table.clone(), row: Some(row), records, active, since, path, id })
    }

    /// A flow that a record is about to follow, from the stage it stands in already.
    pub(super) fn beginning(model: &Model, process: Arc<Process>, record: &Reference, row: &Row) -> Option<Self> {
        let since = row.value("createdon").as_date_time().unwrap_or_else(Timestamp::now);
        let at = id_of(row.value("stageid")).and_then(|stage| process.position(stage)).unwrap_or(0);
        let here = process.stages.get(at)?.id;
        // A row brought in from another system may have passed stages before.
        let mut path = path(row.text("traversedpath"));
        if path.last() != Some(&here) {
            path = vec![here];
        }
        Some(Self {
            table: model.table(&process.name).cloned()?,
            row: None,
            records: vec![record.clone()],
            active: at,
            since,
            path,
            id: Uuid::now_v7(),
            process,
        })
    }
}

/// The version of a flow that leads an instance: the one it says (the first where it says none), as
/// long as that has the stage it stands in.
fn led_by(process: &Arc<Process>, version: &Value, stage: Uuid) -> Arc<Process> {
    let version = version.as_whole().and_then(|version| u32::try_from(version).ok()).unwrap_or(1);
    let led = process.in_version(version);
    if led.position(stage).is_some() { led } else { process.with_stage(stage).unwrap_or(led) }
}

/// The flow a record that has never moved stands in: the one it was placed in when it was made. It
/// begins with the version in force, as long as that has its stage.
fn begun(model: &Model, caller: &Caller, table: &str, row: &Row) -> Option<Arc<Process>> {
    let placed = id_of(row.value("processid"));
    let placed = model.processes.iter().find(|process| Some(process.id) == placed && process.works_on(table));
    let Some(placed) = placed else { return first_process(model, table, caller, row) };
    let version = id_of(row.value("stageid")).and_then(|stage| placed.with_stage(stage));
    Some(version.unwrap_or_else(|| placed.clone()))
}

/// Of the stored instances of a record the one it follows; where each was put aside (a lead whose
/// opportunity was switched to a flow of its own) the one of its own table.
fn followed(reader: &mut Reader<'_>, caller: &Caller, record: &Reference) -> Result<Option<Instance>> {
    let model = reader.model().clone();
    let mut aside = None;
    for process in model.processes.iter().filter(|process| process.works_on(&record.table)) {
        match stored_in(reader, caller, process, record)? {
            Some(instance) if !instance.is_switched() => return Ok(Some(instance)),
            Some(instance) if process.table == record.table => aside = aside.or(Some(instance)),
            _ => {}
        }
    }
    Ok(aside)
}

/// Whoever sees the record may know where it stands, also where another record of the same flow is
/// hidden from them; so this is read whatever the rules of access say.
pub(super) fn stored_in(
    reader: &mut Reader<'_>,
    caller: &Caller,
    process: &Arc<Process>,
    record: &Reference,
) -> Result<Option<Instance>> {
    let model = reader.model().clone();
    let (Some(of), Some(instances)) = (model.table(&record.table), model.table(&process.name)) else {
        return Ok(None);
    };
    if instances.column(&of.primary_key).is_none() {
        return Ok(None);
    }
    let columns = instances.columns.values().filter(|column| column.is_stored()).map(|column| column.name.as_str());
    let query = Query::of(&instances.name, Arc::new(Scope::default()), caller.zone())
        .select(columns)
        .matching(Filter::eq(of.primary_key.as_str(), record.clone()))
        .order_by(Order::ascending("switchedon"))
        .order_by(Order::descending("modifiedon"))
        .take(1);
    let row = reader.query(&query)?.to_rows().next();
    Ok(row.and_then(|row| Instance::from_row(&model, process, instances, row)))
}

fn path(text: &str) -> Vec<Uuid> {
    text.split(',').filter_map(|id| id.trim().parse().ok()).collect()
}
