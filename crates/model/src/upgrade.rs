//! Whether stored rows can be carried from one model to the next.

mod apart;

use crate::{Column, ColumnType, Model, ModelError, Problem};

impl Model {
    /// Refuses changes no storage can carry, whatever rows there are: a text column that becomes
    /// a number, a lookup that loses its kind. What depends on the rows (a shorter text, a new
    /// key) is for the store to judge. Names that are new must not stand for two things.
    pub fn check_upgrade(&self, next: &Self) -> Result<(), ModelError> {
        let mut problems = Vec::new();
        for (name, table) in &self.tables {
            let Some(later) = next.table(name) else { continue };
            if later.kind != table.kind {
                problems.push(Problem::new(name.clone(), "the kind of a table cannot change; make a new table"));
            }
            if later.primary_key != table.primary_key {
                problems.push(Problem::new(name.clone(), "the primary key of a table cannot change"));
            }
            for column in table.columns.values() {
                let Some(after) = later.column(&column.name) else { continue };
                if !carries(column, after) {
                    problems.push(Problem::new(
                        format!("{name}.{}", column.name),
                        "its values cannot become this type; make a new column instead",
                    ));
                }
            }
        }
        problems.extend(self.new_clashes(next));
        if problems.is_empty() { Ok(()) } else { Err(ModelError { problems }) }
    }

    /// What was published before this was looked at stays in force.
    fn new_clashes(&self, next: &Self) -> Vec<Problem> {
        let mut clashes = apart::problems(next);
        if !clashes.is_empty() {
            let known = apart::problems(self);
            clashes.retain(|clash| !known.contains(clash));
        }
        clashes
    }
}

fn carries(before: &Column, after: &Column) -> bool {
    use ColumnType as T;
    // Computed values are computed anew.
    if after.is_computed() && before.is_computed() {
        return true;
    }
    match (before.value_type(), after.value_type()) {
        (T::Text { .. } | T::Memo { .. } | T::RichText { .. } | T::AutoNumber(_), _) => {
            after.is_text() && !matches!(after.kind, T::Calculated { .. })
        }
        (T::Whole { .. }, T::Decimal { .. } | T::Money { .. })
        | (T::Decimal { .. }, T::Money { .. })
        | (T::Choice { .. }, T::MultiChoice { .. }) => true,
        // Rows that point at a target no longer allowed are for the store to find.
        (before, after) => std::mem::discriminant(before) == std::mem::discriminant(after),
    }
}
