//! Carrying a job out.

use std::{collections::HashSet, time::Duration};

use jiff::Timestamp;
use model::{Filter, Operator, Order, Table, Value};
use store::{Cursor, Row};
use uuid::Uuid;

use super::{
    COMPLETED, FAILED, IN_PROGRESS, READY, SUCCEEDED, TABLE,
    heart::Heart,
    task::{Place, Task},
};
use crate::{
    App, Caller, Error, Origin, Result,
    bulk::{self, MOST_ROWS, TOGETHER},
    records::Work,
};

/// Longest message, in characters; as the column is declared.
const LONGEST: usize = 10_000;
/// Reasons of refusals that are told.
const REASONS: usize = 20;

/// Batches after which a job lets others go first that have not begun yet.
const TURN: usize = 8;

/// How a turn of a job ends.
enum Turn {
    /// All of it is done.
    Done,
    /// There is more to be done, but it is the others' turn.
    Over,
    /// Somebody canceled or deleted the job, or has it in hand by now.
    Lost,
}

/// A job in hand.
struct Running {
    id: Uuid,
    claim: Uuid,
    task: Task,
    place: Place,
    /// When the job was taken in hand for the first time.
    started: Value,
}

/// Takes a job in hand and carries out what one turn of it allows; false where somebody else has it, or it is
/// not to be done any more. Others take it over where they see no sign of life for as long as `silence`.
///
/// # Errors
/// Where the database fails: the job stays in progress, and is gone on with.
pub(super) async fn carry_out(
    app: &App,
    engine: &Caller,
    (id, version): (Uuid, i64),
    silence: Duration,
) -> Result<bool> {
    let Some((job, task)) = claim(app, engine, id, version).await? else { return Ok(false) };
    let mut running = match task {
        Ok(task) => Running {
            id,
            claim: job.value("claim").as_id().unwrap_or_default(),
            task,
            place: Place::of(&job),
            started: job.value("startedon").clone(),
        },
        Err(error) => {
            finish(app, engine, id, job.value("claim").as_id(), FAILED, Some(error.to_string())).await?;
            return Ok(true);
        }
    };
    let heart = Heart::start(app, engine, (id, running.claim), silence);
    let turn = running.turn(app).await;
    drop(heart);
    match turn {
        Ok(Turn::Done) => finish(app, engine, id, Some(running.claim), SUCCEEDED, None).await?,
        Ok(Turn::Over) => give_back(app, engine, id, running.claim).await?,
        Ok(Turn::Lost) => {}
        Err(error @ (Error::Unavailable(_) | Error::Uncertain(_))) => return Err(error),
        Err(error) => {
            tracing::warn!(%error, job = %id, "a job broke off");
            finish(app, engine, id, Some(running.claim), FAILED, Some(told(&error))).await?;
        }
    }
    Ok(true)
}

/// What the job says of a failure; those of the machine stand in the log.
fn told(error: &Error) -> String {
    match error {
        Error::Store(_) => "The server could not go on; the administrator finds the reason in the log.".to_owned(),
        Error::NotSignedIn => {
            "Whoever began the job, or the program it was begun by, is disabled or not let in any more.".to_owned()
        }
        other => other.to_string(),
    }
}

/// The job's row as it is in hand, and what is to be done; none where it is not as it was seen.
async fn claim(app: &App, engine: &Caller, id: Uuid, version: i64) -> Result<Option<(Row, Result<Task>)>> {
    app.work(engine, Origin::Engine, move |work| {
        let table = work.table(TABLE)?;
        let Some(row) = work.writer().lock(TABLE, id)? else { return Ok(None) };
        let is_as_seen = row.value("versionnumber").as_whole() == Some(version);
        if !is_as_seen || row.value("statecode").as_whole() == Some(COMPLETED) {
            return Ok(None);
        }
        let mut changes = Row::new().with("statecode", 2).with("statuscode", IN_PROGRESS).with("claim", Uuid::now_v7());
        if !row.has("startedon") {
            changes.set("startedon", work.now());
        }
        let task = match Task::of(work, id) {
            Err(Error::Store(error)) => return Err(Error::Store(error)),
            task => task,
        };
        Ok(Some((work.write_row(&table, &row, changes)?, task)))
    })
    .await
}

/// Writes what became of a job, unless it is somebody else's by now.
async fn finish(
    app: &App,
    engine: &Caller,
    id: Uuid,
    claim: Option<Uuid>,
    status: i64,
    message: Option<String>,
) -> Result<()> {
    app.work(engine, Origin::Engine, move |work| {
        let Some(row) = in_hand(work, id, claim)? else { return Ok(()) };
        let table = work.table(TABLE)?;
        let mut changes = Row::new()
            .with("statecode", COMPLETED)
            .with("statuscode", status)
            .with("completedon", Timestamp::now())
            .with("claim", Value::Null);
        if let Some(message) = message {
            changes.set("message", with_line(row.text("message"), &message));
        }
        if row.value("successcount").as_whole() == Some(0) {
            changes.set("actid", Value::Null);
            changes.set("acts", Value::Null);
        }
        Task::forget(work, id)?;
        work.write_row(&table, &row, changes).map(drop)
    })
    .await
}

/// Lets others take the job, and what has not begun yet go before it.
async fn give_back(app: &App, engine: &Caller, id: Uuid, claim: Uuid) -> Result<()> {
    app.work(engine, Origin::Engine, move |work| {
        let Some(row) = in_hand(work, id, Some(claim))? else { return Ok(()) };
        let table = work.table(TABLE)?;
        let changes = Row::new().with("statecode", 0).with("statuscode", READY).with("claim", Value::Null);
        work.write_row(&table, &row, changes).map(drop)
    })
    .await
}

/// The job's row, locked, where it is still in this hand.
pub(super) fn in_hand(work: &mut Work<'_, '_>, id: Uuid, claim: Option<Uuid>) -> Result<Option<Row>> {
    let row = work.writer().lock(TABLE, id)?;
    Ok(row.filter(|row| row.value("statuscode").as_whole() == Some(IN_PROGRESS) && row.value("claim").as_id() == claim))
}

impl Running {
    /// What is still to be done, as far as one turn goes.
    async fn turn(&mut self, app: &App) -> Result<Turn> {
        for _ in 0..TURN {
            if self.place.query >= self.task.queries.len() {
                return Ok(Turn::Done);
            }
            let caller = app.standing(&self.task.by).await?;
            let (rows, next) = self.rows(app, &caller).await?;
            let place = match next {
                Some(next) => Place { query: self.place.query, behind: Some(next.token) },
                None => Place { query: self.place.query + 1, behind: None },
            };
            if !rows.is_empty() && !self.batch(app, &caller, rows, &place).await? {
                return Ok(Turn::Lost);
            }
            self.place = place;
        }
        Ok(Turn::Over)
    }

    /// The next rows, as whoever began the job may see them now.
    async fn rows(&self, app: &App, caller: &Caller) -> Result<(Vec<Uuid>, Option<Cursor>)> {
        let table = app.table(&self.task.queries[self.place.query].table)?;
        let key = table.primary_key.as_str();
        let mut query = app
            .new_query(caller, &table.name)
            .select([key])
            .matching(self.meant(&table))
            .order_by(Order::ascending(key))
            .take(u32::try_from(TOGETHER).unwrap_or(u32::MAX));
        query.page.cursor = self.place.behind.clone().map(|token| Cursor { token, backwards: false });
        let found = app.query(caller, query).await?;
        // A job does not delete itself.
        let keys = found.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)).filter(|id| *id != self.id);
        let keys = keys.collect();
        Ok((keys, found.next))
    }

    /// The rows of the query at hand. Those that came in after the job began are none of its, however
    /// long it takes.
    fn meant(&self, table: &Table) -> Filter {
        let filter = self.task.queries[self.place.query].filter.clone();
        if self.started.is_null() || table.column("createdon").is_none() {
            return filter;
        }
        filter.and(Filter::compare("createdon", Operator::Le, self.started.clone()))
    }

    /// Deletes rows and writes how far the job is by that, in one transaction; false where it was taken
    /// out of this hand. Rows that somebody changed since they were looked for, so that they are not
    /// meant any more, stay.
    async fn batch(&self, app: &App, caller: &Caller, rows: Vec<Uuid>, place: &Place) -> Result<bool> {
        let (id, claim, place) = (self.id, self.claim, place.written());
        let table = app.table(&self.task.queries[self.place.query].table)?;
        let meant = self.meant(&table).and(Filter::is_in(table.primary_key.as_str(), rows.iter().copied()));
        app.work(caller, Origin::WebApi, move |work| {
            let Some(job) = in_hand(work, id, Some(claim))? else { return Ok(false) };
            let still = work.find(&table.name, meant, &[&table.primary_key])?;
            let still: HashSet<Uuid> = still.iter().filter_map(|row| row.value(&table.primary_key).as_id()).collect();
            let rows: Vec<Uuid> = rows.into_iter().filter(|row| still.contains(row)).collect();
            // The rows are of one act, by which they are undone; what the job says of itself is none of it.
            let (act, acts) = act_of(&job);
            let own = work.act();
            work.belongs_to(act);
            let results = bulk::each(work, &table.name, rows, &|work, table, row| work.delete(table, row, None))?;
            work.belongs_to(own);
            let changes = counted(&job, &results).with("place", place).with("actid", act).with("acts", acts);
            let jobs = work.table(TABLE)?;
            work.write_row(&jobs, &job, changes)?;
            Ok(true)
        })
        .await
    }
}

/// The act that the next rows belong to, and all of the job by then, one a line. An act is undone in one
/// transaction, so that there is another after as many rows as people change at once.
fn act_of(job: &Row) -> (Uuid, String) {
    let acts = job.text("acts");
    let done = job.value("successcount").as_whole().and_then(|done| usize::try_from(done).ok()).unwrap_or_default();
    match job.value("actid").as_id() {
        Some(act) if done < acts.lines().count() * MOST_ROWS => (act, acts.to_owned()),
        _ => {
            let act = Uuid::now_v7();
            (act, if acts.is_empty() { act.to_string() } else { format!("{acts}\n{act}") })
        }
    }
}

/// What a job says once these rows are dealt with. A row that went meanwhile, with another perhaps, is no
/// failure.
fn counted(job: &Row, results: &[(Uuid, Result<()>)]) -> Row {
    let count = |column: &str| job.value(column).as_whole().unwrap_or_default();
    let (mut done, mut failed, mut message) =
        (count("successcount"), count("failurecount"), job.text("message").to_owned());
    for (row, result) in results {
        match result {
            Ok(()) => done += 1,
            Err(Error::NotFound { id, .. }) if id == row => {}
            Err(error) => {
                failed += 1;
                if message.lines().count() < REASONS {
                    message = with_line(&message, &format!("{row}: {error}"));
                }
            }
        }
    }
    let message = if message.is_empty() { Value::Null } else { Value::Text(message) };
    Row::new().with("successcount", done).with("failurecount", failed).with("message", message)
}

fn with_line(message: &str, line: &str) -> String {
    let joined = if message.is_empty() { line.to_owned() } else { format!("{message}\n{line}") };
    joined.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_of_many_rows_is_several_acts() {
        let job = |done: usize, (act, acts): &(Uuid, String)| {
            let done = i64::try_from(done).unwrap();
            Row::new().with("successcount", done).with("actid", *act).with("acts", acts.as_str())
        };
        let first = act_of(&Row::new());
        assert_eq!(first.1, first.0.to_string());
        assert_eq!(act_of(&job(MOST_ROWS - 1, &first)), first);
        let second = act_of(&job(MOST_ROWS, &first));
        assert_eq!(second.1, format!("{}\n{}", first.0, second.0));
        assert_eq!(act_of(&job(2 * MOST_ROWS - 1, &second)), second);
    }
}
