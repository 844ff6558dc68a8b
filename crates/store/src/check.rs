//! Verifies what the database promises.

use std::{fmt, sync::Arc};

use model::{Column, Model, Table, TableKind};
use uuid::Uuid;

use crate::{
    Reader, Sealed, StoreError, derived,
    dialect::type_column,
    engine::{Connection, Dialect, SqlValue, quoted},
    feed::seal,
    migrate,
    rows::VERSION,
};

/// Most findings of one kind in one table; the rest only repeats them.
const EXAMPLES: usize = 20;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Logical name of the table, or empty for the database as a whole.
    pub table: String,
    /// The row, where it is one row's fault.
    pub id: Option<Uuid>,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// What a check looked at and found.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct CheckReport {
    /// Rows of each table, in the model's order.
    pub rows: Vec<(String, u64)>,
    /// Entries of the change feed.
    pub feed_entries: u64,
    /// What the seals say about them.
    pub history: Sealed,
    /// Everything that is wrong; empty for a sound database.
    pub findings: Vec<Finding>,
}

impl CheckReport {
    /// True where nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.table.is_empty(), self.id) {
            (true, _) => out.write_str(&self.message),
            (false, None) => write!(out, "{}: {}", self.table, self.message),
            (false, Some(id)) => write!(out, "{} {id}: {}", self.table, self.message),
        }
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: u64 = self.rows.iter().map(|(_, count)| count).sum();
        write!(out, "{rows} rows in {} tables and {} changes looked at: ", self.rows.len(), self.feed_entries)?;
        if self.is_sound() {
            out.write_str("nothing is wrong")?;
        } else {
            write!(out, "{} findings", self.findings.len())?;
            self.findings.iter().try_for_each(|finding| write!(out, "\n  {finding}"))?;
        }
        let Sealed { entries, unsealed, last, .. } = &self.history;
        match last {
            Some(last) => write!(out, "\n{entries} changes sealed, {unsealed} not yet; the last seal is {last}")?,
            None => write!(out, "\nno change was sealed yet: a server does that while it runs")?,
        }
        match self.history.erased {
            0 => Ok(()),
            erased => write!(out, "\nof {erased} changes the values were erased, each by an erasure in the history"),
        }
    }
}

/// Checks everything on one snapshot.
pub(crate) fn run(reader: &mut Reader<'_>, model: &Arc<Model>) -> Result<CheckReport, StoreError> {
    let former = migrate::purge::former_tables(reader, model)?;
    let connection = reader.connection();
    let mut report = CheckReport { feed_entries: count(connection, "pw_feed")?, ..CheckReport::default() };
    file(connection, &mut report.findings)?;
    report.history = seal::check(connection, &mut report.findings)?;
    for table in model.tables.values() {
        report.rows.push((table.name.clone(), count(connection, &quoted(&table.name))?));
        references(connection, model, table, &former, &mut report.findings)?;
        states(connection, table, &mut report.findings)?;
        versions(connection, table, &mut report.findings)?;
        report.findings.extend(derived::check(connection, model, table)?);
    }
    Ok(report)
}

/// The file's own structure; PostgreSQL looks after its own.
fn file(connection: &mut dyn Connection, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    if connection.dialect() != Dialect::Sqlite {
        return Ok(());
    }
    for row in connection.query("PRAGMA quick_check", &[])? {
        match row.first().and_then(SqlValue::as_text) {
            None | Some("ok") => {}
            Some(message) => {
                findings.push(Finding { table: String::new(), id: None, message: format!("the file: {message}") });
            }
        }
    }
    Ok(())
}

/// Every lookup points at a row that is there.
fn references(
    connection: &mut dyn Connection,
    model: &Model,
    table: &Table,
    former: &[String],
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    for column in table.lookups() {
        for target in column.targets().iter().filter_map(|target| model.table(target)) {
            dangling(connection, table, column, target, findings)?;
        }
        if column.is_polymorphic() {
            untyped(connection, table, column, former, findings)?;
        }
    }
    Ok(())
}

fn dangling(
    connection: &mut dyn Connection,
    table: &Table,
    column: &Column,
    target: &Table,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let lookup = quoted(&column.name);
    // Names come from the validated model; they hold no quotes.
    let typed = if column.is_polymorphic() {
        format!(" AND t.{} = '{}'", quoted(&type_column(&column.name)), target.name)
    } else {
        String::new()
    };
    let sql = format!(
        "SELECT t.{} FROM {} t WHERE t.{lookup} IS NOT NULL{typed}
         AND NOT EXISTS (SELECT 1 FROM {} r WHERE r.{} = t.{lookup}) LIMIT {EXAMPLES}",
        quoted(&table.primary_key),
        quoted(&table.name),
        quoted(&target.name),
        quoted(&target.primary_key)
    );
    let message = format!("{} points at a {} that does not exist", column.name, target.name);
    examples(connection, &sql, table, &message, findings)
}

/// What is about a row of a table that left the model stays with it, in case it comes back.
fn untyped(
    connection: &mut dyn Connection,
    table: &Table,
    column: &Column,
    former: &[String],
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let kind = quoted(&type_column(&column.name));
    let lookup = quoted(&column.name);
    let targets: Vec<String> = column.targets().iter().chain(former).map(|target| format!("'{target}'")).collect();
    let sql = format!(
        "SELECT {} FROM {} WHERE {lookup} IS NOT NULL AND ({kind} IS NULL OR {kind} NOT IN ({})) LIMIT {EXAMPLES}",
        quoted(&table.primary_key),
        quoted(&table.name),
        targets.join(", ")
    );
    let message = format!("{} does not say which of {} it points at", column.name, column.targets().join(", "));
    examples(connection, &sql, table, &message, findings)
}

/// Every row is in a state it may be in.
fn states(connection: &mut dyn Connection, table: &Table, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    // A twin has the status reason of its activity, whose kind has reasons of its own.
    if !table.has_state() || table.kind == TableKind::Pointer {
        return Ok(());
    }
    let sql =
        format!("SELECT statecode, statuscode, count(*) FROM {} GROUP BY 1, 2 ORDER BY 1, 2", quoted(&table.name));
    for row in connection.query(&sql, &[])? {
        let part = |position: usize| row.get(position).and_then(SqlValue::as_int).and_then(|n| i32::try_from(n).ok());
        let state = part(0).and_then(|state| table.state(state));
        let fits = part(1)
            .is_some_and(|status| state.is_some_and(|state| state.statuses.iter().any(|known| known.value == status)));
        if !fits {
            findings.push(Finding {
                table: table.name.clone(),
                id: None,
                message: format!(
                    "{} rows have statecode {} with statuscode {}, which do not belong together",
                    part(2).unwrap_or_default(),
                    part(0).map_or_else(|| "null".to_owned(), |number| number.to_string()),
                    part(1).map_or_else(|| "null".to_owned(), |number| number.to_string()),
                ),
            });
        }
    }
    Ok(())
}

/// Every row's version is an entry of the feed about that row.
fn versions(connection: &mut dyn Connection, table: &Table, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    let key = quoted(&table.primary_key);
    let sql = format!(
        "SELECT t.{key} FROM {} t WHERE NOT EXISTS
         (SELECT 1 FROM pw_feed f WHERE f.seq = t.{VERSION} AND f.record = t.{key}) LIMIT {EXAMPLES}",
        quoted(&table.name)
    );
    examples(connection, &sql, table, "its version is not in the change feed", findings)
}

fn examples(
    connection: &mut dyn Connection,
    sql: &str,
    table: &Table,
    message: &str,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    for row in connection.query(sql, &[])? {
        findings.push(Finding {
            table: table.name.clone(),
            id: row.first().and_then(SqlValue::as_uuid),
            message: message.to_owned(),
        });
    }
    Ok(())
}

fn count(connection: &mut dyn Connection, table: &str) -> Result<u64, StoreError> {
    let rows = connection.query(&format!("SELECT count(*) FROM {table}"), &[])?;
    let count = rows.first().and_then(|row| row.first()).and_then(SqlValue::as_int);
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
}
