//! Things that must not leave: password hashes, sessions, tokens.

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    StoreError,
    engine::{Connection, SqlValue},
};

/// Kinds that are left out of backups: whoever holds a backup must not be able to sign in.
pub(crate) const NOT_BACKED_UP: [&str; 8] =
    ["session", "token", "password-link", "challenge", "throttle", "authorization-code", "grant", "refresh-token"];

/// A secret: a password's hash, a session, an API token's hash.
#[derive(Debug, Clone, PartialEq)]
pub struct Secret {
    /// `password`, `session`, `token` …; what opens a door by itself is left out of backups.
    pub kind: String,
    /// Unique within the kind: a user's id, a token's hash …
    pub key: String,
    /// The user it belongs to.
    pub owner: Option<Uuid>,
    /// From then on it counts no more. The store keeps it until somebody deletes it.
    pub expires: Option<Timestamp>,
    /// What there is to know.
    pub data: serde_json::Value,
}

const COLUMNS: &str = "kind, key, owner, expires, data";

pub(super) fn get(connection: &mut dyn Connection, kind: &str, key: &str) -> Result<Option<Secret>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM pw_secret WHERE kind = ?1 AND key = ?2");
    Ok(select(connection, &sql, &[kind.into(), key.into()])?.pop())
}

pub(super) fn of_owner(connection: &mut dyn Connection, kind: &str, owner: Uuid) -> Result<Vec<Secret>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM pw_secret WHERE owner = ?1 AND kind = ?2 ORDER BY key");
    select(connection, &sql, &[owner.into(), kind.into()])
}

pub(super) fn of_kind(connection: &mut dyn Connection, kind: &str) -> Result<Vec<Secret>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM pw_secret WHERE kind = ?1 ORDER BY key");
    select(connection, &sql, &[kind.into()])
}

pub(super) fn put(connection: &mut dyn Connection, secret: &Secret) -> Result<(), StoreError> {
    let sql = connection.dialect().numbered(
        "INSERT INTO pw_secret (kind, key, owner, expires, data) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (kind, key) DO UPDATE SET owner = excluded.owner, expires = excluded.expires, data = excluded.data",
    );
    let params = [
        secret.kind.as_str().into(),
        secret.key.as_str().into(),
        secret.owner.into(),
        secret.expires.into(),
        secret.data.to_string().into(),
    ];
    connection.execute(&sql, &params).map(drop)
}

pub(super) fn delete(connection: &mut dyn Connection, kind: &str, key: &str) -> Result<bool, StoreError> {
    let sql = connection.dialect().numbered("DELETE FROM pw_secret WHERE kind = ?1 AND key = ?2");
    Ok(connection.execute(&sql, &[kind.into(), key.into()])? > 0)
}

/// Changes what is known of a secret that is still as it was read; false where it is not.
pub(super) fn replace(
    connection: &mut dyn Connection,
    known: &Secret,
    expires: Option<Timestamp>,
    data: &serde_json::Value,
) -> Result<bool, StoreError> {
    let sql = connection
        .dialect()
        .numbered("UPDATE pw_secret SET expires = ?1, data = ?2 WHERE kind = ?3 AND key = ?4 AND data = ?5");
    let params = [
        expires.into(),
        data.to_string().into(),
        known.kind.as_str().into(),
        known.key.as_str().into(),
        known.data.to_string().into(),
    ];
    Ok(connection.execute(&sql, &params)? > 0)
}

/// Removes what has expired; how many.
pub(super) fn delete_expired(connection: &mut dyn Connection, now: Timestamp) -> Result<u64, StoreError> {
    let sql = connection.dialect().numbered("DELETE FROM pw_secret WHERE expires < ?1");
    connection.execute(&sql, &[Some(now).into()])
}

fn select(connection: &mut dyn Connection, sql: &str, params: &[SqlValue]) -> Result<Vec<Secret>, StoreError> {
    let sql = connection.dialect().numbered(sql);
    connection.query(&sql, params)?.iter().map(|row| read(row)).collect()
}

fn read(row: &[SqlValue]) -> Result<Secret, StoreError> {
    let text = |position: usize| row.get(position).and_then(SqlValue::as_text).unwrap_or_default();
    let data = serde_json::from_str(text(4))
        .map_err(|error| StoreError::Database(format!("a secret of kind {} cannot be read: {error}", text(0))))?;
    Ok(Secret {
        kind: text(0).to_owned(),
        key: text(1).to_owned(),
        owner: row.get(2).and_then(SqlValue::as_uuid),
        expires: row.get(3).and_then(SqlValue::as_timestamp),
        data,
    })
}
