//! The database objects that hold derived data.

use model::{Column, Model, Summary, Table};
use uuid::Uuid;

use crate::{
    dialect::physical_columns,
    engine::{Dialect, quoted},
};

/// The column of a summary with the number of rows.
pub(crate) const COUNT_COLUMN: &str = "pw_count";
/// The column of a summary that identifies the group.
pub(super) const GROUP_COLUMN: &str = "pw_group";

/// What the name of every search index ends with.
pub(crate) const SEARCH_SUFFIX: &str = "_search";

/// Of a statement of [`statements`]: what it creates only shows what another object holds.
pub(crate) fn is_view(statement: &str) -> bool {
    statement.contains(" USING fts5vocab(")
}

/// What the name of every summary begins with.
pub(crate) const SUMMARY_PREFIX: &str = "pw_summary_";

/// The search index of a table.
pub(crate) fn search_table(table: &Table) -> String {
    format!("{}{SEARCH_SUFFIX}", table.name)
}

/// The words of the search index of a table, on SQLite.
pub(crate) fn words_table(table: &Table) -> String {
    format!("{}_words", search_table(table))
}

/// The table of a summary.
pub(crate) fn summary_table(table: &Table, summary: &Summary) -> String {
    format!("{SUMMARY_PREFIX}{}_{}", table.name, summary.name)
}

/// The column of a summary with the sum of a column.
pub(crate) fn sum_column(column: &str) -> String {
    format!("pw_sum_{column}")
}

/// The column of a summary with the number of rows in which a summed column is filled.
pub(crate) fn filled_column(column: &str) -> String {
    format!("pw_filled_{column}")
}

/// True where the table has a search index.
pub(super) fn is_searched(table: &Table) -> bool {
    table.columns.values().any(|column| column.searchable)
}

/// The grouped (or summed) columns of a summary that exist.
pub(super) fn columns<'a>(table: &'a Table, names: &'a [String]) -> impl Iterator<Item = &'a Column> {
    names.iter().filter_map(|name| table.column(name)).filter(|column| column.is_stored())
}

/// What creates the search and summary objects of a table.
pub(crate) fn statements(_: &Model, table: &Table, dialect: Dialect) -> Vec<String> {
    let mut statements = Vec::new();
    if is_searched(table) {
        statements.extend(search_statements(table, dialect));
    }
    for summary in &table.summaries {
        statements.extend(summary_statements(table, summary, dialect));
    }
    statements
}

fn search_statements(table: &Table, dialect: Dialect) -> Vec<String> {
    let name = search_table(table);
    let quoted_name = quoted(&name);
    match dialect {
        // The words are folded before they come here: the tokenizer only splits at spaces.
        Dialect::Sqlite => vec![
            format!(
                "CREATE VIRTUAL TABLE {quoted_name} USING fts5(words, content='', contentless_delete=1, detail=none, \
                 prefix='1 2', tokenize='unicode61 remove_diacritics 0 categories ''L* N* M* P* S* C*''')"
            ),
            // By instance: only then a word is gone past without counting its rows.
            format!("CREATE VIRTUAL TABLE {} USING fts5vocab({quoted_name}, instance)", quoted(&words_table(table))),
        ],
        Dialect::Postgres => vec![
            format!("CREATE TABLE {quoted_name} (seq bigint PRIMARY KEY, words tsvector NOT NULL)"),
            format!("CREATE INDEX {} ON {quoted_name} USING gin (words)", quoted(&format!("{name}_words"))),
        ],
    }
}

fn summary_statements(table: &Table, summary: &Summary, dialect: Dialect) -> Vec<String> {
    let name = summary_table(table, summary);
    let (id, number) = match dialect {
        Dialect::Sqlite => ("BLOB", "INTEGER"),
        Dialect::Postgres => ("uuid", "bigint"),
    };
    let mut columns = vec![
        format!("{} {id} NOT NULL PRIMARY KEY", quoted(GROUP_COLUMN)),
        format!("{} {number} NOT NULL", quoted(COUNT_COLUMN)),
    ];
    for column in self::columns(table, &summary.group_by) {
        for physical in physical_columns(dialect, column) {
            columns.push(format!("{} {}", quoted(&physical.name), physical.sql_type));
        }
    }
    for column in self::columns(table, &summary.sums) {
        // Wider than one row's amount.
        let kind = if dialect == Dialect::Postgres { "numeric" } else { number };
        columns.push(format!("{} {kind} NOT NULL", quoted(&sum_column(&column.name))));
        columns.push(format!("{} {number} NOT NULL", quoted(&filled_column(&column.name))));
    }
    // The identifier is computed from the group, so that a table keyed by it needs no rowid.
    let storage = if dialect == Dialect::Sqlite { " WITHOUT ROWID" } else { "" };
    let create = format!("CREATE TABLE {} ({}){storage}", quoted(&name), columns.join(", "));
    let by_owner = index_by_owner(table, summary, &create);
    std::iter::once(create).chain(by_owner).collect()
}

/// One seller's totals are found without looking at everybody's. Adding to a group leaves this
/// index alone. Its name follows from the table's columns, so that both are made anew together.
fn index_by_owner(table: &Table, summary: &Summary, create: &str) -> Option<String> {
    let owner = columns(table, &summary.group_by).find(|column| column.name == "ownerid")?;
    let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, create.as_bytes()).simple().to_string();
    let index = format!("pw_summary_{}_{}", table.name.chars().take(30).collect::<String>(), &digest[..12]);
    let on = quoted(&summary_table(table, summary));
    Some(format!("CREATE INDEX {} ON {on} ({})", quoted(&index), quoted(&owner.name)))
}
