//! Finding the row that a cell names: exactly, then without regard to spaces and punctuation.

use std::collections::HashMap;

use model::{Filter, Table, Value};
use uuid::Uuid;

use super::matching::{folded, normalised};
use crate::{App, Caller, Result, records::Work};

/// Most names kept in memory for one column; beyond that only exact names are found.
const MOST_NAMES: usize = 100_000;
/// Rows read in one go.
const PAGE: u32 = 5_000;
/// Names asked for in one go.
const NAMES: usize = 400;

/// The rows with a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Rows with exactly this name.
    pub exact: Vec<Uuid>,
    /// Rows whose name differs in spaces or punctuation only; not looked for where others are
    /// exact.
    pub near: Vec<(Uuid, String)>,
}

/// Names of the rows of one table by one column.
struct Names {
    table: String,
    column: String,
    exact: HashMap<String, Vec<Uuid>>,
    near: HashMap<String, Vec<(Uuid, String)>>,
    /// All rows are here; otherwise they are looked up as they are needed, exactly only.
    complete: bool,
    loaded: bool,
}

/// All columns in which an import looks for rows.
#[derive(Default)]
pub(super) struct Finder {
    names: Vec<Names>,
    /// Additions since the last commit, to be taken back where a batch fails.
    added: Vec<(usize, String)>,
}

impl Finder {
    /// The place of a column's names; they are read by [`Finder::load`].
    pub fn place(&mut self, table: &str, column: &str) -> usize {
        if let Some(known) = self.names.iter().position(|names| names.table == table && names.column == column) {
            return known;
        }
        self.names.push(Names {
            table: table.to_owned(),
            column: column.to_owned(),
            exact: HashMap::new(),
            near: HashMap::new(),
            complete: true,
            loaded: false,
        });
        self.names.len() - 1
    }

    /// Reads the names that are not read yet, as `caller` may see them.
    pub async fn load(&mut self, app: &App, caller: &Caller) -> Result<()> {
        for names in self.names.iter_mut().filter(|names| !names.loaded) {
            names.load(app, caller).await?;
        }
        Ok(())
    }

    /// Where too many rows are there to be kept: looks the names of one batch up.
    pub fn fetch(&mut self, work: &mut Work<'_, '_>, place: usize, wanted: &[&str]) -> Result<()> {
        let names = &mut self.names[place];
        if names.complete {
            return Ok(());
        }
        if names.exact.len() > MOST_NAMES {
            names.exact.clear();
        }
        let table = work.table(&names.table)?;
        let mut unknown: Vec<&str> =
            wanted.iter().copied().filter(|name| !names.exact.contains_key(&folded(name))).collect();
        unknown.sort_unstable();
        unknown.dedup();
        for part in unknown.chunks(NAMES) {
            let filter = Filter::is_in(names.column.as_str(), part.iter().copied());
            for row in work.find(&table.name, filter, &[&table.primary_key, &names.column])? {
                names.add(&table, &row);
            }
        }
        Ok(())
    }

    /// True where names that differ in spaces or punctuation are found, too.
    pub fn is_complete(&self, place: usize) -> bool {
        self.names[place].complete
    }

    /// The rows called `name`.
    pub fn find(&self, place: usize, name: &str) -> Found {
        let names = &self.names[place];
        match names.exact.get(&folded(name)) {
            Some(exact) if !exact.is_empty() => Found { exact: exact.clone(), near: Vec::new() },
            _ => Found { exact: Vec::new(), near: names.near.get(&normalised(name)).cloned().unwrap_or_default() },
        }
    }

    /// A row was written that others may name.
    pub fn note(&mut self, table: &Table, row: &store::Row) {
        for (place, names) in self.names.iter_mut().enumerate() {
            if names.table == table.name
                && let Some(name) = names.add(table, row)
            {
                self.added.push((place, name));
            }
        }
    }

    /// A place to go back to.
    pub fn mark(&self) -> usize {
        self.added.len()
    }

    /// Forgets what was noted since the mark: it was not kept.
    pub fn back_to(&mut self, mark: usize) {
        for (place, name) in self.added.drain(mark..).rev() {
            let names = &mut self.names[place];
            pop(&mut names.exact, &folded(&name));
            pop(&mut names.near, &normalised(&name));
        }
    }

    /// What was noted is kept.
    pub fn keep(&mut self) {
        self.added.clear();
    }
}

fn pop<T>(map: &mut HashMap<String, Vec<T>>, key: &str) {
    if let Some(rows) = map.get_mut(key) {
        rows.pop();
        if rows.is_empty() {
            map.remove(key);
        }
    }
}

impl Names {
    async fn load(&mut self, app: &App, caller: &Caller) -> Result<()> {
        let table = app.table(&self.table)?;
        let mut query =
            app.new_query(caller, &self.table).select([table.primary_key.as_str(), self.column.as_str()]).take(PAGE);
        loop {
            let rows = app.query(caller, query.clone()).await?;
            for row in rows.to_rows() {
                self.add(&table, &row);
            }
            if self.exact.len() > MOST_NAMES {
                self.complete = false;
                self.near.clear();
                break;
            }
            match rows.next {
                Some(next) => query.page.cursor = Some(next),
                None => break,
            }
        }
        self.loaded = true;
        Ok(())
    }

    /// Adds a row under its name; the name, where it has one.
    fn add(&mut self, table: &Table, row: &store::Row) -> Option<String> {
        let id = row.value(&table.primary_key).as_id()?;
        let name = match row.value(&self.column) {
            Value::Text(text) => text.clone(),
            Value::Whole(number) => number.to_string(),
            _ => return None,
        };
        let exact = self.exact.entry(folded(&name)).or_default();
        if exact.contains(&id) {
            return None;
        }
        exact.push(id);
        if self.complete {
            self.near.entry(normalised(&name)).or_default().push((id, name.clone()));
        }
        Some(name)
    }
}
