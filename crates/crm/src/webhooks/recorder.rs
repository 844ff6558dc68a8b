//! Takes down what changed, for each webhook that is to be told of it.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use model::{Filter, Reference};
use store::{FeedEntry, FeedHeading, FeedOperation, FeedPosition, Query, Reader, Row};
use uuid::Uuid;

use super::{
    DELIVERIES, OFF, STOPPED, TABLE, payload,
    subscription::{self, Broken, Subscription},
};
use crate::{
    App, Caller, Error, Organization, Result,
    follower::{Changes, Follow, Follower},
    records::Work,
};

/// A delivery to be written.
struct Told {
    webhook: Uuid,
    record: Reference,
    operation: FeedOperation,
    position: FeedPosition,
    payload: String,
}

/// What is to be told, and webhooks that cannot be told, with the reason.
type News = (Vec<Told>, Vec<Broken>);

/// Takes down what changed, behind the writes. Several may run, in one process or in many: each change
/// is taken down once.
pub struct Recorder(Follower<Recording>);

/// What was found behind a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recorded {
    /// Deliveries written.
    pub deliveries: usize,
    /// Something about webhooks or deliveries changed, so that there may be something to send.
    pub concerns_sending: bool,
}

#[derive(Clone)]
struct Recording;

impl Recorder {
    /// Begins at the end of the feed where nobody read before: what happened until then is no news.
    pub async fn begin(app: &App) -> Result<Self> {
        Follower::begin(app, Recording).await.map(Self)
    }

    /// Takes down everything that is committed.
    pub async fn record(&mut self) -> Result<Recorded> {
        let mut concerns_sending = false;
        let is_ours = |heading: &FeedHeading| heading.table == TABLE || heading.table == DELIVERIES;
        // What is written here is itself a change that is seen.
        let deliveries = self.0.follow(|headings| concerns_sending |= headings.iter().any(is_ours)).await?;
        Ok(Recorded { deliveries, concerns_sending })
    }
}

impl Follow for Recording {
    const READER: &'static str = "webhooks";
    const AT_ONCE: u32 = 200;
    type News = News;

    fn find(
        &self,
        reader: &mut Reader<'_>,
        organization: &Arc<Organization>,
        changes: &Changes,
    ) -> Result<Option<News>> {
        let engine = Caller::engine(organization.clone());
        let (mut subscriptions, broken) = subscription::all(reader, &engine)?;
        subscriptions.retain(|one| changes.headings.iter().any(|heading| heading.table == one.table.name));
        let news = if subscriptions.is_empty() {
            (Vec::new(), broken)
        } else {
            let entries = changes.entries(reader)?;
            told_of(reader, organization, (&subscriptions, broken), &entries)?
        };
        Ok(Some(news).filter(|(told, broken)| !told.is_empty() || !broken.is_empty()))
    }

    fn write(&self, work: &mut Work<'_, '_>, (told, broken): &News) -> Result<usize> {
        let mut count = 0;
        for one in told {
            count += usize::from(put(work, one)?);
        }
        for (webhook, reason) in broken {
            stop(work, *webhook, reason)?;
        }
        Ok(count)
    }
}

/// What these webhooks are to be told of these changes, and which of them, beside those known to be
/// broken, cannot be told.
fn told_of(
    reader: &mut Reader<'_>,
    organization: &Arc<Organization>,
    (subscriptions, mut broken): (&[Subscription], Vec<Broken>),
    entries: &[FeedEntry],
) -> Result<News> {
    let mut makers: HashMap<Uuid, Caller> = HashMap::new();
    let mut told = Vec::new();
    for subscription in subscriptions {
        let outcome = match makers.get(&subscription.maker) {
            Some(maker) => Ok(maker.clone()),
            None => Caller::load(reader, organization, subscription.maker),
        };
        let outcome = outcome.and_then(|maker| {
            let found = told_to(reader, subscription, &maker, entries)?;
            makers.insert(subscription.maker, maker);
            Ok(found)
        });
        match outcome {
            Ok(found) => told.extend(found),
            // No webhook is to blame for a database that is away.
            Err(error @ (Error::Unavailable(_) | Error::Uncertain(_) | Error::Store(_))) => return Err(error),
            Err(Error::NotSignedIn) => broken.push((subscription.webhook, maker_is_gone())),
            Err(error) => broken.push((subscription.webhook, error.to_string())),
        }
    }
    told.sort_by_key(|one| one.position);
    Ok((told, broken))
}

fn maker_is_gone() -> String {
    "whoever made this webhook is disabled, and rows are read with their rights; make a new one".to_owned()
}

/// What one webhook is told of these changes.
fn told_to(
    reader: &mut Reader<'_>,
    subscription: &Subscription,
    maker: &Caller,
    entries: &[FeedEntry],
) -> Result<Vec<Told>> {
    let concerned: Vec<&FeedEntry> = entries.iter().filter(|entry| subscription.is_told(maker, entry)).collect();
    let is_there = |entry: &&&FeedEntry| entry.operation != FeedOperation::Delete;
    let ids = concerned.iter().filter(is_there).map(|entry| entry.id).collect();
    let rows = rows(reader, subscription, maker, ids)?;
    let mut told = Vec::new();
    for entry in concerned {
        let former = match entry.operation {
            FeedOperation::Delete => former(subscription, maker, entry)?,
            _ => None,
        };
        let Some(row) = former.as_ref().or_else(|| rows.get(&entry.id).filter(|_| is_there(&&entry))) else { continue };
        told.push(Told {
            webhook: subscription.webhook,
            record: Reference::new(entry.table.as_str(), entry.id),
            operation: entry.operation,
            position: entry.position,
            payload: payload::of_change(subscription, maker, entry, row),
        });
    }
    Ok(told)
}

/// Those of these rows that the maker may read and the webhook tells of, as they are now: one query.
fn rows(
    reader: &mut Reader<'_>,
    subscription: &Subscription,
    maker: &Caller,
    mut ids: Vec<Uuid>,
) -> Result<HashMap<Uuid, Row>> {
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let key = subscription.table.primary_key.as_str();
    let query = Query::of(&subscription.table.name, maker.scope().clone(), maker.zone())
        .select(subscription.sent().iter().map(|column| column.name.as_str()))
        .matching(Filter::is_in(key, ids).and(subscription.filter.clone()))
        .take(Recording::AT_ONCE);
    let rows = reader.query(&query)?;
    Ok(rows.to_rows().filter_map(|row| Some((row.value(key).as_id()?, row))).collect())
}

/// A deleted row as it was, where it is certain that the maker could read it and the webhook told of it.
/// Both are judged on what the feed keeps of it: so it is told only to somebody who reads every row of
/// the table, and where the filter speaks of the row's own columns.
fn former(subscription: &Subscription, maker: &Caller, entry: &FeedEntry) -> Result<Option<Row>> {
    if maker.scope().restricts(&entry.table) {
        return Ok(None);
    }
    let before = entry.changes.iter().map(|(name, before, _)| (name.as_str(), before.clone()));
    let mut row: Row = before.collect();
    row.set(subscription.table.primary_key.as_str(), entry.id);
    match store::matches(&subscription.table, &subscription.filter, &row, &maker.zone()) {
        Ok(true) => {
            maker.scope().conceal(&subscription.table, &mut row);
            Ok(Some(row))
        }
        Ok(false) | Err(store::StoreError::BadQuery(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes one; whether it was written. A webhook that was deleted meanwhile must not hold up the others.
fn put(work: &mut Work<'_, '_>, told: &Told) -> Result<bool> {
    let outcome = work.attempt(|work| {
        let table = work.table(DELIVERIES)?;
        let row = Row::new()
            .with("eventtype", format!("{}.{}", told.record.table, payload::verb(told.operation)))
            .with("webhookid", Reference::new(TABLE, told.webhook))
            .with("objecttypecode", told.record.table.as_str())
            .with("objectid", told.record.id)
            .with("operationcode", told.operation as i32)
            .with("position", place(told.position))
            .with("payload", told.payload.as_str());
        work.create_trusted(&table, None, row).map(drop)
    })?;
    match outcome {
        Ok(()) => Ok(true),
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::NotFound { .. })) => {
            tracing::warn!(%error, webhook = %told.webhook, "a change could not be taken down for a webhook");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Turns a webhook off that cannot go on, with the reason for whoever looks at it.
pub(super) fn stop(work: &mut Work<'_, '_>, webhook: Uuid, reason: &str) -> Result<()> {
    let table = work.table(TABLE)?;
    let Some(row) = work.writer().lock(TABLE, webhook)? else { return Ok(()) };
    tracing::warn!(%webhook, reason, "a webhook was stopped");
    let changes = Row::new()
        .with("statecode", OFF)
        .with("statuscode", STOPPED)
        .with("lasterror", reason.chars().take(2000).collect::<String>())
        .with("retryat", model::Value::Null)
        .with("modifiedon", Timestamp::now());
    work.write_row(&table, &row, changes).map(drop)
}

/// A place in the feed as text that sorts as the feed does.
pub(super) fn place(position: FeedPosition) -> String {
    format!("{:020}.{:020}", position.transaction, position.sequence)
}
