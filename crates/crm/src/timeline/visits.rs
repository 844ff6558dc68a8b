//! When somebody looked at a record's timeline last, so that what is new since can be marked. That is
//! nobody else's business: it is kept beside the person's session, leaves with no export and is
//! forgotten after a while.

use jiff::{SignedDuration, Timestamp};
use model::Reference;
use serde::{Deserialize, Serialize};
use store::{Reader, Secret};
use uuid::Uuid;

use super::{Timelines, page::Look};
use crate::{Caller, Origin, Result};

/// As it is kept.
const KIND: &str = "visit";
/// Looks that follow one another within this time are one visit.
const ONE_VISIT: SignedDuration = SignedDuration::from_mins(30);
/// A look so soon after another one need not be remembered.
const SOON: SignedDuration = SignedDuration::from_secs(20);
/// How long a visit is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 90);

#[derive(Serialize, Deserialize)]
struct Visit {
    /// When the visit began that is under way or was the last one.
    at: Timestamp,
    /// When the record was before the caller's eyes last; what was written by then is not new to them.
    seen: Option<Timestamp>,
    /// When it was at the end of the visit before.
    before: Option<Timestamp>,
}

impl Visit {
    fn seen(&self) -> Timestamp {
        self.seen.unwrap_or(self.at)
    }
}

impl Timelines<'_> {
    /// Remembers that the caller looks at the record now.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] where the record is absent or hidden from the caller.
    pub async fn visit(&self, caller: &Caller, record: Reference) -> Result<()> {
        let user = caller.user;
        self.app.get(caller, &record.table, record.id, Some(Vec::new())).await?;
        let key = key(user, &record);
        let known_key = key.clone();
        let known = self.app.read(move |reader| read(reader, &known_key)).await?;
        let now = caller.zone().now;
        let visit = match known {
            Some(known) if known.seen() > now - SOON => return Ok(()),
            Some(known) if known.seen() > now - ONE_VISIT => Visit { seen: Some(now), ..known },
            known => Visit { at: now, seen: Some(now), before: known.map(|known| known.seen()) },
        };
        let secret = Secret {
            kind: KIND.to_owned(),
            key,
            owner: Some(user),
            expires: Some(now + REMEMBERED),
            data: serde_json::to_value(visit).unwrap_or_default(),
        };
        self.app.work(caller, Origin::Page, move |work| Ok(work.writer().put_secret(&secret)?)).await
    }
}

/// From when on things are new to the caller: since the end of the visit before the present one.
pub(super) fn last(look: &Look, reader: &mut Reader<'_>) -> Result<Option<Timestamp>> {
    let visit = read(reader, &key(look.caller.user, &look.record))?;
    // On the first visit that is when it began: who comes back soon is told what happened since.
    let under_way = |visit: &Visit| visit.seen() > look.now - ONE_VISIT;
    Ok(visit.map(|visit| if under_way(&visit) { visit.before.unwrap_or(visit.at) } else { visit.seen() }))
}

fn read(reader: &mut Reader<'_>, key: &str) -> Result<Option<Visit>> {
    let secret = reader.secret(KIND, key)?;
    Ok(secret.and_then(|secret| serde_json::from_value(secret.data).ok()))
}

fn key(user: Uuid, record: &Reference) -> String {
    format!("{user}/{}/{}", record.table, record.id)
}
