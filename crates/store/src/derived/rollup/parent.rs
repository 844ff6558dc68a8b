//! Writing a rollup into the row it stands in.

use model::{ColumnType, Model, Table, Value};
use uuid::Uuid;

use super::{Change, Target, computed, fitted, over};
use crate::{
    Row, StoreError,
    derived::{
        after_write, calculated,
        summary::{depends_on, mentions},
    },
    dialect::encode,
    engine::{Connection, Dialect, SqlValue, quoted},
    rows::{physical_names, read, stored},
    store::Current,
};

/// Applies the changes of one write of a row of `child` to one parent row.
pub(super) fn apply(
    connection: &mut dyn Connection,
    current: &Current,
    child: &Table,
    id: Uuid,
    changes: Vec<(Target<'_>, Change)>,
) -> Result<(), StoreError> {
    let Some((first, _)) = changes.first() else { return Ok(()) };
    let parent = first.parent;
    let simple = changes
        .iter()
        .all(|(target, change)| matches!(change, Change::By(_)) && !has_followers(&current.model, *target));
    if simple {
        add(connection, parent, id, &changes)
    } else {
        follow(connection, current, child, parent, id, &changes)
    }
}

/// Nothing else hangs on the rollups: one statement adds to them.
fn add(
    connection: &mut dyn Connection,
    parent: &Table,
    id: Uuid,
    changes: &[(Target<'_>, Change)],
) -> Result<(), StoreError> {
    let dialect = connection.dialect();
    let mut values = Vec::new();
    let mut settings = Vec::new();
    for (target, change) in changes {
        let Change::By(by) = change else { continue };
        let name = quoted(&target.column.name);
        values.extend(encode(dialect, target.column, &Value::Decimal(*by))?);
        settings.push(format!("{name} = COALESCE({name}, 0) + {}", dialect.parameter(values.len())));
    }
    values.push(id.into());
    let sql = format!(
        "UPDATE {} SET {} WHERE {} = {}",
        quoted(&parent.name),
        settings.join(", "),
        quoted(&parent.primary_key),
        dialect.parameter(values.len())
    );
    connection.execute(&sql, &values).map(drop)
}

/// The parent is written as a row: its calculated columns, and what hangs on them, follow.
fn follow(
    connection: &mut dyn Connection,
    current: &Current,
    child: &Table,
    parent: &Table,
    id: Uuid,
    changes: &[(Target<'_>, Change)],
) -> Result<(), StoreError> {
    // Locked first: an extreme is looked for among rows nobody else is changing.
    let Some(old) = read_row(connection, parent, id, true)? else { return Ok(()) };
    let mut new = old.clone();
    for (target, change) in changes {
        let value = match change {
            Change::By(by) => {
                let now = old.value(&target.column.name).as_decimal().unwrap_or_default();
                fitted(target.rollup, now + by)
            }
            Change::Anew => computed(connection, &current.model, child, target.parent, target.rollup, id)?,
        };
        new.set(target.column.name.as_str(), value);
    }
    calculated::compute(parent, &mut new);
    if old == new {
        return Ok(());
    }
    write_columns(connection, parent, id, &old, &new)?;
    after_write(connection, current, parent, Some(&old), Some(&new))
}

/// True where something else of the parent is made from the rollup.
fn has_followers(model: &Model, target: Target<'_>) -> bool {
    let name = &target.column.name;
    let calculated = target.parent.columns.values().any(|column| {
        matches!(&column.kind, ColumnType::Calculated { formula, .. } if formula.columns().contains(&name.as_str()))
    });
    let summed = target.parent.summaries.iter().any(|summary| depends_on(summary, name));
    let rolled_up = || {
        over(model, target.parent)
            .any(|above| above.rollup.column.as_ref() == Some(name) || mentions(&above.rollup.filter, name))
    };
    target.column.searchable || calculated || summed || rolled_up()
}

/// A whole row by its key, locked until the transaction ends where asked.
pub(in crate::derived) fn read_row(
    connection: &mut dyn Connection,
    table: &Table,
    id: Uuid,
    locked: bool,
) -> Result<Option<Row>, StoreError> {
    let names: Vec<String> = stored(table).flat_map(physical_names).collect();
    let lock = if locked && connection.dialect() == Dialect::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT {} FROM {} WHERE {} = {}{lock}",
        names.join(", "),
        quoted(&table.name),
        quoted(&table.primary_key),
        connection.dialect().parameter(1)
    );
    let rows = connection.query(&sql, &[id.into()])?;
    rows.into_iter().next().map(|values| read(stored(table), values)).transpose()
}

/// Writes the columns in which two states of a row differ.
pub(in crate::derived) fn write_columns(
    connection: &mut dyn Connection,
    table: &Table,
    id: Uuid,
    old: &Row,
    new: &Row,
) -> Result<(), StoreError> {
    let dialect = connection.dialect();
    let mut values: Vec<SqlValue> = Vec::new();
    let mut settings = Vec::new();
    for column in stored(table).filter(|column| old.value(&column.name) != new.value(&column.name)) {
        for (name, value) in physical_names(column).zip(encode(dialect, column, new.value(&column.name))?) {
            values.push(value);
            settings.push(format!("{name} = {}", dialect.parameter(values.len())));
        }
    }
    if settings.is_empty() {
        return Ok(());
    }
    values.push(id.into());
    let sql = format!(
        "UPDATE {} SET {} WHERE {} = {}",
        quoted(&table.name),
        settings.join(", "),
        quoted(&table.primary_key),
        dialect.parameter(values.len())
    );
    connection.execute(&sql, &values).map(drop)
}
