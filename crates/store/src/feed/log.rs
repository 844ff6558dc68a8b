//! The change feed in the database: `pw_feed` and `pw_feed_cursor`.
//!
//! On PostgreSQL sequence numbers become visible out of order, so the feed's order is by
//! transaction first, and a reader of news stops before the oldest transaction still running:
//! whatever comes later sorts behind what was read.

use jiff::Timestamp;
use model::Reference;
use uuid::Uuid;

use super::{
    Actor, FeedEntry, FeedHeading, FeedOperation, FeedPosition,
    json::{self, Change},
};
use crate::{
    StoreError,
    engine::{Connection, Dialect, SqlValue},
};

const COLUMNS: &str = r#"txid, seq, at, "user", origin, act, "table", record, operation, changes, erased IS NOT NULL"#;

/// Appends an entry; its place.
pub(crate) fn append(
    connection: &mut dyn Connection,
    actor: &Actor,
    table: &str,
    id: Uuid,
    operation: FeedOperation,
    changes: &[Change<'_>],
) -> Result<FeedPosition, StoreError> {
    let values = [
        actor.at.unwrap_or_else(Timestamp::now).into(),
        actor.user.into(),
        actor.origin.as_str().into(),
        actor.act.into(),
        table.into(),
        id.into(),
        (operation as i32).into(),
        json::write(changes)?.into(),
        Uuid::new_v4().into(),
    ];
    let rows = match connection.dialect() {
        Dialect::Sqlite => {
            // Not RETURNING: it makes the statement keep a journal of its own, which costs more
            // than all the rest and flushes the search index.
            connection.execute(INSERT_SQLITE, &values)?;
            connection.query("SELECT 0, last_insert_rowid()", &[])?
        }
        Dialect::Postgres => connection.query(INSERT_POSTGRES, &values)?,
    };
    rows.first().and_then(|row| position(row)).ok_or_else(|| unreadable("position"))
}

const INSERT_SQLITE: &str = r#"INSERT INTO pw_feed (txid, at, "user", origin, act, "table", record, operation, changes, salt)
    VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"#;

const INSERT_POSTGRES: &str = r#"INSERT INTO pw_feed
    (txid, at, "user", origin, act, "table", record, operation, changes, salt)
    VALUES (pg_current_xact_id()::text::bigint, $1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING txid, seq"#;

/// Entries behind `after`, oldest first; only those before which nothing can appear any more.
pub(crate) fn after(
    connection: &mut dyn Connection,
    after: FeedPosition,
    limit: u32,
) -> Result<Vec<FeedEntry>, StoreError> {
    match connection.dialect() {
        Dialect::Sqlite => visible_after(connection, after.sequence, limit),
        Dialect::Postgres => {
            let sql = format!(
                "SELECT {COLUMNS} FROM pw_feed WHERE (txid, seq) > (?1, ?2)
                 AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY txid, seq LIMIT ?3"
            );
            entries(connection, &sql, &[number(after.transaction), number(after.sequence), limit.into()])
        }
    }
}

/// As [`after`], without values.
pub(crate) fn headings_after(
    connection: &mut dyn Connection,
    after: FeedPosition,
    limit: u32,
) -> Result<Vec<FeedHeading>, StoreError> {
    let columns = r#"txid, seq, "user", "table", record, operation"#;
    let rows = match connection.dialect() {
        Dialect::Sqlite => {
            let sql = format!("SELECT {columns} FROM pw_feed WHERE seq > ?1 ORDER BY seq LIMIT ?2");
            connection.query(&sql, &[number(after.sequence), limit.into()])?
        }
        Dialect::Postgres => {
            let sql = format!(
                "SELECT {columns} FROM pw_feed WHERE (txid, seq) > ($1, $2)
                 AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY txid, seq LIMIT $3"
            );
            connection.query(&sql, &[number(after.transaction), number(after.sequence), limit.into()])?
        }
    };
    rows.iter().map(|row| heading(row)).collect()
}

fn heading(row: &[SqlValue]) -> Result<FeedHeading, StoreError> {
    let place = position(row).ok_or_else(|| unreadable("position"))?;
    let [_, _, user, table, record, done] = row else { return Err(unreadable("shape")) };
    Ok(FeedHeading {
        position: place,
        user: user.as_uuid().ok_or_else(|| unreadable("user"))?,
        table: table.as_text().ok_or_else(|| unreadable("table"))?.to_owned(),
        id: record.as_uuid().ok_or_else(|| unreadable("record"))?,
        operation: operation(done)?,
    })
}

/// Every entry that can be seen behind this place, by sequence: also those before which a transaction
/// still under way may put others.
pub(crate) fn visible_after(
    connection: &mut dyn Connection,
    sequence: u64,
    limit: u32,
) -> Result<Vec<FeedEntry>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM pw_feed WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    entries(connection, &sql, &[number(sequence), limit.into()])
}

/// What was done to one row, newest first.
pub(crate) fn of_row(
    connection: &mut dyn Connection,
    table: &str,
    id: Uuid,
    limit: u32,
) -> Result<Vec<FeedEntry>, StoreError> {
    let sql = format!(r#"SELECT {COLUMNS} FROM pw_feed WHERE record = ?1 AND "table" = ?2 ORDER BY seq DESC LIMIT ?3"#);
    entries(connection, &sql, &[id.into(), table.into(), limit.into()])
}

/// A page of what was done to one row, newest first: `limit` entries before the one with this sequence
/// number. With a column only what made the row or changed it; a few of these may tell of other columns only.
pub(crate) fn page_of_row(
    connection: &mut dyn Connection,
    (table, id): (&str, Uuid),
    column: Option<&str>,
    (before, limit): (Option<u64>, u32),
) -> Result<Vec<FeedEntry>, StoreError> {
    let mut params: Vec<SqlValue> = vec![id.into(), table.into(), number(before.unwrap_or(u64::MAX)), limit.into()];
    params.extend(mention_of(column));
    let told = if column.is_some() { MENTIONING } else { "" };
    let sql = format!(
        r#"SELECT {COLUMNS} FROM pw_feed WHERE record = ?1 AND "table" = ?2 AND seq < ?3{told}
        ORDER BY seq DESC LIMIT ?4"#
    );
    entries(connection, &sql, &params)
}

/// The sequence number of the last of the newest `skip` entries of [`page_of_row`], without reading what they
/// hold; none where there are not so many.
pub(crate) fn place_in_row(
    connection: &mut dyn Connection,
    (table, id): (&str, Uuid),
    column: Option<&str>,
    skip: u32,
) -> Result<Option<u64>, StoreError> {
    let mut params: Vec<SqlValue> = vec![id.into(), table.into(), number(u64::MAX), skip.saturating_sub(1).into()];
    params.extend(mention_of(column));
    let told = if column.is_some() { MENTIONING } else { "" };
    let sql = format!(
        r#"SELECT seq FROM pw_feed WHERE record = ?1 AND "table" = ?2 AND seq < ?3{told}
        ORDER BY seq DESC LIMIT 1 OFFSET ?4"#
    );
    let rows = connection.query(&connection.dialect().numbered(&sql), &params)?;
    let place = rows.first().and_then(|row| row.first()).and_then(SqlValue::as_int);
    Ok(place.and_then(|place| u64::try_from(place).ok()))
}

/// What made the row, or changed the column that the fifth parameter mentions.
const MENTIONING: &str = " AND operation IN (1, 2) AND (operation = 1 OR changes LIKE ?5)";

fn mention_of(column: Option<&str>) -> Option<SqlValue> {
    column.map(|column| SqlValue::from(format!("%\"{column}\":%")))
}

/// What was done to these rows, newest first.
pub(crate) fn of_rows(
    connection: &mut dyn Connection,
    table: &str,
    ids: &[Uuid],
    limit: u32,
) -> Result<Vec<FeedEntry>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (3..ids.len() + 3).map(|place| format!("?{place}")).collect();
    let sql = format!(
        r#"SELECT {COLUMNS} FROM pw_feed WHERE "table" = ?1 AND record IN ({}) ORDER BY seq DESC LIMIT ?2"#,
        places.join(", ")
    );
    let mut parameters: Vec<SqlValue> = vec![table.into(), limit.into()];
    parameters.extend(ids.iter().map(|id| SqlValue::from(*id)));
    entries(connection, &sql, &parameters)
}

/// Entries that tell of the making of a row or of a change of one of these columns, by one of these
/// users where some are given, up to a moment, the newest first.
pub(crate) fn of_columns(
    connection: &mut dyn Connection,
    row: (&str, Uuid),
    columns: &[&str],
    users: &[Uuid],
    until: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<FeedEntry>, StoreError> {
    let mut params: Vec<SqlValue> = vec![row.1.into(), row.0.into(), limit.into()];
    let mut placed = |value: SqlValue| {
        params.push(value);
        format!("?{}", params.len())
    };
    // The columns stand as keys in the text; what only mentions one in a value is sorted out by whoever asks.
    let told: String = columns
        .iter()
        .map(|column| format!(" OR changes LIKE {}", placed(format!("%\"{column}\":%").into())))
        .collect();
    let by = match users {
        [] => String::new(),
        users => {
            let places: Vec<String> = users.iter().map(|user| placed((*user).into())).collect();
            format!(r#" AND "user" IN ({})"#, places.join(", "))
        }
    };
    let up_to = until.map(|until| format!(" AND at <= {}", placed(until.into()))).unwrap_or_default();
    let sql = format!(
        r#"SELECT {COLUMNS} FROM pw_feed WHERE record = ?1 AND "table" = ?2 AND operation IN (1, 2)
        AND (operation = 1{told}){by}{up_to} ORDER BY at DESC, seq DESC LIMIT ?3"#
    );
    entries(connection, &sql, &params)
}

/// What was done to one row in this place of the feed.
pub(crate) fn of_row_at(
    connection: &mut dyn Connection,
    table: &str,
    id: Uuid,
    sequence: u64,
) -> Result<Option<FeedEntry>, StoreError> {
    let sql = format!(r#"SELECT {COLUMNS} FROM pw_feed WHERE seq = ?1 AND record = ?2 AND "table" = ?3"#);
    Ok(entries(connection, &sql, &[number(sequence), id.into(), table.into()])?.pop())
}

/// Deletions before this place, by this user where one is given, newest first.
pub(crate) fn deletions(
    connection: &mut dyn Connection,
    user: Option<Uuid>,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<FeedEntry>, StoreError> {
    let before = number(before.unwrap_or(u64::MAX));
    let of = |by: &str| {
        format!("SELECT {COLUMNS} FROM pw_feed WHERE operation = 3{by} AND seq < ?1 ORDER BY seq DESC LIMIT ?2")
    };
    match user {
        None => entries(connection, &of(""), &[before, limit.into()]),
        Some(user) => entries(connection, &of(r#" AND "user" = ?3"#), &[before, limit.into(), user.into()]),
    }
}

/// Entries before a moment that still hold values, with their rows, oldest first.
pub(crate) fn before(
    connection: &mut dyn Connection,
    table: Option<&str>,
    moment: Timestamp,
    deletions: bool,
    limit: u32,
) -> Result<Vec<(Reference, u64)>, StoreError> {
    let of_table = if table.is_some() { r#" AND "table" = ?3"# } else { "" };
    let kind = if deletions { "operation = 3" } else { "operation <> 4" };
    let sql = format!(
        r#"SELECT "table", record, seq FROM pw_feed
        WHERE {kind} AND at < ?1 AND erased IS NULL AND changes <> '{{}}'{of_table} ORDER BY seq LIMIT ?2"#
    );
    let sql = connection.dialect().numbered(&sql).into_owned();
    let mut params = vec![moment.into(), limit.into()];
    params.extend(table.map(SqlValue::from));
    let read = |row: Vec<SqlValue>| {
        let reference = Reference::new(row.first()?.as_text()?, row.get(1)?.as_uuid()?);
        Some((reference, u64::try_from(row.get(2)?.as_int()?).ok()?))
    };
    let rows = connection.query(&sql, &params)?;
    rows.into_iter().map(|row| read(row).ok_or_else(|| unreadable("place"))).collect()
}

/// What belongs to one act, oldest first.
pub(crate) fn of_act(
    connection: &mut dyn Connection,
    act: Uuid,
    after: FeedPosition,
    limit: u32,
) -> Result<Vec<FeedEntry>, StoreError> {
    // An act is written by its own transactions one after the other: its sequence is its order.
    let sql = format!("SELECT {COLUMNS} FROM pw_feed WHERE act = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
    entries(connection, &sql, &[act.into(), number(after.sequence), limit.into()])
}

/// The place of the last entry that [`after`] would return.
pub(crate) fn end(connection: &mut dyn Connection) -> Result<FeedPosition, StoreError> {
    let sql = match connection.dialect() {
        Dialect::Sqlite => "SELECT txid, seq FROM pw_feed ORDER BY seq DESC LIMIT 1",
        Dialect::Postgres => {
            "SELECT txid, seq FROM pw_feed WHERE txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
             ORDER BY txid DESC, seq DESC LIMIT 1"
        }
    };
    let rows = connection.query(sql, &[])?;
    Ok(rows.first().and_then(|row| position(row)).unwrap_or_default())
}

/// Where a durable reader stands; the beginning where it has never been.
pub(crate) fn cursor(connection: &mut dyn Connection, reader: &str) -> Result<FeedPosition, StoreError> {
    let sql = connection.dialect().numbered("SELECT txid, seq FROM pw_feed_cursor WHERE reader = ?1");
    let rows = connection.query(&sql, &[reader.into()])?;
    Ok(rows.first().and_then(|row| position(row)).unwrap_or_default())
}

/// Moves a durable reader.
pub(crate) fn set_cursor(
    connection: &mut dyn Connection,
    reader: &str,
    position: FeedPosition,
) -> Result<(), StoreError> {
    let sql = connection.dialect().numbered(
        "INSERT INTO pw_feed_cursor (reader, txid, seq) VALUES (?1, ?2, ?3)
         ON CONFLICT (reader) DO UPDATE SET txid = excluded.txid, seq = excluded.seq",
    );
    let params = [reader.into(), number(position.transaction), number(position.sequence)];
    connection.execute(&sql, &params).map(drop)
}

/// Puts a durable reader at a place where it has none; whether that was so.
pub(crate) fn begin_cursor(
    connection: &mut dyn Connection,
    reader: &str,
    position: FeedPosition,
) -> Result<bool, StoreError> {
    let sql = connection
        .dialect()
        .numbered("INSERT INTO pw_feed_cursor (reader, txid, seq) VALUES (?1, ?2, ?3) ON CONFLICT (reader) DO NOTHING");
    let params = [reader.into(), number(position.transaction), number(position.sequence)];
    Ok(connection.execute(&sql, &params)? > 0)
}

/// Moves a durable reader from where it was read to stand; false where it does not stand there any more.
pub(crate) fn move_cursor(
    connection: &mut dyn Connection,
    reader: &str,
    from: FeedPosition,
    to: FeedPosition,
) -> Result<bool, StoreError> {
    let sql = connection
        .dialect()
        .numbered("UPDATE pw_feed_cursor SET txid = ?4, seq = ?5 WHERE reader = ?1 AND txid = ?2 AND seq = ?3");
    let params =
        [reader.into(), number(from.transaction), number(from.sequence), number(to.transaction), number(to.sequence)];
    Ok(connection.execute(&sql, &params)? > 0)
}

fn entries(connection: &mut dyn Connection, sql: &str, params: &[SqlValue]) -> Result<Vec<FeedEntry>, StoreError> {
    let sql = connection.dialect().numbered(sql);
    connection.query(&sql, params)?.into_iter().map(entry).collect()
}

fn entry(row: Vec<SqlValue>) -> Result<FeedEntry, StoreError> {
    let place = position(&row).ok_or_else(|| unreadable("position"))?;
    let [_, _, at, user, origin, act, table, record, operation, changes, erased] = row.as_slice() else {
        return Err(unreadable("shape"));
    };
    let text = |value: &SqlValue, what| value.as_text().map(str::to_owned).ok_or_else(|| unreadable(what));
    let erased = erased.as_int() == Some(1);
    let id = |value: &SqlValue, what| value.as_uuid().ok_or_else(|| unreadable(what));
    Ok(FeedEntry {
        position: place,
        at: at.as_timestamp().ok_or_else(|| unreadable("time"))?,
        actor: Actor { user: id(user, "user")?, origin: text(origin, "origin")?, act: id(act, "act")?, at: None },
        table: text(table, "table")?,
        id: id(record, "record")?,
        operation: self::operation(operation)?,
        changes: if erased { Vec::new() } else { json::read(changes.as_text().unwrap_or_default())? },
        erased,
    })
}

fn operation(value: &SqlValue) -> Result<FeedOperation, StoreError> {
    match value.as_int() {
        Some(1) => Ok(FeedOperation::Create),
        Some(2) => Ok(FeedOperation::Update),
        Some(3) => Ok(FeedOperation::Delete),
        Some(4) => Ok(FeedOperation::Erase),
        _ => Err(unreadable("operation")),
    }
}

/// The place from the first two columns.
fn position(row: &[SqlValue]) -> Option<FeedPosition> {
    Some(FeedPosition {
        transaction: u64::try_from(row.first()?.as_int()?).ok()?,
        sequence: u64::try_from(row.get(1)?.as_int()?).ok()?,
    })
}

fn number(part: u64) -> SqlValue {
    SqlValue::Int(i64::try_from(part).unwrap_or(i64::MAX))
}

fn unreadable(what: &str) -> StoreError {
    StoreError::Database(format!("an entry of the change feed has no readable {what}"))
}
