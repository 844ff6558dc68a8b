//! Every activity has a twin with the columns all kinds share, so that they list as one.

use std::sync::Arc;

use model::{Model, Table, TableKind, Value};

use super::{after_write as derive, before_delete as underive, calculated, rollup::write_columns};
use crate::{
    Row, StoreError,
    engine::{Connection, quoted},
    rows::stored,
    store::Current,
};

/// The column that says of which kind the activity is.
const KIND: &str = "activitytypecode";

pub(super) fn after_write(
    connection: &mut dyn Connection,
    current: &Current,
    table: &Table,
    old: Option<&Row>,
    new: Option<&Row>,
) -> Result<(), StoreError> {
    let Some(pointer) = pointer_of(&current.model, table) else { return Ok(()) };
    let old = old.map(|row| twin(pointer, table, row));
    let Some(new) = new.map(|row| twin(pointer, table, row)) else {
        return match old {
            Some(old) => gone(connection, current, pointer, &old),
            None => Ok(()),
        };
    };
    match old {
        None => {
            current.plans.table(&current.model, &pointer.name, connection.dialect())?.insert(connection, &new)?;
            derive(connection, current, pointer, None, Some(&new))
        }
        Some(old) if old == new => Ok(()),
        Some(old) => {
            let Some(id) = new.value(&pointer.primary_key).as_id() else { return Ok(()) };
            write_columns(connection, pointer, id, &old, &new)?;
            derive(connection, current, pointer, Some(&old), Some(&new))
        }
    }
}

/// While the twin can still be found.
pub(super) fn before_delete(
    connection: &mut dyn Connection,
    model: &Model,
    table: &Table,
    old: &Row,
) -> Result<(), StoreError> {
    match pointer_of(model, table) {
        Some(pointer) => underive(connection, model, pointer, &twin(pointer, table, old)),
        None => Ok(()),
    }
}

/// The twin of an activity's row.
pub(super) fn twin(pointer: &Table, table: &Table, row: &Row) -> Row {
    let mut twin: Row = stored(pointer)
        .filter(|column| table.column(&column.name).is_some() && !column.is_computed())
        .map(|column| (column.name.clone(), row.value(&column.name).clone()))
        .collect();
    twin.set(pointer.primary_key.as_str(), row.value(&table.primary_key).clone());
    if pointer.column(KIND).is_some() {
        twin.set(KIND, table.name.as_str());
    }
    for column in stored(pointer) {
        if !twin.contains(&column.name) {
            twin.set(column.name.as_str(), Value::Null);
        }
    }
    calculated::compute(pointer, &mut twin);
    twin
}

/// The table of twins, where `table` is a kind of activity.
pub(super) fn pointer_of<'a>(model: &'a Model, table: &Table) -> Option<&'a Arc<Table>> {
    if table.kind != TableKind::Activity {
        return None;
    }
    model.tables.values().find(|other| other.kind == TableKind::Pointer)
}

fn gone(connection: &mut dyn Connection, current: &Current, pointer: &Table, old: &Row) -> Result<(), StoreError> {
    let Some(id) = old.value(&pointer.primary_key).as_id() else { return Ok(()) };
    let sql = format!("DELETE FROM {} WHERE {} = ?1", quoted(&pointer.name), quoted(&pointer.primary_key));
    let sql = connection.dialect().numbered(&sql).into_owned();
    connection.execute(&sql, &[id.into()])?;
    derive(connection, current, pointer, Some(old), None)
}
