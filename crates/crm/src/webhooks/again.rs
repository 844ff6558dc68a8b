//! What an administrator does with a webhook beside changing it.

use language::{text, tr};
use model::{Reference, Value};
use store::Row;
use uuid::Uuid;

use super::{DELIVERIES, ON, TABLE, WAITING, Webhooks, payload, recorder::place, secret};
use crate::{Caller, Error, Origin, Result, access, records::Work};

/// `operationcode` of a test.
const TEST: i32 = 4;

impl Webhooks<'_> {
    /// Makes a new secret, which is returned this once as the receiver needs it (`whsec_…`). The former
    /// one signs beside it for a day.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for everybody but administrators; [`Error::Refused`] where no key is
    /// configured that it could be sealed with.
    pub async fn renew_secret(&self, caller: &Caller, origin: Origin, webhook: Uuid) -> Result<String> {
        access::require_administrator(caller, text!("make the secret of a webhook"))?;
        let vault = self.app.sign_in_settings().vault.clone();
        let made = self.app.work(caller, origin, move |work| {
            work.load(TABLE, webhook)?;
            secret::renew(work, &vault, webhook)
        });
        let made = made.await?;
        tracing::info!(target: "security", user = %caller.user, %webhook, "made a new secret for a webhook");
        Ok(made)
    }

    /// Sends a test, now; returns its delivery.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for everybody but administrators; [`Error::Refused`] where the webhook is off.
    pub async fn send_test(&self, caller: &Caller, origin: Origin, webhook: Uuid) -> Result<Uuid> {
        access::require_administrator(caller, text!("send a test"))?;
        self.app
            .work(caller, origin, move |work| {
                let row = begin_at_once(work, webhook)?;
                let (table, end) = (work.table(DELIVERIES)?, work.writer().feed_end()?);
                let test = Row::new()
                    .with("eventtype", "webhook.test")
                    .with("webhookid", Reference::new(TABLE, webhook))
                    .with("operationcode", TEST)
                    .with("position", place(end))
                    .with("payload", payload::of_test(webhook, row.text("targetentityname"), work.now()));
                let stored = work.create_trusted(&table, None, test)?;
                Ok(stored.value("webhookdeliveryid").as_id().unwrap_or_default())
            })
            .await
    }

    /// Sends a delivery again, now and under the same `webhook-id`, whatever became of it; its attempts
    /// are counted anew.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for everybody but administrators; [`Error::Refused`] where the webhook is off.
    pub async fn send_again(&self, caller: &Caller, origin: Origin, delivery: Uuid) -> Result<()> {
        access::require_administrator(caller, text!("send a delivery again"))?;
        self.app
            .work(caller, origin, move |work| {
                let row = work.load(DELIVERIES, delivery)?;
                begin_at_once(work, row.value("webhookid").as_id().unwrap_or_default())?;
                let changes = Row::new()
                    .with("outcomecode", WAITING)
                    .with("attemptcount", 0)
                    .with("nextattempton", Value::Null)
                    .with("errortext", Value::Null);
                let table = work.table(DELIVERIES)?;
                work.update_loaded(&table, &row, changes).map(drop)
            })
            .await
    }
}

/// Ends the pause of a webhook that failed; its row.
fn begin_at_once(work: &mut Work<'_, '_>, webhook: Uuid) -> Result<Row> {
    let row = work.load(TABLE, webhook)?;
    if row.value("statecode").as_whole() != Some(i64::from(ON)) {
        return Err(Error::refused(tr!("this webhook is off; turn it on first")));
    }
    if row.has("retryat") {
        let table = work.table(TABLE)?;
        work.write_row(&table, &row, Row::new().with("retryat", Value::Null))?;
    }
    Ok(row)
}
