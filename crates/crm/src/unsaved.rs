//! What people had typed and not saved when they signed out, kept for them until they come back: the
//! browser, which may be somebody else's next, keeps nothing of it.

use jiff::SignedDuration;
use serde_json::Value;
use store::Secret;

use crate::{App, Caller, Error, Origin, Result};

/// Kind of secret it is kept as; its key is the person.
const KIND: &str = "unsaved";
/// How long it waits.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Longest text that is kept, in bytes.
const LONGEST: usize = 1024 * 1024;

impl App {
    /// Keeps what the caller had typed, in place of what was kept before.
    pub async fn keep_unsaved(&self, caller: &Caller, typed: Value) -> Result<()> {
        if typed.to_string().len() > LONGEST {
            return Err(Error::refused("this is more than can be kept unsaved; save it"));
        }
        let user = caller.user;
        self.work(caller, Origin::Page, move |work| {
            let expires = Some(work.now() + KEPT);
            let secret =
                Secret { kind: KIND.to_owned(), key: user.to_string(), owner: Some(user), expires, data: typed };
            Ok(work.writer().put_secret(&secret)?)
        })
        .await
    }

    /// What is kept for the caller, if anything.
    pub async fn unsaved(&self, caller: &Caller) -> Result<Option<Value>> {
        let key = caller.user.to_string();
        self.read(move |reader| Ok(reader.secret(KIND, &key)?.map(|kept| kept.data))).await
    }

    /// Forgets what is kept for the caller: their browser has it.
    pub async fn forget_unsaved(&self, caller: &Caller) -> Result<()> {
        let key = caller.user.to_string();
        self.work(caller, Origin::Page, move |work| Ok(work.writer().delete_secret(KIND, &key).map(drop)?)).await
    }
}
