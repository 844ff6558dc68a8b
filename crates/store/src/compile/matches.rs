//! Filters judged in memory, on a row at hand: the same answers as the database gives.

use std::cmp::Ordering;

use model::{Column, Condition, Filter, Operator, Table, Value};

use super::{
    compare::{Scaled, positive, window_for},
    literal::{Family, family, literal},
    window::fiscal_period_number,
};
use crate::{Row, StoreError, Zone, dialect::lower};

/// Whether the row satisfies the filter, which may speak of the row's own columns only; no
/// database is asked. Anything else is a [`StoreError::BadQuery`].
pub fn matches(table: &Table, filter: &Filter, row: &Row, zone: &Zone) -> Result<bool, StoreError> {
    Ok(match filter {
        Filter::All(parts) => {
            for part in parts {
                if !matches(table, part, row, zone)? {
                    return Ok(false);
                }
            }
            true
        }
        Filter::Any(parts) => {
            for part in parts {
                if matches(table, part, row, zone)? {
                    return Ok(true);
                }
            }
            false
        }
        Filter::Not(inner) => !matches(table, inner, row, zone)?,
        Filter::Related(_) | Filter::Search(_) => {
            return Err(StoreError::BadQuery(format!(
                "a filter that is judged on one row of '{}' can speak of its own columns only",
                table.name
            )));
        }
        Filter::Condition(condition) => holds(table, condition, row, zone)?,
    })
}

fn holds(table: &Table, condition: &Condition, row: &Row, zone: &Zone) -> Result<bool, StoreError> {
    let column = own(table, &condition.column)?;
    let stored = row.value(&column.name);
    let (operator, negated) = positive(condition.operator);
    let found = match &condition.other {
        Some(other) => {
            let other = own(table, other)?;
            ordering(operator, compared(stored, row.value(&other.name)))
        }
        None => with_values(table, column, operator, &condition.values, stored, zone)?,
    };
    Ok(found != negated)
}

fn own<'a>(table: &'a Table, path: &model::Path) -> Result<&'a Column, StoreError> {
    table
        .column(&path.column)
        .filter(|_| path.is_own())
        .ok_or_else(|| StoreError::BadQuery(format!("'{path}' is not a column of '{}' itself", table.name)))
}

fn with_values(
    table: &Table,
    column: &Column,
    operator: Operator,
    values: &[Value],
    stored: &Value,
    zone: &Zone,
) -> Result<bool, StoreError> {
    use Operator as Op;
    let understood =
        || values.iter().map(|value| literal(table, column, value, zone)).collect::<Result<Vec<_>, StoreError>>();
    let is = |id: uuid::Uuid| stored.as_id() == Some(id);
    Ok(match operator {
        Op::Null => stored.is_null(),
        Op::Eq | Op::In => understood()?.iter().any(|value| equal(column, stored, value)),
        Op::Gt | Op::Ge | Op::Lt | Op::Le => {
            understood()?.first().is_some_and(|value| ordering(operator, placed(column, stored, value)))
        }
        Op::Between => match understood()?.as_slice() {
            [low, high] => {
                ordering(Op::Ge, placed(column, stored, low)) && ordering(Op::Le, placed(column, stored, high))
            }
            _ => false,
        },
        Op::Like | Op::BeginsWith | Op::EndsWith | Op::Contains => {
            let Some(text) = stored.as_text().map(lower) else { return Ok(false) };
            let understood = understood()?;
            let wanted = understood.first().and_then(Value::as_text).map(lower);
            wanted.is_some_and(|wanted| match operator {
                Op::BeginsWith => text.starts_with(&wanted),
                Op::EndsWith => text.ends_with(&wanted),
                Op::Contains => text.contains(&wanted),
                _ => like(&text.chars().collect::<Vec<_>>(), &wanted.chars().collect::<Vec<_>>()),
            })
        }
        Op::ContainValues => {
            let Value::Choices(chosen) = stored else { return Ok(false) };
            understood()?.iter().any(|value| match value {
                Value::Choices(wanted) => wanted.iter().any(|number| chosen.contains(number)),
                _ => false,
            })
        }
        Op::EqUserid => is(zone.user),
        Op::EqUserteams => zone.teams.iter().any(|team| is(*team)),
        Op::EqUseroruserteams => is(zone.user) || zone.teams.iter().any(|team| is(*team)),
        Op::EqBusinessid => is(zone.business_unit),
        Op::Under | Op::EqOrUnder | Op::Above | Op::EqOrAbove => {
            return Err(StoreError::BadQuery(format!(
                "{}.{}: a place in a hierarchy cannot be judged on one row",
                table.name, column.name
            )));
        }
        Op::InFiscalPeriod => {
            let day = match stored {
                Value::Date(day) => Some(*day),
                Value::DateTime(moment) => Some(moment.to_zoned_datetime(zone.time_zone.clone()).date()),
                _ => None,
            };
            let number = values.first().and_then(Value::as_whole);
            day.is_some_and(|day| Some(fiscal_period_number(day, zone)) == number)
        }
        _ => {
            let window = window_for(table, column, operator, values, zone)?;
            match stored {
                Value::Date(day) => window
                    .dates(zone)
                    .is_some_and(|(from, to)| from.is_none_or(|from| *day >= from) && to.is_none_or(|to| *day < to)),
                Value::DateTime(moment) => window.moments(zone).is_some_and(|(from, to)| {
                    from.is_none_or(|from| *moment >= from) && to.is_none_or(|to| *moment < to)
                }),
                _ => false,
            }
        }
    })
}

/// What a stored value is compared with.
fn equal(column: &Column, stored: &Value, with: &Value) -> bool {
    match (stored, with) {
        (Value::Null, Value::Null) => true,
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Reference(a), Value::Reference(b)) => a == b,
        _ if family(column) == Family::Key => stored.as_id() == with.as_id(),
        _ => compared(stored, with) == Some(Ordering::Equal),
    }
}

/// As [`compared`], but a number that the column cannot hold lies between two that it can.
fn placed(column: &Column, stored: &Value, with: &Value) -> Option<Ordering> {
    if let (Family::Number(places), Value::Decimal(number)) = (family(column), with)
        && !stored.is_null()
    {
        match Scaled::of(*number, places) {
            Scaled::TooLarge => return Some(Ordering::Less),
            Scaled::TooSmall => return Some(Ordering::Greater),
            Scaled::Exact(_) | Scaled::Above(_) => {}
        }
    }
    compared(stored, with)
}

/// The order of two values of the same family; none where either is null.
pub(super) fn compared(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(lower(a).cmp(&lower(b))),
        (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
        (Value::Whole(a), Value::Whole(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::DateTime(a), Value::DateTime(b)) => Some(a.cmp(b)),
        (Value::Choices(a), Value::Choices(b)) => Some(a.cmp(b)),
        _ => match (a.as_decimal(), b.as_decimal()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => Some(a.as_id()?.cmp(&b.as_id()?)),
        },
    }
}

fn ordering(operator: Operator, found: Option<Ordering>) -> bool {
    found.is_some_and(|found| match operator {
        Operator::Eq => found.is_eq(),
        Operator::Gt => found.is_gt(),
        Operator::Ge => found.is_ge(),
        Operator::Lt => found.is_lt(),
        Operator::Le => found.is_le(),
        _ => false,
    })
}

/// `%` stands for any letters, `_` for one.
fn like(text: &[char], pattern: &[char]) -> bool {
    let (mut at, mut wanted) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(wanted) {
            Some('%') => {
                retry = Some((wanted, at));
                wanted += 1;
            }
            Some(letter) if *letter == '_' || *letter == text[at] => {
                at += 1;
                wanted += 1;
            }
            // The last % swallows one letter more.
            _ => match retry {
                Some((percent, from)) => {
                    wanted = percent + 1;
                    at = from + 1;
                    retry = Some((percent, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[wanted..].iter().all(|letter| *letter == '%')
}

#[cfg(test)]
mod tests {
    use super::like;

    fn letters(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn wildcards_match_as_in_sql() {
        for (text, pattern, expected) in [
            ("robotics", "%bot%", true),
            ("robotics", "r_b%", true),
            ("robotics", "bot%", false),
            ("", "%", true),
            ("abcabd", "%abd", true),
            ("a", "a_", false),
        ] {
            assert_eq!(like(&letters(text), &letters(pattern)), expected, "{text} like {pattern}");
        }
    }
}
