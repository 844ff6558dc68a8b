//! Imports between upload and report. They live in memory with their files in a temporary folder;
//! what an import has written, and its report, stay in the database (`importjob`).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crm::import::{Control, InputFile, Inspected, Report, plan::Mapping};
use tempfile::TempDir;
use uuid::Uuid;

use crate::failure::Failure;

/// How long an import that nobody goes on with is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// All imports being prepared or run in this process.
#[derive(Clone, Default)]
pub(crate) struct Drafts(Arc<Mutex<HashMap<Uuid, Arc<Draft>>>>);

/// One import.
pub(crate) struct Draft {
    pub id: Uuid,
    /// Whose it is.
    user: Uuid,
    pub files: Vec<InputFile>,
    /// What was found in them.
    pub inspected: Vec<Inspected>,
    now: Mutex<Now>,
    made: Instant,
    /// Deleted with the draft.
    _folder: TempDir,
}

/// How far it is.
#[derive(Clone)]
pub(crate) struct Now {
    pub mapping: Mapping,
    pub stage: Stage,
    /// What the last trial said; none after the mapping was changed.
    pub trial: Option<Arc<Report>>,
}

/// What is happening.
#[derive(Clone)]
pub(crate) enum Stage {
    /// The mapping is looked at.
    Mapping,
    /// At work, on trial or in earnest.
    Running { control: Control, trial: bool },
    /// It could not begin, or broke off.
    Failed(String),
    /// Done in earnest.
    Done(Arc<Report>),
}

impl Drafts {
    /// Keeps a new one.
    pub fn add(
        &self,
        user: Uuid,
        folder: TempDir,
        files: Vec<InputFile>,
        inspected: Vec<Inspected>,
        mapping: Mapping,
    ) -> Uuid {
        let now = Now { mapping, stage: Stage::Mapping, trial: None };
        let id = Uuid::now_v7();
        let draft = Draft { id, user, files, inspected, now: Mutex::new(now), made: Instant::now(), _folder: folder };
        let mut all = self.all();
        all.retain(|_, draft| draft.made.elapsed() < KEPT || matches!(draft.now().stage, Stage::Running { .. }));
        all.insert(id, Arc::new(draft));
        id
    }

    /// One that belongs to this person.
    pub fn get(&self, user: Uuid, id: Uuid) -> Result<Arc<Draft>, Failure> {
        self.all().get(&id).filter(|draft| draft.user == user).cloned().ok_or(Failure::NoPage)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Draft>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Draft {
    /// How far it is now.
    pub fn now(&self) -> Now {
        self.lock().clone()
    }

    /// Changes what is happening.
    pub fn change(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.lock());
    }

    /// Begins to run, unless it runs already.
    pub fn begin(&self, trial: bool) -> Option<(Control, Mapping)> {
        let mut now = self.lock();
        if matches!(now.stage, Stage::Running { .. } | Stage::Done(_)) {
            return None;
        }
        let control = Control::default();
        now.stage = Stage::Running { control: control.clone(), trial };
        Some((control, now.mapping.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
