//! Rollups computed from the rows, for extremes, for new rollup columns and for checking.

use std::collections::HashMap;

use model::{Column, Model, Rollup, RollupFunction, Table, Value};
use sea_query::{Expr, ExprTrait, Query as Sql, SelectStatement};
use uuid::Uuid;

use super::{empty, fitted, of};
use crate::{
    StoreError,
    compile::{column_of, named, own_condition},
    derived::calculated::for_each_id,
    dialect::{decode, encode, type_column},
    engine::{self, Connection, SqlValue, quoted},
};

const ALIAS: &str = "rolled";

/// The value for one parent row.
pub(in crate::derived) fn computed(
    connection: &mut dyn Connection,
    model: &Model,
    child: &Table,
    parent: &Table,
    rollup: &Rollup,
    id: Uuid,
) -> Result<Value, StoreError> {
    let mut select = rows_of(connection, model, child, parent, rollup)?;
    select
        .expr(aggregate(rollup))
        .and_where(column_of(ALIAS, &rollup.through).eq(sea_query::Value::from(SqlValue::Uuid(id))));
    let rows = engine::run(connection, &select)?;
    value(child, rollup, rows.into_iter().next().and_then(|row| row.into_iter().next()))
}

/// The values of all parents that have any rows.
pub(in crate::derived) fn all_computed(
    connection: &mut dyn Connection,
    model: &Model,
    child: &Table,
    parent: &Table,
    rollup: &Rollup,
) -> Result<HashMap<Uuid, Value>, StoreError> {
    let mut select = rows_of(connection, model, child, parent, rollup)?;
    let lookup = column_of(ALIAS, &rollup.through);
    select.expr(lookup.clone()).expr(aggregate(rollup)).and_where(lookup.is_not_null()).add_group_by([Expr::cust("1")]);
    let mut values = HashMap::new();
    for row in engine::run(connection, &select)? {
        let mut row = row.into_iter();
        if let Some(id) = row.next().and_then(|id| id.as_uuid()) {
            values.insert(id, value(child, rollup, row.next())?);
        }
    }
    Ok(values)
}

/// Computes the rollup columns of all rows of a table anew.
pub(in crate::derived) fn rebuild(
    connection: &mut dyn Connection,
    model: &Model,
    table: &Table,
) -> Result<(), StoreError> {
    for (column, rollup) in of(table) {
        let Some(child) = model.table(&rollup.table) else { continue };
        let values = all_computed(connection, model, child, table, rollup)?;
        let nothing = empty(rollup);
        for_each_id(connection, table, &mut |connection, id| {
            write(connection, table, column, id, values.get(&id).unwrap_or(&nothing))
        })?;
    }
    Ok(())
}

fn write(
    connection: &mut dyn Connection,
    table: &Table,
    column: &Column,
    id: Uuid,
    value: &Value,
) -> Result<(), StoreError> {
    let dialect = connection.dialect();
    let sql = format!(
        "UPDATE {} SET {} = {} WHERE {} = {}",
        quoted(&table.name),
        quoted(&column.name),
        dialect.parameter(1),
        quoted(&table.primary_key),
        dialect.parameter(2)
    );
    let mut values: Vec<_> = encode(dialect, column, value)?.collect();
    values.push(id.into());
    connection.execute(&sql, &values).map(drop)
}

/// The rows that count, without a selection.
fn rows_of(
    connection: &mut dyn Connection,
    model: &Model,
    child: &Table,
    parent: &Table,
    rollup: &Rollup,
) -> Result<SelectStatement, StoreError> {
    let mut select = Sql::select();
    select.from_as(named(&child.name), named(ALIAS));
    if child.column(&rollup.through).is_some_and(Column::is_polymorphic) {
        select.and_where(column_of(ALIAS, &type_column(&rollup.through)).eq(parent.name.as_str()));
    }
    if !rollup.filter.is_everything() {
        select.and_where(own_condition(model, connection.dialect(), child, ALIAS, &rollup.filter)?);
    }
    Ok(select)
}

fn aggregate(rollup: &Rollup) -> Expr {
    let column = rollup.column.as_ref().map(|column| column_of(ALIAS, column));
    match (rollup.function, column) {
        (RollupFunction::Count, Some(column)) => column.count(),
        (RollupFunction::Sum, Some(column)) => column.sum(),
        (RollupFunction::Min, Some(column)) => column.min(),
        (RollupFunction::Max, Some(column)) => column.max(),
        (_, None) => Expr::cust("COUNT(*)"),
    }
}

fn value(child: &Table, rollup: &Rollup, stored: Option<SqlValue>) -> Result<Value, StoreError> {
    let stored = stored.unwrap_or(SqlValue::Null);
    let source = rollup.column.as_ref().and_then(|name| child.column(name));
    match (rollup.function, source) {
        (RollupFunction::Count, _) | (_, None) => Ok(Value::Whole(stored.as_int().unwrap_or_default())),
        (RollupFunction::Sum, Some(source)) => {
            Ok(fitted(rollup, decode(source, stored, None)?.as_decimal().unwrap_or_default()))
        }
        (RollupFunction::Min | RollupFunction::Max, Some(source)) => decode(source, stored, None),
    }
}
