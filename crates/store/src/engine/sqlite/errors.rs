//! SQLite's errors in the store's words.

use rusqlite::{Error, ErrorCode, ffi};

use crate::StoreError;

/// What SQLite reported, as something a caller can act on.
pub(super) fn translate(error: Error) -> StoreError {
    let Error::SqliteFailure(failure, message) = &error else {
        return StoreError::Database(error.to_string());
    };
    let text = message.clone().unwrap_or_else(|| error.to_string());
    match failure.code {
        ErrorCode::ConstraintViolation if failure.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE => duplicate(&text),
        ErrorCode::OperationInterrupted => StoreError::TookTooLong,
        ErrorCode::DiskFull => disk_full(),
        // The log's index could not grow, which SQLite does not call by its name.
        ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => disk_full(),
        ErrorCode::ReadOnly => StoreError::Unavailable(
            "the database file may only be read; make it and its folder writable, nothing was changed".to_owned(),
        ),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Unavailable(
            "another process has been writing to the database for too long; try again".to_owned(),
        ),
        ErrorCode::SystemIoFailure => StoreError::Unavailable(format!("reading or writing the file failed: {text}")),
        // What the function `sum` says.
        ErrorCode::Unknown if text == "integer overflow" => StoreError::TotalTooLarge,
        ErrorCode::DatabaseCorrupt => StoreError::Database(format!("{text}; restore a backup")),
        _ => StoreError::Database(text),
    }
}

fn disk_full() -> StoreError {
    StoreError::Unavailable("the disk that holds the database is full; free some space, nothing was changed".to_owned())
}

/// `UNIQUE constraint failed: lead.a, lead.b`.
fn duplicate(message: &str) -> StoreError {
    let names = message.split_once(": ").map_or("", |(_, names)| names);
    let pairs: Vec<(&str, &str)> = names.split(", ").filter_map(|name| name.split_once('.')).collect();
    match pairs.first() {
        Some((table, _)) => StoreError::DuplicateKey {
            table: (*table).to_owned(),
            columns: pairs.iter().map(|(_, column)| (*column).to_owned()).collect(),
        },
        None => StoreError::Database(message.to_owned()),
    }
}
