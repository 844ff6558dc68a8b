//! An organisation's own customisations: what it adds to the shipped app and changes in it.
//!
//! An overlay is one readable TOML file that can live in version control, and the same as JSON
//! in the database. It says only what differs; taking a change out of it gives the shipped
//! declaration back.

mod apply;
mod edit;
mod parts;
mod unplaced;
mod versions;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub use parts::{Part, PartAddress, PartKind, PartOrigin, PartSummary};

use crate::{
    AlternateKey, Choice, ChoiceDeclaration, ColumnDeclaration, ColumnMapping, Filter, Form, Index,
    ManyToManyDeclaration, ModelError, Problem, Process, ProcessVersion, RelationshipDeclaration, RequiredLevel, Role,
    Summary, TableDeclaration, TableMapping, Value, View,
    source::{is_no, yes},
};

/// All customisations of one organisation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// Own tables by logical name, in the format of `table.toml` with views and forms inside.
    #[serde(default, rename = "new_table", skip_serializing_if = "IndexMap::is_empty")]
    pub new_tables: IndexMap<String, TableDeclaration>,
    /// Own lists of options that several columns share, by name.
    #[serde(default, rename = "choice", skip_serializing_if = "IndexMap::is_empty")]
    pub choices: IndexMap<String, ChoiceDeclaration>,
    /// Changes to shipped tables by logical name.
    #[serde(default, rename = "table", skip_serializing_if = "IndexMap::is_empty")]
    pub tables: IndexMap<String, TableChange>,
    /// Own process flows, and full replacements of shipped ones with the same name.
    #[serde(default, rename = "process", skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Process>,
    /// Small changes to shipped process flows by logical name.
    #[serde(default, rename = "process_change", skip_serializing_if = "IndexMap::is_empty")]
    pub process_changes: IndexMap<String, ProcessChange>,
    /// What flows looked like in earlier versions that records may still be led by.
    #[serde(default, rename = "process_version", skip_serializing_if = "Vec::is_empty")]
    pub process_versions: Vec<ProcessVersion>,
    /// Changed column mappings.
    #[serde(default, rename = "mapping", skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<MappingChange>,
    /// Own security roles by logical name, and full replacements of shipped ones.
    #[serde(default, rename = "role", skip_serializing_if = "IndexMap::is_empty")]
    pub roles: IndexMap<String, Role>,
}

/// What differs in a shipped table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableChange {
    /// Another label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Another plural.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plural_label: Option<String>,
    /// Another description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Another icon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Keep before and after values, or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audited: Option<bool>,
    /// Found by text search, or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searchable: Option<bool>,
    /// May be filled by an import, or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importable: Option<bool>,
    /// Shipped views taken away, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_views: Vec<String>,
    /// Shipped forms taken away, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_forms: Vec<String>,
    /// Shipped summaries taken away, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_summaries: Vec<String>,
    /// Other labels of states, by `statecode`.
    #[serde(default, rename = "state_label", skip_serializing_if = "IndexMap::is_empty")]
    pub state_labels: IndexMap<String, String>,
    /// Own columns by logical name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub columns: IndexMap<String, ColumnDeclaration>,
    /// Changes to shipped columns by logical name.
    #[serde(default, rename = "change", skip_serializing_if = "IndexMap::is_empty")]
    pub column_changes: IndexMap<String, ColumnChange>,
    /// Status reasons added, or (same number) given another label or colour.
    #[serde(default, rename = "status", skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<StatusChange>,
    /// Names of own lookups' relationships.
    #[serde(default, rename = "relationship", skip_serializing_if = "Vec::is_empty")]
    pub relationships: Vec<RelationshipDeclaration>,
    /// Other behaviour of shipped relationships.
    #[serde(default, rename = "relationship_change", skip_serializing_if = "Vec::is_empty")]
    pub relationship_changes: Vec<RelationshipChange>,
    /// Own many-to-many relationships.
    #[serde(default, rename = "many_to_many", skip_serializing_if = "Vec::is_empty")]
    pub many_to_many: Vec<ManyToManyDeclaration>,
    /// Further database indexes.
    #[serde(default, rename = "index", skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// Own alternate keys.
    #[serde(default, rename = "key", skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<AlternateKey>,
    /// Own summaries, and replacements of shipped ones with the same name.
    #[serde(default, rename = "summary", skip_serializing_if = "Vec::is_empty")]
    pub summaries: Vec<Summary>,
    /// Own views, and replacements of shipped ones with the same name.
    #[serde(default, rename = "view", skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<View>,
    /// Own forms, and replacements of shipped ones with the same name.
    #[serde(default, rename = "form", skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<Form>,
}

/// What differs in a shipped column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnChange {
    /// Another label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Another description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Another level of insisting; what the engine insists on stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<RequiredLevel>,
    /// Another length of text, larger or smaller (the store refuses what rows do not fit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Another smallest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// Another largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// Found by text search, or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searchable: Option<bool>,
    /// Keep before and after values, or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audited: Option<bool>,
    /// May be filled by an import, or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importable: Option<bool>,
    /// Read and set only by people with a column security profile for it, or by everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secured: Option<bool>,
    /// Another default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// No default any more.
    #[serde(default, skip_serializing_if = "is_no")]
    pub no_default: bool,
    /// Another label of true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<String>,
    /// Another label of false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no: Option<String>,
    /// Options added, or (same number) given another label or colour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Shipped options no longer offered; rows that have them keep them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden_options: Vec<i32>,
    /// Numbers of options that come first, in this order; the others follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub option_order: Vec<i32>,
    /// Another formula of a calculated column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// Another format of an automatic number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autonumber: Option<String>,
}

/// A status reason added to a state or given another label or colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusChange {
    /// The state it belongs to.
    pub state: i32,
    /// `statuscode`.
    pub value: i32,
    /// What people read.
    pub label: String,
    /// Colour name of the design.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// The state's rows get this one where nothing is said.
    #[serde(default, skip_serializing_if = "is_no")]
    pub default: bool,
}

/// Another behaviour of a shipped relationship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationshipChange {
    /// The lookup.
    pub column: String,
    /// Which of its targets.
    pub target: String,
    /// What happens to referencing rows when the referenced row is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete: Option<crate::Cascade>,
    /// Referencing rows get the new owner when the referenced row is assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cascade_assign: Option<bool>,
    /// Referencing rows are shared as the referenced row is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cascade_share: Option<bool>,
}

/// A small change to a shipped process flow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessChange {
    /// Another label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// On or off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Another place in the order flows are offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<i32>,
    /// Only for holders of these roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// Only for new rows that satisfy this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Filter>,
}

/// A changed column mapping between two tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingChange {
    /// Copied from.
    pub from: String,
    /// Copied to.
    pub to: String,
    /// The shipped pairs stay, except for [`MappingChange::removed`].
    #[serde(default = "yes", skip_serializing_if = "crate::source::is_yes")]
    pub keep_shipped: bool,
    /// Pairs added; a pair for the same target column takes the shipped one's place.
    #[serde(default, rename = "column", skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnMapping>,
    /// Shipped pairs taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<ColumnMapping>,
}

impl From<TableMapping> for MappingChange {
    /// A mapping that replaces the shipped one.
    fn from(mapping: TableMapping) -> Self {
        Self { from: mapping.from, to: mapping.to, keep_shipped: false, columns: mapping.columns, removed: Vec::new() }
    }
}

impl Overlay {
    /// Reads an overlay file. Whether it fits the shipped app is for [`crate::Model::merge`] to say.
    pub fn from_toml(text: &str) -> Result<Self, ModelError> {
        toml::from_str(text).map_err(|error| crate::files::toml_problem("overlay", text, &error).into())
    }

    /// The overlay as a file. Fails only where a filter compares with an empty value, which TOML
    /// cannot write (and [`crate::Model::merge`] refuses).
    pub fn to_toml(&self) -> Result<String, ModelError> {
        toml::to_string_pretty(self)
            .map_err(|error| Problem { place: "overlay".to_owned(), message: error.to_string() }.into())
    }

    /// True where nothing is customised.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
