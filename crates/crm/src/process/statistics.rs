//! How long records of a flow stay in each stage, and how many go on.
//!
//! Counts and sums come from the totals that every write keeps, so that all of the time costs the
//! same however many records there are; a shorter period, and readers who see only some records,
//! count the stays themselves. The median is that of the latest stays.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp, ToSpan};
use language::{tr, translated};
use model::{Filter, Model, Operator, Order, Path, Process, Stage, Table, Value};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use store::{Aggregate, AggregateFunction, Grouping, Query, Reader, Row};
use uuid::Uuid;

use super::{LeaveReason, Processes, VISITS, stage_table};
use crate::{Caller, Error, Result};

/// The stays a median is taken from.
const SAMPLE: u32 = 1000;

/// A flow whose statistics can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Logical name.
    pub name: String,
    /// Label.
    pub label: String,
}

/// Which stays count: those that began in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Period {
    /// All.
    #[default]
    Always,
    /// The last 90 days.
    Quarter,
    /// The last 365 days.
    Year,
}

/// What happened in the stages of one flow.
#[derive(Debug, Clone)]
pub struct Statistics {
    /// Label of the flow.
    pub label: String,
    /// What it is for.
    pub description: String,
    /// In the order of the flow; behind them those stages of earlier versions that records went through.
    pub stages: Vec<StageStatistics>,
}

/// What happened in one stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageStatistics {
    /// Its label.
    pub label: String,
    /// How often it was entered.
    pub entered: u64,
    /// How often it was left for a later stage, or the flow was finished in it.
    pub moved_on: u64,
    /// How often it was left for an earlier stage.
    pub moved_back: u64,
    /// How often the flow was abandoned in it, or switched.
    pub given_up: u64,
    /// How often the record was moved to a stage of a new version.
    pub transferred: u64,
    /// Mean length of the stays that are over.
    pub average: Option<SignedDuration>,
    /// Median length of the latest stays that are over.
    pub median: Option<SignedDuration>,
    /// Whether the stage is the last one of the flow, from where records move on by finishing.
    pub last: bool,
    /// Whether only earlier versions of the flow have the stage.
    pub former: bool,
}

impl StageStatistics {
    /// Stays that are not over, those of records that were closed in the stage among them.
    pub fn not_left(&self) -> u64 {
        self.entered.saturating_sub(self.moved_on + self.moved_back + self.given_up + self.transferred)
    }

    /// How many of a hundred stays led on.
    pub fn conversion(&self) -> Option<u64> {
        (self.entered > 0).then(|| (self.moved_on * 200 / self.entered).div_ceil(2).min(100))
    }
}

impl Processes<'_> {
    /// The flows of tables that the caller may read, in their order.
    pub fn flows(&self, caller: &Caller) -> Vec<Flow> {
        let model = self.app.model();
        let readable = |process: &&std::sync::Arc<Process>| {
            model
                .table(&process.table)
                .is_some_and(|table| caller.may_anywhere(&model, table, crate::access::Privilege::Read))
        };
        let flow = |process: &std::sync::Arc<Process>| Flow {
            name: process.name.clone(),
            label: translated(&process.label).into_owned(),
        };
        model.processes.iter().filter(readable).map(flow).collect()
    }

    /// What happened in the stages of a flow, as far as the caller sees its records.
    ///
    /// # Errors
    /// [`Error::Unknown`] where there is no such flow.
    pub async fn statistics(&self, caller: &Caller, flow: String, period: Period) -> Result<Statistics> {
        let caller = caller.clone();
        self.app
            .read(move |reader| {
                let process = reader.model().process(&flow).cloned();
                let process = process.ok_or_else(|| Error::Unknown(tr!("there is no process flow '{flow}'", flow)))?;
                Asking { caller: &caller, process: &process, since: period.since() }.statistics(reader)
            })
            .await
    }
}

impl Period {
    fn since(self) -> Option<Timestamp> {
        let days: i64 = match self {
            Self::Always => return None,
            Self::Quarter => 90,
            Self::Year => 365,
        };
        Timestamp::now().checked_sub((days * 24).hours()).ok()
    }
}

/// One question about a flow.
struct Asking<'a> {
    caller: &'a Caller,
    process: &'a Process,
    since: Option<Timestamp>,
}

impl Asking<'_> {
    fn statistics(&self, reader: &mut Reader<'_>) -> Result<Statistics> {
        let totals = self.totals(reader)?;
        let listed = listed(self.process);
        let never_moved = self.never_moved(reader, &listed)?;
        let mut stages = Vec::new();
        for listed in listed {
            let own = || totals.iter().filter(|total| total.stage == listed.stage.id);
            let entered = own().map(|total| total.count).sum::<u64>()
                + never_moved.get(&listed.stage.id).copied().unwrap_or_default();
            if listed.former && entered == 0 {
                continue;
            }
            let count = |reasons: &[LeaveReason]| -> u64 {
                own()
                    .filter(|total| total.reason.is_some_and(|reason| reasons.contains(&reason)))
                    .map(|t| t.count)
                    .sum()
            };
            stages.push(StageStatistics {
                label: translated(&listed.stage.label).into_owned(),
                entered,
                moved_on: count(&[LeaveReason::Next, LeaveReason::Finished]),
                moved_back: count(&[LeaveReason::Earlier]),
                given_up: count(&[LeaveReason::Abandoned, LeaveReason::Switched]),
                transferred: count(&[LeaveReason::Transferred]),
                average: average(own()),
                median: self.median(reader, listed.stage.id)?,
                last: listed.last,
                former: listed.former,
            });
        }
        Ok(Statistics {
            label: translated(&self.process.label).into_owned(),
            description: translated(&self.process.description).into_owned(),
            stages,
        })
    }

    fn query(&self, table: &str) -> Query {
        Query::of(table, self.caller.scope().clone(), self.caller.zone())
    }

    fn stage_ids(&self) -> Filter {
        Filter::is_in("stageid", stage_ids(self.process))
    }

    fn in_period(&self, path: Path) -> Filter {
        match self.since {
            None => Filter::everything(),
            Some(since) => Filter::compare(path, Operator::Ge, since),
        }
    }

    /// Stays by stage and by why they ended.
    fn totals(&self, reader: &mut Reader<'_>) -> Result<Vec<Total>> {
        let mut query =
            self.query(VISITS).matching(self.stage_ids()).matching(self.in_period("enteredon".into())).take(5000);
        query.group_by = ["stageid", "leavereason"]
            .map(|column| Grouping { path: column.into(), part: None, alias: column.to_owned() })
            .into();
        query.aggregates = vec![
            counting("stays"),
            Aggregate {
                function: AggregateFunction::Sum,
                path: Some("durationseconds".into()),
                alias: "seconds".to_owned(),
            },
        ];
        Ok(reader.query(&query)?.to_rows().filter_map(|row| Total::of(&row)).collect())
    }

    /// Records that stand in a stage since they were made, because a version begins with it: their stay is not
    /// stored before it ends. By stage.
    fn never_moved(&self, reader: &mut Reader<'_>, listed: &[Listed<'_>]) -> Result<HashMap<Uuid, u64>> {
        let first = self.process.stages[0].id;
        let mut all = self.placed_and_never_moved(reader)?;
        let mut by_stage = HashMap::new();
        for other in listed.iter().filter(|listed| listed.first && listed.stage.id != first) {
            let standing = self.standing_since_made(reader, other.stage)?;
            all = all.saturating_sub(standing);
            by_stage.insert(other.stage.id, standing);
        }
        by_stage.insert(first, all);
        Ok(by_stage)
    }

    /// Those of one stage, told by asking each record.
    fn standing_since_made(&self, reader: &mut Reader<'_>, stage: &Stage) -> Result<u64> {
        let model = reader.model().clone();
        let Some(start) = self.start(&model) else { return Ok(0) };
        let key = start.primary_key.as_str();
        let standing = self.query(&start.name).matching(Filter::eq("stageid", stage.id));
        let moved = self.instances(key).matching(Filter::eq(Path::through(key, "stageid"), stage.id));
        Ok(count(reader, standing.matching(self.in_period("createdon".into())))?.saturating_sub(count(reader, moved)?))
    }

    /// Those of all stages, told by the totals: the records that are placed in the flow, without those that
    /// moved in it.
    fn placed_and_never_moved(&self, reader: &mut Reader<'_>) -> Result<u64> {
        let model = reader.model().clone();
        let Some(start) = self.start(&model) else { return Ok(0) };
        let placed = self.query(&start.name).matching(self.stage_ids()).matching(self.in_period("createdon".into()));
        let key = start.primary_key.as_str();
        let followed = self.instances(key).matching(Filter::unary("switchedon", Operator::Null));
        // Where the opportunity was switched away, the lead still stands in this flow.
        let aside = self
            .instances(key)
            .matching(Filter::unary("switchedon", Operator::NotNull))
            .matching(Filter::is_in(Path::through(key, "stageid"), stage_ids(self.process)));
        let moved = count(reader, followed)? + count(reader, aside)?;
        Ok(count(reader, placed)?.saturating_sub(moved))
    }

    /// The table that the flow starts on.
    fn start<'m>(&self, model: &'m Model) -> Option<&'m Table> {
        let start = stage_table(self.process, &self.process.stages[0]);
        model.table(start).map(|table| &**table).filter(|table| table.column("stageid").is_some())
    }

    /// The stored instances of records made in the period.
    fn instances(&self, key: &str) -> Query {
        self.query(&self.process.name)
            .matching(Filter::unary(key, Operator::NotNull))
            .matching(self.in_period(Path::through(key, "createdon")))
    }

    fn median(&self, reader: &mut Reader<'_>, stage: Uuid) -> Result<Option<SignedDuration>> {
        let query = self
            .query(VISITS)
            .select(["durationseconds"])
            .matching(Filter::eq("stageid", stage))
            .matching(Filter::unary("durationseconds", Operator::NotNull))
            .matching(self.in_period("enteredon".into()))
            .order_by(Order::descending("enteredon"))
            .take(SAMPLE);
        let mut seconds: Vec<i64> =
            reader.query(&query)?.rows.iter().filter_map(|row| row.first().and_then(Value::as_whole)).collect();
        seconds.sort_unstable();
        let upper = seconds.get(seconds.len() / 2).copied();
        let lower = seconds.len().checked_sub(1).and_then(|last| seconds.get(last / 2).copied());
        Ok(lower.zip(upper).map(|(lower, upper)| SignedDuration::from_secs(i64::midpoint(lower, upper))))
    }
}

/// A stage of the flow or of an earlier version of it.
struct Listed<'a> {
    stage: &'a Stage,
    /// A version begins with it.
    first: bool,
    /// The latest version that has it ends with it.
    last: bool,
    /// The version in force does not have it.
    former: bool,
}

/// The stages of all versions, each once, those in force first.
fn listed(process: &Process) -> Vec<Listed<'_>> {
    let mut all: Vec<Listed<'_>> = Vec::new();
    let earlier = process.earlier.iter().rev().map(|version| (&**version, true));
    for (version, former) in std::iter::once((process, false)).chain(earlier) {
        for (position, stage) in version.stages.iter().enumerate() {
            let (first, last) = (position == 0, position + 1 == version.stages.len());
            match all.iter_mut().find(|known| known.stage.id == stage.id) {
                Some(known) => known.first |= first,
                None => all.push(Listed { stage, first, last, former }),
            }
        }
    }
    all
}

fn stage_ids(process: &Process) -> impl Iterator<Item = Uuid> {
    process.all_stages().map(|stage| stage.id)
}

fn counting(alias: &str) -> Aggregate {
    Aggregate { function: AggregateFunction::Count, path: None, alias: alias.to_owned() }
}

fn count(reader: &mut Reader<'_>, mut query: Query) -> Result<u64> {
    query.aggregates = vec![counting("rows")];
    let rows = reader.query(&query)?;
    Ok(rows.to_rows().next().map_or(0, |row| whole(&row, "rows")))
}

/// Stays of one stage that ended for one reason.
struct Total {
    stage: Uuid,
    reason: Option<LeaveReason>,
    count: u64,
    seconds: u64,
}

impl Total {
    fn of(row: &Row) -> Option<Self> {
        Some(Self {
            stage: row.value("stageid").as_id()?,
            reason: row.value("leavereason").as_whole().and_then(LeaveReason::of),
            count: whole(row, "stays"),
            seconds: whole(row, "seconds"),
        })
    }
}

/// Counts and sums come as whole numbers or as decimals.
fn whole(row: &Row, column: &str) -> u64 {
    let value = row.value(column);
    let decimal = || value.as_decimal().as_ref().and_then(Decimal::to_u64);
    value.as_whole().and_then(|number| u64::try_from(number).ok()).or_else(decimal).unwrap_or_default()
}

fn average<'t>(totals: impl Iterator<Item = &'t Total>) -> Option<SignedDuration> {
    let over = totals.filter(|total| total.reason.is_some());
    let (count, seconds) = over.fold((0, 0), |(count, sum), total| (count + total.count, sum + total.seconds));
    let mean = seconds.checked_div(count)?;
    i64::try_from(mean).ok().map(SignedDuration::from_secs)
}
