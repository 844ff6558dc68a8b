//! Writing inside a transaction.

use std::{
    fmt::Write as _,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use model::{Column, Table, Value};
use uuid::Uuid;

use super::{Current, Reader, Secret, secret};
use crate::{
    Actor, FeedOperation, FeedPosition, Row, StoreError, derived,
    engine::{Connection, SqlValue},
    feed::{erase, json::Change, log},
    rows::{TablePlan, VERSION, normalised, stored},
};

/// Columns that say when and by whom a row was changed; alone they are no change.
const STAMPS: [&str; 3] = ["modifiedon", "modifiedby", "modifiedonbehalfby"];

/// Changes rows in one transaction, and reads what it has changed so far.
pub struct Writer<'a> {
    reader: Reader<'a>,
    position: FeedPosition,
    savepoints: u32,
}

impl<'a> Deref for Writer<'a> {
    type Target = Reader<'a>;
    fn deref(&self) -> &Self::Target {
        &self.reader
    }
}

impl DerefMut for Writer<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.reader
    }
}

impl<'a> Writer<'a> {
    pub(super) fn new(connection: &'a mut dyn Connection, current: Arc<Current>) -> Self {
        Self { reader: Reader::of_writer(connection, current), position: FeedPosition::default(), savepoints: 0 }
    }

    /// The place of the last feed entry written by this transaction.
    pub(super) fn position(&self) -> FeedPosition {
        self.position
    }

    /// The whole row, locked until the end of the transaction. No scope: the caller has
    /// authorised.
    pub fn lock(&mut self, table: &str, id: Uuid) -> Result<Option<Row>, StoreError> {
        self.plan(table)?.lock(self.connection, id)
    }

    /// Inserts a row; `row` holds every column to be set. Computes calculated columns and
    /// automatic numbers, keeps derived data current, appends to the feed, and makes sure that
    /// the rows it points at exist. Returns the stored row.
    pub fn insert(&mut self, actor: &Actor, table: &str, id: Uuid, row: Row) -> Result<Row, StoreError> {
        let plan = self.plan(table)?;
        let table = &plan.table;
        let mut new = normalised(table, row)?;
        new.set(table.primary_key.as_str(), id);
        self.check_references(table, None, &new)?;
        derived::before_write(self.connection, &plan, None, &mut new)?;
        let changes: Vec<Change<'_>> = new
            .iter()
            .filter(|(_, value)| !value.is_null())
            .filter_map(|(name, value)| Some((table.column(name)?, value)))
            .filter(|(column, _)| is_told(column))
            .map(|(column, value)| told(table, column, &Value::Null, value))
            .collect();
        self.append(actor, table, id, FeedOperation::Create, &changes)?;
        new.set(VERSION, self.version());
        plan.insert(self.connection, &new)?;
        derived::after_write(self.reader.connection, &self.reader.current, table, None, Some(&new))?;
        Ok(plan.complete(new))
    }

    /// Changes a row. `old` is what [`Writer::lock`] returned. Only columns that really change
    /// are written; without any, nothing is written and the version stays. Returns the whole new
    /// row.
    pub fn update(&mut self, actor: &Actor, table: &str, old: &Row, changes: Row) -> Result<Row, StoreError> {
        let plan = self.plan(table)?;
        let table = &plan.table;
        let id = key(table, old)?;
        let mut changes = normalised(table, changes)?;
        changes.remove(VERSION);
        changes.remove(&table.primary_key);
        if changes.iter().all(|(name, value)| STAMPS.contains(&name) || old.value(name) == value) {
            return Ok(old.clone());
        }
        self.change(actor, &plan, id, old, &changes)
    }

    /// Gives a row a new version with these stamps, though nothing else of it changes; for changes
    /// of rows that count as a part of it.
    pub fn touch(&mut self, actor: &Actor, table: &str, old: &Row, stamps: Row) -> Result<Row, StoreError> {
        let plan = self.plan(table)?;
        let id = key(&plan.table, old)?;
        let stamps = normalised(&plan.table, stamps)?;
        self.change(actor, &plan, id, old, &stamps)
    }

    fn change(
        &mut self,
        actor: &Actor,
        plan: &TablePlan,
        id: Uuid,
        old: &Row,
        changes: &Row,
    ) -> Result<Row, StoreError> {
        let table = &plan.table;
        let mut new = old.clone();
        new.merge(changes);
        self.check_references(table, Some(old), &new)?;
        derived::before_write(self.connection, plan, Some(old), &mut new)?;
        let changed: Vec<&Column> = old.differing(&new).filter_map(|name| table.column(name)).collect();
        let entries: Vec<Change<'_>> = changed
            .iter()
            .filter(|column| is_told(column))
            .map(|column| told(table, column, old.value(&column.name), new.value(&column.name)))
            .collect();
        self.append(actor, table, id, FeedOperation::Update, &entries)?;
        new.set(VERSION, self.version());
        let mut written = changed;
        written.extend(table.column(VERSION));
        let version = version_of(old);
        if plan.update(self.connection, &new, &written, id, version)? == 0 {
            return Err(self.conflict(plan, id));
        }
        derived::after_write(self.reader.connection, &self.reader.current, table, Some(old), Some(&new))?;
        Ok(new)
    }

    /// Deletes one row with its derived data. What hangs on it is the caller's concern. `old` is
    /// what [`Writer::lock`] returned; all its values go to the feed.
    pub fn delete(&mut self, actor: &Actor, table: &str, old: &Row) -> Result<(), StoreError> {
        let plan = self.plan(table)?;
        let table = &plan.table;
        let id = key(table, old)?;
        let changes: Vec<Change<'_>> = stored(table)
            .filter(|column| column.name != VERSION && old.has(&column.name))
            .map(|column| (column.name.as_str(), old.value(&column.name), &Value::Null))
            .collect();
        derived::before_delete(self.reader.connection, &self.reader.current.model, table, old)?;
        if plan.delete(self.connection, id, version_of(old))? == 0 {
            return Err(self.conflict(&plan, id));
        }
        self.append(actor, table, id, FeedOperation::Delete, &changes)?;
        derived::after_write(self.reader.connection, &self.reader.current, table, Some(old), None)
    }

    /// Erases for good what the history says about one row: the values before and after in all its
    /// entries, or in those of the given sequence numbers. That something was changed, when and by
    /// whom stays, and so do the seals; an entry of its own, sealed like any other, says which values
    /// were erased. An erased change cannot be undone. Returns how many entries were erased; where
    /// there were none, no entry is written.
    pub fn erase_history(
        &mut self,
        actor: &Actor,
        table: &str,
        id: Uuid,
        only: Option<&[u64]>,
    ) -> Result<usize, StoreError> {
        let erased = erase::blank(self.connection, table, id, only)?;
        if !erased.is_empty() {
            let told = Value::Text(erase::told(&erased));
            let changes = [(erase::TOLD, &Value::Null, &told)];
            self.position = log::append(self.connection, actor, table, id, FeedOperation::Erase, &changes)?;
        }
        Ok(erased.len())
    }

    /// Moves a durable reader of the feed.
    pub fn set_feed_cursor(&mut self, reader: &str, position: FeedPosition) -> Result<(), StoreError> {
        log::set_cursor(self.connection, reader, position)
    }

    /// Puts a durable reader of the feed at a place, where it has never been anywhere; whether it has not.
    pub fn begin_feed_cursor(&mut self, reader: &str, position: FeedPosition) -> Result<bool, StoreError> {
        log::begin_cursor(self.connection, reader, position)
    }

    /// Moves a durable reader of the feed on, where it still stands at `from`: of several processes that
    /// read in its name, one is told true, and what it writes in this transaction is written once.
    pub fn move_feed_cursor(&mut self, reader: &str, from: FeedPosition, to: FeedPosition) -> Result<bool, StoreError> {
        log::move_cursor(self.connection, reader, from, to)
    }

    /// Sets a setting of the organisation.
    pub fn set_setting(&mut self, key: &str, value: &serde_json::Value) -> Result<(), StoreError> {
        let sql = self.connection.dialect().numbered(
            "INSERT INTO pw_setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        );
        self.connection.execute(&sql, &[key.into(), value.to_string().into()]).map(drop)
    }

    /// Stores a file, replacing the one of this identifier.
    pub fn put_file(&mut self, id: Uuid, bytes: &[u8]) -> Result<(), StoreError> {
        let sql = self.connection.dialect().numbered(
            "INSERT INTO pw_file (id, content) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET content = excluded.content",
        );
        self.connection.execute(&sql, &[id.into(), bytes.to_vec().into()]).map(drop)
    }

    /// Removes a file; nothing happens where it is absent.
    pub fn delete_file(&mut self, id: Uuid) -> Result<(), StoreError> {
        let sql = self.connection.dialect().numbered("DELETE FROM pw_file WHERE id = ?1");
        self.connection.execute(&sql, &[id.into()]).map(drop)
    }

    /// Stores a secret, replacing the one of the same kind and key.
    pub fn put_secret(&mut self, secret: &Secret) -> Result<(), StoreError> {
        secret::put(self.connection, secret)
    }

    /// Changes what is known of a secret, where it is still as it was read: of two who use a
    /// one-time code at the same moment, one is told false.
    pub fn replace_secret(
        &mut self,
        known: &Secret,
        expires: Option<jiff::Timestamp>,
        data: &serde_json::Value,
    ) -> Result<bool, StoreError> {
        secret::replace(self.connection, known, expires, data)
    }

    /// Removes the secrets that have expired; how many there were.
    pub fn delete_expired_secrets(&mut self, now: jiff::Timestamp) -> Result<u64, StoreError> {
        secret::delete_expired(self.connection, now)
    }

    /// Removes a secret; whether it was there.
    pub fn delete_secret(&mut self, kind: &str, key: &str) -> Result<bool, StoreError> {
        secret::delete(self.connection, kind, key)
    }

    /// Runs a part that may fail without taking the rest with it: an error of `f` undoes only
    /// what `f` did. The outer result tells whether the savepoint itself worked.
    pub fn savepoint<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<Result<T, E>, StoreError> {
        let name = format!("part{}", self.savepoints);
        let position = self.position;
        self.connection.begin_part(&name)?;
        self.savepoints += 1;
        let result = f(self);
        self.savepoints -= 1;
        if result.is_err() {
            self.position = position;
        }
        self.connection.end_part(&name, result.is_ok())?;
        Ok(result)
    }

    fn append(
        &mut self,
        actor: &Actor,
        table: &Table,
        id: Uuid,
        operation: FeedOperation,
        changes: &[Change<'_>],
    ) -> Result<(), StoreError> {
        self.position = log::append(self.connection, actor, &table.name, id, operation, changes)?;
        Ok(())
    }

    fn version(&self) -> i64 {
        i64::try_from(self.position.sequence).unwrap_or(i64::MAX)
    }

    /// Why no row with the expected version was there.
    fn conflict(&mut self, plan: &TablePlan, id: Uuid) -> StoreError {
        match plan.get(self.connection, id) {
            Ok(Some(row)) => {
                StoreError::VersionConflict { table: plan.table.name.clone(), id, current: version_of(&row) }
            }
            Ok(None) => StoreError::NotFound { table: plan.table.name.clone(), id },
            Err(error) => error,
        }
    }

    /// Makes sure that the rows pointed at exist, by one statement, and (on PostgreSQL) that
    /// nobody deletes them before the transaction ends.
    fn check_references(&mut self, table: &Table, old: Option<&Row>, new: &Row) -> Result<(), StoreError> {
        let mut wanted: Vec<(&Column, &str, Uuid)> = Vec::new();
        for column in table.lookups() {
            let value = new.value(&column.name);
            if value.is_null() || old.is_some_and(|old| old.value(&column.name) == value) {
                continue;
            }
            let (target, id) = target(column, value)?;
            if !wanted.iter().any(|(_, known, other)| *known == target && *other == id) {
                wanted.push((column, target, id));
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let found = self.found(&wanted)?;
        // A row may point at itself before it is there.
        let own = new.value(&table.primary_key).as_id();
        let missing = wanted.iter().zip(found).find(|((_, target, id), found)| {
            let is_itself = *target == table.name && Some(*id) == own;
            !found && !is_itself
        });
        match missing {
            None => Ok(()),
            Some(((column, target, id), _)) => {
                Err(StoreError::DanglingReference { column: column.name.clone(), table: (*target).to_owned(), id: *id })
            }
        }
    }

    fn found(&mut self, wanted: &[(&Column, &str, Uuid)]) -> Result<Vec<bool>, StoreError> {
        let dialect = self.connection.dialect();
        let lock = match dialect {
            crate::engine::Dialect::Sqlite => "",
            crate::engine::Dialect::Postgres => " FOR KEY SHARE",
        };
        let mut sql = String::from("SELECT ");
        for (position, (column, target, _)) in wanted.iter().enumerate() {
            let target = self.model().table(target).ok_or_else(|| StoreError::BadValue {
                column: column.name.clone(),
                message: format!("there is no table '{target}' to point at"),
            })?;
            // Writing to a text cannot fail.
            let _ = write!(
                sql,
                "{}EXISTS (SELECT 1 FROM \"{}\" WHERE \"{}\" = {}{lock})",
                if position == 0 { "" } else { ", " },
                target.name,
                target.primary_key,
                dialect.parameter(position + 1)
            );
        }
        let params: Vec<SqlValue> = wanted.iter().map(|(_, _, id)| (*id).into()).collect();
        let row = self.connection.query(&sql, &params)?.pop().unwrap_or_default();
        Ok(row.iter().map(|found| found.as_int() == Some(1)).collect())
    }
}

/// The table and row a lookup's value points at.
fn target<'a>(column: &'a Column, value: &'a Value) -> Result<(&'a str, Uuid), StoreError> {
    let wrong = |message: String| StoreError::BadValue { column: column.name.clone(), message };
    let targets = column.targets();
    match value {
        Value::Reference(reference) if targets.contains(&reference.table) => Ok((&reference.table, reference.id)),
        Value::Reference(reference) => {
            Err(wrong(format!("it may point at {}, not at {}", targets.join(", "), reference.table)))
        }
        Value::Id(id) if targets.len() == 1 => Ok((&targets[0], *id)),
        Value::Id(_) => Err(wrong(format!("say which of {} it points at", targets.join(", ")))),
        _ => Err(wrong("a reference to a row is needed".to_owned())),
    }
}

/// Whether a column appears in the feed: the version is the feed's own number.
fn is_told(column: &Column) -> bool {
    column.name != VERSION
}

/// A change for the feed; without its values where they are not to be kept.
fn told<'a>(table: &Table, column: &'a Column, before: &'a Value, after: &'a Value) -> Change<'a> {
    let kept = table.audited && column.audited;
    if kept { (&column.name, before, after) } else { (&column.name, &Value::Null, &Value::Null) }
}

fn key(table: &Table, row: &Row) -> Result<Uuid, StoreError> {
    row.value(&table.primary_key).as_id().ok_or_else(|| StoreError::BadValue {
        column: table.primary_key.clone(),
        message: "the row to be changed must hold its primary key".to_owned(),
    })
}

fn version_of(row: &Row) -> i64 {
    row.value(VERSION).as_whole().unwrap_or_default()
}
