//! Values by column name.

use std::collections::BTreeMap;

use model::Value;

/// Some columns of one row with their values. A column that is absent was not asked for (when
/// read) or is left as it is (when written); [`Value::Null`] is a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    values: BTreeMap<String, Value>,
}

impl Row {
    /// No columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more value; for building rows in code.
    #[must_use]
    pub fn with(mut self, column: impl Into<String>, value: impl Into<Value>) -> Self {
        self.values.insert(column.into(), value.into());
        self
    }

    /// Set a column.
    pub fn set(&mut self, column: impl Into<String>, value: impl Into<Value>) {
        self.values.insert(column.into(), value.into());
    }

    /// The value, where the column is present.
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.values.get(column)
    }

    /// The value; null where the column is absent.
    pub fn value(&self, column: &str) -> &Value {
        const NULL: &Value = &Value::Null;
        self.values.get(column).unwrap_or(NULL)
    }

    /// The text of a text column, or "".
    pub fn text(&self, column: &str) -> &str {
        self.value(column).as_text().unwrap_or_default()
    }

    /// True where the column is present and not null.
    pub fn has(&self, column: &str) -> bool {
        self.values.get(column).is_some_and(|value| !value.is_null())
    }

    /// True where the column is present, be it null.
    pub fn contains(&self, column: &str) -> bool {
        self.values.contains_key(column)
    }

    /// Take a column out.
    pub fn remove(&mut self, column: &str) -> Option<Value> {
        self.values.remove(column)
    }

    /// Columns and values in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Put all of `other`'s columns over this row's.
    pub fn merge(&mut self, other: &Self) {
        for (name, value) in other.iter() {
            self.values.insert(name.to_owned(), value.clone());
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

impl FromIterator<(String, Value)> for Row {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(values: I) -> Self {
        Self { values: values.into_iter().collect() }
    }
}

impl IntoIterator for Row {
    type Item = (String, Value);
    type IntoIter = std::collections::btree_map::IntoIter<String, Value>;
    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}
