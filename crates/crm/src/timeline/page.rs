//! A page of a timeline: the newest entries of all sources put together.

use std::sync::Arc;

use jiff::Timestamp;
use language::tr;
use model::{Filter, Operator, Order, Reference, Table};
use store::{Query, Reader};

use super::{
    Asked, Entry, Item, Pinned, Timelines, ToDo, events,
    item::{complete, names},
    pins, qualified, related,
    source::{ALL, Source},
    to_do, visits,
};
use crate::{
    App, Caller, Error, Result,
    reading::{self, Names},
};

/// Entries of one page.
const PAGE: usize = 20;

/// A place between two entries: behind the first `skip` of those of this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The moment of the last entry before it.
    pub moment: Timestamp,
    /// How many entries of that very moment are before it.
    pub skip: u32,
}

/// Some entries of what is past, newest first.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Where it goes on.
    pub next: Option<Place>,
    /// Names of everything they point at.
    pub names: Names,
}

/// The first page of a timeline, with what stands above it.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// What is still to be done.
    pub to_do: ToDo,
    /// What was pinned; only where nothing was left out.
    pub pinned: Pinned,
    /// What is past.
    pub page: Page,
    /// Whether timelines of this table show what is about related records, too.
    pub has_related: bool,
    /// Whether there are more related records than were looked at.
    pub related_cut: bool,
    /// When the caller was here before.
    pub visited: Option<Timestamp>,
}

/// One look at a timeline.
pub(super) struct Look {
    pub caller: Caller,
    pub table: Arc<Table>,
    pub record: Reference,
    pub asked: Asked,
    /// The record and those related to it.
    pub about: Vec<Reference>,
    pub related_cut: bool,
    pub now: Timestamp,
}

impl Timelines<'_> {
    /// The beginning of a record's timeline.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record is absent or hidden from the caller.
    pub async fn open(&self, caller: &Caller, record: Reference, asked: Asked) -> Result<Opening> {
        look(self.app, caller, record, asked, |look, reader| {
            let model = reader.model().clone();
            Ok(Opening {
                to_do: to_do::page(look, reader, None)?,
                pinned: if look.asked.narrows() { Pinned::default() } else { pins::pinned(look, reader)? },
                page: page(look, reader, None)?,
                has_related: related::has_related(&model, &look.record.table),
                related_cut: look.related_cut,
                visited: visits::last(look, reader)?,
            })
        })
        .await
    }

    /// What is further back.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record is absent or hidden from the caller.
    pub async fn behind(&self, caller: &Caller, record: Reference, asked: Asked, place: Place) -> Result<Page> {
        look(self.app, caller, record, asked, move |look, reader| page(look, reader, Some(place))).await
    }
}

/// Looks at a record's timeline on one snapshot.
pub(super) async fn look<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    record: Reference,
    asked: Asked,
    read: impl FnOnce(&Look, &mut Reader<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let caller = caller.clone();
    let read = move |reader: &mut Reader<'_>| {
        reading::get(reader, &caller, &record.table, record.id, Some(&[]))?;
        let unknown = || Error::Unknown(tr!("there is no table '{name}'", name = record.table));
        let table = reader.model().table(&record.table).cloned().ok_or_else(unknown)?;
        let (mut about, mut related_cut) = (vec![record.clone()], false);
        if asked.related {
            let (records, cut) = related::records(reader, &caller, &record)?;
            about.extend(records);
            related_cut = cut;
        }
        let now = caller.zone().now;
        read(&Look { caller, table, record, asked, about, related_cut, now }, reader)
    };
    app.read(read).await
}

impl Look {
    /// A query over a source.
    pub fn query(&self, source: &Source, filter: Filter) -> Query {
        Query::of(source.table, self.caller.scope().clone(), self.caller.zone())
            .select(source.columns.iter().copied())
            .matching(filter)
    }

    /// The records looked at that rows of the source may be about.
    pub fn about(&self, reader: &Reader<'_>, source: &Source) -> Vec<Reference> {
        let model = reader.model();
        self.about.iter().filter(|record| source.is_about(model, &record.table)).cloned().collect()
    }
}

fn page(look: &Look, reader: &mut Reader<'_>, place: Option<Place>) -> Result<Page> {
    let skip = place.map_or(0, |place| place.skip);
    let limit = u32::try_from(PAGE).unwrap_or(20) + 1 + skip;
    let mut entries = Vec::new();
    if look.asked.wants_past() {
        for source in ALL.into_iter().filter(|source| look.asked.wants(source)) {
            entries.extend(of_source(look, reader, source, place, limit)?);
        }
    }
    if look.asked.wants_events() {
        entries.extend(of_events(look, reader, place, limit)?);
    }
    // Stable: of one moment they come in the order in which they were read, each time the same.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.moment));
    if let Some(place) = place {
        let shown = entries.iter().take(skip as usize).take_while(|entry| entry.moment == place.moment).count();
        entries.drain(..shown);
    }
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next = more.then(|| behind(&entries, place)).flatten();
    complete(reader, &look.caller, entries.iter_mut())?;
    qualified::put_records(reader, &look.caller, &look.record, &mut entries)?;
    let names = names(reader, &look.caller, entries.iter())?;
    Ok(Page { entries, next, names })
}

/// The place behind these entries, which began at `place`.
fn behind(entries: &[Entry], place: Option<Place>) -> Option<Place> {
    let moment = entries.last()?.moment;
    let same = entries.iter().rev().take_while(|entry| entry.moment == moment).count();
    let before = place.filter(|place| place.moment == moment).map_or(0, |place| place.skip);
    Some(Place { moment, skip: before + u32::try_from(same).unwrap_or_default() })
}

fn of_source(
    look: &Look,
    reader: &mut Reader<'_>,
    source: &Source,
    place: Option<Place>,
    limit: u32,
) -> Result<Vec<Entry>> {
    let about = look.about(reader, source);
    if about.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter = look.asked.past(source, &about, look.now);
    if let Some(place) = place {
        filter = filter.and(Filter::compare(source.moment, Operator::Le, place.moment));
    }
    let query = look.query(source, filter).order_by(Order::descending(source.moment)).take(limit);
    Ok(reader.query(&query)?.to_rows().filter_map(|row| Entry::of(source, row)).collect())
}

fn of_events(look: &Look, reader: &mut Reader<'_>, place: Option<Place>, limit: u32) -> Result<Vec<Entry>> {
    let ends = look.asked.span.map(|span| span.ends(look.now));
    let until = [place.map(|place| place.moment), ends.map(|(_, last)| last)].into_iter().flatten().min();
    let people: Vec<_> = look.asked.people.iter().copied().collect();
    let record = (&*look.table, look.record.id);
    let mut events = events::of_record(reader, &look.caller, record, &people, until, limit)?;
    events.extend(events::of_flows(reader, &look.caller, &look.record, &people, until)?);
    let within = |moment: Timestamp| ends.is_none_or(|(first, _)| moment >= first);
    let entry = |event: super::Event| Entry { moment: event.at, item: Item::Event(event) };
    Ok(events.into_iter().filter(|event| within(event.at)).map(entry).collect())
}
