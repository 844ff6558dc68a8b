//! The names of the columns.

use std::collections::HashSet;

use super::RawRow;
use crate::parse::{self, Amount, date_shape};

/// Whether the first row names the columns, judged against the rows below it.
///
/// A column of numbers, dates, answers or addresses whose first cell is something else speaks
/// for a header; a first cell that is of the kind of its column, or that comes again below,
/// speaks against.
pub(super) fn looks_like_header(first: &[String], below: &[RawRow]) -> bool {
    let mut votes = 0_i64;
    for (index, name) in first.iter().enumerate() {
        let name = name.trim();
        let values: Vec<&str> =
            below.iter().filter_map(|row| row.cells.get(index)).map(|v| v.trim()).filter(|v| !v.is_empty()).collect();
        if name.is_empty() || values.is_empty() {
            continue;
        }
        let typed = values.iter().filter(|value| is_typed(value)).count();
        if typed * 10 >= values.len() * 8 {
            votes += if is_typed(name) { -1 } else { 1 };
        } else if values.iter().filter(|value| **value == name).count() > 0 {
            votes -= 1;
        }
    }
    if votes != 0 {
        return votes > 0;
    }
    let filled: Vec<&str> = first.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
    let distinct: HashSet<&str> = filled.iter().copied().collect();
    !filled.is_empty() && distinct.len() == filled.len() && !filled.iter().any(|name| is_typed(name))
}

fn is_typed(text: &str) -> bool {
    Amount::read(text).is_some_and(|amount| {
        amount.value(parse::NumberStyle::Point).or_else(|| amount.value(parse::NumberStyle::Comma)).is_some()
    }) || date_shape(text).is_some()
        || parse::boolean(text).is_some()
        || text.contains('@')
        || text.contains("://")
}

/// The columns of a table whose header row is `names`: empty columns at the end go unless a
/// sampled row has data there.
pub(super) fn name_columns(names: &[String], sampled: &[RawRow]) -> Vec<String> {
    let filled = |cells: &[String]| cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
    let named = filled(names);
    let used = sampled.iter().map(|row| filled(&row.cells).min(names.len())).max().unwrap_or(0);
    distinct(&names[..named.max(used)])
}

/// The columns of a table without header row.
pub(super) fn number_columns(sampled: &[RawRow]) -> Vec<String> {
    let width = sampled.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    distinct(&vec![String::new(); width])
}

/// Trimmed; empty names become `Column 3`, repeated ones get ` (2)`.
fn distinct(names: &[String]) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    let mut seen = HashSet::new();
    let mut result = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let name = name.trim();
        let wanted = if name.is_empty() { format!("Column {}", index + 1) } else { name.to_owned() };
        let free = !seen.contains(&wanted) && (!name.is_empty() || !taken.contains(&wanted));
        let mut given = wanted.clone();
        let mut number = 2;
        while !free && taken.contains(&given) {
            given = format!("{wanted} ({number})");
            number += 1;
        }
        taken.insert(given.clone());
        seen.insert(given.clone());
        result.push(given);
    }
    result
}
