//! The one who reads the change feed and tells.

use std::time::Duration;

use model::{Filter, Reference};
use store::{FeedEntry, FeedPosition, Row, Writer};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::{
    TABLE,
    fold::{Told, fold},
    occasion::{may_concern, occasions},
};
use crate::{App, Error, Origin, Result, records::Work};

/// Its name among the readers of the feed.
const READER: &str = "notifications";
/// Changes read at a time.
const AT_ONCE: u32 = 500;
/// How long it waits for changes of its own process; those of others are looked for as often.
const LOOK: Duration = Duration::from_secs(1);
/// Changes that follow each other closely are told together.
const PAUSE: Duration = Duration::from_millis(50);
/// How often what is over is tidied away.
const TIDY: Duration = Duration::from_secs(3600);
/// Keys looked up at a time.
const KEYS: usize = 200;

/// Tells people what concerns them, behind the writes. Several may run, in one process or in many: each
/// change is told once.
pub struct Teller {
    app: App,
    /// Up to where this one has looked; behind the place in the database there is nothing to tell.
    looked: FeedPosition,
}

/// What was found behind a place.
enum Found {
    Nothing,
    /// Up to here it concerns nobody.
    Silence(FeedPosition),
    /// What is to be told, where the reader stood before, and where it stands then.
    News(Vec<Told>, FeedPosition, FeedPosition),
}

impl Teller {
    /// Begins at the end of the feed where nobody told before: what happened until then is no news.
    pub async fn begin(app: &App) -> Result<Self> {
        app.store()
            .write(|writer: &mut Writer<'_>| -> Result<()> {
                let end = writer.feed_end()?;
                Ok(writer.begin_feed_cursor(READER, end).map(drop)?)
            })
            .await?;
        Ok(Self { app: app.clone(), looked: FeedPosition::default() })
    }

    /// Tells everything that is committed; how many notifications that came to.
    pub async fn tell(&mut self) -> Result<usize> {
        let mut told = 0;
        loop {
            match self.find().await? {
                Found::Nothing => return Ok(told),
                Found::Silence(upto) => self.looked = upto,
                Found::News(news, from, to) => {
                    if let Some(count) = write(&self.app, news, from, to).await? {
                        told += count;
                        self.looked = to;
                    } else {
                        // Another one told it.
                        self.looked = FeedPosition::default();
                    }
                }
            }
        }
    }

    async fn find(&self) -> Result<Found> {
        let looked = self.looked;
        self.app
            .read_in_organization(move |reader, organization| {
                let stands = reader.feed_cursor(READER)?;
                let from = stands.max(looked);
                let headings = reader.feed_headings_after(from, AT_ONCE)?;
                let Some(last) = headings.last().map(|heading| heading.position) else { return Ok(Found::Nothing) };
                let model = reader.model().clone();
                let engine = crate::Caller::engine(organization.clone());
                let is_silent = !headings.iter().any(|heading| may_concern(&model, heading));
                let told = if is_silent {
                    Vec::new()
                } else {
                    let mut entries: Vec<FeedEntry> = reader.feed_after(from, AT_ONCE)?;
                    entries.retain(|entry| entry.position <= last);
                    let occasions = occasions(reader, &engine, &entries)?;
                    if occasions.is_empty() { Vec::new() } else { fold(reader, organization, occasions)? }
                };
                // Going on without a word is noted now and then only: a place costs a write.
                let is_far = last.sequence.saturating_sub(stands.sequence) > u64::from(AT_ONCE) * 10;
                Ok(if told.is_empty() && !is_far { Found::Silence(last) } else { Found::News(told, stands, last) })
            })
            .await
    }
}

/// Writes what is told together with the place in the feed; none where another one stands there already.
async fn write(app: &App, told: Vec<Told>, from: FeedPosition, to: FeedPosition) -> Result<Option<usize>> {
    let engine = app.engine().await?;
    app.work(&engine, Origin::Engine, move |work| {
        if !work.writer().move_feed_cursor(READER, from, to)? {
            return Ok(None);
        }
        let mut count = 0;
        for part in told.chunks(KEYS) {
            let unread = unread(work, part)?;
            for one in part {
                let same = unread.iter().find(|row| is_of(row, one));
                count += usize::from(put(work, one, same)?);
            }
        }
        Ok(Some(count))
    })
    .await
}

/// Notifications of these people under these keys that they have not read yet.
fn unread(work: &mut Work<'_, '_>, told: &[Told]) -> Result<Vec<Row>> {
    let people = told.iter().map(|one| Reference::new("systemuser", one.to));
    let filter = Filter::is_in("ownerid", people)
        .and(Filter::eq("isread", false))
        .and(Filter::is_in("groupkey", told.iter().map(|one| one.key.clone())));
    let columns = ["appnotificationid", "ownerid", "groupkey", "changecount", "objecttypecode", "objectid"];
    work.find(TABLE, filter, &columns)
}

fn is_of(row: &Row, told: &Told) -> bool {
    row.value("ownerid").as_id() == Some(told.to) && row.text("groupkey") == told.key
}

/// Writes one; whether it was written. Somebody whose roles do not let them have any has none, and
/// that must not hold up the others.
fn put(work: &mut Work<'_, '_>, told: &Told, same: Option<&Row>) -> Result<bool> {
    let before = same.and_then(|row| usize::try_from(row.value("changecount").as_whole()?).ok()).unwrap_or_default();
    let first = same.and_then(|row| Some(Reference::new(row.text("objecttypecode"), row.value("objectid").as_id()?)));
    let row = told.to_row(before, first);
    let known = same.and_then(|row| row.value("appnotificationid").as_id());
    let outcome = work.attempt(|work| {
        if let Some(id) = known {
            return work.update(TABLE, id, row, None).map(drop);
        }
        let row = row.with("groupkey", told.key.clone()).with("ownerid", Reference::new("systemuser", told.to));
        work.create(TABLE, None::<Uuid>, row).map(drop)
    })?;
    match outcome {
        Ok(()) => Ok(true),
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Forbidden(_) | Error::NotFound { .. })) => {
            tracing::debug!(%error, to = %told.to, "a notification could not be written");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Tells what is committed, and tidies away what is over, for as long as the server runs; to be spawned
/// by the process that serves.
pub async fn keep_telling(app: App) {
    let mut changes = app.changes();
    let mut teller = None;
    let mut tidied: Option<Instant> = None;
    loop {
        let done = async {
            let teller = match &mut teller {
                Some(teller) => teller,
                none => none.insert(Teller::begin(&app).await?),
            };
            teller.tell().await?;
            if tidied.is_none_or(|last| last.elapsed() > TIDY) {
                app.notifications().tidy().await?;
                tidied = Some(Instant::now());
            }
            Ok(())
        };
        match done.await {
            Ok(()) => {}
            Err(Error::Unavailable(reason)) => tracing::debug!(reason, "people could not be notified"),
            Err(error) => tracing::warn!(%error, "people could not be notified; it is tried again"),
        }
        if matches!(timeout(LOOK, changes.changed()).await, Ok(Err(_))) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
