//! Carrying an import out: file after file, some hundred rows a transaction.

mod batch;
mod closing;
mod control;
mod failed;
pub(super) mod job;
mod parties;
mod pending;
mod references;
mod resolve;
mod row;
mod session;

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use model::{Filter, Model, Reference};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    InputFile,
    compile::{Compiled, Ground},
    customise,
    finder::Finder,
    plan::Mapping,
    prepare::Prepared,
    report::{FileReport, Report},
    scan,
};
use crate::{App, Caller, Error, Origin, Result, access};
use batch::Care;
pub use control::{Control, Progress};
use failed::FailedRows;
use job::{Beginning, Job};
use pending::Waiting;
use session::{Done, State, concerns_the_row};

/// Rows a transaction.
const BATCH: usize = 500;
/// Batches read ahead while one is written.
const AHEAD: usize = 3;
/// Batches between two writings of the job's progress.
const PROGRESS: u64 = 10;
/// Batches with mistakes in a row after which rows are written one by one at once.
const PATIENCE: u32 = 3;

/// The reason beside rows that nobody got to.
const UNREACHED: &str = "not reached: the import ended before this row";

/// How an import runs.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Everything is done and taken back; the report says what would have been.
    pub dry_run: bool,
    /// The `importmap` row the mapping comes from.
    pub saved_mapping: Option<Uuid>,
}

/// One import at work.
#[expect(clippy::struct_field_names, reason = "to dry run is what it is called")]
struct Run<'a> {
    app: &'a App,
    caller: Caller,
    origin: Origin,
    act: Uuid,
    dry_run: bool,
    control: Control,
    state: Arc<Mutex<State>>,
    job: Job,
    batches: u64,
    processed: u64,
}

/// Brings the files in as the mapping says.
pub(super) async fn run(
    app: &App,
    caller: &Caller,
    origin: Origin,
    files: Vec<InputFile>,
    mapping: Mapping,
    options: RunOptions,
    control: Control,
) -> Result<Report> {
    let began = Instant::now();
    let (words, files) = scan_all(files, mapping.clone()).await?;
    control.expect(words.rows);
    let act = Uuid::now_v7();
    let present = app.model();
    let added = customise::needed(&present, &app.store().overlay(), &mapping, &words)?;
    let model = match (added.told.is_empty(), options.dry_run) {
        (true, _) => app.model(),
        (false, true) => Arc::new(Model::merge(&added.overlay, app.model().version + 1)?),
        (false, false) => {
            access::require_administrator(caller, "add columns or options, which this import needs")?;
            // Everything is checked against the model to come before it is put in force.
            let future = Model::merge(&added.overlay, app.model().version + 1)?;
            compile_all(&future, caller, &mut Finder::default(), &files, &mapping, &words)?;
            app.customization().publish_over(caller, present.version, added.overlay).await?
        }
    };
    let mut state = State {
        finder: Finder::default(),
        waiting: Waiting::default(),
        made: HashSet::new(),
        imagined: HashSet::new(),
        imagined_keys: HashMap::new(),
        renamed: HashMap::new(),
        known: HashSet::new(),
        closes_later: false,
        default_owner: default_owner(app, caller).await?,
        root_business_unit: caller.organization().root_business_unit,
        dry_run: options.dry_run,
    };
    let compiled = compile_all(&model, caller, &mut state.finder, &files, &mapping, &words)?;
    state.finder.load(app, caller).await?;
    let beginning = Beginning {
        mapping: &mapping,
        act,
        dry_run: options.dry_run,
        rows: words.rows,
        bytes: words.bytes,
        saved_mapping: options.saved_mapping,
        owner: state.default_owner.clone(),
    };
    let job = Job::begin(app, caller, origin, beginning).await?;
    let mut report = Report {
        job: Some(job.id),
        act,
        dry_run: options.dry_run,
        customisations: added.told,
        left_out: mapping.left_out.clone(),
        ..Report::default()
    };
    let state = Arc::new(Mutex::new(state));
    let mut run = Run {
        app,
        caller: caller.clone(),
        origin,
        act,
        dry_run: options.dry_run,
        control,
        state,
        job,
        batches: 0,
        processed: 0,
    };
    let result = run.all(compiled, &mut report).await;
    report.seconds = began.elapsed().as_secs_f64();
    if let Err(error) = result {
        // What is in stays and can be undone; rows that did not come in are kept all the same.
        report.broke_off = Some(error.to_string());
        return match run.job.finish(app, caller, origin, &report, &mapping).await {
            Ok(()) => Ok(report),
            // Not even that can be written: the first reason is the one that helps.
            Err(_) => Err(error),
        };
    }
    run.job.finish(app, caller, origin, &report, &mapping).await?;
    Ok(report)
}

/// Files are read on a thread where waiting is allowed.
async fn scan_all(files: Vec<InputFile>, mapping: Mapping) -> Result<(scan::Words, Vec<InputFile>)> {
    tokio::task::spawn_blocking(move || scan::scan(&files, &mapping).map(|words| (words, files)))
        .await
        .map_err(|error| Error::File(format!("the files could not be read: {error}")))?
}

fn compile_all(
    model: &Model,
    caller: &Caller,
    finder: &mut Finder,
    files: &[InputFile],
    mapping: &Mapping,
    words: &scan::Words,
) -> Result<Vec<Compiled>> {
    let mut ground = Ground { model, zone: caller.time_zone.clone(), coming: HashSet::new() };
    let mut compiled = Vec::with_capacity(mapping.files.len());
    for (place, plan) in mapping.files.iter().enumerate() {
        ground.coming = mapping.files[place..].iter().map(|plan| plan.table.clone()).collect();
        let headers = words.headers.get(&plan.name).cloned().unwrap_or_default();
        compiled.push(Compiled::new(&ground, finder, scan::find(files, &plan.name)?, headers, plan)?);
    }
    Ok(compiled)
}

/// Whom rows belong to that have no owner in the file: the caller, or where the engine itself
/// imports, the first administrator.
async fn default_owner(app: &App, caller: &Caller) -> Result<Option<Reference>> {
    if !caller.user.is_nil() {
        return Ok(Some(Reference::new("systemuser", caller.user)));
    }
    let role = app
        .query(
            caller,
            app.new_query(caller, "role")
                .select(["roleid"])
                .matching(Filter::eq("name", access::ADMINISTRATOR))
                .take(1),
        )
        .await?;
    let Some(role) = role.rows.first().and_then(|row| row.first()).and_then(model::Value::as_id) else {
        return Ok(None);
    };
    let holders = app
        .new_query(caller, "systemuserroles")
        .select(["systemuserid"])
        .matching(Filter::eq("roleid", role))
        .take(5000);
    let holders: Vec<Uuid> = app
        .query(caller, holders)
        .await?
        .rows
        .iter()
        .filter_map(|row| row.first().and_then(model::Value::as_id))
        .collect();
    if holders.is_empty() {
        return Ok(None);
    }
    let first = app
        .new_query(caller, "systemuser")
        .select(["systemuserid"])
        .matching(Filter::is_in("systemuserid", holders))
        .order_by(model::Order::ascending("createdon"))
        .take(1);
    let first = app.query(caller, first).await?;
    Ok(first
        .rows
        .first()
        .and_then(|row| row.first())
        .and_then(model::Value::as_id)
        .map(|id| Reference::new("systemuser", id)))
}

impl Run<'_> {
    async fn all(&mut self, files: Vec<Compiled>, report: &mut Report) -> Result<()> {
        let files: Vec<Arc<Compiled>> = files.into_iter().map(Arc::new).collect();
        report.files = files.iter().map(|file| FileReport::of(file)).collect();
        let mut waiting: Vec<Waiting> = Vec::with_capacity(files.len());
        let mut broken = None;
        for (place, file) in files.iter().enumerate() {
            let mut failed = FailedRows::new(&file.headers);
            let of_file = &mut report.files[place];
            if broken.is_none() && !self.control.is_canceled() {
                let lines_follow = file.table.name == "opportunity" && file.coming.contains("opportunityproduct");
                self.locked().closes_later = lines_follow;
                broken = self.file(file, of_file, &mut failed).await.err();
            } else {
                self.keep_unreached(file, 0, of_file, &mut failed).await?;
            }
            waiting.push(self.forget_file());
            if let Err(error) = self.keep_all(file, of_file, failed).await {
                broken = Some(broken.unwrap_or(error));
            }
        }
        report.canceled = self.control.is_canceled();
        let parts = files.iter().zip(&waiting).enumerate();
        for (place, (file, waiting)) in parts.clone() {
            self.fill_lookups(file, waiting, &mut report.files[place]).await?;
        }
        for (place, (file, waiting)) in parts {
            self.close(file, waiting, &mut report.files[place]).await?;
        }
        broken.map_or(Ok(()), Err)
    }

    async fn file(&mut self, file: &Arc<Compiled>, report: &mut FileReport, failed: &mut FailedRows) -> Result<()> {
        self.control.file(&file.name);
        // An earlier file may have brought currencies and their rates.
        self.caller = self.caller.clone().in_organization(self.app.organization().await?);
        let (send, mut receive) = mpsc::channel(AHEAD);
        let reading = tokio::task::spawn_blocking({
            let file = file.clone();
            move || read(&file, &send)
        });
        let mut broken = 0;
        let (mut result, mut reached) = (Ok(()), 0);
        while let Some(rows) = receive.recv().await {
            if self.control.is_canceled() {
                break;
            }
            let (last, unreadable) = rows.last().map_or((reached, None), |row| (row.number, row.unreadable.clone()));
            result = self.batch(file, rows, report, failed, &mut broken).await;
            if result.is_err() {
                break;
            }
            reached = last;
            if let Some(reason) = unreadable {
                result = Err(Error::File(format!("{}: {reason}; rows behind row {last} were not reached", file.name)));
            }
        }
        drop(receive);
        let read =
            reading.await.map_err(|error| Error::File(format!("{}: the file could not be read: {error}", file.name)));
        let result = result.and(read?);
        if result.is_err() || self.control.is_canceled() {
            self.keep_unreached(file, reached, report, failed).await?;
        }
        result
    }

    async fn batch(
        &mut self,
        file: &Arc<Compiled>,
        rows: Vec<Prepared>,
        report: &mut FileReport,
        failed: &mut FailedRows,
        broken: &mut u32,
    ) -> Result<()> {
        let rows = Arc::new(rows);
        let careful = *broken >= PATIENCE;
        let first = if careful { Care::RowByRow } else { Care::Quick };
        let done = match self.transaction(file, &rows, first).await {
            Ok(done) => {
                if !careful {
                    *broken = 0;
                }
                done
            }
            Err(error) if first == Care::Quick && concerns_the_row(&error) => {
                *broken += 1;
                self.transaction(file, &rows, Care::RowByRow).await?
            }
            Err(error) => return Err(error),
        };
        for (place, reason) in &done.failed {
            failed.add(&rows[*place].cells, reason)?;
            report.warn(&format!("not brought in: {reason}"), rows[*place].number);
        }
        report.add(&done.report);
        self.processed += rows.len() as u64;
        self.control.advance(rows.len() as u64, done.report.failed);
        self.batches += 1;
        if self.batches.is_multiple_of(PROGRESS) || failed.is_full() {
            self.keep(&file.name, failed).await?;
            self.job.progress(self.app, &self.caller, self.origin, self.processed).await?;
        }
        Ok(())
    }

    /// Rows behind row number `reached`, which nobody got to, are kept like those that failed.
    async fn keep_unreached(
        &mut self,
        file: &Arc<Compiled>,
        reached: u64,
        report: &mut FileReport,
        failed: &mut FailedRows,
    ) -> Result<()> {
        let (send, mut receive) = mpsc::channel(AHEAD);
        let reading = tokio::task::spawn_blocking({
            let file = file.clone();
            move || read_behind(&file, reached, &send)
        });
        while let Some(rows) = receive.recv().await {
            for cells in rows {
                report.unreached += 1;
                failed.add(&cells, UNREACHED)?;
            }
            if failed.is_full() {
                self.keep(&file.name, failed).await?;
            }
        }
        reading.await.map_err(|error| Error::File(format!("{}: the file could not be read: {error}", file.name)))?
    }

    /// One transaction; in a dry run it is taken back.
    async fn transaction(&self, file: &Arc<Compiled>, rows: &Arc<Vec<Prepared>>, care: Care) -> Result<Done> {
        let (file, rows, state, act, dry_run) =
            (file.clone(), rows.clone(), self.state.clone(), self.act, self.dry_run);
        let imagined = Arc::new(Mutex::new(None));
        let slot = imagined.clone();
        let result = self
            .app
            .work(&self.caller, self.origin, move |work| {
                work.belongs_to(act);
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                let done = batch::write(work, &file, &mut state, &rows, care)?;
                if dry_run {
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
                    return Err(Error::refused("dry run"));
                }
                Ok(done)
            })
            .await;
        let imagined = imagined.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut done = match imagined {
            Some(done) => done,
            None => result?,
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.finder.keep();
        state.waiting.lookups.append(&mut done.pending);
        state.waiting.closings.append(&mut done.closings);
        state.made.extend(done.made.iter().copied());
        state.imagined.extend(done.created.iter().copied());
        state.imagined_keys.extend(done.keys.drain(..));
        Ok(done)
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is remembered of a file only goes; what it leaves for the second pass is returned.
    fn forget_file(&self) -> Waiting {
        let mut state = self.locked();
        state.imagined_keys.clear();
        std::mem::take(&mut state.waiting)
    }

    /// Stores failed rows that are not stored yet, so that they outlive this process.
    async fn keep(&mut self, file: &str, failed: &mut FailedRows) -> Result<()> {
        let Some(bytes) = failed.take()? else { return Ok(()) };
        let (id, count) = (Uuid::now_v7(), bytes.len());
        let bytes = Arc::new(bytes);
        let stored = self.job.keep(self.app, &self.caller, self.origin, file, id, bytes.clone()).await;
        if let Err(error) = stored {
            return Err(Error::File(match beside(file, &bytes) {
                Some(path) => format!("{error}; the rows left out last are in {}", path.display()),
                None => error.to_string(),
            }));
        }
        failed.stored(id, count);
        Ok(())
    }

    /// Stores the rest of a file's failed rows, in one file where that is not too large.
    async fn keep_all(&mut self, file: &Compiled, report: &mut FileReport, mut failed: FailedRows) -> Result<()> {
        self.keep(&file.name, &mut failed).await?;
        if failed.fits_one_file() {
            let mut whole = Vec::new();
            for part in &failed.parts {
                whole.extend(self.app.file(&self.caller, *part).await?.unwrap_or_default());
            }
            let id = Uuid::now_v7();
            self.job.keep_whole(self.app, &self.caller, self.origin, &file.name, id, Arc::new(whole)).await?;
            failed.parts = vec![id];
        }
        report.failed_rows = failed.parts;
        Ok(())
    }
}

/// Where the database takes nothing any more: a file beside it, so that the rows are not lost.
fn beside(file: &str, bytes: &[u8]) -> Option<PathBuf> {
    let stem: String = file.chars().map(|sign| if sign.is_alphanumeric() { sign } else { '-' }).take(40).collect();
    let mut kept = tempfile::Builder::new().prefix(&format!("left-out-{stem}-")).suffix(".csv").tempfile().ok()?;
    std::io::Write::write_all(&mut kept, bytes).ok()?;
    kept.keep().ok().map(|(_, path)| path)
}

/// Reads and understands the rows of a file, some at a time.
fn read(file: &Compiled, send: &mpsc::Sender<Vec<Prepared>>) -> Result<()> {
    let mut source = open(file)?;
    let mut rows = Vec::with_capacity(BATCH);
    for row in source.rows() {
        rows.push(Prepared::of(file, row));
        if rows.len() == BATCH && send.blocking_send(std::mem::replace(&mut rows, Vec::with_capacity(BATCH))).is_err() {
            return Ok(()); // canceled
        }
    }
    if !rows.is_empty() {
        let _ = send.blocking_send(rows);
    }
    Ok(())
}

/// Reads the rows behind row number `reached` as they stand there.
fn read_behind(file: &Compiled, reached: u64, send: &mpsc::Sender<Vec<Vec<String>>>) -> Result<()> {
    let mut source = open(file)?;
    let mut rows = Vec::with_capacity(BATCH);
    for row in source.rows() {
        let (number, cells) = match row {
            Ok(row) => (row.number, row.cells),
            Err(error) => (error.number, vec![error.raw]),
        };
        if number <= reached {
            continue;
        }
        rows.push(cells);
        if rows.len() == BATCH && send.blocking_send(std::mem::take(&mut rows)).is_err() {
            return Ok(());
        }
    }
    if !rows.is_empty() {
        let _ = send.blocking_send(rows);
    }
    Ok(())
}

fn open(file: &Compiled) -> Result<tabular::Source> {
    let input = InputFile { path: file.path.clone(), name: file.name.clone() };
    scan::open(&input, &file.read)
}
