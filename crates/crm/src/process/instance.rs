//! One flow of one record.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use language::tr;
use model::{Filter, Process, Reference, Stage, Table, Value};
use store::Row;
use uuid::Uuid;

use super::{
    LeaveReason,
    position::{self, Ending},
    stage_table,
};
use crate::{Error, Result, access::Privilege, records::Work};

/// Room in the columns that hold a path: the visits keep all of it.
const PATH: usize = 1250;

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
    pub(super) id: Uuid,
}

impl Instance {
    /// True while the record is led by it: neither ended nor switched away from.
    pub fn is_active(&self) -> bool {
        !self.is_ended() && !self.is_switched()
    }

    /// True where the flow was finished or abandoned.
    pub fn is_ended(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.value("statecode").as_whole() != Some(0))
    }

    /// True where the record follows another flow now.
    pub fn is_switched(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.has("switchedon"))
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
        let target = process.stages.get(to).ok_or_else(|| Error::refused(tr!("the flow has no such stage")))?;
        self.authorise(work)?;
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
        let minutes = (work.now().duration_since(began).as_secs() / 60).max(0);
        let ended = Row::new()
            .with("statecode", 1)
            .with("statuscode", ending as i32)
            .with("completedon", work.now())
            .with("duration", minutes);
        work.as_consequence(|work| self.save(work, &ended))
    }

    /// Who may change the record of the active stage may lead it through the flow; the flow's own
    /// rows follow. Where that record is gone, the record that the flow began on stands for it.
    pub(super) fn authorise(&self, work: &mut Work<'_, '_>) -> Result<()> {
        let of_stage = self.record(stage_table(&self.process, self.stage()));
        // A flow can stand on a table of which it never had a record: a deal that led back to the
        // stage of a lead it did not come from.
        let record = of_stage.or_else(|| self.record(&self.process.table)).or_else(|| self.records.first());
        let record = record.cloned().ok_or_else(|| Error::refused(tr!("the flow has no record any more")))?;
        let table = work.table(&record.table)?;
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

    /// The record follows another flow from now on; this one waits where it is.
    pub(super) fn put_aside(&mut self, work: &mut Work<'_, '_>) -> Result<()> {
        let aside = Row::new().with("switchedon", work.now());
        work.as_consequence(|work| {
            if self.is_active() {
                self.leave(work, LeaveReason::Switched)?;
            }
            self.save(work, &aside)
        })
    }

    /// The record follows this flow again, from where it was put aside.
    pub(super) fn take_up(&mut self, work: &mut Work<'_, '_>) -> Result<()> {
        self.since = work.now();
        self.begin(work)
    }

    /// Stores the instance in its stage, with the visit that is going on.
    pub(super) fn begin(&mut self, work: &mut Work<'_, '_>) -> Result<()> {
        let followed = Row::new().with("switchedon", Value::Null);
        work.as_consequence(|work| {
            self.save(work, &followed)?;
            if self.is_active() { self.open_visit(work) } else { Ok(()) }
        })
    }

    /// Goes on in a stage of another version; in the same stage the stay goes on, too.
    pub(super) fn transfer(&mut self, work: &mut Work<'_, '_>, to: &Arc<Process>, stage: usize) -> Result<()> {
        let target = to.stages.get(stage).ok_or_else(|| Error::refused(tr!("the flow has no such stage")))?;
        let before = self.stage().clone();
        let moves = before.id != target.id && self.is_active();
        if moves {
            self.leave(work, LeaveReason::Transferred)?;
            self.since = work.now();
        }
        self.path.retain(|visited| to.position(*visited).is_some());
        match self.path.iter().position(|visited| *visited == target.id) {
            Some(known) => self.path.truncate(known + 1),
            None => self.path.push(target.id),
        }
        (self.process, self.active) = (to.clone(), stage);
        self.save(work, &Row::new())?;
        if moves {
            self.open_visit(work)?;
        }
        if self.is_active() && (moves || before.category != target.category) {
            self.place_record(work)?;
        }
        Ok(())
    }

    fn save(&mut self, work: &mut Work<'_, '_>, also: &Row) -> Result<()> {
        let mut row = Row::new();
        let path: Vec<String> = self.path.iter().map(Uuid::to_string).collect();
        position::set(&self.table, &mut row, "processid", |column| position::id_value(column, self.process.id));
        position::set(&self.table, &mut row, "processversion", |_| i64::from(self.process.version).into());
        position::set(&self.table, &mut row, "activestageid", |column| position::id_value(column, self.stage().id));
        position::set(&self.table, &mut row, "activestagestartedon", |_| self.since.into());
        position::set(&self.table, &mut row, "traversedpath", |_| tail(&path.join(","), PATH).into());
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
        let mut visit = self.visit();
        visit.merge(&left);
        work.create_trusted(&visits, None, visit).map(|_| ())
    }

    fn open_visit(&mut self, work: &mut Work<'_, '_>) -> Result<()> {
        let visits = work.table("processstagevisit")?;
        let visit = self.visit().with("enteredby", work.author());
        work.create_trusted(&visits, None, visit).map(|_| ())
    }

    fn visit(&self) -> Row {
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
    pub(super) fn place_record(&self, work: &mut Work<'_, '_>) -> Result<()> {
        let table = work.table(stage_table(&self.process, self.stage()))?;
        let Some(record) = self.record(&table.name).cloned() else { return Ok(()) };
        let old = work.load(&table.name, record.id)?;
        let path: Vec<String> = self.path.iter().map(Uuid::to_string).collect();
        let mut row = Row::new();
        position::write(&table, &self.process, self.stage(), Some(&tail(&path.join(","), PATH)), &mut row);
        work.update_loaded(&table, &old, row).map(|_| ())
    }
}

/// The last `length` bytes, from a comma on: the path column is bounded, the visits are not.
fn tail(path: &str, length: usize) -> String {
    if path.len() <= length {
        return path.to_owned();
    }
    let rest = &path[path.len() - length..];
    rest.split_once(',').map_or(rest, |(_, rest)| rest).to_owned()
}
