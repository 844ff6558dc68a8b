//! The other side of the comparison: `rusqlite`, prepared statements, the same file.

use std::{cmp::Ordering, path::Path};

use rusqlite::{Connection, OpenFlags, Params, types::ValueRef};

use crate::Result;

/// A connection that reads.
pub(crate) fn reader(file: &Path) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // As much as one of the product's own readers has.
    connection.execute_batch("PRAGMA cache_size = -12288; PRAGMA temp_store = MEMORY;")?;
    know_text_order(&connection)?;
    Ok(connection)
}

/// A connection that writes durably, on a file of its own.
pub(crate) fn writer(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA cache_size = -24576; PRAGMA wal_autocheckpoint = 4000;",
    )?;
    know_text_order(&connection)?;
    Ok(connection)
}

/// The order of texts that indexes of the product's tables are made with.
fn know_text_order(connection: &Connection) -> Result<()> {
    connection.create_collation("PW_NOCASE", compare)?;
    Ok(())
}

fn compare(left: &str, right: &str) -> Ordering {
    if left.is_ascii() && right.is_ascii() {
        let lower = u8::to_ascii_lowercase;
        return left.as_bytes().iter().map(lower).cmp(right.as_bytes().iter().map(lower));
    }
    let lower = char::to_lowercase;
    left.chars().flat_map(lower).cmp(right.chars().flat_map(lower))
}

/// Runs a statement and looks at every value of every row; how many rows there were.
pub(crate) fn fetch(connection: &Connection, sql: &str, parameters: impl Params) -> Result<usize> {
    let mut statement = connection.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut rows = statement.query(parameters)?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        for column in 0..width {
            std::hint::black_box(row.get_ref(column)?);
        }
        count += 1;
    }
    Ok(count)
}

/// The identifiers in one column of a result.
pub(crate) fn fetch_keys(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    key: usize,
) -> Result<Vec<Vec<u8>>> {
    let mut statement = connection.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut rows = statement.query(parameters)?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        for column in 0..width {
            std::hint::black_box(row.get_ref(column)?);
        }
        if let ValueRef::Blob(bytes) = row.get_ref(key)? {
            keys.push(bytes.to_vec());
        }
    }
    Ok(keys)
}
