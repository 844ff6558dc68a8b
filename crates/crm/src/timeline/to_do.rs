//! What is still to be done about a record: what is overdue first, then what comes next, then what
//! has no date.

use jiff::Timestamp;
use model::{Filter, Operator, Order, Reference};
use store::{Reader, Row};

use super::{
    Asked, Entry, Item, Timelines,
    item::{complete, names},
    page::{Look, look},
    source::ACTIVITIES,
};
use crate::{Caller, Result, reading::Names};

/// Entries at first, and of each further page.
const FIRST: usize = 5;
const FURTHER: usize = 20;
/// By what it is placed.
const DUE: &str = "scheduledend";

/// A place between two entries: behind the first `skip` of those that are due at this moment, or
/// of those without a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When the last entry before it is due.
    pub due: Option<Timestamp>,
    /// How many entries that are due then are before it.
    pub skip: u32,
}

/// Activities that are still to be done.
#[derive(Debug, Clone, Default)]
pub struct ToDo {
    /// The activities.
    pub entries: Vec<Entry>,
    /// Where it goes on.
    pub next: Option<Due>,
    /// Names of everything they point at.
    pub names: Names,
}

impl Timelines<'_> {
    /// What else is to be done.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] where the record is absent or hidden from the caller.
    pub async fn further_to_do(&self, caller: &Caller, record: Reference, asked: Asked, place: Due) -> Result<ToDo> {
        look(self.app, caller, record, asked, move |look, reader| page(look, reader, Some(place))).await
    }
}

pub(super) fn page(look: &Look, reader: &mut Reader<'_>, place: Option<Due>) -> Result<ToDo> {
    let about = look.about(reader, &ACTIVITIES);
    if about.is_empty() || !look.asked.wants_to_do() || !look.asked.wants(&ACTIVITIES) {
        return Ok(ToDo::default());
    }
    let size = if place.is_some() { FURTHER } else { FIRST };
    let chosen = look.asked.to_do(&ACTIVITIES, &about, look.now);
    let skip = place.map_or(0, |place| place.skip);
    let limit = u32::try_from(size).unwrap_or(20) + 1 + skip;
    let mut rows = Vec::new();
    if place.is_none_or(|place| place.due.is_some()) {
        let from = place.and_then(|place| place.due);
        let dated = match from {
            Some(from) => Filter::compare(DUE, Operator::Ge, from),
            None => Filter::unary(DUE, Operator::NotNull),
        };
        let query = look.query(&ACTIVITIES, chosen.clone().and(dated)).order_by(Order::ascending(DUE)).take(limit);
        rows.extend(reader.query(&query)?.to_rows());
    }
    if rows.len() < limit as usize {
        let undated = chosen.and(Filter::unary(DUE, Operator::Null));
        let query = look.query(&ACTIVITIES, undated).order_by(Order::ascending("createdon")).take(limit);
        rows.extend(reader.query(&query)?.to_rows());
    }
    if let Some(place) = place {
        let shown = rows.iter().take(skip as usize).take_while(|row| due(row) == place.due).count();
        rows.drain(..shown);
    }
    let more = rows.len() > size;
    rows.truncate(size);
    let next = more.then(|| behind(&rows, place)).flatten();
    let mut entries: Vec<Entry> = rows.into_iter().filter_map(entry).collect();
    complete(reader, &look.caller, entries.iter_mut())?;
    let names = names(reader, &look.caller, entries.iter())?;
    Ok(ToDo { entries, next, names })
}

fn due(row: &Row) -> Option<Timestamp> {
    row.value(DUE).as_date_time()
}

fn entry(row: Row) -> Option<Entry> {
    let moment = due(&row).or_else(|| row.value("createdon").as_date_time())?;
    Some(Entry { moment, item: Item::Activity(row) })
}

/// The place behind these rows, which began at `place`.
fn behind(rows: &[Row], place: Option<Due>) -> Option<Due> {
    let last = due(rows.last()?);
    let same = rows.iter().rev().take_while(|row| due(row) == last).count();
    let before = place.filter(|place| place.due == last).map_or(0, |place| place.skip);
    Some(Due { due: last, skip: before + u32::try_from(same).unwrap_or_default() })
}
