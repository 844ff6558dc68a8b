//! The store: an engine, the model in force, and the closures that callers hand in.

mod backup;
mod current;
mod job;
mod laid_aside;
mod maintenance;
pub(crate) mod match_key;
mod options;
mod reader;
mod scrub;
mod sealing;
mod secret;
mod serving;
mod writer;

use std::{path::Path, sync::Arc};

pub(crate) use current::Current;
use job::{Read, Shared, Write};
pub use match_key::MatchKey;
use model::{Model, Overlay};
pub use options::{Copies, StoreOptions};
pub use reader::Reader;
pub use secret::Secret;
pub use serving::ServerLock;
use tokio::sync::watch;
pub use writer::Writer;

pub use self::backup::BackupReport;
use crate::{Actor, CheckReport, DatabaseUrl, FeedPosition, KeptData, MigrationPlan, Purged, StoreError, engine::Mode};

/// An open database. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

impl Store {
    /// Opens the database and brings it up to this release's model and the organisation's
    /// overlay. An SQLite file is created where it is absent; an empty PostgreSQL database is
    /// filled. Must be called inside a tokio runtime with several threads.
    pub async fn open(url: &DatabaseUrl, options: StoreOptions) -> Result<Self, StoreError> {
        let shared = Shared::open(url, &options).await?;
        let store = Self { shared };
        maintenance::open_model(&store.shared, url, &options).await?;
        maintenance::watch_other_processes(&store.shared);
        Ok(store)
    }

    /// What opening this database would change in it; nothing is changed. An SQLite file that is
    /// absent stays absent, and its plan is the whole schema.
    pub async fn plan(url: &DatabaseUrl) -> Result<MigrationPlan, StoreError> {
        if let DatabaseUrl::Sqlite(path) = url
            && !path.exists()
        {
            return Ok(MigrationPlan::of_new_database());
        }
        let shared = Shared::open(url, &StoreOptions::default()).await?;
        let plan = maintenance::plan(&shared).await;
        shared.close().await;
        plan
    }

    /// To be held while serving pages: refuses where another process serves the same SQLite file,
    /// and says which. Other commands may use the file meanwhile.
    pub fn serve_alone(&self) -> Result<ServerLock, StoreError> {
        ServerLock::take(self.shared.path.as_deref())
    }

    /// The model in force.
    pub fn model(&self) -> Arc<Model> {
        Arc::clone(&self.shared.current().model)
    }

    /// The organisation's own changes that are part of it.
    pub fn overlay(&self) -> Arc<Overlay> {
        Arc::clone(&self.shared.current().overlay)
    }

    /// Runs `f` on one consistent snapshot, on a thread that may block. It should be short: it
    /// holds one of a few connections.
    pub async fn read<T, E>(&self, f: impl FnOnce(&mut Reader<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        Read::run(&self.shared, f).await
    }

    /// Runs `f` in one transaction, durable when this returns `Ok` and undone whole when `f`
    /// fails or panics. Once begun it ends even if the caller stops waiting. On PostgreSQL
    /// transactions run beside each other: lock rows in a stable order; a deadlock is reported
    /// as [`StoreError::Unavailable`], and the caller may try again.
    pub async fn write<T, E>(&self, f: impl FnOnce(&mut Writer<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        Write::run(&self.shared, Mode::Write, f).await
    }

    /// As [`Store::write`], alone among all writers of all processes: what is published here, all
    /// who write later know.
    pub async fn write_alone<T, E>(
        &self,
        f: impl FnOnce(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        Write::run(&self.shared, Mode::Exclusive, f).await
    }

    /// Validates the overlay, changes the tables, stores it, records that `actor` did and puts the new
    /// model in force: all or nothing. Readers that are under way keep the model they began with.
    pub async fn publish(&self, overlay: Overlay, actor: Actor) -> Result<Arc<Model>, StoreError> {
        maintenance::publish(&self.shared, None, overlay, actor).await
    }

    /// As [`Store::publish`], provided the customisations in force are still `present`, which the
    /// overlay was made from; else [`StoreError::ModelChanged`]. Nobody's customisation is
    /// overwritten unseen, be it another process's.
    pub async fn publish_over(
        &self,
        present: Arc<Overlay>,
        overlay: Overlay,
        actor: Actor,
    ) -> Result<Arc<Model>, StoreError> {
        maintenance::publish(&self.shared, Some(present), overlay, actor).await
    }

    /// What the model no longer has and the database still keeps, and what was purged so far.
    pub async fn kept(&self) -> Result<(Vec<KeptData>, Vec<Purged>), StoreError> {
        maintenance::kept(&self.shared).await
    }

    /// Takes a kept table, or a kept column of one, away for good and records that `actor` did.
    /// None where nothing of this name is kept. The change feed keeps what it says.
    pub async fn purge(
        &self,
        table: impl Into<String>,
        column: Option<String>,
        actor: Actor,
    ) -> Result<Option<Purged>, StoreError> {
        maintenance::purge(&self.shared, table.into(), column, actor).await
    }

    /// Writes everything but sessions and tokens into one file, as it is at one moment, while
    /// others go on reading and writing. The file is an SQLite database of Pipewright, whatever
    /// the engine. An existing file is replaced when the new one is complete.
    pub async fn backup(&self, to: &Path) -> Result<BackupReport, StoreError> {
        backup::backup(&self.shared, to).await
    }

    /// Fills an empty database from a backup, on either engine.
    pub async fn restore(url: &DatabaseUrl, from: &Path) -> Result<BackupReport, StoreError> {
        backup::restore(url, from).await
    }

    /// Takes away what deleted and changed rows leave behind: words in the search indexes of these
    /// tables, and on SQLite bytes in the file and its log, which is written anew. On PostgreSQL the
    /// tables are vacuumed. To be called after [`Writer::erase_history`].
    pub async fn scrub(&self, tables: Vec<String>) -> Result<(), StoreError> {
        scrub::scrub(&self.shared, tables).await
    }

    /// Verifies the file, references, states and all derived data.
    pub async fn check(&self) -> Result<CheckReport, StoreError> {
        let shared = Arc::clone(&self.shared);
        Read::run(&self.shared, move |reader| crate::check::run(reader, &shared.current().model)).await
    }

    /// Seals the history again and again while the store is open, so that a later change of it is
    /// found by [`Store::check`]; to be spawned by the process that serves.
    pub fn keep_sealed(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        sealing::keep_sealed(Arc::downgrade(&self.shared))
    }

    /// Seals what was written so far. Transactions under way are waited for as long as `patience`
    /// says; else it is left to the next time.
    pub async fn seal(&self, patience: std::time::Duration) -> Result<(), StoreError> {
        sealing::seal_all(&self.shared, patience).await
    }

    /// Whether this process reads the database itself, as it does with SQLite: reading then takes its
    /// own processors.
    pub fn is_embedded(&self) -> bool {
        self.shared.path.is_some()
    }

    /// The place of the last change this process knows to be committed; wakes readers of the
    /// feed. Changes of other processes are noticed within a second.
    pub fn changes(&self) -> watch::Receiver<FeedPosition> {
        self.shared.changes()
    }

    /// Waits for writes under way, folds the log into the file and lets go of it. Calls made
    /// later, also on clones, fail as [`StoreError::Unavailable`].
    pub async fn close(self) {
        self.shared.close().await;
    }
}
