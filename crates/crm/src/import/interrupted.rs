//! Imports whose process ended before them: found, told from those at work, and ended properly.
//!
//! A running import changes its job's row every few seconds. Whoever watches a job (a server all
//! the time, a command when it is asked about one) counts it as interrupted once its row has not
//! changed for [`SILENCE`] on the watcher's own steady clock. No time written by somebody else is
//! compared with, so clocks that differ or jump do no harm, nor does it matter which process or
//! machine ran the import.
//!
//! Being wrong does no harm either: who ends a job does so in a transaction that locks it and finds
//! it as it was watched, and an import at work looks at its job in each of its transactions. One
//! that was ended (its machine slept meanwhile) writes nothing any more.

use std::{
    collections::HashMap,
    path::Path,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use language::{Carried, text, tr};
use model::Filter;
use store::Row;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    Imports, InputFile, Standing,
    report::Report,
    run::{
        UNREACHED,
        failed::{LARGE_PART, LeftOut, put_together},
        heart::BEAT,
        job,
        ledger::Checkpoint,
        reading,
    },
    standing::Kept,
};
use crate::{App, Caller, Error, Origin, Result};

/// How long a job must have been watched without a sign of life, unless somebody says otherwise.
pub const SILENCE: Duration = Duration::from_secs(30);
/// The shortest time that tells anything: two signs of life could have been given.
const SHORTEST_SILENCE: Duration = BEAT.saturating_mul(2);
/// Between two looks of a command that waits.
const LOOK: Duration = Duration::from_secs(1);
/// How long an import at work gets to give a sign of life after the watcher itself could write:
/// what kept one from writing may have kept the other.
const GRACE: Duration = Duration::from_secs(10);

/// Ends interrupted imports as long as the application is open; for a server.
pub async fn keep_watch(app: App) {
    let mut watch = Watch::of(SILENCE);
    loop {
        match look(&app, &mut watch).await {
            Ok(()) => {}
            Err(Error::Unavailable(reason)) => {
                tracing::debug!(reason, "looking for interrupted imports failed");
            }
            Err(error) => tracing::warn!(%error, "looking for interrupted imports failed"),
        }
        tokio::time::sleep(BEAT).await;
    }
}

async fn look(app: &App, watch: &mut Watch) -> Result<()> {
    let engine = app.engine().await?;
    let running = running(app, &engine, None).await?;
    for (job, version) in watch.silent(&running, Instant::now()) {
        if end(app, &engine, job, version).await? {
            tracing::warn!(%job, "an import was interrupted: the process that ran it ended before it");
        }
    }
    Ok(())
}

impl Imports<'_> {
    /// Makes sure whether an import that looks at work is so, and ends it where it was
    /// interrupted: where it gives no sign of life for so long. Returns how it stands then. Takes some
    /// seconds for one at work, for an interrupted one some more than the silence.
    pub async fn make_sure(&self, caller: &Caller, number: Uuid, silence: Duration) -> Result<Standing> {
        let engine = self.app.engine().await?;
        let mut watch = Watch::of(silence.max(SHORTEST_SILENCE));
        let mut first = None;
        loop {
            let standing = self.standing(caller, number).await?;
            let running = running(self.app, &engine, Some(standing.job)).await?;
            let Some((job, version)) = running.first().copied().filter(|_| standing.at_work) else {
                return Ok(standing);
            };
            if *first.get_or_insert(version) != version {
                return Ok(standing);
            }
            if !watch.silent(&running, Instant::now()).is_empty() {
                end(self.app, &engine, job, version).await?;
                return self.standing(caller, number).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Jobs that look at work, with the version of their row.
async fn running(app: &App, engine: &Caller, only: Option<Uuid>) -> Result<Vec<(Uuid, i64)>> {
    let mut query = app
        .new_query(engine, "importjob")
        .select(["importjobid", "versionnumber"])
        .matching(Filter::eq("statecode", 0))
        .matching(Filter::eq("statuscode", job::IMPORTING))
        .take(1000);
    if let Some(job) = only {
        query = query.matching(Filter::eq("importjobid", job));
    }
    let found = app.query(engine, query).await?;
    let running = |row: Row| Some((row.value("importjobid").as_id()?, row.value("versionnumber").as_whole()?));
    Ok(found.to_rows().filter_map(running).collect())
}

/// What was seen of jobs that look at work.
#[derive(Debug)]
pub(crate) struct Watch {
    silence: Duration,
    seen: HashMap<Uuid, (i64, Instant)>,
}

impl Watch {
    /// Nothing was seen yet; a job is silent once it has not changed for so long.
    pub(crate) fn of(silence: Duration) -> Self {
        Self { silence, seen: HashMap::new() }
    }

    /// Takes note of the jobs as they are `now`; returns those that have not changed for too long.
    pub(crate) fn silent(&mut self, running: &[(Uuid, i64)], now: Instant) -> Vec<(Uuid, i64)> {
        self.seen.retain(|job, _| running.iter().any(|(running, _)| running == job));
        let mut silent = Vec::new();
        for (job, version) in running {
            let seen = self.seen.entry(*job).or_insert((*version, now));
            if seen.0 != *version {
                *seen = (*version, now);
            } else if now.duration_since(seen.1) >= self.silence {
                silent.push((*job, *version));
            }
        }
        silent
    }
}

/// Ends a job that gave no sign of life since its row had this version: tells what came in and
/// keeps the rows that nobody got to. False where it turned out to be at work, or was ended by
/// somebody else.
async fn end(app: &App, engine: &Caller, id: Uuid, version: i64) -> Result<bool> {
    let row = app.get(engine, "importjob", id, None).await?;
    if !is_as_watched(&row, version) {
        return Ok(false);
    }
    let kept = Kept::of(&row);
    let loaded = match kept.checkpoint {
        Some(checkpoint) => Checkpoint::load(app, engine, checkpoint).await?,
        None => None,
    };
    let (mut checkpoint, found) = loaded.unwrap_or_else(|| (unknown(&row, &kept), Vec::new()));
    checkpoint.report.interrupted = true;
    checkpoint.report.broke_off = Some(reason(&checkpoint));
    let former: Vec<Uuid> = parts(&checkpoint);
    if !checkpoint.report.dry_run {
        keep_unreached(app, engine, &mut checkpoint).await?;
    }
    put_parts_together(app, engine, &mut checkpoint).await?;
    tokio::time::sleep(GRACE).await;
    let added: Vec<Uuid> = parts(&checkpoint).into_iter().filter(|part| !former.contains(part)).collect();
    let replaced: Vec<Uuid> = former.into_iter().filter(|part| !parts(&checkpoint).contains(part)).collect();
    let on = ["heartbeaton", "modifiedon"].iter().find_map(|column| row.value(column).as_date_time());
    let ended = job::ended(&checkpoint.report, job::INTERRUPTED, on.unwrap_or_else(Timestamp::now), &kept.mapping);
    app.work(engine, Origin::Engine, move |work| {
        let unchanged = is_as_watched(&work.load("importjob", id)?, version);
        let file = kept.checkpoint.map(|file| work.writer().file(file)).transpose()?.flatten().unwrap_or_default();
        let interrupted = unchanged && file == found;
        for part in if interrupted { replaced } else { added } {
            work.writer().delete_file(part)?;
        }
        if interrupted {
            job::change(work, id, ended)?;
            if let Some(file) = kept.checkpoint {
                checkpoint.remove(work, file)?;
            }
        }
        Ok(interrupted)
    })
    .await
}

fn is_as_watched(job: &Row, version: i64) -> bool {
    job::is_at_work(job) && job.value("versionnumber").as_whole() == Some(version)
}

/// Of an import of an earlier release, which told less.
fn unknown(row: &Row, kept: &Kept) -> Checkpoint {
    let files = kept.left_out.iter().map(|(file, parts)| super::report::FileReport {
        file: file.clone(),
        failed_rows: parts.clone(),
        ..super::report::FileReport::default()
    });
    let report = Report {
        job: row.value("importjobid").as_id(),
        act: row.value("actid").as_id().unwrap_or_default(),
        dry_run: row.value("isdryrun").as_boolean().unwrap_or_default(),
        files: files.collect(),
        ..Report::default()
    };
    Checkpoint { report, ..Checkpoint::default() }
}

/// In English, as it is kept; looked up where it is shown.
fn reason(checkpoint: &Checkpoint) -> String {
    let reason = if checkpoint.finishing {
        text!(
            "the process that ran it ended before it; lookups to rows that came later and closings may not have been carried out"
        )
    } else {
        text!("the process that ran it ended before it")
    };
    reason.to_owned()
}

fn parts(checkpoint: &Checkpoint) -> Vec<Uuid> {
    checkpoint.report.files.iter().flat_map(|file| file.failed_rows.clone()).collect()
}

/// Keeps the rows that nobody got to, from the copies of the files.
async fn keep_unreached(app: &App, engine: &Caller, checkpoint: &mut Checkpoint) -> Result<()> {
    let no_room = |error: std::io::Error| Error::File(tr!("there is no room for a file: {error}", error));
    let folder = tempfile::tempdir().map_err(no_room)?;
    for (place, (report, state)) in checkpoint.report.files.iter_mut().zip(&checkpoint.files).enumerate() {
        let Some(source) = state.source else { continue };
        let path = folder.path().join(format!("{place}{}", ending(&report.file)));
        let told = |reason: &str| {
            tr!(
                "rows behind row {row} may not have been reached, and cannot be shown: {reason}",
                row = state.reached,
                reason
            )
        };
        if !source.fetch(app, engine, path.clone()).await? {
            report.notes.push(told(&tr!("the file itself was not kept to its end")));
            continue;
        }
        let (send, mut receive) = mpsc::channel::<Vec<Vec<String>>>(3);
        let input = InputFile::called(report.file.as_str(), path);
        let (read, reached, language) = (state.read.clone(), state.reached, Carried::here());
        let reading = tokio::task::spawn_blocking(move || {
            language.in_scope(|| reading::read_behind(&input, &read, reached, &send))
        });
        let mut left_out = LeftOut::new(&state.headers, LARGE_PART);
        while let Some(rows) = receive.recv().await {
            report.unreached += rows.len() as u64;
            left_out.add(rows.iter().map(|cells| (cells.as_slice(), UNREACHED)), &mut report.failed_rows)?;
            if left_out.is_full() {
                store(app, engine, &mut left_out, &report.failed_rows).await?;
            }
        }
        store(app, engine, &mut left_out, &report.failed_rows).await?;
        let read = reading.await.map_err(|error| Error::File(error.to_string())).and_then(|read| read);
        if let Err(error) = read {
            report.notes.push(told(&error.to_string()));
        }
    }
    Ok(())
}

/// How a name ends: `.xlsx`.
fn ending(name: &str) -> String {
    let ending = Path::new(name).extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
    let plain: String = ending.chars().filter(char::is_ascii_alphanumeric).take(5).collect();
    if plain.is_empty() { plain } else { format!(".{plain}") }
}

async fn store(app: &App, engine: &Caller, left_out: &mut LeftOut, parts: &[Uuid]) -> Result<()> {
    let (Some(bytes), Some(part)) = (left_out.take(), parts.last().copied()) else { return Ok(()) };
    app.work(engine, Origin::Engine, move |work| Ok(work.writer().put_file(part, &bytes)?)).await
}

async fn put_parts_together(app: &App, engine: &Caller, checkpoint: &mut Checkpoint) -> Result<()> {
    for report in &mut checkpoint.report.files {
        let Some(whole) = put_together(app, engine, &report.failed_rows).await? else { continue };
        let id = Uuid::now_v7();
        app.work(engine, Origin::Engine, move |work| Ok(work.writer().put_file(id, &whole)?)).await?;
        report.failed_rows = vec![id];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_silent_only_after_it_was_watched_long_enough_without_a_change() {
        let (began, job) = (Instant::now(), Uuid::now_v7());
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        let mut watch = Watch::of(SILENCE);
        assert!(watch.silent(&[(job, 7)], at(0)).is_empty(), "seen for the first time");
        assert!(watch.silent(&[(job, 7)], at(29)).is_empty());
        assert!(watch.silent(&[(job, 8)], at(29)).is_empty(), "it gave a sign of life");
        assert!(watch.silent(&[(job, 8)], at(58)).is_empty());
        assert_eq!(watch.silent(&[(job, 8)], at(59)), [(job, 8)]);
        assert!(watch.silent(&[], at(60)).is_empty());
        assert!(watch.silent(&[(job, 8)], at(99)).is_empty(), "it was gone meanwhile and is watched anew");
    }
}
