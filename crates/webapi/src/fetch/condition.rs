//! Conditions: operators by name, and values read as what the column holds.

use jiff::{Timestamp, civil};
use model::{Column, ColumnType, Condition, Filter, Operator, Path, Value};
use uuid::Uuid;

use super::{ast, wrong};
use crate::{error::Result, odata::Literal, translate::as_value_from_text};

/// What an operator takes besides the column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// A count: days, weeks.
    Number,
    /// A value of the column.
    Value,
    /// A text, perhaps with wildcards.
    Text,
    /// A day, whatever the column's type.
    Day,
    /// Two values of the column.
    Two,
    /// Any number of values of the column.
    Many,
}

/// What a condition on a column means; `other` is the column it is compared with instead of values.
pub(super) fn translate(
    condition: &ast::Condition,
    path: Path,
    column: &Column,
    other: Option<Path>,
) -> Result<Filter> {
    let operator = operator(&condition.operator)?;
    if other.is_some() {
        let compares =
            matches!(operator, Operator::Eq | Operator::Ne | Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le);
        if !compares {
            return Err(wrong(format!(
                "'{}' cannot compare two columns (valueof); use eq, ne, gt, ge, lt or le",
                condition.operator
            )));
        }
        return Ok(Filter::Condition(Condition { column: path, operator, values: Vec::new(), other }));
    }
    let takes = takes(operator);
    count_fits(condition, takes)?;
    if takes == Takes::Text {
        return matching(condition, operator, path, column);
    }
    let values = match takes {
        Takes::Nothing => Vec::new(),
        _ => condition.values.iter().map(|text| value(condition, takes, column, text)).collect::<Result<_>>()?,
    };
    Ok(Filter::Condition(Condition { column: path, operator, values, other: None }))
}

/// The operator of this name. Those of the house that FetchXML lacks are not told apart by it.
pub(super) fn operator(name: &str) -> Result<Operator> {
    let wanted = match name.strip_prefix("older-than-") {
        // Dataverse writes it together; either is known.
        Some(span) => format!("olderthan-{span}"),
        None if name == "neq" => "ne".to_owned(),
        None => name.to_owned(),
    };
    let known = serde_json::from_value(serde_json::Value::String(wanted)).ok();
    match known {
        Some(Operator::Contains | Operator::NotContains) => {
            Err(wrong(format!("the operator '{name}' is not known; use like with value=\"%text%\"")))
        }
        Some(operator) => Ok(operator),
        None => Err(wrong(format!(
            "the operator '{}' is not supported; there are eq, ne, gt, ge, lt, le, like, null, in, between, on, today, last-x-days, eq-userid …",
            name.chars().take(40).collect::<String>()
        ))),
    }
}

/// The name an operator has in FetchXML.
pub(super) fn operator_name(operator: Operator) -> String {
    serde_json::to_value(operator).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

fn takes(operator: Operator) -> Takes {
    use Operator as O;
    match operator {
        O::Eq | O::Ne | O::Gt | O::Ge | O::Lt | O::Le | O::Under | O::EqOrUnder | O::Above | O::EqOrAbove => {
            Takes::Value
        }
        O::Like
        | O::NotLike
        | O::BeginsWith
        | O::NotBeginWith
        | O::EndsWith
        | O::NotEndWith
        | O::Contains
        | O::NotContains => Takes::Text,
        O::In | O::NotIn | O::ContainValues | O::NotContainValues => Takes::Many,
        O::Between | O::NotBetween => Takes::Two,
        O::On | O::OnOrBefore | O::OnOrAfter | O::NotOn => Takes::Day,
        O::LastXHours
        | O::NextXHours
        | O::LastXDays
        | O::NextXDays
        | O::LastXWeeks
        | O::NextXWeeks
        | O::LastXMonths
        | O::NextXMonths
        | O::LastXYears
        | O::NextXYears
        | O::OlderThanXMinutes
        | O::OlderThanXHours
        | O::OlderThanXDays
        | O::OlderThanXWeeks
        | O::OlderThanXMonths
        | O::OlderThanXYears
        | O::LastXFiscalYears
        | O::NextXFiscalYears
        | O::LastXFiscalPeriods
        | O::NextXFiscalPeriods
        | O::InFiscalYear
        | O::InFiscalPeriod => Takes::Number,
        _ => Takes::Nothing,
    }
}

fn count_fits(condition: &ast::Condition, takes: Takes) -> Result<()> {
    let given = condition.values.len();
    let (fits, wanted) = match takes {
        // Designers write value="" where there is none.
        Takes::Nothing => (condition.values.iter().all(String::is_empty), "takes no value"),
        Takes::Two => (given == 2, "needs two values: <value>1</value><value>10</value>"),
        Takes::Many => (given > 0, "needs values: <value>1</value><value>2</value>"),
        _ => (given == 1, "needs exactly one value"),
    };
    if fits { Ok(()) } else { Err(wrong(format!("{}: {} {wanted}", condition.attribute, condition.operator))) }
}

fn value(condition: &ast::Condition, takes: Takes, column: &Column, text: &str) -> Result<Value> {
    let strange = |wanted: &str| {
        let shown: String = text.chars().take(40).collect();
        wrong(format!("{}: {} cannot take '{shown}'; give {wanted}", condition.attribute, condition.operator))
    };
    let trimmed = text.trim();
    match takes {
        Takes::Number => trimmed
            .parse::<i64>()
            .ok()
            .filter(|number| *number > 0)
            .map(Value::Whole)
            .ok_or_else(|| strange("a whole number from 1")),
        Takes::Day => day(trimmed).ok_or_else(|| strange("a date: 2027-02-28")),
        _ => match column.value_type() {
            ColumnType::Id | ColumnType::Lookup { .. } | ColumnType::File { .. } | ColumnType::Image { .. } => {
                let bare = trimmed.trim_matches(['{', '}']);
                Uuid::try_parse(bare).map(Value::Id).map_err(|_| strange("a GUID"))
            }
            // Without a zone it is the caller's own time, as in Dataverse.
            ColumnType::DateTime => moment(trimmed).ok_or_else(|| strange("a date and time: 2027-03-01T08:30:00Z")),
            ColumnType::Date => day(trimmed).ok_or_else(|| strange("a date: 2027-02-28")),
            _ => as_value_from_text(column, &Literal::Text(text.to_owned())),
        },
    }
}

/// A day; of a time without a zone its day, of a moment that of the caller's zone, which the store knows.
fn day(text: &str) -> Option<Value> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(Value::DateTime(moment));
    }
    text.parse::<civil::DateTime>().ok().map(|local| Value::Date(local.date()))
}

fn moment(text: &str) -> Option<Value> {
    if let Ok(day) = text.parse::<civil::Date>()
        && text.len() == 10
    {
        return Some(Value::Date(day));
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(Value::DateTime(moment));
    }
    text.parse::<civil::DateTime>().ok().map(|local| Value::Text(local.to_string()))
}

/// Conditions on texts. A pattern that only says where a text stands becomes that, which an index
/// serves where it is the beginning.
fn matching(condition: &ast::Condition, operator: Operator, path: Path, column: &Column) -> Result<Filter> {
    if !column.is_text() {
        return Err(wrong(format!("{}: {} works on text only", condition.attribute, condition.operator)));
    }
    let text = condition.values.first().map(String::as_str).unwrap_or_default();
    let negated = operator == Operator::NotLike;
    if !negated && operator != Operator::Like {
        return Ok(Filter::compare(path, operator, text));
    }
    let (operator, text) = pattern(text).ok_or_else(|| {
        wrong(format!(
            "{}: {}: the pattern mixes wildcards with characters in brackets; only [%], [_] and [[] are possible, and not beside wildcards inside the text",
            condition.attribute, condition.operator
        ))
    })?;
    Ok(Filter::compare(path, if negated { opposite(operator) } else { operator }, text))
}

fn opposite(operator: Operator) -> Operator {
    match operator {
        Operator::Eq => Operator::Ne,
        Operator::BeginsWith => Operator::NotBeginWith,
        Operator::EndsWith => Operator::NotEndWith,
        Operator::Contains => Operator::NotContains,
        _ => Operator::NotLike,
    }
}

/// What a pattern means: `%x%`, `x%`, `%x` and `x` are about the plain text x.
fn pattern(pattern: &str) -> Option<(Operator, String)> {
    let (mut letters, mut wild) = (Vec::new(), Vec::new());
    let mut rest = pattern.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '[' => {
                letters.push(rest.next()?);
                wild.push(false);
                if rest.next()? != ']' {
                    return None;
                }
            }
            other => {
                letters.push(other);
                wild.push(matches!(other, '%' | '_'));
            }
        }
    }
    let is_percent = |place: Option<usize>| {
        place.is_some_and(|place| wild.get(place) == Some(&true) && letters.get(place) == Some(&'%'))
    };
    let before = is_percent(Some(0));
    let behind = letters.len() > 1 && is_percent(letters.len().checked_sub(1));
    let (from, to) = (usize::from(before), letters.len() - usize::from(behind));
    if !wild[from..to].contains(&true) {
        let operator = match (before, behind) {
            (true, true) => Operator::Contains,
            (true, false) => Operator::EndsWith,
            (false, true) => Operator::BeginsWith,
            (false, false) => Operator::Eq,
        };
        return Some((operator, letters[from..to].iter().collect()));
    }
    // The store's own patterns know no brackets.
    let has_quoted = letters.iter().zip(&wild).any(|(letter, wild)| matches!(letter, '%' | '_') && !wild);
    (!has_quoted).then(|| (Operator::Like, letters.into_iter().collect()))
}

/// A text whose wildcards are ordinary characters in a pattern.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '[') {
            out.extend(['[', letter, ']']);
        } else {
            out.push(letter);
        }
    }
    out
}
