//! Forms: how a row's columns are arranged for people.

use serde::{Deserialize, Serialize};

/// An arrangement of columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Stable short name within the table.
    pub name: String,
    /// What people read.
    pub label: String,
    /// Where it is used.
    pub kind: FormKind,
    /// Columns shown as key facts in the head of the page.
    #[serde(default)]
    pub header: Vec<String>,
    /// Tabs; a quick form has one.
    #[serde(rename = "tab")]
    pub tabs: Vec<Tab>,
}

/// Where a form is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    /// The record's page.
    Main,
    /// The quick-create dialog.
    QuickCreate,
    /// A dialog of an action (qualify's opportunity, opportunity close).
    Dialog,
}

/// One tab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tab {
    /// What people read.
    pub label: String,
    /// Sections in order.
    #[serde(default, rename = "section")]
    pub sections: Vec<Section>,
}

/// A group of columns or a list of related rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// What people read.
    pub label: String,
    /// Columns in order.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Shows the record's timeline.
    #[serde(default)]
    pub timeline: bool,
    /// Shows related rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subgrid: Option<Subgrid>,
    /// Shows people around the record, with the part each of them plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<People>,
}

/// Which people around a record a section shows; each is a row of `connection` from the record to
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum People {
    /// Contacts and accounts on the customer's side.
    Stakeholders,
    /// Colleagues who work on it.
    SalesTeam,
}

/// A list of related rows on a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subgrid {
    /// The related table.
    pub table: String,
    /// Its lookup that points at the form's row, or, with `many_to_many`, the relationship's name.
    pub through: String,
    /// A many-to-many relationship.
    #[serde(default)]
    pub many_to_many: bool,
    /// Columns shown; those of the related table's default view where empty.
    #[serde(default)]
    pub columns: Vec<String>,
}
