//! The read path's face: queries in a caller's name.

pub mod changes;

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use language::tr;
use model::{Model, Reference, Value};
use store::{FeedEntry, Query, Reader, Row, Rows};
use uuid::Uuid;

use crate::{App, Caller, Error, Result, access, process};

/// Nobody looks at an empty place for longer.
const PATIENCE: Duration = Duration::from_secs(15);

impl App {
    /// A query over `table` in the caller's name, with the rules of access in it.
    pub fn new_query(&self, caller: &Caller, table: &str) -> Query {
        Query::of(table, caller.scope().clone(), caller.zone())
    }

    /// As [`App::new_query`], for what counts or sums up rows while somebody looks at an empty place:
    /// it is given up where that takes longer than they would wait for it.
    pub fn new_summing_up(&self, caller: &Caller, table: &str) -> Query {
        Query { patience: Some(PATIENCE), ..self.new_query(caller, table) }
    }

    /// Runs a query. The rules of access are the caller's, whatever the query carries.
    pub async fn query(&self, caller: &Caller, mut query: Query) -> Result<Rows> {
        query.scope = caller.scope().clone();
        self.read(move |reader| Ok(reader.query(&query)?)).await
    }

    /// Runs several queries on one snapshot. The patience of each counts from when the first begins, so
    /// that many take no longer than one may.
    pub async fn queries(&self, caller: &Caller, mut queries: Vec<Query>) -> Result<Vec<Rows>> {
        for query in &mut queries {
            query.scope = caller.scope().clone();
        }
        self.read(move |reader| {
            let begun = Instant::now();
            let each = queries.iter_mut().map(|query| {
                query.patience = query.patience.map(|patience| patience.saturating_sub(begun.elapsed()));
                Ok(reader.query(query)?)
            });
            each.collect()
        })
        .await
    }

    /// Runs a query and reads the names of everything its rows point at, on one snapshot.
    pub async fn query_with_names(&self, caller: &Caller, mut query: Query) -> Result<(Rows, Names)> {
        let caller = caller.clone();
        query.scope = caller.scope().clone();
        self.read(move |reader| {
            let rows = reader.query(&query)?;
            let references = rows.rows.iter().flatten().filter_map(Value::as_reference).cloned().collect::<Vec<_>>();
            let names = names(reader, &caller, &references)?;
            Ok((rows, names))
        })
        .await
    }

    /// One row with all its columns, or the named ones.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is absent or hidden from the caller.
    pub async fn get(&self, caller: &Caller, table: &str, id: Uuid, columns: Option<Vec<String>>) -> Result<Row> {
        let (caller, table) = (caller.clone(), table.to_owned());
        self.read(move |reader| get(reader, &caller, &table, id, columns.as_deref())).await
    }

    /// One row and the names of everything it points at.
    pub async fn get_with_names(&self, caller: &Caller, table: &str, id: Uuid) -> Result<(Row, Names)> {
        let (caller, table) = (caller.clone(), table.to_owned());
        self.read(move |reader| {
            let row = get(reader, &caller, &table, id, None)?;
            let references = row.iter().filter_map(|(_, value)| value.as_reference().cloned()).collect::<Vec<_>>();
            let names = names(reader, &caller, &references)?;
            Ok((row, names))
        })
        .await
    }

    /// The names of rows; those that are absent or hidden are left out.
    pub async fn names(&self, caller: &Caller, references: Vec<Reference>) -> Result<Names> {
        let caller = caller.clone();
        self.read(move |reader| names(reader, &caller, &references)).await
    }

    /// The changes of one row, newest first, with those of its shares and of what
    /// happened to its flow as a whole, which bear their own tables.
    /// Those of secured columns that the caller may not read stand there without values.
    pub async fn history(&self, caller: &Caller, table: &str, id: Uuid, limit: u32) -> Result<(Vec<FeedEntry>, Names)> {
        let (caller, table) = (caller.clone(), table.to_owned());
        self.read(move |reader| {
            get(reader, &caller, &table, id, Some(&[]))?;
            let mut entries = reader.feed_of(&table, id, limit)?;
            let record = Reference::new(table, id);
            entries.extend(access::history_of_shares(reader, &caller, &record, limit)?);
            entries.extend(process::history_of_flows(reader, &caller, &record, limit)?);
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.position.sequence));
            entries.truncate(limit as usize);
            conceal(reader.model(), &caller, &mut entries);
            let references = entries.iter().flat_map(mentioned).collect::<Vec<_>>();
            let names = names(reader, &caller, &references)?;
            Ok((entries, names))
        })
        .await
    }

    /// As [`App::history`], but only what `column` went through, or what one person did, or both.
    pub async fn history_of(
        &self,
        caller: &Caller,
        (table, id): (&str, Uuid),
        looked_for: LookedFor,
        limit: u32,
    ) -> Result<(Vec<FeedEntry>, Names)> {
        let Some(column) = looked_for.column else {
            let (mut entries, names) = self.history(caller, table, id, limit).await?;
            entries.retain(|entry| looked_for.user.is_none_or(|user| entry.actor.user == user));
            return Ok((entries, names));
        };
        let (caller, table) = (caller.clone(), table.to_owned());
        self.read(move |reader| {
            get(reader, &caller, &table, id, Some(&[]))?;
            let users: Vec<Uuid> = looked_for.user.into_iter().collect();
            let mut entries = reader.feed_of_columns((&table, id), &[&column], &users, None, limit)?;
            for entry in &mut entries {
                entry.changes.retain(|(name, ..)| *name == column);
            }
            entries.retain(|entry| !entry.changes.is_empty());
            conceal(reader.model(), &caller, &mut entries);
            let references = entries.iter().flat_map(mentioned).collect::<Vec<_>>();
            let names = names(reader, &caller, &references)?;
            Ok((entries, names))
        })
        .await
    }

    /// A stored file, by the identifier that a file column of a visible row holds: identifiers
    /// are learned from rows only and cannot be guessed.
    pub async fn file(&self, _caller: &Caller, id: Uuid) -> Result<Option<Vec<u8>>> {
        self.read(move |reader| Ok(reader.file(id)?)).await
    }
}

/// What is looked for in a row's history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookedFor {
    /// What this column went through.
    pub column: Option<String>,
    /// What this person did.
    pub user: Option<Uuid>,
}

/// Empties the values of columns that the caller may not read; that they changed stays.
fn conceal(model: &Model, caller: &Caller, entries: &mut [FeedEntry]) {
    for entry in entries {
        let Some(table) = model.table(&entry.table) else { continue };
        for (name, before, after) in &mut entry.changes {
            if table.column(name).is_some_and(|column| !caller.may_read(column)) {
                (*before, *after) = (Value::Null, Value::Null);
            }
        }
    }
}

fn mentioned(entry: &FeedEntry) -> Vec<Reference> {
    let people = [Some(entry.actor.user), crate::way_of(&entry.actor.origin).1];
    let mut references: Vec<Reference> =
        people.into_iter().flatten().map(|id| Reference::new("systemuser", id)).collect();
    for (_, before, after) in &entry.changes {
        references.extend(before.as_reference().cloned());
        references.extend(after.as_reference().cloned());
    }
    references
}

/// Names of rows by reference.
#[derive(Debug, Clone, Default)]
pub struct Names(pub(crate) HashMap<Reference, String>);

impl Names {
    /// The name of a row, where it is known.
    pub fn get(&self, reference: &Reference) -> Option<&str> {
        self.0.get(reference).map(String::as_str)
    }

    /// Put a name in.
    pub fn insert(&mut self, reference: Reference, name: String) {
        self.0.insert(reference, name);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Reference, &str)> {
        self.0.iter().map(|(reference, name)| (reference, name.as_str()))
    }
}

/// Names of rows, in the caller's scope: one statement a table.
pub(crate) fn names(reader: &mut Reader<'_>, caller: &Caller, references: &[Reference]) -> Result<Names> {
    let (ruled, open): (Vec<Reference>, Vec<Reference>) =
        references.iter().cloned().partition(|reference| caller.scope().restricts(&reference.table));
    let mut names = Names(reader.names(&open)?);
    let mut by_table: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for reference in ruled {
        by_table.entry(reference.table).or_default().push(reference.id);
    }
    for (table, ids) in by_table {
        let Some(known) = reader.model().table(&table).cloned() else { continue };
        let query = Query::of(&table, caller.scope().clone(), caller.zone())
            .select([known.primary_key.as_str(), known.primary_name.as_str()])
            .matching(model::Filter::is_in(known.primary_key.as_str(), ids))
            .take(5000);
        for row in reader.query(&query)?.to_rows() {
            if let Some(id) = row.value(&known.primary_key).as_id() {
                names.insert(Reference::new(table.clone(), id), row.text(&known.primary_name).to_owned());
            }
        }
    }
    Ok(names)
}

/// One row in the caller's scope.
pub(crate) fn get(
    reader: &mut Reader<'_>,
    caller: &Caller,
    table: &str,
    id: Uuid,
    columns: Option<&[String]>,
) -> Result<Row> {
    known(reader.model(), table)?;
    let columns: Option<Vec<&str>> = columns.map(|names| names.iter().map(String::as_str).collect());
    reader
        .get(table, id, columns.as_deref(), caller.scope(), &caller.zone())?
        .ok_or_else(|| Error::NotFound { table: table.to_owned(), id })
}

fn known(model: &Model, table: &str) -> Result<()> {
    if model.table(table).is_some() {
        Ok(())
    } else {
        Err(Error::Unknown(tr!("there is no table '{name}'", name = table)))
    }
}
