//! One thing on a timeline.

use std::collections::HashMap;

use jiff::Timestamp;
use language::tr;
use model::{Filter, Order, Reference, TableKind};
use store::{Query, Reader, Row};
use uuid::Uuid;

use super::{
    Event, NOTE, POST, Timelines,
    source::{ACTIVITIES, NOTES, POSTS, Source},
};
use crate::{
    Caller, Error, Result,
    reading::{self, Names},
};

/// Most replies of the posts of one page.
const REPLIES: u32 = 500;

/// What single kinds of activities have to tell beyond what all have.
const DETAILS: &[(&str, &[&str])] = &[
    ("phonecall", &["phonenumber", "directioncode", "outcomecode", "leftvoicemail"]),
    ("appointment", &["location", "isalldayevent"]),
];

/// One thing on a timeline and its moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When it happened.
    pub moment: Timestamp,
    /// What.
    pub item: Item,
}

/// What stands on a timeline.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An activity: columns that all kinds share, and some of its own kind.
    Activity(Row),
    /// A note.
    Note(Row),
    /// A post with its replies, the oldest first.
    Post {
        /// The post.
        row: Row,
        /// Rows of `postcomment`.
        replies: Vec<Row>,
    },
    /// What happened to the record itself.
    Event(Event),
}

impl Item {
    /// Its row; none of an event.
    pub const fn row(&self) -> Option<&Row> {
        match self {
            Self::Activity(row) | Self::Note(row) | Self::Post { row, .. } => Some(row),
            Self::Event(_) => None,
        }
    }

    /// What it is about: none of an event, which is about the record itself.
    pub fn about(&self) -> Option<&Reference> {
        let row = self.row()?;
        let lookup = if matches!(self, Self::Note(_)) { NOTES.about } else { ACTIVITIES.about };
        row.value(lookup).as_reference()
    }

    /// The row it is.
    pub fn reference(&self) -> Option<Reference> {
        let (table, key) = match self {
            Self::Activity(row) => (row.text("activitytypecode"), row.value("activityid")),
            Self::Note(row) => (NOTE, row.value("annotationid")),
            Self::Post { row, .. } => (POST, row.value("postid")),
            Self::Event(_) => return None,
        };
        Some(Reference::new(table, key.as_id()?))
    }

    fn of(source: &Source, row: Row) -> Self {
        match source.table {
            NOTE => Self::Note(row),
            POST => Self::Post { row, replies: Vec::new() },
            _ => Self::Activity(row),
        }
    }
}

impl Entry {
    /// A row of a source; none without a moment.
    pub(super) fn of(source: &Source, row: Row) -> Option<Self> {
        Some(Self { moment: row.value(source.moment).as_date_time()?, item: Item::of(source, row) })
    }

    /// When it was last touched.
    pub fn changed(&self) -> Timestamp {
        self.item.row().and_then(|row| row.value("modifiedon").as_date_time()).unwrap_or(self.moment)
    }
}

impl Timelines<'_> {
    /// One activity, note or post as it stands on a timeline.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is absent or hidden from the caller.
    pub async fn entry(&self, caller: &Caller, of: Reference) -> Result<(Entry, Names)> {
        let caller = caller.clone();
        let read = move |reader: &mut Reader<'_>| {
            let source = source_of(reader, &of)?;
            let key = source.columns.first().copied().unwrap_or_default();
            let query = Query::of(source.table, caller.scope().clone(), caller.zone())
                .select(source.columns.iter().copied())
                .matching(Filter::eq(key, of.id))
                .take(1);
            let found = reader.query(&query)?.to_rows().next();
            let mut entries: Vec<Entry> = found.and_then(|row| Entry::of(source, row)).into_iter().collect();
            complete(reader, &caller, entries.iter_mut())?;
            let names = names(reader, &caller, entries.iter())?;
            let entry = entries.pop().ok_or(Error::NotFound { table: of.table.clone(), id: of.id })?;
            Ok((entry, names))
        };
        self.app.read(read).await
    }
}

fn source_of(reader: &Reader<'_>, of: &Reference) -> Result<&'static Source> {
    let unknown = || Error::Unknown(tr!("{} do not stand on timelines", of.table));
    match of.table.as_str() {
        NOTE => Ok(&NOTES),
        POST => Ok(&POSTS),
        name => {
            let table = reader.model().table(name).ok_or_else(unknown)?;
            if table.kind == TableKind::Activity { Ok(&ACTIVITIES) } else { Err(unknown()) }
        }
    }
}

/// Adds what is read for many entries at once: what single kinds tell, and replies.
pub(super) fn complete<'e>(
    reader: &mut Reader<'_>,
    caller: &Caller,
    entries: impl Iterator<Item = &'e mut Entry>,
) -> Result<()> {
    let mut activities: HashMap<Reference, &mut Row> = HashMap::new();
    let mut posts: HashMap<Uuid, &mut Vec<Row>> = HashMap::new();
    for entry in entries {
        let reference = entry.item.reference();
        match (&mut entry.item, reference) {
            (Item::Activity(row), Some(reference)) => {
                activities.insert(reference, row);
            }
            (Item::Post { replies, .. }, Some(reference)) => {
                posts.insert(reference.id, replies);
            }
            _ => {}
        }
    }
    for (kind, columns) in DETAILS {
        add_details(reader, caller, kind, columns, &mut activities)?;
    }
    add_replies(reader, caller, &mut posts)
}

fn add_details(
    reader: &mut Reader<'_>,
    caller: &Caller,
    kind: &str,
    columns: &[&str],
    activities: &mut HashMap<Reference, &mut Row>,
) -> Result<()> {
    let ids: Vec<Uuid> = activities.keys().filter(|of| of.table == kind).map(|of| of.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let query = Query::of(kind, caller.scope().clone(), caller.zone())
        .select(["activityid"])
        .select(columns.iter().copied())
        .matching(Filter::is_in("activityid", ids))
        .take(5000);
    for found in reader.query(&query)?.to_rows() {
        let Some(id) = found.value("activityid").as_id() else { continue };
        if let Some(row) = activities.get_mut(&Reference::new(kind, id)) {
            row.merge(&found);
        }
    }
    Ok(())
}

fn add_replies(reader: &mut Reader<'_>, caller: &Caller, posts: &mut HashMap<Uuid, &mut Vec<Row>>) -> Result<()> {
    if posts.is_empty() {
        return Ok(());
    }
    let of = posts.keys().map(|id| Reference::new(POST, *id));
    let query = Query::of("postcomment", caller.scope().clone(), caller.zone())
        .select(["postcommentid", "postid", "text", "createdon", "createdby"])
        .matching(Filter::is_in("postid", of))
        .order_by(Order::ascending("createdon"))
        .take(REPLIES);
    for reply in reader.query(&query)?.to_rows() {
        let post = reply.value("postid").as_id();
        if let Some(replies) = post.and_then(|post| posts.get_mut(&post)) {
            replies.push(reply);
        }
    }
    Ok(())
}

/// The names of everything that entries point at.
pub(super) fn names<'e>(
    reader: &mut Reader<'_>,
    caller: &Caller,
    entries: impl Iterator<Item = &'e Entry>,
) -> Result<Names> {
    let mut references = Vec::new();
    let mut of_row = |row: &Row| references.extend(row.iter().filter_map(|(_, value)| value.as_reference().cloned()));
    let mut of_events: Vec<Reference> = Vec::new();
    for entry in entries {
        match &entry.item {
            Item::Activity(row) | Item::Note(row) => of_row(row),
            Item::Post { row, replies } => {
                of_row(row);
                replies.iter().for_each(&mut of_row);
            }
            Item::Event(event) => of_events.extend(event.references()),
        }
    }
    references.extend(of_events);
    reading::names(reader, caller, &references)
}
