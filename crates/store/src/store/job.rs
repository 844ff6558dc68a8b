//! How a caller's closure gets to the engine and its result back.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use tokio::sync::{oneshot, watch};

use super::{Current, Reader, StoreOptions, Writer};
use crate::{
    DatabaseUrl, FeedPosition, StoreError,
    engine::{Connection, Engine, Kept, Mode, WriteJob},
    migrate,
};

/// What all clones of a store share.
pub(crate) struct Shared {
    pub(super) engine: Engine,
    /// The database file, on SQLite.
    pub(super) path: Option<PathBuf>,
    current: RwLock<Arc<Current>>,
    position: watch::Sender<FeedPosition>,
}

impl Shared {
    /// Connects; the model is not read yet.
    pub(super) async fn open(url: &DatabaseUrl, options: &StoreOptions) -> Result<Arc<Self>, StoreError> {
        let path = match url {
            DatabaseUrl::Sqlite(path) => Some(path.clone()),
            DatabaseUrl::Postgres(_) => None,
        };
        Ok(Arc::new(Self {
            engine: Engine::open(url, options.readers.max(2)).await?,
            path,
            current: RwLock::new(Arc::new(Current::empty())),
            position: watch::Sender::new(FeedPosition::default()),
        }))
    }

    pub(super) fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a model in force, unless a newer one already is.
    pub(super) fn install(&self, new: Arc<Current>) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if new.model.version >= current.model.version {
            *current = new;
            drop(current);
            self.engine.forget_statements();
        }
    }

    pub(super) fn changes(&self) -> watch::Receiver<FeedPosition> {
        self.position.subscribe()
    }

    /// Tells the readers of the feed, where it has grown.
    pub(super) fn announce(&self, position: FeedPosition) {
        self.position.send_if_modified(|known| {
            let grown = position > *known;
            if grown {
                *known = position;
            }
            grown
        });
    }

    pub(super) async fn close(&self) {
        self.engine.close().await;
    }
}

/// A closure that reads.
pub(super) struct Read;

impl Read {
    pub(super) async fn run<T, E>(
        shared: &Arc<Shared>,
        f: impl FnOnce(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let source = Arc::clone(shared);
        let job = Box::new(move |connection: Result<&mut dyn Connection, StoreError>| {
            let outcome = match connection {
                // The model is taken before the snapshot begins, so it is never the newer one.
                Ok(connection) => f(&mut Reader::new(connection, source.current())),
                Err(error) => Err(error.into()),
            };
            // Nobody waits any more where the caller has gone away.
            let _ = answer.send(outcome);
        });
        shared.engine.read(job).await;
        result.await.unwrap_or_else(|_| Err(panicked().into()))
    }
}

/// A closure that writes, its result and its caller.
pub(super) struct Write<F, T, E> {
    shared: Arc<Shared>,
    work: Option<F>,
    result: Option<Result<T, E>>,
    /// A newer model another process has published, read from the database by this job.
    loaded: Option<Arc<Current>>,
    position: FeedPosition,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Write<F, T, E>
where
    F: FnOnce(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    pub(super) async fn run(shared: &Arc<Shared>, mode: Mode, work: F) -> Result<T, E> {
        let (answer, result) = oneshot::channel();
        let job = Self {
            shared: Arc::clone(shared),
            work: Some(work),
            result: None,
            loaded: None,
            position: FeedPosition::default(),
            answer,
        };
        shared.engine.write(Box::new(job), mode).await;
        result.await.unwrap_or_else(|_| Err(panicked().into()))
    }

    /// The model in force in the database at this moment.
    fn model(&mut self, connection: &mut dyn Connection) -> Result<Arc<Current>, StoreError> {
        let current = self.shared.current();
        let newer = migrate::newer_model(connection, &current)?;
        Ok(match newer {
            None => current,
            Some(newer) => Arc::clone(self.loaded.insert(Arc::new(newer))),
        })
    }
}

impl<F, T, E> WriteJob for Write<F, T, E>
where
    F: FnOnce(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn run(&mut self, connection: &mut dyn Connection) -> Kept {
        let Some(work) = self.work.take() else { return Kept::No };
        let result = match self.model(connection) {
            Err(error) => Err(error.into()),
            Ok(current) => {
                let mut writer = Writer::new(connection, current);
                let result = work(&mut writer);
                self.position = writer.position();
                result
            }
        };
        let kept = if result.is_ok() { Kept::Yes } else { Kept::No };
        self.result = Some(result);
        kept
    }

    fn last_entry(&self) -> Option<FeedPosition> {
        Some(self.position).filter(|position| *position != FeedPosition::default())
    }

    fn finish(self: Box<Self>, outcome: Result<Kept, StoreError>) {
        if matches!(outcome, Ok(Kept::Yes)) {
            if let Some(loaded) = self.loaded {
                self.shared.install(loaded);
            }
            self.shared.announce(self.position);
        }
        let answer = match (outcome, self.result) {
            (Ok(Kept::Yes | Kept::No), Some(result)) => result,
            (Err(error), _) => Err(error.into()),
            (Ok(_), _) => Err(panicked().into()),
        };
        // Nobody waits any more where the caller has gone away.
        let _ = self.answer.send(answer);
    }
}

fn panicked() -> StoreError {
    StoreError::Internal("an internal error stopped this; it is in the log, and nothing was changed".to_owned())
}
