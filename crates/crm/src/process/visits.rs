//! The stays of a record in a stage: who, when, how long.

use jiff::{SignedDuration, Timestamp};
use model::{Filter, Order, Reference};
use store::{Query, Reader, Row, Scope};
use uuid::Uuid;

use super::{Instance, Processes, VISITS};
use crate::{
    Caller, Result,
    reading::{self, Names},
};

/// Most stays shown of one stage.
const SHOWN: u32 = 50;
/// Most stays of one record whose time is added up.
const COUNTED: u32 = 5000;

/// Why a stage was left (`leavereason`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LeaveReason {
    Next = 1,
    Earlier = 2,
    Finished = 3,
    Abandoned = 4,
    Switched = 5,
    Transferred = 6,
}

impl LeaveReason {
    /// From its number (`leavereason`).
    pub const fn of(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Next),
            2 => Some(Self::Earlier),
            3 => Some(Self::Finished),
            4 => Some(Self::Abandoned),
            5 => Some(Self::Switched),
            6 => Some(Self::Transferred),
            _ => None,
        }
    }
}

/// One stay in a stage.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Since when.
    pub entered: Timestamp,
    /// By whom; none for the first one, which began with the record.
    pub entered_by: Option<Reference>,
    /// Until when; none while it goes on.
    pub left: Option<Timestamp>,
    /// By whom.
    pub left_by: Option<Reference>,
    /// Why.
    pub reason: Option<LeaveReason>,
    /// How long, where it is over.
    pub spent: Option<SignedDuration>,
}

impl Processes<'_> {
    /// The stays of a record in a stage, the latest first. One that never moved has none stored.
    pub async fn visits(&self, caller: &Caller, record: Reference, stage: Uuid) -> Result<(Vec<Visit>, Names)> {
        let caller = caller.clone();
        self.app
            .read(move |reader| {
                let row = reading::get(reader, &caller, &record.table, record.id, None)?;
                let instance = Instance::read(reader, &caller, &record, &row)?;
                let Some(instance) = instance.filter(|instance| instance.row.is_some()) else {
                    return Ok((Vec::new(), Names::default()));
                };
                let query = of_instance(&caller, &instance, &["enteredon", "enteredby", "lefton", "leftby"])
                    .select(["leavereason", "durationseconds"])
                    .matching(Filter::eq("stageid", stage))
                    .order_by(Order::descending("enteredon"))
                    .take(SHOWN);
                let visits: Vec<Visit> = reader.query(&query)?.to_rows().filter_map(|row| visit(&row)).collect();
                let people = visits.iter().flat_map(|visit| [&visit.entered_by, &visit.left_by]).flatten().cloned();
                let names = reading::names(reader, &caller, &people.collect::<Vec<_>>())?;
                Ok((visits, names))
            })
            .await
    }
}

fn visit(row: &Row) -> Option<Visit> {
    let person = |column: &str| row.value(column).as_reference().cloned();
    Some(Visit {
        entered: row.value("enteredon").as_date_time()?,
        entered_by: person("enteredby"),
        left: row.value("lefton").as_date_time(),
        left_by: person("leftby"),
        reason: row.value("leavereason").as_whole().and_then(LeaveReason::of),
        spent: row.value("durationseconds").as_whole().map(SignedDuration::from_secs),
    })
}

/// The time of all stays that are over, by stage.
pub(super) fn spent(
    reader: &mut Reader<'_>,
    caller: &Caller,
    instance: &Instance,
) -> Result<Vec<(Uuid, SignedDuration)>> {
    if instance.row.is_none() {
        return Ok(Vec::new());
    }
    let query = of_instance(caller, instance, &["stageid", "durationseconds"]).take(COUNTED);
    let rows = reader.query(&query)?;
    let time = |row: Row| {
        let seconds = row.value("durationseconds").as_whole().unwrap_or_default();
        Some((row.value("stageid").as_id()?, SignedDuration::from_secs(seconds)))
    };
    Ok(rows.to_rows().filter_map(time).collect())
}

/// Whoever sees one record of a flow may know its whole way.
fn of_instance(caller: &Caller, instance: &Instance, columns: &[&str]) -> Query {
    Query::of(VISITS, std::sync::Arc::new(Scope::default()), caller.zone())
        .select(columns.iter().copied())
        .matching(Filter::eq("processinstanceid", instance.id))
}
