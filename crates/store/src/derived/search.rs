//! The search index: the folded words of a row's searchable columns under the row's number.

use model::{Column, Table, Value};
use uuid::Uuid;

use super::{
    calculated::for_each_id,
    objects::{is_searched, search_table},
    rollup::read_row,
};
use crate::{
    Row, StoreError,
    dialect::{folded, words_of},
    engine::{Connection, Dialect, quoted},
    rows::TablePlan,
};

pub(super) fn after_write(
    connection: &mut dyn Connection,
    plan: &TablePlan,
    old: Option<&Row>,
    new: Option<&Row>,
) -> Result<(), StoreError> {
    let Some(new) = new else { return Ok(()) };
    let table = &plan.table;
    let searched = plan.derived.searched(table);
    let before = |column: &Column| old.map_or(&Value::Null, |old| old.value(&column.name));
    if searched.iter().all(|column| before(column) == new.value(&column.name)) {
        return Ok(());
    }
    put(connection, table, new, words(&searched, new), true)
}

pub(super) fn before_delete(connection: &mut dyn Connection, table: &Table, old: &Row) -> Result<(), StoreError> {
    if !is_searched(table) {
        return Ok(());
    }
    let Some(id) = old.value(&table.primary_key).as_id() else { return Ok(()) };
    let index = quoted(&search_table(table));
    match connection.dialect() {
        Dialect::Sqlite => {
            let place = place(connection, table, id)?;
            match connection.put_off() {
                Some(put_off) => {
                    put_off.put_words(index, place, None);
                    Ok(())
                }
                None => connection.execute(&format!("DELETE FROM {index} WHERE rowid = ?1"), &[place.into()]).map(drop),
            }
        }
        Dialect::Postgres => {
            let (name, key) = (quoted(&table.name), quoted(&table.primary_key));
            let sql = format!("DELETE FROM {index} WHERE seq = (SELECT seq FROM {name} WHERE {key} = $1)");
            connection.execute(&sql, &[id.into()]).map(drop)
        }
    }
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
        Some(row) => put(connection, table, &row, row_words(table, &row), false),
        None => Ok(()),
    })
}

/// Words of rows that are gone leave the index, in which they otherwise stay until parts of it are
/// put together.
pub(crate) fn forget_deleted(connection: &mut dyn Connection, table: &Table) -> Result<(), StoreError> {
    if !is_searched(table) || connection.dialect() != Dialect::Sqlite {
        return Ok(());
    }
    connection.settle()?;
    let index = quoted(&search_table(table));
    connection.execute(&format!("INSERT INTO {index} ({index}) VALUES ('optimize')"), &[]).map(drop)
}

/// Puts the words of a row, which is in the database, into the index; what may wait for the end
/// of the transaction is `put_off` where the engine gains by it.
fn put(
    connection: &mut dyn Connection,
    table: &Table,
    row: &Row,
    words: String,
    put_off: bool,
) -> Result<(), StoreError> {
    let Some(id) = row.value(&table.primary_key).as_id() else { return Ok(()) };
    let index = quoted(&search_table(table));
    match connection.dialect() {
        Dialect::Sqlite => {
            // The place is looked up first: for an INSERT that selects, SQLite makes the index
            // ready to undo several rows, which costs more than all the rest.
            let place = place(connection, table, id)?;
            if let Some(later) = connection.put_off().filter(|_| put_off) {
                later.put_words(index, place, Some(words));
                return Ok(());
            }
            let sql = format!("INSERT OR REPLACE INTO {index} (rowid, words) VALUES (?1, ?2)");
            connection.execute(&sql, &[place.into(), words.into()]).map(drop)
        }
        Dialect::Postgres => {
            // Words hold letters and digits only, so that splitting at spaces gives them back.
            let sql = format!(
                "INSERT INTO {index} (seq, words) \
                 SELECT seq, array_to_tsvector(string_to_array($2::text, ' ')) FROM {} WHERE {} = $1 \
                 ON CONFLICT (seq) DO UPDATE SET words = excluded.words",
                quoted(&table.name),
                quoted(&table.primary_key)
            );
            connection.execute(&sql, &[id.into(), words.into()]).map(drop)
        }
    }
}

/// The number of a row that is in the database: its place in the index.
fn place(connection: &mut dyn Connection, table: &Table, id: Uuid) -> Result<i64, StoreError> {
    let sql = format!("SELECT seq FROM {} WHERE {} = ?1", quoted(&table.name), quoted(&table.primary_key));
    let found = connection.query(&sql, &[id.into()])?.pop().and_then(|row| row.first()?.as_int());
    found.ok_or_else(|| StoreError::NotFound { table: table.name.clone(), id })
}

/// The words of a row, each once.
pub(super) fn row_words(table: &Table, row: &Row) -> String {
    let searched: Vec<&Column> = table.columns.values().filter(|column| column.searchable).collect();
    words(&searched, row)
}

fn words(searched: &[&Column], row: &Row) -> String {
    let mut text = String::new();
    for column in searched {
        if let Some(value) = row.value(&column.name).as_text() {
            text.push_str(value);
            text.push(' ');
        }
    }
    let folded = folded(&text);
    let mut found: Vec<&str> = words_of(&folded).collect();
    found.sort_unstable();
    found.dedup();
    found.join(" ")
}
