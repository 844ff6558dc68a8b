//! System jobs: work that goes on in the background after the request that began it was answered. A
//! job is a row of `asyncoperation`, which says what is to be done, how far it is and what became of it.
//!
//! A job is carried out by whichever process that serves takes it in hand ([`keep_running`]), with the
//! rights its beginner has at that moment, in short transactions. Each writes with the rows how far the
//! job is, so that a job whose process ends is gone on with where it was.

mod heart;
mod keeper;
mod rules;
mod run;
mod task;

use jiff::Timestamp;
use language::tr;
use model::Filter;
use store::{Query, Row, Scope};
use uuid::Uuid;

pub use keeper::keep_running;
pub(crate) use rules::{after_delete, before_create, before_update};
use task::Task;

use crate::{App, Caller, Error, Origin, Result, access::Standing};

/// The table of jobs.
pub const TABLE: &str = "asyncoperation";
/// Most queries of one job.
pub const MOST_QUERIES: usize = 20;
/// Most jobs of one person that are not over.
const MOST_OPEN: usize = 50;

/// `operationtype` of a job that deletes rows.
const BULK_DELETE: i64 = 13;
/// `statecode` of a job that is over.
const COMPLETED: i64 = 3;
/// `statuscode` of a job that nobody has in hand.
const READY: i64 = 0;
/// `statuscode` of a job that waits for its time.
const WAITING: i64 = 10;
/// `statuscode` of a job somebody has in hand.
const IN_PROGRESS: i64 = 20;
/// `statuscode` of a job that was carried out, though rows may have been refused.
const SUCCEEDED: i64 = 30;
/// `statuscode` of a job that broke off.
const FAILED: i64 = 31;
/// `statuscode` of a job that somebody ended.
const CANCELED: i64 = 32;

/// Rows of a table.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RowsOf {
    /// The table's logical name.
    pub table: String,
    /// Which of its rows.
    pub filter: Filter,
}

/// Rows to be deleted in the background.
#[derive(Debug, Clone)]
pub struct BulkDelete {
    /// What the job is called.
    pub name: String,
    /// The rows, one query after the other.
    pub queries: Vec<RowsOf>,
    /// Not before this moment.
    pub not_before: Option<Timestamp>,
}

/// What can be done about jobs.
pub struct Jobs<'a> {
    app: &'a App,
}

impl App {
    /// System jobs.
    pub const fn jobs(&self) -> Jobs<'_> {
        Jobs { app: self }
    }
}

impl Jobs<'_> {
    /// Begins a job that deletes rows in the caller's name; its number. What the rows are is found out
    /// when it runs, and each row is asked about by itself: what the caller may not delete, stays.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where no role lets the caller begin jobs, [`Error::Refused`] where too many
    /// of theirs are not over.
    pub async fn bulk_delete(&self, caller: &Caller, origin: Origin, wanted: BulkDelete) -> Result<Uuid> {
        if wanted.queries.is_empty() || wanted.queries.len() > MOST_QUERIES {
            return Err(Error::refused(tr!("a job takes 1 to {} queries", MOST_QUERIES)));
        }
        let first = &wanted.queries[0].table;
        let only = wanted.queries.iter().all(|query| query.table == *first).then(|| first.clone());
        let task = Task { by: Standing::of(caller), queries: wanted.queries };
        let waits = wanted.not_before.is_some_and(|moment| moment > Timestamp::now());
        let row = Row::new()
            .with("name", wanted.name)
            .with("operationtype", BULK_DELETE)
            .with("primaryentitytype", only)
            .with("postponeuntil", wanted.not_before)
            .with("statuscode", if waits { WAITING } else { READY });
        let (id, user) = (Uuid::now_v7(), caller.user);
        let kept = task.kept(id)?;
        let begun = self.app.work(caller, origin, move |work| {
            // By whoever began them, of whatever owner they are by now.
            let open = Filter::eq("createdby", user).and(Filter::compare("statecode", model::Operator::Lt, COMPLETED));
            let open = Query::of(TABLE, Scope::default().into(), work.caller().zone())
                .select(["asyncoperationid"])
                .matching(open)
                .take(u32::try_from(MOST_OPEN).unwrap_or(u32::MAX));
            if work.query(&open)?.len() >= MOST_OPEN {
                return Err(Error::refused(tr!(
                    "{} jobs of yours are not over yet; wait for them or cancel some",
                    MOST_OPEN
                )));
            }
            let table = work.table(TABLE)?;
            work.create_trusted(&table, Some(id), row)?;
            Ok(work.writer().put_secret(&kept)?)
        });
        begun.await?;
        self.app.wake_jobs().notify_one();
        Ok(id)
    }
}
