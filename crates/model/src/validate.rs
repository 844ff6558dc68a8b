//! Whether a model is sound as a whole. Every mistake is told, with its place.

mod columns;
mod filters;
mod names;
mod presentation;
mod processes;
mod roles;
mod secured;
mod tables;

use crate::{Model, Problem, Table};

pub(crate) use names::has_prefix;

/// The mistakes of one model, gathered.
pub(crate) struct Validation<'a> {
    model: &'a Model,
    problems: Vec<Problem>,
}

pub(crate) fn validate(model: &Model) -> Vec<Problem> {
    let mut validation = Validation { model, problems: Vec::new() };
    validation.names();
    for table in model.tables.values() {
        validation.table(table);
        for column in table.columns.values() {
            validation.column(table, column);
            validation.secured(table, column);
        }
        validation.cycles(table);
        validation.views(table);
        validation.forms(table);
    }
    validation.processes();
    validation.mappings();
    validation.roles();
    validation.problems
}

impl Validation<'_> {
    fn problem(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(place, message));
    }

    /// Tells each value that stands twice.
    fn unique<T: Eq + std::hash::Hash + std::fmt::Display>(
        &mut self,
        place: &str,
        what: &str,
        values: impl IntoIterator<Item = T>,
    ) {
        let mut seen = std::collections::HashSet::new();
        for value in values {
            if seen.contains(&value) {
                self.problem(place, format!("{what} {value} stands twice"));
            } else {
                seen.insert(value);
            }
        }
    }
}

/// The file (or, for an organisation's own, the part of the overlay) something stands in.
fn place(table: &Table, file: &str, what: &str) -> String {
    if table.custom { format!("{}: {what}", table.name) } else { format!("{}/{file}.toml: {what}", table.name) }
}
