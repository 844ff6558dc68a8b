//! Counts, sums, means and extremes.

use model::{Column, Value};
use rust_decimal::{Decimal, RoundingStrategy};
use sea_query::{CaseStatement, Expr, ExprTrait, Func};

use super::{
    literal::{Family, family},
    source::{Compiler, Resolved, collated, column_of},
};
use crate::{
    AggregateFunction, StoreError,
    derived::{COUNT_COLUMN, filled_column, sum_column},
    dialect::{TEXT_COLLATION, decode},
    engine::{Dialect, SqlValue},
};

/// Places a mean is exact to.
const MEAN_PLACES: u32 = 10;

/// An aggregate as expressions of a statement.
pub(super) struct Built<'a> {
    /// What is selected: one expression, two for a mean.
    pub expressions: Vec<Expr>,
    /// What is sorted by, where it is not the (only) selected expression.
    pub sort: Option<Expr>,
    reading: Reading<'a>,
}

enum Reading<'a> {
    Number,
    Column(&'a Column),
    Mean(&'a Column),
}

impl<'a> Built<'a> {
    fn one(expression: Expr, reading: Reading<'a>) -> Self {
        Self { expressions: vec![expression], sort: None, reading }
    }

    /// How many rows.
    pub fn rows() -> Self {
        Self::one(Expr::cust("COUNT(*)"), Reading::Number)
    }

    /// Over a column of the rows.
    pub fn over(
        compiler: &Compiler<'a>,
        function: AggregateFunction,
        resolved: &Resolved<'a>,
    ) -> Result<Self, StoreError> {
        let column = resolved.column;
        let kind = family(column);
        let value = resolved.value.clone();
        match function {
            AggregateFunction::Count => Ok(Self::one(value.count(), Reading::Number)),
            AggregateFunction::CountDistinct => {
                Ok(Self::one(compiler.comparable(resolved).count_distinct(), Reading::Number))
            }
            AggregateFunction::Sum | AggregateFunction::Average if !matches!(kind, Family::Number(_)) => {
                Err(unsuitable(resolved, "can be summed for numbers and money only"))
            }
            AggregateFunction::Sum => Ok(Self::one(value.sum(), Reading::Column(column))),
            AggregateFunction::Average => Ok(mean(compiler, column, value.clone().sum(), value.count())),
            AggregateFunction::Min | AggregateFunction::Max => extreme(compiler, function, resolved),
        }
    }

    /// How many rows, from a summary standing under `alias`.
    pub fn kept_rows(alias: &str) -> Self {
        Self::one(column_of(alias, COUNT_COLUMN).sum(), Reading::Number)
    }

    /// Filled values of a grouped column, from a summary.
    pub fn kept_filled(alias: &str, column: &Column) -> Self {
        let filled = CaseStatement::new()
            .case(column_of(alias, &column.name).is_not_null(), column_of(alias, COUNT_COLUMN))
            .finally(Expr::cust("0"));
        Self::one(Expr::Case(Box::new(filled)).sum(), Reading::Number)
    }

    /// Over a summed column, from a summary.
    pub fn kept(compiler: &Compiler<'a>, alias: &str, function: AggregateFunction, column: &'a Column) -> Self {
        let filled = column_of(alias, &filled_column(&column.name)).sum();
        let sum = column_of(alias, &sum_column(&column.name)).sum();
        // Nothing summed is null, not zero.
        let sum = Expr::Case(Box::new(CaseStatement::new().case(filled.clone().gt(Expr::cust("0")), sum)));
        match function {
            AggregateFunction::Count => Self::one(filled, Reading::Number),
            AggregateFunction::Average => mean(compiler, column, sum, filled),
            _ => Self::one(sum, Reading::Column(column)),
        }
    }

    /// The value from a result row.
    pub fn read(&self, stored: &mut impl Iterator<Item = SqlValue>) -> Result<Value, StoreError> {
        let first = stored.next().unwrap_or(SqlValue::Null);
        match self.reading {
            Reading::Number => Ok(Value::Whole(count_of(&first))),
            Reading::Column(column) => decode(column, first, None),
            Reading::Mean(column) => {
                let count = count_of(&stored.next().unwrap_or(SqlValue::Null));
                let sum = decode(column, first, None)?.as_decimal();
                Ok(sum.filter(|_| count > 0).map_or(Value::Null, |sum| Value::Decimal(quotient(sum, count))))
            }
        }
    }
}

fn count_of(stored: &SqlValue) -> i64 {
    match stored {
        // PostgreSQL sums whole numbers to numeric.
        SqlValue::Decimal(number) => i64::try_from(number.trunc().mantissa()).unwrap_or(i64::MAX),
        other => other.as_int().unwrap_or_default(),
    }
}

fn quotient(sum: Decimal, count: i64) -> Decimal {
    (sum / Decimal::from(count)).round_dp_with_strategy(MEAN_PLACES, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// Sum and count, divided outside the engine, where decimals are exact on both.
fn mean<'a>(compiler: &Compiler<'_>, column: &'a Column, sum: Expr, count: Expr) -> Built<'a> {
    let inexact = match compiler.dialect {
        Dialect::Sqlite => sum.clone().cast_as("REAL"),
        Dialect::Postgres => sum.clone(),
    };
    // An empty group divides by null, not by zero.
    let divisor = Func::cust("NULLIF").args([count.clone(), Expr::cust("0")]);
    Built { sort: Some(inexact.div(divisor)), expressions: vec![sum, count], reading: Reading::Mean(column) }
}

fn extreme<'a>(
    compiler: &Compiler<'a>,
    function: AggregateFunction,
    resolved: &Resolved<'a>,
) -> Result<Built<'a>, StoreError> {
    let least = function == AggregateFunction::Min;
    let value = resolved.value.clone();
    let pick = |expression: Expr| if least { expression.min() } else { expression.max() };
    let reading = Reading::Column(resolved.column);
    match (family(resolved.column), compiler.dialect) {
        (Family::Key | Family::MultiChoice, _) => {
            Err(unsuitable(resolved, "has no smallest or largest value; use it on text, numbers, choices and dates"))
        }
        (Family::Boolean, Dialect::Postgres) => {
            Ok(Built::one(Func::cust(if least { "bool_and" } else { "bool_or" }).arg(value).into(), reading))
        }
        (Family::Text, Dialect::Sqlite) => Ok(Built {
            sort: Some(collated(pick(value.clone()), TEXT_COLLATION)),
            expressions: vec![pick(value)],
            reading,
        }),
        (Family::Text, Dialect::Postgres) => {
            let shown = pick(collated(value, "\"C\""));
            let folded = pick(compiler.comparable(resolved));
            // The spelling comes from a row that has the smallest (largest) folded text.
            Ok(Built {
                sort: Some(folded),
                expressions: vec![first_spelling(resolved, least).unwrap_or(shown)],
                reading,
            })
        }
        _ => Ok(Built::one(pick(value), reading)),
    }
}

/// `(array_agg(text ORDER BY folded text))[1]`, which the builder cannot say; the names are the
/// model's.
fn first_spelling(resolved: &Resolved<'_>, least: bool) -> Option<Expr> {
    let text = resolved.spelt()?;
    let direction = if least { "ASC" } else { "DESC" };
    Some(Expr::cust(format!(
        "(array_agg({text} ORDER BY lower({text}) COLLATE \"C\" {direction}, {text} COLLATE \"C\") FILTER (WHERE {text} IS NOT NULL))[1]"
    )))
}

fn unsuitable(resolved: &Resolved<'_>, message: &str) -> StoreError {
    StoreError::BadQuery(format!("{}.{} {message}", resolved.table.name, resolved.column.name))
}
