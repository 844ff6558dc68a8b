//! Tables, their states, relationships and keys.

use serde::{Deserialize, Serialize};

use crate::{ByName, Column, ColumnType, Form, FormKind, Summary, View};

/// One table with everything declared about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Logical name: `lead`.
    pub name: String,
    /// Entity set name in addresses: `leads`.
    pub set_name: String,
    /// As Dataverse spells it: `Lead`.
    pub schema_name: String,
    /// One of them: `Lead`.
    pub label: String,
    /// Many of them: `Leads`.
    pub plural_label: String,
    /// What it is for.
    pub description: String,
    /// Icon name of the design.
    pub icon: String,
    /// Dataverse's object type code; from 10000 for an organisation's own tables.
    pub object_type_code: i32,
    /// The primary key column: `leadid`.
    pub primary_key: String,
    /// The column people know a row by: `fullname`.
    pub primary_name: String,
    /// Who can own a row.
    pub ownership: Ownership,
    /// Role in the model.
    pub kind: TableKind,
    /// Changes are kept with before and after values.
    pub audited: bool,
    /// Found by text search.
    pub searchable: bool,
    /// May be filled by an import.
    pub importable: bool,
    /// Rows may carry notes and files.
    pub has_notes: bool,
    /// Activities may be about rows of this table.
    pub has_activities: bool,
    /// Added by an organisation, not shipped.
    pub custom: bool,
    /// All columns by logical name, in declared order, system columns included.
    pub columns: ByName<Column>,
    /// States with their status reasons; empty for tables without a state.
    pub states: Vec<State>,
    /// Database indexes beyond primary key, lookups and keys.
    pub indexes: Vec<Index>,
    /// Columns that together name a row from outside.
    pub keys: Vec<AlternateKey>,
    /// Named lists.
    pub views: Vec<View>,
    /// Arrangements of columns for people.
    pub forms: Vec<Form>,
    /// Grouped totals kept current with every write.
    pub summaries: Vec<Summary>,
}

/// Who can own a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    /// A user or team; the row has owner and owning business unit.
    User,
    /// The organisation as a whole.
    Organization,
    /// No owner of its own: it follows the row it hangs on (an opportunity's product line).
    Parent,
}

/// Role of a table in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// A business table.
    Standard,
    /// A kind of activity; each row has a twin with the shared columns in `activitypointer`.
    Activity,
    /// `activitypointer` itself, written by the engine only.
    Pointer,
    /// Pairs of a many-to-many relationship.
    Intersect,
    /// Instances of a process flow.
    Process,
    /// People, organisation and settings.
    System,
}

/// A state with its status reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// `statecode`.
    pub value: i32,
    /// What people read.
    pub label: String,
    /// The status reason a row gets when it enters the state without one.
    pub default_status: i32,
    /// Rows in this state are read-only.
    #[serde(default)]
    pub closed: bool,
    /// Status reasons of this state.
    pub statuses: Vec<Status>,
}

/// One status reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// `statuscode`.
    pub value: i32,
    /// What people read.
    pub label: String,
    /// Colour name of the design, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

/// A database index; each column ascending or, with a leading `-`, descending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Column names, most significant first.
    pub columns: Vec<String>,
}

/// Columns that together name a row from outside; unique where all are filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlternateKey {
    /// Name of the key.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// As Dataverse spells it (`new_AccountCode`); the name where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_name: Option<String>,
    /// What people read; the name where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl AlternateKey {
    /// A key over these columns.
    pub fn new(name: impl Into<String>, columns: Vec<String>) -> Self {
        Self { name: name.into(), columns, schema_name: None, label: None }
    }
}

/// A lookup seen as a relationship between two tables (one for each target table).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    /// Schema name, also the collection's navigation property: `opportunity_customer_accounts`.
    pub name: String,
    /// The table with the lookup.
    pub referencing: String,
    /// The lookup column.
    pub column: String,
    /// The table pointed at.
    pub referenced: String,
    /// Navigation property of the lookup: `customerid_account`.
    pub navigation: String,
    /// What happens to referencing rows when the referenced row is deleted.
    pub on_delete: Cascade,
    /// Referencing rows get the new owner when the referenced row is assigned.
    pub cascade_assign: bool,
    /// Whom the referenced row is shared with, the referencing rows are shared with for the same
    /// (Dataverse: share, unshare and reparent cascade all).
    pub cascade_share: bool,
}

/// What happens to referencing rows when a row is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cascade {
    /// They are deleted, too.
    Cascade,
    /// Their lookup is emptied.
    #[default]
    RemoveLink,
    /// The deletion is refused while they exist.
    Restrict,
}

/// A many-to-many relationship through an intersect table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManyToMany {
    /// Schema name and navigation property on both sides.
    pub name: String,
    /// The intersect table: `opportunitycompetitors`, with the two lookups named after the two
    /// primary keys.
    pub intersect: String,
    /// One side.
    pub first: String,
    /// The other side.
    pub second: String,
}

impl Table {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }

    /// True where rows have `statecode` and `statuscode`.
    pub fn has_state(&self) -> bool {
        !self.states.is_empty()
    }

    /// The state that `status` belongs to.
    pub fn state_of_status(&self, status: i32) -> Option<&State> {
        self.states.iter().find(|state| state.statuses.iter().any(|s| s.value == status))
    }

    /// The state with this number.
    pub fn state(&self, value: i32) -> Option<&State> {
        self.states.iter().find(|state| state.value == value)
    }

    /// The status reason with this number, in whatever state.
    pub fn status(&self, value: i32) -> Option<&Status> {
        self.states.iter().flat_map(|state| &state.statuses).find(|status| status.value == value)
    }

    /// The view shown first.
    pub fn default_view(&self) -> Option<&View> {
        self.views.iter().find(|view| view.default).or_else(|| self.views.first())
    }

    /// The first form of this kind.
    pub fn form(&self, kind: FormKind) -> Option<&Form> {
        self.forms.iter().find(|form| form.kind == kind)
    }

    /// Lookup columns, in declared order.
    pub fn lookups(&self) -> impl Iterator<Item = &Column> {
        self.columns.values().filter(|column| matches!(column.kind, ColumnType::Lookup { .. }))
    }

    /// The lookup that makes the table a hierarchy: `parent<table>id` where there is one, else the
    /// first lookup to the table itself.
    pub fn parent_lookup(&self) -> Option<&Column> {
        let to_itself = |column: &&Column| matches!(&column.kind, ColumnType::Lookup { targets } if targets.as_slice() == [self.name.as_str()]);
        let named = self.column(&format!("parent{}id", self.name)).filter(to_itself);
        named.or_else(|| self.lookups().find(to_itself))
    }

    /// True where amounts are held in a currency of the row.
    pub fn has_money(&self) -> bool {
        self.columns.contains_key("transactioncurrencyid") && self.columns.contains_key("exchangerate")
    }
}
