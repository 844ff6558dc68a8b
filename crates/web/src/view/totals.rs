//! What the numbers of a list come to over all its rows, not only those of the page.

use crm::{Aggregate, AggregateFunction, Query};
use model::{Column, ColumnType, Filter, Order, Path, Table, Value};
use rust_decimal::Decimal;

use super::{filters::offered, grid::Sheet};
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
        if path.is_own() { Totalled::of(me, table, place, column) } else { None }
    };
    let totalled: Vec<Totalled> = sheet.shown().enumerate().filter_map(one).collect();
    (!totalled.is_empty()).then(|| Totals { columns: sheet.shown().count(), totalled })
}

/// The columns of a table that can be added up, by label. Amounts are chosen as they are entered and
/// added up in the base currency; what a program counts for itself says nothing as a sum.
pub(crate) fn summable<'t>(me: &Me, table: &'t Table) -> Vec<&'t Column> {
    let fits = |column: &Column| match column.value_type() {
        ColumnType::Money { base, .. } => !base,
        _ => !column.read_only,
    };
    let sums = |column: &Column| fits(column) && sum(me, table, column).is_some();
    offered::columns(me, table, sums)
}

/// The sum of one column; none where it cannot be added up or may not be read.
pub(crate) fn sum(me: &Me, table: &Table, column: &Column) -> Option<Totals> {
    let only = Totalled::of(me, table, 0, column).filter(|_| column.adds_up())?;
    Some(Totals { columns: 1, totalled: vec![only] })
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

/// The sum of one column, of which each group has one.
impl Totals {
    /// The groups with the largest sums first.
    pub fn largest_first(&self) -> Vec<Order> {
        self.totalled.iter().map(|one| Order::descending(alias(one).as_str())).collect()
    }

    /// What it comes to; nothing where no row has a value.
    pub fn amount(&self, columns: &[String], values: &[Value]) -> Decimal {
        let first = self.totalled.first().map(alias);
        let place = columns.iter().position(|name| Some(name) == first.as_ref());
        place.and_then(|place| values.get(place)).and_then(number).unwrap_or_default()
    }

    /// An amount of this sum, as the person reads it.
    pub fn words(&self, me: &Me, amount: Decimal) -> String {
        self.totalled.first().map(|one| one.words(me, amount)).unwrap_or_default()
    }
}

impl Totalled {
    /// How a column is totalled; none where it is not, or may not be read.
    fn of(me: &Me, table: &Table, place: usize, column: &Column) -> Option<Self> {
        if !me.caller.may_read(column) {
            return None;
        }
        let (kind, name) = match column.value_type() {
            ColumnType::Money { base: true, .. } => (Kind::Money, column.name.clone()),
            ColumnType::Money { .. } => (Kind::Money, format!("{}_base", column.name)),
            _ if column.is_share() => (Kind::Share, column.name.clone()),
            ColumnType::Whole { .. } | ColumnType::Decimal { .. } => (Kind::Number, column.name.clone()),
            _ => return None,
        };
        let summed = table.column(&name).filter(|summed| summed.is_stored() && me.caller.may_read(summed))?;
        let places = match column.value_type() {
            ColumnType::Decimal { precision, .. } => *precision,
            _ => 0,
        };
        Some(Self { place, path: Path::column(summed.name.as_str()), places, kind })
    }

    fn text(&self, me: &Me, value: &Value) -> String {
        number(value).map_or_else(|| "–".to_owned(), |number| self.words(me, number))
    }

    fn words(&self, me: &Me, number: Decimal) -> String {
        match self.kind {
            Kind::Money => me.style.whole_money(number.round(), &me.caller),
            Kind::Number => me.style.number(number, self.places),
            Kind::Share => format!("Ø {}", me.style.number(number, 0)),
        }
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Whole(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

fn alias(one: &Totalled) -> String {
    format!("total_{}", one.place)
}
