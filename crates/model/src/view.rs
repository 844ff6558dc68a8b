//! Views: named lists of a table's rows.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Filter, Path};

/// A named list: which rows, which columns, in which order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Stable short name within the table: `my_open`.
    pub name: String,
    /// What people read: `My Open Leads`.
    pub label: String,
    /// Identifier on the wire (`savedqueries`); derived from table and name.
    #[serde(skip)]
    pub id: Uuid,
    /// Shown first.
    #[serde(default)]
    pub default: bool,
    /// Columns, in order.
    pub columns: Vec<ViewColumn>,
    /// Which rows.
    #[serde(default, skip_serializing_if = "Filter::is_everything")]
    pub filter: Filter,
    /// In which order; the primary key breaks ties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Order>,
}

/// A column of a view: in TOML `"name"` or `{ column = "name", width = 200 }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ViewColumnSource")]
pub struct ViewColumn {
    /// Which column.
    pub column: Path,
    /// Preferred width in CSS pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u16>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ViewColumnSource {
    Name(Path),
    Full { column: Path, width: Option<u16> },
}

impl From<ViewColumnSource> for ViewColumn {
    fn from(source: ViewColumnSource) -> Self {
        match source {
            ViewColumnSource::Name(column) => Self { column, width: None },
            ViewColumnSource::Full { column, width } => Self { column, width },
        }
    }
}

/// One key of an order; in text `name` or `name desc`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Order {
    /// Which column.
    pub column: Path,
    /// Largest first. Empty values count as smallest.
    pub descending: bool,
}

impl Order {
    /// Smallest first.
    pub fn ascending(column: impl Into<Path>) -> Self {
        Self { column: column.into(), descending: false }
    }

    /// Largest first.
    pub fn descending(column: impl Into<Path>) -> Self {
        Self { column: column.into(), descending: true }
    }
}

impl TryFrom<String> for Order {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let (column, descending) = match text.rsplit_once(' ') {
            Some((column, "desc")) => (column, true),
            Some((column, "asc")) => (column, false),
            Some(_) => return Err(format!("'{text}' is not an order; write 'column', 'column asc' or 'column desc'")),
            None => (text.as_str(), false),
        };
        Ok(Self { column: column.parse()?, descending })
    }
}

impl From<Order> for String {
    fn from(order: Order) -> Self {
        if order.descending { format!("{} desc", order.column) } else { order.column.to_string() }
    }
}
