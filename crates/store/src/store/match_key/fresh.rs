//! Match keys that are not in their table yet; SQLite only.
//!
//! A fingerprint lands anywhere in the table, so that each one written by itself costs a whole page of
//! the log and of the file. Those of a commit are therefore written together as one row of
//! `pw_match_fresh`. Whoever looks for keys reads the rows that came since he last looked into memory
//! which all connections of a process share, and looks there as well as in the table. When many have
//! gathered, commits fold them into the table in its own order, some at a time, and then take their rows
//! away. What is in memory can always be read again; the rows are what is true.

use std::{
    collections::BTreeMap,
    mem,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

use super::{MatchKey, TABLE};
use crate::{
    StoreError,
    engine::{Connection, SqlValue},
};

/// The table of keys that came, and went, one row a commit.
const LOG: &str = "pw_match_fresh";
/// In `pw_meta`: the mark of who folds.
const FOLDER: &str = "match_keys_folded_by";
/// Changes that may gather before they are folded: some megabytes of memory, and enough that many
/// fall on each page of the table.
const MANY: usize = 100_000;
/// So many, as a multiple, gather where another process has begun to fold, before it is taken for dead.
const LONG_ENOUGH: usize = 3;
/// Changes folded with each commit, as a multiple of those it brings, so that folding always overtakes.
const PACE: usize = 4;
/// Bytes of one change as stored: definition, fingerprint, row, and whether the key is there.
const SIZE: usize = 29;

/// A row that got a key (true), or lost it.
pub(crate) type Change = ((MatchKey, Uuid), bool);

/// What became of the keys of rows.
#[derive(Default)]
pub(crate) struct Changes(BTreeMap<(MatchKey, Uuid), Fate>);

/// What became of a key.
#[derive(Clone, Copy)]
struct Fate {
    /// It was there at some time; for those who read an older state it may be still.
    was: bool,
    /// It is there now.
    is: bool,
}

impl Changes {
    /// One more change, behind those noted before.
    pub(crate) fn note(&mut self, (place, is): Change) {
        let fate = self.0.entry(place).or_insert(Fate { was: false, is });
        *fate = Fate { was: fate.was || is, is };
    }

    /// The rows that got this key, also where they have lost it since.
    pub(super) fn bearing(&self, key: MatchKey) -> impl Iterator<Item = (MatchKey, Uuid)> {
        let here = self.0.range((key, Uuid::nil())..=(key, Uuid::max()));
        here.filter(|(_, fate)| fate.was).map(|(place, _)| *place)
    }

    /// What is left of it all, in the order of the keys, behind `place`.
    fn behind(&self, place: Option<(MatchKey, Uuid)>) -> impl Iterator<Item = Change> {
        let from = place.map_or(Bound::Unbounded, Bound::Excluded);
        self.0.range((from, Bound::Unbounded)).map(|(place, fate)| (*place, fate.is))
    }

    /// The definitions of keys that are there.
    pub(super) fn definitions(&self) -> impl Iterator<Item = i32> {
        self.behind(None).filter(|(_, is_there)| *is_there).map(|((key, _), _)| key.definition)
    }
}

/// What the connections of a process remember together.
#[derive(Clone, Default)]
pub(crate) struct FreshKeys(Arc<Mutex<Remembered>>);

/// Rows of [`LOG`] as read. May hold more than is there, because another process has folded it.
#[derive(Default)]
struct Remembered {
    changes: Changes,
    /// The first row that is among `changes`.
    first: Option<i64>,
    /// The last row that was read at all.
    last: i64,
    folding: Option<Folding>,
}

/// Changes on their way into the table.
struct Folding {
    changes: Changes,
    /// The rows they come from.
    first: i64,
    last: i64,
    /// By which the database knows who folds: two at once would undo each other's work.
    mark: String,
    /// The change folded last.
    done: Option<(MatchKey, Uuid)>,
}

impl FreshKeys {
    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be called where a commit failed that was to fold some.
    pub(crate) fn forget(&self) {
        *self.lock() = Remembered::default();
    }

    /// Rows that bear these keys and perhaps are not in the table yet, at most `each` for a key. One
    /// that lost the key meanwhile may be among them.
    pub(super) fn find(
        &self,
        connection: &mut dyn Connection,
        keys: &[MatchKey],
        each: usize,
    ) -> Result<Vec<(MatchKey, Uuid)>, StoreError> {
        let mut remembered = self.lock();
        remembered.catch_up(connection)?;
        let mut found = Vec::new();
        let older = remembered.older(connection)?;
        let folding = remembered.folding.as_ref().map(|folding| &folding.changes);
        for changes in older.iter().chain(folding).chain([&remembered.changes]) {
            found.extend(keys.iter().flat_map(|key| changes.bearing(*key).take(each)));
        }
        Ok(found)
    }

    /// Writes the changes of a transaction that is about to be committed, and folds some of those that
    /// were committed before.
    pub(crate) fn write(&self, connection: &mut dyn Connection, changes: &[Change]) -> Result<(), StoreError> {
        self.lock().write(connection, changes, MANY)
    }
}

impl Remembered {
    /// Reads the rows that this connection sees and that were not read before.
    fn catch_up(&mut self, connection: &mut dyn Connection) -> Result<(), StoreError> {
        self.read_on(connection)?;
        if self.changes.0.len() > 2 * MANY && first_row(connection)? != self.first() {
            // Another process goes on folding what is read here.
            *self = Self::default();
            self.read_on(connection)?;
        }
        Ok(())
    }

    fn read_on(&mut self, connection: &mut dyn Connection) -> Result<(), StoreError> {
        let sql = format!("SELECT seq, changes FROM {LOG} WHERE seq > ?1 ORDER BY seq");
        for (seq, changes) in rows(&connection.query(&sql, &[self.last.into()])?) {
            if seq != self.last + 1 {
                // Another process has folded what came before.
                *self = Self::default();
            }
            for change in changes {
                self.changes.note(change);
            }
            self.first.get_or_insert(seq);
            self.last = seq;
        }
        Ok(())
    }

    /// For a connection on an old snapshot: rows that are still there for it, while here they count as
    /// folded.
    fn older(&self, connection: &mut dyn Connection) -> Result<Option<Changes>, StoreError> {
        let until = self.first().unwrap_or(self.last + 1);
        if first_row(connection)?.is_none_or(|first| first >= until) {
            return Ok(None);
        }
        read(connection, &format!("SELECT seq, changes FROM {LOG} WHERE seq < ?1 ORDER BY seq"), &[until.into()])
            .map(Some)
    }

    fn write(&mut self, connection: &mut dyn Connection, changes: &[Change], many: usize) -> Result<(), StoreError> {
        self.catch_up(connection)?;
        connection.execute(&format!("INSERT INTO {LOG} (changes) VALUES (?1)"), &[encoded(changes).into()])?;
        self.fold(connection, many, changes.len() * PACE)
    }

    /// The first row of which something is here.
    fn first(&self) -> Option<i64> {
        self.folding.as_ref().map(|folding| folding.first).or(self.first)
    }

    /// Folds some changes where there are `many`, or where it has begun.
    fn fold(&mut self, connection: &mut dyn Connection, many: usize, at_once: usize) -> Result<(), StoreError> {
        if self.folding.is_none() && self.changes.0.len() >= many {
            self.begin_to_fold(connection, many)?;
        }
        let Some(folding) = &mut self.folding else { return Ok(()) };
        if folder(connection)?.as_ref() != Some(&folding.mark) {
            // Another process has gone on with it; what is here may be out of date.
            *self = Self::default();
            return Ok(());
        }
        if !folding.go_on(connection, at_once)? {
            let last = folding.last;
            self.folding = None;
            connection.execute(&format!("DELETE FROM {LOG} WHERE seq <= ?1"), &[last.into()])?;
            connection.execute(&format!("DELETE FROM pw_meta WHERE key = '{FOLDER}'"), &[])?;
        }
        Ok(())
    }

    fn begin_to_fold(&mut self, connection: &mut dyn Connection, many: usize) -> Result<(), StoreError> {
        if first_row(connection)? != self.first {
            *self = Self::default();
            return Ok(());
        }
        if folder(connection)?.is_some() && self.changes.0.len() < many * LONG_ENOUGH {
            return Ok(());
        }
        let mark = Uuid::now_v7().to_string();
        let sql = format!("INSERT OR REPLACE INTO pw_meta (key, value) VALUES ('{FOLDER}', ?1)");
        connection.execute(&sql, &[mark.as_str().into()])?;
        let (changes, first, last) = (mem::take(&mut self.changes), self.first.take(), self.last);
        self.folding = first.map(|first| Folding { changes, first, last, mark, done: None });
        Ok(())
    }
}

impl Folding {
    /// Folds the next changes; false where there are no more.
    fn go_on(&mut self, connection: &mut dyn Connection, at_once: usize) -> Result<bool, StoreError> {
        let mut next = self.changes.behind(self.done);
        for change in next.by_ref().take(at_once) {
            apply(connection, change)?;
            self.done = Some(change.0);
        }
        Ok(next.next().is_some())
    }
}

/// Puts everything into the table: what was committed, and then these changes of the transaction itself.
pub(super) fn settle(connection: &mut dyn Connection, own: impl IntoIterator<Item = Change>) -> Result<(), StoreError> {
    let mut changes = all(connection)?;
    for change in own {
        changes.note(change);
    }
    changes.behind(None).try_for_each(|change| apply(connection, change))?;
    connection.execute(&format!("DELETE FROM {LOG}"), &[])?;
    connection.execute(&format!("DELETE FROM pw_meta WHERE key = '{FOLDER}'"), &[]).map(drop)
}

/// Copies what is not in the table of one database yet into that of another.
pub(super) fn transfer(source: &mut dyn Connection, target: &mut dyn Connection) -> Result<(), StoreError> {
    all(source)?.behind(None).try_for_each(|change| apply(target, change))
}

/// All changes that are not in the table, as this connection sees them.
pub(super) fn all(connection: &mut dyn Connection) -> Result<Changes, StoreError> {
    read(connection, &format!("SELECT seq, changes FROM {LOG} ORDER BY seq"), &[])
}

fn read(connection: &mut dyn Connection, sql: &str, params: &[SqlValue]) -> Result<Changes, StoreError> {
    let mut changes = Changes::default();
    for (_, row) in rows(&connection.query(sql, params)?) {
        for change in row {
            changes.note(change);
        }
    }
    Ok(changes)
}

/// What creates the table.
pub(crate) fn table() -> String {
    format!("CREATE TABLE {LOG} (seq INTEGER PRIMARY KEY AUTOINCREMENT, changes blob NOT NULL);")
}

/// Gives a row a key in the table, or takes it away.
pub(super) fn apply(connection: &mut dyn Connection, ((key, record), is_there): Change) -> Result<(), StoreError> {
    let sql = if is_there {
        format!("INSERT INTO {TABLE} (definition, hash, record) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
    } else {
        format!("DELETE FROM {TABLE} WHERE definition = ?1 AND hash = ?2 AND record = ?3")
    };
    let sql = connection.dialect().numbered(&sql).into_owned();
    connection.execute(&sql, &[key.definition.into(), key.hash.into(), record.into()]).map(drop)
}

fn folder(connection: &mut dyn Connection) -> Result<Option<String>, StoreError> {
    let rows = connection.query(&format!("SELECT value FROM pw_meta WHERE key = '{FOLDER}'"), &[])?;
    Ok(rows.first().and_then(|row| row.first()).and_then(SqlValue::as_text).map(str::to_owned))
}

fn first_row(connection: &mut dyn Connection) -> Result<Option<i64>, StoreError> {
    let rows = connection.query(&format!("SELECT min(seq) FROM {LOG}"), &[])?;
    Ok(rows.first().and_then(|row| row.first()).and_then(SqlValue::as_int))
}

fn rows(found: &[Vec<SqlValue>]) -> impl Iterator<Item = (i64, Vec<Change>)> {
    found.iter().filter_map(|row| match row.as_slice() {
        [seq, SqlValue::Bytes(changes)] => Some((seq.as_int()?, decoded(changes))),
        _ => None,
    })
}

fn encoded(changes: &[Change]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(changes.len() * SIZE);
    for ((key, record), is_there) in changes {
        bytes.extend(key.definition.to_be_bytes());
        bytes.extend(key.hash.to_be_bytes());
        bytes.extend(record.as_bytes());
        bytes.push(u8::from(*is_there));
    }
    bytes
}

fn decoded(bytes: &[u8]) -> Vec<Change> {
    bytes.chunks_exact(SIZE).filter_map(change).collect()
}

fn change(bytes: &[u8]) -> Option<Change> {
    let (definition, bytes) = bytes.split_first_chunk()?;
    let (hash, bytes) = bytes.split_first_chunk()?;
    let (record, bytes) = bytes.split_first_chunk()?;
    let key = MatchKey { definition: i32::from_be_bytes(*definition), hash: i64::from_be_bytes(*hash) };
    Some(((key, Uuid::from_bytes(*record)), bytes == [1]))
}

#[cfg(test)]
mod tests;
