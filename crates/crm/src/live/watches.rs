//! What a page looks at.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::{Model, Reference, TableKind};
use store::{FeedHeading, FeedOperation};
use uuid::Uuid;

/// Rows one listener may watch, all pages of its browser together.
pub const MOST_ROWS: usize = 400;
/// Tables, and records whose surroundings are watched.
const MOST_TABLES: usize = 40;

/// What a page looks at: whole lists, single rows, and what is about a record.
#[derive(Debug, Clone, Default)]
pub struct Watches {
    tables: BTreeSet<String>,
    /// True for a row that the person could read when last asked.
    rows: HashMap<Reference, bool>,
    about: HashSet<Reference>,
}

/// What of some headings is to be told, if it may be read.
#[derive(Debug, Default)]
pub(super) struct Picked {
    /// By table.
    pub rows: BTreeMap<String, BTreeMap<Uuid, Done>>,
    /// Notes, posts and activities by the table they list in.
    pub around: BTreeMap<&'static str, BTreeMap<Uuid, Done>>,
}

/// What was done last, and by whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done {
    pub operation: FeedOperation,
    pub by: Uuid,
}

/// The tables whose rows stand around a record, each with the path to the lookup that says so.
pub(super) const AROUND: [(&str, &str); 4] = [
    ("annotation", "objectid"),
    ("activitypointer", "regardingobjectid"),
    ("post", "regardingobjectid"),
    ("postcomment", "postid.regardingobjectid"),
];

impl Watches {
    /// Watches all rows of a table; false where there are too many already.
    pub fn table(&mut self, table: &str) -> bool {
        self.tables.insert(table.to_owned());
        self.tables.len() <= MOST_TABLES
    }

    /// Watches a row; false where there are too many already.
    pub fn row(&mut self, row: Reference) -> bool {
        self.rows.insert(row, false);
        self.rows.len() <= MOST_ROWS
    }

    /// Watches what is about a record: notes, posts and activities; false where there are too many already.
    pub fn about(&mut self, record: Reference) -> bool {
        self.about.insert(record);
        self.about.len() <= MOST_TABLES
    }

    /// Whether this very row is watched.
    pub(super) fn has(&self, table: &str, id: Uuid) -> bool {
        self.rows.contains_key(&Reference::new(table, id))
    }

    /// The rows watched, by table.
    pub(super) fn rows_by_table(&self) -> BTreeMap<String, Vec<Uuid>> {
        let mut tables: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
        for row in self.rows.keys() {
            tables.entry(row.table.clone()).or_default().push(row.id);
        }
        tables
    }

    /// The records whose surroundings are watched.
    pub(super) fn records(&self) -> impl Iterator<Item = &Reference> {
        self.about.iter()
    }

    /// Notes whether a row can be read. True where it is watched, could be read before and cannot
    /// now, so that it is to be told as gone.
    pub(super) fn note(&mut self, row: &Reference, readable: bool) -> bool {
        self.rows.get_mut(row).is_some_and(|seen| std::mem::replace(seen, readable) && !readable)
    }

    /// What of these concerns this page, each row once.
    pub(super) fn pick(&self, model: &Model, headings: &[FeedHeading]) -> Picked {
        let mut picked = Picked::default();
        for heading in headings {
            let done = Done { operation: heading.operation, by: heading.user };
            let kind = model.table(&heading.table).map(|table| table.kind);
            let twin = pointer(model).filter(|_| kind == Some(TableKind::Activity));
            for table in std::iter::once(heading.table.as_str()).chain(twin) {
                let row = Reference::new(table, heading.id);
                if self.tables.contains(table) || self.rows.contains_key(&row) {
                    add(picked.rows.entry(row.table).or_default(), heading.id, done);
                }
            }
            if !self.about.is_empty() && heading.operation != FeedOperation::Delete {
                let is_around = |table: &str| table == heading.table || Some(table) == twin;
                if let Some((table, _)) = AROUND.into_iter().find(|(table, _)| is_around(table)) {
                    add(picked.around.entry(table).or_default(), heading.id, done);
                }
            }
        }
        picked
    }
}

impl Picked {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.around.is_empty()
    }
}

/// A row that was made and then changed is still new to who looks.
fn add(rows: &mut BTreeMap<Uuid, Done>, id: Uuid, done: Done) {
    let known = rows.entry(id).or_insert(done);
    let is_new = known.operation == FeedOperation::Create && done.operation != FeedOperation::Delete;
    *known = Done { operation: if is_new { FeedOperation::Create } else { done.operation }, by: done.by };
}

/// The table in which activities of all kinds list as one.
fn pointer(model: &Model) -> Option<&str> {
    model.tables.values().find(|table| table.kind == TableKind::Pointer).map(|table| table.name.as_str())
}
