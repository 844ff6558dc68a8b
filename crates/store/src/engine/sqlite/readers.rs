//! Connections for reading, lent to one caller at a time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::Semaphore,
    task::{block_in_place, spawn_blocking},
};

use super::SqliteConnection;
use crate::{
    StoreError,
    engine::{Connection, ReadJob, unavailable},
    store::match_key::FreshKeys,
};

/// A read that takes longer lets the other tasks of its thread go on elsewhere. Not sooner: a thread
/// more than there are processors has all of them take turns, and every read waits for the others.
const SHORT: Duration = Duration::from_millis(20);
/// Time another thread needs to take those tasks over.
const HANDOVER: Duration = Duration::from_micros(100);

/// The connections nobody reads with, the one used last on top: its cache is the warmest.
pub(super) struct Readers {
    idle: Mutex<Vec<Lent>>,
    /// As many permits as there are connections.
    free: Arc<Semaphore>,
    count: u32,
}

/// A connection and the time its reader has taken.
struct Lent {
    connection: SqliteConnection,
    time: Arc<Mutex<Time>>,
}

/// When a read began, and after what time it gives way next.
struct Time {
    begun: Instant,
    gives_way_after: Duration,
}

impl Readers {
    pub(super) fn open(path: &Path, count: usize, keys: &FreshKeys) -> Result<Self, StoreError> {
        let count = u32::try_from(count.clamp(1, Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        let idle = (0..count).map(|_| Lent::open(path, count, keys)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { idle: Mutex::new(idle), free: Arc::new(Semaphore::new(count as usize)), count })
    }

    /// Waits for a connection and runs the job, on the caller's own thread: nearly all reads take
    /// less time than handing them to another thread and back.
    pub(super) async fn run(self: &Arc<Self>, job: ReadJob) {
        let Ok(permit) = Arc::clone(&self.free).acquire_owned().await else {
            job(Err(unavailable()));
            return;
        };
        if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
            self.lend(job);
            return;
        }
        let readers = Arc::clone(self);
        let work = move || {
            readers.lend(job);
            drop(permit);
        };
        // A job that was not answered tells its caller by that.
        let _ = spawn_blocking(work).await;
    }

    /// Lets the reads under way end and refuses those that wait.
    pub(super) async fn close(&self) {
        if let Ok(all) = self.free.acquire_many(self.count).await {
            self.free.close();
            drop(all);
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    fn lend(&self, job: ReadJob) {
        let lent = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some(mut lent) = lent else {
            job(Err(unavailable()));
            return;
        };
        *lent.time.lock().unwrap_or_else(PoisonError::into_inner) = Time::now();
        read(&mut lent.connection, job);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(lent);
    }
}

impl Lent {
    fn open(path: &Path, count: u32, keys: &FreshKeys) -> Result<Self, StoreError> {
        let mut connection = SqliteConnection::open_reader(path, count)?.remembering(keys);
        let time = Arc::new(Mutex::new(Time::now()));
        let watched = Arc::clone(&time);
        connection.while_running(move || watched.lock().unwrap_or_else(PoisonError::into_inner).passes())?;
        Ok(Self { connection, time })
    }
}

impl Time {
    fn now() -> Self {
        Self { begun: Instant::now(), gives_way_after: SHORT }
    }

    /// Lets the other tasks of this thread be run by another one where the read has become a long
    /// one. They may not have been taken over when the thread goes on, so it is tried again later;
    /// once they have, this costs nothing.
    fn passes(&mut self) {
        if self.begun.elapsed() > self.gives_way_after {
            self.gives_way_after *= 2;
            block_in_place(|| thread::sleep(HANDOVER));
        }
    }
}

fn read(connection: &mut SqliteConnection, job: ReadJob) {
    if let Err(error) = connection.execute("BEGIN DEFERRED", &[]) {
        job(Err(error));
        return;
    }
    // A panicking job drops its answer's sender, which tells the caller.
    let _ = catch_unwind(AssertUnwindSafe(|| job(Ok(&mut *connection))));
    connection.be_patient();
    if !connection.is_idle()
        && let Err(error) = connection.execute("COMMIT", &[])
    {
        tracing::error!(%error, "ending a read failed");
        let _ = connection.batch("ROLLBACK");
    }
}
