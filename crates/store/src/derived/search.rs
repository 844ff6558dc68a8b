//! The search index: the folded words of a row's searchable columns under the row's number.

use model::{Table, Value};

use super::{
    calculated::for_each_id,
    objects::{is_searched, search_table},
    rollup::read_row,
};
use crate::{
    Row, StoreError,
    dialect::words,
    engine::{Connection, Dialect, quoted},
};

pub(super) fn after_write(
    connection: &mut dyn Connection,
    table: &Table,
    old: Option<&Row>,
    new: Option<&Row>,
) -> Result<(), StoreError> {
    let Some(new) = new else { return Ok(()) };
    let changed = table.columns.values().any(|column| {
        column.searchable && old.map_or(&Value::Null, |old| old.value(&column.name)) != new.value(&column.name)
    });
    if !changed {
        return Ok(());
    }
    put(connection, table, new)
}

pub(super) fn before_delete(connection: &mut dyn Connection, table: &Table, old: &Row) -> Result<(), StoreError> {
    if !is_searched(table) {
        return Ok(());
    }
    let Some(id) = old.value(&table.primary_key).as_id() else { return Ok(()) };
    let place = if connection.dialect() == Dialect::Sqlite { "rowid" } else { "seq" };
    let sql = format!(
        "DELETE FROM {} WHERE {place} = (SELECT seq FROM {} WHERE {} = ?1)",
        quoted(&search_table(table)),
        quoted(&table.name),
        quoted(&table.primary_key)
    );
    let sql = connection.dialect().numbered(&sql).into_owned();
    connection.execute(&sql, &[id.into()]).map(drop)
}

/// Makes the index anew.
pub(super) fn rebuild(connection: &mut dyn Connection, table: &Table) -> Result<(), StoreError> {
    if !is_searched(table) {
        return Ok(());
    }
    let index = quoted(&search_table(table));
    let empty = match connection.dialect() {
        Dialect::Sqlite => format!("INSERT INTO {index} ({index}) VALUES ('delete-all')"),
        Dialect::Postgres => format!("DELETE FROM {index}"),
    };
    connection.execute(&empty, &[])?;
    for_each_id(connection, table, &mut |connection, id| match read_row(connection, table, id, false)? {
        Some(row) => put(connection, table, &row),
        None => Ok(()),
    })
}

fn put(connection: &mut dyn Connection, table: &Table, row: &Row) -> Result<(), StoreError> {
    let Some(id) = row.value(&table.primary_key).as_id() else { return Ok(()) };
    let index = quoted(&search_table(table));
    let (name, key) = (quoted(&table.name), quoted(&table.primary_key));
    let dialect = connection.dialect();
    let sql = match dialect {
        Dialect::Sqlite => {
            format!("INSERT OR REPLACE INTO {index} (rowid, words) SELECT seq, ?2 FROM {name} WHERE {key} = ?1")
        }
        // Words hold letters and digits only, so that splitting at spaces gives them back.
        Dialect::Postgres => format!(
            "INSERT INTO {index} (seq, words) \
             SELECT seq, array_to_tsvector(string_to_array($2::text, ' ')) FROM {name} WHERE {key} = $1 \
             ON CONFLICT (seq) DO UPDATE SET words = excluded.words"
        ),
    };
    connection.execute(&sql, &[id.into(), row_words(table, row).into()]).map(drop)
}

/// The words of a row, each once.
pub(super) fn row_words(table: &Table, row: &Row) -> String {
    let mut found: Vec<String> = table
        .columns
        .values()
        .filter(|column| column.searchable)
        .filter_map(|column| row.value(&column.name).as_text())
        .flat_map(words)
        .collect();
    found.sort_unstable();
    found.dedup();
    found.join(" ")
}
