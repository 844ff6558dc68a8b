//! One server a database file.
//!
//! Several processes may use an SQLite file at once (a command line beside the server), but two
//! servers would each tell only their own pages of changes at once, and wait for each other's
//! writes. PostgreSQL is made for several servers.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
};

use crate::StoreError;

/// Held by the one process that serves a database file; released when dropped, also by a crash.
#[derive(Debug)]
pub struct ServerLock {
    /// None on PostgreSQL.
    _file: Option<File>,
}

impl ServerLock {
    pub(super) fn take(path: Option<&Path>) -> Result<Self, StoreError> {
        path.map(lock).transpose().map(|file| Self { _file: file })
    }
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push("-server");
    let place = path.with_file_name(name);
    let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&place)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            return Err(StoreError::Unavailable(format!(
                "{} is already served by the process with number {}; stop that one first",
                path.display(),
                holder.trim()
            )));
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", std::process::id())?;
    Ok(file)
}
