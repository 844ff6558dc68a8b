//! One who listens: a browser with its pages, in the name of one session.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use model::{Filter, Operator, Path, Reference};
use store::{FeedHeading, FeedOperation, FeedPosition, Query};
use tokio::{
    sync::{broadcast, watch},
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};
use uuid::Uuid;

use super::{
    Live, Seat, Watches, follow,
    watches::{AROUND, Done, Picked},
};
use crate::{App, Caller, Error, Result, notifications};

/// How often a sign of life goes out; the session is looked at each time, and proxies that end silent
/// connections (most after 60 seconds) stay calm.
const BEAT: Duration = Duration::from_secs(15);
/// Headings read for somebody who comes back; who missed more looks at everything anew.
const CAUGHT_UP: u32 = 1_000;
/// Rows of a table told one by one; more are told as many.
const MOST_TOLD: usize = 100;

/// Something that a page shows has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A row was made or changed.
    Row {
        /// Which.
        row: Reference,
        /// Whether it is new.
        created: bool,
        /// By whom; nil for the engine itself.
        by: Uuid,
    },
    /// A row watched was deleted, or may not be read any more.
    Gone(Reference),
    /// A note, a post or an activity about a watched record was added or changed.
    Around {
        /// The record.
        record: Reference,
        /// Which of them, under the table it lists in.
        row: Reference,
        /// Whether it is new.
        created: bool,
        /// By whom.
        by: Uuid,
    },
    /// More rows of a watched table than are told one by one.
    Many(String),
    /// So much was missed that everything shown is to be read anew.
    Everything,
}

/// What is told at once. Without changes it is a sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Up to where in the feed everything is told.
    pub position: FeedPosition,
    /// What changed.
    pub changes: Vec<Change>,
}

/// One who listens.
pub struct Listener {
    app: App,
    /// Key of the session.
    session: String,
    watches: Watches,
    position: FeedPosition,
    news: broadcast::Receiver<Arc<[FeedHeading]>>,
    stopped: watch::Receiver<bool>,
    sessions: watch::Receiver<u64>,
    beat: Interval,
    is_new: bool,
    _seat: Seat,
}

impl Live {
    /// Listens in the name of a session, from a place in the feed or from now on.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] where the person already listens too often, [`Error::NotSignedIn`]
    /// where the session has ended.
    pub async fn listen(app: &App, session: String, watches: Watches, since: Option<FeedPosition>) -> Result<Listener> {
        let live = app.live();
        let caller = app.identity().still_signed_in(&session).await?;
        let seat = live.admit(caller.user)?;
        // Heard before it is read where the feed ends, so that nothing falls between.
        let news = live.news.subscribe();
        live.position().await?;
        let position = match since {
            Some(place) => place,
            None => follow::end(live).await?,
        };
        let mut beat = interval_at(Instant::now() + BEAT, BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Listener {
            app: app.clone(),
            session,
            watches,
            position,
            news,
            stopped: live.stopped.subscribe(),
            sessions: live.sessions.subscribe(),
            beat,
            is_new: true,
            _seat: seat,
        })
    }
}

/// What woke a listener.
enum Woken {
    Stopped,
    News(Arc<[FeedHeading]>),
    Lagging,
    Check,
    Beat,
}

impl Listener {
    /// What is told next. None when it is over: the session has ended, the server stops, or reading
    /// failed and the listener had better come back.
    pub async fn next(&mut self) -> Option<News> {
        match self.tell_next().await {
            Ok(news) => news,
            Err(Error::NotSignedIn) => None,
            Err(error) => {
                tracing::warn!(%error, "live news could not be read; the browser comes back for them");
                None
            }
        }
    }

    async fn tell_next(&mut self) -> Result<Option<News>> {
        // Many listeners wait: what they do when they are woken has its own place, so that they hold
        // no room for it meanwhile.
        if std::mem::take(&mut self.is_new) {
            return Box::pin(self.greet()).await.map(Some);
        }
        loop {
            let changes = match self.wake().await {
                Woken::Stopped => return Ok(None),
                Woken::News(headings) => Box::pin(self.tell(&headings)).await?,
                Woken::Lagging => Box::pin(self.catch_up()).await?,
                Woken::Check => {
                    Box::pin(self.caller()).await?;
                    continue;
                }
                Woken::Beat => {
                    Box::pin(self.caller()).await?;
                    return Ok(Some(self.news(Vec::new())));
                }
            };
            if !changes.is_empty() {
                return Ok(Some(self.news(changes)));
            }
        }
    }

    async fn wake(&mut self) -> Woken {
        tokio::select! {
            _ = self.stopped.wait_for(|stopped| *stopped) => Woken::Stopped,
            news = self.news.recv() => match news {
                Ok(headings) => Woken::News(headings),
                Err(broadcast::error::RecvError::Lagged(_)) => Woken::Lagging,
                Err(broadcast::error::RecvError::Closed) => Woken::Stopped,
            },
            changed = self.sessions.changed() => if changed.is_ok() { Woken::Check } else { Woken::Stopped },
            _ = self.beat.tick() => Woken::Beat,
        }
    }

    fn news(&self, changes: Vec<Change>) -> News {
        News { position: self.position, changes }
    }

    /// What was missed so far, and which rows watched are not there any more.
    async fn greet(&mut self) -> Result<News> {
        let caller = self.caller().await?;
        let rows = self.watches.rows_by_table();
        let readable = self.readable(&caller, &rows).await?;
        let mut changes = Vec::new();
        for (table, ids) in rows {
            for id in ids {
                let row = Reference::new(table.clone(), id);
                let is_readable = readable.contains(&row);
                self.watches.note(&row, is_readable);
                if !is_readable {
                    changes.push(Change::Gone(row));
                }
            }
        }
        changes.extend(self.catch_up().await?);
        Ok(self.news(changes))
    }

    /// Reads the feed from where the listener is.
    async fn catch_up(&mut self) -> Result<Vec<Change>> {
        let live = Arc::clone(self.app.live());
        let end = follow::end(&live).await?;
        let missed = follow::headings(&live, self.position, CAUGHT_UP).await?;
        // A place behind the end is one of another database, such as before a restore.
        if missed.len() == CAUGHT_UP as usize || (missed.is_empty() && self.position > end) {
            self.position = end;
            return Ok(vec![Change::Everything]);
        }
        self.tell(&missed).await
    }

    /// What of these headings this listener is told.
    async fn tell(&mut self, headings: &[FeedHeading]) -> Result<Vec<Change>> {
        // What was read by catching up comes a second time by the news.
        let from = headings.partition_point(|heading| heading.position <= self.position);
        let headings = headings.get(from..).unwrap_or_default();
        let Some(last) = headings.last() else { return Ok(Vec::new()) };
        let picked = self.watches.pick(&self.app.model(), headings);
        let changes = if picked.is_empty() { Vec::new() } else { self.allowed(picked).await? };
        self.position = last.position;
        Ok(changes)
    }

    /// Of what was picked, what the person may know by now.
    async fn allowed(&mut self, picked: Picked) -> Result<Vec<Change>> {
        let caller = self.caller().await?;
        let mut changes = self.around(&caller, &picked).await?;
        let mut few = BTreeMap::new();
        for (table, mut rows) in picked.rows {
            if rows.len() > MOST_TOLD {
                if self.reads_any(&caller, &table, rows.keys().copied().collect()).await? {
                    changes.push(Change::Many(table.clone()));
                }
                rows.retain(|id, _| self.watches.has(&table, *id));
            }
            few.insert(table, rows);
        }
        let ids = few.iter().map(|(table, rows)| (table.clone(), rows.keys().copied().collect())).collect();
        let readable = self.readable(&caller, &ids).await?;
        for (table, rows) in few {
            for (id, Done { operation, by }) in rows {
                let row = Reference::new(table.clone(), id);
                let is_readable = readable.contains(&row);
                if self.watches.note(&row, is_readable) {
                    changes.push(Change::Gone(row));
                } else if is_readable {
                    changes.push(Change::Row { row, created: operation == FeedOperation::Create, by });
                }
            }
        }
        Ok(changes)
    }

    /// Whether the caller may read at least one of these rows.
    async fn reads_any(&self, caller: &Caller, table: &str, ids: Vec<Uuid>) -> Result<bool> {
        let Ok(table) = self.app.table(table) else { return Ok(false) };
        let rows = self.app.query(caller, among(&self.app, caller, &table, ids).take(1)).await?;
        Ok(!rows.rows.is_empty())
    }

    /// Notes, posts and activities about the records watched, as far as the person may read them.
    async fn around(&self, caller: &Caller, picked: &Picked) -> Result<Vec<Change>> {
        let model = self.app.model();
        let mut asked = Vec::new();
        let mut queries = Vec::new();
        for (table, lookup) in AROUND {
            let Some(rows) = picked.around.get(table) else { continue };
            let Ok(known) = self.app.table(table) else { continue };
            let Ok(path) = lookup.parse::<Path>() else { continue };
            let Ok((_, column)) = model.resolve(table, &path) else { continue };
            for record in self.watches.records().filter(|record| column.targets().contains(&record.table)) {
                let about = Filter::eq(path.clone(), record.clone());
                queries.push(among(&self.app, caller, &known, rows.keys().copied().collect()).matching(about));
                asked.push((record.clone(), table, known.primary_key.clone(), rows));
            }
        }
        let mut changes = Vec::new();
        for ((record, table, key, rows), found) in asked.into_iter().zip(self.app.queries(caller, queries).await?) {
            for id in found.to_rows().filter_map(|row| row.value(&key).as_id()) {
                let Some(Done { operation, by }) = rows.get(&id) else { continue };
                let created = *operation == FeedOperation::Create;
                changes.push(Change::Around {
                    record: record.clone(),
                    row: Reference::new(table, id),
                    created,
                    by: *by,
                });
            }
        }
        Ok(changes)
    }

    /// Which of these rows the caller may read: one query a table, all on one snapshot.
    async fn readable(&self, caller: &Caller, rows: &BTreeMap<String, Vec<Uuid>>) -> Result<HashSet<Reference>> {
        let asked = rows.iter().filter(|(_, ids)| !ids.is_empty());
        let tables: Vec<_> = asked.filter_map(|(name, ids)| Some((self.app.table(name).ok()?, ids))).collect();
        let queries = tables.iter().map(|(table, ids)| among(&self.app, caller, table, (*ids).clone())).collect();
        let found = self.app.queries(caller, queries).await?;
        let mut readable = HashSet::new();
        for ((table, _), rows) in tables.iter().zip(found) {
            let ids = rows.to_rows().filter_map(|row| row.value(&table.primary_key).as_id());
            readable.extend(ids.map(|id| Reference::new(table.name.as_str(), id)));
        }
        Ok(readable)
    }

    /// Who listens, with what they may do by now.
    async fn caller(&self) -> Result<Caller> {
        self.app.identity().still_signed_in(&self.session).await
    }
}

/// Those of these rows that the caller may read.
fn among(app: &App, caller: &Caller, table: &model::Table, ids: Vec<Uuid>) -> Query {
    let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    // What others are told is no news, whoever may read it.
    let is_own = table.name == notifications::TABLE;
    let own = if is_own { Filter::unary("ownerid", Operator::EqUserid) } else { Filter::everything() };
    app.new_query(caller, &table.name)
        .select([table.primary_key.as_str()])
        .matching(Filter::is_in(table.primary_key.as_str(), ids))
        .matching(own)
        .take(count)
}
