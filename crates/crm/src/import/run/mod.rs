//! Carrying an import out: file after file, some hundred rows a transaction.

mod batch;
mod closing;
mod control;
pub(super) mod failed;
mod files;
pub(super) mod heart;
pub(super) mod job;
pub(super) mod ledger;
mod parties;
mod pending;
pub(super) mod reading;
mod references;
mod resolve;
mod row;
mod session;
mod source;

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use language::{Carried, spoken, text, tr};
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
    report::Report,
    scan,
};
use crate::{App, Caller, Error, Origin, Result, access, process, records::Work};
use batch::Care;
pub use control::{Control, Progress};
use failed::{LARGE_PART, LeftOut};
use heart::Heart;
use job::{Beginning, Job};
use ledger::Ledger;
use pending::Waiting;
use session::{State, concerns_the_row};
use source::SourceCopy;

/// Rows a transaction.
const BATCH: usize = 500;
/// Rows a transaction where files come with them, each of some megabytes perhaps.
const BATCH_WITH_FILES: usize = 20;
/// Batches read ahead while one is written.
const AHEAD: usize = 3;
/// Batches with mistakes in a row after which rows are written one by one at once.
const PATIENCE: u32 = 3;

/// The reason beside rows that nobody got to.
pub(super) const UNREACHED: &str = text!("not reached: the import ended before this row");

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
    ledger: Ledger,
    began: Instant,
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
    require_leave(app, caller, &mapping)?;
    let (words, files) = scan_all(files, mapping.clone()).await?;
    control.expect(words.rows);
    let act = Uuid::now_v7();
    let present = app.store().overlay();
    let added = customise::needed(&app.model(), &present, &mapping, &words)?;
    let model = match (added.told.is_empty(), options.dry_run) {
        (true, _) => app.model(),
        (false, true) => Arc::new(Model::merge(&added.overlay, app.model().version + 1)?),
        (false, false) => {
            access::require_administrator(caller, text!("add columns or options, which this import needs"))?;
            // Everything is checked against the model to come before it is put in force.
            let future = Model::merge(&added.overlay, app.model().version + 1)?;
            compile_all(&future, caller, &mut Finder::default(), &files, &mapping, &words)?;
            app.customization().publish_over(caller, Origin::Import, present, added.overlay).await?
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
        called: HashMap::new(),
        closes_later: false,
        default_owner: default_owner(app, caller).await?,
        root_business_unit: caller.organization().root_business_unit,
        dry_run: options.dry_run,
    };
    let compiled = compile_all(&model, caller, &mut state.finder, &files, &mapping, &words)?;
    state.finder.load(app, caller).await?;
    let compiled: Vec<Arc<Compiled>> = compiled.into_iter().map(Arc::new).collect();
    let sources = if options.dry_run { Vec::new() } else { copies(&compiled)? };
    let report = Report {
        act,
        dry_run: options.dry_run,
        customisations: added.told,
        left_out: mapping.left_out.clone(),
        ..Report::default()
    };
    let mut ledger = Ledger::new(Uuid::now_v7(), report, &compiled, &sources);
    let beginning = Beginning {
        mapping: &mapping,
        act,
        dry_run: options.dry_run,
        rows: words.rows,
        bytes: words.bytes,
        saved_mapping: options.saved_mapping,
        owner: state.default_owner.clone(),
    };
    let job = Job::begin(app, caller, origin, beginning, &mut ledger).await?;
    let heart = Heart::start(app, caller, origin, job.id, &control);
    let mut run = Run {
        app,
        caller: caller.clone(),
        origin,
        act,
        dry_run: options.dry_run,
        control,
        state: Arc::new(Mutex::new(state)),
        job,
        ledger,
        began,
    };
    let result = run.all(&compiled).await;
    drop(heart);
    let Run { job, mut ledger, .. } = run;
    ledger.checkpoint.report.seconds = began.elapsed().as_secs_f64();
    if let Err(error) = result {
        // What is in stays and can be undone; rows that did not come in are kept all the same.
        ledger.checkpoint.report.broke_off = Some(error.to_string());
        let told = job.is_lost() || job.finish(app, caller, origin, &ledger, &mapping).await.is_ok();
        // Where not even that can be written, the first reason is the one that helps.
        return if told { Ok(ledger.checkpoint.report) } else { Err(error) };
    }
    job.finish(app, caller, origin, &ledger, &mapping).await?;
    Ok(ledger.checkpoint.report)
}

/// Whoever brings the path of records in says what happened: that is for administrators.
fn require_leave(app: &App, caller: &Caller, mapping: &Mapping) -> Result<()> {
    let model = app.model();
    let is_path = |name: &str| model.table(name).is_some_and(|table| process::is_path(table));
    if mapping.files.iter().any(|file| is_path(&file.table)) {
        access::require_administrator(caller, text!("bring in how records went through their stages"))?;
    }
    Ok(())
}

/// Copies of the files that are to be kept while the import runs.
fn copies(files: &[Arc<Compiled>]) -> Result<Vec<SourceCopy>> {
    files.iter().map(|file| SourceCopy::of(&reading::input(file))).collect()
}

/// Files are read on a thread where waiting is allowed.
async fn scan_all(files: Vec<InputFile>, mapping: Mapping) -> Result<(scan::Words, Vec<InputFile>)> {
    let language = Carried::here();
    let scan = move || scan::scan(&files, &mapping).map(|words| (words, files));
    tokio::task::spawn_blocking(move || language.in_scope(scan))
        .await
        .map_err(|error| Error::File(tr!("the files could not be read: {error}", error)))?
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
    async fn all(&mut self, files: &[Arc<Compiled>]) -> Result<()> {
        let mut waiting: Vec<Waiting> = Vec::with_capacity(files.len());
        let mut broken = self.keep_sources(files).await.err();
        for (place, file) in files.iter().enumerate() {
            if broken.is_none() && !self.control.is_canceled() {
                let lines_follow = file.table.name == "opportunity" && file.coming.contains("opportunityproduct");
                self.locked().closes_later = lines_follow;
                broken = self.file(place, file).await.err();
            } else {
                self.keep_unreached(place, file).await?;
            }
            waiting.push(self.forget_file());
            if let Err(error) = self.keep_whole(place).await {
                broken = Some(broken.unwrap_or(error));
            }
        }
        self.ledger.checkpoint.report.canceled = self.control.is_canceled();
        self.ledger.checkpoint.finishing = broken.is_none();
        let parts = files.iter().zip(&waiting).enumerate();
        for (place, (file, waiting)) in parts.clone() {
            self.fill_lookups(place, file, waiting).await?;
        }
        for (place, (file, waiting)) in parts {
            self.close(place, file, waiting).await?;
        }
        broken.map_or(Ok(()), Err)
    }

    async fn file(&mut self, place: usize, file: &Arc<Compiled>) -> Result<()> {
        self.control.file(&file.name);
        // An earlier file may have brought currencies and their rates.
        self.caller = self.caller.clone().in_organization(self.app.organization().await?);
        let (send, mut receive) = mpsc::channel(AHEAD);
        let reading = tokio::task::spawn_blocking({
            let (file, language) = (file.clone(), Carried::here());
            move || language.in_scope(|| reading::read(&file, &send))
        });
        let (mut result, mut broken) = (Ok(()), 0);
        while let Some(rows) = receive.recv().await {
            if self.control.is_canceled() {
                break;
            }
            let unreadable = rows.last().and_then(|row| Some((row.number, row.unreadable.clone()?)));
            result = self.batch(place, file, rows, &mut broken).await;
            if result.is_err() {
                break;
            }
            if let Some((last, reason)) = unreadable {
                result = Err(Error::File(tr!(
                    "{}: {reason}; rows behind row {last} were not reached",
                    file.name,
                    reason,
                    last
                )));
            }
        }
        drop(receive);
        let read = reading
            .await
            .map_err(|error| Error::File(tr!("{}: the file could not be read: {error}", file.name, error)));
        let result = result.and(read?);
        if result.is_err() || self.control.is_canceled() {
            self.keep_unreached(place, file).await?;
        }
        result
    }

    async fn batch(&mut self, place: usize, file: &Arc<Compiled>, rows: Vec<Prepared>, broken: &mut u32) -> Result<()> {
        let rows = Arc::new(rows);
        let careful = *broken >= PATIENCE;
        let first = if careful { Care::RowByRow } else { Care::Quick };
        let failed = match self.transaction(place, file, &rows, first).await {
            Ok(failed) => {
                if !careful {
                    *broken = 0;
                }
                failed
            }
            Err(error) if first == Care::Quick && concerns_the_row(&error) && !self.job.is_lost() => {
                *broken += 1;
                self.transaction(place, file, &rows, Care::RowByRow).await?
            }
            Err(error) => return Err(error),
        };
        self.control.advance(rows.len() as u64, failed);
        Ok(())
    }

    /// Rows behind those that were reached, which nobody got to, are kept like those that failed.
    async fn keep_unreached(&mut self, place: usize, file: &Arc<Compiled>) -> Result<()> {
        if self.job.is_lost() {
            return Ok(()); // whoever ended it has kept them
        }
        let (send, mut receive) = mpsc::channel(AHEAD);
        let reached = self.ledger.checkpoint.files[place].reached;
        let reading = tokio::task::spawn_blocking({
            let (file, language) = (file.clone(), Carried::here());
            move || language.in_scope(|| reading::read_behind(&reading::input(&file), &file.read, reached, &send))
        });
        let mut left_out = LeftOut::new(&file.headers, LARGE_PART);
        while let Some(rows) = receive.recv().await {
            let report = self.ledger.file(place);
            report.unreached += rows.len() as u64;
            let reason = spoken(UNREACHED);
            left_out.add(rows.iter().map(|cells| (cells.as_slice(), reason.as_ref())), &mut report.failed_rows)?;
            if left_out.is_full() {
                self.keep(place, &file.name, &mut left_out).await?;
            }
        }
        self.keep(place, &file.name, &mut left_out).await?;
        reading.await.map_err(|error| Error::File(tr!("{}: the file could not be read: {error}", file.name, error)))?
    }

    /// One transaction; in a dry run it is taken back. Returns how many rows did not come in.
    async fn transaction(
        &mut self,
        place: usize,
        file: &Arc<Compiled>,
        rows: &Arc<Vec<Prepared>>,
        care: Care,
    ) -> Result<u64> {
        self.ledger.checkpoint.report.seconds = self.began.elapsed().as_secs_f64();
        let imagined = Arc::new(Mutex::new(None));
        let result = self.work({
            let (file, rows, state, dry_run) = (file.clone(), rows.clone(), self.state.clone(), self.dry_run);
            let (mut ledger, slot) = (self.ledger.clone(), imagined.clone());
            move |work| {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                let done = batch::write(work, &file, &mut state, &rows, care)?;
                if dry_run {
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
                    return Err(Error::refused("dry run"));
                }
                ledger.note(place, &rows, &done)?;
                ledger.store(work)?;
                Ok((done, ledger))
            }
        });
        let result = result.await;
        let imagined = imagined.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut done = if let Some(done) = imagined {
            self.ledger.note(place, rows, &done)?;
            if !done.failed.is_empty() {
                self.store_ledger().await?;
            }
            done
        } else {
            let (done, ledger) = result?;
            self.ledger = ledger;
            done
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.finder.keep();
        state.waiting.lookups.append(&mut done.pending);
        state.waiting.closings.append(&mut done.closings);
        state.made.extend(done.made.iter().copied());
        state.imagined.extend(done.created.iter().copied());
        state.imagined_keys.extend(done.keys.drain(..));
        Ok(done.report.failed)
    }

    /// One transaction of this import; refused once somebody else has ended it.
    async fn work<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Work<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (job, number) = (self.job.clone(), self.act);
        let work = self.app.work(&self.caller, self.origin, move |work| {
            work.belongs_to(number);
            job.require_at_work(work)?;
            act(work)
        });
        work.await
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

    /// The files are kept in the database until the import ends; a dry run leaves nothing behind
    /// that they would be needed for.
    async fn keep_sources(&self, files: &[Arc<Compiled>]) -> Result<()> {
        for (file, state) in files.iter().zip(&self.ledger.checkpoint.files) {
            if let Some(source) = state.source {
                source.store(self.app, &self.caller, self.origin, &reading::input(file)).await?;
            }
        }
        Ok(())
    }

    async fn store_ledger(&mut self) -> Result<()> {
        let mut ledger = self.ledger.clone();
        self.ledger = self.work(move |work| ledger.store(work).map(|()| ledger)).await?;
        Ok(())
    }

    /// Stores the rows left out that are not stored yet, so that they outlive this process.
    async fn keep(&mut self, place: usize, file: &str, left_out: &mut LeftOut) -> Result<()> {
        let Some(bytes) = left_out.take() else { return Ok(()) };
        let Some(part) = self.ledger.file(place).failed_rows.last().copied() else { return Ok(()) };
        let mut ledger = self.ledger.clone();
        let content = bytes.clone();
        let stored = self.work(move |work| {
            work.writer().put_file(part, &content)?;
            ledger.store(work)
        });
        stored.await.map_err(|error| {
            Error::File(match beside(file, &bytes) {
                Some(path) => tr!("{error}; the rows left out last are in {}", path.display(), error),
                None => error.to_string(),
            })
        })
    }

    /// Puts the failed rows of a file into one stored file, where that is not too large.
    async fn keep_whole(&mut self, place: usize) -> Result<()> {
        let parts = self.ledger.file(place).failed_rows.clone();
        if self.job.is_lost() {
            return Ok(());
        }
        let Some(whole) = failed::put_together(self.app, &self.caller, &parts).await? else { return Ok(()) };
        let id = Uuid::now_v7();
        let mut ledger = self.ledger.clone();
        ledger.file(place).failed_rows = vec![id];
        let stored = self.work(move |work| {
            work.writer().put_file(id, &whole)?;
            for part in parts {
                work.writer().delete_file(part)?;
            }
            ledger.store(work).map(|()| ledger)
        });
        self.ledger = stored.await?;
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
