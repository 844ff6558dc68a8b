//! The one who reads the change feed and tells.

use std::{sync::Arc, time::Duration};

use model::{Filter, Reference};
use store::{Reader, Row};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::{
    TABLE,
    fold::{Told, fold},
    occasion::{may_concern, occasions},
};
use crate::{
    App, Caller, Error, Organization, Result,
    follower::{Changes, Follow, Follower},
    records::Work,
};

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
pub struct Teller(Follower<Telling>);

#[derive(Clone)]
struct Telling;

impl Teller {
    /// Begins at the end of the feed where nobody told before: what happened until then is no news.
    pub async fn begin(app: &App) -> Result<Self> {
        Follower::begin(app, Telling).await.map(Self)
    }

    /// Tells everything that is committed; how many notifications that came to.
    pub async fn tell(&mut self) -> Result<usize> {
        self.0.follow(|_| ()).await
    }
}

impl Follow for Telling {
    const READER: &'static str = "notifications";
    const AT_ONCE: u32 = 500;
    type News = Vec<Told>;

    fn find(
        &self,
        reader: &mut Reader<'_>,
        organization: &Arc<Organization>,
        changes: &Changes,
    ) -> Result<Option<Vec<Told>>> {
        let model = reader.model().clone();
        if !changes.headings.iter().any(|heading| may_concern(&model, heading)) {
            return Ok(None);
        }
        let engine = Caller::engine(organization.clone());
        let entries = changes.entries(reader)?;
        let occasions = occasions(reader, &engine, &entries)?;
        let told = if occasions.is_empty() { Vec::new() } else { fold(reader, organization, occasions)? };
        Ok(Some(told).filter(|told| !told.is_empty()))
    }

    fn write(&self, work: &mut Work<'_, '_>, news: &Vec<Told>) -> Result<usize> {
        let mut count = 0;
        for part in news.chunks(KEYS) {
            let unread = unread(work, part)?;
            for one in part {
                let same = unread.iter().find(|row| is_of(row, one));
                count += usize::from(put(work, one, same)?);
            }
        }
        Ok(count)
    }
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
