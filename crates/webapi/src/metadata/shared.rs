//! Choices that several columns share, as `GlobalOptionSetDefinitions`: the organisation's own, and what
//! shipped columns of one name have alike. Shipped options are a column's own; those of a column that
//! several tables have with the same options are one choice.

use std::collections::BTreeMap;

use model::{Column, Model, Table};

use super::{
    item::Item,
    options::{self, Named},
};

/// The shared choices, by name.
pub fn all(model: &Model) -> Vec<Item<'_>> {
    let mut shared: BTreeMap<&str, Item<'_>> =
        model.choices.iter().map(|(name, choice)| (name.as_str(), options::of_own(name, choice))).collect();
    for table in model.tables.values() {
        for column in table.columns.values().filter(|column| is_alike(model, column)) {
            shared.entry(&column.name).or_insert_with(|| options::of(table, column, Named::Shared));
        }
    }
    shared.into_values().collect()
}

/// The shared choice that a column has its options from; none where they are its own.
pub fn of<'m>(model: &'m Model, table: &'m Table, column: &'m Column) -> Option<Item<'m>> {
    match column.choice.as_ref().and_then(|name| model.choices.get_key_value(name)) {
        Some((name, choice)) => Some(options::of_own(name, choice)),
        None => is_alike(model, column).then(|| options::of(table, column, Named::Shared)),
    }
}

/// True where all tables that have a column of this name, two at least, have it with the same options, and
/// no list of that name is declared.
fn is_alike(model: &Model, column: &Column) -> bool {
    if column.options().is_empty() || column.choice.is_some() || model.choices.contains_key(&column.name) {
        return false;
    }
    let alike: Vec<bool> = model
        .tables
        .values()
        .filter_map(|table| table.column(&column.name))
        .map(|other| other.kind == column.kind && other.choice.is_none())
        .collect();
    alike.len() > 1 && alike.iter().all(|alike| *alike)
}
