//! `a eq 1 or a eq 2 or …` as one list: clients write hundreds of these, databases prefer one.

use model::{Condition, Filter, Operator, Path, Value};

/// At least one holds: equal comparisons of one column become one `in`; order is otherwise kept.
pub fn alternatives(parts: Vec<Filter>) -> Filter {
    gathered(parts, Operator::Eq, Operator::In, Filter::Any)
}

/// All hold: unequal comparisons of one column become one `not-in`; order is otherwise kept.
pub fn exclusions(parts: Vec<Filter>) -> Filter {
    gathered(parts, Operator::Ne, Operator::NotIn, Filter::All)
}

fn gathered(parts: Vec<Filter>, single: Operator, many: Operator, join: fn(Vec<Filter>) -> Filter) -> Filter {
    let mut merged: Vec<Filter> = Vec::with_capacity(parts.len());
    for part in parts {
        let list = compared(&part, single).and_then(|(column, value)| {
            let list = merged.iter_mut().find_map(|other| list_of(other, column, single))?;
            Some((list, value.clone()))
        });
        match list {
            Some((list, value)) => list.push(value),
            None => merged.push(part),
        }
    }
    for part in &mut merged {
        if let Filter::Condition(Condition { operator, values, .. }) = part
            && *operator == single
            && values.len() > 1
        {
            *operator = many;
        }
    }
    if merged.len() == 1 { merged.swap_remove(0) } else { join(merged) }
}

fn compared(filter: &Filter, wanted: Operator) -> Option<(&Path, &Value)> {
    match filter {
        Filter::Condition(Condition { column, operator, values, other: None }) if *operator == wanted => {
            values.first().map(|value| (column, value))
        }
        _ => None,
    }
}

fn list_of<'f>(filter: &'f mut Filter, wanted: &Path, single: Operator) -> Option<&'f mut Vec<Value>> {
    match filter {
        Filter::Condition(Condition { column, operator, values, other: None })
            if *operator == single && column == wanted =>
        {
            Some(values)
        }
        _ => None,
    }
}
