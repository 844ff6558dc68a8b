//! All rows of one database into an empty one, whatever the engines.

use model::Table;

use crate::{
    Row, StoreError, derived,
    dialect::encode,
    engine::{Connection, Dialect, SqlValue, quoted},
    feed::reseal,
    migrate,
    rows::{physical_names, read, stored},
    store::{Current, match_key},
};

/// Rows fetched at a time.
const PAGE: usize = 500;
/// Parameters of one statement; both engines allow more.
const PARAMETERS: usize = 8_000;

/// One of the store's own tables: its columns, the first of which is its key, and which rows.
struct SystemTable {
    name: &'static str,
    key: &'static str,
    columns: &'static str,
    rows: &'static str,
    page: usize,
}

/// All but `pw_meta`, which is written anew, and the readers' places, which may need to change.
const SYSTEM_TABLES: [SystemTable; 7] = [
    SystemTable {
        name: "pw_feed",
        key: "seq",
        // The order by transaction means nothing elsewhere; the sequence keeps its own.
        columns: r#"seq, 0 AS txid, at, "user", origin, act, "table", record, operation, changes, salt, erased"#,
        rows: "1 = 1",
        page: PAGE,
    },
    SystemTable {
        name: "pw_seal",
        key: "number",
        columns: "number, last, entries, at, hash",
        rows: "1 = 1",
        page: PAGE,
    },
    SystemTable {
        name: "pw_publication",
        key: "version",
        columns: "version, at, \"user\", origin, changes",
        rows: "1 = 1",
        page: PAGE,
    },
    SystemTable { name: "pw_sequence", key: "name", columns: "name, value", rows: "1 = 1", page: PAGE },
    SystemTable { name: "pw_setting", key: "key", columns: "key, value", rows: "1 = 1", page: PAGE },
    SystemTable { name: "pw_file", key: "id", columns: "id, content", rows: "1 = 1", page: 1 },
    SystemTable {
        name: "pw_secret",
        key: "kind || ' ' || key",
        columns: "kind || ' ' || key AS place, kind, key, owner, expires, data",
        // As in NOT_BACKED_UP.
        rows: "kind NOT IN ('session', 'token', 'password-link', 'challenge', 'throttle', 'authorization-code', \
               'grant', 'refresh-token')",
        page: PAGE,
    },
];

/// Fills the empty database `target` with everything in `source`.
pub(super) fn transfer(
    source: &mut dyn Connection,
    target: &mut dyn Connection,
    current: &Current,
) -> Result<(), StoreError> {
    migrate::create(target, current)?;
    for table in current.model.tables.values() {
        table_rows(source, target, table)?;
    }
    for table in &SYSTEM_TABLES {
        system_rows(source, target, table)?;
    }
    match_key::transfer(source, target)?;
    reseal::carry_over(source, target)?;
    cursors(source, target)?;
    if target.dialect() == Dialect::Postgres {
        target.query(
            "SELECT setval(pg_get_serial_sequence('pw_feed', 'seq'), max(seq)) FROM pw_feed HAVING max(seq) IS NOT NULL",
            &[],
        )?;
    }
    for table in current.model.tables.values() {
        derived::rebuild(target, &current.model, table)?;
    }
    Ok(())
}

fn table_rows(source: &mut dyn Connection, target: &mut dyn Connection, table: &Table) -> Result<(), StoreError> {
    let names: Vec<String> = stored(table).flat_map(physical_names).collect();
    let name = quoted(&table.name);
    let columns = names.join(", ");
    let dialect = target.dialect();
    let mut insert = Insert::new(&name, &columns, names.len(), dialect);
    each(source, &name, "seq", &format!("seq, {columns}"), "1 = 1", PAGE, &mut |mut values| {
        values.remove(0);
        let row: Row = read(stored(table), values)?;
        let mut encoded = Vec::with_capacity(names.len());
        for column in stored(table) {
            encoded.extend(encode(dialect, column, row.value(&column.name))?);
        }
        insert.add(target, encoded)
    })?;
    insert.finish(target)
}

fn system_rows(
    source: &mut dyn Connection,
    target: &mut dyn Connection,
    table: &SystemTable,
) -> Result<(), StoreError> {
    // An expression as key is selected for paging alone.
    let extra = usize::from(table.key.contains(' '));
    let names: Vec<&str> =
        table.columns.split(", ").skip(extra).map(|column| column.rsplit(" AS ").next().unwrap_or(column)).collect();
    let columns = names.join(", ");
    let mut insert = Insert::new(table.name, &columns, names.len(), target.dialect());
    if table.page == 1 {
        insert.together = 1;
    }
    each(source, table.name, table.key, table.columns, table.rows, table.page, &mut |mut values| {
        values.drain(..extra);
        insert.add(target, values)
    })?;
    insert.finish(target)
}

/// Calls `take` with every row, in order of the key, which is the first column.
fn each(
    source: &mut dyn Connection,
    table: &str,
    key: &str,
    columns: &str,
    rows: &str,
    page: usize,
    take: &mut dyn FnMut(Vec<SqlValue>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let first = format!("SELECT {columns} FROM {table} WHERE {rows} ORDER BY {key} LIMIT {page}");
    let further = source
        .dialect()
        .numbered(&format!("SELECT {columns} FROM {table} WHERE {rows} AND {key} > ?1 ORDER BY {key} LIMIT {page}"))
        .into_owned();
    let mut found = source.query(&first, &[])?;
    while let Some(last) = found.last().and_then(|row| row.first()).cloned() {
        let full = found.len() == page;
        for row in found {
            take(row)?;
        }
        if !full {
            break;
        }
        found = source.query(&further, &[last])?;
    }
    Ok(())
}

/// Where durable readers of the feed stand. Here the feed is ordered by sequence alone: the
/// place becomes the one before the first entry not yet read, so that nothing is missed.
fn cursors(source: &mut dyn Connection, target: &mut dyn Connection) -> Result<(), StoreError> {
    let place = match source.dialect() {
        Dialect::Sqlite => "c.seq",
        Dialect::Postgres => {
            "coalesce((SELECT min(f.seq) - 1 FROM pw_feed f WHERE (f.txid, f.seq) > (c.txid, c.seq)),
                      (SELECT max(f.seq) FROM pw_feed f), c.seq)"
        }
    };
    let found = source.query(&format!("SELECT c.reader, 0, {place} FROM pw_feed_cursor c"), &[])?;
    let mut insert = Insert::new("pw_feed_cursor", "reader, txid, seq", 3, target.dialect());
    for row in found {
        insert.add(target, row)?;
    }
    insert.finish(target)
}

/// Inserts rows, many by one statement.
struct Insert {
    table: String,
    columns: String,
    width: usize,
    dialect: Dialect,
    /// Rows of one statement.
    together: usize,
    waiting: Vec<SqlValue>,
}

impl Insert {
    fn new(table: &str, columns: &str, width: usize, dialect: Dialect) -> Self {
        let together = (PARAMETERS / width.max(1)).clamp(1, 100);
        Self { table: table.to_owned(), columns: columns.to_owned(), width, dialect, together, waiting: Vec::new() }
    }

    fn add(&mut self, target: &mut dyn Connection, row: Vec<SqlValue>) -> Result<(), StoreError> {
        self.waiting.extend(row);
        if self.waiting.len() >= self.together * self.width { self.flush(target) } else { Ok(()) }
    }

    fn finish(mut self, target: &mut dyn Connection) -> Result<(), StoreError> {
        if self.waiting.is_empty() { Ok(()) } else { self.flush(target) }
    }

    fn flush(&mut self, target: &mut dyn Connection) -> Result<(), StoreError> {
        let rows: Vec<String> = (0..self.waiting.len() / self.width)
            .map(|row| {
                let places = row * self.width + 1..=(row + 1) * self.width;
                let parameters: Vec<String> = places.map(|place| self.dialect.parameter(place)).collect();
                format!("({})", parameters.join(", "))
            })
            .collect();
        let sql = format!("INSERT INTO {} ({}) VALUES {}", self.table, self.columns, rows.join(", "));
        target.execute(&sql, &std::mem::take(&mut self.waiting)).map(drop)
    }
}
