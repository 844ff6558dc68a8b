//! Answering from kept totals instead of from the table.

use model::{Filter, Operator, Path, Summary, Table};

use crate::{AggregateFunction, Query, derived};

/// A summary that answers a query.
pub(super) struct StandIn<'a> {
    /// Which.
    pub summary: &'a Summary,
    /// Its table in the database.
    pub table: String,
    /// What of the query's filter and the rule of access is left to ask of it.
    pub conditions: Vec<Filter>,
}

/// The first summary of the table that gives the same answer as its rows would.
pub(super) fn find<'a>(table: &'a Table, query: &Query) -> Option<StandIn<'a>> {
    if !query.joins.is_empty() || query.scope.follows.contains_key(&table.name) || query.scope.hides(&table.name) {
        return None;
    }
    table.summaries.iter().find_map(|summary| answers(table, summary, query))
}

fn answers<'a>(table: &'a Table, summary: &'a Summary, query: &Query) -> Option<StandIn<'a>> {
    let grouped = |path: &Path| path.is_own() && summary.group_by.contains(&path.column);
    let groups_fit = query.group_by.iter().all(|group| group.part.is_none() && grouped(&group.path));
    let aggregates_fit = query.aggregates.iter().all(|aggregate| match (&aggregate.path, aggregate.function) {
        (None, function) => function == AggregateFunction::Count,
        (Some(path), AggregateFunction::Count) => {
            grouped(path) || summed(summary, path) || (path.is_own() && path.column == table.primary_key)
        }
        (Some(path), AggregateFunction::Sum | AggregateFunction::Average) => summed(summary, path),
        _ => false,
    });
    if !groups_fit || !aggregates_fit {
        return None;
    }
    let mut asked = Vec::new();
    conjuncts(&query.filter, &mut asked);
    if let Some(rule) = query.scope.rules.get(&table.name) {
        conjuncts(rule, &mut asked);
    }
    let mut counted_in = Vec::new();
    conjuncts(&summary.filter, &mut counted_in);
    // Rows the summary leaves out must be rows the query leaves out.
    if !counted_in.iter().all(|condition| asked.contains(condition)) {
        return None;
    }
    // What the summary left out by a hidden column must be refused, as the rows are asked.
    let hidden = |name: &&str| table.column(name).is_some_and(|column| !query.scope.shows(column));
    if summary.filter.own_columns().iter().any(hidden) {
        return None;
    }
    let mut conditions = Vec::new();
    for condition in asked {
        if usable(table, condition, &grouped) {
            conditions.push(condition.clone());
        } else if !counted_in.contains(&condition) {
            return None;
        }
    }
    Some(StandIn { summary, table: derived::summary_table(table, summary), conditions })
}

fn summed(summary: &Summary, path: &Path) -> bool {
    path.is_own() && summary.sums.contains(&path.column)
}

fn conjuncts<'f>(filter: &'f Filter, found: &mut Vec<&'f Filter>) {
    match filter {
        Filter::All(parts) => parts.iter().for_each(|part| conjuncts(part, found)),
        other => found.push(other),
    }
}

/// True where the filter asks only for columns the summary has.
fn usable(table: &Table, filter: &Filter, grouped: &dyn Fn(&Path) -> bool) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().all(|part| usable(table, part, grouped)),
        Filter::Not(inner) => usable(table, inner, grouped),
        Filter::Related(_) | Filter::Search(_) => false,
        Filter::Condition(condition) => {
            // A place in the table's own hierarchy is found by the row's key.
            let hierarchical = matches!(
                condition.operator,
                Operator::Under | Operator::EqOrUnder | Operator::Above | Operator::EqOrAbove
            );
            let own_hierarchy = hierarchical
                && table.column(&condition.column.column).is_some_and(|column| column.targets().contains(&table.name));
            grouped(&condition.column) && condition.other.as_ref().is_none_or(grouped) && !own_hierarchy
        }
    }
}
