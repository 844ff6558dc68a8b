//! Derived data compared with what it is made from.

use model::{ColumnType, Model, Table};

use super::{
    calculated::{self, for_each_id},
    objects::{is_searched, search_table, summary_table},
    pointer, rollup,
    rollup::read_row,
    search::row_words,
    summary,
};
use crate::{
    Finding, StoreError,
    engine::{Connection, Dialect, SqlValue, quoted},
};

/// Everything of a table that does not follow from its rows.
pub(crate) fn check(connection: &mut dyn Connection, model: &Model, table: &Table) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    rows(connection, model, table, &mut findings)?;
    for kept in &table.summaries {
        summary_differs(connection, model, table, kept, &mut findings)?;
    }
    if is_searched(table) {
        search_differs(connection, table, &mut findings)?;
    }
    Ok(findings)
}

/// Rollups, calculated columns and twins, row by row.
fn rows(
    connection: &mut dyn Connection,
    model: &Model,
    table: &Table,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let mut rollups = Vec::new();
    for column in table.columns.values() {
        let ColumnType::Rollup(declared) = &column.kind else { continue };
        let Some(child) = model.table(&declared.table) else { continue };
        let values = rollup::all_computed(connection, model, child, table, declared)?;
        rollups.push((column, rollup::empty(declared), values));
    }
    let twins = pointer::pointer_of(model, table);
    let calculated = table.columns.values().any(|column| matches!(column.kind, ColumnType::Calculated { .. }));
    if rollups.is_empty() && twins.is_none() && !calculated {
        return Ok(());
    }
    for_each_id(connection, table, &mut |connection, id| {
        let Some(row) = read_row(connection, table, id, false)? else { return Ok(()) };
        let mut found = |message: String| findings.push(Finding { table: table.name.clone(), id: Some(id), message });
        for (column, empty, values) in &rollups {
            let (kept, right) = (row.value(&column.name), values.get(&id).unwrap_or(empty));
            if kept != right {
                found(format!("rollup {} is {kept:?}, its rows give {right:?}", column.name));
            }
        }
        let mut right = row.clone();
        calculated::compute(table, &mut right);
        for column in table.columns.values().filter(|column| row.value(&column.name) != right.value(&column.name)) {
            let (kept, right) = (row.value(&column.name), right.value(&column.name));
            found(format!("calculated {} is {kept:?}, its formula gives {right:?}", column.name));
        }
        if let Some(pointer) = twins {
            match read_row(connection, pointer, id, false)? {
                None => found(format!("has no twin in {}", pointer.name)),
                Some(twin) => {
                    let right = pointer::twin(pointer, table, &row);
                    for (name, value) in right.iter().filter(|(name, value)| twin.value(name) != *value) {
                        found(format!("{name} is {value:?}, in its twin {:?}", twin.value(name)));
                    }
                }
            }
        }
        Ok(())
    })
}

fn summary_differs(
    connection: &mut dyn Connection,
    model: &Model,
    table: &Table,
    declared: &model::Summary,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let right = summary::computed(connection, model, table, declared)?;
    let kept = summary::kept(connection, table, declared)?;
    if right != kept {
        let wrong = right.iter().filter(|group| !kept.contains(group)).count()
            + kept.iter().filter(|group| !right.iter().any(|other| other.group == group.group)).count();
        findings.push(Finding {
            table: table.name.clone(),
            id: None,
            message: format!(
                "summary {} ({}) differs from the rows in {wrong} of {} groups",
                declared.name,
                summary_table(table, declared),
                right.len()
            ),
        });
    }
    Ok(())
}

/// No entries without a row, and every row found by all of its words.
fn search_differs(
    connection: &mut dyn Connection,
    table: &Table,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let index = quoted(&search_table(table));
    let (name, key) = (quoted(&table.name), quoted(&table.primary_key));
    let dialect = connection.dialect();
    let stray = match dialect {
        // A contentless index tells which rows it knows through its own shadow table.
        Dialect::Sqlite => format!(
            "SELECT COUNT(*) FROM {} WHERE id NOT IN (SELECT seq FROM {name})",
            quoted(&format!("{}_docsize", search_table(table)))
        ),
        Dialect::Postgres => format!("SELECT COUNT(*) FROM {index} WHERE seq NOT IN (SELECT seq FROM {name})"),
    };
    let mut found = |id, message: String| findings.push(Finding { table: table.name.clone(), id, message });
    let strays = connection.query(&stray, &[])?.first().and_then(|row| row.first()?.as_int()).unwrap_or_default();
    if strays > 0 {
        found(None, format!("the search index knows {strays} rows that do not exist"));
    }
    let matching = match dialect {
        Dialect::Sqlite => format!(
            "SELECT 1 FROM {index} WHERE {index} MATCH ?2 AND rowid = (SELECT seq FROM {name} WHERE {key} = ?1)"
        ),
        Dialect::Postgres => format!(
            "SELECT 1 FROM {index} WHERE words @@ $2::text::tsquery AND seq = (SELECT seq FROM {name} WHERE {key} = $1)"
        ),
    };
    for_each_id(connection, table, &mut |connection, id| {
        let Some(row) = read_row(connection, table, id, false)? else { return Ok(()) };
        let words = row_words(table, &row);
        if words.is_empty() {
            return Ok(());
        }
        let (quote, and) = if dialect == Dialect::Sqlite { ('"', " ") } else { ('\'', " & ") };
        let all: Vec<String> = words.split(' ').map(|word| format!("{quote}{word}{quote}")).collect();
        if connection.query(&matching, &[SqlValue::from(id), all.join(and).into()])?.is_empty() {
            found(Some(id), "is not found by its own words; rebuild the search index".to_owned());
        }
        Ok(())
    })
}
