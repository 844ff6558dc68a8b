//! The two database engines behind one narrow face.
//!
//! What the engines share: a [`Connection`] inside a transaction or snapshot, on which the rest
//! of the store runs statements. What they do not share stays in [`sqlite`] and [`postgres`].
//!
//! SQL in this crate is written with `?1`, `?2` … for parameters; [`Dialect::numbered`] turns
//! them into PostgreSQL's `$1`, `$2` ….

mod postgres;
pub(crate) mod sqlite;
mod value;

use std::{borrow::Cow, sync::Arc, time::Duration};

use postgres::PostgresEngine;
pub(crate) use postgres::check_address as check_postgres;
use sea_query::{PostgresQueryBuilder, QueryStatementWriter, SqliteQueryBuilder};
pub(crate) use sqlite::PutOff;
use sqlite::SqliteEngine;
pub(crate) use value::SqlValue;

use crate::{DatabaseUrl, FeedPosition, StoreError, store::match_key::FreshKeys};

/// Which engine's SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// One connection inside a transaction or snapshot. Statements are cached by their text, so a
/// text should hold parameters, not values.
pub(crate) trait Connection {
    /// Which engine this is.
    fn dialect(&self) -> Dialect;

    /// The rows of a query, in the loose types [`SqlValue`] describes; `dialect.rs` knows how
    /// to read them as values of a column.
    fn query(&mut self, sql: &str, params: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>, StoreError>;

    /// Runs a change; how many rows it touched.
    fn execute(&mut self, sql: &str, params: &[SqlValue]) -> Result<u64, StoreError>;

    /// Runs statements without parameters, separated by semicolons; for DDL.
    fn batch(&mut self, sql: &str) -> Result<(), StoreError>;

    /// Where changes of search indexes, summaries and match keys may wait for the end of the transaction, if
    /// the engine gains by it. A query of them sees the changes at once.
    fn put_off(&mut self) -> Option<&mut PutOff> {
        None
    }

    /// Match keys that are not in their table yet, where the engine gains by leaving them out of it.
    fn fresh_keys(&self) -> Option<FreshKeys> {
        None
    }

    /// Runs what has been put off: before a commit, and before such an object is made anew.
    fn settle(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Ends statements that run on after this time (on PostgreSQL: each that takes so long) with
    /// [`StoreError::TookTooLong`], until the snapshot is given back. Not for transactions that write.
    fn give_up_after(&mut self, patience: Duration) -> Result<(), StoreError>;

    /// Begins a part that can be undone alone; parts may stand in parts.
    fn begin_part(&mut self, name: &str) -> Result<(), StoreError> {
        self.batch(&format!("SAVEPOINT {name}"))
    }

    /// Ends the part begun last, undoing it where it is not to be kept.
    fn end_part(&mut self, name: &str, keep: bool) -> Result<(), StoreError> {
        if !keep {
            self.batch(&format!("ROLLBACK TO SAVEPOINT {name}"))?;
        }
        self.batch(&format!("RELEASE SAVEPOINT {name}"))
    }
}

/// Something to be read: gets a connection on one snapshot, or the reason why there is none. It
/// answers its caller itself.
pub(crate) type ReadJob = Box<dyn FnOnce(Result<&mut dyn Connection, StoreError>) + Send>;

/// Something to be written. The engine calls `run` inside a transaction of the job's own (or a
/// savepoint that amounts to one) and then `finish`, when the outcome is durable.
pub(crate) trait WriteJob: Send {
    /// Does the work; says whether it is to stay.
    fn run(&mut self, connection: &mut dyn Connection) -> Kept;

    /// The last entry that `run` wrote to the change feed.
    fn last_entry(&self) -> Option<FeedPosition>;

    /// Tells the caller. An error other than [`StoreError::Uncertain`] means that nothing was
    /// written.
    fn finish(self: Box<Self>, outcome: Result<Kept, StoreError>);
}

/// What became of a job's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Durable.
    Yes,
    /// Undone, because the job wanted it.
    No,
    /// Undone, because the job panicked.
    Panicked,
}

/// How a transaction begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// On one snapshot.
    Read,
    /// Beside other writers, where the engine has several.
    Write,
    /// Alone among all writers of all processes.
    Exclusive,
}

/// An open engine.
pub(crate) enum Engine {
    Sqlite(Arc<SqliteEngine>),
    Postgres(Arc<PostgresEngine>),
}

impl Engine {
    /// Opens the database with `readers` connections for reading, on PostgreSQL for all work.
    pub(crate) async fn open(url: &DatabaseUrl, readers: usize) -> Result<Self, StoreError> {
        Ok(match url {
            DatabaseUrl::Sqlite(path) => {
                let path = path.clone();
                let opened = tokio::task::spawn_blocking(move || SqliteEngine::open(&path, readers)).await;
                Self::Sqlite(opened.map_err(|error| StoreError::Internal(error.to_string()))??)
            }
            DatabaseUrl::Postgres(url) => Self::Postgres(PostgresEngine::open(url, readers).await?),
        })
    }

    /// Hands in a job; it answers its caller itself.
    pub(crate) async fn read(&self, job: ReadJob) {
        match self {
            Self::Sqlite(engine) => engine.read(job).await,
            Self::Postgres(engine) => engine.read(job).await,
        }
    }

    /// Hands in a job; it answers its caller itself. SQLite's only writer is always alone.
    pub(crate) async fn write(&self, job: Box<dyn WriteJob>, mode: Mode) {
        match self {
            Self::Sqlite(engine) => engine.write(job),
            Self::Postgres(engine) => engine.write(job, mode).await,
        }
    }

    /// Takes away what deleted and changed rows left in the tables of a PostgreSQL server.
    pub(crate) async fn vacuum(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(engine) => engine.vacuum().await,
        }
    }

    /// To be called when tables have changed.
    pub(crate) fn forget_statements(&self) {
        match self {
            // SQLite prepares anew by itself.
            Self::Sqlite(_) => {}
            Self::Postgres(engine) => engine.forget_statements(),
        }
    }

    /// Finishes what has been handed in and lets go of the database.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(engine) => engine.close().await,
            Self::Postgres(engine) => engine.close(),
        }
    }
}

/// What callers are told while the store closes.
pub(crate) fn unavailable() -> StoreError {
    StoreError::Unavailable("it is being closed".to_owned())
}

impl Dialect {
    /// The text with parameters spelt as this engine wants them: `?1` or `$1`. The text must
    /// hold no other question mark.
    pub(crate) fn numbered(self, sql: &str) -> Cow<'_, str> {
        match self {
            Self::Sqlite => Cow::Borrowed(sql),
            Self::Postgres => Cow::Owned(sql.replace('?', "$")),
        }
    }

    /// The parameter at `position`, counted from 1.
    pub(crate) fn parameter(self, position: usize) -> String {
        match self {
            Self::Sqlite => format!("?{position}"),
            Self::Postgres => format!("${position}"),
        }
    }

    /// Text and parameters of a built statement.
    pub(crate) fn build(self, statement: &impl QueryStatementWriter) -> (String, Vec<SqlValue>) {
        let (sql, values) = match self {
            Self::Sqlite => statement.build(SqliteQueryBuilder),
            Self::Postgres => statement.build(PostgresQueryBuilder),
        };
        (sql, values.into_iter().map(SqlValue::from).collect())
    }
}

/// Runs a built query.
pub(crate) fn run(
    connection: &mut dyn Connection,
    statement: &impl QueryStatementWriter,
) -> Result<Vec<Vec<SqlValue>>, StoreError> {
    let (sql, params) = connection.dialect().build(statement);
    connection.query(&sql, &params)
}

/// `name` as an identifier in SQL. Names come from the validated model; quoting keeps words
/// like `order` usable.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
