//! What is being done to many rows, and what became of it, for the page that tells it. It lives in
//! memory; what was done stands in the history and is undone by its act.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crm::bulk::Control;
use uuid::Uuid;

use crate::{failure::Failure, view::bulk::Report};

/// How long a report is kept.
const KEPT: Duration = Duration::from_secs(3600);
/// Most reports kept; the oldest go first.
const MOST: usize = 200;
/// Most of them of one person, who would push out those of the others.
const OF_ONE: usize = 10;
/// Most that one person has under way at once.
const AT_ONCE: usize = 3;

/// All of them in this process.
#[derive(Clone, Default)]
pub(crate) struct Tasks(Arc<Mutex<HashMap<Uuid, Arc<Task>>>>);

/// One thing done to many rows.
pub(crate) struct Task {
    /// Whose it is.
    pub user: Uuid,
    /// Logical name of the table.
    pub table: String,
    /// What is done, in the past: `assigned to Anna Weber`.
    pub verb: String,
    /// Where one was.
    pub back: String,
    pub control: Control,
    made: Instant,
    report: Mutex<Option<Arc<Report>>>,
}

impl Task {
    /// A new one with so many rows, not yet begun.
    pub fn new(user: Uuid, (table, rows): (&str, usize), verb: &str, back: String) -> Self {
        Self {
            user,
            table: table.to_owned(),
            verb: verb.to_owned(),
            back,
            control: Control::of(rows),
            made: Instant::now(),
            report: Mutex::default(),
        }
    }

    /// What became of it; none while it is under way.
    pub fn report(&self) -> Option<Arc<Report>> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells what became of it.
    pub fn end(&self, report: Report) {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(report));
    }
}

impl Tasks {
    /// Keeps one; returns its number.
    pub fn add(&self, task: Arc<Task>) -> Uuid {
        let id = Uuid::now_v7();
        let mut all = self.all();
        all.retain(|_, task| task.made.elapsed() < KEPT || task.report().is_none());
        make_room(&mut all, OF_ONE, |known| known.user == task.user);
        make_room(&mut all, MOST, |_| true);
        all.insert(id, task);
        id
    }

    /// One that belongs to this person.
    pub fn get(&self, user: Uuid, id: Uuid) -> Result<Arc<Task>, Failure> {
        self.all().get(&id).filter(|task| task.user == user).cloned().ok_or(Failure::NoPage)
    }

    /// Whether the person has as much under way as one may.
    pub fn is_busy(&self, user: Uuid) -> bool {
        self.all().values().filter(|task| task.user == user && task.report().is_none()).count() >= AT_ONCE
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Task>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the oldest of these that are done, until one more is no more than `most`.
fn make_room(all: &mut HashMap<Uuid, Arc<Task>>, most: usize, among: impl Fn(&Task) -> bool) {
    while all.values().filter(|task| among(task)).count() >= most {
        let done = all.iter().filter(|(_, task)| among(task) && task.report().is_some());
        // Numbers grow with time.
        let Some(oldest) = done.map(|(id, _)| *id).min() else { return };
        all.remove(&oldest);
    }
}
