//! The read path: a [`Query`] becomes SQL for the engine at hand, and its rows values again.

mod aggregate;
mod arrivals;
mod by_key;
mod by_value;
mod compare;
mod condition;
mod cursor;
mod groups;
mod hierarchy;
mod joins;
mod keyset;
mod list;
mod literal;
mod matches;
mod period;
mod plans;
mod ranking;
mod source;
mod stand_in;
mod terms;
mod ways;
mod window;

use model::{Filter, Model, Table, Value};
use sea_query::Expr;

pub(crate) use literal::{Family, family};
pub use matches::matches;
pub(crate) use source::{collated, column_of, named};

use crate::{
    Cursor, Query, Rows, Scope, StoreError, Zone,
    engine::{Connection, Dialect},
};

/// The rows a query asks for.
pub(crate) fn run(connection: &mut dyn Connection, model: &Model, query: &Query) -> Result<Rows, StoreError> {
    if query.is_aggregate() {
        return groups::run(connection, model, query);
    }
    match by_key::ByKey::of(model, query) {
        Some(by_key) => by_key.run(connection),
        None => list::run(connection, model, query),
    }
}

/// The place in a query's rows at which those begin that come behind `first` by the first column
/// of its order.
pub(crate) fn place_of(dialect: Dialect, model: &Model, query: &Query, first: Value) -> Result<Cursor, StoreError> {
    list::place_of(dialect, model, query, first)
}

/// A filter over a table's own columns as a condition on the table standing under `alias`; for
/// statements of the engine itself, which no rules of access concern.
pub(crate) fn own_condition(
    model: &Model,
    dialect: Dialect,
    table: &Table,
    alias: &str,
    filter: &Filter,
) -> Result<Expr, StoreError> {
    let scope = Scope::default();
    let zone = nobody();
    let mut compiler = source::Compiler::new(model, dialect, &scope, &zone);
    let table = compiler.table(&table.name)?;
    let mut frame = source::Frame::in_on_clause(table, alias, false);
    compiler.condition(&mut frame, filter)
}

/// The caller where there is none.
pub(crate) fn nobody() -> Zone {
    Zone {
        user: uuid::Uuid::nil(),
        teams: Vec::new(),
        business_unit: uuid::Uuid::nil(),
        now: jiff::Timestamp::UNIX_EPOCH,
        time_zone: jiff::tz::TimeZone::UTC,
        fiscal_start_month: 1,
        week_starts: jiff::civil::Weekday::Monday,
    }
}
