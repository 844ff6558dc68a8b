//! Watching an import and stopping it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::watch;

/// How far an import is.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// The file at work.
    pub file: String,
    /// Rows done.
    pub processed: u64,
    /// Rows of all files.
    pub total: u64,
    /// Rows among them that did not come in.
    pub failed: u64,
}

/// A handle on a running import: to watch it and to stop it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Control {
    cancel: Arc<AtomicBool>,
    progress: watch::Sender<Progress>,
}

impl Default for Control {
    fn default() -> Self {
        Self { cancel: Arc::default(), progress: watch::Sender::new(Progress::default()) }
    }
}

impl Control {
    /// Stops the import after the rows at work. What is in stays and can be undone.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// True once somebody stopped it.
    pub fn is_canceled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// How far it is; wakes at every step.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    pub(super) fn expect(&self, rows: u64) {
        self.progress.send_modify(|progress| progress.total = rows);
    }

    pub(super) fn file(&self, name: &str) {
        self.progress.send_modify(|progress| name.clone_into(&mut progress.file));
    }

    pub(super) fn advance(&self, rows: u64, failed: u64) {
        self.progress.send_modify(|progress| {
            progress.processed += rows;
            progress.failed += failed;
        });
    }
}
