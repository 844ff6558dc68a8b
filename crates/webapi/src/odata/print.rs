//! Trees back into text, so that a filter can be shown and sent on.

use std::fmt::{self, Display, Formatter, Write as _};

use super::{Argument, Expression, Lambda, Literal, Operand, Quantifier};

impl Display for Expression {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(out, parts, " and "),
            Self::Or(parts) => joined(out, parts, " or "),
            Self::Not(inner) => write!(out, "not ({inner})"),
            Self::Compare { left, comparison, right } => write!(out, "{left} {} {right}", comparison.name()),
            Self::Match { how, column, text } => write!(out, "{}({column},{text})", how.name()),
            Self::In { column, values } => {
                write!(out, "{column} in (")?;
                listed(out, values)?;
                out.write_char(')')
            }
            Self::Function { name, arguments } => {
                write!(out, "Microsoft.Dynamics.CRM.{name}(")?;
                for (position, (name, argument)) in arguments.iter().enumerate() {
                    let comma = if position > 0 { "," } else { "" };
                    write!(out, "{comma}{name}={argument}")?;
                }
                out.write_char(')')
            }
            Self::Lambda(lambda) => lambda.fmt(out),
            Self::Alone(operand) => operand.fmt(out),
        }
    }
}

impl Display for Lambda {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let quantifier = match self.quantifier {
            Quantifier::Any => "any",
            Quantifier::All => "all",
        };
        write!(out, "{}/{quantifier}(", self.path.join("/"))?;
        if let Some((variable, condition)) = &self.condition {
            write!(out, "{variable}:{condition}")?;
        }
        out.write_char(')')
    }
}

impl Display for Operand {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => out.write_str(&path.join("/")),
            Self::Literal(literal) => literal.fmt(out),
        }
    }
}

impl Display for Argument {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(literal) => literal.fmt(out),
            Self::Many(literals) => {
                out.write_char('[')?;
                listed(out, literals)?;
                out.write_char(']')
            }
        }
    }
}

impl Display for Literal {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Boolean(yes) => yes.fmt(out),
            Self::Whole(number) => number.fmt(out),
            // A point keeps it apart from a whole number.
            Self::Decimal(number) if number.scale() == 0 => write!(out, "{number}.0"),
            Self::Decimal(number) => number.fmt(out),
            Self::Text(text) => write!(out, "'{}'", text.replace('\'', "''")),
            Self::Guid(guid) => guid.fmt(out),
            Self::Date(day) => day.fmt(out),
            Self::DateTime(moment) => moment.fmt(out),
        }
    }
}

fn joined(out: &mut Formatter<'_>, parts: &[Expression], word: &str) -> fmt::Result {
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            out.write_str(word)?;
        }
        match part {
            Expression::And(_) | Expression::Or(_) => write!(out, "({part})")?,
            _ => part.fmt(out)?,
        }
    }
    Ok(())
}

fn listed<T: Display>(out: &mut Formatter<'_>, items: &[T]) -> fmt::Result {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.write_char(',')?;
        }
        item.fmt(out)?;
    }
    Ok(())
}
