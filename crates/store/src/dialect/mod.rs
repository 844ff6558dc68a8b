//! How the model's columns and values stand in each engine.

mod decode;
mod encode;
mod text;

pub(crate) use decode::{day, decode};
pub(crate) use encode::{encode, scaled};
use model::{Column, ColumnType, Table};
pub(crate) use text::{folded, lower, words, words_of};

use crate::engine::{Dialect, quoted};

/// Places after the point that money is stored with.
pub(crate) const MONEY_PLACES: u32 = 4;

/// Collation of text columns on SQLite; registered by the engine.
pub(crate) const TEXT_COLLATION: &str = "PW_NOCASE";

/// One physical column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhysicalColumn {
    /// Name in the database.
    pub name: String,
    /// Type as DDL spells it, collation included.
    pub sql_type: &'static str,
}

/// The physical columns of a column: none for a party list, two for a polymorphic lookup, else one.
pub(crate) fn physical_columns(dialect: Dialect, column: &Column) -> Vec<PhysicalColumn> {
    if !column.is_stored() {
        return Vec::new();
    }
    let mut columns =
        vec![PhysicalColumn { name: column.name.clone(), sql_type: sql_type(dialect, column.value_type()) }];
    if column.is_polymorphic() {
        columns.push(PhysicalColumn { name: type_column(&column.name), sql_type: plain_text(dialect) });
    }
    columns
}

/// Name of the column that holds the table's name of a polymorphic lookup.
pub(crate) fn type_column(lookup: &str) -> String {
    format!("{lookup}_type")
}

/// How many physical columns a stored column has.
pub(crate) fn width(column: &Column) -> usize {
    if column.is_polymorphic() { 2 } else { 1 }
}

/// True for columns that every row has filled, so that their order needs no thought about nulls.
/// The schema declares them `NOT NULL`.
pub(crate) fn never_null(table: &Table, column: &Column) -> bool {
    column.name == table.primary_key || matches!(column.name.as_str(), "createdon" | "modifiedon" | "versionnumber")
}

/// One key of an index, spelt so that the compiled `ORDER BY` and comparisons find it.
pub(crate) fn index_key(dialect: Dialect, table: &Table, column: &Column, descending: bool) -> String {
    let name = quoted(&column.name);
    let direction = if descending { " DESC" } else { "" };
    match dialect {
        Dialect::Sqlite => format!("{name}{direction}"),
        Dialect::Postgres => {
            let expression = match column.value_type() {
                _ if column.is_text() => format!("(lower({name}) COLLATE \"C\")"),
                ColumnType::MultiChoice { .. } => format!("({name} COLLATE \"C\")"),
                _ => name,
            };
            let nulls = match (never_null(table, column), descending) {
                (true, _) => "",
                (false, true) => " NULLS LAST",
                (false, false) => " NULLS FIRST",
            };
            format!("{expression}{direction}{nulls}")
        }
    }
}

/// Places after the point of a number type; none for types that are no numbers.
pub(crate) fn places(kind: &ColumnType) -> Option<u32> {
    match kind {
        ColumnType::Whole { .. } => Some(0),
        ColumnType::Decimal { precision, .. } => Some(*precision),
        ColumnType::Money { .. } => Some(MONEY_PLACES),
        _ => None,
    }
}

fn plain_text(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "TEXT",
        Dialect::Postgres => "text",
    }
}

fn sql_type(dialect: Dialect, kind: &ColumnType) -> &'static str {
    use ColumnType as Type;
    let (sqlite, postgres) = match kind {
        Type::Id | Type::Lookup { .. } | Type::File { .. } | Type::Image { .. } => ("BLOB", "uuid"),
        Type::Text { .. } | Type::Memo { .. } | Type::RichText { .. } | Type::AutoNumber(_) => {
            ("TEXT COLLATE PW_NOCASE", "text")
        }
        Type::MultiChoice { .. } | Type::PartyList { .. } => ("TEXT", "text"),
        Type::Whole { .. } => ("INTEGER", "bigint"),
        Type::Choice { .. } | Type::State | Type::Status => ("INTEGER", "integer"),
        Type::Decimal { .. } => ("INTEGER", "numeric"),
        Type::Money { .. } => ("INTEGER", "numeric(19,4)"),
        Type::Boolean { .. } => ("INTEGER", "boolean"),
        Type::Date => ("TEXT", "date"),
        Type::DateTime => ("INTEGER", "timestamptz(3)"),
        // Reached through `value_type`, which never returns these; a result of a result is text.
        Type::Calculated { result, .. } => return sql_type(dialect, result),
        Type::Rollup(rollup) => return sql_type(dialect, &rollup.result),
    };
    match dialect {
        Dialect::Sqlite => sqlite,
        Dialect::Postgres => postgres,
    }
}
