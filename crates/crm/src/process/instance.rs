//! One flow of one record.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use model::{Filter, Process, Reference, Stage, Table, Value};
use store::{Query, Reader, Row};
use uuid::Uuid;

use super::{
    first_process,
    position::{self, Ending, LeaveReason, id_of},
    stage_table,
};
use crate::{Caller, Error, Result, access::Privilege, records::Work};

/// An instance of a flow, stored or still to be made.
pub(crate) struct Instance {
    pub process: Arc<Process>,
    pub table: Arc<Table>,
    /// The stored row; none while the record has never moved.
    pub row: Option<Row>,
    /// The records of the flow by table.
    pub records: Vec<Reference>,
    /// Position of the active stage.
    pub active: usize,
    /// Since when.
    pub since: Timestamp,
    /// Visited stages, oldest first.
    pub path: Vec<Uuid>,
    id: Uuid,
}

impl Instance {
    /// The flow of a record, stored or about to begin; none where its table has no flow.
    pub fn of(work: &mut Work<'_, '_>, table: &str, id: Uuid) -> Result<Option<Self>> {
        if let Some(stored) = Self::stored(work, table, id)? {
            return Ok(Some(stored));
        }
        let record = work.load(table, id)?;
        let Some(process) = first_process(work.model(), table) else { return Ok(None) };
        Ok(Self::beginning(work.model().table(&process.name).cloned(), process, &Reference::new(table, id), &record))
    }

    /// The stored flow of a record.
    pub fn stored(work: &mut Work<'_, '_>, table: &str, id: Uuid) -> Result<Option<Self>> {
        let caller = work.caller().clone();
        find_stored(work.writer(), &caller, &Reference::new(table, id))
    }

    /// For reading: the flow of a record, stored or about to begin.
    pub fn read(reader: &mut Reader<'_>, caller: &Caller, record: &Reference, row: &Row) -> Result<Option<Self>> {
        if let Some(stored) = find_stored(reader, caller, record)? {
            return Ok(Some(stored));
        }
        let model = reader.model().clone();
        let Some(process) = first_process(&model, &record.table) else { return Ok(None) };
        Ok(Self::beginning(model.table(&process.name).cloned(), process, record, row))
    }

    fn beginning(table: Option<Arc<Table>>, process: Arc<Process>, record: &Reference, row: &Row) -> Option<Self> {
        let since = row.value("createdon").as_date_time().unwrap_or_else(Timestamp::now);
        let at = id_of(row.value("stageid"))
            .and_then(|stage| process.stages.iter().position(|s| s.id == stage))
            .unwrap_or(0);
        let here = process.stages.get(at)?.id;
        // A row brought in from another system may have passed stages before.
        let mut path: Vec<Uuid> =
            row.text("traversedpath").split(',').filter_map(|id| id.trim().parse().ok()).collect();
        if path.last() != Some(&here) {
            path = vec![here];
        }
        Some(Self {
            table: table?,
            row: None,
            records: vec![record.clone()],
            active: at,
            since,
            path,
            id: Uuid::now_v7(),
            process,
        })
    }

    pub fn is_active(&self) -> bool {
        self.row.as_ref().is_none_or(|row| row.value("statecode").as_whole() == Some(0))
    }

    /// True where the flow was finished, not abandoned.
    pub fn is_finished(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.value("statuscode").as_whole() == Some(Ending::Finished as i64))
    }

    pub fn stage(&self) -> &Stage {
        &self.process.stages[self.active]
    }

    /// The record of the flow that belongs to `table`.
    pub fn record(&self, table: &str) -> Option<&Reference> {
        self.records.iter().find(|record| record.table == table)
    }

    /// A further record takes part in the flow.
    pub fn bind(&mut self, table: &str, id: Uuid) {
        self.records.retain(|record| record.table != table);
        self.records.push(Reference::new(table, id));
    }

    /// Leaves the active stage and enters another one.
    pub fn enter(&mut self, work: &mut Work<'_, '_>, to: usize, reason: LeaveReason) -> Result<()> {
        let process = self.process.clone();
        let target = process.stages.get(to).ok_or_else(|| Error::refused("the flow has no such stage"))?;
        work.as_consequence(|work| self.leave(work, reason))?;
        self.active = to;
        self.since = work.now();
        match self.path.iter().position(|stage| *stage == target.id) {
            Some(known) => self.path.truncate(known + 1),
            None => self.path.push(target.id),
        }
        work.as_consequence(|work| {
            self.save(work, &Row::new())?;
            self.open_visit(work)
        })?;
        self.place_record(work)
    }

    /// Ends the flow.
    pub fn end(&mut self, work: &mut Work<'_, '_>, ending: Ending) -> Result<()> {
        let reason = if ending == Ending::Finished { LeaveReason::Finished } else { LeaveReason::Abandoned };
        self.authorise(work)?;
        work.as_consequence(|work| self.leave(work, reason))?;
        let began = self.row.as_ref().and_then(|row| row.value("createdon").as_date_time()).unwrap_or(self.since);
        let minutes = work.now().duration_since(began).as_secs() / 60;
        let ended = Row::new()
            .with("statecode", 1)
            .with("statuscode", ending as i32)
            .with("completedon", work.now())
            .with("duration", minutes);
        work.as_consequence(|work| self.save(work, &ended))
    }

    /// Who may change the record of the active stage may lead it through the flow; the flow's own
    /// rows follow.
    fn authorise(&self, work: &mut Work<'_, '_>) -> Result<()> {
        let table = work.table(stage_table(&self.process, self.stage()))?;
        let Some(record) = self.record(&table.name).cloned() else { return Ok(()) };
        let row = work.load(&table.name, record.id)?;
        work.authorise(Privilege::Write, &table, &row)
    }

    /// An ended flow goes on in the stage it ended in.
    pub fn reactivate(&mut self, work: &mut Work<'_, '_>) -> Result<()> {
        self.authorise(work)?;
        self.since = work.now();
        let active = Row::new()
            .with("statecode", 0)
            .with("statuscode", 1)
            .with("completedon", Value::Null)
            .with("duration", Value::Null);
        work.as_consequence(|work| {
            self.save(work, &active)?;
            self.open_visit(work)
        })
    }

    fn save(&mut self, work: &mut Work<'_, '_>, also: &Row) -> Result<()> {
        let mut row = Row::new();
        let path: Vec<String> = self.path.iter().map(Uuid::to_string).collect();
        position::set(&self.table, &mut row, "processid", |column| position::id_value(column, self.process.id));
        position::set(&self.table, &mut row, "activestageid", |column| position::id_value(column, self.stage().id));
        position::set(&self.table, &mut row, "activestagestartedon", |_| self.since.into());
        position::set(&self.table, &mut row, "traversedpath", |_| tail(&path.join(","), 1250).into());
        for record in &self.records {
            let column = work.table(&record.table)?.primary_key.clone();
            position::set(&self.table, &mut row, &column, |_| record.clone().into());
        }
        row.merge(also);
        let table = self.table.clone();
        let stored = if let Some(old) = &self.row {
            let old = work.load(&table.name, old.value(&table.primary_key).as_id().unwrap_or_default())?;
            work.update_loaded(&table, &old, row)?
        } else {
            row.set("name", self.process.label.as_str());
            work.create_trusted(&table, Some(self.id), row)?
        };
        self.row = Some(stored);
        Ok(())
    }

    /// Closes the visit of the active stage; the first visit was never opened and is written
    /// whole.
    fn leave(&mut self, work: &mut Work<'_, '_>, reason: LeaveReason) -> Result<()> {
        let visits = work.table("processstagevisit")?;
        let open = Filter::eq("processinstanceid", self.id).and(Filter::unary("lefton", model::Operator::Null));
        let left = Row::new()
            .with("lefton", work.now())
            .with("durationseconds", work.now().duration_since(self.since).max(SignedDuration::ZERO).as_secs())
            .with("leftby", work.author())
            .with("leavereason", reason as i32);
        let found = work.find("processstagevisit", open, &[visits.primary_key.as_str()])?;
        if let Some(visit) = found.first().and_then(|row| row.value(&visits.primary_key).as_id()) {
            let old = work.load("processstagevisit", visit)?;
            return work.update_loaded(&visits, &old, left).map(|_| ());
        }
        let mut visit = self.visit(work);
        visit.merge(&left);
        work.create_trusted(&visits, None, visit).map(|_| ())
    }

    fn open_visit(&mut self, work: &mut Work<'_, '_>) -> Result<()> {
        let visits = work.table("processstagevisit")?;
        let visit = self.visit(work).with("enteredby", work.author());
        work.create_trusted(&visits, None, visit).map(|_| ())
    }

    fn visit(&self, _work: &Work<'_, '_>) -> Row {
        let stage = self.stage();
        let table = stage_table(&self.process, stage);
        let record = self.record(table).or_else(|| self.records.first()).cloned();
        Row::new()
            .with("recordid", record)
            .with("processname", self.process.name.as_str())
            .with("processid", self.process.id)
            .with("processinstanceid", self.id)
            .with("stageid", stage.id)
            .with("stagename", stage.label.as_str())
            .with("stagecategory", stage.category.value())
            .with("enteredon", self.since)
    }

    /// The record of the new stage shows where it stands.
    fn place_record(&self, work: &mut Work<'_, '_>) -> Result<()> {
        let table = work.table(stage_table(&self.process, self.stage()))?;
        let Some(record) = self.record(&table.name).cloned() else { return Ok(()) };
        let old = work.load(&table.name, record.id)?;
        let path: Vec<String> = self.path.iter().map(Uuid::to_string).collect();
        let mut row = Row::new();
        position::write(&table, &self.process, self.stage(), Some(&tail(&path.join(","), 1250)), &mut row);
        work.update_loaded(&table, &old, row).map(|_| ())
    }
}

fn find_stored(reader: &mut Reader<'_>, caller: &Caller, record: &Reference) -> Result<Option<Instance>> {
    let model = reader.model().clone();
    let Some(table) = model.table(&record.table) else { return Ok(None) };
    for process in &model.processes {
        let takes_part = process.stages.iter().any(|stage| stage_table(process, stage) == record.table);
        let Some(instances) =
            model.table(&process.name).filter(|t| takes_part && t.column(&table.primary_key).is_some())
        else {
            continue;
        };
        let columns = instances.columns.values().filter(|c| c.is_stored()).map(|c| c.name.as_str());
        let query = Query::of(&instances.name, caller.scope().clone(), caller.zone())
            .select(columns)
            .matching(Filter::eq(table.primary_key.as_str(), record.clone()))
            .order_by(model::Order::descending("modifiedon"))
            .take(1);
        if let Some(row) = reader.query(&query)?.to_rows().next() {
            return Ok(instance_from(&model, process, instances, row));
        }
    }
    Ok(None)
}

fn instance_from(model: &model::Model, process: &Arc<Process>, table: &Arc<Table>, row: Row) -> Option<Instance> {
    let stage = id_of(row.value("activestageid"))?;
    let active = process.stages.iter().position(|s| s.id == stage).unwrap_or(0);
    let records = process
        .stages
        .iter()
        .filter_map(|stage| model.table(stage_table(process, stage)))
        .filter_map(|t| row.value(&t.primary_key).as_id().map(|id| Reference::new(t.name.clone(), id)))
        .fold(Vec::new(), |mut known, record| {
            if !known.contains(&record) {
                known.push(record);
            }
            known
        });
    let path = row.text("traversedpath").split(',').filter_map(|id| id.trim().parse().ok()).collect();
    let since = row.value("activestagestartedon").as_date_time().unwrap_or_else(Timestamp::now);
    let id = row.value(&table.primary_key).as_id()?;
    Some(Instance { process: process.clone(), table: table.clone(), row: Some(row), records, active, since, path, id })
}

/// The last `length` bytes, from a comma on: the path column is bounded, the visits are not.
fn tail(path: &str, length: usize) -> String {
    if path.len() <= length {
        return path.to_owned();
    }
    let rest = &path[path.len() - length..];
    rest.split_once(',').map_or(rest, |(_, rest)| rest).to_owned()
}
