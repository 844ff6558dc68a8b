//! What people had typed and not saved when they signed out, kept for them until they come back: the
//! browser, which may be somebody else's next, keeps nothing of it.

use std::{cmp::Reverse, collections::HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Reader, Secret};
use uuid::Uuid;

use crate::{App, Caller, Origin, Result};

/// Kind of secret each draft is kept as; its key is the person and the draft's name.
const KIND: &str = "unsaved";
/// How long it waits.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Longest that a person's drafts are together, in bytes.
const LONGEST: usize = 1024 * 1024;
/// Longest name of a draft, in bytes.
const LONGEST_NAME: usize = 1024;

/// What was typed into one form: the draft's name and its text, as the browser had them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft(pub String, pub String);

/// A draft as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Its place among those that came with it, the newest first.
    place: usize,
    draft: Draft,
}

impl Kept {
    fn secret(&self, user: Uuid, until: Timestamp) -> Secret {
        Secret {
            kind: KIND.to_owned(),
            key: format!("{user}/{}", self.draft.0),
            owner: Some(user),
            expires: Some(until),
            data: serde_json::to_value(self).unwrap_or_default(),
        }
    }
}

impl App {
    /// Keeps what the caller had typed, the newest first, beside what is kept from other browsers; a
    /// draft takes the place of an older one of its name. Where it is too much together, the newest
    /// that fit are kept. Tells how many drafts are not.
    pub async fn keep_unsaved(&self, caller: &Caller, typed: Vec<Draft>) -> Result<usize> {
        let user = caller.user;
        self.work(caller, Origin::Page, move |work| {
            let (known, too_long): (Vec<Draft>, Vec<Draft>) =
                typed.into_iter().partition(|draft| draft.0.len() <= LONGEST_NAME);
            let until = work.now() + KEPT;
            let secret = |(place, draft)| Kept { place, draft }.secret(user, until);
            let mut drafts: Vec<Secret> = known.into_iter().enumerate().map(secret).collect();
            drafts.extend(kept(work.writer(), user)?);
            let (fitting, left_out) = newest(drafts);
            for draft in &left_out {
                work.writer().delete_secret(KIND, &draft.key)?;
            }
            for draft in &fitting {
                work.writer().put_secret(draft)?;
            }
            Ok(left_out.len() + too_long.len())
        })
        .await
    }

    /// What is kept for the caller, the newest first.
    pub async fn unsaved(&self, caller: &Caller) -> Result<Vec<Draft>> {
        let (user, now) = (caller.user, caller.zone().now);
        self.read(move |reader| {
            let mut drafts = kept(reader, user)?;
            drafts.retain(|draft| draft.expires.is_some_and(|until| until > now));
            Ok(drafts.into_iter().filter_map(|draft| read(&draft)).map(|kept| kept.draft).collect())
        })
        .await
    }

    /// Forgets what is kept for the caller: their browser has it.
    pub async fn forget_unsaved(&self, caller: &Caller) -> Result<()> {
        let user = caller.user;
        self.work(caller, Origin::Page, move |work| {
            for draft in work.writer().secrets_of(KIND, user)? {
                work.writer().delete_secret(KIND, &draft.key)?;
            }
            Ok(())
        })
        .await
    }
}

/// What is kept for somebody, the newest first.
fn kept(reader: &mut Reader<'_>, user: Uuid) -> Result<Vec<Secret>> {
    let mut drafts = reader.secrets_of(KIND, user)?;
    drafts.sort_by_cached_key(|draft| (Reverse(draft.expires), read(draft).map(|kept| kept.place)));
    Ok(drafts)
}

fn read(draft: &Secret) -> Option<Kept> {
    Kept::deserialize(&draft.data).ok()
}

/// Of drafts, the newest first: the first of each name that fit, and those that do not.
fn newest(mut drafts: Vec<Secret>) -> (Vec<Secret>, Vec<Secret>) {
    let mut names = HashSet::new();
    drafts.retain(|draft| names.insert(draft.key.clone()));
    let mut room = LONGEST;
    drafts.into_iter().partition(|draft| {
        let left = room.checked_sub(draft.key.len() + draft.data.to_string().len());
        room = left.unwrap_or(room);
        left.is_some()
    })
}
