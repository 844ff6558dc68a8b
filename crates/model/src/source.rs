//! The file format: what a person writes in `lead/table.toml` and in an overlay.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{
    AlternateKey, Cascade, Choice, ColumnChange, Filter, Form, Index, Ownership, RequiredLevel, RollupFunction, State,
    Summary, TableKind, TextFormat, Value, View,
};

/// A table as it is written down (`table.toml`, with the views and forms beside it).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDeclaration {
    /// As Dataverse spells it; derived from the name where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_name: Option<String>,
    /// Entity set name; the English plural of the name where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_name: Option<String>,
    /// One row, for people.
    pub label: String,
    /// Many rows, for people; the label with an `s` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plural_label: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Icon name of the design; `table` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Dataverse's object type code; derived from the name where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_type_code: Option<i32>,
    /// Primary key column; the name followed by `id` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<String>,
    /// The column people know a row by; `name` where there is one, else the primary key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_name: Option<String>,
    /// Who can own a row.
    #[serde(default = "owned_by_users")]
    pub ownership: Ownership,
    /// Role in the model.
    #[serde(default = "standard", skip_serializing_if = "is_standard")]
    pub kind: TableKind,
    /// Changes are kept with before and after values.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub audited: bool,
    /// Found by text search.
    #[serde(default, skip_serializing_if = "is_no")]
    pub searchable: bool,
    /// May be filled by an import.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub importable: bool,
    /// Rows may carry notes and files.
    #[serde(default, alias = "has_notes", skip_serializing_if = "is_no")]
    pub notes: bool,
    /// Activities may be about rows.
    #[serde(default, alias = "has_activities", skip_serializing_if = "is_no")]
    pub activities: bool,
    /// Names of shared column groups taken in before the table's own columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Columns by logical name; system columns need not be listed.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub columns: IndexMap<String, ColumnDeclaration>,
    /// Names and behaviour of relationships; lookups without an entry get a derived name.
    #[serde(default, rename = "relationship", skip_serializing_if = "Vec::is_empty")]
    pub relationships: Vec<RelationshipDeclaration>,
    /// Many-to-many relationships.
    #[serde(default, rename = "many_to_many", skip_serializing_if = "Vec::is_empty")]
    pub many_to_many: Vec<ManyToManyDeclaration>,
    /// States with their status reasons.
    #[serde(default, rename = "state", skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<State>,
    /// Database indexes.
    #[serde(default, rename = "index", skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// Alternate keys.
    #[serde(default, rename = "key", skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<AlternateKey>,
    /// Grouped totals.
    #[serde(default, rename = "summary", skip_serializing_if = "Vec::is_empty")]
    pub summaries: Vec<Summary>,
    /// Named lists (in the shipped app a file of their own).
    #[serde(default, rename = "view", skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<View>,
    /// Forms (in the shipped app a file of their own).
    #[serde(default, rename = "form", skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<Form>,
    /// An organisation's own.
    #[serde(skip)]
    pub(crate) custom: bool,
    /// Changes to columns that are not declared but come by themselves (owner, status …).
    #[serde(skip)]
    pub(crate) system_changes: IndexMap<String, ColumnChange>,
}

impl TableDeclaration {
    /// A user-owned table with a required name column of 100 characters.
    pub fn new(label: impl Into<String>) -> Self {
        let mut name = ColumnDeclaration::new(ColumnKind::Text, "Name");
        name.required = RequiredLevel::Required;
        name.searchable = true;
        Self {
            schema_name: None,
            set_name: None,
            label: label.into(),
            plural_label: None,
            description: String::new(),
            icon: None,
            object_type_code: None,
            primary_key: None,
            primary_name: None,
            ownership: Ownership::User,
            kind: TableKind::Standard,
            audited: true,
            searchable: true,
            importable: true,
            notes: false,
            activities: false,
            include: Vec::new(),
            columns: IndexMap::from([("name".to_owned(), name)]),
            relationships: Vec::new(),
            many_to_many: Vec::new(),
            states: Vec::new(),
            indexes: Vec::new(),
            keys: Vec::new(),
            summaries: Vec::new(),
            views: Vec::new(),
            forms: Vec::new(),
            custom: false,
            system_changes: IndexMap::new(),
        }
    }
}

/// A column as it is written down: the type and, flat beside it, the options of that type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnDeclaration {
    /// What people read.
    pub label: String,
    /// The type; which of the other options apply depends on it.
    #[serde(rename = "type")]
    pub kind: ColumnKind,
    /// Help.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// As Dataverse spells it; derived from the name where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_name: Option<String>,
    /// Whether it must be filled.
    #[serde(default, skip_serializing_if = "is_optional")]
    pub required: RequiredLevel,
    /// A literal, `"now()"` or `"caller()"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Found by text search.
    #[serde(default, skip_serializing_if = "is_no")]
    pub searchable: bool,
    /// Before and after values are kept.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub audited: bool,
    /// May be filled by an import.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub importable: bool,
    /// Set by the engine or a rule only.
    #[serde(default, skip_serializing_if = "is_no")]
    pub read_only: bool,
    /// Read and set only by people with a column security profile for it; it is then not searched.
    #[serde(default, skip_serializing_if = "is_no")]
    pub secured: bool,
    /// Text kinds: characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Text: how a page shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TextFormat>,
    /// Numbers: smallest value; text keeps long decimals exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// Numbers: largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// Decimals: places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<u32>,
    /// Booleans: label of true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<String>,
    /// Booleans: label of false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no: Option<String>,
    /// Choices: the options in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Choices: the list of options shared with other columns, instead of `options`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
    /// Lookups and party lists: tables pointed at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// Party lists: the participation's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participation: Option<i32>,
    /// Calculated columns: type of the result (its limits stand beside it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<ColumnKind>,
    /// Calculated columns: the formula.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// Automatic numbers: `LEAD-{000000}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autonumber: Option<String>,
    /// Rollups: how rows are combined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<RollupFunction>,
    /// Rollups: the related table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Rollups: the related table's lookup that points here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// Rollups: the related table's column; none for a count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Files and images: largest size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Rollups: which related rows count; every one where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// An organisation's own.
    #[serde(skip)]
    pub(crate) custom: bool,
    /// The file it stands in and its line.
    #[serde(skip)]
    pub(crate) place: String,
}

impl ColumnDeclaration {
    /// An optional column of this type with the type's usual limits.
    pub fn new(kind: ColumnKind, label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            kind,
            description: String::new(),
            schema_name: None,
            required: RequiredLevel::None,
            default: None,
            searchable: false,
            audited: true,
            importable: true,
            read_only: false,
            secured: false,
            length: None,
            format: None,
            min: None,
            max: None,
            precision: None,
            yes: None,
            no: None,
            options: Vec::new(),
            choice: None,
            targets: Vec::new(),
            participation: None,
            result: None,
            formula: None,
            autonumber: None,
            function: None,
            table: None,
            through: None,
            column: None,
            max_bytes: None,
            filter: None,
            custom: false,
            place: String::new(),
        }
    }
}

/// A list of options that several columns share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceDeclaration {
    /// What people read.
    pub label: String,
    /// Help.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The options in order.
    pub options: Vec<Choice>,
}

/// The names of the column types in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in ColumnType")]
pub enum ColumnKind {
    Id,
    Text,
    Memo,
    #[serde(alias = "richtext")]
    RichText,
    Whole,
    Decimal,
    Money,
    Boolean,
    Choice,
    #[serde(alias = "multichoice")]
    MultiChoice,
    Date,
    #[serde(alias = "datetime")]
    DateTime,
    Lookup,
    #[serde(alias = "partylist")]
    PartyList,
    File,
    Image,
    #[serde(rename = "autonumber", alias = "auto_number")]
    AutoNumber,
    Calculated,
    Rollup,
}

/// Name and behaviour of one relationship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationshipDeclaration {
    /// The lookup.
    pub column: String,
    /// Which of its targets.
    pub target: String,
    /// Schema name; derived where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Navigation property of the lookup; derived where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub navigation: Option<String>,
    /// What happens to referencing rows when the referenced row is deleted.
    #[serde(default)]
    pub on_delete: Cascade,
    /// Referencing rows get the new owner when the referenced row is assigned.
    #[serde(default, skip_serializing_if = "is_no")]
    pub cascade_assign: bool,
    /// Referencing rows are shared as the referenced row is.
    #[serde(default, skip_serializing_if = "is_no")]
    pub cascade_share: bool,
}

/// A many-to-many relationship of the table it stands in with another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManyToManyDeclaration {
    /// Schema name.
    pub name: String,
    /// The other table.
    pub other: String,
    /// The table of pairs.
    pub intersect: String,
}

/// `views.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewsFile {
    #[serde(default, rename = "view")]
    pub views: Vec<View>,
}

/// `forms.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormsFile {
    #[serde(default, rename = "form")]
    pub forms: Vec<Form>,
}

/// `_shared/NAME.toml`: columns several tables have in common, with what belongs to them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedFile {
    #[serde(default)]
    pub columns: IndexMap<String, ColumnDeclaration>,
    #[serde(default, rename = "relationship")]
    pub relationships: Vec<RelationshipDeclaration>,
    #[serde(default, rename = "index")]
    pub indexes: Vec<Index>,
}

pub(crate) const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) const fn is_yes(value: &bool) -> bool {
    *value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) const fn is_no(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_optional(level: &RequiredLevel) -> bool {
    *level == RequiredLevel::None
}

const fn owned_by_users() -> Ownership {
    Ownership::User
}

const fn standard() -> TableKind {
    TableKind::Standard
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_standard(kind: &TableKind) -> bool {
    *kind == TableKind::Standard
}
