//! That somebody let a program in. All tokens the program got by it end with it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use language::text;
use serde::{Deserialize, Serialize};
use store::Secret;
use uuid::Uuid;

use super::{
    ClientCredentials, Identity, Program, REFRESH,
    authorise::{KIND as CODE, KeptCode},
    exchange::KeptRefresh,
};
use crate::{
    Caller, Origin, Result,
    identity::{Device, fingerprint, session::require_own, token},
    records::Work,
};

/// Kind of secret a grant is kept as; its key is its own, its owner the person.
pub(in crate::identity) const KIND: &str = "grant";

/// What is kept of a grant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptGrant {
    pub program: Uuid,
    pub reading: bool,
    pub made: Timestamp,
}

/// A program that somebody let in.
#[derive(Debug, Clone)]
pub struct LetIn {
    /// The row of `program`.
    pub program: Uuid,
    /// Its name.
    pub name: String,
    /// Whether it may only read.
    pub reading: bool,
    /// Since when.
    pub since: Timestamp,
    /// When it must ask again at the latest, unless it goes on asking for tokens.
    pub until: Option<Timestamp>,
}

impl Identity<'_> {
    /// The programs somebody has let in: oneself, or anybody for an administrator.
    pub async fn programs_let_in(&self, caller: &Caller, user: Uuid) -> Result<Vec<LetIn>> {
        require_own(caller, user, text!("see which programs somebody else let in"))?;
        let engine = self.app.engine().await?;
        let mut found = self
            .app
            .read(move |reader| {
                let now = Timestamp::now();
                let mut by_program: BTreeMap<Uuid, (KeptGrant, Option<Timestamp>)> = BTreeMap::new();
                for grant in reader.secrets_of(KIND, user)? {
                    let Ok(kept) = serde_json::from_value::<KeptGrant>(grant.data) else { continue };
                    if grant.expires.is_some_and(|end| end <= now) {
                        continue;
                    }
                    let (known, until) = by_program.entry(kept.program).or_insert((kept.clone(), grant.expires));
                    known.made = known.made.min(kept.made);
                    known.reading &= kept.reading;
                    *until = (*until).max(grant.expires);
                }
                let mut found = Vec::new();
                // A person lets in a handful; each is looked up by its key.
                for (id, (kept, until)) in by_program {
                    let Some(program) = Program::find(reader, &engine, "programid", id)? else { continue };
                    let reading = kept.reading || program.only_reads;
                    found.push(LetIn { program: id, name: program.name, reading, since: kept.made, until });
                }
                Ok(found)
            })
            .await?;
        found.sort_by_key(|program| program.name.to_lowercase());
        Ok(found)
    }

    /// Shuts a program out again: its tokens in this person's name work no more.
    pub async fn shut_out(&self, caller: &Caller, user: Uuid, program: Uuid) -> Result<()> {
        require_own(caller, user, text!("shut out a program that somebody else let in"))?;
        self.app
            .work(caller, Origin::Page, move |work| {
                // Codes first: one that is being redeemed at this moment has its grant thereafter.
                for code in work.writer().secrets_of(CODE, user)? {
                    let of = serde_json::from_value::<KeptCode>(code.data).map(|kept| kept.program);
                    if of.is_ok_and(|of| of == program) {
                        work.writer().delete_secret(CODE, &code.key)?;
                    }
                }
                for grant in work.writer().secrets_of(KIND, user)? {
                    let of = serde_json::from_value::<KeptGrant>(grant.data.clone()).map(|kept| kept.program);
                    if of.is_ok_and(|of| of == program) {
                        end(work, &grant.key)?;
                    }
                }
                tracing::info!(target: "security", %user, %program, by = %work.caller().user, "shut a program out");
                Ok(())
            })
            .await
    }

    /// Ends a token that a program holds (RFC 7009); with a refresh token goes all that was granted. A
    /// token that is not there, or another program's, is no error: it does not work either way.
    ///
    /// # Errors
    /// As for [`Identity::issue`], where the program does not prove who it is.
    pub async fn revoke(&self, client: &ClientCredentials, presented: &str, device: &Device) -> Result<()> {
        let program = self.client(client, device).await?.id;
        let (key, engine) = (fingerprint(presented), self.app.engine().await?);
        let sought = key.clone();
        let is_there = self.app.read(move |reader| {
            Ok(reader.secret(REFRESH, &sought)?.is_some() || reader.secret(token::KIND, &sought)?.is_some())
        });
        // Nothing is written for what is not there: programs that keep no secret ask without proof.
        if !is_there.await? {
            return Ok(());
        }
        self.app
            .work(&engine, Origin::Engine, move |work| {
                if let Some(refresh) = work.writer().secret(REFRESH, &key)? {
                    let kept = serde_json::from_value::<KeptRefresh>(refresh.data).ok();
                    if let Some(kept) = kept.filter(|kept| kept.program == program) {
                        // In the order in which a refresh changes them, so that neither waits for ever.
                        work.writer().delete_secret(REFRESH, &key)?;
                        end(work, &kept.grant)?;
                    }
                } else if work.writer().secret(token::KIND, &key)?.is_some_and(|known| token::is_of(&known, program)) {
                    work.writer().delete_secret(token::KIND, &key)?;
                }
                Ok(())
            })
            .await
    }
}

/// Ends a grant, and with it every token that was given by it.
pub(super) fn end(work: &mut Work<'_, '_>, key: &str) -> Result<()> {
    work.writer().delete_secret(KIND, key)?;
    Ok(())
}

/// The grant with this key, where it is this person's and has not ended.
pub(in crate::identity) fn is_valid(grant: Option<&Secret>, user: Option<Uuid>) -> bool {
    grant.is_some_and(|grant| grant.owner == user && grant.expires.is_none_or(|end| end > Timestamp::now()))
}
