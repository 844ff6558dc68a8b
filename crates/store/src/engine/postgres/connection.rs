//! One pooled connection, used from a blocking thread.

use std::time::Duration;

use deadpool_postgres::Object;
use tokio::runtime::Handle;
use tokio_postgres::{error::SqlState, types::ToSql};

use super::{errors::translate, values::read};
use crate::{
    StoreError,
    engine::{Connection, Dialect, SqlValue, unavailable},
};

/// A connection inside a transaction.
pub(crate) struct PostgresConnection {
    client: Option<Object>,
    runtime: Handle,
    /// Statements are ended where they take longer than somebody waits.
    is_hurried: bool,
}

impl PostgresConnection {
    pub(super) fn new(client: Object, runtime: Handle) -> Self {
        Self { client: Some(client), runtime, is_hurried: false }
    }

    /// An error of a query. One that was ended without a limit of ours was ended by somebody else.
    fn told(&self, error: tokio_postgres::Error) -> StoreError {
        match error.code() {
            Some(code) if self.is_hurried && *code == SqlState::QUERY_CANCELED => StoreError::TookTooLong,
            _ => translate(error),
        }
    }

    /// Closes the connection instead of giving it back: nobody knows what state it is in.
    pub(super) fn discard(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }

    /// The number of the transaction, where it has written anything.
    pub(super) fn transaction(&mut self) -> Option<u64> {
        let found = self.query("SELECT pg_current_xact_id_if_assigned()::text::bigint", &[]);
        // A failed transaction answers nothing any more; the commit will tell.
        let number = found.ok()?.first()?.first()?.as_int()?;
        u64::try_from(number).ok()
    }

    /// Commits. An error means that the answer did not come, and that nobody knows. PostgreSQL
    /// answers a commit of a failed transaction without an error, so the failed state is asked for
    /// first.
    pub(super) fn commit(&mut self) -> Result<Committed, StoreError> {
        let client = self.client.as_ref().ok_or_else(unavailable)?;
        match self.runtime.block_on(client.batch_execute("SAVEPOINT alive; COMMIT")) {
            Ok(()) => Ok(Committed::Yes),
            Err(error) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => {
                // Undone already; whether the server still hears this matters to nobody.
                let _ = self.batch("ROLLBACK");
                Ok(Committed::No)
            }
            Err(error) if is_refusal(&error) => Ok(Committed::Refused(translate(error))),
            Err(error) => Err(translate(error)),
        }
    }
}

/// The server's answer to a commit.
pub(super) enum Committed {
    Yes,
    /// A statement had failed before.
    No,
    /// A conflict with another transaction, or a constraint looked at in the end; undone.
    Refused(StoreError),
}

fn is_refusal(error: &tokio_postgres::Error) -> bool {
    const REFUSALS: [&str; 2] = ["23", "40"];
    error.code().is_some_and(|code| REFUSALS.iter().any(|class| code.code().starts_with(class)))
}

impl Connection for PostgresConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn query(&mut self, sql: &str, params: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>, StoreError> {
        let client = self.client.as_ref().ok_or_else(unavailable)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let rows = self
            .runtime
            .block_on(async {
                let statement = client.prepare_cached(sql).await?;
                client.query(&statement, &params).await
            })
            .map_err(|error| self.told(error))?;
        rows.iter().map(read).collect()
    }

    fn execute(&mut self, sql: &str, params: &[SqlValue]) -> Result<u64, StoreError> {
        let client = self.client.as_ref().ok_or_else(unavailable)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.runtime
            .block_on(async {
                let statement = client.prepare_cached(sql).await?;
                client.execute(&statement, &params).await
            })
            .map_err(translate)
    }

    fn give_up_after(&mut self, patience: Duration) -> Result<(), StoreError> {
        // Ends with the transaction. Zero would mean that there is no limit.
        self.batch(&format!("SET LOCAL statement_timeout = {}", patience.as_millis().max(1)))?;
        self.is_hurried = true;
        Ok(())
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let client = self.client.as_ref().ok_or_else(unavailable)?;
        self.runtime.block_on(client.batch_execute(sql)).map_err(translate)
    }
}
