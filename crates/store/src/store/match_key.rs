//! Match keys: short fingerprints of rows, by which rows that may be the same are found at once,
//! however many there are. What they are made from is the caller's matter.

mod fresh;

use std::fmt::Write as _;

use uuid::Uuid;

pub(crate) use fresh::{Change, Changes, FreshKeys, table as fresh_table};

use super::{Reader, Writer};
use crate::{
    StoreError,
    engine::{Connection, Dialect, PutOff, SqlValue},
};

/// The table of all match keys.
pub(crate) const TABLE: &str = "pw_match_key";

/// Most keys written or looked for by one statement.
const TOGETHER: usize = 100;

/// A fingerprint of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MatchKey {
    /// From what the fingerprint is made: rows compare only within one definition.
    pub definition: i32,
    /// The fingerprint.
    pub hash: i64,
}

impl Reader<'_> {
    /// The rows that bear one of these keys, `each` or a few more for a key. One that has just lost the
    /// key may be among them.
    pub fn rows_by_match_key(&mut self, keys: &[MatchKey], each: u32) -> Result<Vec<(MatchKey, Uuid)>, StoreError> {
        let mut found = Vec::new();
        for keys in keys.chunks(TOGETHER) {
            let mut sql = String::new();
            let mut params: Vec<SqlValue> = Vec::with_capacity(keys.len() * 2);
            for key in keys {
                let (definition, hash) = (params.len() + 1, params.len() + 2);
                let and = if params.is_empty() { "" } else { " UNION ALL " };
                // Writing to a text cannot fail.
                let _ = write!(
                    sql,
                    "{and}SELECT * FROM (SELECT definition, hash, record FROM {TABLE} \
                     WHERE definition = ?{definition} AND hash = ?{hash} LIMIT {each}) AS part"
                );
                params.extend([key.definition.into(), key.hash.into()]);
            }
            let sql = self.connection.dialect().numbered(&sql).into_owned();
            found.extend(self.connection.query(&sql, &params)?.iter().filter_map(|row| entry(row)));
        }
        if let Some(fresh) = self.connection.fresh_keys() {
            let each = each as usize;
            found.extend(fresh.find(self.connection, keys, each)?);
            if let Some(own) = self.connection.put_off() {
                found.extend(keys.iter().flat_map(|key| own.keys_seen().bearing(*key).take(each)));
            }
            found.sort_unstable();
            found.dedup();
        }
        Ok(found)
    }

    /// Fingerprints of one definition that several rows bear, behind `after`, in order; of those in the
    /// table alone, see [`Writer::settle_match_keys`].
    pub fn shared_match_keys(
        &mut self,
        definition: i32,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<MatchKey>, StoreError> {
        let sql = format!(
            "SELECT hash FROM {TABLE} WHERE definition = ?1 AND hash > ?2 \
             GROUP BY hash HAVING count(*) > 1 ORDER BY hash LIMIT {limit}"
        );
        self.hashes(&sql, definition, after)
    }

    /// Fingerprints of one definition that rows of another bear, too, behind `after`, in order; of those
    /// in the table alone, see [`Writer::settle_match_keys`].
    pub fn common_match_keys(
        &mut self,
        definition: i32,
        other: i32,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<MatchKey>, StoreError> {
        let sql = format!(
            "SELECT DISTINCT hash FROM {TABLE} a WHERE definition = ?1 AND hash > ?2 \
             AND EXISTS (SELECT 1 FROM {TABLE} b WHERE b.definition = {other} AND b.hash = a.hash) \
             ORDER BY hash LIMIT {limit}"
        );
        self.hashes(&sql, definition, after)
    }

    fn hashes(&mut self, sql: &str, definition: i32, after: Option<i64>) -> Result<Vec<MatchKey>, StoreError> {
        let sql = self.connection.dialect().numbered(sql).into_owned();
        let rows = self.connection.query(&sql, &[definition.into(), after.unwrap_or(i64::MIN).into()])?;
        let hashes = rows.iter().filter_map(|row| row.first().and_then(SqlValue::as_int));
        Ok(hashes.map(|hash| MatchKey { definition, hash }).collect())
    }

    /// How many keys of this definition there are; in the table alone, see
    /// [`Writer::settle_match_keys`].
    pub fn count_match_keys(&mut self, definition: i32) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {TABLE} WHERE definition = ?1");
        let sql = self.connection.dialect().numbered(&sql).into_owned();
        let rows = self.connection.query(&sql, &[definition.into()])?;
        let count = rows.first().and_then(|row| row.first()).and_then(SqlValue::as_int);
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    /// The definitions of which there are keys.
    pub fn match_key_definitions(&mut self) -> Result<Vec<i32>, StoreError> {
        // Steps from one definition to the next, instead of reading every key.
        let mut definitions = Vec::new();
        let first = format!("SELECT min(definition) FROM {TABLE}");
        let next = format!("SELECT min(definition) FROM {TABLE} WHERE definition > ?1");
        let next = self.connection.dialect().numbered(&next).into_owned();
        let mut rows = self.connection.query(&first, &[])?;
        while let Some(definition) = rows.first().and_then(|row| row.first()).and_then(SqlValue::as_int) {
            let Ok(definition) = i32::try_from(definition) else { break };
            definitions.push(definition);
            rows = self.connection.query(&next, &[definition.into()])?;
        }
        if self.connection.fresh_keys().is_some() {
            definitions.extend(fresh::all(self.connection)?.definitions());
            definitions.sort_unstable();
            definitions.dedup();
        }
        Ok(definitions)
    }

    /// How often a model was published, as the database says at this moment; publishing rules
    /// counts, too.
    pub fn published_version(&mut self) -> Result<u64, StoreError> {
        crate::migrate::model_version(self.connection)
    }
}

impl Writer<'_> {
    /// Gives rows these keys beside those they have.
    pub fn put_match_keys(&mut self, keys: &[(MatchKey, Uuid)]) -> Result<(), StoreError> {
        if let Some(put_off) = self.connection.put_off() {
            for (key, record) in keys {
                put_off.change_key(*record, *key, true);
            }
            return Ok(());
        }
        for keys in keys.chunks(TOGETHER) {
            let mut sql = format!("INSERT INTO {TABLE} (definition, hash, record) VALUES ");
            let mut params: Vec<SqlValue> = Vec::with_capacity(keys.len() * 3);
            for (key, record) in keys {
                let place = params.len();
                let comma = if place == 0 { "" } else { ", " };
                let _ = write!(sql, "{comma}(?{}, ?{}, ?{})", place + 1, place + 2, place + 3);
                params.extend([key.definition.into(), key.hash.into(), (*record).into()]);
            }
            sql.push_str(" ON CONFLICT DO NOTHING");
            let sql = self.connection.dialect().numbered(&sql).into_owned();
            self.connection.execute(&sql, &params)?;
        }
        Ok(())
    }

    /// Takes these keys of a row away.
    pub fn remove_match_keys(&mut self, record: Uuid, keys: &[MatchKey]) -> Result<(), StoreError> {
        if let Some(put_off) = self.connection.put_off() {
            for key in keys {
                put_off.change_key(record, *key, false);
            }
            return Ok(());
        }
        keys.iter().try_for_each(|key| fresh::apply(self.connection, ((*key, record), false)))
    }

    /// Puts all keys into their table, where those of the last commits may be missing (on SQLite).
    pub fn settle_match_keys(&mut self) -> Result<(), StoreError> {
        match self.connection.put_off().map(PutOff::take_keys) {
            Some(own) => fresh::settle(self.connection, own),
            None => Ok(()),
        }
    }

    /// Makes others who want these keys wait until the transaction ends, and waits for those who
    /// came before. Whoever looks for rows afterwards sees what those have written.
    pub fn lock_match_keys(&mut self, keys: &[MatchKey]) -> Result<(), StoreError> {
        if self.connection.dialect() == Dialect::Sqlite {
            return Ok(()); // it has one writer
        }
        let mut places: Vec<(i32, i32)> = keys.iter().map(|key| (key.definition, folded(key.hash))).collect();
        // Everybody takes them in the same order, so that two never wait for each other.
        places.sort_unstable();
        places.dedup();
        for (definition, hash) in places {
            let params = [definition.into(), hash.into()];
            self.connection.query("SELECT pg_advisory_xact_lock($1::int4, $2::int4)::text", &params)?;
        }
        Ok(())
    }

    /// Takes away up to `limit` keys of a definition; how many that were.
    pub fn drop_match_keys(&mut self, definition: i32, limit: u32) -> Result<u64, StoreError> {
        self.settle_match_keys()?;
        let place = match self.connection.dialect() {
            Dialect::Sqlite => "(definition, hash, record)",
            Dialect::Postgres => "ctid",
        };
        let columns = place.trim_matches(['(', ')']);
        let sql = format!(
            "DELETE FROM {TABLE} WHERE {place} IN (SELECT {columns} FROM {TABLE} WHERE definition = ?1 LIMIT {limit})"
        );
        let sql = self.connection.dialect().numbered(&sql).into_owned();
        self.connection.execute(&sql, &[definition.into()])
    }

    /// Counts a publication: every process reads anew what it keeps of published rules, before it
    /// writes the next time. To be called in [`crate::Store::write_alone`] only.
    pub fn count_publication(&mut self) -> Result<(), StoreError> {
        crate::migrate::count_publication(self.connection)
    }
}

/// Half of a fingerprint; that two share one only makes somebody wait who need not.
fn folded(hash: i64) -> i32 {
    let bytes = hash.to_le_bytes();
    i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn entry(row: &[SqlValue]) -> Option<(MatchKey, Uuid)> {
    let definition = i32::try_from(row.first()?.as_int()?).ok()?;
    Some((MatchKey { definition, hash: row.get(1)?.as_int()? }, row.get(2)?.as_uuid()?))
}

/// What creates the table.
pub(crate) fn table(dialect: Dialect) -> String {
    let (id, storage) = match dialect {
        Dialect::Sqlite => ("blob", " WITHOUT ROWID"),
        Dialect::Postgres => ("uuid", ""),
    };
    format!(
        "CREATE TABLE {TABLE} (definition integer NOT NULL, hash bigint NOT NULL, record {id} NOT NULL, \
         PRIMARY KEY (definition, hash, record)){storage};"
    )
}

/// Copies all keys of one database into another.
pub(super) fn transfer(source: &mut dyn Connection, target: &mut dyn Connection) -> Result<(), StoreError> {
    let mut last: Vec<SqlValue> = vec![i64::from(i32::MIN).into(), i64::MIN.into(), Uuid::nil().into()];
    let sql = format!(
        "SELECT definition, hash, record FROM {TABLE} WHERE (definition, hash, record) > (?1, ?2, ?3) \
         ORDER BY definition, hash, record LIMIT {TOGETHER}"
    );
    let sql = source.dialect().numbered(&sql).into_owned();
    loop {
        let found = source.query(&sql, &last)?;
        let Some(row) = found.last().cloned() else { break };
        last = row;
        let places: Vec<String> =
            (0..found.len()).map(|row| format!("(?{}, ?{}, ?{})", row * 3 + 1, row * 3 + 2, row * 3 + 3)).collect();
        let sql = format!("INSERT INTO {TABLE} (definition, hash, record) VALUES {}", places.join(", "));
        let sql = target.dialect().numbered(&sql).into_owned();
        target.execute(&sql, &found.into_iter().flatten().collect::<Vec<_>>())?;
    }
    if source.dialect() == Dialect::Sqlite {
        fresh::transfer(source, target)?;
    }
    Ok(())
}
