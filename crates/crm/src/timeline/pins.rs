//! What stays at the top of a record's timeline, for everybody who sees the record.

use language::tr;
use model::{Filter, Operator, Order, Privilege, Reference};
use store::{Query, Reader, Row};
use uuid::Uuid;

use super::{
    Entry,
    item::{complete, names},
    page::Look,
    source::{ACTIVITIES, ALL, NOTES, POSTS, Source},
};
use crate::{Error, NewRecord, Result, reading::Names, records::Work};

/// The table of pins.
pub(super) const PINS: &str = "msdyn_timelinepin";
/// Most pins of one record.
const MOST: u32 = 10;

/// What is pinned, with the names of what it points at.
#[derive(Debug, Clone, Default)]
pub struct Pinned {
    /// The entries; what was pinned last comes first.
    pub entries: Vec<Entry>,
    /// Names of everything they point at.
    pub names: Names,
}

/// What is pinned on a record.
pub(super) fn pinned(look: &Look, reader: &mut Reader<'_>) -> Result<Pinned> {
    if !can_pin(reader, &look.record.table) {
        return Ok(Pinned::default());
    }
    let query = Query::of(PINS, look.caller.scope().clone(), look.caller.zone())
        .select(["objectid"])
        .matching(on(&look.record).and(Filter::unary("objectid", Operator::NotNull)))
        .order_by(Order::descending("createdon"))
        .take(MOST);
    let order: Vec<Reference> =
        reader.query(&query)?.rows.iter().filter_map(|row| row.first()?.as_reference().cloned()).collect();
    let mut entries = Vec::new();
    for source in ALL {
        let ids: Vec<Uuid> = order.iter().filter(|of| is_in(source, of)).map(|of| of.id).collect();
        if !ids.is_empty() {
            let key = source.columns.first().copied().unwrap_or_default();
            let query = look.query(source, Filter::is_in(key, ids)).take(MOST);
            entries.extend(reader.query(&query)?.to_rows().filter_map(|row| Entry::of(source, row)));
        }
    }
    let place = |entry: &Entry| order.iter().position(|of| entry.item.reference().as_ref() == Some(of));
    entries.sort_by_key(place);
    complete(reader, &look.caller, entries.iter_mut())?;
    let names = names(reader, &look.caller, entries.iter())?;
    Ok(Pinned { entries, names })
}

fn is_in(source: &Source, of: &Reference) -> bool {
    let by_name = [NOTES.table, POSTS.table];
    if source.table == ACTIVITIES.table { !by_name.contains(&of.table.as_str()) } else { source.table == of.table }
}

fn can_pin(reader: &Reader<'_>, table: &str) -> bool {
    let regarding = reader.model().table(PINS).and_then(|pins| pins.column("regardingobjectid"));
    regarding.is_some_and(|column| column.targets().iter().any(|target| target == table))
}

fn on(record: &Reference) -> Filter {
    Filter::eq("regardingobjectid", record.clone())
}

impl Work<'_, '_> {
    /// Keeps an activity, a note or a post at the top of a record's timeline.
    ///
    /// # Errors
    /// [`Error::Refused`] where enough is pinned already; [`Error::Forbidden`] where the caller may
    /// not add anything to the record.
    pub fn pin(&mut self, record: &Reference, item: &Reference) -> Result<()> {
        self.require_may_add_to(record)?;
        self.load(&item.table, item.id)?;
        let pins = self.find(PINS, on(record), &["msdyn_timelinepinid", "objectid"])?;
        if pins.iter().any(|pin| pin.value("objectid").as_reference() == Some(item)) {
            return Ok(());
        }
        let (kept, left): (Vec<Row>, Vec<Row>) = pins.into_iter().partition(|pin| pin.has("objectid"));
        if kept.len() >= MOST as usize {
            return Err(Error::refused(tr!("{MOST} entries are pinned here already; unpin one of them first", MOST)));
        }
        let pin = Row::new().with("regardingobjectid", record.clone()).with("objectid", item.clone());
        self.as_consequence(|work| {
            // What was pinned was deleted since.
            for pin in left {
                work.unpin_row(&pin)?;
            }
            work.create_all(NewRecord::of(PINS, pin)).map(drop)
        })
    }

    /// Takes something from the top of a record's timeline.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the caller may not add anything to the record.
    pub fn unpin(&mut self, record: &Reference, item: &Reference) -> Result<()> {
        self.require_may_add_to(record)?;
        let of_item = on(record).and(Filter::eq("objectid", item.clone()));
        let pins = self.find(PINS, of_item, &["msdyn_timelinepinid"])?;
        self.as_consequence(|work| pins.iter().try_for_each(|pin| work.unpin_row(pin)))
    }

    fn unpin_row(&mut self, pin: &Row) -> Result<()> {
        match pin.value("msdyn_timelinepinid").as_id() {
            Some(id) => self.delete(PINS, id, None),
            None => Ok(()),
        }
    }

    /// What is said about a record may be added by whoever may add activities and notes to it.
    pub(super) fn require_may_add_to(&mut self, record: &Reference) -> Result<()> {
        let table = self.table(&record.table)?;
        let row = self.load(&record.table, record.id)?;
        self.authorise(Privilege::AppendTo, &table, &row)
    }
}
