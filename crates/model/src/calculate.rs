//! Calculated columns of a row.

use rust_decimal::{RoundingStrategy, prelude::ToPrimitive};

use crate::{Column, ColumnType, Table, Value};

impl Table {
    /// The calculated columns, each after those it reads.
    pub fn calculated(&self) -> Vec<&Column> {
        let mut ordered: Vec<&Column> = Vec::new();
        let mut waiting: Vec<&Column> =
            self.columns.values().filter(|column| matches!(column.kind, ColumnType::Calculated { .. })).collect();
        loop {
            let blocked =
                |column: &Column| reads(column).iter().any(|name| waiting.iter().any(|other| other.name == *name));
            let (later, ready): (Vec<_>, Vec<_>) = waiting.iter().partition(|column| blocked(column));
            if ready.is_empty() {
                // Only a cycle is left, if anything; validation refuses those.
                ordered.extend(later);
                return ordered;
            }
            ordered.extend(ready);
            waiting = later;
        }
    }
}

impl Column {
    /// The value of a calculated column; `column` gives the row's values by name. The result is
    /// fitted: decimals rounded (halves away from zero), long text cut, a number beyond the
    /// limits left empty. Empty for a column that is not calculated.
    pub fn calculate(&self, column: &dyn Fn(&str) -> Value) -> Value {
        match &self.kind {
            ColumnType::Calculated { formula, result } => fitted(formula.evaluate(column), result),
            _ => Value::Null,
        }
    }
}

/// Columns a calculated column reads.
pub(crate) fn reads(column: &Column) -> Vec<&str> {
    match &column.kind {
        ColumnType::Calculated { formula, .. } => formula.columns(),
        _ => Vec::new(),
    }
}

fn fitted(value: Value, result: &ColumnType) -> Value {
    let rounded = |places| {
        value.as_decimal().map(|n| n.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero).normalize())
    };
    match result {
        ColumnType::Decimal { precision, min, max } => {
            rounded(*precision).filter(|number| number >= min && number <= max).into()
        }
        ColumnType::Money { min, max, .. } => {
            rounded(crate::coerce::MONEY_PLACES).filter(|number| number >= min && number <= max).into()
        }
        ColumnType::Whole { min, max } => {
            rounded(0).and_then(|number| number.to_i64()).filter(|number| number >= min && number <= max).into()
        }
        ColumnType::Text { length, .. } | ColumnType::Memo { length } | ColumnType::RichText { length } => {
            value.as_text().map(|text| text.chars().take(*length as usize).collect::<String>()).into()
        }
        _ => value,
    }
}
