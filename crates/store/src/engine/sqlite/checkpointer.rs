//! Folds the log into the database file beside the writer, so that those who write do not wait
//! for pages to be copied and flushed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::SqliteConnection;
use crate::{StoreError, engine::Connection};

/// Pages of the log after which it is folded into the file: pages written over and over in
/// between are copied once.
const LONG: u32 = 8000;
/// Pages that the writer folds itself in a moment; while more are left, the thread goes on.
const FEW: u32 = 200;
/// How often the thread goes after what was added while it folded: each time there is less of it.
const PASSES: usize = 5;
/// Further pages after which it is tried again where it could not be folded to its end, because
/// somebody reads an old state or the disk is full: few, so that the log takes little more space.
const AGAIN: u32 = 500;

/// The thread that folds, as the writer sees it.
pub(super) struct Checkpointer {
    /// Pages the log had after the last commit.
    pages: Arc<AtomicU32>,
    /// The length at which the log is to be folded next.
    at: u32,
    thread: Option<(flume::Sender<()>, JoinHandle<()>)>,
    folded: flume::Receiver<()>,
    /// Whether the thread has been asked and has not answered yet.
    is_folding: bool,
}

impl Checkpointer {
    /// Watches what `writer` commits; the thread works on `connection`.
    pub(super) fn start(writer: &mut SqliteConnection, mut connection: SqliteConnection) -> Result<Self, StoreError> {
        let pages = writer.watch_log()?;
        let length = Arc::clone(&pages);
        let (ask, asked) = flume::bounded::<()>(1);
        let (answer, folded) = flume::bounded(1);
        let work = move || {
            while asked.recv().is_ok() {
                catch_up(&mut connection, &length);
                // Nobody listens any more when the database is being closed.
                let _ = answer.send(());
            }
        };
        let thread = thread::Builder::new().name("checkpointer".to_owned()).spawn(work)?;
        Ok(Self { pages, at: LONG, thread: Some((ask, thread)), folded, is_folding: false })
    }

    /// To be called by the writer between two transactions. The log can begin anew only when it
    /// has been folded to its end, which never comes while others write; so the writer itself
    /// folds the little that was added since the thread began.
    pub(super) fn after_commit(&mut self, writer: &mut SqliteConnection) {
        if self.is_folding {
            if self.folded.try_recv().is_ok() {
                self.is_folding = false;
                let pages = self.pages.load(Ordering::Relaxed);
                self.at =
                    if fold(writer).is_some_and(|folded| folded.pages == folded.of) { LONG } else { pages + AGAIN };
            }
            return;
        }
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < LONG {
            // It has begun anew.
            self.at = LONG;
        }
        if pages >= self.at
            && let Some((ask, _)) = &self.thread
        {
            self.is_folding = ask.try_send(()).is_ok();
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        if let Some((ask, thread)) = self.thread.take() {
            drop(ask);
            // A thread that panicked has nothing to report.
            let _ = thread.join();
        }
    }
}

/// How much of the log is in the database file.
#[derive(Debug, Clone, Copy)]
struct Folded {
    /// Pages of the log when the folding began.
    of: u32,
    pages: u32,
}

/// Folds until only a few pages are left, or somebody who reads an old state keeps the rest.
fn catch_up(connection: &mut SqliteConnection, length: &AtomicU32) {
    let mut before = 0;
    for _ in 0..PASSES {
        let Some(folded) = fold(connection) else { return };
        let left = length.load(Ordering::Relaxed).saturating_sub(folded.pages);
        if left <= FEW || folded.pages <= before {
            return;
        }
        before = folded.pages;
    }
}

/// Folds what can be folded.
fn fold(connection: &mut SqliteConnection) -> Option<Folded> {
    match connection.query("PRAGMA wal_checkpoint(PASSIVE)", &[]) {
        // Whether it was kept from it, pages of the log, and how many of them are in the file.
        Ok(rows) => {
            let row = rows.first()?;
            let number = |place: usize| u32::try_from(row.get(place)?.as_int()?).ok();
            Some(Folded { of: number(1)?, pages: number(2)? })
        }
        Err(error) => {
            tracing::warn!(%error, "the log could not be folded into the database file; it is tried again");
            None
        }
    }
}
