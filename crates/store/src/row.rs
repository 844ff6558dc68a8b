//! Values by column name.

use std::cmp::Ordering;

use model::Value;

/// A column's name in a row: almost all are short, and then need no memory of their own.
pub type ColumnName = smol_str::SmolStr;

/// Some columns of one row with their values. A column that is absent was not asked for (when
/// read) or is left as it is (when written); [`Value::Null`] is a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Sorted by name: rows are small, and built and walked far more often than changed.
    values: Vec<(ColumnName, Value)>,
}

impl Row {
    /// No columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more value; for building rows in code.
    #[must_use]
    pub fn with(mut self, column: impl Into<ColumnName>, value: impl Into<Value>) -> Self {
        self.set(column, value);
        self
    }

    /// Set a column.
    pub fn set(&mut self, column: impl Into<ColumnName>, value: impl Into<Value>) {
        let (column, value) = (column.into(), value.into());
        match self.place(&column) {
            Ok(place) => self.values[place].1 = value,
            Err(place) => self.values.insert(place, (column, value)),
        }
    }

    /// Where the column is, or would be.
    fn place(&self, column: &str) -> Result<usize, usize> {
        self.values.binary_search_by(|(name, _)| name.as_str().cmp(column))
    }

    /// The value, where the column is present.
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.place(column).ok().map(|place| &self.values[place].1)
    }

    /// The value; null where the column is absent.
    pub fn value(&self, column: &str) -> &Value {
        const NULL: &Value = &Value::Null;
        self.get(column).unwrap_or(NULL)
    }

    /// The text of a text column, or "".
    pub fn text(&self, column: &str) -> &str {
        self.value(column).as_text().unwrap_or_default()
    }

    /// True where the column is present and not null.
    pub fn has(&self, column: &str) -> bool {
        self.get(column).is_some_and(|value| !value.is_null())
    }

    /// True where the column is present, be it null.
    pub fn contains(&self, column: &str) -> bool {
        self.place(column).is_ok()
    }

    /// Take a column out.
    pub fn remove(&mut self, column: &str) -> Option<Value> {
        self.place(column).ok().map(|place| self.values.remove(place).1)
    }

    /// Columns and values in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Names of the columns whose values differ; a column that is absent counts as null.
    pub(crate) fn differing<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        let (mut mine, mut theirs) = (self.values.iter().peekable(), other.values.iter().peekable());
        // Both are sorted: one pass, no searching.
        std::iter::from_fn(move || {
            loop {
                let order = match (mine.peek(), theirs.peek()) {
                    (None, None) => return None,
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (Some((left, _)), Some((right, _))) => left.cmp(right),
                };
                let left = if order.is_le() { mine.next() } else { None };
                let right = if order.is_ge() { theirs.next() } else { None };
                let value = |side: Option<&'a (ColumnName, Value)>| side.map_or(&Value::Null, |(_, value)| value);
                if value(left) != value(right) {
                    return left.or(right).map(|(name, _)| name.as_str());
                }
            }
        })
    }

    /// Put all of `other`'s columns over this row's.
    pub fn merge(&mut self, other: &Self) {
        for (name, value) in other.iter() {
            self.set(name, value.clone());
        }
    }

    /// How many columns are present.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True where no column is present.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Of several values for one column the last one stays.
impl<N: Into<ColumnName>> FromIterator<(N, Value)> for Row {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(values: I) -> Self {
        let mut values: Vec<_> = values.into_iter().map(|(name, value)| (name.into(), value)).collect();
        values.sort_by(|(left, _), (right, _)| left.cmp(right));
        values.dedup_by(|later, kept| {
            let repeated = later.0 == kept.0;
            if repeated {
                std::mem::swap(later, kept);
            }
            repeated
        });
        Self { values }
    }
}

impl IntoIterator for Row {
    type Item = (ColumnName, Value);
    type IntoIter = std::vec::IntoIter<(ColumnName, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_values_for_a_column_the_last_one_stays() {
        let row: Row = [("b", Value::Whole(1)), ("a", Value::Whole(2)), ("b", Value::Whole(3))].into_iter().collect();
        assert_eq!(row.iter().collect::<Vec<_>>(), [("a", &Value::Whole(2)), ("b", &Value::Whole(3))]);
    }

    #[test]
    fn an_absent_column_differs_from_a_filled_one_only() {
        let old = Row::new().with("a", 1).with("b", Value::Null).with("c", 3);
        let new = Row::new().with("a", 1).with("c", 4).with("d", 5).with("e", Value::Null);
        assert_eq!(old.differing(&new).collect::<Vec<_>>(), ["c", "d"]);
        assert_eq!(new.differing(&old).collect::<Vec<_>>(), ["c", "d"]);
    }

    #[test]
    fn columns_are_found_whatever_the_order_they_were_set_in() {
        let mut row = Row::new().with("telephone1", "1").with("address1_city", "2").with("subject", "3");
        row.set("address1_city", "4");
        assert_eq!((row.text("address1_city"), row.text("subject"), row.len()), ("4", "3", 3));
        assert_eq!(row.remove("subject"), Some(Value::from("3")));
        assert!(!row.contains("subject") && row.contains("telephone1"));
    }
}
