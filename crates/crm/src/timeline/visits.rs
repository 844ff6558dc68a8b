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
/// Loads of a page within this time are one visit.
const ONE_VISIT: SignedDuration = SignedDuration::from_mins(30);
/// How long a visit is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 90);

#[derive(Serialize, Deserialize)]
struct Visit {
    /// When the visit began that is under way or was the last one.
    at: Timestamp,
    /// When the one before it began.
    before: Option<Timestamp>,
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
        if known.as_ref().is_some_and(|known| known.at > now - ONE_VISIT) {
            return Ok(());
        }
        let visit = Visit { at: now, before: known.map(|known| known.at) };
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

/// When the caller was here before the present visit.
pub(super) fn last(look: &Look, reader: &mut Reader<'_>) -> Result<Option<Timestamp>> {
    let visit = read(reader, &key(look.caller.user, &look.record))?;
    Ok(visit.and_then(|visit| if visit.at > look.now - ONE_VISIT { visit.before } else { Some(visit.at) }))
}

fn read(reader: &mut Reader<'_>, key: &str) -> Result<Option<Visit>> {
    let secret = reader.secret(KIND, key)?;
    Ok(secret.and_then(|secret| serde_json::from_value(secret.data).ok()))
}

fn key(user: Uuid, record: &Reference) -> String {
    format!("{user}/{}/{}", record.table, record.id)
}
