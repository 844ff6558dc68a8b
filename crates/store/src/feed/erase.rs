//! Erasing values from the history in such a way that it can still be verified.
//!
//! The seals cover a salted digest of each entry's values, not the values. To erase them, they and
//! the salt are taken out and the digest is kept in their place; an *erasure*, an entry of its own
//! about the same row, says which entries that were, when and by whom. Values that are missing
//! without an erasure are a forgery, as is an entry said to be erased that still has some.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::{FeedOperation, json, seal};
use crate::{
    Finding, StoreError,
    engine::{Connection, SqlValue},
};

/// What an erasure tells the sequence numbers under.
pub(crate) const TOLD: &str = "erased";
/// The changes of an entry without values.
const NOTHING: &str = "{}";

/// Takes the values out of a row's entries, or of those with the given sequence numbers; which ones
/// that were. Erasures themselves hold none.
pub(crate) fn blank(
    connection: &mut dyn Connection,
    table: &str,
    id: Uuid,
    only: Option<&[u64]>,
) -> Result<Vec<i64>, StoreError> {
    let found = r#"SELECT seq, changes, salt FROM pw_feed
        WHERE record = ?1 AND "table" = ?2 AND operation <> ?3 AND erased IS NULL ORDER BY seq"#;
    let found = connection.dialect().numbered(found).into_owned();
    let rows = connection.query(&found, &[id.into(), table.into(), (FeedOperation::Erase as i32).into()])?;
    let erase = "UPDATE pw_feed SET changes = ?1, salt = NULL, erased = ?2 WHERE seq = ?3";
    let erase = connection.dialect().numbered(erase).into_owned();
    let mut erased = Vec::new();
    for row in rows {
        let [SqlValue::Int(sequence), changes, salt] = row.as_slice() else { continue };
        let is_meant = only.is_none_or(|only| u64::try_from(*sequence).is_ok_and(|number| only.contains(&number)));
        if !is_meant || changes.as_text() == Some(NOTHING) {
            continue;
        }
        let digest = seal::digest_of_values(changes, salt);
        connection.execute(&erase, &[NOTHING.into(), digest.into(), (*sequence).into()])?;
        erased.push(*sequence);
    }
    Ok(erased)
}

/// Sequence numbers as an erasure holds them.
pub(crate) fn told(sequences: &[i64]) -> String {
    sequences.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")
}

/// An entry whose values are gone, or an erasure.
struct Place {
    table: String,
    record: Option<Uuid>,
}

/// Compares what is missing with what the erasures say; how many entries were erased rightly.
pub(super) fn check(connection: &mut dyn Connection, findings: &mut Vec<Finding>) -> Result<u64, StoreError> {
    let erasures = erasures(connection)?;
    let mut missing = BTreeSet::new();
    let found = connection.query(
        r#"SELECT seq, "table", record, changes, salt IS NULL, operation FROM pw_feed WHERE erased IS NOT NULL"#,
        &[],
    )?;
    for row in found {
        let [SqlValue::Int(sequence), SqlValue::Text(table), record, changes, unsalted, operation] = row.as_slice()
        else {
            return Err(StoreError::Database("an erased entry of the history cannot be read".to_owned()));
        };
        let is_bare = changes.as_text() == Some(NOTHING) && unsalted.as_int() == Some(1);
        let is_erasure = operation.as_int() == Some(i64::from(FeedOperation::Erase as i32));
        let by = erasures.get(sequence);
        let is_said = by.is_some_and(|place| place.table == *table && place.record == record.as_uuid());
        if !is_bare || is_erasure {
            findings.push(seal::finding(format!(
                "the history was changed: entry {sequence} counts as erased and holds values all the same"
            )));
        } else if !is_said {
            findings.push(seal::finding(format!(
                "the history was changed: the values of entry {sequence} are gone, and no erasure says so"
            )));
        }
        missing.insert(*sequence);
    }
    let mut kept: Vec<&i64> = erasures.keys().filter(|sequence| !missing.contains(*sequence)).collect();
    kept.sort_unstable();
    for sequence in kept {
        findings.push(seal::finding(format!(
            "the history was changed: an erasure says that the values of entry {sequence} are gone, and they are there"
        )));
    }
    Ok(missing.len() as u64)
}

/// Which entries were erased, each with the row that its erasure is about. An erasure speaks of
/// entries before it only.
fn erasures(connection: &mut dyn Connection) -> Result<HashMap<i64, Place>, StoreError> {
    let mut erasures = HashMap::new();
    let sql = format!(
        r#"SELECT seq, "table", record, changes FROM pw_feed WHERE operation = {} ORDER BY seq"#,
        FeedOperation::Erase as i32
    );
    for row in connection.query(&sql, &[])? {
        let [SqlValue::Int(own), SqlValue::Text(table), record, SqlValue::Text(changes)] = row.as_slice() else {
            continue;
        };
        let told = json::read(changes)?.into_iter().find(|(name, ..)| name == TOLD);
        let told = told.and_then(|(_, _, after)| after.as_text().map(str::to_owned)).unwrap_or_default();
        let sequences = told.split(' ').filter_map(|number| number.parse().ok()).filter(|number: &i64| number < own);
        erasures.extend(sequences.map(|sequence| (sequence, Place { table: table.clone(), record: record.as_uuid() })));
    }
    Ok(erasures)
}
