//! Takes down and sends for as long as the server runs.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep, timeout};

use super::{Recorder, Sender};
use crate::{App, Error, Result};

/// How long it waits for changes of its own process; those of others are looked for as often.
const LOOK: Duration = Duration::from_secs(1);
/// Changes that follow each other closely are taken down together.
const PAUSE: Duration = Duration::from_millis(50);
/// How often it looks for what waits though nothing says so: what another process left behind.
const LOOK_AROUND: Duration = Duration::from_secs(15);
/// How often what is over is tidied away.
const TIDY: Duration = Duration::from_secs(3600);

/// Takes down what changes and sends it, for as long as the server runs; to be spawned by the process
/// that serves.
pub async fn keep_delivering(app: App) {
    let mut changes = app.changes();
    let mut keeper = Keeper { sender: Sender::new(&app), app, recorder: None, looks: Instant::now(), tidies: None };
    loop {
        match keeper.turn().await {
            Ok(()) => {}
            Err(Error::Unavailable(reason)) => tracing::debug!(reason, "webhooks could not be told"),
            Err(error) => tracing::warn!(%error, "webhooks could not be told; it is tried again"),
        }
        let wait = LOOK.min(keeper.looks.saturating_duration_since(Instant::now())).max(PAUSE);
        tokio::select! {
            changed = timeout(wait, changes.changed()) => {
                if matches!(changed, Ok(Err(_))) {
                    return;
                }
            }
            () = keeper.sender.done() => keeper.looks = Instant::now(),
        }
        sleep(PAUSE).await;
    }
}

struct Keeper {
    app: App,
    sender: Sender,
    recorder: Option<Recorder>,
    /// When it looks for what is to be sent, whatever happens until then.
    looks: Instant,
    tidies: Option<Instant>,
}

impl Keeper {
    async fn turn(&mut self) -> Result<()> {
        let recorder = match &mut self.recorder {
            Some(recorder) => recorder,
            none => none.insert(Recorder::begin(&self.app).await?),
        };
        let recorded = recorder.record().await;
        // What was taken down before is sent, whatever keeps the rest from being taken down.
        let concerns_sending = recorded.as_ref().is_ok_and(|recorded| recorded.concerns_sending);
        if concerns_sending || self.looks <= Instant::now() {
            self.looks = Instant::now() + LOOK_AROUND;
            if let Some(due) = self.sender.begin().await? {
                let until = Duration::try_from(due.duration_since(Timestamp::now())).unwrap_or_default();
                self.looks = Instant::now() + until.min(LOOK_AROUND);
            }
        }
        if self.tidies.is_none_or(|due| due <= Instant::now()) {
            self.app.webhooks().tidy().await?;
            self.tidies = Some(Instant::now() + TIDY);
        }
        recorded.map(drop)
    }
}
