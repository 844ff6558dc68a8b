//! The one task that follows the change feed.

use std::{
    sync::{Arc, PoisonError, Weak},
    time::Duration,
};

use store::{FeedHeading, FeedPosition, Reader};
use tokio::{sync::watch, time::timeout};

use super::Live;
use crate::{Error, Result};

/// How often the feed is looked at while somebody listens: other processes on the same database say
/// nothing, and on PostgreSQL a change may stay unseen until an older transaction has ended.
const LOOK: Duration = Duration::from_millis(250);
/// The same while nobody listens.
const IDLE_LOOK: Duration = Duration::from_secs(2);
/// Shortest time between two looks: commits that follow each other closely are read together.
const PAUSE: Duration = Duration::from_millis(25);
/// Headings read at a time.
const AT_ONCE: u32 = 500;

/// Begins at the end of the feed.
pub(super) async fn start(live: &Arc<Live>) -> Result<()> {
    // Before the end is read, so that no commit after it goes unnoticed.
    let changes = live.store.changes();
    let end = end(live).await?;
    *live.position.lock().unwrap_or_else(PoisonError::into_inner) = end;
    tokio::spawn(follow(Arc::downgrade(live), changes));
    Ok(())
}

/// Ends with the application.
async fn follow(live: Weak<Live>, mut changes: watch::Receiver<FeedPosition>) {
    loop {
        let Some(is_heard) = live.upgrade().map(|live| live.has_listeners()) else { return };
        let waited = timeout(if is_heard { LOOK } else { IDLE_LOOK }, changes.changed()).await;
        let Some(live) = live.upgrade().filter(|_| !matches!(waited, Ok(Err(_)))) else { return };
        match read_on(&live).await {
            Ok(()) => {}
            // Being closed looks the same as a passing failure; the upgrade above ends it.
            Err(Error::Unavailable(reason)) => tracing::debug!(reason, "the change feed could not be followed"),
            Err(error) => tracing::warn!(%error, "the change feed could not be followed; it is tried again"),
        }
        drop(live);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Hands on what is new.
async fn read_on(live: &Arc<Live>) -> Result<()> {
    if !live.has_listeners() {
        let end = end(live).await?;
        // Whoever came meanwhile may have read the feed to an earlier end.
        if !live.has_listeners() {
            *live.position.lock().unwrap_or_else(PoisonError::into_inner) = end;
            return Ok(());
        }
    }
    loop {
        let headings = headings(live, live.known(), AT_ONCE).await?;
        let Some(last) = headings.last().map(|heading| heading.position) else { return Ok(()) };
        let more = headings.len() == AT_ONCE as usize;
        // Nobody may be listening any more.
        let _ = live.news.send(headings.into());
        *live.position.lock().unwrap_or_else(PoisonError::into_inner) = last;
        if !more {
            return Ok(());
        }
    }
}

/// The headings behind a place.
pub(super) async fn headings(live: &Live, after: FeedPosition, limit: u32) -> Result<Vec<FeedHeading>> {
    live.store.read(move |reader: &mut Reader<'_>| Ok(reader.feed_headings_after(after, limit)?)).await
}

/// The end of the feed as a reader of it sees it.
pub(super) async fn end(live: &Live) -> Result<FeedPosition> {
    live.store.read(|reader: &mut Reader<'_>| Ok(reader.feed_end()?)).await
}
