//! Records that seem to be the same thing.
//!
//! What counts as the same is said by rules, rows of `duplicaterule` with their conditions. For
//! each published rule every row of its tables bears *match keys* ([`keys`]) in one indexed table
//! of the store, written with the row ([`keep`]); two rows that share one are compared closely
//! ([`find`]). So a check costs the same however many rows there are. Rules that compare the same
//! columns in the same way share their keys.
//!
//! Publishing ([`publish`]) makes the keys of the rows that are there already, a part at a time.

mod criterion;
mod find;
pub(crate) mod keep;
mod keys;
mod listing;
pub mod normal;
pub(crate) mod publish;
pub(crate) mod rules;
pub(crate) mod shipped;
mod similar;

use language::tr;
use model::{Table, Value};
use store::{Reader, Row};
use uuid::Uuid;

use crate::{App, Caller, Result};

pub use criterion::Criterion;
pub use find::{Found, Match};
pub use listing::{Pair, Pairs};
pub use rules::Action;
pub use similar::{companies, names};

use find::Subject;
use rules::Cache;

/// What can be found out about duplicates.
pub struct Duplicates<'a> {
    app: &'a App,
}

impl App {
    /// What can be found out about duplicates.
    pub const fn duplicates(&self) -> Duplicates<'_> {
        Duplicates { app: self }
    }
}

impl Duplicates<'_> {
    /// Records that may be the same as this one by any published rule, as the caller may see
    /// them.
    pub async fn of(&self, caller: &Caller, table: &str, id: Uuid) -> Result<Vec<Match>> {
        let (caller, name, cache) = (caller.clone(), table.to_owned(), self.app.duplicate_rules().clone());
        self.app
            .read(move |reader| {
                let row = crate::reading::get(reader, &caller, &name, id, None)?;
                if row.value("merged").as_boolean() == Some(true) {
                    return Ok(Vec::new());
                }
                of_row(reader, &caller, &cache, &name, (&row, Some(id)), None)
            })
            .await
    }

    /// Records of `matching` that may be the same as a row with these values, stored or not.
    pub async fn of_values(
        &self,
        caller: &Caller,
        table: &str,
        (values, id): (Row, Option<Uuid>),
        matching: &str,
    ) -> Result<Vec<Match>> {
        let (caller, cache) = (caller.clone(), self.app.duplicate_rules().clone());
        let (table, matching) = (self.app.table(table)?, self.app.table(matching)?);
        self.app
            .read(move |reader| {
                let mut row = match id {
                    Some(id) => crate::reading::get(reader, &caller, &table.name, id, None)?,
                    None => Row::new(),
                };
                row.merge(&values);
                complete(&table, &mut row);
                of_row(reader, &caller, &cache, &table.name, (&row, id), Some(&matching.name))
            })
            .await
    }
}

/// What may be the same as a row, in `matching` alone where that is given.
pub(crate) fn of_row(
    reader: &mut Reader<'_>,
    caller: &Caller,
    cache: &Cache,
    table: &str,
    (row, id): (&Row, Option<Uuid>),
    matching: Option<&str>,
) -> Result<Vec<Match>> {
    let version = reader.published_version()?;
    let rules = cache.rules(reader, version)?;
    if rules.know_nothing_of(table) {
        return Ok(Vec::new());
    }
    let Some(table) = reader.model().table(table).cloned() else { return Ok(Vec::new()) };
    find::all(reader, caller, &rules, &Subject { table: &table, row, id }, matching)
}

/// Fills the calculated columns of a row that is not stored.
fn complete(table: &Table, row: &mut Row) {
    for column in table.calculated() {
        let value: Value = column.calculate(&|name| row.value(name).clone());
        row.set(column.name.as_str(), value);
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => tr!("{} and {last}", rest.join(", "), last),
    }
}
