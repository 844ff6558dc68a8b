//! The sign of life of a job in hand: however long a query of it takes, its row changes, so that no other
//! process takes it over meanwhile. See the sign of life of imports, whose rules are the same.

use std::time::Duration;

use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{TABLE, run::in_hand};
use crate::{App, Caller, Origin, import::BEAT};

/// Gives signs of life until it is dropped.
pub(super) struct Heart {
    task: JoinHandle<()>,
}

impl Heart {
    /// Begins with the signs of this job, for as long as this claim holds; several within `silence`.
    pub fn start(app: &App, engine: &Caller, (job, claim): (Uuid, Uuid), silence: Duration) -> Self {
        let (app, engine, pause) = (app.clone(), engine.clone(), BEAT.min(silence / 4));
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                let beaten = app.work(&engine, Origin::Engine, move |work| {
                    let Some(row) = in_hand(work, job, Some(claim))? else { return Ok(()) };
                    let table = work.table(TABLE)?;
                    work.touch(&table, &row)
                });
                if let Err(error) = beaten.await {
                    tracing::debug!(%error, %job, "the sign of life of a job could not be written");
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
