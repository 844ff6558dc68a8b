//! What is committed, told at once to whoever looks at it.
//!
//! One task a process follows the change feed and hands its headings (no values) to all
//! [`Listener`]s. A listener picks what its page looks at ([`Watches`]), asks in the name of its
//! session, as it is at that moment, which of these rows may be read, and tells of no other. What
//! was told ends at a place in the feed; whoever comes back with it misses nothing.

mod follow;
mod listener;
mod watches;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use store::{FeedHeading, FeedPosition, Store};
use tokio::sync::{OnceCell, broadcast, watch};
use uuid::Uuid;

use crate::{Error, Result};

pub use listener::{Change, Listener, News};
pub use watches::{MOST_ROWS, Watches};

/// Listeners one person may have in a process: one a browser is usual.
const MOST_LISTENERS: usize = 16;
/// How long somebody with too many waits before the next attempt, in seconds.
const PATIENCE: u64 = 30;
/// Pieces of news a listener may be behind before it reads the feed itself.
const BACKLOG: usize = 64;

/// The change feed of this process, followed once for all who listen.
pub struct Live {
    store: Store,
    news: broadcast::Sender<Arc<[FeedHeading]>>,
    /// Up to where the feed was handed on.
    position: Mutex<FeedPosition>,
    following: OnceCell<()>,
    stopped: watch::Sender<bool>,
    /// Grows when sessions may have ended.
    sessions: watch::Sender<u64>,
    listening: Mutex<HashMap<Uuid, usize>>,
}

impl Live {
    pub(crate) fn over(store: Store) -> Self {
        Self {
            store,
            news: broadcast::Sender::new(BACKLOG),
            position: Mutex::default(),
            following: OnceCell::new(),
            stopped: watch::Sender::new(false),
            sessions: watch::Sender::new(0),
            listening: Mutex::default(),
        }
    }

    /// A place in the feed that everything read from now on has in it: who listens from there hears
    /// of all that comes later.
    pub async fn position(self: &Arc<Self>) -> Result<FeedPosition> {
        self.following.get_or_try_init(|| follow::start(self)).await?;
        Ok(self.known())
    }

    /// All listeners see at once whether their sessions are still there.
    pub fn check_sessions(&self) {
        self.sessions.send_modify(|checks| *checks = checks.wrapping_add(1));
    }

    /// Ends all listeners, so that a server that stops need not wait for them.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }

    fn known(&self) -> FeedPosition {
        *self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_listeners(&self) -> bool {
        self.news.receiver_count() > 0
    }

    /// A place among the listeners of a person, given back when dropped.
    fn admit(self: &Arc<Self>, user: Uuid) -> Result<Seat> {
        let mut listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = listening.entry(user).or_default();
        if *taken >= MOST_LISTENERS {
            return Err(Error::TooManyRequests { seconds: PATIENCE });
        }
        *taken += 1;
        drop(listening);
        Ok(Seat { live: Arc::clone(self), user })
    }
}

/// One listener's place.
struct Seat {
    live: Arc<Live>,
    user: Uuid,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut listening = self.live.listening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = listening.get_mut(&self.user) {
            *taken -= 1;
            if *taken == 0 {
                listening.remove(&self.user);
            }
        }
    }
}
