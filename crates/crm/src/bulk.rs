//! One thing done to many rows.
//!
//! It is one act, which is undone as a whole, in several short transactions, so that others write
//! in between however many rows there are. Each row is its own part: one that is refused stays as it
//! is, with the reason, and the others go on.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use language::tr;
use model::{Filter, Order};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{App, Caller, Error, Origin, Result, format::Style, records::Work};

/// Most rows of one act: what one person still oversees, and undoes as a whole.
pub const MOST_ROWS: usize = 10_000;
/// Rows of one transaction.
pub(crate) const TOGETHER: usize = 100;
/// Keys read at once.
const READ: u32 = 5_000;

/// Which rows of a table.
#[derive(Debug, Clone)]
pub enum Selection {
    /// These.
    Rows(Vec<Uuid>),
    /// All that satisfy a filter at this moment, as the caller may see them.
    Matching(Filter),
}

/// How far it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows that were done or refused.
    pub processed: usize,
    /// Rows among them that were left as they are.
    pub refused: usize,
    /// All rows.
    pub total: usize,
}

/// A handle on what is being done: to watch it and to stop it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Control {
    cancel: Arc<AtomicBool>,
    progress: watch::Sender<Progress>,
}

/// What became of the rows.
#[derive(Debug, Default)]
pub struct Done {
    /// The act, by which it is undone; none where no row was changed.
    pub act: Option<Uuid>,
    /// Rows it was done to.
    pub succeeded: usize,
    /// Rows that were left as they are, each with the reason.
    pub refused: Vec<(Uuid, Error)>,
    /// Rows that were not reached, because somebody stopped it, the user was disabled or the database failed.
    pub left: usize,
    /// Why it broke off, where it did; what was done until then stays and can be undone.
    pub broken: Option<Error>,
}

impl Default for Control {
    fn default() -> Self {
        Self { cancel: Arc::default(), progress: watch::Sender::new(Progress::default()) }
    }
}

impl Control {
    /// Of something that is going to be done to so many rows.
    pub fn of(total: usize) -> Self {
        Self { progress: watch::Sender::new(Progress { total, ..Progress::default() }), ..Self::default() }
    }

    /// Stops it behind the rows at work. What is done stays and can be undone.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// True once somebody stopped it.
    pub fn is_canceled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        *self.progress.borrow()
    }
}

impl App {
    /// The rows of a selection, each once.
    ///
    /// # Errors
    /// [`Error::Refused`] where there are more than [`MOST_ROWS`].
    pub async fn selected(&self, caller: &Caller, table: &str, selection: Selection) -> Result<Vec<Uuid>> {
        let mut rows = match selection {
            Selection::Rows(rows) => rows,
            Selection::Matching(filter) => self.keys_of(caller, table, filter).await?,
        };
        let mut known = HashSet::with_capacity(rows.len());
        rows.retain(|row| known.insert(*row));
        if rows.len() > MOST_ROWS {
            let most = Style::of(caller).number(MOST_ROWS.into(), 0);
            return Err(Error::refused(tr!(
                "these are more than {most} rows, the most that are changed at once; narrow the list by a filter",
                most
            )));
        }
        Ok(rows)
    }

    /// The keys of all rows that satisfy a filter, or of one more than may be changed at once.
    async fn keys_of(&self, caller: &Caller, table: &str, filter: Filter) -> Result<Vec<Uuid>> {
        let known = self.table(table)?;
        let key = known.primary_key.as_str();
        let mut query =
            self.new_query(caller, table).select([key]).matching(filter).order_by(Order::ascending(key)).take(READ);
        let mut keys = Vec::new();
        loop {
            let rows = self.query(caller, query.clone()).await?;
            keys.extend(rows.rows.iter().filter_map(|row| row.first().and_then(model::Value::as_id)));
            query.page.cursor = rows.next;
            if query.page.cursor.is_none() || keys.len() > MOST_ROWS {
                return Ok(keys);
            }
        }
    }

    /// Does `one` to each of these rows of a table, in the name of a user.
    ///
    /// What the user may do is looked up again from batch to batch: it ends where they are disabled
    /// or lose a role meanwhile.
    ///
    /// # Errors
    /// Where the database fails, or the user is nobody by now, before any row was done.
    pub async fn for_each(
        &self,
        user: Uuid,
        origin: Origin,
        (table, rows): (&str, Vec<Uuid>),
        control: &Control,
        one: impl Fn(&mut Work<'_, '_>, &str, Uuid) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Done> {
        let (one, total) = (Arc::new(one), rows.len());
        let (mut done, mut act) = (Done::default(), None);
        control.progress.send_modify(|progress| progress.total = total);
        for batch in rows.chunks(TOGETHER) {
            if control.is_canceled() {
                break;
            }
            let (table, batch, one) = (table.to_owned(), batch.to_vec(), Arc::clone(&one));
            let batch = move |work: &mut Work<'_, '_>| {
                if let Some(act) = act {
                    work.belongs_to(act);
                }
                Ok((work.act(), each(work, &table, batch, &*one)?))
            };
            let results = match self.caller(user).await {
                Ok(caller) => self.work(&caller, origin, batch).await,
                Err(error) => Err(error),
            };
            match results {
                Ok((number, results)) => {
                    act = Some(number);
                    done.take(results);
                }
                Err(error) if done.succeeded == 0 => return Err(error),
                Err(error) => {
                    done.broken = Some(error);
                    break;
                }
            }
            let (processed, refused) = (done.succeeded + done.refused.len(), done.refused.len());
            control.progress.send_replace(Progress { processed, refused, total });
        }
        done.act = act.filter(|_| done.succeeded > 0);
        done.left = total - done.succeeded - done.refused.len();
        Ok(done)
    }
}

/// The rows of one transaction, each in its own part.
pub(crate) fn each(
    work: &mut Work<'_, '_>,
    table: &str,
    rows: Vec<Uuid>,
    one: &(dyn Fn(&mut Work<'_, '_>, &str, Uuid) -> Result<()> + Sync),
) -> Result<Vec<(Uuid, Result<()>)>> {
    let mut results = Vec::with_capacity(rows.len());
    for row in rows {
        let result = work.attempt(|work| one(work, table, row))?;
        if let Err(Error::Store(error)) = result {
            return Err(Error::Store(error));
        }
        results.push((row, result));
    }
    Ok(results)
}

impl Done {
    fn take(&mut self, results: Vec<(Uuid, Result<()>)>) {
        for (row, result) in results {
            match result {
                Ok(()) => self.succeeded += 1,
                Err(error) => self.refused.push((row, error)),
            }
        }
    }
}
