//! The few things this API asks of the domain, in one place.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use crm::{App, Caller, NewRecord, Origin, Query, Result, Row, Rows, Work, uploads::Destination};
use model::{Filter, Table, Value};
use uuid::Uuid;

use crate::wire::Draft;

/// The person a bearer token belongs to, who has not asked too often.
pub async fn authenticate(app: &App, token: &str) -> Result<Caller> {
    let caller = app.identity().by_token(token).await?;
    app.admit_request(caller.user)?;
    Ok(caller)
}

/// Longest that a query may take, and all those together that one answer needs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Rows of a query, which is given up after its own patience or the usual one.
pub async fn query(app: &App, caller: &Caller, mut query: Query) -> Result<Rows> {
    query.patience.get_or_insert(PATIENCE);
    app.query(caller, query).await
}

/// How many rows of each table the caller may see, on one snapshot and within the time of one query.
pub async fn totals(app: &App, caller: &Caller, tables: &[&Table]) -> Result<Vec<u64>> {
    let queries = tables.iter().map(|table| {
        let mut query = app.new_query(caller, &table.name).select([table.primary_key.as_str()]).take(1);
        query.page.count = true;
        query.patience = Some(PATIENCE);
        query
    });
    let counted = app.queries(caller, queries.collect()).await?;
    Ok(counted.iter().map(|rows| rows.total.unwrap_or_default()).collect())
}

/// What a client wants of a change beside the change.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Only where the row still has one of these versions.
    pub versions: Option<Vec<i64>>,
    /// Refuse what seems to be there already, also where a rule only warns.
    pub detect_duplicates: bool,
}

/// Create a row and all that hangs on it, its files too, in one transaction.
pub async fn create(app: &App, caller: &Caller, draft: Draft, detect_duplicates: bool) -> Result<Uuid> {
    app.work(caller, Origin::WebApi, move |work| {
        if detect_duplicates {
            work.warn_of_duplicates();
        }
        let record = record(work, draft)?;
        work.create_all(record)
    })
    .await
}

/// Change a row as wished.
pub async fn update(app: &App, caller: &Caller, table: &str, id: Uuid, changes: Draft, wish: Wish) -> Result<Row> {
    let table = table.to_owned();
    app.work(caller, Origin::WebApi, move |work| {
        if wish.detect_duplicates {
            work.warn_of_duplicates();
        }
        let expected = expected(work, &table, id, wish.versions)?;
        change(work, id, changes, expected)
    })
    .await
}

fn change(work: &mut Work<'_, '_>, id: Uuid, mut draft: Draft, expected: Option<i64>) -> Result<Row> {
    let (table, unlinked) = (draft.table.clone(), std::mem::take(&mut draft.unlinked));
    let mut changes = record(work, draft)?.values;
    if !unlinked.is_empty() {
        let now = work.load(&table, id)?;
        for (lookup, targets) in unlinked {
            let leads_there = now.value(&lookup).as_reference().is_some_and(|there| targets.contains(&there.table));
            if leads_there && !changes.contains(&lookup) {
                changes.set(lookup, Value::Null);
            }
        }
    }
    work.update(&table, id, changes, expected)
}

/// Why rows were not written: which of them, from 0, and the reason.
pub type OneOfMany = (usize, crm::Error);

/// Create rows and all that hangs on them in one transaction.
pub async fn create_many(
    app: &App,
    caller: &Caller,
    drafts: Vec<Draft>,
    detect_duplicates: bool,
) -> std::result::Result<Vec<Uuid>, OneOfMany> {
    each(app, caller, drafts, detect_duplicates, |work, draft| {
        let record = record(work, draft)?;
        work.create_all(record)
    })
    .await
}

/// A row that is to be changed, by its primary key or by the values of another one.
#[derive(Debug, Clone)]
pub struct Named {
    /// What it shall hold.
    pub draft: Draft,
    /// Columns and values of an alternate key.
    pub key: Vec<(String, Value)>,
}

/// A write of a change set.
#[derive(Debug, Clone)]
pub enum Change {
    /// Create a row and all that hangs on it.
    Create(Draft),
    /// Change a row; with `creates` make it where it is not there.
    Write {
        /// What it shall hold.
        row: Named,
        /// Whether it is made.
        creates: bool,
        /// Only where it still has one of these versions.
        versions: Option<Vec<i64>>,
    },
    /// Delete a row.
    Delete {
        /// Its table.
        table: String,
        /// Its key.
        id: Uuid,
        /// Only where it still has one of these versions.
        versions: Option<Vec<i64>>,
    },
}

/// Carries out writes in one transaction; the rows that were written.
pub async fn change_set(
    app: &App,
    caller: &Caller,
    changes: Vec<Change>,
    detect_duplicates: bool,
) -> std::result::Result<Vec<Uuid>, OneOfMany> {
    each(app, caller, changes, detect_duplicates, |work, change| match change {
        Change::Create(draft) => {
            let record = record(work, draft)?;
            work.create_all(record)
        }
        Change::Write { row, creates, versions } => write(work, row, creates, versions),
        Change::Delete { table, id, versions } => {
            let expected = expected(work, &table, id, versions)?;
            work.delete(&table, id, expected).map(|()| id)
        }
    })
    .await
}

/// Change rows in one transaction; with `creates` those that are not there are made.
pub async fn write_many(
    app: &App,
    caller: &Caller,
    rows: Vec<Named>,
    creates: bool,
    detect_duplicates: bool,
) -> std::result::Result<(), OneOfMany> {
    each(app, caller, rows, detect_duplicates, move |work, row| write(work, row, creates, None)).await.map(drop)
}

fn write(work: &mut Work<'_, '_>, row: Named, creates: bool, versions: Option<Vec<i64>>) -> Result<Uuid> {
    let Named { mut draft, key } = row;
    let table = work.table(&draft.table)?;
    let mut filter = draft.id.map_or_else(Filter::everything, |id| Filter::eq(table.primary_key.as_str(), id));
    for (column, value) in &key {
        filter = filter.and(Filter::eq(column.as_str(), value.clone()));
    }
    let found = work.find(&table.name, filter, &[table.primary_key.as_str()])?;
    let id = found.first().and_then(|row| row.value(&table.primary_key).as_id());
    match id {
        Some(id) => {
            let expected = expected(work, &table.name, id, versions)?;
            change(work, id, draft, expected).map(|_| id)
        }
        None if creates => {
            draft.values.merge(&key.into_iter().collect());
            let record = record(work, draft)?;
            work.create_all(record)
        }
        None => Err(crm::Error::NotFound { table: table.name.clone(), id: draft.id.unwrap_or_default() }),
    }
}

/// Does the same with each of many, all or none.
async fn each<I: Send + 'static, T: Send + 'static>(
    app: &App,
    caller: &Caller,
    items: Vec<I>,
    detect_duplicates: bool,
    act: impl Fn(&mut Work<'_, '_>, I) -> Result<T> + Send + 'static,
) -> std::result::Result<Vec<T>, OneOfMany> {
    let reached = Arc::new(AtomicUsize::new(0));
    let at = Arc::clone(&reached);
    let done = app.work(caller, Origin::WebApi, move |work| {
        if detect_duplicates {
            work.warn_of_duplicates();
        }
        let each = items.into_iter().enumerate().map(|(place, item)| {
            at.store(place, Ordering::Relaxed);
            act(work, item)
        });
        each.collect()
    });
    done.await.map_err(|error| (reached.load(Ordering::Relaxed), error))
}

/// The draft as the domain creates it, its files stored.
fn record(work: &mut Work<'_, '_>, draft: Draft) -> Result<NewRecord> {
    let mut record = NewRecord { table: draft.table, id: draft.id, values: draft.values, ..NewRecord::default() };
    for (column, bytes) in draft.files {
        let table = work.table(&record.table)?;
        let stored = match table.column(&column) {
            Some(column) => work.store_file_in(column, &bytes)?,
            None => work.store_file(&bytes)?,
        };
        record.values.set(column, stored);
    }
    for (lookup, parent) in draft.parents {
        let parent = self::record(work, parent)?;
        record.parents.push((lookup, parent));
    }
    for (lookup, child) in draft.children {
        let child = self::record(work, child)?;
        record.children.push((lookup, child));
    }
    Ok(record)
}

/// Write a file into its column, as wished.
pub async fn upload(app: &App, caller: &Caller, to: Destination, bytes: Vec<u8>, wish: Wish) -> Result<()> {
    app.work(caller, Origin::WebApi, move |work| {
        let expected = expected(work, &to.table, to.id, wish.versions)?;
        work.write_file(&to, &bytes, expected)
    })
    .await
}

/// Delete a row; with `if_versions` only where it still has one of these versions.
pub async fn delete(app: &App, caller: &Caller, table: &str, id: Uuid, if_versions: Option<Vec<i64>>) -> Result<()> {
    let table = table.to_owned();
    app.work(caller, Origin::WebApi, move |work| {
        let expected = expected(work, &table, id, if_versions)?;
        work.delete(&table, id, expected)
    })
    .await
}

/// The version to insist on: of several that would do, the one the row has.
fn expected(work: &mut Work<'_, '_>, table: &str, id: Uuid, versions: Option<Vec<i64>>) -> Result<Option<i64>> {
    match versions.as_deref() {
        None => Ok(None),
        Some([only]) => Ok(Some(*only)),
        Some(several) => {
            let now = work.load(table, id)?.value("versionnumber").as_whole();
            Ok(now.filter(|now| several.contains(now)).or(Some(-1)))
        }
    }
}

/// The primary keys of the rows that satisfy `filter`, two at most: enough to see whether a key
/// names exactly one.
pub async fn keys(app: &App, caller: &Caller, table: &Table, filter: Filter) -> Result<Vec<Uuid>> {
    let query = app.new_query(caller, &table.name).select([table.primary_key.as_str()]).matching(filter).take(2);
    let rows = app.query(caller, query).await?;
    Ok(rows.rows.iter().filter_map(|row| row.first()).filter_map(model::Value::as_id).collect())
}
