//! One connection to the database file.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rusqlite::{
    OpenFlags, ToSql,
    config::DbConfig,
    hooks::Wal,
    types::{ToSqlOutput, Value as Owned, ValueRef},
};
use uuid::Uuid;

use super::{errors::translate, functions, put_off::PutOff};
use crate::{
    StoreError,
    engine::{Connection, Dialect, SqlValue},
    store::match_key::FreshKeys,
};

/// How long a statement waits for another process that writes to the same file.
const BUSY: Duration = Duration::from_secs(30);
/// Prepared statements kept a connection.
const STATEMENTS: usize = 256;
/// Bytes a page: small ones, because a commit writes whole pages, of which a new row touches one
/// in every index. A file made with another size keeps it.
const PAGE: u32 = 4096;
/// Instructions of SQLite's machine between two looks at the time: far less than a millisecond.
const STRETCH: i32 = 10_000;
/// Page cache of the writer, in KiB.
const WRITER_CACHE: u32 = 24 * 1024;
/// Page cache of all readers together, in KiB. Pages beyond it come from the system's file
/// cache; mapping the file would count as resident memory.
const READERS_CACHE: u32 = 36 * 1024;

/// A connection with its settings, functions and statement cache.
pub(crate) struct SqliteConnection {
    inner: rusqlite::Connection,
    put_off: PutOff,
    fresh_keys: FreshKeys,
    /// Statements that run on after this moment are ended; watched by a reader only.
    deadline: Arc<Mutex<Option<Instant>>>,
}

impl SqliteConnection {
    /// For the writer thread: creates the file where it is absent and puts it into WAL mode.
    pub(crate) fn open_writer(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let connection = Self::prepare(path, OpenFlags::SQLITE_OPEN_CREATE, WRITER_CACHE)?;
        connection
            .inner
            .execute_batch(&format!(
                "PRAGMA page_size = {PAGE}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                 PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864;
                 PRAGMA secure_delete = FAST;"
            ))
            .map_err(|error| refused(path, error))?;
        Ok(connection)
    }

    /// For folding the log into the file, or writing it anew.
    pub(crate) fn open_checkpointer(path: &Path) -> Result<Self, StoreError> {
        Self::prepare(path, OpenFlags::empty(), 0)
    }

    /// The number of pages the log has after each commit of this connection.
    pub(crate) fn watch_log(&mut self) -> Result<Arc<AtomicU32>, StoreError> {
        let pages = Arc::new(AtomicU32::new(0));
        let watched = Arc::clone(&pages);
        let note = move |_: &mut Wal, pages| {
            watched.store(u32::try_from(pages).unwrap_or_default(), Ordering::Relaxed);
            Ok(())
        };
        self.inner.wal_hook(Some(note)).map_err(translate)?;
        Ok(pages)
    }

    /// One of `readers` for reading.
    pub(crate) fn open_reader(path: &Path, readers: u32) -> Result<Self, StoreError> {
        let cache = (READERS_CACHE / readers.max(1)).max(2048);
        let connection = Self::prepare(path, OpenFlags::empty(), cache)?;
        connection.inner.execute_batch("PRAGMA query_only = ON;").map_err(translate)?;
        Ok(connection)
    }

    /// Calls `watch` again and again while a statement runs long, and ends one that may not run on.
    pub(crate) fn while_running(&mut self, watch: impl Fn() + Send + 'static) -> Result<(), StoreError> {
        let deadline = Arc::clone(&self.deadline);
        let is_to_end = move || {
            watch();
            deadline.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|deadline| Instant::now() > deadline)
        };
        self.inner.progress_handler(STRETCH, Some(is_to_end)).map_err(translate)
    }

    /// Lets statements take as long as they take again.
    pub(crate) fn be_patient(&mut self) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// For a file nobody else uses: a backup being written. No log beside it.
    pub(crate) fn create_plain(path: &Path) -> Result<Self, StoreError> {
        let connection = Self::prepare(path, OpenFlags::SQLITE_OPEN_CREATE, WRITER_CACHE)?;
        connection
            .inner
            .execute_batch(&format!(
                "PRAGMA page_size = {PAGE}; PRAGMA journal_mode = DELETE; PRAGMA secure_delete = ON;"
            ))
            .map_err(|error| refused(path, error))?;
        Ok(connection)
    }

    /// For reading a file that may be a backup, or the pages of a database in use.
    pub(crate) fn open_plain(path: &Path) -> Result<Self, StoreError> {
        let connection = Self::prepare(path, OpenFlags::empty(), WRITER_CACHE)?;
        connection.inner.execute_batch("PRAGMA query_only = ON;").map_err(translate)?;
        Ok(connection)
    }

    fn prepare(path: &Path, flags: OpenFlags, cache: u32) -> Result<Self, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let inner = rusqlite::Connection::open_with_flags(path, flags).map_err(|error| refused(path, error))?;
        inner.busy_timeout(BUSY).map_err(translate)?;
        inner.set_prepared_statement_cache_capacity(STATEMENTS);
        // Plans do not depend on the values bound; otherwise SQLite would prepare a kept statement
        // anew whenever a value that could matter (a limit, say) is bound to it.
        inner.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(translate)?;
        inner
            .execute_batch(&format!(
                "PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;
                 PRAGMA cache_size = -{cache}; PRAGMA trusted_schema = ON;"
            ))
            .map_err(|error| refused(path, error))?;
        functions::register(&inner).map_err(translate)?;
        Ok(Self { inner, put_off: PutOff::default(), fresh_keys: FreshKeys::default(), deadline: Arc::default() })
    }

    /// True where no transaction is open, also because an error ended it.
    pub(crate) fn is_idle(&self) -> bool {
        self.inner.is_autocommit()
    }

    /// Remembers match keys together with others who hold `keys`.
    pub(crate) fn remembering(mut self, keys: &FreshKeys) -> Self {
        self.fresh_keys = keys.clone();
        self
    }

    /// Writes what has been put off, and commits.
    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        self.settle()?;
        let (keys, fresh) = (self.put_off.take_keys(), self.fresh_keys.clone());
        if keys.is_empty() {
            return self.execute("COMMIT", &[]).map(drop);
        }
        let written = fresh.write(self, &keys).and_then(|()| self.execute("COMMIT", &[]).map(drop));
        written.inspect_err(|_| fresh.forget())
    }

    /// To be called when a transaction has ended, however it did.
    pub(crate) fn forget_put_off(&mut self) {
        self.put_off = PutOff::default();
    }

    /// Writes the whole file anew, without what deleted and changed rows left in it, and empties the
    /// log. Writers wait meanwhile; the copy needs as much room in the folder for temporary files.
    pub(crate) fn rewrite(&mut self) -> Result<(), StoreError> {
        self.batch("PRAGMA temp_store = FILE; VACUUM")?;
        let emptied = self.query("PRAGMA wal_checkpoint(TRUNCATE)", &[])?;
        match emptied.first().and_then(|row| row.first()?.as_int()) {
            Some(0) => Ok(()),
            _ => Err(StoreError::Unavailable(
                "the file was written anew, but its log could not be emptied because somebody reads an old state; \
                 try again in a moment"
                    .to_owned(),
            )),
        }
    }

    /// Copies all pages of this database, as they are at this moment, over those of `target`.
    pub(crate) fn copy_pages(&self, target: &mut Self) -> Result<(), StoreError> {
        let backup = rusqlite::backup::Backup::new(&self.inner, &mut target.inner).map_err(translate)?;
        // All pages in one step: a snapshot that neither blocks the writer nor starts over.
        backup.run_to_completion(i32::MAX, Duration::from_millis(50), None).map_err(translate)
    }
}

impl Connection for SqliteConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn query(&mut self, sql: &str, params: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>, StoreError> {
        if self.put_off.concerns(sql) {
            self.settle()?;
        }
        let mut statement = self.inner.prepare_cached(sql).map_err(translate)?;
        let width = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(translate)?;
        let mut result = Vec::new();
        while let Some(row) = rows.next().map_err(translate)? {
            let mut values = Vec::with_capacity(width);
            for column in 0..width {
                values.push(read(row.get_ref(column).map_err(translate)?));
            }
            result.push(values);
        }
        Ok(result)
    }

    fn execute(&mut self, sql: &str, params: &[SqlValue]) -> Result<u64, StoreError> {
        run(&self.inner, sql, params)
    }

    fn put_off(&mut self) -> Option<&mut PutOff> {
        Some(&mut self.put_off)
    }

    fn fresh_keys(&self) -> Option<FreshKeys> {
        Some(self.fresh_keys.clone())
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        for words in self.put_off.take_words() {
            let index = &words.index;
            let place = SqlValue::Int(words.place);
            match &words.text {
                Some(words) => {
                    let sql = format!("INSERT OR REPLACE INTO {index} (rowid, words) VALUES (?1, ?2)");
                    run(&self.inner, &sql, &[place, words.as_str().into()])?;
                }
                None => {
                    run(&self.inner, &format!("DELETE FROM {index} WHERE rowid = ?1"), &[place])?;
                }
            }
        }
        for (summary, share) in self.put_off.take_shares() {
            summary.add(self, &share)?;
        }
        Ok(())
    }

    fn give_up_after(&mut self, patience: Duration) -> Result<(), StoreError> {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_add(patience);
        Ok(())
    }

    fn begin_part(&mut self, name: &str) -> Result<(), StoreError> {
        self.execute(&format!("SAVEPOINT {name}"), &[])?;
        self.put_off.begin_part();
        Ok(())
    }

    fn end_part(&mut self, name: &str, keep: bool) -> Result<(), StoreError> {
        self.put_off.end_part(keep);
        if !keep {
            self.execute(&format!("ROLLBACK TO {name}"), &[])?;
        }
        self.execute(&format!("RELEASE {name}"), &[]).map(drop)
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.inner.execute_batch(sql).map_err(translate)
    }
}

fn run(connection: &rusqlite::Connection, sql: &str, params: &[SqlValue]) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    let changed = statement.execute(rusqlite::params_from_iter(params)).map_err(translate)?;
    Ok(changed as u64)
}

impl ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Owned::Null),
            Self::Bool(yes) => ToSqlOutput::Owned(Owned::Integer(i64::from(*yes))),
            Self::Int(number) => ToSqlOutput::Owned(Owned::Integer(*number)),
            Self::Real(number) => ToSqlOutput::Owned(Owned::Real(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Uuid(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            Self::Decimal(number) => ToSqlOutput::Owned(Owned::Text(number.to_string())),
            Self::Date(day) => ToSqlOutput::Owned(Owned::Text(day.to_string())),
            Self::Timestamp(moment) => ToSqlOutput::Owned(Owned::Integer(Timestamp::as_millisecond(*moment))),
        })
    }
}

fn read(value: ValueRef<'_>) -> SqlValue {
    match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(number) => SqlValue::Int(number),
        ValueRef::Real(number) => SqlValue::Real(number),
        ValueRef::Text(text) => SqlValue::Text(match std::str::from_utf8(text) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(text).into_owned(),
        }),
        ValueRef::Blob(bytes) => {
            Uuid::from_slice(bytes).map_or_else(|_| SqlValue::Bytes(bytes.to_vec()), SqlValue::Uuid)
        }
    }
}

/// The file cannot be used at all: say which and why.
fn refused(path: &Path, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => {
            StoreError::ForeignDatabase(format!("{} is not a database of Pipewright", path.display()))
        }
        Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::PermissionDenied) => StoreError::Unavailable(
            format!("{} cannot be opened; check that the file and its folder may be read and written", path.display()),
        ),
        _ => translate(error),
    }
}
