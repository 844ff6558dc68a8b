//! Filters: columns exist, operators suit them, values can be compared.

use super::Validation;
use crate::{Column, ColumnType, Condition, Filter, Operands, Table, Value, ValueError};

/// Deepest nesting of a filter.
const DEEPEST: usize = 20;

impl Validation<'_> {
    /// `own` allows conditions on the row's own columns only.
    pub(super) fn filter(&mut self, place: &str, table: &str, filter: &Filter, own: bool) {
        self.nested(place, table, filter, own, 0);
    }

    fn nested(&mut self, place: &str, table: &str, filter: &Filter, own: bool, depth: usize) {
        if depth > DEEPEST {
            self.problem(place, format!("a filter is nested at most {DEEPEST} deep"));
            return;
        }
        match filter {
            Filter::All(parts) | Filter::Any(parts) => {
                for part in parts {
                    self.nested(place, table, part, own, depth + 1);
                }
            }
            Filter::Not(inner) => self.nested(place, table, inner, own, depth + 1),
            Filter::Related(_) | Filter::Search(_) if own => {
                self.problem(place, "only conditions on the row's own columns can stand here");
            }
            Filter::Search(_) => {}
            Filter::Related(related) => {
                let points_here = self
                    .model
                    .table(&related.table)
                    .and_then(|other| other.column(&related.through))
                    .is_some_and(|column| column.targets().iter().any(|target| target == table));
                if points_here {
                    self.nested(place, &related.table, &related.filter, false, depth + 1);
                } else {
                    let message =
                        format!("{}.{} is not a lookup that points at {table}", related.table, related.through);
                    self.problem(place, message);
                }
            }
            Filter::Condition(condition) => self.condition(place, table, condition, own),
        }
    }

    fn condition(&mut self, place: &str, table: &str, condition: &Condition, own: bool) {
        if own && (!condition.column.is_own() || condition.other.as_ref().is_some_and(|other| !other.is_own())) {
            self.problem(place, format!("{} is not a column of the row itself", condition.column));
            return;
        }
        let checked = self.model.resolve(table, &condition.column).and_then(|(holder, column)| {
            check_operator(column, condition)?;
            match &condition.other {
                Some(other) if !condition.values.is_empty() => {
                    Err(ValueError::new(format!("compare {} with a value or with {other}, not both", condition.column)))
                }
                Some(other) => self.model.resolve(table, other).map(|_| ()),
                None => check_values(holder, column, condition),
            }
        });
        if let Err(error) = checked {
            self.problem(place, error.message);
        }
    }
}

fn check_operator(column: &Column, condition: &Condition) -> Result<(), ValueError> {
    let operator = condition.operator;
    let kind = column.value_type();
    let name = &condition.column;
    if operator.needs_date() && !matches!(kind, ColumnType::Date | ColumnType::DateTime) {
        return Err(ValueError::new(format!("{operator:?} needs a date, and {name} is none")));
    }
    if operator.needs_reference() && !matches!(kind, ColumnType::Lookup { .. } | ColumnType::Id) {
        return Err(ValueError::new(format!("{operator:?} needs a lookup, and {name} is none")));
    }
    if !column.is_stored() {
        return Err(ValueError::new(format!("{name} cannot be compared; filter its activity parties")));
    }
    Ok(())
}

fn check_values(table: &Table, column: &Column, condition: &Condition) -> Result<(), ValueError> {
    let values = &condition.values;
    let wanted = match condition.operator.operands() {
        Operands::None => 0..=0,
        Operands::One | Operands::Text | Operands::Day | Operands::Number => 1..=1,
        Operands::Two => 2..=2,
        Operands::Many => 1..=usize::MAX,
    };
    let name = &condition.column;
    if !wanted.contains(&values.len()) {
        let count =
            if *wanted.end() == usize::MAX { "values".to_owned() } else { format!("{} values", wanted.start()) };
        return Err(ValueError::new(format!("{:?} on {name} needs {count}, not {}", condition.operator, values.len())));
    }
    for value in values {
        if value.is_null() {
            return Err(ValueError::new(format!("to find rows without {name}, use op = \"null\"")));
        }
        let fits = match condition.operator.operands() {
            Operands::Number => match value {
                Value::Whole(number) if *number > 0 => Ok(()),
                _ => Err(ValueError::new("a positive whole number is needed")),
            },
            Operands::Text => match value {
                Value::Text(_) => Ok(()),
                _ => Err(ValueError::new("text is needed")),
            },
            _ => table.coerce(&column.name, value.clone()).map(|_| ()),
        };
        fits.map_err(|error| ValueError::new(format!("{name}: {error}")))?;
    }
    Ok(())
}
