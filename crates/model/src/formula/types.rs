//! Which kinds of value an expression takes and gives.

use std::fmt;

use super::{Binary, Expression, Function};
use crate::{ColumnType, Table, Value, ValueError};

/// Kinds of value a formula distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `null`, which fits anywhere.
    Nothing,
    Number,
    Text,
    Boolean,
    Date,
    DateTime,
    /// A lookup or id: may be compared and tested for emptiness.
    Reference,
    /// A multi-choice: may be tested for emptiness.
    Choices,
}

impl Kind {
    /// The kind of a column type; none for party lists and files.
    pub(crate) fn of(kind: &ColumnType) -> Option<Self> {
        Some(match kind {
            ColumnType::Text { .. }
            | ColumnType::Memo { .. }
            | ColumnType::RichText { .. }
            | ColumnType::AutoNumber(_) => Self::Text,
            ColumnType::Whole { .. }
            | ColumnType::Decimal { .. }
            | ColumnType::Money { .. }
            | ColumnType::Choice { .. }
            | ColumnType::State
            | ColumnType::Status => Self::Number,
            ColumnType::Boolean { .. } => Self::Boolean,
            ColumnType::Date => Self::Date,
            ColumnType::DateTime => Self::DateTime,
            ColumnType::Lookup { .. } | ColumnType::Id => Self::Reference,
            ColumnType::MultiChoice { .. } => Self::Choices,
            ColumnType::Calculated { result, .. } => return Self::of(result),
            ColumnType::Rollup(rollup) => return Self::of(&rollup.result),
            ColumnType::PartyList { .. } | ColumnType::File { .. } | ColumnType::Image { .. } => return None,
        })
    }

    /// True where a value of this kind can stand for `wanted`.
    pub(crate) fn fits(self, wanted: Self) -> bool {
        self == wanted || self == Self::Nothing
    }

    fn is_day(self) -> bool {
        matches!(self, Self::Date | Self::DateTime | Self::Nothing)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Nothing => "nothing",
            Self::Number => "a number",
            Self::Text => "text",
            Self::Boolean => "yes or no",
            Self::Date => "a date",
            Self::DateTime => "a moment",
            Self::Reference => "a reference",
            Self::Choices => "several choices",
        })
    }
}

type Found = Result<Kind, ValueError>;

pub(super) fn kind(expression: &Expression, table: &Table) -> Found {
    match expression {
        Expression::Literal(value) => Ok(match value {
            Value::Boolean(_) => Kind::Boolean,
            Value::Text(_) => Kind::Text,
            Value::Null => Kind::Nothing,
            _ => Kind::Number,
        }),
        Expression::Column(name) => column(name, table),
        Expression::Not(inner) => want(inner, Kind::Boolean, "not", table),
        Expression::Negate(inner) => want(inner, Kind::Number, "-", table),
        Expression::Binary(operator, left, right) => binary(*operator, left, right, table),
        Expression::Call(function, arguments) => call(*function, arguments, table),
    }
}

fn column(name: &str, table: &Table) -> Found {
    let column = table.column(name).ok_or_else(|| ValueError::new(format!("{} has no column {name}", table.name)))?;
    Kind::of(&column.kind).ok_or_else(|| ValueError::new(format!("{name} cannot be used in a formula")))
}

fn want(inner: &Expression, wanted: Kind, by: &str, table: &Table) -> Found {
    let found = kind(inner, table)?;
    if found.fits(wanted) {
        Ok(wanted)
    } else {
        Err(ValueError::new(format!("{by} needs {wanted}, but finds {found}")))
    }
}

fn binary(operator: Binary, left: &Expression, right: &Expression, table: &Table) -> Found {
    match operator {
        Binary::And | Binary::Or => {
            want(left, Kind::Boolean, "and/or", table)?;
            want(right, Kind::Boolean, "and/or", table)
        }
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide => {
            want(left, Kind::Number, "arithmetic", table)?;
            want(right, Kind::Number, "arithmetic", table)
        }
        _ => {
            let (left, right) = (kind(left, table)?, kind(right, table)?);
            let comparable = left.fits(right) || right.fits(left) || (left.is_day() && right.is_day());
            let whole = [left, right].contains(&Kind::Choices);
            if comparable && !whole {
                Ok(Kind::Boolean)
            } else {
                Err(ValueError::new(format!("{left} cannot be compared with {right}")))
            }
        }
    }
}

fn call(function: Function, arguments: &[Expression], table: &Table) -> Found {
    let name = function.name();
    match function {
        Function::If => {
            want(&arguments[0], Kind::Boolean, name, table)?;
            same(&arguments[1..], name, table)
        }
        Function::Coalesce | Function::Min | Function::Max => same(arguments, name, table),
        Function::Join | Function::Concat => {
            for argument in arguments {
                kind(argument, table)?;
            }
            Ok(Kind::Text)
        }
        Function::Round | Function::Abs => {
            for argument in arguments {
                want(argument, Kind::Number, name, table)?;
            }
            Ok(Kind::Number)
        }
        Function::Upper | Function::Lower => want(&arguments[0], Kind::Text, name, table),
        Function::DaysBetween | Function::Year | Function::Month | Function::Day => {
            for argument in arguments {
                let found = kind(argument, table)?;
                if !found.is_day() {
                    return Err(ValueError::new(format!("{name} needs a date, but finds {found}")));
                }
            }
            Ok(Kind::Number)
        }
        Function::IsEmpty => kind(&arguments[0], table).map(|_| Kind::Boolean),
    }
}

/// All of one kind; nothing fits anything.
fn same(arguments: &[Expression], name: &str, table: &Table) -> Found {
    let mut common = Kind::Nothing;
    for argument in arguments {
        let found = kind(argument, table)?;
        if common == Kind::Nothing {
            common = found;
        } else if !found.fits(common) {
            return Err(ValueError::new(format!("{name} needs one kind of value, but finds {common} and {found}")));
        }
    }
    Ok(common)
}
