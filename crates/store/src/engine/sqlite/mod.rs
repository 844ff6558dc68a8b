//! The embedded engine: one writer thread with group commit, and connections for reading.

mod checkpointer;
mod connection;
mod errors;
pub(crate) mod functions;
mod put_off;
mod readers;
mod writer;

use std::{path::Path, sync::Arc};

pub(crate) use connection::SqliteConnection;
pub(crate) use put_off::PutOff;
use readers::Readers;
use writer::WriterThread;

use super::{ReadJob, WriteJob};
use crate::{StoreError, store::match_key::FreshKeys};

/// A database file with the thread that writes it and the connections that read it.
pub(crate) struct SqliteEngine {
    writer: WriterThread,
    readers: Arc<Readers>,
}

impl SqliteEngine {
    /// Opens the file, creating it where it is absent, and starts the writer.
    pub(crate) fn open(path: &Path, readers: usize) -> Result<Arc<Self>, StoreError> {
        let keys = FreshKeys::default();
        let writer = SqliteConnection::open_writer(path)?.remembering(&keys);
        let writer = WriterThread::start(writer, SqliteConnection::open_checkpointer(path)?)?;
        let readers = Arc::new(Readers::open(path, readers, &keys)?);
        Ok(Arc::new(Self { writer, readers }))
    }

    pub(crate) async fn read(&self, job: ReadJob) {
        self.readers.run(job).await;
    }

    pub(crate) fn write(&self, job: Box<dyn WriteJob>) {
        self.writer.submit(job);
    }

    /// Finishes what has been submitted and checkpoints.
    pub(crate) async fn close(self: &Arc<Self>) {
        self.readers.close().await;
        let engine = Arc::clone(self);
        // Joining a thread that panicked is nothing to report.
        let _ = tokio::task::spawn_blocking(move || engine.writer.stop()).await;
    }
}
