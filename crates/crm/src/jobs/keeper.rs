//! Takes jobs in hand for as long as the server runs, one at a time.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use model::{Filter, Operator, Order};
use store::Row;
use tokio::time::timeout;
use uuid::Uuid;

use super::{COMPLETED, IN_PROGRESS, TABLE, run};
use crate::{App, Caller, Error, Result, import::Watch};

/// Between two looks at what other processes left.
const LOOK: Duration = Duration::from_secs(5);
/// Between two looks at uploads that were given up.
const TIDY: Duration = Duration::from_secs(600);
/// Jobs looked at in one go.
const MOST: u32 = 1_000;

/// A job as it was seen.
struct Seen {
    id: Uuid,
    version: i64,
    in_progress: bool,
}

/// Carries out jobs, for as long as the server runs; to be spawned by the process that serves. A job that
/// another process has in hand is left alone, unless its row does not change for as long as `silence`.
pub async fn keep_running(app: App, silence: Duration) {
    let mut watch = Watch::of(silence);
    let mut tidied: Option<Instant> = None;
    loop {
        match turn(&app, &mut watch, silence).await {
            Ok(true) => continue,
            Ok(false) if tidied.is_none_or(|at| at.elapsed() > TIDY) => {
                tidied = Some(Instant::now());
                if let Err(error) = app.uploads().tidy().await {
                    tracing::debug!(%error, "uploads that were given up could not be tidied away");
                }
            }
            Ok(false) => {}
            Err(Error::Unavailable(reason)) => tracing::debug!(reason, "jobs could not be looked for"),
            Err(error) => tracing::warn!(%error, "jobs could not be carried out; it is tried again"),
        }
        timeout(LOOK.min(silence), app.wake_jobs().notified()).await.ok();
    }
}

/// Carries out a turn of one job; false where none is to be done.
async fn turn(app: &App, watch: &mut Watch, silence: Duration) -> Result<bool> {
    let engine = app.engine().await?;
    let open = open(app, &engine).await?;
    let running: Vec<(Uuid, i64)> =
        open.iter().filter(|job| job.in_progress).map(|job| (job.id, job.version)).collect();
    let silent = watch.silent(&running, Instant::now());
    for job in open {
        if job.in_progress && !silent.contains(&(job.id, job.version)) {
            continue;
        }
        if run::carry_out(app, &engine, (job.id, job.version), silence).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Jobs that are not over and whose time has come: those that have not begun first, then the oldest.
async fn open(app: &App, engine: &Caller) -> Result<Vec<Seen>> {
    let due = Filter::Any(vec![
        Filter::unary("postponeuntil", Operator::Null),
        Filter::compare("postponeuntil", Operator::Le, Timestamp::now()),
    ]);
    let query = app
        .new_query(engine, TABLE)
        .select(["asyncoperationid", "versionnumber", "statuscode"])
        .matching(Filter::compare("statecode", Operator::Lt, COMPLETED))
        .matching(due)
        .order_by(Order::ascending("startedon"))
        .order_by(Order::ascending("createdon"))
        .take(MOST);
    let seen = |row: Row| {
        Some(Seen {
            id: row.value("asyncoperationid").as_id()?,
            version: row.value("versionnumber").as_whole()?,
            in_progress: row.value("statuscode").as_whole() == Some(IN_PROGRESS),
        })
    };
    Ok(app.query(engine, query).await?.to_rows().filter_map(seen).collect())
}
