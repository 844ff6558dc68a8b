//! The engine on a PostgreSQL server: a pool of connections, closures run on blocking threads.

mod address;
mod certificate;
mod connection;
mod connector;
mod errors;
mod handshake;
mod outcome;
mod values;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use address::Address;
use connection::{Committed, PostgresConnection};
use connector::Connector;
use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType, Timeouts,
};
use errors::translate;
use outcome::Transaction;
use tokio::runtime::Handle;
use tokio_postgres::Config;

use super::{Connection, Kept, Mode, ReadJob, WriteJob, unavailable};
use crate::{FeedPosition, StoreError};

/// How long a caller waits for a free connection.
const WAIT: Duration = Duration::from_secs(30);
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a server's machine may be silent on the network before the connection counts as lost. A
/// server that is only slow is not silent: its system still answers.
const SILENCE: Duration = Duration::from_secs(30);

/// Writers hold this lock shared and publishing holds it alone, so that nobody writes by a model
/// that is no longer in force. The number is `pipewright` read as a number and cut to 63 bits.
pub(crate) const MODEL_LOCK: i64 = 0x7069_7065_7772_6967;

/// The statements that begin a transaction. Read-write is said although it is the default: a standby
/// refuses it, and its connection is closed instead of being used again.
fn begin(mode: Mode) -> String {
    match mode {
        Mode::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned(),
        Mode::Write => {
            format!(
                "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock_shared({MODEL_LOCK})"
            )
        }
        Mode::Exclusive => format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '60s';
             SELECT pg_advisory_xact_lock({MODEL_LOCK})"
        ),
    }
}

/// Whether an address can be understood.
pub(crate) fn check_address(url: &str) -> Result<(), StoreError> {
    Address::parse(url).map(drop)
}

/// A pool of connections to one database.
pub(crate) struct PostgresEngine {
    pool: Pool,
}

impl PostgresEngine {
    /// Prepares the pool and makes sure that the server answers.
    pub(crate) async fn open(url: &str, size: usize) -> Result<Arc<Self>, StoreError> {
        let Address { mut config, encryption, identity } = Address::parse(url)?;
        config.connect_timeout(CONNECT).application_name("pipewright");
        notice_silence(&mut config);
        let connector = tokio::task::spawn_blocking(move || Connector::new(&encryption, identity.as_ref()))
            .await
            .map_err(|error| StoreError::Internal(error.to_string()))??;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(config, connector, recycling);
        let pool = Pool::builder(manager)
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts { wait: Some(WAIT), create: Some(CONNECT), recycle: Some(CONNECT) })
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let engine = Self { pool };
        drop(engine.client().await?);
        Ok(Arc::new(engine))
    }

    /// Runs a job on one snapshot.
    pub(crate) async fn read(self: &Arc<Self>, job: ReadJob) {
        match self.client().await {
            Err(error) => job(Err(error)),
            Ok(client) => {
                // The job answers its caller itself; nobody waits for this thread.
                tokio::task::spawn_blocking(move || read_blocking(client, job));
            }
        }
    }

    /// Runs a job in a transaction. Once begun it ends, whether or not the caller still waits.
    pub(crate) async fn write(self: &Arc<Self>, job: Box<dyn WriteJob>, mode: Mode) {
        match self.client().await {
            Err(error) => job.finish(Err(error)),
            Ok(client) => {
                let engine = Arc::clone(self);
                tokio::task::spawn_blocking(move || write_blocking(&engine, client, job, mode));
            }
        }
    }

    /// Forgets prepared statements; their plans may no longer fit after a change of tables.
    pub(crate) fn forget_statements(&self) {
        self.pool.manager().statement_caches.clear();
    }

    /// Takes away what deleted and changed rows left in the tables, beside those who work.
    pub(crate) async fn vacuum(&self) -> Result<(), StoreError> {
        let client = self.client().await?;
        client.batch_execute("VACUUM").await.map_err(translate)
    }

    /// Lets go of all connections.
    pub(crate) fn close(&self) {
        self.pool.close();
    }

    async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => match translate(error) {
                StoreError::Database(message) => StoreError::Unavailable(message),
                other => other,
            },
            PoolError::Closed => unavailable(),
            PoolError::Timeout(TimeoutType::Wait) => {
                StoreError::Unavailable("all connections are in use; try again".to_owned())
            }
            PoolError::Timeout(_) => StoreError::Unavailable(format!(
                "PostgreSQL did not answer within {} seconds; see that it runs and can be reached",
                CONNECT.as_secs()
            )),
            other => StoreError::Unavailable(other.to_string()),
        })
    }
}

/// A server that vanished without a word (its machine lost power, a cable was pulled) is noticed
/// within a minute; the system's own limits are hours. What the address says comes first.
fn notice_silence(config: &mut Config) {
    if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
        config.keepalives_idle(SILENCE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(SILENCE / 3);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE);
    }
}

fn read_blocking(client: Object, job: ReadJob) {
    let mut connection = PostgresConnection::new(client, Handle::current());
    if let Err(error) = connection.batch(&begin(Mode::Read)) {
        connection.discard();
        job(Err(error));
        return;
    }
    // A panicking job drops its answer's sender, which tells the caller.
    let _ = catch_unwind(AssertUnwindSafe(|| job(Ok(&mut connection))));
    // A snapshot that was only read can end either way; this one also ends a failed one.
    if connection.batch("ROLLBACK").is_err() {
        connection.discard();
    }
}

fn write_blocking(engine: &PostgresEngine, client: Object, mut job: Box<dyn WriteJob>, mode: Mode) {
    let mut connection = PostgresConnection::new(client, Handle::current());
    if let Err(error) = connection.batch(&begin(mode)) {
        connection.discard();
        job.finish(Err(error));
        return;
    }
    let kept = catch_unwind(AssertUnwindSafe(|| job.run(&mut connection))).unwrap_or(Kept::Panicked);
    let outcome = match kept {
        Kept::Yes => commit(engine, &mut connection, job.last_entry()).map(|()| Kept::Yes),
        undone => {
            if connection.batch("ROLLBACK").is_err() {
                connection.discard();
            }
            Ok(undone)
        }
    };
    // Back in the pool before the caller goes on: it may ask for the next one at once.
    drop(connection);
    job.finish(outcome);
}

fn commit(
    engine: &PostgresEngine,
    connection: &mut PostgresConnection,
    entry: Option<FeedPosition>,
) -> Result<(), StoreError> {
    let number = entry.map(|entry| entry.transaction).or_else(|| connection.transaction());
    // A failed transaction answers COMMIT with ROLLBACK and no error; a job that swallowed a
    // statement's error must not believe its work was kept.
    match connection.commit() {
        Ok(Committed::Yes) => Ok(()),
        Ok(Committed::No) => {
            Err(StoreError::Database("a statement had failed before, so the whole transaction was undone".to_owned()))
        }
        Ok(Committed::Refused(error)) => {
            connection.discard();
            Err(error)
        }
        Err(error) => {
            connection.discard();
            // Without a number it has written nothing.
            let Some(number) = number else { return Ok(()) };
            Handle::current().block_on(engine.find_out(Transaction { number, entry }, &error))
        }
    }
}
