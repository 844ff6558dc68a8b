//! Views and forms.

use super::{Validation, place};
use crate::{Model, Problem, Subgrid, Table, View};

impl Model {
    /// What is wrong with a view of `table` that is not part of the model, such as one that a
    /// person made; each mistake at `place`.
    pub fn check_view(&self, place: &str, table: &str, view: &View) -> Vec<Problem> {
        let Some(table) = self.table(table) else {
            return vec![Problem::new(place, format!("there is no table {table}"))];
        };
        let mut validation = Validation { model: self, problems: Vec::new() };
        validation.view(place, table, view);
        validation.problems
    }
}

impl Validation<'_> {
    pub(super) fn views(&mut self, table: &Table) {
        self.unique(&place(table, "views", "views"), "view", table.views.iter().map(|view| &view.name));
        if table.views.iter().filter(|view| view.default).count() > 1 {
            self.problem(place(table, "views", "views"), "only one view is shown first (default = true)");
        }
        for view in &table.views {
            self.view(&place(table, "views", &format!("view {}", view.name)), table, view);
        }
    }

    fn view(&mut self, here: &str, table: &Table, view: &View) {
        let model = self.model;
        if view.columns.is_empty() {
            self.problem(here, "a view needs columns");
        }
        for (position, column) in view.columns.iter().enumerate() {
            if let Err(error) = model.resolve(&table.name, &column.column) {
                self.problem(format!("{here}: column {}", position + 1), error.message);
            }
        }
        self.unique(here, "column", view.columns.iter().map(|column| &column.column));
        for order in &view.order {
            match model.resolve(&table.name, &order.column) {
                Err(error) => self.problem(format!("{here}: order"), error.message),
                Ok((_, column)) if !column.is_stored() => {
                    self.problem(format!("{here}: order"), format!("{} cannot be ordered by", order.column));
                }
                Ok(_) => {}
            }
        }
        self.filter(here, &table.name, &view.filter, false);
    }

    pub(super) fn forms(&mut self, table: &Table) {
        self.unique(&place(table, "forms", "forms"), "form", table.forms.iter().map(|form| &form.name));
        for form in &table.forms {
            let here = place(table, "forms", &format!("form {}", form.name));
            self.form_columns(table, &format!("{here}: header"), &form.header);
            for tab in &form.tabs {
                for section in &tab.sections {
                    let here = format!("{here}: {} / {}", tab.label, section.label);
                    self.form_columns(table, &here, &section.columns);
                    if section.people.is_some() {
                        self.people(table, &here);
                    }
                    if let Some(subgrid) = &section.subgrid {
                        self.subgrid(table, &here, subgrid);
                    }
                }
            }
        }
    }

    fn form_columns(&mut self, table: &Table, here: &str, columns: &[String]) {
        self.unique(here, "column", columns);
        for name in columns.iter().filter(|name| table.column(name).is_none()) {
            self.problem(here, format!("{} has no column {name}", table.name));
        }
    }

    /// People stand around rows that connections lead from.
    fn people(&mut self, table: &Table, here: &str) {
        let from = self.model.table("connection").and_then(|connections| connections.column("record1id"));
        if !from.is_some_and(|column| column.targets().contains(&table.name)) {
            self.problem(here, format!("no connection leads from {} to people", table.name));
        }
    }

    fn subgrid(&mut self, table: &Table, here: &str, subgrid: &Subgrid) {
        let model = self.model;
        let Some(other) = model.table(&subgrid.table) else {
            self.problem(here, format!("there is no table {} to list", subgrid.table));
            return;
        };
        let leads_here = if subgrid.many_to_many {
            model.many_to_many.iter().any(|it| {
                let sides = [(&it.first, &it.second), (&it.second, &it.first)];
                it.name == subgrid.through && sides.contains(&(&table.name, &other.name))
            })
        } else {
            other.column(&subgrid.through).is_some_and(|column| column.targets().contains(&table.name))
        };
        if !leads_here {
            self.problem(here, format!("{} does not lead from {} to {}", subgrid.through, other.name, table.name));
        }
        self.form_columns(other, here, &subgrid.columns);
    }
}
