//! The embedded engine: one writer thread with group commit, several reader threads.

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
use crate::StoreError;

/// A database file with the threads that work on it.
pub(crate) struct SqliteEngine {
    writer: WriterThread,
    readers: Readers,
}

impl SqliteEngine {
    /// Opens the file, creating it where it is absent, and starts the threads.
    pub(crate) fn open(path: &Path, readers: usize) -> Result<Arc<Self>, StoreError> {
        let writer = WriterThread::start(SqliteConnection::open_writer(path)?)?;
        let readers = Readers::start(path, readers)?;
        Ok(Arc::new(Self { writer, readers }))
    }

    pub(crate) fn read(&self, job: ReadJob) {
        self.readers.submit(job);
    }

    pub(crate) fn write(&self, job: Box<dyn WriteJob>) {
        self.writer.submit(job);
    }

    /// Finishes what has been submitted and checkpoints; blocks until done.
    pub(crate) fn close(&self) {
        self.readers.stop();
        self.writer.stop();
    }
}
