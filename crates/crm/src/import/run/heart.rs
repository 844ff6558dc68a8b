//! The sign of life of a running import.
//!
//! A process can end without a word (a crash, `kill -9`, a power cut), and its import may run
//! beside a server that knows nothing of it. So whoever imports changes the job's row every few
//! seconds, and others count the import as interrupted once they have *watched* it not change for
//! a while (see [`crate::import::interrupted`]). Only that it changes counts, never the time that
//! stands there: clocks differ and jump.

use std::time::Duration;

use jiff::Timestamp;
use store::Row;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{
    control::Control,
    job::{change, is_at_work, whole},
};
use crate::{App, Caller, Origin};

/// Between two signs of life.
pub(crate) const BEAT: Duration = Duration::from_secs(5);

/// Gives signs of life until it is dropped.
pub(super) struct Heart {
    task: JoinHandle<()>,
}

impl Heart {
    /// Begins with the signs of this job.
    pub fn start(app: &App, caller: &Caller, origin: Origin, job: Uuid, control: &Control) -> Self {
        let (app, caller, progress) = (app.clone(), caller.clone(), control.progress());
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(BEAT).await;
                let signs = Row::new()
                    .with("heartbeaton", Timestamp::now())
                    .with("processedcount", whole(progress.borrow().processed));
                let beaten = app.work(&caller, origin, move |work| {
                    let at_work = is_at_work(&work.load("importjob", job)?);
                    if at_work { change(work, job, signs) } else { Ok(()) }
                });
                if let Err(error) = beaten.await {
                    tracing::debug!(%error, %job, "the sign of life of an import could not be written");
                }
            }
        });
        Self { task }
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        self.task.abort();
    }
}
