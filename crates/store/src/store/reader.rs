//! Reading inside a snapshot or a transaction.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use model::{Filter, Model, Path, Reference, Table, Value};
use uuid::Uuid;

use super::{Current, Secret, secret};
use crate::{
    Cursor, FeedEntry, FeedHeading, FeedPosition, Query, Row, Rows, Scope, StoreError, Zone, compile,
    dialect::decode,
    engine::{Connection, SqlValue, quoted},
    feed::log,
    migrate::publication::{self, Publication},
    query::Output,
    rows::{TablePlan, VERSION, stored},
};

/// Most names fetched by one statement; PostgreSQL and SQLite allow more parameters than that.
const NAMES: usize = 256;

/// Reads on one consistent snapshot (in a [`crate::Writer`]: inside its transaction).
pub struct Reader<'a> {
    pub(super) connection: &'a mut dyn Connection,
    pub(super) current: Arc<Current>,
    /// Reads inside a transaction that may have written.
    writes: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(connection: &'a mut dyn Connection, current: Arc<Current>) -> Self {
        Self { connection, current, writes: false }
    }

    pub(super) fn of_writer(connection: &'a mut dyn Connection, current: Arc<Current>) -> Self {
        Self { connection, current, writes: true }
    }

    /// Whether all that is read here is committed: nothing that a [`crate::Writer`] reads may be kept
    /// beyond its transaction, which may yet fail.
    pub const fn is_committed(&self) -> bool {
        !self.writes
    }

    /// The model this snapshot is read by.
    pub fn model(&self) -> &Arc<Model> {
        &self.current.model
    }

    /// The result of a query.
    pub fn query(&mut self, query: &Query) -> Result<Rows, StoreError> {
        if let Some(patience) = query.patience {
            self.connection.give_up_after(patience)?;
        }
        compile::run(self.connection, &self.current.model, query)
    }

    /// The place in a query's rows at which those begin whose first column of the order comes behind
    /// `first`, be there a row with that value or not.
    pub fn place_of(&self, query: &Query, first: Value) -> Result<Cursor, StoreError> {
        compile::place_of(self.connection.dialect(), &self.current.model, query, first)
    }

    /// One row: all stored columns, or the given ones with the primary key and
    /// `versionnumber`. None where it is absent or outside the scope.
    pub fn get(
        &mut self,
        table: &str,
        id: Uuid,
        columns: Option<&[&str]>,
        scope: &Scope,
        zone: &Zone,
    ) -> Result<Option<Row>, StoreError> {
        let plan = self.plan(table)?;
        if scope.restricts(table) {
            return self.get_in_scope(&plan.table, id, columns, scope, zone);
        }
        let Some(mut row) = plan.get(self.connection, id)? else { return Ok(None) };
        scope.conceal(&plan.table, &mut row);
        let Some(columns) = columns else { return Ok(Some(row)) };
        let wanted = wanted_columns(&plan.table, columns);
        Ok(Some(row.into_iter().filter(|(name, _)| wanted.contains(&name.as_str())).collect()))
    }

    fn get_in_scope(
        &mut self,
        table: &Table,
        id: Uuid,
        columns: Option<&[&str]>,
        scope: &Scope,
        zone: &Zone,
    ) -> Result<Option<Row>, StoreError> {
        let names: Vec<&str> = match columns {
            None => stored(table).map(|column| column.name.as_str()).collect(),
            Some(columns) => wanted_columns(table, columns),
        };
        let mut query = Query::of(&table.name, Arc::new(scope.clone()), Arc::new(zone.clone()))
            .matching(Filter::eq(table.primary_key.as_str(), id))
            .take(1);
        query.columns =
            names.into_iter().map(|name| Output { path: Path::column(name), alias: None, join: None }).collect();
        Ok(self.query(&query)?.to_rows().next())
    }

    /// The primary names of rows, one statement a table. Rows that do not exist are absent from
    /// the result; the references may repeat.
    pub fn names(&mut self, references: &[Reference]) -> Result<HashMap<Reference, String>, StoreError> {
        let mut by_table: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
        for reference in references {
            by_table.entry(&reference.table).or_default().push(reference.id);
        }
        let mut names = HashMap::with_capacity(references.len());
        for (table, mut ids) in by_table {
            let table = Arc::clone(&self.plan(table)?.table);
            ids.sort_unstable();
            ids.dedup();
            for ids in ids.chunks(NAMES) {
                self.names_of(&table, ids, &mut names)?;
            }
        }
        Ok(names)
    }

    fn names_of(
        &mut self,
        table: &Table,
        ids: &[Uuid],
        names: &mut HashMap<Reference, String>,
    ) -> Result<(), StoreError> {
        let Some(column) = table.column(&table.primary_name) else { return Ok(()) };
        // Few different lengths, so that the statement is found among the prepared ones.
        let places = ids.len().next_power_of_two();
        let mut params: Vec<SqlValue> = ids.iter().copied().map(SqlValue::from).collect();
        params.resize_with(places, || ids.last().copied().into());
        let dialect = self.connection.dialect();
        let list: Vec<String> = (1..=places).map(|position| dialect.parameter(position)).collect();
        let key = quoted(&table.primary_key);
        let sql = format!(
            "SELECT {key}, {} FROM {} WHERE {key} IN ({})",
            quoted(&column.name),
            quoted(&table.name),
            list.join(", ")
        );
        for row in self.connection.query(&sql, &params)? {
            let mut row = row.into_iter();
            let (Some(id), Some(name)) = (row.next().and_then(|id| id.as_uuid()), row.next()) else { continue };
            let name = match decode(column, name, None)? {
                Value::Text(text) => text,
                Value::Whole(number) => number.to_string(),
                _ => String::new(),
            };
            names.insert(Reference::new(&table.name, id), name);
        }
        Ok(())
    }

    /// Whether the row is there.
    pub fn exists(&mut self, reference: &Reference) -> Result<bool, StoreError> {
        let plan = self.plan(&reference.table)?;
        let sql = format!(
            "SELECT 1 FROM {} WHERE {} = {}",
            quoted(&plan.table.name),
            quoted(&plan.table.primary_key),
            self.connection.dialect().parameter(1)
        );
        Ok(!self.connection.query(&sql, &[reference.id.into()])?.is_empty())
    }

    /// Entries of the change feed behind a place, oldest first.
    pub fn feed_after(&mut self, after: FeedPosition, limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        log::after(self.connection, after, limit)
    }

    /// As [`Reader::feed_after`], without the values: for who only needs to know what changed.
    pub fn feed_headings_after(&mut self, after: FeedPosition, limit: u32) -> Result<Vec<FeedHeading>, StoreError> {
        log::headings_after(self.connection, after, limit)
    }

    /// The whole history as it can be seen now, behind this sequence number: also what a reader of the
    /// feed does not get yet because an older transaction is under way.
    pub fn history_after(&mut self, sequence: u64, limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        log::visible_after(self.connection, sequence, limit)
    }

    /// What was done to one row, newest first.
    pub fn feed_of(&mut self, table: &str, id: Uuid, limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        log::of_row(self.connection, table, id, limit)
    }

    /// A page of what was done to one row, newest first: at most so many entries, before the one with a
    /// sequence number where one is given. With a column only what made the row or changed it; a few entries
    /// may tell of other columns only.
    pub fn feed_page(
        &mut self,
        row: (&str, Uuid),
        column: Option<&str>,
        page: (Option<u64>, u32),
    ) -> Result<Vec<FeedEntry>, StoreError> {
        log::page_of_row(self.connection, row, column, page)
    }

    /// The sequence number of the last of the newest `skip` entries that [`Reader::feed_page`] tells; none
    /// where there are not so many. Its work grows with `skip`.
    pub fn feed_place(
        &mut self,
        row: (&str, Uuid),
        column: Option<&str>,
        skip: u32,
    ) -> Result<Option<u64>, StoreError> {
        log::place_in_row(self.connection, row, column, skip)
    }

    /// What made a row or changed one of these columns of it, by one of these users where some are
    /// given, up to a moment, newest first. A few entries may tell of other columns only.
    pub fn feed_of_columns(
        &mut self,
        row: (&str, Uuid),
        columns: &[&str],
        users: &[Uuid],
        until: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<FeedEntry>, StoreError> {
        log::of_columns(self.connection, row, columns, users, until, limit)
    }

    /// What was done to several rows of a table, newest first.
    pub fn feed_of_rows(&mut self, table: &str, ids: &[Uuid], limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        log::of_rows(self.connection, table, ids, limit)
    }

    /// What was done to one row by the change with this sequence number.
    pub fn feed_entry(&mut self, table: &str, id: Uuid, sequence: u64) -> Result<Option<FeedEntry>, StoreError> {
        log::of_row_at(self.connection, table, id, sequence)
    }

    /// Deletions before the one with this sequence number, by this user where one is given, newest
    /// first.
    pub fn feed_of_deletions(
        &mut self,
        user: Option<Uuid>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<FeedEntry>, StoreError> {
        log::deletions(self.connection, user, before, limit)
    }

    /// Who published customisations, and what that changed: `limit` publications at most, the newest
    /// first, where a version is given those of versions before it.
    pub fn publications(&mut self, before: Option<u64>, limit: u32) -> Result<Vec<Publication>, StoreError> {
        publication::before(self.connection, before, limit)
    }

    /// Entries about rows of a table, or of any, that were written before a moment and still hold
    /// values, oldest first: each with its row and its sequence number. `deletions` are those alone
    /// that tell of one.
    pub fn feed_before(
        &mut self,
        table: Option<&str>,
        moment: Timestamp,
        deletions: bool,
        limit: u32,
    ) -> Result<Vec<(Reference, u64)>, StoreError> {
        log::before(self.connection, table, moment, deletions, limit)
    }

    /// What belongs to one act, oldest first.
    pub fn feed_of_act(&mut self, act: Uuid, after: FeedPosition, limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        log::of_act(self.connection, act, after, limit)
    }

    /// The last place [`Reader::feed_after`] can reach at this moment.
    pub fn feed_end(&mut self) -> Result<FeedPosition, StoreError> {
        log::end(self.connection)
    }

    /// Where a durable reader of the feed stands; the beginning where it has never been.
    pub fn feed_cursor(&mut self, reader: &str) -> Result<FeedPosition, StoreError> {
        log::cursor(self.connection, reader)
    }

    /// A setting of the organisation.
    pub fn setting(&mut self, key: &str) -> Result<Option<serde_json::Value>, StoreError> {
        let sql = self.connection.dialect().numbered("SELECT value FROM pw_setting WHERE key = ?1");
        let rows = self.connection.query(&sql, &[key.into()])?;
        let text = rows.first().and_then(|row| row.first()).and_then(SqlValue::as_text);
        text.map(serde_json::from_str)
            .transpose()
            .map_err(|error| StoreError::Database(format!("the setting {key} cannot be read: {error}")))
    }

    /// A stored file.
    pub fn file(&mut self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = self.connection.dialect().numbered("SELECT content FROM pw_file WHERE id = ?1");
        let found = self.connection.query(&sql, &[id.into()])?.pop();
        Ok(found.and_then(|mut row| row.pop()).and_then(SqlValue::into_bytes))
    }

    /// A secret.
    pub fn secret(&mut self, kind: &str, key: &str) -> Result<Option<Secret>, StoreError> {
        secret::get(self.connection, kind, key)
    }

    /// All secrets of a kind that belong to a user.
    pub fn secrets_of(&mut self, kind: &str, owner: Uuid) -> Result<Vec<Secret>, StoreError> {
        secret::of_owner(self.connection, kind, owner)
    }

    /// All secrets of a kind.
    pub fn secrets_of_kind(&mut self, kind: &str) -> Result<Vec<Secret>, StoreError> {
        secret::of_kind(self.connection, kind)
    }

    /// For what is not about rows of the model.
    pub(crate) fn connection(&mut self) -> &mut dyn Connection {
        self.connection
    }

    /// The statements for single rows of a table.
    pub(super) fn plan(&self, table: &str) -> Result<Arc<TablePlan>, StoreError> {
        self.current.plans.table(&self.current.model, table, self.connection.dialect())
    }
}

fn wanted_columns<'a>(table: &'a Table, columns: &[&'a str]) -> Vec<&'a str> {
    let mut wanted = vec![table.primary_key.as_str(), VERSION];
    wanted.extend(columns.iter().filter(|name| **name != table.primary_key && **name != VERSION));
    wanted
}
