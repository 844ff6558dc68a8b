//! The values that a filter allows a column, each asked by itself.

use std::sync::Arc;

use model::{Condition, Filter, Index, Operator, Table, Value};

use super::{
    literal::{Family, family, literal},
    ways::{MOST_WAYS, OWNER},
};
use crate::Query;

/// More values than this a statement does not compare with, over all its parts.
const MOST_VALUES: usize = 2_000;

/// One value of the column, and the filter without the condition on it.
pub(super) type OneValue = (Condition, Arc<Filter>);

/// What must hold, each by itself.
pub(super) fn parts(filter: &Filter) -> &[Filter] {
    match filter {
        Filter::All(parts) => parts,
        single => std::slice::from_ref(single),
    }
}

/// The values of a column that the filter allows, where an index has the rows of each in the query's
/// order. Only of columns whose values are told apart with certainty: no row may have two of them.
pub(super) fn of(query: &Query, table: &Table, of_one_owner: bool) -> Option<Vec<OneValue>> {
    let parts = parts(&query.filter);
    let first = query.order.first().map(|order| &order.column).filter(|path| path.is_own())?;
    let position = parts.iter().position(|part| {
        let Filter::Condition(several) = part else { return false };
        let is_several = several.operator == Operator::In && several.other.is_none() && several.column.is_own();
        is_several && {
            let column = several.column.column.as_str();
            let is_fixed = |other: &str| other == column || is_given(parts, other) || (of_one_owner && other == OWNER);
            table.indexes.iter().any(|index| is_sorted(index, column, &first.column, is_fixed))
        }
    })?;
    let Filter::Condition(several) = &parts[position] else { return None };
    let values = told_apart(query, table, several)?;
    let rest = parts.iter().enumerate().filter(|(other, _)| *other != position).map(|(_, part)| part.clone());
    let rest = Arc::new(Filter::All(rest.collect()));
    if values.len() * compared(&rest) > MOST_VALUES {
        return None;
    }
    let one = |value| Condition { operator: Operator::Eq, values: vec![value], ..several.clone() };
    Some(values.into_iter().map(|value| (one(value), Arc::clone(&rest))).collect())
}

/// The values as they are compared, each once.
fn told_apart(query: &Query, table: &Table, several: &Condition) -> Option<Vec<Value>> {
    let column = table.column(&several.column.column)?;
    let is_certain =
        matches!(family(column), Family::Choice | Family::Boolean | Family::Key) && !column.is_polymorphic();
    if !is_certain || several.values.len() > MOST_WAYS {
        return None;
    }
    let mut values: Vec<Value> = Vec::new();
    for value in &several.values {
        // What is no value of the column is refused where it is compared.
        let value = literal(table, column, value, &query.zone).ok()?;
        if !value.is_null() && !values.contains(&value) {
            values.push(value);
        }
    }
    (values.len() > 1).then_some(values)
}

/// With how many values a filter compares.
fn compared(filter: &Filter) -> usize {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().map(compared).sum(),
        Filter::Not(inner) => compared(inner),
        Filter::Related(related) => compared(&related.filter),
        Filter::Search(_) => 1,
        Filter::Condition(condition) => condition.values.len(),
    }
}

/// Whether the filter says what the column is.
pub(super) fn is_given(parts: &[Filter], column: &str) -> bool {
    parts.iter().any(|part| match part {
        Filter::Condition(condition) => {
            matches!(condition.operator, Operator::Eq | Operator::EqUserid)
                && condition.other.is_none()
                && condition.column.is_own()
                && condition.column.column == column
        }
        _ => false,
    })
}

/// Whether the rows that have the fixed columns, `column` among them, stand together in the index,
/// sorted by `first`.
fn is_sorted(index: &Index, column: &str, first: &str, is_fixed: impl Fn(&str) -> bool) -> bool {
    let mut columns = index.columns.iter().map(|name| name.trim_start_matches('-'));
    let mut among = false;
    columns.find(|name| {
        among |= *name == column;
        !is_fixed(name)
    }) == Some(first)
        && among
}
