//! Backup into one file, restore from it.
//!
//! A backup is an SQLite database of Pipewright, whatever the engine it comes from, without
//! sessions and tokens. Restoring on SQLite copies it; between the engines every row goes
//! through the model's own reading and writing of values.

mod transfer;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use self::transfer::transfer;
use super::{
    Current, Reader, ServerLock, StoreOptions, Writer,
    job::{Read, Shared, Write},
    secret::NOT_BACKED_UP,
};
use crate::{
    DatabaseUrl, StoreError,
    engine::{Connection, Mode, SqlValue, quoted, sqlite::SqliteConnection},
    migrate::{self, Found},
};

/// What a backup holds or a restore has filled.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct BackupReport {
    /// Rows of each table, in the model's order.
    pub rows: Vec<(String, u64)>,
    /// Entries of the change feed.
    pub feed_entries: u64,
    /// Stored files.
    pub files: u64,
}

impl std::fmt::Display for BackupReport {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows: u64 = self.rows.iter().map(|(_, count)| count).sum();
        write!(out, "{rows} rows, {} changes, {} files", self.feed_entries, self.files)
    }
}

pub(super) async fn backup(shared: &Arc<Shared>, to: &Path) -> Result<BackupReport, StoreError> {
    let partial = beside(to, "partial");
    remove(&partial)?;
    let (place, current) = (partial.clone(), shared.current());
    let report = if let Some(path) = shared.path.clone() {
        blocking(move || copy_file(&path, &place, &current)).await
    } else {
        Read::run(shared, move |reader: &mut Reader<'_>| write_file(reader.connection, &place, &current)).await
    };
    let report = report.inspect_err(|_| drop(remove(&partial)))?;
    File::open(&partial)?.sync_all()?;
    fs::rename(&partial, to)?;
    Ok(report)
}

pub(super) async fn restore(url: &DatabaseUrl, from: &Path) -> Result<BackupReport, StoreError> {
    if !from.is_file() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is not there", from.display())).into());
    }
    let from = from.to_owned();
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.clone();
            blocking(move || restore_file(&path, &from)).await
        }
        DatabaseUrl::Postgres(_) => {
            let shared = Shared::open(url, &StoreOptions::default()).await?;
            let report = restore_rows(&shared, from).await;
            shared.close().await;
            report
        }
    }
}

/// SQLite to the file: all pages of one moment, then the secrets are taken out.
fn copy_file(path: &Path, partial: &Path, current: &Current) -> Result<BackupReport, StoreError> {
    let source = SqliteConnection::open_plain(path)?;
    let mut target = SqliteConnection::create_plain(partial)?;
    source.copy_pages(&mut target)?;
    // The copied file says it has a log beside it; a backup is one file. Freed pages are wiped.
    target.query("PRAGMA journal_mode = DELETE", &[])?;
    target.batch("PRAGMA secure_delete = ON")?;
    for kind in NOT_BACKED_UP {
        target.execute("DELETE FROM pw_secret WHERE kind = ?1", &[kind.into()])?;
    }
    report(&mut target, current)
}

/// PostgreSQL to the file, on the reader's one snapshot.
fn write_file(source: &mut dyn Connection, partial: &Path, current: &Current) -> Result<BackupReport, StoreError> {
    let mut target = SqliteConnection::create_plain(partial)?;
    // Nobody needs the half-written file after a crash.
    target.batch("PRAGMA synchronous = OFF; BEGIN IMMEDIATE")?;
    transfer(source, &mut target, current)?;
    target.batch("COMMIT")?;
    report(&mut target, current)
}

/// The file to a new SQLite database.
fn restore_file(path: &Path, from: &Path) -> Result<BackupReport, StoreError> {
    if path.exists() {
        return Err(StoreError::ForeignDatabase(format!(
            "{} exists already; a backup is restored into a new file",
            path.display()
        )));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    // A server whose file was moved away would go on with the old one.
    let _alone = ServerLock::take(Some(path))?;
    let partial = beside(path, "partial");
    remove(&partial)?;
    let filled = (|| {
        let mut target = SqliteConnection::create_plain(&partial)?;
        open_backup(from)?.copy_pages(&mut target)?;
        let current = bring_up(&mut target)?;
        report(&mut target, &current)
    })();
    let report = filled.inspect_err(|_| drop(remove(&partial)))?;
    File::open(&partial)?.sync_all()?;
    fs::rename(&partial, path)?;
    Ok(report)
}

/// The file to an empty PostgreSQL database, in one transaction.
async fn restore_rows(shared: &Arc<Shared>, from: PathBuf) -> Result<BackupReport, StoreError> {
    Write::run(shared, Mode::Exclusive, move |writer: &mut Writer<'_>| {
        let target = &mut *writer.connection;
        if migrate::find(target)? != Found::Nothing {
            return Err(StoreError::ForeignDatabase(
                "this database holds tables already; a backup is restored into an empty one".to_owned(),
            ));
        }
        let upgraded = beside(&from, "upgraded");
        let filled = (|| {
            let (mut source, current) = open_current_backup(&from, &upgraded)?;
            transfer(&mut source, target, &current)?;
            report(target, &current)
        })();
        remove(&upgraded)?;
        filled
    })
    .await
}

/// A backup in the form this release writes; one of an older release is brought up to it in a
/// copy first.
fn open_current_backup(from: &Path, upgraded: &Path) -> Result<(SqliteConnection, Current), StoreError> {
    let mut source = open_backup(from)?;
    if migrate::plan(&mut source)?.is_empty() {
        let current = migrate::current(&mut source)?;
        return Ok((source, current));
    }
    remove(upgraded)?;
    let mut copy = SqliteConnection::create_plain(upgraded)?;
    source.copy_pages(&mut copy)?;
    let current = bring_up(&mut copy)?;
    Ok((copy, current))
}

/// Brings a copy of a backup to this release, whichever one wrote it.
fn bring_up(copy: &mut SqliteConnection) -> Result<Current, StoreError> {
    copy.batch("BEGIN IMMEDIATE")?;
    let current = migrate::open(copy, true)?;
    copy.batch("COMMIT")?;
    Ok(current)
}

fn open_backup(from: &Path) -> Result<SqliteConnection, StoreError> {
    let mut source = SqliteConnection::open_plain(from)?;
    match migrate::find(&mut source)? {
        Found::Pipewright => Ok(source),
        Found::Nothing => Err(StoreError::ForeignDatabase(format!("{} is not a backup of Pipewright", from.display()))),
    }
}

fn report(connection: &mut dyn Connection, current: &Current) -> Result<BackupReport, StoreError> {
    let mut rows = Vec::with_capacity(current.model.tables.len());
    for table in current.model.tables.keys() {
        rows.push((table.clone(), count(connection, &quoted(table))?));
    }
    Ok(BackupReport { rows, feed_entries: count(connection, "pw_feed")?, files: count(connection, "pw_file")? })
}

fn count(connection: &mut dyn Connection, table: &str) -> Result<u64, StoreError> {
    let rows = connection.query(&format!("SELECT count(*) FROM {table}"), &[])?;
    let count = rows.first().and_then(|row| row.first()).and_then(SqlValue::as_int);
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
}

/// A file beside another one, for work in progress.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Internal(error.to_string()))?
}
