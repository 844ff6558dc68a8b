//! Rollups: a value over the rows that point at a row, kept in the write that changes those.

mod parent;
mod recompute;

use std::collections::BTreeMap;

use model::{Column, ColumnType, Model, Rollup, RollupFunction, Table, Value};
pub(super) use parent::{read_row, write_columns};
pub(super) use recompute::{all_computed, computed, rebuild};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    Row, StoreError,
    compile::{matches, nobody},
    engine::Connection,
    rows::TablePlan,
    store::Current,
};

/// A rollup column with the table it stands in.
#[derive(Clone, Copy)]
struct Target<'a> {
    parent: &'a Table,
    column: &'a Column,
    rollup: &'a Rollup,
}

/// What a write does to a rollup of one parent row.
enum Change {
    /// Add this.
    By(Decimal),
    /// An extreme may have come or gone.
    Anew,
}

/// Rollups of a new row: nothing points at it yet.
pub(super) fn start(table: &Table, row: &mut Row) {
    for (column, rollup) in of(table) {
        row.set(column.name.as_str(), empty(rollup));
    }
}

/// Rollups are never written from outside.
pub(super) fn keep(table: &Table, old: &Row, row: &mut Row) {
    for (column, _) in of(table) {
        row.set(column.name.as_str(), old.value(&column.name).clone());
    }
}

/// The value over no rows.
pub(super) fn empty(rollup: &Rollup) -> Value {
    match rollup.function {
        RollupFunction::Count | RollupFunction::Sum => fitted(rollup, Decimal::ZERO),
        RollupFunction::Min | RollupFunction::Max => Value::Null,
    }
}

/// The rollup columns of a table.
fn of(table: &Table) -> impl Iterator<Item = (&Column, &Rollup)> {
    table.columns.values().filter_map(|column| match &column.kind {
        ColumnType::Rollup(rollup) => Some((column, rollup)),
        _ => None,
    })
}

/// The rollup columns of all tables over rows of `table`.
fn over<'a>(model: &'a Model, table: &'a Table) -> impl Iterator<Item = Target<'a>> {
    model.tables.values().flat_map(move |parent| {
        of(parent).filter(move |(_, rollup)| rollup.table == table.name).map(move |(column, rollup)| Target {
            parent,
            column,
            rollup,
        })
    })
}

/// Table and column of the rollups over rows of `table`.
pub(super) fn names_over(model: &Model, table: &Table) -> Vec<(String, String)> {
    over(model, table).map(|target| (target.parent.name.clone(), target.column.name.clone())).collect()
}

impl<'a> Target<'a> {
    fn named(model: &'a Model, parent: &str, column: &str) -> Option<Self> {
        let parent = model.table(parent)?;
        let column = parent.column(column)?;
        match &column.kind {
            ColumnType::Rollup(rollup) => Some(Self { parent, column, rollup }),
            _ => None,
        }
    }
}

/// Brings the write of a row to the rows it points (or pointed) at.
pub(super) fn after_write(
    connection: &mut dyn Connection,
    current: &Current,
    plan: &TablePlan,
    old: Option<&Row>,
    new: Option<&Row>,
) -> Result<(), StoreError> {
    let table = &plan.table;
    let targets = plan.derived.rollups.iter();
    // In order of table, row and column, so that transactions lock parents in the same order.
    let mut touched: BTreeMap<(&str, Uuid), Vec<(Target<'_>, Change)>> = BTreeMap::new();
    for target in targets.filter_map(|(parent, column)| Target::named(&current.model, parent, column)) {
        let before = contribution(table, target, old)?;
        let after = contribution(table, target, new)?;
        for (parent, change) in changes(target.rollup, before, after) {
            touched.entry((&target.parent.name, parent)).or_default().push((target, change));
        }
    }
    for ((_, id), changes) in touched {
        parent::apply(connection, current, table, id, changes)?;
    }
    Ok(())
}

/// The parent a row counts for, and the value it brings; none where it does not count.
fn contribution(table: &Table, target: Target<'_>, row: Option<&Row>) -> Result<Option<(Uuid, Value)>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    let Value::Reference(parent) = row.value(&target.rollup.through) else { return Ok(None) };
    if parent.table != target.parent.name || !matches(table, &target.rollup.filter, row, &nobody())? {
        return Ok(None);
    }
    let value = match &target.rollup.column {
        None => Value::Whole(1),
        Some(column) => row.value(column).clone(),
    };
    Ok(Some((parent.id, value)))
}

fn changes(rollup: &Rollup, before: Option<(Uuid, Value)>, after: Option<(Uuid, Value)>) -> Vec<(Uuid, Change)> {
    let amount = |value: &Value| match rollup.function {
        RollupFunction::Count => Decimal::from(i64::from(!value.is_null())),
        _ => value.as_decimal().unwrap_or_default(),
    };
    let additive = matches!(rollup.function, RollupFunction::Count | RollupFunction::Sum);
    match (before, after) {
        (before, after) if before == after => Vec::new(),
        (Some((old, was)), Some((new, is))) if old == new && additive => {
            let by = amount(&is) - amount(&was);
            if by.is_zero() { Vec::new() } else { vec![(new, Change::By(by))] }
        }
        (Some((old, _)), Some((new, _))) if old == new => vec![(new, Change::Anew)],
        (before, after) => {
            let mut changes = Vec::new();
            for (part, sign) in [(before, -Decimal::ONE), (after, Decimal::ONE)] {
                let Some((parent, value)) = part else { continue };
                let by = amount(&value) * sign;
                if !additive {
                    if !value.is_null() {
                        changes.push((parent, Change::Anew));
                    }
                } else if !by.is_zero() {
                    changes.push((parent, Change::By(by)));
                }
            }
            changes
        }
    }
}

/// A number as the rollup's column holds it.
fn fitted(rollup: &Rollup, number: Decimal) -> Value {
    match crate::dialect::places(&rollup.result) {
        Some(0) | None => i64::try_from(number.round().mantissa()).map_or(Value::Null, Value::Whole),
        Some(places) => Value::Decimal(number.round_dp(places).normalize()),
    }
}
