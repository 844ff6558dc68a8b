//! Rows of several tables in one order: by columns that all of them have.

use std::cmp::Ordering;

use model::{Column, ColumnType, Order, Table, Value};

use crate::{
    error::{Error, Result},
    translate::unknown,
};

/// Most keys of an order.
const MOST: usize = 5;

/// A key of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub column: String,
    descending: bool,
}

impl Key {
    /// The same for one table.
    pub fn order(&self) -> Order {
        if self.descending { Order::descending(self.column.as_str()) } else { Order::ascending(self.column.as_str()) }
    }
}

/// The keys that are written `modifiedon desc`, as far as the table has these columns.
pub(super) fn keys(table: &Table, written: &[String]) -> Result<Vec<Key>> {
    if written.len() > MOST {
        return Err(Error::BadRequest(format!("orderby: at most {MOST} columns")));
    }
    written.iter().map(|text| key(table, text)).collect()
}

fn key(table: &Table, text: &str) -> Result<Key> {
    let (name, direction) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), "asc"));
    let descending = match direction.trim() {
        "asc" => false,
        "desc" => true,
        other => return Err(Error::BadRequest(format!("orderby: '{other}' is no direction; there are asc and desc"))),
    };
    let column = table.column(name).filter(|column| column.is_stored()).ok_or_else(|| unknown(table, name))?;
    if !has_order(column) {
        return Err(Error::BadRequest(format!("orderby: rows of several tables have no order by '{name}'")));
    }
    Ok(Key { column: column.name.clone(), descending })
}

fn has_order(column: &Column) -> bool {
    !matches!(
        column.value_type(),
        ColumnType::Lookup { .. }
            | ColumnType::Id
            | ColumnType::File { .. }
            | ColumnType::Image { .. }
            | ColumnType::MultiChoice { .. }
            | ColumnType::PartyList { .. }
    )
}

/// The order of two rows by the values of the keys. Nulls are lowest, as in the database.
pub(super) fn compare(keys: &[Key], one: &[Value], other: &[Value]) -> Ordering {
    let each = keys.iter().zip(one.iter().zip(other)).map(|(key, (one, other))| {
        let order = values(one, other);
        if key.descending { order.reverse() } else { order }
    });
    each.fold(Ordering::Equal, Ordering::then)
}

/// A total order, whatever the values are: columns of one name may hold something else in another table.
fn values(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (Value::Boolean(one), Value::Boolean(other)) => one.cmp(other),
        (Value::Date(one), Value::Date(other)) => one.cmp(other),
        (Value::DateTime(one), Value::DateTime(other)) => one.cmp(other),
        _ => rank(one).cmp(&rank(other)).then_with(|| one.as_decimal().cmp(&other.as_decimal())),
    }
}

const fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Boolean(_) => 1,
        Value::Date(_) => 3,
        Value::DateTime(_) => 4,
        Value::Text(_) => 5,
        // All that is compared as a number.
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_several_types_have_one_order() {
        let one = |value: i64| Value::Whole(value);
        let text = |value: &str| Value::Text(value.to_owned());
        let mut mixed = vec![text("b"), one(2), Value::Boolean(true), text("A"), Value::Null, one(1)];
        mixed.sort_by(values);
        assert_eq!(mixed, [Value::Null, Value::Boolean(true), one(1), one(2), text("A"), text("b")]);
    }
}
