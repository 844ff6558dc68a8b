//! The writer thread: many small transactions share one flush to the disk.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{SqliteConnection, checkpointer::Checkpointer};
use crate::{
    StoreError,
    engine::{Connection, Kept, WriteJob, unavailable},
};

/// Most jobs that share a commit.
const GROUP: usize = 128;
/// After this time no further job joins a group, so that the first one is not kept waiting.
const GATHERING: Duration = Duration::from_millis(5);

/// The thread and its queue.
pub(super) struct WriterThread {
    queue: Mutex<Option<flume::Sender<Box<dyn WriteJob>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl WriterThread {
    /// With a second connection for the thread that folds the log.
    pub(super) fn start(mut connection: SqliteConnection, folding: SqliteConnection) -> Result<Self, StoreError> {
        let (sender, jobs) = flume::unbounded();
        let checkpointer = Checkpointer::start(&mut connection, folding)?;
        let work = move || work(connection, checkpointer, &jobs);
        let thread = thread::Builder::new().name("writer".to_owned()).spawn(work)?;
        Ok(Self { queue: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn submit(&self, job: Box<dyn WriteJob>) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let rejected = match queue {
            None => job,
            Some(queue) => match queue.send(job) {
                Ok(()) => return,
                Err(flume::SendError(job)) => job,
            },
        };
        rejected.finish(Err(unavailable()));
    }

    pub(super) fn stop(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }
}

fn work(mut connection: SqliteConnection, mut checkpointer: Checkpointer, jobs: &flume::Receiver<Box<dyn WriteJob>>) {
    let mut has_written = false;
    while let Ok(first) = jobs.recv() {
        has_written = true;
        commit_group(&mut connection, first, jobs);
        checkpointer.after_commit(&mut connection);
    }
    drop(checkpointer);
    // Who has only read does not wait for those who write.
    if !has_written {
        return;
    }
    if let Err(error) = connection.query("PRAGMA wal_checkpoint(TRUNCATE)", &[]) {
        tracing::warn!(%error, "the log could not be folded into the database file; the next start does it");
    }
}

/// Runs the job and those that wait behind it in one transaction, then answers them all.
fn commit_group(
    connection: &mut SqliteConnection,
    first: Box<dyn WriteJob>,
    jobs: &flume::Receiver<Box<dyn WriteJob>>,
) {
    if let Err(error) = connection.execute("BEGIN IMMEDIATE", &[]) {
        first.finish(Err(error));
        return;
    }
    let until = Instant::now() + GATHERING;
    // The first one needs no savepoint: where it fails, there is nothing else to keep.
    let Some(first) = run_alone(connection, first) else { return };
    let mut group = vec![first];
    while group.len() < GROUP && Instant::now() < until {
        let Ok(job) = jobs.try_recv() else { break };
        group.push(run_in_savepoint(connection, job));
        if connection.is_idle() {
            break; // an error such as a full disk has ended the whole transaction
        }
    }
    answer(group, end(connection));
}

/// Runs a job in the transaction just begun; undoes and answers one that is not to be kept.
fn run_alone(connection: &mut SqliteConnection, mut job: Box<dyn WriteJob>) -> Option<Ran> {
    let kept = catch_unwind(AssertUnwindSafe(|| job.run(connection))).unwrap_or(Kept::Panicked);
    if kept == Kept::Yes {
        return Some(Ran { job, own: Ok(kept) });
    }
    connection.forget_put_off();
    let undone = if connection.is_idle() { Ok(()) } else { connection.batch("ROLLBACK") };
    job.finish(undone.map(|()| kept));
    None
}

fn end(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let ended = commit(connection);
    connection.forget_put_off();
    ended
}

fn commit(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    if connection.is_idle() {
        return Err(StoreError::Unavailable("a write failed and took this one with it; try again".to_owned()));
    }
    connection.commit().inspect_err(|_| {
        if !connection.is_idle() {
            let _ = connection.batch("ROLLBACK");
        }
    })
}

/// A job that ran, with what is to be said to its caller when the group has been committed.
struct Ran {
    job: Box<dyn WriteJob>,
    /// What happened to the savepoint itself.
    own: Result<Kept, StoreError>,
}

fn run_in_savepoint(connection: &mut SqliteConnection, mut job: Box<dyn WriteJob>) -> Ran {
    let own = connection.begin_part("job").and_then(|()| {
        let kept = catch_unwind(AssertUnwindSafe(|| job.run(connection))).unwrap_or(Kept::Panicked);
        if connection.is_idle() {
            return Ok(kept);
        }
        connection.end_part("job", kept == Kept::Yes)?;
        Ok(kept)
    });
    Ran { job, own }
}

fn answer(group: Vec<Ran>, committed: Result<(), StoreError>) {
    for Ran { job, own } in group {
        job.finish(match (own, &committed) {
            (Err(error), _) => Err(error),
            (Ok(Kept::Yes), Err(error)) => Err(again(error)),
            // What was undone anyway does not depend on the commit.
            (Ok(kept), _) => Ok(kept),
        });
    }
}

/// The group's error, once more for each member.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(reason) => StoreError::Unavailable(reason.clone()),
        // Totals are kept at the end of the group: whose amount it was is not known.
        StoreError::TotalTooLarge => StoreError::TotalTooLarge,
        other => StoreError::Database(other.to_string()),
    }
}
