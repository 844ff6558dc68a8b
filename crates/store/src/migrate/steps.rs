//! Single steps of a migration.

use std::fmt;

use model::{Model, Value};

use crate::{
    StoreError, derived,
    dialect::{encode, type_column},
    engine::{Connection, Dialect, SqlValue, quoted},
    schema::PhysicalSchema,
};

/// One change of the database.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    DropIndex {
        name: String,
    },
    DropDerived {
        statement: String,
    },
    CreateTable {
        table: String,
    },
    AddColumn {
        table: String,
        column: String,
        sql_type: String,
    },
    /// A column kept from an earlier model stands in the way of a new one of its name.
    MoveAside {
        table: String,
        column: String,
        to: String,
    },
    ChangeType {
        table: String,
        column: String,
        sql_type: String,
    },
    /// Another number of places after the point.
    Rescale {
        table: String,
        column: String,
        from: u32,
        to: u32,
    },
    /// Refuses texts that are too long.
    CheckLength {
        table: String,
        column: String,
        length: u32,
    },
    /// Refuses references to other tables than `target`.
    CheckTarget {
        table: String,
        column: String,
        from: Option<String>,
        target: String,
    },
    CreateIndex {
        name: String,
        sql: String,
    },
    CreateDerived {
        statement: String,
    },
    FillDefault {
        table: String,
        column: String,
        value: Value,
    },
    FillTarget {
        table: String,
        lookup: String,
        target: String,
    },
    /// Computes search, summaries, rollups and calculated columns anew.
    Rebuild {
        table: String,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DropIndex { name } => write!(out, "drop the index {name}"),
            Self::DropDerived { statement } => write!(out, "drop {}", object(statement).unwrap_or(statement)),
            Self::CreateTable { table } => write!(out, "create the table {table}"),
            Self::AddColumn { table, column, sql_type } => write!(out, "add the column {table}.{column} ({sql_type})"),
            Self::MoveAside { table, column, to } => {
                write!(out, "keep the former column {table}.{column} as {to}")
            }
            Self::ChangeType { table, column, sql_type } => write!(out, "change {table}.{column} to {sql_type}"),
            Self::Rescale { table, column, from, to } => {
                write!(out, "change {table}.{column} from {from} to {to} places after the point")
            }
            Self::CheckLength { table, column, length } => {
                write!(out, "make sure that {table}.{column} holds no more than {length} characters")
            }
            Self::CheckTarget { table, column, target, .. } => {
                write!(out, "make sure that {table}.{column} points at nothing but {target}")
            }
            Self::CreateIndex { name, .. } => write!(out, "create the index {name}"),
            Self::CreateDerived { statement } => write!(out, "create {}", object(statement).unwrap_or(statement)),
            Self::FillDefault { table, column, .. } => write!(out, "fill {table}.{column} with its default"),
            Self::FillTarget { table, lookup, target } => {
                write!(out, "note that {table}.{lookup} has pointed at {target} so far")
            }
            Self::Rebuild { table } => write!(out, "compute the derived data of {table} anew"),
        }
    }
}

impl Step {
    /// Carries it out.
    pub(super) fn run(
        &self,
        connection: &mut dyn Connection,
        model: &Model,
        wanted: &PhysicalSchema,
    ) -> Result<(), StoreError> {
        let dialect = connection.dialect();
        match self {
            Self::DropIndex { name } => connection.batch(&format!("DROP INDEX IF EXISTS {}", quoted(name))),
            Self::DropDerived { statement } => drop_object(connection, statement),
            Self::CreateTable { table } => match wanted.tables.get(table) {
                Some(physical) => connection.batch(&physical.create(table, dialect)),
                None => Ok(()),
            },
            Self::AddColumn { table, column, sql_type } => {
                connection.batch(&format!("ALTER TABLE {} ADD COLUMN {} {sql_type}", quoted(table), quoted(column)))
            }
            Self::MoveAside { table, column, to } => connection.batch(&format!(
                "ALTER TABLE {} RENAME COLUMN {} TO {}",
                quoted(table),
                quoted(column),
                quoted(to)
            )),
            Self::ChangeType { table, column, sql_type } => connection.batch(&format!(
                "ALTER TABLE {} ALTER COLUMN {} TYPE {sql_type}",
                quoted(table),
                quoted(column)
            )),
            Self::Rescale { table, column, from, to } => rescale(connection, table, column, *from, *to),
            Self::CheckLength { table, column, length } => refuse_rows(
                connection,
                table,
                &format!("length({}) > {length}", quoted(column)),
                &format!("{table}.{column}: {{count}} texts are longer than {length} characters; shorten them first"),
            ),
            Self::CheckTarget { table, column, from, target } => check_target(connection, table, column, from.is_some(), target),
            Self::CreateIndex { sql, .. } => connection.batch(sql).map_err(|error| match error {
                StoreError::DuplicateKey { table, .. } => StoreError::Migration(format!(
                    "{table}: a key cannot be made unique, because several rows have the same values; change them first ({sql})"
                )),
                other => other,
            }),
            Self::CreateDerived { statement } => connection.batch(statement),
            Self::FillDefault { table, column, value } => fill_default(connection, model, table, column, value),
            Self::FillTarget { table, lookup, target } => {
                let sql = format!(
                    "UPDATE {} SET {} = {} WHERE {} IS NOT NULL",
                    quoted(table),
                    quoted(&type_column(lookup)),
                    dialect.parameter(1),
                    quoted(lookup)
                );
                connection.execute(&sql, &[target.as_str().into()]).map(drop)
            }
            Self::Rebuild { table } => match model.table(table) {
                Some(table) => derived::rebuild(connection, model, table),
                None => Ok(()),
            },
        }
    }
}

/// Kind and name of the object a statement creates: `TABLE lead_search`.
fn object(statement: &str) -> Option<&str> {
    let rest = statement.trim_start().strip_prefix("CREATE ")?;
    let end = rest.find(" ON ").or_else(|| rest.find(" USING ")).or_else(|| rest.find('(')).unwrap_or(rest.len());
    let rest = rest[..end].trim();
    Some(rest)
}

fn drop_object(connection: &mut dyn Connection, statement: &str) -> Result<(), StoreError> {
    let Some(object) = object(statement) else {
        return Err(StoreError::Internal(format!("it is not known how to undo: {statement}")));
    };
    let name = object.split_whitespace().last().unwrap_or_default();
    let kind = if object.contains("INDEX ") { "INDEX" } else { "TABLE" };
    connection.batch(&format!("DROP {kind} IF EXISTS {name}"))
}

fn rescale(connection: &mut dyn Connection, table: &str, column: &str, from: u32, to: u32) -> Result<(), StoreError> {
    let name = quoted(column);
    let factor = 10_i64.pow(from.abs_diff(to));
    let lost = match connection.dialect() {
        Dialect::Sqlite => format!("{name} % {factor} <> 0"),
        Dialect::Postgres => format!("{name} <> round({name}, {to})"),
    };
    if to < from {
        let reason =
            format!("{table}.{column}: {{count}} values have more than {to} places after the point; round them first");
        refuse_rows(connection, table, &lost, &reason)?;
    }
    match connection.dialect() {
        Dialect::Postgres => Ok(()),
        Dialect::Sqlite => {
            let operator = if to > from { "*" } else { "/" };
            let most = i64::MAX / factor;
            if to > from {
                let reason =
                    format!("{table}.{column}: {{count}} values are too large for {to} places after the point");
                refuse_rows(connection, table, &format!("abs({name}) > {most}"), &reason)?;
            }
            connection.batch(&format!("UPDATE {} SET {name} = {name} {operator} {factor}", quoted(table)))
        }
    }
}

fn check_target(
    connection: &mut dyn Connection,
    table: &str,
    column: &str,
    had_one_target: bool,
    target: &str,
) -> Result<(), StoreError> {
    let others = if had_one_target {
        format!("{} IS NOT NULL", quoted(column))
    } else {
        // Names come from the validated model; they hold no quotes.
        format!("{} <> '{target}'", quoted(&type_column(column)))
    };
    let reason = format!("{table}.{column}: {{count}} rows point at something else than {target}; empty them first");
    refuse_rows(connection, table, &others, &reason)
}

/// Refuses the migration where rows satisfy the condition; `{count}` in the reason says how many.
pub(super) fn refuse_rows(
    connection: &mut dyn Connection,
    table: &str,
    condition: &str,
    reason: &str,
) -> Result<(), StoreError> {
    let rows = connection.query(&format!("SELECT count(*) FROM {} WHERE {condition}", quoted(table)), &[])?;
    let count = rows.first().and_then(|row| row.first()).and_then(SqlValue::as_int).unwrap_or(0);
    if count == 0 { Ok(()) } else { Err(StoreError::Migration(reason.replace("{count}", &count.to_string()))) }
}

fn fill_default(
    connection: &mut dyn Connection,
    model: &Model,
    table: &str,
    column: &str,
    value: &Value,
) -> Result<(), StoreError> {
    let Some(declared) = model.table(table).and_then(|table| table.column(column)) else { return Ok(()) };
    let dialect = connection.dialect();
    let mut values: Vec<_> = encode(dialect, declared, value)?.collect();
    values.truncate(1);
    let sql = format!("UPDATE {} SET {} = {}", quoted(table), quoted(column), dialect.parameter(1));
    connection.execute(&sql, &values).map(drop)
}
