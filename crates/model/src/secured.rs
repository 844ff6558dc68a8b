//! Column security: what is secured, and what tells of a secured column because it is made from it.
//!
//! In Dataverse a calculated column over a secured one shows its value to everybody. Here whatever
//! is made from secured columns is secured with them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{ByName, Column, ColumnType, Table, TableKind, calculate::reads};

/// A secured column, by the names that security profiles use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecuredColumn {
    /// Logical name of the table.
    pub table: String,
    /// Logical name of the column.
    pub column: String,
}

impl SecuredColumn {
    /// This column of this table.
    pub fn new(table: impl Into<String>, column: impl Into<String>) -> Self {
        Self { table: table.into(), column: column.into() }
    }
}

impl std::fmt::Display for SecuredColumn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}", self.table, self.column)
    }
}

/// Gives every column the secured columns its values tell of, and takes those columns out of the
/// text search, whose hits would tell, too. Returns the secured columns.
pub(crate) fn guard(tables: &mut ByName<Table>) -> BTreeSet<SecuredColumn> {
    let of_table = |table: &Table| -> Vec<SecuredColumn> {
        let secured = table.columns.values().filter(|column| column.secured);
        secured.map(|column| SecuredColumn::new(&table.name, &column.name)).collect()
    };
    let secured: BTreeSet<SecuredColumn> = tables.values().flat_map(of_table).collect();
    if secured.is_empty() {
        return secured;
    }
    for (place, guards) in guarded(tables, &secured) {
        if let Some(column) = tables.get_mut(&place.table).and_then(|table| table.columns.get_mut(&place.column)) {
            column.guards = guards.into_iter().collect();
            column.searchable = false;
        }
    }
    secured
}

/// Every column that tells of secured ones, with those.
fn guarded(
    tables: &ByName<Table>,
    secured: &BTreeSet<SecuredColumn>,
) -> BTreeMap<SecuredColumn, BTreeSet<SecuredColumn>> {
    let mut guards: BTreeMap<SecuredColumn, BTreeSet<SecuredColumn>> =
        secured.iter().map(|column| (column.clone(), BTreeSet::from([column.clone()]))).collect();
    let made: Vec<(SecuredColumn, Vec<SecuredColumn>)> = tables
        .values()
        .flat_map(|table| table.columns.values().map(move |column| (table, column)))
        .map(|(table, column)| (SecuredColumn::new(&table.name, &column.name), sources(tables, table, column)))
        .filter(|(_, sources)| !sources.is_empty())
        .collect();
    // A formula may read what another one makes, across tables: until nothing is added.
    loop {
        let mut grown = false;
        for (column, sources) in &made {
            let told: BTreeSet<SecuredColumn> =
                sources.iter().filter_map(|source| guards.get(source)).flatten().cloned().collect();
            if !told.is_empty() {
                let known = guards.entry(column.clone()).or_default();
                let before = known.len();
                known.extend(told);
                grown |= known.len() > before;
            }
        }
        if !grown {
            return guards;
        }
    }
}

/// The columns that a column's value is made from.
fn sources(tables: &ByName<Table>, table: &Table, column: &Column) -> Vec<SecuredColumn> {
    let here = |name: &str| SecuredColumn::new(&table.name, name);
    let mut sources = match &column.kind {
        ColumnType::Calculated { .. } => reads(column).into_iter().map(here).collect(),
        ColumnType::Rollup(rollup) => {
            let read = rollup.column.as_deref().into_iter().chain(rollup.filter.own_columns());
            read.map(|name| SecuredColumn::new(&rollup.table, name)).collect()
        }
        ColumnType::Money { base: true, .. } => column.name.strip_suffix("_base").map(here).into_iter().collect(),
        _ => Vec::new(),
    };
    // The twin of an activity holds what the activity holds.
    if table.kind == TableKind::Pointer {
        let activities = tables.values().filter(|other| other.kind == TableKind::Activity);
        let alike = activities.filter(|other| other.column(&column.name).is_some());
        sources.extend(alike.map(|other| SecuredColumn::new(&other.name, &column.name)));
    }
    sources
}
