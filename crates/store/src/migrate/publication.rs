//! Who published customisations, when, by what way, and what that changed: `pw_publication`.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Actor, StoreError,
    engine::{Connection, SqlValue},
};

/// Sentences kept of one publication; of the others their number.
const MOST_SENTENCES: usize = 1_000;

/// One publication of customisations of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Publication {
    /// Version of the model it put in force; rises with each publication, not always by one.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// By whom; nil for the engine itself.
    pub user: Uuid,
    /// By what way, as in the change feed: `page`, `command`, `webapi`, `import`.
    pub origin: String,
    /// What became different, an English sentence each. Of a very large one the first, and how many
    /// others there were. Empty where the model stayed the same.
    pub changes: Vec<String>,
}

/// Records a publication, in the transaction that publishes.
pub(super) fn record(
    connection: &mut dyn Connection,
    actor: &Actor,
    version: u64,
    mut changes: Vec<String>,
) -> Result<(), StoreError> {
    let others = changes.len().saturating_sub(MOST_SENTENCES);
    if others > 0 {
        changes.truncate(MOST_SENTENCES);
        changes.push(format!("and {others} more changes"));
    }
    let changes = serde_json::to_string(&changes)
        .map_err(|error| StoreError::Internal(format!("what a publication changed cannot be written: {error}")))?;
    let sql = connection
        .dialect()
        .numbered(r#"INSERT INTO pw_publication (version, at, "user", origin, changes) VALUES (?1, ?2, ?3, ?4, ?5)"#);
    let at = actor.at.unwrap_or_else(Timestamp::now);
    let params = [number(version), at.into(), actor.user.into(), actor.origin.as_str().into(), changes.into()];
    connection.execute(&sql, &params).map(drop)
}

/// Publications of versions before this one, the newest first.
pub(crate) fn before(
    connection: &mut dyn Connection,
    version: Option<u64>,
    limit: u32,
) -> Result<Vec<Publication>, StoreError> {
    let sql = connection.dialect().numbered(
        r#"SELECT version, at, "user", origin, changes FROM pw_publication WHERE version < ?1
        ORDER BY version DESC LIMIT ?2"#,
    );
    let rows = connection.query(&sql, &[number(version.unwrap_or(u64::MAX)), limit.into()])?;
    rows.iter().map(|row| publication(row).ok_or_else(unreadable)).collect()
}

fn publication(row: &[SqlValue]) -> Option<Publication> {
    let [version, at, user, origin, changes] = row else { return None };
    Some(Publication {
        version: u64::try_from(version.as_int()?).ok()?,
        at: at.as_timestamp()?,
        user: user.as_uuid()?,
        origin: origin.as_text()?.to_owned(),
        changes: serde_json::from_str(changes.as_text()?).ok()?,
    })
}

fn number(version: u64) -> SqlValue {
    SqlValue::Int(i64::try_from(version).unwrap_or(i64::MAX))
}

fn unreadable() -> StoreError {
    StoreError::Database("the record of a publication cannot be read".to_owned())
}
