//! Columns: limits, options, targets, formulas, rollups.

use std::collections::BTreeSet;

use super::Validation;
use crate::{Choice, Column, ColumnType, Rollup, RollupFunction, Table, calculate::reads};

/// Longest text a column may hold.
const LONGEST_TEXT: u32 = 1_000_000;

impl Validation<'_> {
    pub(super) fn column(&mut self, table: &Table, column: &Column) {
        let place = format!("{}.{}", table.name, column.name);
        if column.label.trim().is_empty() {
            self.problem(&place, "a column needs a label");
        }
        self.column_type(&place, column.value_type());
        for target in column.targets() {
            if self.model.table(target).is_none() {
                self.problem(&place, format!("there is no table {target} to point at"));
            }
        }
        match &column.kind {
            ColumnType::Calculated { formula, result } => {
                if let Err(error) = formula.check(table, result) {
                    self.problem(&place, format!("formula: {error}"));
                }
                let rollup = reads(column)
                    .into_iter()
                    .find(|name| table.column(name).is_some_and(|read| matches!(read.kind, ColumnType::Rollup(_))));
                if let Some(name) = rollup {
                    self.problem(
                        &place,
                        format!("a formula cannot read the rollup {name}, which changes with other rows"),
                    );
                }
            }
            ColumnType::Rollup(rollup) => self.rollup(table, &place, rollup),
            _ => {}
        }
        if column.name != table.primary_key {
            self.system_type(&place, column);
        }
    }

    fn column_type(&mut self, place: &str, kind: &ColumnType) {
        match kind {
            ColumnType::Text { length, .. } | ColumnType::Memo { length } | ColumnType::RichText { length }
                if !(1..=LONGEST_TEXT).contains(length) =>
            {
                self.problem(place, format!("a length is from 1 to {LONGEST_TEXT}"));
            }
            ColumnType::Choice { options } | ColumnType::MultiChoice { options } => self.options(place, options),
            ColumnType::Whole { min, max } if min > max => self.problem(place, "min is larger than max"),
            ColumnType::Decimal { min, max, .. } | ColumnType::Money { min, max, .. } if min > max => {
                self.problem(place, "min is larger than max");
            }
            ColumnType::Boolean { yes, no } if yes == no => self.problem(place, "yes and no need different labels"),
            _ => {}
        }
    }

    fn options(&mut self, place: &str, options: &[Choice]) {
        self.unique(place, "option number", options.iter().map(|option| option.value));
        let labels = options.iter().filter(|option| !option.hidden).map(|option| option.label.to_lowercase());
        self.unique(place, "option label", labels);
        if options.iter().any(|option| option.label.trim().is_empty()) {
            self.problem(place, "an option needs a label");
        }
    }

    /// Columns the engine writes must be what it writes.
    fn system_type(&mut self, place: &str, column: &Column) {
        let fits = match column.name.as_str() {
            "createdon" | "modifiedon" | "overriddencreatedon" => matches!(column.kind, ColumnType::DateTime),
            "createdby"
            | "modifiedby"
            | "createdonbehalfby"
            | "modifiedonbehalfby"
            | "ownerid"
            | "owninguser"
            | "owningteam"
            | "owningbusinessunit"
            | "transactioncurrencyid" => matches!(column.kind, ColumnType::Lookup { .. }),
            "versionnumber" | "importsequencenumber" => matches!(column.kind, ColumnType::Whole { .. }),
            "statecode" => matches!(column.kind, ColumnType::State),
            "statuscode" => matches!(column.kind, ColumnType::Status),
            _ => true,
        };
        if !fits {
            self.problem(place, "the engine keeps something else under this name; choose another");
        }
    }

    fn rollup(&mut self, table: &Table, place: &str, rollup: &Rollup) {
        let model = self.model;
        let Some(other) = model.table(&rollup.table) else {
            self.problem(place, format!("there is no table {} to roll up", rollup.table));
            return;
        };
        let lookup = other.column(&rollup.through).filter(|column| column.is_stored());
        if !lookup.is_some_and(|lookup| lookup.targets().contains(&table.name)) {
            let message = format!("{}.{} is not a lookup that points at {}", rollup.table, rollup.through, table.name);
            self.problem(place, message);
        }
        self.filter(place, &other.name, &rollup.filter, true);
        match (rollup.function, &rollup.column) {
            (RollupFunction::Count, None) => {}
            (RollupFunction::Count, Some(_)) => self.problem(place, "a count needs no column; take it out"),
            (_, None) => self.problem(place, "sum, min and max need a column"),
            (function, Some(name)) => match other.column(name) {
                None => self.problem(place, format!("{} has no column {name}", other.name)),
                Some(source) if matches!(source.kind, ColumnType::Rollup(_)) => {
                    self.problem(place, format!("{}.{name} is itself a rollup", other.name));
                }
                Some(source) if !combines(function, source) => {
                    self.problem(place, format!("{}.{name} cannot be combined this way", other.name));
                }
                Some(_) => {}
            },
        }
    }

    /// Calculated columns that need each other.
    pub(super) fn cycles(&mut self, table: &Table) {
        let mut settled: BTreeSet<&str> = BTreeSet::new();
        for column in table.calculated() {
            let waits = reads(column).into_iter().find(|name| {
                !settled.contains(name)
                    && table.column(name).is_some_and(|read| matches!(read.kind, ColumnType::Calculated { .. }))
            });
            match waits {
                Some(name) => self.problem(
                    format!("{}.{}", table.name, column.name),
                    format!("the formula reads {name}, which in the end reads this column"),
                ),
                None => {
                    settled.insert(&column.name);
                }
            }
        }
    }
}

/// Numbers can be summed; numbers, days and moments have a smallest and a largest.
pub(super) fn is_number(column: &Column) -> bool {
    matches!(column.value_type(), ColumnType::Whole { .. } | ColumnType::Decimal { .. } | ColumnType::Money { .. })
}

fn combines(function: RollupFunction, source: &Column) -> bool {
    let ordered = matches!(source.value_type(), ColumnType::Date | ColumnType::DateTime);
    is_number(source) || (ordered && function != RollupFunction::Sum)
}
