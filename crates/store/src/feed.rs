//! The change feed: every committed change in order.

pub(crate) mod erase;
pub(crate) mod json;
pub(crate) mod log;
pub(crate) mod reseal;
pub(crate) mod seal;

pub use seal::Sealed;

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use model::Value;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::StoreError;

/// On whose behalf and by what way a change is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user; nil for the engine itself.
    pub user: Uuid,
    /// The way: `page`, `webapi`, `import`, `command`, `demo` …
    pub origin: String,
    /// Ties together the changes of one act (one qualification, one import), so that the whole
    /// can be shown and undone.
    pub act: Uuid,
    /// The moment the change is said to have happened, where it is not that of writing: history
    /// of another system or a demonstration. Not set in what is read; see [`FeedEntry::at`].
    pub at: Option<Timestamp>,
}

/// One committed change of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedEntry {
    /// Where it stands.
    pub position: FeedPosition,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Logical name of the table.
    pub table: String,
    /// The row.
    pub id: Uuid,
    /// What was done.
    pub operation: FeedOperation,
    /// Column, value before, value after; all columns of a created or deleted row that were
    /// filled. Columns that are not audited stand with [`Value::Null`] on both sides.
    pub changes: Vec<(String, Value, Value)>,
    /// The values it held were erased, see [`crate::Writer::erase_history`]; `changes` is empty.
    pub erased: bool,
}

/// A committed change without its values: that, where and by whom, for who only needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedHeading {
    /// Where it stands.
    pub position: FeedPosition,
    /// The user; nil for the engine itself.
    pub user: Uuid,
    /// Logical name of the table.
    pub table: String,
    /// The row.
    pub id: Uuid,
    /// What was done.
    pub operation: FeedOperation,
}

/// What was done to a row (`operation` of Dataverse's `audit`, which knows the first three).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum FeedOperation {
    Create = 1,
    Update = 2,
    Delete = 3,
    /// Values of earlier entries of the row were erased.
    Erase = 4,
}

/// A place in the feed; later entries are greater. On PostgreSQL entries become visible in
/// this order even when transactions overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct FeedPosition {
    /// PostgreSQL's transaction number; 0 on SQLite.
    pub transaction: u64,
    /// Sequence number; also the `versionnumber` the change gave to the row.
    pub sequence: u64,
}

/// `TRANSACTION.SEQUENCE`, as readers outside keep it.
impl fmt::Display for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.transaction, self.sequence)
    }
}

impl FromStr for FeedPosition {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let part = |number: &str| number.parse().ok();
        text.split_once('.')
            .and_then(|(transaction, sequence)| {
                Some(Self { transaction: part(transaction)?, sequence: part(sequence)? })
            })
            .ok_or_else(|| StoreError::BadQuery(format!("“{text}” is not a place in the change feed")))
    }
}
