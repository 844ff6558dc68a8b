//! What the numbers of a list come to over all its rows, not only those of the page.

use crm::{Aggregate, AggregateFunction, Query};
use model::{Column, ColumnType, Filter, Path, Table, Value};
use rust_decimal::Decimal;

use super::grid::Sheet;
use crate::session::Me;

/// How a column is totalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// In the base currency, to which all amounts can be added.
    Money,
    Number,
    /// Shares of a hundred are averaged: their sum says nothing.
    Share,
}

/// A column that is totalled.
struct Totalled {
    /// Its place among those shown.
    place: usize,
    /// What is added up.
    path: Path,
    places: u32,
    kind: Kind,
}

/// What is totalled of a list.
pub(crate) struct Totals {
    columns: usize,
    totalled: Vec<Totalled>,
}

/// The totals of the columns shown; none where none of them can be totalled.
pub(crate) fn of(me: &Me, table: &Table, sheet: &Sheet<'_>) -> Option<Totals> {
    let one = |(place, (path, _, column)): (usize, (&Path, &Table, &Column))| {
        if !path.is_own() || !me.caller.may_read(column) {
            return None;
        }
        let (kind, name) = match column.value_type() {
            ColumnType::Money { base: true, .. } => (Kind::Money, column.name.clone()),
            ColumnType::Money { .. } => (Kind::Money, format!("{}_base", column.name)),
            ColumnType::Whole { min: 0, max: 100 } => (Kind::Share, column.name.clone()),
            ColumnType::Whole { .. } | ColumnType::Decimal { .. } => (Kind::Number, column.name.clone()),
            _ => return None,
        };
        let summed = table.column(&name).filter(|summed| summed.is_stored() && me.caller.may_read(summed))?;
        let places = match column.value_type() {
            ColumnType::Decimal { precision, .. } => *precision,
            _ => 0,
        };
        Some(Totalled { place, path: Path::column(summed.name.as_str()), places, kind })
    };
    let totalled: Vec<Totalled> = sheet.shown().enumerate().filter_map(one).collect();
    (!totalled.is_empty()).then(|| Totals { columns: sheet.shown().count(), totalled })
}

impl Totals {
    /// Asks for the totals of these rows: of all, or of each group.
    pub fn ask(&self, mut query: Query, filter: Filter) -> Query {
        query = query.matching(filter);
        query.aggregates.extend(self.totalled.iter().map(|one| Aggregate {
            function: if one.kind == Kind::Share { AggregateFunction::Average } else { AggregateFunction::Sum },
            path: Some(one.path.clone()),
            alias: alias(one),
        }));
        query
    }

    /// A cell for each column shown; none for those without a total. `values` are named by `columns`.
    pub fn cells(&self, me: &Me, columns: &[String], values: &[Value]) -> Vec<Option<String>> {
        let mut cells = vec![None; self.columns];
        for one in &self.totalled {
            let place = columns.iter().position(|name| *name == alias(one));
            let value = place.and_then(|place| values.get(place)).unwrap_or(&Value::Null);
            cells[one.place] = Some(one.text(me, value));
        }
        cells
    }
}

impl Totalled {
    fn text(&self, me: &Me, value: &Value) -> String {
        let number = match value {
            Value::Whole(number) => Decimal::from(*number),
            Value::Decimal(number) => *number,
            _ => return "–".to_owned(),
        };
        match self.kind {
            Kind::Money => me.style.whole_money(number.round(), &me.caller),
            Kind::Number => me.style.number(number, self.places),
            Kind::Share => format!("Ø {}", me.style.number(number, 0)),
        }
    }
}

fn alias(one: &Totalled) -> String {
    format!("total_{}", one.place)
}
