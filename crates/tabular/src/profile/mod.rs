//! What the columns of a table seem to hold, with the evidence.

mod shape;
mod tally;

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};

use self::tally::Tally;
use crate::parse::{DateOrder, NumberStyle};
use crate::read::RawRow;

/// Different values kept a column.
const MAX_DISTINCT: usize = 200;

/// What the columns of a table seem to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Rows looked at.
    pub rows: u64,
    /// One for each column, in the order of the cells.
    pub columns: Vec<ColumnProfile>,
}

/// What one column seems to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Name of the column.
    pub header: String,
    /// Cells with something other than spaces.
    pub filled: u64,
    /// The different values (trimmed), the most frequent first.
    pub distinct: Vec<ValueCount>,
    /// Whether `distinct` has all of them; otherwise it has the first 200 that came.
    pub distinct_complete: bool,
    /// Length of the longest value in characters.
    pub max_length: usize,
    /// The guess. At least 95 in 100 filled cells are of this kind.
    pub kind: Kind,
    /// How numbers are written; `None` unless the kind is a number.
    pub number_style: Option<NumberStyle>,
    /// The value that decided the order of a date or the style of a number. It may stand in
    /// another column of the file. `None` when nothing had to be or could be decided.
    pub evidence: Option<Evidence>,
    /// A value of this column that speaks against the decision.
    pub contrary: Option<Evidence>,
    /// Filled cells that are not of the kind.
    pub exceptions: u64,
    /// The first of them.
    pub first_exception: Option<Evidence>,
}

/// A value and how often it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCount {
    /// The value, trimmed.
    pub value: String,
    /// How often.
    pub count: u64,
}

/// A value with the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Name of the column.
    pub column: String,
    /// Row number in the file, as in [`RawRow::number`].
    pub row: u64,
    /// The value, at most 200 characters of it.
    pub value: String,
}

/// The kinds of columns that are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// No cell is filled.
    Empty,
    /// Whole numbers. Codes with leading zeros are [`Kind::Text`].
    Whole,
    /// Numbers with fractions.
    Decimal,
    /// Numbers, most of them with a currency.
    Money {
        /// The sign or code, when there is only one in the column.
        currency: Option<String>,
    },
    /// Yes and no in some way.
    Boolean,
    /// Dates.
    Date {
        /// Order of day, month and year.
        order: DateOrder,
    },
    /// Dates, some with a time.
    DateTime {
        /// Order of day, month and year.
        order: DateOrder,
    },
    /// E-mail addresses.
    Email,
    /// Telephone numbers.
    Phone,
    /// Web addresses.
    Url,
    /// Unique identifiers.
    Uuid,
    /// Text.
    Text,
    /// Text of more than 200 characters or with line breaks.
    LongText,
}

impl Profile {
    /// Looks at the rows. Memory does not grow with their number.
    pub fn of<R: Borrow<RawRow>>(headers: &[String], rows: impl IntoIterator<Item = R>) -> Self {
        let mut tallies: Vec<Tally> = headers.iter().map(|header| Tally::new(header)).collect();
        let mut count = 0;
        for row in rows {
            let row = row.borrow();
            count += 1;
            for (tally, cell) in tallies.iter_mut().zip(&row.cells) {
                tally.add(row.number, cell);
            }
        }
        let settled = style_of_the_file(&tallies);
        let columns = tallies.into_iter().map(|tally| tally.finish(count, settled.as_ref())).collect();
        Self { rows: count, columns }
    }

    /// Settles dates that can be read day first or month first by another date column of the
    /// file, when all columns that are decided agree. The evidence then names that column.
    pub fn settle_dates(&mut self) {
        let mut decided = self.columns.iter().filter_map(|column| match column.date_order() {
            Some(order @ (DateOrder::DayFirst | DateOrder::MonthFirst)) => Some((order, column.evidence.clone()?)),
            _ => None,
        });
        let Some((order, evidence)) = decided.next() else { return };
        if decided.any(|(other, _)| other != order) {
            return;
        }
        for column in &mut self.columns {
            if column.date_order() == Some(DateOrder::Ambiguous) {
                column.set_date_order(order);
                column.evidence = Some(evidence.clone());
            }
        }
    }
}

impl ColumnProfile {
    /// The order of the dates in this column; `None` when it holds no dates.
    pub fn date_order(&self) -> Option<DateOrder> {
        match self.kind {
            Kind::Date { order } | Kind::DateTime { order } => Some(order),
            _ => None,
        }
    }

    fn set_date_order(&mut self, settled: DateOrder) {
        if let Kind::Date { order } | Kind::DateTime { order } = &mut self.kind {
            *order = settled;
        }
    }
}

/// The number style that all decided columns of the file agree on. It settles the columns that
/// read in both styles, such as one of `1,054` and `2,310` beside one of `12,5`.
fn style_of_the_file(tallies: &[Tally]) -> Option<(NumberStyle, Evidence)> {
    let mut decided = tallies.iter().filter_map(Tally::decided_style);
    let (style, evidence) = decided.next()?;
    decided.all(|(other, _)| other == style).then(|| (style, evidence.clone()))
}
