//! Follows the change feed behind the writes. What is to be done about a change is done once, by
//! whichever process comes first, and in the order of the feed: it is written in the transaction in
//! which the place moves on.

use std::sync::Arc;

use store::{FeedEntry, FeedHeading, FeedPosition, Reader, Writer};

use crate::{App, Error, Organization, Origin, Result, records::Work};

/// Changes behind which the place is noted even where they concerned nobody: a place costs a write.
const FAR: u64 = 5000;

/// What somebody does about what changed.
pub(crate) trait Follow: Clone + Send + Sync + 'static {
    /// Its name among the readers of the feed.
    const READER: &'static str;
    /// Changes read at a time.
    const AT_ONCE: u32;
    /// What is to be written about some changes.
    type News: Send + Sync + 'static;

    /// What there is to write about these changes; none where they concern nobody.
    fn find(
        &self,
        reader: &mut Reader<'_>,
        organization: &Arc<Organization>,
        changes: &Changes,
    ) -> Result<Option<Self::News>>;

    /// Writes it; how many rows that came to.
    fn write(&self, work: &mut Work<'_, '_>, news: &Self::News) -> Result<usize>;
}

/// Changes that follow each other in the feed; at least one.
pub(crate) struct Changes {
    pub headings: Vec<FeedHeading>,
    from: FeedPosition,
    to: FeedPosition,
}

impl Changes {
    /// The changes with what they changed.
    pub fn entries(&self, reader: &mut Reader<'_>) -> Result<Vec<FeedEntry>> {
        let count = u32::try_from(self.headings.len()).unwrap_or(u32::MAX);
        let mut entries = reader.feed_after(self.from, count)?;
        entries.retain(|entry| entry.position <= self.to);
        Ok(entries)
    }
}

/// Somebody's place in the feed.
pub(crate) struct Follower<F> {
    app: App,
    follow: F,
    /// Up to where this one has looked; behind the place in the database there is nothing to do.
    looked: FeedPosition,
    pace: Pace,
}

/// How many changes are taken at a time: one that nothing can be done about must not keep back those
/// behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    Usual,
    /// As usual, after it failed once: what the reason was may be over.
    Again,
    /// So many more one by one; one that fails is stepped over.
    Single(u32),
}

impl Pace {
    const fn after_success(self) -> Self {
        match self {
            Self::Usual | Self::Again | Self::Single(0 | 1) => Self::Usual,
            Self::Single(left) => Self::Single(left - 1),
        }
    }
}

struct Found<N> {
    changes: Changes,
    news: Option<N>,
    /// The place in the database.
    stands: FeedPosition,
}

impl<F: Follow> Follower<F> {
    /// Begins at the end of the feed where nobody read before: what happened until then is no news.
    pub async fn begin(app: &App, follow: F) -> Result<Self> {
        app.store()
            .write(|writer: &mut Writer<'_>| -> Result<()> {
                let end = writer.feed_end()?;
                Ok(writer.begin_feed_cursor(F::READER, end).map(drop)?)
            })
            .await?;
        Ok(Self { app: app.clone(), follow, looked: FeedPosition::default(), pace: Pace::Usual })
    }

    /// Does what is to be done about everything that is committed; how many rows were written. `seen`
    /// hears of the changes on the way.
    pub async fn follow(&mut self, mut seen: impl FnMut(&[FeedHeading])) -> Result<usize> {
        let mut written = 0;
        loop {
            match self.step(&mut seen).await {
                Ok(Some(count)) => {
                    written += count;
                    self.pace = self.pace.after_success();
                }
                Ok(None) => {
                    self.pace = Pace::Usual;
                    return Ok(written);
                }
                Err(error) => self.stumble(error).await?,
            }
        }
    }

    /// Takes the next changes; none where there are no more.
    async fn step(&mut self, seen: &mut impl FnMut(&[FeedHeading])) -> Result<Option<usize>> {
        let Some(found) = self.find().await? else { return Ok(None) };
        let Found { changes, news, stands } = found;
        seen(&changes.headings);
        let is_far = changes.to.sequence.saturating_sub(stands.sequence) > FAR;
        if news.is_none() && !is_far {
            self.looked = changes.to;
            return Ok(Some(0));
        }
        self.write(news, stands, changes.to).await.map(Some)
    }

    async fn find(&self) -> Result<Option<Found<F::News>>> {
        let (follow, looked) = (self.follow.clone(), self.looked);
        let at_once = if matches!(self.pace, Pace::Single(_)) { 1 } else { F::AT_ONCE };
        self.app
            .read_in_organization(move |reader, organization| {
                let stands = reader.feed_cursor(F::READER)?;
                let from = stands.max(looked);
                let headings = reader.feed_headings_after(from, at_once)?;
                let Some(to) = headings.last().map(|heading| heading.position) else { return Ok(None) };
                let changes = Changes { headings, from, to };
                let news = follow.find(reader, organization, &changes)?;
                Ok(Some(Found { changes, news, stands }))
            })
            .await
    }

    /// Writes news together with the place in the feed; nothing where another one stands there already.
    async fn write(&mut self, news: Option<F::News>, from: FeedPosition, to: FeedPosition) -> Result<usize> {
        let follow = self.follow.clone();
        let engine = self.app.engine().await?;
        let written = self.app.work(&engine, Origin::Engine, move |work| {
            if !work.writer().move_feed_cursor(F::READER, from, to)? {
                return Ok(None);
            }
            news.as_ref().map_or(Ok(0), |news| follow.write(work, news)).map(Some)
        });
        let written = written.await?;
        self.looked = if written.is_some() { to } else { FeedPosition::default() };
        Ok(written.unwrap_or_default())
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
                self.pace = Pace::Single(F::AT_ONCE);
                Ok(())
            }
            Pace::Single(_) => self.step_over(&error).await,
        }
    }

    /// Nothing is done about the next change. The place is noted, so that this holds for all who follow.
    async fn step_over(&mut self, error: &Error) -> Result<()> {
        let looked = self.looked;
        let next = self.app.read(move |reader| {
            let stands = reader.feed_cursor(F::READER)?;
            let headings = reader.feed_headings_after(stands.max(looked), 1)?;
            Ok(headings.first().map(|heading| (stands, heading.position, heading.table.clone())))
        });
        let Some((from, to, table)) = next.await? else { return Ok(()) };
        tracing::warn!(%error, reader = F::READER, table, sequence = to.sequence, "a change is stepped over: nobody is told of it");
        self.write(None, from, to).await.map(drop)
    }
}
