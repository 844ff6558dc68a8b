//! What a model no longer has and the database still keeps, and taking it away for good.

use std::fmt;

use jiff::Timestamp;
use model::Model;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{meta, with_kept};
use crate::{
    Actor, StoreError,
    dialect::type_column,
    engine::{Connection, SqlValue, quoted},
    schema::{PhysicalSchema, PhysicalTable},
    store::Writer,
};

/// Setting under which every purge is recorded.
const RECORD: &str = "purged";

/// A table, or a column of one, that is kept though the model no longer has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptData {
    /// Name of the table.
    pub table: String,
    /// Name of the column; none where the whole table is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Rows that have a value in the column; of a table all rows.
    pub rows: u64,
}

/// One purge of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purged {
    /// What was taken away.
    #[serde(flatten)]
    pub data: KeptData,
    /// When.
    pub at: Timestamp,
    /// By whom; nil for the engine itself.
    pub user: Uuid,
    /// By what way: `command`, `webapi`.
    pub origin: String,
}

impl fmt::Display for KeptData {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(out, "{}.{column}", self.table),
            None => out.write_str(&self.table),
        }
    }
}

/// Everything that is kept, tables first.
pub(crate) fn kept(connection: &mut dyn Connection, model: &Model) -> Result<Vec<KeptData>, StoreError> {
    let present = with_kept(connection, model)?;
    let (mut tables, mut columns) = (Vec::new(), Vec::new());
    for (name, table) in &present.tables {
        if model.table(name).is_none() {
            let rows = count(connection, name, "1 = 1")?;
            tables.push(KeptData { table: name.clone(), column: None, rows });
            continue;
        }
        for column in kept_columns(table) {
            let rows = count(connection, name, &format!("{} IS NOT NULL", quoted(column)))?;
            columns.push(KeptData { table: name.clone(), column: Some(column.to_owned()), rows });
        }
    }
    tables.append(&mut columns);
    Ok(tables)
}

/// Tables that the model no longer has, kept or purged.
pub(crate) fn former_tables(reader: &mut crate::Reader<'_>, model: &Model) -> Result<Vec<String>, StoreError> {
    let purged = record(reader)?.into_iter().map(|purged| purged.data).filter(|data| data.column.is_none());
    let mut names: Vec<String> = purged.map(|data| data.table).collect();
    names.extend(with_kept(reader.connection(), model)?.tables.into_keys());
    names.retain(|name| model.table(name).is_none());
    Ok(names)
}

/// Kept columns; the one beside a lookup that says which table it points at goes with the lookup.
fn kept_columns(table: &PhysicalTable) -> impl Iterator<Item = &str> {
    let is_kept = |name: &str| table.columns.get(name).is_some_and(|column| column.kept);
    let beside = move |name: &str| name.strip_suffix("_type").is_some_and(is_kept);
    table.columns.keys().map(String::as_str).filter(move |name| is_kept(name) && !beside(name))
}

/// Takes what is kept under this name away for good, with the files it holds, and records it. None
/// where nothing of this name is kept.
pub(crate) fn purge(
    writer: &mut Writer<'_>,
    model: &Model,
    table: &str,
    column: Option<&str>,
    actor: &Actor,
) -> Result<Option<Purged>, StoreError> {
    let found = kept(writer.connection(), model)?;
    let Some(data) = found.into_iter().find(|it| it.table == table && it.column.as_deref() == column) else {
        return Ok(None);
    };
    let mut schema = with_kept(writer.connection(), model)?;
    match column {
        Some(column) => drop_column(writer.connection(), &mut schema, table, column)?,
        None => drop_table(writer.connection(), &mut schema, table)?,
    }
    meta::set_schema(writer.connection(), &schema)?;
    let purged = Purged { data, at: Timestamp::now(), user: actor.user, origin: actor.origin.clone() };
    let mut all = record(writer)?;
    all.push(purged.clone());
    let all = serde_json::to_value(all)
        .map_err(|error| StoreError::Internal(format!("what was purged cannot be recorded: {error}")))?;
    writer.set_setting(RECORD, &all)?;
    Ok(Some(purged))
}

/// What was purged so far, the oldest first.
pub(crate) fn record(reader: &mut crate::Reader<'_>) -> Result<Vec<Purged>, StoreError> {
    let Some(kept) = reader.setting(RECORD)? else { return Ok(Vec::new()) };
    serde_json::from_value(kept)
        .map_err(|error| StoreError::Database(format!("the record of what was purged cannot be read: {error}")))
}

fn drop_column(
    connection: &mut dyn Connection,
    schema: &mut PhysicalSchema,
    table: &str,
    column: &str,
) -> Result<(), StoreError> {
    let Some(columns) = schema.tables.get_mut(table).map(|table| &mut table.columns) else { return Ok(()) };
    let beside = type_column(column);
    for name in [column, beside.as_str()] {
        if !columns.get(name).is_some_and(|column| column.kept) {
            continue;
        }
        delete_files(connection, table, name, &columns[name].sql_type)?;
        connection.batch(&format!("ALTER TABLE {} DROP COLUMN {}", quoted(table), quoted(name)))?;
        columns.shift_remove(name);
    }
    Ok(())
}

fn drop_table(connection: &mut dyn Connection, schema: &mut PhysicalSchema, table: &str) -> Result<(), StoreError> {
    let Some(physical) = schema.tables.shift_remove(table) else { return Ok(()) };
    for (name, column) in &physical.columns {
        delete_files(connection, table, name, &column.sql_type)?;
    }
    connection.batch(&format!("DROP TABLE {}", quoted(table)))
}

/// Files are stored beside the rows. What kind of identifier a kept column holds is no longer
/// known, but no identifier of a row is one of a file.
fn delete_files(connection: &mut dyn Connection, table: &str, column: &str, sql_type: &str) -> Result<(), StoreError> {
    if !matches!(sql_type, "BLOB" | "uuid") {
        return Ok(());
    }
    let (table, column) = (quoted(table), quoted(column));
    connection
        .batch(&format!("DELETE FROM pw_file WHERE id IN (SELECT {column} FROM {table} WHERE {column} IS NOT NULL)"))
}

fn count(connection: &mut dyn Connection, table: &str, condition: &str) -> Result<u64, StoreError> {
    let rows = connection.query(&format!("SELECT count(*) FROM {} WHERE {condition}", quoted(table)), &[])?;
    let count = rows.first().and_then(|row| row.first()).and_then(SqlValue::as_int).unwrap_or_default();
    Ok(u64::try_from(count).unwrap_or_default())
}
