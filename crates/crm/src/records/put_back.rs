//! Taking back a single change that the history tells of.

use language::tr;
use model::{Column, Table};
use store::{FeedEntry, FeedOperation, Row};
use uuid::Uuid;

use super::{Work, update::refuse_stale};
use crate::{App, Caller, Error, Origin, Result, access::Setting, process::is_kept_by_flow};

/// What of a row's history is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// Place in the feed of the change.
    pub change: u64,
    /// Of what it set, this column alone.
    pub only: Option<String>,
    /// Version of the row that was looked at; where it has another one by now, nothing is taken back.
    pub version: Option<i64>,
}

impl Reversal {
    /// All that the change at this place set, whatever became of the row since.
    pub fn of(change: u64) -> Self {
        Self { change, only: None, version: None }
    }
}

impl Work<'_, '_> {
    /// Gives the columns that one change of a row's history set their values before it. What was
    /// changed later in other columns stays. Returns the row as stored.
    ///
    /// # Errors
    /// [`Error::Changed`] where the row has another version than the one that was looked at;
    /// [`Error::Refused`] where the change set nothing that a person may set, or all of it has its
    /// former value already; and whatever an update of these columns is refused for.
    pub fn put_back(&mut self, table: &str, id: Uuid, reversal: &Reversal) -> Result<Row> {
        let table = self.table(table)?;
        let row = self.load(&table.name, id)?;
        // Before all else: what the change set may have its former value because of somebody else.
        refuse_stale(&table, id, &row, reversal.version)?;
        let entry = self.writer.feed_entry(&table.name, id, reversal.change)?;
        let entry = entry.filter(|entry| entry.operation == FeedOperation::Update);
        let former: Row = entry.map(|entry| former(&table, &entry)).unwrap_or_default();
        let is_meant = |column: &str| reversal.only.as_deref().is_none_or(|only| column == only);
        let former: Row = former.into_iter().filter(|(column, _)| is_meant(column)).collect();
        if former.is_empty() {
            return Err(Error::refused(tr!("this change set nothing that can be put back by itself")));
        }
        self.authorise_columns(Setting::Update, &table, &former)?;
        if former.iter().all(|(column, value)| row.value(column) == value) {
            return Err(Error::refused(tr!("everything this change set has its former value already")));
        }
        self.update(&table.name, id, former, reversal.version)
    }
}

impl App {
    /// Takes one change of a row's history back; see [`Work::put_back`]. Returns the act, by which
    /// that is undone.
    pub async fn put_back(
        &self,
        caller: &Caller,
        origin: Origin,
        table: &str,
        id: Uuid,
        reversal: Reversal,
    ) -> Result<Uuid> {
        let table = table.to_owned();
        self.work(caller, origin, move |work| {
            work.put_back(&table, id, &reversal)?;
            Ok(work.act())
        })
        .await
    }
}

/// What a change set, of columns that people set, with the values before it.
pub fn former(table: &Table, entry: &FeedEntry) -> Row {
    let is_set_by_people =
        |column: &&Column| !column.read_only && !column.is_computed() && column.is_stored() && !is_kept_by_flow(column);
    let set = entry.changes.iter().filter(|(_, before, after)| before != after);
    set.filter_map(|(name, before, _)| Some((table.column(name).filter(is_set_by_people)?, before)))
        .map(|(column, before)| (column.name.clone(), before.clone()))
        .collect()
}
