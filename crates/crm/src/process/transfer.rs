//! Records that are led by an earlier version of a flow are moved to the version in force.
//!
//! First it is told how many stand where ([`Processes::waiting`]); then they are moved by what was
//! chosen for each stage ([`Processes::transfer`]), some at a time, all in one act that can be undone.

use std::sync::Arc;

use language::{text, tr, translated};
use model::{Filter, Operator, Order, Process, Reference, Stage, Table, Value};
use store::{Aggregate, AggregateFunction, Cursor, Grouping, Query, Reader, Row, Scope};
use uuid::Uuid;

use super::{Instance, Processes, find, position, stage_table};
use crate::{App, Caller, Error, Origin, Result, access, records::Work};

/// Reasons told of records that could not be moved.
const REASONS: usize = 5;

/// Records that stand in one stage of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The version that leads them; none for records that have not moved yet and stand in a stage that
    /// the new version does not have.
    pub version: Option<u32>,
    /// The stage.
    pub stage: Uuid,
    /// Its label.
    pub label: String,
    /// How many.
    pub count: u64,
    /// Stages of the new version that they can be moved to: those on the same table.
    pub targets: Vec<(Uuid, String)>,
    /// The one that suits best: the same stage, or the last one before it that is still there.
    pub proposed: Option<Uuid>,
}

/// Where the records of one stage are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// As in [`Waiting::version`].
    pub version: Option<u32>,
    /// Where they stand.
    pub from: Uuid,
    /// A stage of the version in force.
    pub to: Uuid,
}

/// How much one call does, so that a request does not go on for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    /// Records looked at in one transaction.
    pub batch: u32,
    /// Records moved after which it stops. Those that cannot be moved do not count: they would come
    /// first again and keep the others from their turn.
    pub enough: u64,
}

impl Default for Portion {
    fn default() -> Self {
        Self { batch: 100, enough: 2000 }
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct TransferOutcome {
    /// The act, by which it is undone.
    pub act: Uuid,
    /// Records moved.
    pub moved: u64,
    /// Why others were not, some of the reasons.
    pub reasons: Vec<String>,
    /// There are more; carry it out again.
    pub more: bool,
    /// Why it broke off, where it did; what was moved until then stays and can be undone.
    pub broken: Option<Error>,
}

impl TransferOutcome {
    /// Nothing was moved, for this reason.
    pub(super) fn nothing(reason: Error) -> Self {
        Self { broken: Some(reason), ..Self::default() }
    }
}

impl Processes<'_> {
    /// The running records of a flow that another version leads than `to`: one that is drafted, or the
    /// one in force. Those put aside for another flow count, too.
    pub async fn waiting(&self, caller: &Caller, to: Process) -> Result<Vec<Waiting>> {
        access::require_customizer(caller, text!("move records to another version of a flow"))?;
        let engine = self.app.engine().await?;
        self.app.read(move |reader| waiting(reader, &engine, &to)).await
    }

    /// Moves records to the version in force.
    ///
    /// # Errors
    /// Refused where a stage is on another table than the one its records come from.
    pub async fn transfer(
        &self,
        caller: &Caller,
        origin: Origin,
        flow: &str,
        transfers: &[Transfer],
    ) -> Result<TransferOutcome> {
        self.transfer_some(caller, origin, flow, transfers, Portion::default()).await
    }

    /// As [`Self::transfer`], so much of it.
    ///
    /// # Errors
    /// As there.
    pub async fn transfer_some(
        &self,
        caller: &Caller,
        origin: Origin,
        flow: &str,
        transfers: &[Transfer],
        portion: Portion,
    ) -> Result<TransferOutcome> {
        access::require_customizer(caller, text!("move records to another version of a flow"))?;
        let process = self.app.model().process(flow).cloned();
        let process = process.ok_or_else(|| Error::Unknown(tr!("there is no process flow '{flow}'", flow)))?;
        for transfer in transfers {
            check(&process, transfer)?;
        }
        let mut outcome = TransferOutcome { act: Uuid::now_v7(), ..TransferOutcome::default() };
        let mut batches = transfers.iter().map(|transfer| Batch {
            process: process.clone(),
            transfer: *transfer,
            cursor: None,
            rows: portion.batch,
        });
        let mut next = batches.next();
        while let Some(batch) = next {
            if outcome.moved >= portion.enough {
                outcome.more = true;
                break;
            }
            let going_on = batch.clone();
            match batch.carry_out(self.app, caller, origin, outcome.act).await {
                Ok(done) => {
                    outcome.moved += done.moved;
                    outcome.reasons.extend(done.reasons);
                    outcome.reasons.truncate(REASONS);
                    let same_stage = done.next.map(|cursor| Batch { cursor: Some(cursor), ..going_on });
                    next = same_stage.or_else(|| batches.next());
                }
                // What was moved until now stands, and whoever asked must be able to undo it.
                Err(error) => {
                    outcome.broken = Some(error);
                    break;
                }
            }
        }
        Ok(outcome)
    }
}

fn check(process: &Process, transfer: &Transfer) -> Result<()> {
    let target = process.position(transfer.to).map(|at| &process.stages[at]);
    let target = target.ok_or_else(|| Error::refused(tr!("the version in force has no such stage; look again")))?;
    let from = process.all_stages().find(|stage| stage.id == transfer.from);
    let from =
        from.ok_or_else(|| Error::refused(tr!("no version of the flow has the stage that records are to leave")))?;
    if from.table == target.table {
        return Ok(());
    }
    Err(Error::refused(tr!(
        "“{}” works on {} and “{}” on {}; records stay on their table",
        translated(&from.label),
        from.table,
        translated(&target.label),
        target.table
    )))
}

fn waiting(reader: &mut Reader<'_>, engine: &Caller, to: &Process) -> Result<Vec<Waiting>> {
    let model = reader.model().clone();
    let Some(in_force) = model.process(&to.name).cloned() else { return Ok(Vec::new()) };
    let drafted = in_force.stages != to.stages;
    let mut found = Vec::new();
    for (version, stage, count) in running(reader, engine, &in_force)? {
        let led = in_force.in_version(version);
        let led = if led.position(stage).is_some() { Some(led) } else { in_force.with_stage(stage) };
        let Some(led) = led.filter(|led| drafted || led.version != in_force.version) else { continue };
        found.push(place(&led, Some(version), stage, count, to));
    }
    let gone = in_force.all_stages().filter(|stage| to.position(stage.id).is_none());
    let mut gone: Vec<Stage> = gone.filter(|stage| stage.table == in_force.table).cloned().collect();
    gone.dedup_by_key(|stage| stage.id);
    for stage in gone {
        let count = unmoved(reader, engine, &in_force, &stage)?;
        let led = in_force.with_stage(stage.id).unwrap_or_else(|| in_force.clone());
        if count > 0 && !found.iter().any(|known| known.version.is_none() && known.stage == stage.id) {
            found.push(place(&led, None, stage.id, count, to));
        }
    }
    Ok(found)
}

fn place(led: &Process, version: Option<u32>, stage: Uuid, count: u64, to: &Process) -> Waiting {
    let at = led.position(stage).unwrap_or(0);
    let here = &led.stages[at];
    let same_table = |other: &&Stage| other.table == here.table;
    let kept = |id: Uuid| to.stages.iter().filter(same_table).find(|stage| stage.id == id).map(|stage| stage.id);
    let before = led.stages[..=at].iter().rev().find_map(|stage| kept(stage.id));
    let targets: Vec<(Uuid, String)> =
        to.stages.iter().filter(same_table).map(|stage| (stage.id, stage.label.clone())).collect();
    let proposed = before.or_else(|| targets.first().map(|(id, _)| *id));
    Waiting { version, stage, label: here.label.clone(), count, targets, proposed }
}

/// Running instances by version and stage.
fn running(reader: &mut Reader<'_>, engine: &Caller, process: &Arc<Process>) -> Result<Vec<(u32, Uuid, u64)>> {
    let mut query =
        Query::of(&process.name, engine.scope().clone(), engine.zone()).matching(Filter::eq("statecode", 0)).take(5000);
    query.group_by = ["processversion", "activestageid"]
        .map(|column| Grouping { path: column.into(), part: None, alias: column.to_owned() })
        .into();
    query.aggregates = vec![counting()];
    let mut found = Vec::new();
    for row in reader.query(&query)?.to_rows() {
        let version = u32::try_from(row.value("processversion").as_whole().unwrap_or(1)).unwrap_or(1);
        let Some(stage) = position::id_of(row.value("activestageid")) else { continue };
        found.push((version, stage, count(&row)));
    }
    found.sort_by_key(|(version, stage, _)| (*version, process.in_version(*version).position(*stage)));
    Ok(found)
}

/// Records that were placed in a stage when they were made and have not moved.
fn unmoved(reader: &mut Reader<'_>, engine: &Caller, process: &Process, stage: &Stage) -> Result<u64> {
    let model = reader.model().clone();
    let Some(table) = model.table(&stage.table).filter(|table| table.column("stageid").is_some()) else {
        return Ok(0);
    };
    let mut placed = Query::of(&table.name, engine.scope().clone(), engine.zone())
        .matching(Filter::eq("stageid", stage.id).and(Filter::eq("processid", process.id)));
    placed.aggregates = vec![counting()];
    let mut moved = Query::of(&process.name, engine.scope().clone(), engine.zone())
        .matching(Filter::eq("activestageid", stage.id.to_string()))
        .matching(Filter::unary(table.primary_key.as_str(), Operator::NotNull));
    moved.aggregates = vec![counting()];
    let total = |rows: store::Rows| rows.to_rows().next().map_or(0, |row| count(&row));
    Ok(total(reader.query(&placed)?).saturating_sub(total(reader.query(&moved)?)))
}

fn counting() -> Aggregate {
    Aggregate { function: AggregateFunction::Count, path: None, alias: "rows".to_owned() }
}

fn count(row: &Row) -> u64 {
    row.value("rows").as_whole().and_then(|count| u64::try_from(count).ok()).unwrap_or_default()
}

/// Some of the records of one stage.
#[derive(Clone)]
struct Batch {
    process: Arc<Process>,
    transfer: Transfer,
    cursor: Option<Cursor>,
    rows: u32,
}

#[derive(Default)]
struct Done {
    moved: u64,
    reasons: Vec<String>,
    next: Option<Cursor>,
}

impl Batch {
    async fn carry_out(self, app: &App, caller: &Caller, origin: Origin, act: Uuid) -> Result<Done> {
        let done = app.work(caller, origin, move |work| {
            work.belongs_to(act);
            // It concerns all records of the flow, also those that who shapes it does not see.
            work.as_consequence(|work| match self.transfer.version {
                Some(version) => self.instances(work, version),
                None => self.records(work),
            })
        });
        done.await
    }

    fn instances(&self, work: &mut Work<'_, '_>, version: u32) -> Result<Done> {
        let table = work.table(&self.process.name)?;
        let mut led = Filter::eq("processversion", i64::from(version));
        if version == 1 {
            led = Filter::Any(vec![led, Filter::unary("processversion", Operator::Null)]);
        }
        let stage =
            table.column("activestageid").map_or(Value::Null, |column| position::id_value(column, self.transfer.from));
        let standing = Filter::eq("statecode", 0).and(Filter::eq("activestageid", stage)).and(led);
        self.each(work, &table, standing, |work, table, row| {
            let model = work.model().clone();
            let Some(instance) = Instance::from_row(&model, &self.process, table, row) else { return Ok(false) };
            self.instance(work, instance)
        })
    }

    fn instance(&self, work: &mut Work<'_, '_>, mut instance: Instance) -> Result<bool> {
        let Some(target) = self.process.position(self.transfer.to) else { return Ok(false) };
        instance.transfer(work, &self.process, target)?;
        Ok(true)
    }

    /// Records without an instance only say where they stand.
    fn records(&self, work: &mut Work<'_, '_>) -> Result<Done> {
        let Some(target) = self.process.position(self.transfer.to).map(|at| &self.process.stages[at]) else {
            return Ok(Done::default());
        };
        let table = work.table(stage_table(&self.process, target))?;
        let standing = Filter::eq("stageid", self.transfer.from).and(Filter::eq("processid", self.process.id));
        self.each(work, &table, standing, |work, table, row| {
            let Some(id) = row.value(&table.primary_key).as_id() else { return Ok(false) };
            let record = Reference::new(table.name.clone(), id);
            let caller = work.caller().clone();
            if find::stored_in(work.writer(), &caller, &self.process, &record)?.is_some() {
                return Ok(false);
            }
            let old = work.load(&table.name, id)?;
            let mut changes = Row::new();
            position::write(table, &self.process, target, None, &mut changes);
            work.update_loaded(table, &old, changes).map(|_| true)
        })
    }

    fn each(
        &self,
        work: &mut Work<'_, '_>,
        table: &Arc<Table>,
        standing: Filter,
        part: impl Fn(&mut Work<'_, '_>, &Arc<Table>, Row) -> Result<bool>,
    ) -> Result<Done> {
        let columns = table.columns.values().filter(|column| column.is_stored()).map(|column| column.name.as_str());
        let mut query = Query::of(&table.name, Arc::new(Scope::default()), work.caller().zone())
            .select(columns)
            .matching(standing)
            .order_by(Order::ascending(table.primary_key.as_str()))
            .take(self.rows);
        query.page.cursor.clone_from(&self.cursor);
        let rows = work.writer().query(&query)?;
        let mut done = Done { next: rows.next.clone(), ..Done::default() };
        for row in rows.to_rows() {
            match work.attempt(|work| part(work, table, row))? {
                Ok(moved) => done.moved += u64::from(moved),
                Err(error) => done.reasons.push(error.to_string()),
            }
        }
        Ok(done)
    }
}
