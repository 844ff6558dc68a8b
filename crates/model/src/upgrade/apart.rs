//! Names by which clients would reach two things, and names that an engine would cut.

use std::collections::HashMap;

use crate::{ColumnType, Model, Problem, Table};

/// Longest name of a lookup of several tables: `PostgreSQL` cuts names behind 63 characters, and the table
/// is kept under this one with `_type` behind it.
const LONGEST_LOOKUP: usize = 58;

/// The mistakes of this kind in a model.
pub(super) fn problems(model: &Model) -> Vec<Problem> {
    let mut problems = Vec::new();
    for table in model.tables.values() {
        within(model, table, &mut problems);
        for column in table.columns.values() {
            if column.is_polymorphic() && column.name.len() > LONGEST_LOOKUP {
                problems.push(Problem::new(
                    format!("{}.{}", table.name, column.name),
                    format!("the name of a lookup of several tables has at most {LONGEST_LOOKUP} characters"),
                ));
            }
        }
    }
    for pair in &model.many_to_many {
        if let Some(other) = model.relationships.iter().find(|other| other.name == pair.name) {
            problems.push(Problem::new(
                format!("many-to-many relationship {}", pair.name),
                format!("the lookup {}.{} has a relationship of this name already", other.referencing, other.column),
            ));
        }
    }
    problems
}

/// What stands behind a row of a table by its name: columns, what its lookups lead to, the rows that point
/// at it, and the rows it is paired with.
fn within(model: &Model, table: &Table, problems: &mut Vec<Problem>) {
    let mut known: HashMap<&str, String> = HashMap::new();
    // A lookup is read under another name, `_ownerid_value`.
    for column in table.columns.values().filter(|column| !matches!(column.kind, ColumnType::Lookup { .. })) {
        known.insert(&column.name, format!("the column {}", column.name));
    }
    let lookups = model.pointing_from(&table.name).map(|of| (&of.navigation, format!("the lookup {}", of.column)));
    let collections = model
        .pointing_at(&table.name)
        .map(|of| (&of.name, format!("the rows of {} that point at it by {}", of.referencing, of.column)));
    let pairs = model.many_to_many.iter().filter(|pair| pair.first == table.name || pair.second == table.name);
    let pairs = pairs.map(|pair| (&pair.name, format!("the many-to-many relationship {}", pair.name)));
    for (name, what) in lookups.chain(collections).chain(pairs) {
        match known.get(name.as_str()) {
            // One lookup may lead to several tables by one name.
            Some(other) if *other != what => problems.push(Problem::new(
                format!("{}.{name}", table.name),
                format!("{other} and {what} would have the same name; choose another for what is new"),
            )),
            Some(_) => {}
            None => {
                known.insert(name, what);
            }
        }
    }
}
