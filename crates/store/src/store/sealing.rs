//! Sealing the history while the store is served.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use super::job::{Read, Shared, Write};
use crate::{
    Reader, StoreError, Writer,
    engine::Mode,
    feed::seal::{self, Candidate, Seal},
};

/// How often what was written since is sealed.
const OFTEN: Duration = Duration::from_secs(10);

/// Seals what is written, again and again; ends with the store.
pub(super) async fn keep_sealed(shared: Weak<Shared>) {
    let mut candidate = None;
    loop {
        tokio::time::sleep(OFTEN).await;
        let Some(shared) = Weak::upgrade(&shared) else { return };
        match seal_once(&shared, candidate).await {
            Ok(next) => candidate = Some(next),
            Err(StoreError::Unavailable(reason)) => tracing::debug!(reason, "the history could not be sealed yet"),
            Err(error) => tracing::warn!(%error, "the history could not be sealed; it is tried again"),
        }
    }
}

/// Seals everything there is. Transactions under way, of which PostgreSQL may number earlier
/// changes, are waited for as long as `patience` says; else it is left to the next time.
pub(super) async fn seal_all(shared: &Arc<Shared>, patience: Duration) -> Result<(), StoreError> {
    let candidate = Read::run(shared, |reader: &mut Reader<'_>| seal::candidate(reader.connection())).await?;
    let until = Instant::now() + patience;
    while Instant::now() < until {
        let complete =
            Read::run(shared, move |reader: &mut Reader<'_>| seal::is_complete(reader.connection(), candidate));
        if complete.await? {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    seal_once(shared, Some(candidate)).await.map(drop)
}

/// Seals up to the candidate of last time, which is complete by now unless somebody has been
/// writing all the while; returns the candidate of next time.
async fn seal_once(shared: &Arc<Shared>, candidate: Option<Candidate>) -> Result<Candidate, StoreError> {
    let mut next = candidate;
    if let Some(upto) = candidate {
        while let Some(seal) = next_seal(shared, upto).await? {
            let put =
                Write::run(shared, Mode::Write, move |writer: &mut Writer<'_>| seal::put(writer.connection(), &seal));
            if !put.await? {
                break;
            }
        }
        let complete = Read::run(shared, move |reader: &mut Reader<'_>| seal::is_complete(reader.connection(), upto));
        if complete.await? {
            next = None;
        }
    }
    match next {
        Some(waiting) => Ok(waiting),
        None => Read::run(shared, |reader: &mut Reader<'_>| seal::candidate(reader.connection())).await,
    }
}

/// Made beside those who write, so that nobody waits for it.
async fn next_seal(shared: &Arc<Shared>, upto: Candidate) -> Result<Option<Seal>, StoreError> {
    Read::run(shared, move |reader: &mut Reader<'_>| {
        let connection = reader.connection();
        if seal::is_complete(connection, upto)? { seal::next(connection, upto) } else { Ok(None) }
    })
    .await
}
