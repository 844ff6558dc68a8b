//! Sends what waits.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use http::Request;
use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

use super::{
    address,
    claim::{Claimed, claim, heads},
    outcome::{Outcome, note},
};
use crate::{App, Error, Result};

/// Webhooks sent to at a time.
const AT_ONCE: usize = 8;
/// Deliveries of a webhook sent after each other before others have their turn.
const IN_A_ROW: usize = 50;
/// By which receivers know who asks.
const AGENT: &str = concat!("Pipewright/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// Sends what waits: for each webhook in order, several webhooks at once.
#[derive(Clone)]
pub struct Sender {
    app: App,
    /// Webhooks that this process is sending to.
    busy: Arc<Mutex<HashSet<Uuid>>>,
    permits: Arc<Semaphore>,
    done: Arc<Notify>,
}

impl Sender {
    /// A sender for this process; it sends nothing by itself.
    pub fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            busy: Arc::default(),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            done: Arc::default(),
        }
    }

    /// Begins to send to every webhook that something waits for; returns when the next one is due.
    pub async fn begin(&self) -> Result<Option<Timestamp>> {
        let now = Timestamp::now();
        let mut next: Option<Timestamp> = None;
        for head in heads(&self.app, None).await? {
            if let Some(due) = head.due.filter(|due| *due > now) {
                next = Some(next.map_or(due, |next| next.min(due)));
                continue;
            }
            // Where all are busy, whoever is done looks again.
            let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else { break };
            if !self.busy().insert(head.webhook) {
                continue;
            }
            let sender = self.clone();
            tokio::spawn(async move {
                if let Err(error) = sender.send_waiting(head.webhook).await {
                    tracing::warn!(%error, webhook = %head.webhook, "what waits for a webhook could not be sent");
                }
                sender.busy().remove(&head.webhook);
                drop(permit);
                sender.done.notify_one();
            });
        }
        Ok(next)
    }

    /// Waits until sending to some webhook has ended.
    pub async fn done(&self) {
        self.done.notified().await;
    }

    /// True while something is being sent.
    pub fn is_sending(&self) -> bool {
        !self.busy().is_empty()
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<Uuid>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what waits for one webhook until nothing does, or one fails.
    async fn send_waiting(&self, webhook: Uuid) -> Result<()> {
        for _ in 0..IN_A_ROW {
            let Some(head) = heads(&self.app, Some(webhook)).await?.pop() else { return Ok(()) };
            if head.due.is_some_and(|due| due > Timestamp::now()) {
                return Ok(());
            }
            let Some(claimed) = claim(&self.app, head).await? else { return Ok(()) };
            let outcome = self.attempt(&claimed).await;
            let is_taken = outcome.is_taken();
            note(&self.app, &claimed, outcome).await?;
            if !is_taken {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn attempt(&self, claimed: &Claimed) -> Outcome {
        let (began, now) = (Instant::now(), Timestamp::now());
        let request = match request(claimed, now) {
            Ok(request) => request,
            Err(error) => return Outcome::of_failure(&error, Duration::ZERO),
        };
        let client = self.app.sign_in_settings().outgoing.clone();
        match client.send(request).await {
            Ok(answer) => Outcome::of_answer(&answer, began.elapsed(), now),
            Err(error) => Outcome::of_failure(&error, began.elapsed()),
        }
    }
}

fn request(claimed: &Claimed, now: Timestamp) -> Result<Request<Vec<u8>>> {
    let keys = claimed.keys.as_ref().map_err(|error| Error::refused(error.to_string()))?;
    let uri = address::checked(&claimed.url).map_err(Error::refused)?;
    Request::post(uri)
        .header("content-type", "application/json")
        .header("user-agent", AGENT)
        .header("webhook-id", claimed.delivery.to_string())
        .header("webhook-timestamp", now.as_second().to_string())
        .header("webhook-signature", keys.sign(claimed.delivery, now.as_second(), &claimed.payload))
        .body(claimed.payload.clone().into_bytes())
        .map_err(|error| Error::refused(error.to_string()))
}
