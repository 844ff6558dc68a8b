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
    pace: Pace,
}

/// How many changes are told at a time: one that cannot be told must not keep back those behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    Usual,
    /// As usual, after it failed once: what the reason was may be over.
    Again,
    /// So many more one by one; one that fails is stepped over.
    Single(u32),
}

impl Pace {
    const fn at_once(self) -> u32 {
        if matches!(self, Self::Single(_)) { 1 } else { AT_ONCE }
    }

    const fn after_success(self) -> Self {
        match self {
            Self::Usual | Self::Again | Self::Single(0 | 1) => Self::Usual,
            Self::Single(left) => Self::Single(left - 1),
        }
    }
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
        Ok(Self { app: app.clone(), looked: FeedPosition::default(), pace: Pace::Usual })
    }

    /// Tells everything that is committed; how many notifications that came to.
    pub async fn tell(&mut self) -> Result<usize> {
        let mut told = 0;
        loop {
            match self.step().await {
                Ok(Some(count)) => {
                    told += count;
                    self.pace = self.pace.after_success();
                }
                Ok(None) => {
                    self.pace = Pace::Usual;
                    return Ok(told);
                }
                Err(error) => self.stumble(error).await?,
            }
        }
    }

    /// Tells the next changes; none where there are no more.
    async fn step(&mut self) -> Result<Option<usize>> {
        match self.find(self.pace.at_once()).await? {
            Found::Nothing => Ok(None),
            Found::Silence(upto) => {
                self.looked = upto;
                Ok(Some(0))
            }
            Found::News(news, from, to) => self.put_down(news, from, to).await.map(Some),
        }
    }

    async fn put_down(&mut self, news: Vec<Told>, from: FeedPosition, to: FeedPosition) -> Result<usize> {
        let count = write(&self.app, news, from, to).await?;
        // None where another one told it.
        self.looked = if count.is_some() { to } else { FeedPosition::default() };
        Ok(count.unwrap_or_default())
    }

    /// What to do about a failure: at first to try again, then to find the change it comes from.
    async fn stumble(&mut self, error: Error) -> Result<()> {
        match self.pace {
            // No change is to blame for a database that is away.
            _ if matches!(error, Error::Unavailable(_) | Error::Uncertain(_)) => Err(error),
            Pace::Usual => {
                self.pace = Pace::Again;
                Err(error)
            }
            Pace::Again => {
                self.pace = Pace::Single(AT_ONCE);
                Ok(())
            }
            Pace::Single(_) => self.step_over(&error).await,
        }
    }

    /// Nobody is told of the next change. The place is noted, so that this holds for all who tell.
    async fn step_over(&mut self, error: &Error) -> Result<()> {
        let looked = self.looked;
        let next = self.app.read(move |reader| {
            let stands = reader.feed_cursor(READER)?;
            let headings = reader.feed_headings_after(stands.max(looked), 1)?;
            Ok(headings.first().map(|heading| (stands, heading.position, heading.table.clone())))
        });
        let Some((from, to, table)) = next.await? else { return Ok(()) };
        tracing::warn!(%error, table, sequence = to.sequence, "nobody could be notified of a change; it is stepped over");
        self.put_down(Vec::new(), from, to).await.map(drop)
    }

    async fn find(&self, at_once: u32) -> Result<Found> {
        let looked = self.looked;
        self.app
            .read_in_organization(move |reader, organization| {
                let stands = reader.feed_cursor(READER)?;
                let from = stands.max(looked);
                let headings = reader.feed_headings_after(from, at_once)?;
                let Some(last) = headings.last().map(|heading| heading.position) else { return Ok(Found::Nothing) };
                let model = reader.model().clone();
                let engine = crate::Caller::engine(organization.clone());
                let is_silent = !headings.iter().any(|heading| may_concern(&model, heading));
                let told = if is_silent {
                    Vec::new()
                } else {
                    let mut entries: Vec<FeedEntry> = reader.feed_after(from, at_once)?;
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
