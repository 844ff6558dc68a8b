//! Opening, publishing, and noticing what other processes do.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use model::{Model, Overlay};

use super::{
    Current, Reader, StoreOptions, Writer,
    job::{Read, Shared, Write},
    laid_aside,
};
use crate::{
    Actor, DatabaseUrl, FeedPosition, KeptData, MigrationPlan, Purged, StoreError,
    engine::Mode,
    feed::log,
    migrate::{self, purge},
};

/// How often the database is asked for changes by other processes.
const LOOK: Duration = Duration::from_secs(1);

/// Reads the model, after bringing the tables up to it.
pub(super) async fn open_model(
    shared: &Arc<Shared>,
    url: &DatabaseUrl,
    options: &StoreOptions,
) -> Result<(), StoreError> {
    // Nearly always there is nothing to change: then nobody who writes meanwhile is waited for.
    let fitting = Read::run(shared, |reader: &mut Reader<'_>| {
        let current = migrate::fitting(reader.connection)?;
        current.map(|current| Ok::<_, StoreError>((current, log::end(reader.connection)?))).transpose()
    })
    .await?;
    let (current, end) = if let Some(found) = fitting {
        found
    } else {
        let migrate = options.migrate;
        if migrate {
            laid_aside::lay_aside(shared, url, &options.copies).await?;
        }
        Write::run(shared, Mode::Exclusive, move |writer: &mut Writer<'_>| {
            let current = migrate::open(writer.connection, migrate)?;
            Ok::<_, StoreError>((current, log::end(writer.connection)?))
        })
        .await?
    };
    shared.install(Arc::new(current));
    shared.announce(end);
    Ok(())
}

/// What opening would change.
pub(super) async fn plan(shared: &Arc<Shared>) -> Result<MigrationPlan, StoreError> {
    Read::run(shared, |reader: &mut Reader<'_>| migrate::plan(reader.connection)).await
}

/// Checks, migrates and stores the overlay, then puts the new model in force. With `over`, only in
/// place of these customisations. Records that `actor` did.
pub(super) async fn publish(
    shared: &Arc<Shared>,
    over: Option<Arc<Overlay>>,
    overlay: Overlay,
    actor: Actor,
) -> Result<Arc<Model>, StoreError> {
    let current = Write::run(shared, Mode::Exclusive, move |writer: &mut Writer<'_>| {
        migrate::publish(writer.connection, over.as_deref(), overlay, &actor)
    })
    .await?;
    let current = Arc::new(current);
    shared.install(Arc::clone(&current));
    Ok(Arc::clone(&current.model))
}

/// What the model no longer has and the database keeps, and what was purged of it so far.
pub(super) async fn kept(shared: &Arc<Shared>) -> Result<(Vec<KeptData>, Vec<Purged>), StoreError> {
    Read::run(shared, |reader: &mut Reader<'_>| {
        let model = Arc::clone(&reader.current.model);
        Ok((purge::kept(reader.connection, &model)?, purge::record(reader)?))
    })
    .await
}

/// Takes away for good what is kept under this name.
pub(super) async fn purge(
    shared: &Arc<Shared>,
    table: String,
    column: Option<String>,
    actor: Actor,
) -> Result<Option<Purged>, StoreError> {
    let purged = Write::run(shared, Mode::Exclusive, move |writer: &mut Writer<'_>| {
        let model = Arc::clone(&writer.current.model);
        purge::purge(writer, &model, &table, column.as_deref(), &actor)
    })
    .await?;
    Ok(purged)
}

/// Looks every second for a model or changes of another process on the same database. Ends with
/// the store.
pub(super) fn watch_other_processes(shared: &Arc<Shared>) {
    let weak = Arc::downgrade(shared);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            let Some(shared) = Weak::upgrade(&weak) else { return };
            match look(&shared).await {
                Ok(()) => {}
                // Being closed looks the same as a passing failure; the upgrade above ends it.
                Err(StoreError::Unavailable(reason)) => tracing::debug!(reason, "looking for changes failed"),
                Err(error) => tracing::warn!(%error, "looking for changes of other processes failed"),
            }
        }
    });
}

async fn look(shared: &Arc<Shared>) -> Result<(), StoreError> {
    let known = shared.current();
    let found = Read::run(shared, move |reader: &mut Reader<'_>| {
        let newer: Option<Current> = migrate::newer_model(reader.connection, &known)?;
        Ok::<(Option<Current>, FeedPosition), StoreError>((newer, log::end(reader.connection)?))
    });
    let (newer, end) = found.await?;
    if let Some(newer) = newer {
        shared.install(Arc::new(newer));
    }
    shared.announce(end);
    Ok(())
}
