//! Choices that columns of several tables share, as `GlobalOptionSetDefinitions`. In the model options
//! are a column's own; those of a column that several tables have with the same options are one choice.

use std::collections::BTreeMap;

use model::{Column, Model, Table};

use super::{
    item::Item,
    options::{self, Named},
};

/// The shared choices, by name.
pub fn all(model: &Model) -> Vec<Item<'_>> {
    let mut shared: BTreeMap<&str, (&Table, &Column)> = BTreeMap::new();
    for table in model.tables.values() {
        for column in table.columns.values().filter(|column| is_shared(model, column)) {
            shared.entry(&column.name).or_insert((table, column));
        }
    }
    shared.into_values().map(|(table, column)| options::of(table, column, Named::Shared)).collect()
}

/// True where all tables that have a column of this name, two at least, have it with the same options.
pub fn is_shared(model: &Model, column: &Column) -> bool {
    if column.options().is_empty() {
        return false;
    }
    let alike: Vec<bool> = model
        .tables
        .values()
        .filter_map(|table| table.column(&column.name))
        .map(|other| other.kind == column.kind)
        .collect();
    alike.len() > 1 && alike.iter().all(|alike| *alike)
}
