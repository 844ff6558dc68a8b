//! The physical schema: what tables, columns and indexes a model needs, and the store's own
//! tables beside them.
//!
//! The schema as it was created stands in `pw_meta`; [`crate::migrate`] compares it with the one
//! a model wants.

use indexmap::IndexMap;
use model::{Column, ColumnType, Model, Table};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    derived,
    dialect::{index_key, never_null, physical_columns, places},
    engine::{Dialect, quoted},
    store::match_key,
};

/// Format of the store's own tables. Raise it with a change of them and teach `migrate` the way.
pub(crate) const FORMAT: u32 = 5;

/// All physical tables of a model.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct PhysicalSchema {
    /// By logical name.
    pub tables: IndexMap<String, PhysicalTable>,
}

/// One physical table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct PhysicalTable {
    /// By physical name.
    pub columns: IndexMap<String, PhysicalColumn>,
    /// `CREATE INDEX` statements by index name.
    pub indexes: IndexMap<String, String>,
    /// Statements that create search and summary objects.
    pub derived: Vec<String>,
    /// Changes when search or summaries come to mean something else, so that they are rebuilt.
    #[serde(default)]
    pub meaning: String,
}

/// One physical column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PhysicalColumn {
    /// As DDL spells it, collation included.
    pub sql_type: String,
    /// Constraint of a new table's column, such as `NOT NULL`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub constraint: String,
    /// Places after the point of a number; on SQLite the stored number is scaled by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<u32>,
    /// The target table of a lookup with one target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Longest text allowed, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Changes when a computed column is computed otherwise, so that it is computed anew.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub formula: String,
    /// No longer in the model; kept with its values in case it comes back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
}

/// What `model` needs on this engine.
pub(crate) fn wanted(model: &Model, dialect: Dialect) -> PhysicalSchema {
    let tables = model.tables.values().map(|table| (table.name.clone(), physical_table(model, table, dialect)));
    PhysicalSchema { tables: tables.collect() }
}

fn physical_table(model: &Model, table: &Table, dialect: Dialect) -> PhysicalTable {
    let columns = table.columns.values().flat_map(|column| {
        physical_columns(dialect, column).into_iter().map(|physical| {
            let own = physical.name == column.name;
            let wanted = PhysicalColumn {
                sql_type: physical.sql_type.to_owned(),
                constraint: if own { constraint(table, column, dialect).to_owned() } else { String::new() },
                places: places(column.value_type()).filter(|_| own),
                target: single_target(column).filter(|_| own),
                length: length(column).filter(|_| own),
                formula: if own { formula(column) } else { String::new() },
                kept: false,
            };
            (physical.name, wanted)
        })
    });
    PhysicalTable {
        columns: columns.collect(),
        indexes: indexes(table, dialect).into_iter().collect(),
        derived: derived::statements(model, table, dialect),
        meaning: meaning(table),
    }
}

fn length(column: &Column) -> Option<u32> {
    match &column.kind {
        ColumnType::Text { length, .. } | ColumnType::Memo { length } | ColumnType::RichText { length } => {
            Some(*length)
        }
        _ => None,
    }
}

fn formula(column: &Column) -> String {
    match &column.kind {
        ColumnType::Calculated { .. } | ColumnType::Rollup(_) => digest(&format!("{:?}", column.kind)),
        _ => String::new(),
    }
}

fn meaning(table: &Table) -> String {
    let searched: Vec<&str> =
        table.columns.values().filter(|column| column.searchable).map(|column| column.name.as_str()).collect();
    digest(&format!("{} {searched:?} {:?}", table.searchable, table.summaries))
}

fn digest(text: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).simple().to_string()
}

fn constraint(table: &Table, column: &Column, dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite if column.name == table.primary_key => "NOT NULL UNIQUE",
        Dialect::Postgres if column.name == table.primary_key => "PRIMARY KEY",
        _ if never_null(table, column) => "NOT NULL",
        _ => "",
    }
}

fn single_target(column: &Column) -> Option<String> {
    match &column.kind {
        ColumnType::Lookup { targets } if targets.len() == 1 => targets.first().cloned(),
        _ => None,
    }
}

/// Lookups that name who did something or what nearly all rows share: nobody lists rows by
/// them, and an index would cost every write.
const UNINDEXED: [&str; 8] = [
    "createdby",
    "modifiedby",
    "createdonbehalfby",
    "modifiedonbehalfby",
    "owninguser",
    "owningteam",
    "owningbusinessunit",
    "transactioncurrencyid",
];

fn indexes(table: &Table, dialect: Dialect) -> Vec<(String, String)> {
    let mut indexes = Vec::new();
    // An index that begins with the lookup finds its rows as well.
    let begins =
        |lookup: &str| table.indexes.iter().any(|index| index.columns.first().is_some_and(|first| first == lookup));
    let alone = |name: &str| !UNINDEXED.contains(&name) && !begins(name);
    for lookup in table.lookups().filter(|lookup| alone(&lookup.name)) {
        // Empty lookups are never looked for, so that they need not be in the index.
        let name = quoted(&lookup.name);
        indexes.push(index(table, &format!("({name}) WHERE {name} IS NOT NULL"), false));
    }
    for key in &table.keys {
        let columns: Vec<String> = key
            .columns
            .iter()
            .filter_map(|name| table.column(name))
            .map(|column| index_key(dialect, table, column, false))
            .collect();
        indexes.push(index(table, &format!("({})", columns.join(", ")), true));
    }
    for declared in &table.indexes {
        let mut columns: Vec<String> = declared
            .columns
            .iter()
            .filter_map(|name| {
                let (name, descending) = name.strip_prefix('-').map_or((name.as_str(), false), |name| (name, true));
                Some(index_key(dialect, table, table.column(name)?, descending))
            })
            .collect();
        // The primary key breaks ties in the direction of the last key: with it in the index, a
        // page is read in order, without sorting.
        let descending = declared.columns.last().is_some_and(|name| name.starts_with('-'));
        columns.extend(table.column(&table.primary_key).map(|key| index_key(dialect, table, key, descending)));
        indexes.push(index(table, &format!("({})", columns.join(", ")), false));
    }
    indexes
}

/// An index named after what it indexes, so that another definition is another index.
fn index(table: &Table, definition: &str, unique: bool) -> (String, String) {
    let digest = digest(&format!("{unique} {definition}"));
    let prefix: String = table.name.chars().take(40).collect();
    let name = format!("{prefix}_{}", &digest[..12]);
    let unique = if unique { "UNIQUE " } else { "" };
    let sql = format!("CREATE {unique}INDEX {} ON {} {definition}", quoted(&name), quoted(&table.name));
    (name, sql)
}

/// Names of the unique indexes of a table with the columns they stand for, for error messages.
pub(crate) fn unique_indexes(table: &Table, dialect: Dialect) -> Vec<(String, Vec<String>)> {
    table
        .keys
        .iter()
        .map(|key| {
            let keys: Vec<String> = key
                .columns
                .iter()
                .filter_map(|name| table.column(name))
                .map(|column| index_key(dialect, table, column, false))
                .collect();
            (index(table, &format!("({})", keys.join(", ")), true).0, key.columns.clone())
        })
        .collect()
}

impl PhysicalTable {
    /// `CREATE TABLE` for this table.
    pub(crate) fn create(&self, name: &str, dialect: Dialect) -> String {
        let mut columns: Vec<String> = Vec::with_capacity(self.columns.len() + 1);
        // The row's number, by which the search index finds it.
        columns.push(match dialect {
            Dialect::Sqlite => "seq INTEGER PRIMARY KEY".to_owned(),
            Dialect::Postgres => "seq bigint GENERATED BY DEFAULT AS IDENTITY UNIQUE".to_owned(),
        });
        for (name, column) in &self.columns {
            let text = format!("{} {} {}", quoted(name), column.sql_type, column.constraint);
            columns.push(text.trim_end().to_owned());
        }
        format!("CREATE TABLE {} ({})", quoted(name), columns.join(", "))
    }
}

/// What brings the store's own tables from the format before to `format`.
pub(crate) fn upgrade(format: u32, dialect: Dialect) -> String {
    match format {
        2 => since_format_1(dialect),
        3 => since_format_2(dialect),
        4 => since_format_3(dialect),
        5 => since_format_4(dialect),
        _ => String::new(),
    }
}

/// The store's own tables.
pub(crate) fn system_tables(dialect: Dialect) -> String {
    let first = r#"
        CREATE TABLE pw_meta (key text PRIMARY KEY, value text NOT NULL);
        CREATE TABLE pw_feed (
            seq {sequence}, txid bigint NOT NULL, at {moment} NOT NULL, "user" {id} NOT NULL, origin text NOT NULL,
            act {id} NOT NULL, "table" text NOT NULL, record {id} NOT NULL, operation integer NOT NULL,
            changes text NOT NULL);
        CREATE INDEX pw_feed_record ON pw_feed (record, seq);
        CREATE INDEX pw_feed_act ON pw_feed (act, seq);
        CREATE TABLE pw_feed_cursor (reader text PRIMARY KEY, txid bigint NOT NULL, seq bigint NOT NULL);
        CREATE TABLE pw_sequence (name text PRIMARY KEY, value bigint NOT NULL);
        CREATE TABLE pw_setting (key text PRIMARY KEY, value text NOT NULL);
        CREATE TABLE pw_file (id {id} PRIMARY KEY, content {bytes} NOT NULL);
        CREATE TABLE pw_secret (
            kind text NOT NULL, key text NOT NULL, owner {id}, expires {moment}, data text NOT NULL,
            PRIMARY KEY (kind, key));
        CREATE INDEX pw_secret_owner ON pw_secret (owner, kind);
    "#;
    let sql = spelt(dialect, first);
    let sql = match dialect {
        Dialect::Sqlite => sql,
        // The feed's order there; SQLite's is the sequence alone.
        Dialect::Postgres => format!("{sql} CREATE INDEX pw_feed_order ON pw_feed (txid, seq);"),
    };
    let later = [since_format_1, since_format_2, since_format_3, since_format_4].map(|since| since(dialect)).join(" ");
    format!("{sql} {later}")
}

/// What format 2 has and format 1 had not: match keys, seals of the history, and finding what was
/// deleted.
fn since_format_1(dialect: Dialect) -> String {
    let history = spelt(
        dialect,
        "CREATE TABLE pw_seal (number bigint PRIMARY KEY, last bigint NOT NULL, entries bigint NOT NULL,
             at bigint NOT NULL, hash {bytes} NOT NULL);
         CREATE INDEX pw_feed_deleted ON pw_feed (seq) WHERE operation = 3;
         CREATE INDEX pw_feed_deleted_by ON pw_feed (\"user\", seq) WHERE operation = 3;",
    );
    format!("{history} {}", match_key::table(dialect))
}

/// What format 3 has and format 2 had not: values of the history can be erased and its seals still
/// hold. Seals made before are made anew by [`crate::feed::reseal`].
fn since_format_2(dialect: Dialect) -> String {
    spelt(
        dialect,
        "ALTER TABLE pw_feed ADD COLUMN salt {id};
         ALTER TABLE pw_feed ADD COLUMN erased {bytes};
         CREATE INDEX pw_feed_erased ON pw_feed (seq) WHERE erased IS NOT NULL;
         CREATE INDEX pw_feed_erasures ON pw_feed (seq) WHERE operation = 4;",
    )
}

/// What format 4 has and format 3 had not: match keys that wait to be put into their table.
fn since_format_3(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => match_key::fresh_table(),
        Dialect::Postgres => String::new(),
    }
}

/// What format 5 has and format 4 had not: who published customisations.
fn since_format_4(dialect: Dialect) -> String {
    spelt(
        dialect,
        "CREATE TABLE pw_publication (version bigint PRIMARY KEY, at {moment} NOT NULL, \"user\" {id} NOT NULL,
             origin text NOT NULL, changes text NOT NULL);",
    )
}

/// The statements with the engine's types.
fn spelt(dialect: Dialect, template: &str) -> String {
    let (sequence, moment, id, bytes) = match dialect {
        Dialect::Sqlite => ("INTEGER PRIMARY KEY AUTOINCREMENT", "integer", "blob", "blob"),
        Dialect::Postgres => ("bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "timestamptz(3)", "uuid", "bytea"),
    };
    template.replace("{sequence}", sequence).replace("{moment}", moment).replace("{id}", id).replace("{bytes}", bytes)
}
