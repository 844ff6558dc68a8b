//! Seals: what makes it evident that the history was tampered with.
//!
//! Each seal covers the entries behind the one before it and holds a hash over that seal's hash and
//! all of its entries. Who changes, adds or takes away a sealed entry must make all later seals
//! anew; a seal written down elsewhere (the check prints the last one) tells that, too.
//!
//! Of an entry's values it is their salted digest that is sealed: when they are erased, which the
//! law may demand, the digest stays and the seal with it. See [`super::erase`].

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{erase, reseal};
use crate::{
    Finding, StoreError,
    engine::{Connection, Dialect, SqlValue},
};

/// Most entries of one seal, so that none takes long to make.
const MOST: u32 = 2000;

/// A seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(super) number: i64,
    /// Sequence number of the last entry it covers.
    pub(super) last: i64,
    pub(super) entries: i64,
    pub(super) hash: Vec<u8>,
}

/// What the seals say about the history.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Sealed {
    /// How many seals there are.
    pub seals: u64,
    /// How many entries of the feed they cover.
    pub entries: u64,
    /// Entries that no seal covers yet: the newest ones.
    pub unsealed: u64,
    /// Entries whose values were erased, see [`crate::Writer::erase_history`].
    pub erased: u64,
    /// The last seal's hash, in hexadecimal; written down elsewhere, it proves later that nothing
    /// up to here was changed.
    pub last: Option<String>,
}

/// How far the feed is complete: where `seq` came before everything that may still be committed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    last: i64,
    /// PostgreSQL's first transaction that had not begun then.
    transaction: i64,
}

/// Where the feed ends now. On PostgreSQL smaller numbers may still come from transactions that
/// run at this moment; see [`is_complete`].
pub(crate) fn candidate(connection: &mut dyn Connection) -> Result<Candidate, StoreError> {
    let sql = match connection.dialect() {
        Dialect::Sqlite => "SELECT coalesce(max(seq), 0), 0 FROM pw_feed",
        Dialect::Postgres => {
            "SELECT coalesce(max(seq), 0), pg_snapshot_xmax(pg_current_snapshot())::text::bigint FROM pw_feed"
        }
    };
    let (last, transaction) = two_numbers(connection, sql)?;
    Ok(Candidate { last, transaction })
}

/// Whether everything up to the candidate is there by now.
pub(crate) fn is_complete(connection: &mut dyn Connection, candidate: Candidate) -> Result<bool, StoreError> {
    if connection.dialect() == Dialect::Sqlite {
        return Ok(true);
    }
    let sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0::bigint";
    Ok(two_numbers(connection, sql)?.0 >= candidate.transaction)
}

/// The next seal over what no seal covers yet; none where there is nothing.
pub(crate) fn next(connection: &mut dyn Connection, upto: Candidate) -> Result<Option<Seal>, StoreError> {
    let before = last(connection)?;
    let sql = format!("{ENTRIES} WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3");
    let rows = connection
        .query(&connection.dialect().numbered(&sql), &[before.last.into(), upto.last.into(), i64::from(MOST).into()])?;
    let Some(end) = rows.last().and_then(|row| row.first()?.as_int()) else { return Ok(None) };
    let hash = hash_of(&before.hash, &rows);
    Ok(Some(Seal { number: before.number + 1, last: end, entries: rows.len() as i64, hash }))
}

/// Writes a seal, unless another process has written one since it was made; whether it did.
pub(crate) fn put(connection: &mut dyn Connection, seal: &Seal) -> Result<bool, StoreError> {
    if last(connection)?.number + 1 != seal.number {
        return Ok(false);
    }
    let sql = "INSERT INTO pw_seal (number, last, entries, at, hash) VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = [
        seal.number.into(),
        seal.last.into(),
        seal.entries.into(),
        Timestamp::now().as_millisecond().into(),
        seal.hash.clone().into(),
    ];
    connection.execute(&connection.dialect().numbered(sql), &values)?;
    Ok(true)
}

/// Makes all seals anew in the mind and compares them; what differs becomes a finding.
pub(crate) fn check(connection: &mut dyn Connection, findings: &mut Vec<Finding>) -> Result<Sealed, StoreError> {
    let mut sealed = Sealed::default();
    let mut before = Seal::none();
    findings.extend(reseal::earlier_finding(connection)?);
    for seal in all(connection)? {
        let (hash, entries) = computed(connection, &before, &seal)?;
        if seal.number != before.number + 1 {
            findings.push(finding(format!("the history's seal number {} is missing", before.number + 1)));
        } else if (&hash, entries) != (&seal.hash, seal.entries) {
            findings.push(finding(format!(
                "the history was changed after it had been sealed: between the entries {} and {} there are {entries} \
                 of {} entries, and they do not fit seal number {}",
                before.last, seal.last, seal.entries, seal.number
            )));
        }
        sealed.seals += 1;
        sealed.entries += u64::try_from(seal.entries).unwrap_or_default();
        before = seal;
    }
    let open = connection.dialect().numbered("SELECT count(*), 0 FROM pw_feed WHERE seq > ?1").into_owned();
    let open = connection.query(&open, &[before.last.into()])?;
    let open = open.first().and_then(|row| row.first()?.as_int()).unwrap_or_default();
    sealed.unsealed = u64::try_from(open).unwrap_or_default();
    sealed.erased = erase::check(connection, findings)?;
    sealed.last = (sealed.seals > 0).then(|| hexadecimal(&before.hash));
    Ok(sealed)
}

/// The hash over the entries that a seal covers, and their number.
fn computed(connection: &mut dyn Connection, before: &Seal, seal: &Seal) -> Result<(Vec<u8>, i64), StoreError> {
    let rows = entries(connection, before, seal)?;
    Ok((hash_of(&before.hash, &rows), rows.len() as i64))
}

/// The entries that a seal covers.
pub(super) fn entries(
    connection: &mut dyn Connection,
    before: &Seal,
    seal: &Seal,
) -> Result<Vec<Vec<SqlValue>>, StoreError> {
    let sql = format!("{ENTRIES} WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
    let sql = connection.dialect().numbered(&sql).into_owned();
    connection.query(&sql, &[before.last.into(), seal.last.into()])
}

/// The hash of a seal over these entries.
pub(super) fn hash_of(before: &[u8], entries: &[Vec<SqlValue>]) -> Vec<u8> {
    let mut hash = Hash::behind(before);
    for row in entries {
        hash.add(row);
    }
    hash.end()
}

/// All seals in their order.
pub(super) fn all(connection: &mut dyn Connection) -> Result<Vec<Seal>, StoreError> {
    let kept = connection.query("SELECT number, last, entries, hash FROM pw_seal ORDER BY number", &[])?;
    kept.iter().map(|row| read(row)).collect()
}

/// What is sealed: all but the transaction's number, which another database cannot keep. The last
/// three are sealed as one digest.
pub(super) const ENTRIES: &str =
    r#"SELECT seq, at, "user", origin, act, "table", record, operation, changes, salt, erased FROM pw_feed"#;

/// The digest of an entry's values. The salt goes with them when they are erased, so that nobody
/// can find out by trying whether they were those of a certain person.
pub(super) fn digest_of_values(changes: &SqlValue, salt: &SqlValue) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(bytes_of(salt));
    digest.update(bytes_of(changes));
    digest.finalize().to_vec()
}

pub(super) struct Hash(Sha256);

impl Hash {
    pub(super) fn behind(hash: &[u8]) -> Self {
        let mut digest = Sha256::new();
        digest.update(hash);
        Self(digest)
    }

    /// An entry, of its values the digest.
    fn add(&mut self, row: &[SqlValue]) {
        let [described @ .., changes, salt, erased] = row else { return };
        let digest = match erased {
            SqlValue::Bytes(digest) => digest.clone(),
            _ => digest_of_values(changes, salt),
        };
        self.add_values(described);
        self.add_values(&[digest.into()]);
    }

    /// Each value with its length, so that no two entries give the same bytes.
    pub(super) fn add_values(&mut self, values: &[SqlValue]) {
        for value in values {
            let bytes = bytes_of(value);
            self.0.update((bytes.len() as u64).to_be_bytes());
            self.0.update(&bytes);
        }
    }

    pub(super) fn end(self) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

fn bytes_of(value: &SqlValue) -> Vec<u8> {
    match value {
        SqlValue::Text(text) => text.as_bytes().to_vec(),
        SqlValue::Uuid(id) => id.as_bytes().to_vec(),
        // The same moment, however the engine hands it out.
        SqlValue::Timestamp(moment) => moment.as_millisecond().to_string().into_bytes(),
        SqlValue::Int(number) => number.to_string().into_bytes(),
        SqlValue::Bytes(bytes) => bytes.clone(),
        other => format!("{other:?}").into_bytes(),
    }
}

impl Seal {
    /// What stands before the first one.
    pub(super) fn none() -> Self {
        Self { number: 0, last: 0, entries: 0, hash: Vec::new() }
    }
}

fn last(connection: &mut dyn Connection) -> Result<Seal, StoreError> {
    let rows = connection.query("SELECT number, last, entries, hash FROM pw_seal ORDER BY number DESC LIMIT 1", &[])?;
    rows.first().map_or_else(|| Ok(Seal::none()), |row| read(row))
}

fn read(row: &[SqlValue]) -> Result<Seal, StoreError> {
    let unreadable = || StoreError::Database("a seal of the history cannot be read".to_owned());
    let [number, last, entries, SqlValue::Bytes(hash)] = row else { return Err(unreadable()) };
    let number_of = |value: &SqlValue| value.as_int().ok_or_else(unreadable);
    Ok(Seal { number: number_of(number)?, last: number_of(last)?, entries: number_of(entries)?, hash: hash.clone() })
}

fn two_numbers(connection: &mut dyn Connection, sql: &str) -> Result<(i64, i64), StoreError> {
    let rows = connection.query(sql, &[])?;
    let number = |place: usize| rows.first().and_then(|row| row.get(place)?.as_int()).unwrap_or_default();
    Ok((number(0), number(1)))
}

pub(super) fn finding(message: String) -> Finding {
    Finding { table: String::new(), id: None, message }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
