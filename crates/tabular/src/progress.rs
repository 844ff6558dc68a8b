//! How far the reading of a file has come, for another thread to look at.

use std::io::{Read, Result, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes read so far against the size of the file.
///
/// In a workbook the parts are compressed and only one sheet is read, so the figure is an
/// estimate that reaches the total when the last row has been handed out.
#[derive(Debug, Default)]
pub struct Progress {
    total: u64,
    done: AtomicU64,
}

impl Progress {
    pub(crate) fn new(total: u64) -> Arc<Self> {
        Arc::new(Self { total, done: AtomicU64::new(0) })
    }

    /// Size of the file in bytes.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Bytes of the file read so far; never more than [`total`](Self::total).
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed).min(self.total)
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, bytes: u64) {
        self.done.store(bytes, Ordering::Relaxed);
    }
}

/// A reader that reports to a [`Progress`].
pub(crate) struct Counted<R> {
    inner: R,
    progress: Arc<Progress>,
}

impl<R> Counted<R> {
    pub(crate) fn new(inner: R, progress: Arc<Progress>) -> Self {
        Self { inner, progress }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.add(count as u64);
        Ok(count)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        self.inner.seek(position)
    }
}
