//! From the schema that is there to the one that is wanted.

use std::collections::BTreeSet;

use model::Model;

use super::steps::Step;
use crate::{
    StoreError,
    derived::is_view,
    schema::{PhysicalColumn, PhysicalSchema, PhysicalTable},
};

/// The steps, in the order they must be run.
pub(super) fn diff(present: &PhysicalSchema, wanted: &PhysicalSchema, model: &Model) -> Result<Vec<Step>, StoreError> {
    let mut steps = Steps::default();
    for (name, table) in &present.tables {
        let target = wanted.tables.get(name);
        steps.drop_objects(table, target);
    }
    for (name, target) in &wanted.tables {
        match present.tables.get(name) {
            None => steps.create(name, target),
            Some(table) => steps.change(name, table, target, model)?,
        }
    }
    Ok(steps.in_order())
}

/// The schema as it is afterwards: the wanted one with what is kept aside.
pub(super) fn merged(present: &PhysicalSchema, wanted: &PhysicalSchema) -> PhysicalSchema {
    let mut schema = wanted.clone();
    for (name, table) in &present.tables {
        let Some(target) = schema.tables.get_mut(name) else {
            let columns = table.columns.iter().map(|(name, column)| (name.clone(), aside(column))).collect();
            schema.tables.insert(name.clone(), PhysicalTable { columns, ..PhysicalTable::default() });
            continue;
        };
        for (column_name, column) in &table.columns {
            match target.columns.get(column_name) {
                None => {
                    target.columns.insert(column_name.clone(), aside(column));
                }
                Some(new) if column.kept && !same_storage(column, new) => {
                    target.columns.insert(free_name(column_name, table), aside(column));
                }
                Some(_) => {}
            }
        }
    }
    schema
}

fn aside(column: &PhysicalColumn) -> PhysicalColumn {
    PhysicalColumn { kept: true, ..column.clone() }
}

fn same_storage(old: &PhysicalColumn, new: &PhysicalColumn) -> bool {
    old.sql_type == new.sql_type && old.places == new.places && old.target == new.target
}

fn free_name(column: &str, table: &PhysicalTable) -> String {
    let names = (1..).map(|number| format!("zz{number}_{column}"));
    names.into_iter().find(|name| !table.columns.contains_key(name)).unwrap_or_default()
}

/// Steps by phase.
#[derive(Default)]
struct Steps {
    drops: Vec<Step>,
    tables: Vec<Step>,
    columns: Vec<Step>,
    objects: Vec<Step>,
    fills: Vec<Step>,
    rebuilds: BTreeSet<String>,
}

impl Steps {
    fn in_order(self) -> Vec<Step> {
        let rebuilds = self.rebuilds.into_iter().map(|table| Step::Rebuild { table });
        [self.drops, self.tables, self.columns, self.objects, self.fills]
            .into_iter()
            .flatten()
            .chain(rebuilds)
            .collect()
    }

    /// Indexes and derived objects that are no longer wanted; they hold nothing of their own.
    fn drop_objects(&mut self, table: &PhysicalTable, target: Option<&PhysicalTable>) {
        for index in table.indexes.keys() {
            if !target.is_some_and(|target| target.indexes.contains_key(index)) {
                self.drops.push(Step::DropIndex { name: index.clone() });
            }
        }
        for statement in table.derived.iter().rev() {
            if !target.is_some_and(|target| target.derived.contains(statement)) {
                self.drops.push(Step::DropDerived { statement: statement.clone() });
            }
        }
    }

    fn create(&mut self, name: &str, target: &PhysicalTable) {
        self.tables.push(Step::CreateTable { table: name.to_owned() });
        self.create_objects(&PhysicalTable::default(), target);
    }

    fn create_objects(&mut self, table: &PhysicalTable, target: &PhysicalTable) -> bool {
        for (name, sql) in &target.indexes {
            if !table.indexes.contains_key(name) {
                self.objects.push(Step::CreateIndex { name: name.clone(), sql: sql.clone() });
            }
        }
        let mut derived = false;
        for statement in &target.derived {
            if !table.derived.contains(statement) {
                self.objects.push(Step::CreateDerived { statement: statement.clone() });
                derived |= !is_view(statement);
            }
        }
        derived
    }

    fn change(
        &mut self,
        name: &str,
        table: &PhysicalTable,
        target: &PhysicalTable,
        model: &Model,
    ) -> Result<(), StoreError> {
        for (column_name, new) in &target.columns {
            match table.columns.get(column_name) {
                None => self.add(name, column_name, new, table, model),
                Some(old) if old.kept && !same_storage(old, new) => {
                    self.columns.push(Step::MoveAside {
                        table: name.to_owned(),
                        column: column_name.clone(),
                        to: free_name(column_name, table),
                    });
                    self.add(name, column_name, new, table, model);
                }
                Some(old) => self.convert(name, column_name, old, new)?,
            }
        }
        if self.create_objects(table, target) || table.meaning != target.meaning {
            self.rebuilds.insert(name.to_owned());
        }
        Ok(())
    }

    fn add(&mut self, table: &str, column: &str, new: &PhysicalColumn, present: &PhysicalTable, model: &Model) {
        self.columns.push(Step::AddColumn {
            table: table.to_owned(),
            column: column.to_owned(),
            sql_type: new.sql_type.clone(),
        });
        if !new.formula.is_empty() {
            self.rebuilds.insert(table.to_owned());
        }
        let declared = model.table(table).and_then(|table| table.column(column));
        if let Some(model::DefaultValue::Constant(value)) = declared.and_then(|column| column.default.as_ref()) {
            self.fills.push(Step::FillDefault {
                table: table.to_owned(),
                column: column.to_owned(),
                value: value.clone(),
            });
        }
        // A lookup that gets further targets: what it points at so far is of the old one.
        let lookup = column.strip_suffix("_type").and_then(|lookup| Some((lookup, present.columns.get(lookup)?)));
        if let Some((lookup, PhysicalColumn { target: Some(target), .. })) = lookup {
            self.fills.push(Step::FillTarget {
                table: table.to_owned(),
                lookup: lookup.to_owned(),
                target: target.clone(),
            });
        }
    }

    fn convert(
        &mut self,
        table: &str,
        column: &str,
        old: &PhysicalColumn,
        new: &PhysicalColumn,
    ) -> Result<(), StoreError> {
        let place = || (table.to_owned(), column.to_owned());
        if old.sql_type != new.sql_type {
            if !may_become(&old.sql_type, &new.sql_type) {
                return Err(StoreError::Migration(format!(
                    "{table}.{column}: a column of type {} cannot become {}; add a new column instead",
                    old.sql_type, new.sql_type
                )));
            }
            let (table, column) = place();
            self.columns.push(Step::ChangeType { table, column, sql_type: new.sql_type.clone() });
        }
        let (from, to) = (old.places.unwrap_or(0), new.places.unwrap_or(0));
        if from != to {
            let (table, column) = place();
            self.columns.push(Step::Rescale { table, column, from, to });
        }
        if let (Some(from), Some(to)) = (old.length, new.length)
            && to < from
        {
            let (table, column) = place();
            self.columns.push(Step::CheckLength { table, column, length: to });
        }
        if old.target != new.target
            && let Some(target) = &new.target
        {
            let (table, column) = place();
            self.columns.push(Step::CheckTarget { table, column, from: old.target.clone(), target: target.clone() });
        }
        if old.formula != new.formula && !new.formula.is_empty() {
            self.rebuilds.insert(table.to_owned());
        }
        Ok(())
    }
}

/// Which types can take all values of which.
fn may_become(old: &str, new: &str) -> bool {
    let widths = ["integer", "bigint", "numeric(19,4)", "numeric"];
    let rank = |name: &str| widths.iter().position(|width| *width == name);
    match (rank(old), rank(new)) {
        // Both numeric types hold all of money.
        (Some(old), Some(new)) => old < new || old >= 2 && new >= 2,
        _ => false,
    }
}
