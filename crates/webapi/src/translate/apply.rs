//! `$apply` over a table of the model.

use crm::{Aggregate, AggregateFunction, Grouping};
use model::{Column, ColumnType, Filter, Model, Table};

use super::{
    filter::translate_filter,
    names::{path_to, wire_name},
};
use crate::{
    error::{Error, Result},
    odata::{AggregateMethod, AggregateTerm, Apply},
};

/// What `$apply` means for a table.
#[derive(Debug)]
pub struct Grouped<'m> {
    /// Which rows.
    pub filter: Filter,
    /// Grouped by these, each with how it is shown.
    pub group_by: Vec<GroupedBy<'m>>,
    /// Computed over each group.
    pub aggregates: Vec<Computed<'m>>,
}

/// One value computed over each group.
#[derive(Debug)]
pub struct Computed<'m> {
    /// For the query.
    pub aggregate: Aggregate,
    /// Its name in the answer.
    pub name: String,
    /// The column whose type it has; none for counts.
    pub column: Option<&'m Column>,
}

impl Grouped<'_> {
    /// The alias in the query of what the answer calls by this path.
    pub fn alias_of(&self, path: &[String]) -> Option<&str> {
        let group = self
            .group_by
            .iter()
            .find(|group| group.asked == path || group.names == path)
            .map(|group| &group.grouping.alias);
        let value =
            self.aggregates.iter().find(|value| path == [value.name.as_str()]).map(|value| &value.aggregate.alias);
        group.or(value).map(String::as_str)
    }
}

/// One column grouped by.
#[derive(Debug)]
pub struct GroupedBy<'m> {
    /// For the query.
    pub grouping: Grouping,
    /// As it was asked for.
    pub asked: Vec<String>,
    /// Its names in the answer, outermost first: `["customerid_account", "name"]`.
    pub names: Vec<String>,
    /// The column.
    pub column: &'m Column,
}

/// The groups and values that `apply` means for rows of `table`.
pub fn translate_apply<'m>(model: &'m Model, table: &'m Table, apply: &Apply) -> Result<Grouped<'m>> {
    let mut filter = Filter::everything();
    for expression in &apply.filters {
        filter = filter.and(translate_filter(model, table, expression)?);
    }
    let group_by = apply
        .group_by
        .iter()
        .enumerate()
        .map(|(n, path)| grouped_by(model, table, n, path))
        .collect::<Result<Vec<_>>>()?;
    let aggregates = apply
        .aggregates
        .iter()
        .enumerate()
        .map(|(n, term)| computed(model, table, n, term))
        .collect::<Result<Vec<_>>>()?;
    for value in &aggregates {
        if group_by.iter().any(|group| group.names == [value.name.as_str()]) {
            return Err(Error::BadRequest(format!("$apply: '{}' names both a column and a value", value.name)));
        }
    }
    Ok(Grouped { filter, group_by, aggregates })
}

fn grouped_by<'m>(model: &'m Model, table: &'m Table, number: usize, segments: &[String]) -> Result<GroupedBy<'m>> {
    let (path, column) = path_to(model, table, segments)?;
    let mut names = segments.to_vec();
    if let Some(last) = names.last_mut() {
        *last = wire_name(column);
    }
    // Names of our own, since the client's may hold what an alias must not.
    let grouping = Grouping { path, part: None, alias: format!("g{number}") };
    Ok(GroupedBy { grouping, asked: segments.to_vec(), names, column })
}

fn computed<'m>(model: &'m Model, table: &'m Table, number: usize, term: &AggregateTerm) -> Result<Computed<'m>> {
    let function = match term.method {
        AggregateMethod::Count => AggregateFunction::Count,
        AggregateMethod::CountDistinct => AggregateFunction::CountDistinct,
        AggregateMethod::Sum => AggregateFunction::Sum,
        AggregateMethod::Average => AggregateFunction::Average,
        AggregateMethod::Min => AggregateFunction::Min,
        AggregateMethod::Max => AggregateFunction::Max,
    };
    let found = term.path.as_ref().map(|path| path_to(model, table, path)).transpose()?;
    if let Some((_, column)) = &found {
        refuse_uncountable(column, term.method)?;
    }
    let (path, column) = found.unzip();
    // Counts are counts, whatever they are about.
    let column = column.filter(|_| !matches!(term.method, AggregateMethod::Count | AggregateMethod::CountDistinct));
    let aggregate = Aggregate { function, path, alias: format!("a{number}") };
    Ok(Computed { aggregate, name: term.alias.clone(), column })
}

fn refuse_uncountable(column: &Column, method: AggregateMethod) -> Result<()> {
    let number =
        matches!(column.value_type(), ColumnType::Whole { .. } | ColumnType::Decimal { .. } | ColumnType::Money { .. });
    let ordered = number || matches!(column.value_type(), ColumnType::Date | ColumnType::DateTime) || column.is_text();
    let fits = match method {
        AggregateMethod::Sum | AggregateMethod::Average => number,
        AggregateMethod::Min | AggregateMethod::Max => ordered,
        AggregateMethod::Count | AggregateMethod::CountDistinct => true,
    };
    if fits {
        Ok(())
    } else {
        Err(Error::BadRequest(format!(
            "$apply: '{}' is no number and cannot be combined so; use countdistinct",
            column.name
        )))
    }
}
