//! What follows from the rows: calculated columns, automatic numbers, rollups, summaries, the
//! search index and the twins of activities. All of it is kept in the transaction that writes.

mod autonumber;
mod calculated;
mod check;
mod objects;
mod plan;
mod pointer;
mod rollup;
mod search;
mod summary;

use model::{Model, Table};
pub(crate) use objects::{
    COUNT_COLUMN, SEARCH_SUFFIX, SUMMARY_PREFIX, filled_column, is_view, search_table, statements, sum_column,
    summary_table, words_table,
};

pub(crate) use check::check;
pub(crate) use plan::DerivedPlan;
pub(crate) use search::forget_deleted;
pub(crate) use summary::{Share, SummaryPlan};

use crate::{Row, StoreError, engine::Connection, rows::TablePlan, store::Current};

/// Completes a row that is about to be written: `new` holds the whole row and gets its computed
/// columns.
pub(crate) fn before_write(
    connection: &mut dyn Connection,
    plan: &TablePlan,
    old: Option<&Row>,
    new: &mut Row,
) -> Result<(), StoreError> {
    let table = &plan.table;
    match old {
        None => {
            autonumber::assign(connection, table, new)?;
            rollup::start(table, new);
        }
        Some(old) => rollup::keep(table, old, new),
    }
    calculated::compute_columns(&plan.derived.calculated(table), new);
    Ok(())
}

/// Keeps current what hangs on a row that was just inserted (`old` is none), changed, or deleted
/// (`new` is none).
pub(crate) fn after_write(
    connection: &mut dyn Connection,
    current: &Current,
    table: &Table,
    old: Option<&Row>,
    new: Option<&Row>,
) -> Result<(), StoreError> {
    let plan = current.plans.table(&current.model, &table.name, connection.dialect())?;
    search::after_write(connection, &plan, old, new)?;
    summary::after_write(connection, &plan, old, new)?;
    rollup::after_write(connection, current, &plan, old, new)?;
    pointer::after_write(connection, current, table, old, new)
}

/// To be called before a row is deleted, while it can still be found.
pub(crate) fn before_delete(
    connection: &mut dyn Connection,
    model: &Model,
    table: &Table,
    old: &Row,
) -> Result<(), StoreError> {
    search::before_delete(connection, table, old)?;
    pointer::before_delete(connection, model, table, old)
}

/// Makes all derived data of a table anew, from its rows and those that point at them.
pub(crate) fn rebuild(connection: &mut dyn Connection, model: &Model, table: &Table) -> Result<(), StoreError> {
    rollup::rebuild(connection, model, table)?;
    calculated::rebuild(connection, table)?;
    search::rebuild(connection, table)?;
    summary::rebuild(connection, model, table)
}
