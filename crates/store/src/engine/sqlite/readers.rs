//! Reader threads, each with its own connection.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use super::SqliteConnection;
use crate::{
    StoreError,
    engine::{Connection, ReadJob, unavailable},
};

/// The threads and the queue they share.
pub(super) struct Readers {
    queue: Mutex<Option<flume::Sender<ReadJob>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    pub(super) fn start(path: &Path, count: usize) -> Result<Self, StoreError> {
        let (sender, jobs) = flume::unbounded::<ReadJob>();
        let mut threads = Vec::with_capacity(count);
        for number in 0..count {
            let connection = SqliteConnection::open_reader(path, count)?;
            let jobs = jobs.clone();
            let thread =
                thread::Builder::new().name(format!("reader {number}")).spawn(move || work(connection, &jobs))?;
            threads.push(thread);
        }
        Ok(Self { queue: Mutex::new(Some(sender)), threads: Mutex::new(threads) })
    }

    pub(super) fn submit(&self, job: ReadJob) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let rejected = match queue {
            None => job,
            Some(queue) => match queue.send(job) {
                Ok(()) => return,
                Err(flume::SendError(job)) => job,
            },
        };
        rejected(Err(unavailable()));
    }

    /// Lets the queue run dry and the threads end.
    pub(super) fn stop(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A reader that panicked has already answered its caller.
            let _ = thread.join();
        }
    }
}

fn work(mut connection: SqliteConnection, jobs: &flume::Receiver<ReadJob>) {
    while let Ok(job) = jobs.recv() {
        if let Err(error) = connection.execute("BEGIN DEFERRED", &[]) {
            job(Err(error));
            continue;
        }
        // A panicking job drops its answer's sender, which tells the caller.
        let _ = catch_unwind(AssertUnwindSafe(|| job(Ok(&mut connection))));
        if !connection.is_idle()
            && let Err(error) = connection.execute("COMMIT", &[])
        {
            tracing::error!(%error, "ending a read failed");
            let _ = connection.batch("ROLLBACK");
        }
    }
}
