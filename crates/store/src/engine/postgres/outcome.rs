//! What became of a transaction whose commit was not answered, because the connection or the server
//! went away meanwhile.
//!
//! PostgreSQL remembers for every transaction whether it was committed. So the server, or the one
//! that took over, is asked as soon as it answers; the caller then learns the truth instead of a
//! guess, and nobody enters anything twice.

use std::time::{Duration, Instant};

use super::{PostgresEngine, translate};
use crate::{FeedPosition, StoreError};

/// How long the answer is waited for: a restart takes seconds, a failover not much longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(250);

/// A transaction as the server will know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transaction {
    /// PostgreSQL's number.
    pub number: u64,
    /// The last entry it wrote to the change feed, where it wrote any.
    pub entry: Option<FeedPosition>,
}

enum Fate {
    Committed,
    Undone,
    /// Its end has been asked for and is still waited for there.
    Open,
}

impl PostgresEngine {
    /// Ok where the transaction was committed. `failure` is why its commit was not answered.
    pub(super) async fn find_out(&self, transaction: Transaction, failure: &StoreError) -> Result<(), StoreError> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            match self.fate(transaction).await {
                Ok(Fate::Committed) => return Ok(()),
                Ok(Fate::Undone) => {
                    return Err(StoreError::Unavailable(format!("{failure}; nothing was changed, try again")));
                }
                Ok(Fate::Open) => {}
                Err(error) => tracing::debug!(%error, "asking what became of a transaction failed"),
            }
            tokio::time::sleep(PAUSE).await;
        }
        tracing::error!(transaction = transaction.number, %failure, "it is not known whether this was committed");
        Err(StoreError::Uncertain(failure.to_string()))
    }

    async fn fate(&self, transaction: Transaction) -> Result<Fate, StoreError> {
        let client = self.client().await?;
        let number = transaction.number.to_string();
        let status = client
            .query_one("SELECT pg_xact_status($1::text::xid8)", &[&number])
            .await
            .and_then(|row| row.try_get::<_, Option<String>>(0));
        let status = match status {
            Ok(status) => status,
            // A number that this server has not given yet: it took over without this transaction.
            Err(error) if error.code() == Some(&tokio_postgres::error::SqlState::INVALID_PARAMETER_VALUE) => {
                return Ok(Fate::Undone);
            }
            Err(error) => return Err(translate(error)),
        };
        match (status.as_deref(), transaction.entry) {
            (Some("in progress"), _) => Ok(Fate::Open),
            (Some("aborted"), _) => Ok(Fate::Undone),
            (_, None) => Ok(Fate::Committed),
            // A server that took over without this transaction gives its number to another one.
            (_, Some(entry)) => {
                let (txid, seq) = (signed(entry.transaction), signed(entry.sequence));
                let find = "SELECT 1 FROM pw_feed WHERE txid = $1 AND seq = $2";
                let found = client.query_opt(find, &[&txid, &seq]).await.map_err(translate)?;
                Ok(if found.is_some() { Fate::Committed } else { Fate::Undone })
            }
        }
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
