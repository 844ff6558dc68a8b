//! Two records that are the same thing become one.
//!
//! The *master* stays, with the values chosen; everything that hangs on the *subordinate* moves to
//! it ([`related`]), and the subordinate is closed as merged. All of it is one act, which can be
//! undone as a whole.

mod related;

use language::{tr, translated};
use model::{Reference, Table, Value};
use store::Row;
use uuid::Uuid;

use crate::{App, Caller, Error, Origin, Result, access::Privilege, records::Work};

/// What shall become one.
#[derive(Debug, Clone)]
pub struct Merge {
    /// Logical name of the table.
    pub table: String,
    /// The record that stays.
    pub master: Uuid,
    /// The record that becomes a part of it.
    pub subordinate: Uuid,
    /// Values for the master, over those it has.
    pub content: Row,
    /// Refuse where both have parents and they differ.
    pub check_parents: bool,
}

/// What a merge did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The act, by which it can be undone.
    pub act: Uuid,
    /// How many related rows moved to the master.
    pub moved: usize,
}

/// The columns that say what a record is a part of.
const PARENTS: [&str; 3] = ["parentaccountid", "parentcustomerid", "parentcontactid"];

impl App {
    /// Makes one record of two; see [`Work::merge`].
    pub async fn merge(&self, caller: &Caller, origin: Origin, merge: Merge) -> Result<Merged> {
        self.work(caller, origin, move |work| work.merge(&merge)).await
    }
}

impl App {
    /// The act that merged this record into another, by which it can be undone; none where the
    /// record was changed since.
    pub async fn merge_to_undo(&self, caller: &Caller, table: &str, id: Uuid) -> Result<Option<Uuid>> {
        let (caller, table) = (caller.clone(), table.to_owned());
        self.read(move |reader| {
            crate::reading::get(reader, &caller, &table, id, Some(&[]))?;
            let last = reader.feed_of(&table, id, 1)?.pop();
            let merged = |entry: &store::FeedEntry| {
                entry.changes.iter().any(|(column, _, after)| column == "merged" && *after == Value::Boolean(true))
            };
            Ok(last.filter(merged).map(|entry| entry.actor.act))
        })
        .await
    }
}

/// True for tables whose records can be merged.
pub fn is_mergeable(table: &Table) -> bool {
    let points_at_itself = table.column("masterid").is_some_and(|column| column.targets() == [table.name.clone()]);
    points_at_itself && table.column("merged").is_some()
}

impl Work<'_, '_> {
    /// Makes one record of two: the master gets the values of `content` and all rows that point
    /// at the subordinate; the subordinate is closed as merged into the master.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the caller may not change both; [`Error::Refused`] where one of
    /// them was merged before.
    pub fn merge(&mut self, merge: &Merge) -> Result<Merged> {
        let table = self.table(&merge.table)?;
        if !is_mergeable(&table) {
            return Err(Error::refused(tr!("{} cannot be merged", translated(&table.plural_label))));
        }
        if merge.master == merge.subordinate {
            return Err(Error::refused(tr!("choose two different records to merge")));
        }
        let (master, subordinate) = self.load_both(&table, merge)?;
        for row in [&master, &subordinate] {
            self.authorise(Privilege::Write, &table, row)?;
            refuse_merged(&table, row)?;
        }
        if merge.check_parents {
            refuse_other_parents(&table, &master, &subordinate, &merge.content)?;
        }
        let moved = self.without_duplicate_rules(|work| {
            work.give_way(&table, &subordinate, &merge.content)?;
            if !merge.content.is_empty() {
                work.update(&table.name, merge.master, merge.content.clone(), None)?;
            }
            work.as_consequence(|work| {
                let moved = work.move_related(&table, merge.subordinate, merge.master)?;
                work.close_merged(&table, merge.subordinate, merge.master)?;
                Ok(moved)
            })
        })?;
        Ok(Merged { act: self.act(), moved })
    }

    /// Both rows, locked in the same order by everybody, so that two merges never wait for each
    /// other.
    fn load_both(&mut self, table: &Table, merge: &Merge) -> Result<(Row, Row)> {
        if merge.master < merge.subordinate {
            let master = self.load(&table.name, merge.master)?;
            Ok((master, self.load(&table.name, merge.subordinate)?))
        } else {
            let subordinate = self.load(&table.name, merge.subordinate)?;
            Ok((self.load(&table.name, merge.master)?, subordinate))
        }
    }

    /// What only one record may have and the master takes over, the subordinate gives up.
    fn give_way(&mut self, table: &Table, subordinate: &Row, content: &Row) -> Result<()> {
        let mut given_up = Row::new();
        for column in table.keys.iter().flat_map(|key| &key.columns) {
            let taken = content.get(column).filter(|value| !value.is_null());
            if taken.is_some_and(|value| value == subordinate.value(column)) {
                given_up.set(column.as_str(), Value::Null);
            }
        }
        if given_up.is_empty() { Ok(()) } else { self.write_row(table, subordinate, given_up).map(drop) }
    }

    fn close_merged(&mut self, table: &Table, subordinate: Uuid, master: Uuid) -> Result<()> {
        let old = self.load(&table.name, subordinate)?;
        let mut changes = Row::new().with("merged", true).with("masterid", Reference::new(table.name.as_str(), master));
        // The last state is the one of records that lead nowhere: inactive, disqualified.
        if let Some(state) = table.states.last().filter(|_| table.states.len() > 1) {
            let last = state.statuses.last().map_or(state.default_status, |status| status.value);
            changes.set("statecode", i64::from(state.value));
            changes.set("statuscode", i64::from(if table.states.len() > 2 { last } else { state.default_status }));
        }
        self.stamp_modified(table, &mut changes);
        // Straight to the store: it is closed whatever state it was in.
        self.write_row(table, &old, changes).map(drop)
    }
}

/// Refuses to change a record that was merged into another.
pub(crate) fn refuse_merged(table: &Table, row: &Row) -> Result<()> {
    if row.value("merged").as_boolean() != Some(true) {
        return Ok(());
    }
    Err(Error::Refused(tr!(
        "{} “{}” was merged into another one and is read-only; change that one, or undo the merge",
        translated(&table.label),
        row.text(&table.primary_name)
    )))
}

fn refuse_other_parents(table: &Table, master: &Row, subordinate: &Row, content: &Row) -> Result<()> {
    let differs = |column: &&str| {
        let (one, other) = (master.value(column), subordinate.value(column));
        !content.contains(column) && !one.is_null() && !other.is_null() && one != other
    };
    match PARENTS.into_iter().filter(|column| table.column(column).is_some()).find(differs) {
        None => Ok(()),
        Some(column) => {
            let label = table.column(column).map_or(column.into(), |column| translated(&column.label));
            Err(Error::refused(tr!(
                "both have a value for {label} and they differ; say which one to keep, or merge without this check",
                label
            )))
        }
    }
}
