//! Formulas of calculated columns: a small expression language over the columns of one row.
//!
//! ```text
//! join(" ", firstname, middlename, lastname)
//! if(estimatedvalue > 10000 and not is_empty(customerid), round(estimatedvalue * 0.9, 2), 0)
//! ```
//!
//! Numbers are exact decimals. An empty operand makes the result empty, and so does a division
//! by zero, so a formula never fails on data.

mod evaluate;
mod parse;
mod types;

use std::fmt;

use crate::{Table, Value, ValueError};

pub(crate) use types::Kind;

/// A parsed formula.
#[derive(Debug, Clone)]
pub struct Formula {
    text: String,
    expression: Expression,
}

/// What a formula is made of.
#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Literal(Value),
    Column(String),
    Not(Box<Expression>),
    Negate(Box<Expression>),
    Binary(Binary, Box<Expression>, Box<Expression>),
    Call(Function, Vec<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    If,
    Coalesce,
    Join,
    Concat,
    Round,
    Abs,
    Min,
    Max,
    Upper,
    Lower,
    DaysBetween,
    Year,
    Month,
    Day,
    IsEmpty,
}

impl Formula {
    /// Reads a formula. Whether its columns exist is for [`Formula::check`] to say.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        Ok(Self { text: text.trim().to_owned(), expression: parse::parse(text)? })
    }

    /// The formula as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns it reads, each once, in order of appearance.
    pub fn columns(&self) -> Vec<&str> {
        let mut columns = Vec::new();
        collect_columns(&self.expression, &mut columns);
        columns
    }

    /// The result for one row; `column` gives the value of each column by name.
    pub fn evaluate(&self, column: &dyn Fn(&str) -> Value) -> Value {
        evaluate::evaluate(&self.expression, column)
    }

    /// Whether the formula makes sense over the columns of `table`, and gives what `result` holds.
    pub fn check(&self, table: &Table, result: &crate::ColumnType) -> Result<(), ValueError> {
        let found = self.kind(table)?;
        let wanted = Kind::of(result)
            .ok_or_else(|| ValueError::new("a formula results in text, a number, yes/no, a date or a moment"))?;
        if found.fits(wanted) {
            Ok(())
        } else {
            Err(ValueError::new(format!("the formula gives {found}, but the column holds {wanted}")))
        }
    }

    /// The kind of its result.
    pub(crate) fn kind(&self, table: &Table) -> Result<Kind, ValueError> {
        types::kind(&self.expression, table)
    }
}

impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

fn collect_columns<'a>(expression: &'a Expression, columns: &mut Vec<&'a str>) {
    match expression {
        Expression::Literal(_) => {}
        Expression::Column(name) => {
            if !columns.contains(&name.as_str()) {
                columns.push(name);
            }
        }
        Expression::Not(inner) | Expression::Negate(inner) => collect_columns(inner, columns),
        Expression::Binary(_, left, right) => {
            collect_columns(left, columns);
            collect_columns(right, columns);
        }
        Expression::Call(_, arguments) => arguments.iter().for_each(|inner| collect_columns(inner, columns)),
    }
}
