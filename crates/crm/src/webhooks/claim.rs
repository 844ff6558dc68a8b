//! Which delivery is sent next, and taking it in hand.

use jiff::{SignedDuration, Timestamp};
use model::{Filter, Order};
use store::{Query, Reader, Row};
use uuid::Uuid;

use super::{DELIVERIES, MOST, ON, TABLE, WAITING, secret, secret::Keys};
use crate::{App, Caller, Origin, Result};

/// For how long a delivery in hand is left alone: longer than an attempt takes.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// The delivery that a webhook sends next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub webhook: Uuid,
    pub delivery: Uuid,
    pub version: i64,
    /// Not before this moment; none for at once.
    pub due: Option<Timestamp>,
}

/// A delivery in hand.
pub(super) struct Claimed {
    pub webhook: Uuid,
    pub delivery: Uuid,
    /// Which attempt this is, counted from 1.
    pub attempt: i64,
    pub url: String,
    pub payload: String,
    /// With what it is signed, or why it cannot be.
    pub keys: Result<Keys>,
}

/// The next delivery of each webhook that is on; of one webhook where it is given.
pub(super) async fn heads(app: &App, only: Option<Uuid>) -> Result<Vec<Head>> {
    app.read_in_organization(move |reader, organization| {
        let engine = Caller::engine(organization.clone());
        let mut query = Query::of(TABLE, engine.scope().clone(), engine.zone())
            .select(["webhookid", "retryat"])
            .matching(Filter::eq("statecode", ON))
            .take(u32::try_from(MOST).unwrap_or(u32::MAX));
        if let Some(only) = only {
            query = query.matching(Filter::eq("webhookid", only));
        }
        let webhooks: Vec<Row> = reader.query(&query)?.to_rows().collect();
        let mut heads = Vec::new();
        for webhook in &webhooks {
            heads.extend(head(reader, &engine, webhook)?);
        }
        Ok(heads)
    })
    .await
}

/// One look into an index a webhook; there are few.
fn head(reader: &mut Reader<'_>, engine: &Caller, webhook: &Row) -> Result<Option<Head>> {
    let Some(id) = webhook.value("webhookid").as_id() else { return Ok(None) };
    let query = Query::of(DELIVERIES, engine.scope().clone(), engine.zone())
        .select(["webhookdeliveryid", "versionnumber", "nextattempton"])
        .matching(Filter::eq("webhookid", id).and(Filter::eq("outcomecode", WAITING)))
        .order_by(Order::ascending("position"))
        .take(1);
    let Some(row) = reader.query(&query)?.to_rows().next() else { return Ok(None) };
    let moments = [webhook.value("retryat").as_date_time(), row.value("nextattempton").as_date_time()];
    Ok(row.value("webhookdeliveryid").as_id().map(|delivery| Head {
        webhook: id,
        delivery,
        version: row.value("versionnumber").as_whole().unwrap_or_default(),
        due: moments.into_iter().flatten().max(),
    }))
}

/// Takes a delivery in hand; none where somebody else did, or where it is not to be sent any more.
pub(super) async fn claim(app: &App, head: Head) -> Result<Option<Claimed>> {
    let (engine, vault) = (app.engine().await?, app.sign_in_settings().vault.clone());
    app.work(&engine, Origin::Engine, move |work| {
        let table = work.table(DELIVERIES)?;
        let Some(row) = work.writer().lock(DELIVERIES, head.delivery)? else { return Ok(None) };
        let is_as_seen = row.value("versionnumber").as_whole() == Some(head.version);
        if !is_as_seen || row.value("outcomecode").as_whole() != Some(i64::from(WAITING)) {
            return Ok(None);
        }
        let Some(webhook) = work.writer().lock(TABLE, head.webhook)? else { return Ok(None) };
        if webhook.value("statecode").as_whole() != Some(i64::from(ON)) {
            return Ok(None);
        }
        let attempt = row.value("attemptcount").as_whole().unwrap_or_default() + 1;
        let changes = Row::new()
            .with("attemptcount", attempt)
            .with("nextattempton", work.now() + LEASE)
            .with("senton", work.now());
        work.write_row(&table, &row, changes)?;
        let now = work.now();
        let keys = work.attempt(|work| {
            // Nobody has seen it yet, so nobody can check by it; it is shown once another is made.
            if secret::of(work.writer(), head.webhook)?.is_none() {
                secret::renew(work, &vault, head.webhook)?;
            }
            secret::of(work.writer(), head.webhook)
        })?;
        let keys = keys.and_then(|secret| match secret {
            Some(secret) => Keys::open(&vault, &secret, now),
            None => Err(crate::Error::refused("the webhook has no secret; make a new one")),
        });
        Ok(Some(Claimed {
            webhook: head.webhook,
            delivery: head.delivery,
            attempt,
            url: webhook.text("url").to_owned(),
            payload: row.text("payload").to_owned(),
            keys,
        }))
    })
    .await
}
