//! Tables: names that must be columns, states, indexes, keys, summaries, relationships of pairs.

use super::{Validation, columns::is_number, place};
use crate::{ColumnType, State, Table};

/// Most columns of an index or key.
const MOST_INDEXED: usize = 8;

impl Validation<'_> {
    pub(super) fn table(&mut self, table: &Table) {
        let here = place(table, "table", "table");
        if table.label.trim().is_empty() {
            self.problem(&here, "a table needs a label");
        }
        if !table.column(&table.primary_key).is_some_and(|column| matches!(column.kind, ColumnType::Id)) {
            self.problem(&here, format!("the primary key {} must have the type id", table.primary_key));
        }
        if table.column(&table.primary_name).is_none() {
            self.problem(&here, format!("there is no column {} for the primary name", table.primary_name));
        }
        self.states(table, &here);
        self.indexes(table);
        self.summaries(table);
    }

    fn states(&mut self, table: &Table, here: &str) {
        self.unique(here, "state", table.states.iter().map(|state| state.value));
        self.unique(here, "state label", table.states.iter().map(|state| state.label.to_lowercase()));
        let statuses = || table.states.iter().flat_map(|state| &state.statuses);
        self.unique(here, "status reason", statuses().map(|status| status.value));
        for State { label, default_status, statuses, .. } in &table.states {
            self.unique(here, &format!("label of state {label}:"), statuses.iter().map(|it| it.label.to_lowercase()));
            if !statuses.iter().any(|status| status.value == *default_status) {
                self.problem(
                    here,
                    format!("state {label}: default_status {default_status} is not one of its status reasons"),
                );
            }
        }
        if table.states.first().is_some_and(|state| state.closed) {
            self.problem(here, "the first state is where new rows begin; it cannot be closed");
        }
    }

    fn indexes(&mut self, table: &Table) {
        for (position, index) in table.indexes.iter().enumerate() {
            let here = place(table, "table", &format!("index {}", position + 1));
            let columns: Vec<&str> = index.columns.iter().map(|name| name.strip_prefix('-').unwrap_or(name)).collect();
            self.indexed(table, &here, &columns);
        }
        self.unique(&place(table, "table", "keys"), "key", table.keys.iter().map(|key| &key.name));
        for key in &table.keys {
            let here = place(table, "table", &format!("key {}", key.name));
            self.indexed(table, &here, &key.columns.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    fn indexed(&mut self, table: &Table, here: &str, columns: &[&str]) {
        if columns.is_empty() || columns.len() > MOST_INDEXED {
            self.problem(here, format!("1 to {MOST_INDEXED} columns are needed"));
        }
        self.unique(here, "column", columns.iter().copied());
        for name in columns {
            match table.column(name) {
                None => self.problem(here, format!("{} has no column {name}", table.name)),
                Some(column) if !column.is_stored() || is_long(column.value_type()) => {
                    self.problem(here, format!("{name} cannot be indexed"));
                }
                Some(_) => {}
            }
        }
    }

    fn summaries(&mut self, table: &Table) {
        self.unique(&place(table, "table", "summaries"), "summary", table.summaries.iter().map(|it| &it.name));
        for summary in &table.summaries {
            let here = place(table, "table", &format!("summary {}", summary.name));
            for name in &summary.group_by {
                match table.column(name) {
                    None => self.problem(&here, format!("{} has no column {name}", table.name)),
                    Some(column) if !column.is_stored() || is_long(column.value_type()) => {
                        self.problem(&here, format!("{name} cannot be grouped by"));
                    }
                    Some(column) if matches!(column.kind, ColumnType::Rollup(_)) => {
                        self.problem(&here, format!("{name} is a rollup and cannot be grouped by"));
                    }
                    Some(_) => {}
                }
            }
            for name in &summary.sums {
                match table.column(name) {
                    None => self.problem(&here, format!("{} has no column {name}", table.name)),
                    Some(column) if !is_number(column) || matches!(column.kind, ColumnType::Rollup(_)) => {
                        self.problem(&here, format!("{name} cannot be summed"));
                    }
                    Some(_) => {}
                }
            }
            self.unique(&here, "column", summary.group_by.iter().chain(&summary.sums));
            self.filter(&here, &table.name, &summary.filter, true);
        }
    }
}

/// Texts too long for an index entry.
fn is_long(kind: &ColumnType) -> bool {
    matches!(
        kind,
        ColumnType::Memo { .. } | ColumnType::RichText { .. } | ColumnType::File { .. } | ColumnType::Image { .. }
    )
}
