//! All that is stored when a lead is created or changed, written by hand: the lead with its indexes,
//! its entry of the history, its words for the search and its keys for finding duplicates. What is
//! left between this and us are the rules, the access, and the totals.

use std::path::Path;

use rusqlite::{Connection, Params, params, params_from_iter, types::Value as Raw};
use uuid::Uuid;

use crate::{
    BenchError, Result,
    measure::{Limits, Measured, measure_raw_writer},
    raw,
    subject::of_turn,
};

/// What was stored for one lead, to be stored again and again with new values.
struct Whole {
    lead: Stored,
    entry: Stored,
    /// Definitions of its match keys.
    keys: Vec<i64>,
    owners: Vec<Raw>,
    next: i64,
}

/// A row without its number.
struct Stored {
    sql: String,
    columns: Vec<String>,
    values: Vec<Raw>,
}

/// Writes leads like the one created last into the product's own file, so many with each turn.
pub(crate) fn creates(file: &Path, limits: Limits, at_once: u64) -> Result<Measured> {
    let connection = raw::writer(file)?;
    let whole = Whole::of_last(&connection)?;
    transactions(limits, &connection, |connection, turn| {
        (turn * at_once..(turn + 1) * at_once).try_for_each(|number| whole.write(connection, number))
    })
}

/// Changes the telephone number and the rating of leads in the product's own file, which has no key
/// for finding duplicates to follow.
pub(crate) fn updates(file: &Path, limits: Limits) -> Result<Measured> {
    let connection = raw::writer(file)?;
    let mut select =
        connection.prepare("SELECT seq, leadid FROM lead WHERE statecode = 0 ORDER BY leadid LIMIT 5000")?;
    let leads: Vec<(i64, Vec<u8>)> =
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let entry = Stored::of_query(
        &connection,
        "pw_feed",
        "SELECT * FROM pw_feed WHERE \"table\" = 'lead' AND operation = 2 ORDER BY seq DESC LIMIT 1",
        [],
    )?;
    transactions(limits, &connection, |connection, turn| {
        let (number, id) = of_turn(&leads, turn);
        connection
            .prepare_cached("SELECT * FROM lead WHERE leadid = ?1")?
            .query_row([id], |row| row.get::<_, Raw>(0))?;
        connection
            .prepare_cached(
                "UPDATE lead SET telephone1 = ?2, leadqualitycode = ?3, modifiedon = ?4, versionnumber = versionnumber + 1 \
                 WHERE leadid = ?1",
            )?
            .execute(params![id, format!("+49 30 {turn}"), (turn % 3 + 1) as i64, jiff::Timestamp::now().as_millisecond()])?;
        entry.write(
            connection,
            &[
                ("record", Raw::Blob(id.clone())),
                ("act", Raw::Blob(Uuid::now_v7().as_bytes().to_vec())),
                ("salt", Raw::Blob(Uuid::new_v4().as_bytes().to_vec())),
            ],
        )?;
        let words =
            format!("49 30 {turn} ada analytical engines example head lovelace ltd of production robotics line");
        connection
            .prepare_cached("INSERT OR REPLACE INTO lead_search (rowid, words) VALUES (?1, ?2)")?
            .execute(params![number, words])?;
        Ok(())
    })
}

/// Each turn in a transaction of its own, where it does not stand in a group.
fn transactions(
    limits: Limits,
    connection: &Connection,
    write: impl Fn(&Connection, u64) -> Result<()>,
) -> Result<Measured> {
    measure_raw_writer(limits, connection, |connection, turn| {
        if !connection.is_autocommit() {
            return write(connection, turn);
        }
        connection.execute_batch("BEGIN IMMEDIATE")?;
        write(connection, turn)?;
        connection.execute_batch("COMMIT")?;
        Ok(())
    })
}

impl Whole {
    fn of_last(connection: &Connection) -> Result<Self> {
        let (number, id): (i64, Vec<u8>) = connection.query_row(
            "SELECT (SELECT max(seq) FROM lead), leadid FROM lead ORDER BY seq LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let mut keys = connection.prepare("SELECT definition FROM pw_match_key WHERE record = ?1")?;
        let mut owners = connection.prepare("SELECT DISTINCT ownerid FROM lead LIMIT 64")?;
        Ok(Self {
            lead: Stored::read(connection, "lead", "leadid", &id)?,
            entry: Stored::read(connection, "pw_feed", "record", &id)?,
            keys: keys.query_map([&id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?,
            owners: owners.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?,
            // Far behind all that we number ourselves.
            next: number + (1 << 20),
        })
    }

    fn write(&self, connection: &Connection, turn: u64) -> Result<()> {
        let id = Uuid::now_v7();
        let text = |value: String| Raw::Text(value);
        self.lead.write(
            connection,
            &[
                ("leadid", Raw::Blob(id.as_bytes().to_vec())),
                ("ownerid", of_turn(&self.owners, turn).clone()),
                ("lastname", text(format!("Lovelace {turn}"))),
                ("emailaddress1", text(format!("ada.{turn}@engines.example"))),
                ("createdon", Raw::Integer(jiff::Timestamp::now().as_millisecond())),
                ("modifiedon", Raw::Integer(jiff::Timestamp::now().as_millisecond())),
            ],
        )?;
        self.entry.write(
            connection,
            &[
                ("record", Raw::Blob(id.as_bytes().to_vec())),
                ("act", Raw::Blob(Uuid::now_v7().as_bytes().to_vec())),
                ("salt", Raw::Blob(Uuid::new_v4().as_bytes().to_vec())),
            ],
        )?;
        let words = format!(
            "020 20 44 7946 0000 ada analytical engines example head lovelace {turn} ltd of production robotics line"
        );
        connection
            .prepare_cached("INSERT INTO lead_search (rowid, words) VALUES (?1, ?2)")?
            // Each turn once, whichever part of the measurement it belongs to.
            .execute(params![connection.last_insert_rowid() + self.next, words])?;
        for definition in &self.keys {
            let hash = i64::from_be_bytes(*Uuid::new_v4().as_bytes().first_chunk().unwrap_or(&[0; 8]));
            connection
                .prepare_cached("INSERT INTO pw_match_key (definition, hash, record) VALUES (?1, ?2, ?3)")?
                .execute(params![definition, hash, id.as_bytes().as_slice()])?;
        }
        Ok(())
    }
}

impl Stored {
    fn read(connection: &Connection, table: &str, key: &str, id: &[u8]) -> Result<Self> {
        Self::of_query(connection, table, &format!("SELECT * FROM {table} WHERE {key} = ?1 LIMIT 1"), [id])
    }

    fn of_query(connection: &Connection, table: &str, sql: &str, parameters: impl Params) -> Result<Self> {
        let mut select = connection.prepare(sql)?;
        let names: Vec<String> = select.column_names().map(str::to_owned).collect();
        let mut rows = select.query(parameters)?;
        let row = rows.next()?.ok_or_else(|| BenchError::other("the leads left no history"))?;
        let mut stored = Self { sql: String::new(), columns: Vec::new(), values: Vec::new() };
        for (place, name) in names.into_iter().enumerate().filter(|(_, name)| name != "seq") {
            stored.columns.push(format!("\"{name}\""));
            stored.values.push(row.get(place)?);
        }
        let places = vec!["?"; stored.columns.len()].join(", ");
        stored.sql = format!("INSERT INTO {table} ({}) VALUES ({places})", stored.columns.join(", "));
        Ok(stored)
    }

    fn write(&self, connection: &Connection, other: &[(&str, Raw)]) -> Result<()> {
        let mut values = self.values.clone();
        for (name, value) in other {
            if let Some(place) = self.columns.iter().position(|column| column.trim_matches('"') == *name) {
                values[place] = value.clone();
            }
        }
        connection.prepare_cached(&self.sql)?.execute(params_from_iter(values))?;
        Ok(())
    }
}
