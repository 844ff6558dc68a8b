//! `$apply`: filter, grouping, aggregation.

use super::{
    Expression, QueryOptions, SyntaxError,
    expression::parse_filter,
    limits,
    order::parse_path,
    split::{name_and_brackets, split_outside},
};

/// What `$apply` asks for: rows filtered, then grouped, then combined.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Apply {
    /// Conditions on the rows, all to hold.
    pub filters: Vec<Expression>,
    /// Columns grouped by, each a path.
    pub group_by: Vec<Vec<String>>,
    /// Values computed for each group.
    pub aggregates: Vec<AggregateTerm>,
}

/// One computed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateTerm {
    /// Over which column; nothing counts rows.
    pub path: Option<Vec<String>>,
    /// How.
    pub method: AggregateMethod,
    /// Its name in the answer.
    pub alias: String,
}

/// How a group's values are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregateMethod {
    Count,
    CountDistinct,
    Sum,
    Average,
    Min,
    Max,
}

/// Read `$apply`.
pub fn parse_apply(text: &str, options: &QueryOptions) -> Result<Apply, SyntaxError> {
    let mut apply = Apply::default();
    let mut combined = false;
    for step in split_outside(text, '/') {
        let (name, inner) =
            name_and_brackets(step).map_err(|()| error(format!("the brackets of '{step}' do not match")))?;
        let inner = inner.ok_or_else(|| error(format!("'{name}' needs brackets")))?;
        if combined {
            return Err(error(format!("'{name}' behind groupby or aggregate is not possible; put filters first")));
        }
        match name {
            "filter" => apply.filters.push(parse_filter("$apply=filter", inner, options)?),
            "groupby" => {
                group_by(inner, &mut apply)?;
                combined = true;
            }
            "aggregate" => {
                apply.aggregates = aggregates(inner)?;
                combined = true;
            }
            other => {
                return Err(error(format!("'{other}' is not known; there are filter(…), groupby(…) and aggregate(…)")));
            }
        }
    }
    if combined {
        Ok(apply)
    } else {
        Err(error("groupby(…) or aggregate(…) is missing; for a mere filter use $filter"))
    }
}

fn group_by(text: &str, apply: &mut Apply) -> Result<(), SyntaxError> {
    const FORM: &str = "write groupby((statuscode),aggregate($count as n))";
    let parts = split_outside(text, ',');
    let (columns, rest) = parts.split_first().ok_or_else(|| error(FORM))?;
    let Ok(("", Some(columns))) = name_and_brackets(columns.trim()) else {
        return Err(error(format!("the grouped columns must stand in brackets; {FORM}")));
    };
    for column in split_outside(columns, ',') {
        apply.group_by.push(parse_path("$apply=groupby", column.trim())?);
    }
    match rest {
        [] => {}
        [aggregate] => {
            let Ok(("aggregate", Some(inner))) = name_and_brackets(aggregate.trim()) else {
                return Err(error(format!("only aggregate(…) can follow the grouped columns; {FORM}")));
            };
            apply.aggregates = aggregates(inner)?;
        }
        _ => return Err(error(format!("too many parts; {FORM}"))),
    }
    if apply.group_by.len() > limits::LIST_ITEMS {
        return Err(error("too many grouped columns"));
    }
    Ok(())
}

fn aggregates(text: &str) -> Result<Vec<AggregateTerm>, SyntaxError> {
    let mut terms: Vec<AggregateTerm> = Vec::new();
    for part in split_outside(text, ',') {
        let term = aggregate(part.trim())?;
        if terms.iter().any(|other| other.alias == term.alias) {
            return Err(error(format!("'{}' names two values", term.alias)));
        }
        terms.push(term);
        if terms.len() > limits::LIST_ITEMS {
            return Err(error("too many values"));
        }
    }
    Ok(terms)
}

fn aggregate(text: &str) -> Result<AggregateTerm, SyntaxError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (path, method, alias) = match words.as_slice() {
        ["$count", "as", alias] => (None, AggregateMethod::Count, alias),
        [column, "with", method, "as", alias] => {
            (Some(parse_path("$apply=aggregate", column)?), method_named(method)?, alias)
        }
        _ => {
            return Err(error(format!(
                "'{text}' is no aggregate; write 'estimatedvalue with sum as total' or '$count as n'"
            )));
        }
    };
    if !alias.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(error(format!("'{alias}' is no name; use letters, digits and _")));
    }
    Ok(AggregateTerm { path, method, alias: (*alias).to_owned() })
}

fn method_named(name: &str) -> Result<AggregateMethod, SyntaxError> {
    Ok(match name {
        "sum" => AggregateMethod::Sum,
        "average" => AggregateMethod::Average,
        "min" => AggregateMethod::Min,
        "max" => AggregateMethod::Max,
        "countdistinct" => AggregateMethod::CountDistinct,
        other => {
            return Err(error(format!(
                "'{other}' is not known; there are sum, average, min, max, countdistinct and $count"
            )));
        }
    })
}

fn error(message: impl Into<String>) -> SyntaxError {
    SyntaxError::new("$apply", message)
}
