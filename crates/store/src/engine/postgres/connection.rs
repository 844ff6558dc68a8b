//! One pooled connection, used from a blocking thread.

use deadpool_postgres::Object;
use tokio::runtime::Handle;
use tokio_postgres::types::ToSql;

use super::{errors::translate, values::read};
use crate::{
    StoreError,
    engine::{Connection, Dialect, SqlValue, unavailable},
};

/// A connection inside a transaction.
pub(crate) struct PostgresConnection {
    client: Option<Object>,
    runtime: Handle,
}

impl PostgresConnection {
    pub(super) fn new(client: Object, runtime: Handle) -> Self {
        Self { client: Some(client), runtime }
    }

    /// Closes the connection instead of giving it back: nobody knows what state it is in.
    pub(super) fn discard(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }

    /// Commits; false where the server rolled back instead. PostgreSQL answers a commit of a
    /// failed transaction without an error, so the failed state is asked for first.
    pub(super) fn commit(&mut self) -> Result<bool, StoreError> {
        let client = self.client.as_ref().ok_or_else(unavailable)?;
        match self.runtime.block_on(client.batch_execute("SAVEPOINT alive; COMMIT")) {
            Ok(()) => Ok(true),
            Err(error) if error.code() == Some(&tokio_postgres::error::SqlState::IN_FAILED_SQL_TRANSACTION) => {
                self.batch("ROLLBACK")?;
                Ok(false)
            }
            Err(error) => Err(translate(error)),
        }
    }
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
            .map_err(translate)?;
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

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let client = self.client.as_ref().ok_or_else(unavailable)?;
        self.runtime.block_on(client.batch_execute(sql)).map_err(translate)
    }
}
