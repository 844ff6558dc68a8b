//! Carrying an import out: file after file, some hundred rows a transaction.

mod batch;
mod closing;
mod control;
mod failed;
pub(super) mod job;
mod pending;
mod resolve;
mod row;
mod session;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
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
use crate::{App, Caller, Error, Origin, Result, access, records::Work};
use batch::Care;
pub use control::{Control, Progress};
use failed::FailedRows;
use job::{Beginning, Job};
use session::{Done, State, concerns_the_row};

/// Rows a transaction.
const BATCH: usize = 500;
/// Batches read ahead while one is written.
const AHEAD: usize = 3;
/// Batches between two writings of the job's progress.
const PROGRESS: u64 = 10;
/// Batches with mistakes in a row after which rows are written one by one at once.
const PATIENCE: u32 = 3;

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
    let added = customise::needed(&app.model(), &app.store().overlay(), &mapping, &words)?;
    let model = match (added.told.is_empty(), options.dry_run) {
        (true, _) => app.model(),
        (false, true) => Arc::new(Model::merge(&added.overlay, app.model().version + 1)?),
        (false, false) => {
            access::require_administrator(caller, "add columns or options, which this import needs")?;
            // Everything is checked against the model to come before it is put in force.
            let future = Model::merge(&added.overlay, app.model().version + 1)?;
            compile_all(&future, caller, &mut Finder::default(), &files, &mapping, &words)?;
            app.store().publish(added.overlay).await?
        }
    };
    let mut state = State {
        finder: Finder::default(),
        pending: Vec::new(),
        made: HashSet::new(),
        imagined: HashSet::new(),
        imagined_keys: HashMap::new(),
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
    match result {
        Ok(()) => run.job.finish(app, caller, origin, &report, &mapping).await?,
        Err(error) => {
            // What is in stays and can be undone; the job says why it broke off.
            run.job.fail(app, caller, origin, &error.to_string()).await?;
            return Err(error);
        }
    }
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
    let ground = Ground { model, zone: caller.time_zone.clone() };
    mapping
        .files
        .iter()
        .map(|plan| {
            let headers = words.headers.get(&plan.name).cloned().unwrap_or_default();
            Compiled::new(&ground, finder, scan::find(files, &plan.name)?, headers, plan)
        })
        .collect()
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
        for file in files {
            let file = Arc::new(file);
            let place = report.files.len();
            report.files.push(FileReport {
                file: file.name.clone(),
                table: file.table.name.clone(),
                notes: file.notes.clone(),
                ..FileReport::default()
            });
            self.file(&file, &mut report.files[place]).await?;
            if self.control.is_canceled() {
                report.canceled = true;
                break;
            }
        }
        Ok(())
    }

    async fn file(&mut self, file: &Arc<Compiled>, report: &mut FileReport) -> Result<()> {
        self.control.file(&file.name);
        let (send, mut receive) = mpsc::channel(AHEAD);
        let reading = tokio::task::spawn_blocking({
            let file = file.clone();
            move || read(&file, &send)
        });
        let mut failed = FailedRows::default();
        let mut broken = 0;
        while let Some(rows) = receive.recv().await {
            if self.control.is_canceled() {
                break;
            }
            self.batch(file, rows, report, &mut failed, &mut broken).await?;
        }
        drop(receive);
        reading.await.map_err(|error| Error::File(format!("{}: the file could not be read: {error}", file.name)))??;
        self.second_pass(file, report).await?;
        self.forget_file();
        report.failed_rows = self.keep(failed).await?;
        Ok(())
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
            failed.add(&file.headers, &rows[*place], reason)?;
            report.warn(&format!("not brought in: {reason}"), rows[*place].number);
        }
        report.add(&done.report);
        self.processed += rows.len() as u64;
        self.control.advance(rows.len() as u64, done.report.failed);
        self.batches += 1;
        if self.batches.is_multiple_of(PROGRESS) {
            self.job.progress(self.app, &self.caller, self.origin, self.processed).await?;
        }
        Ok(())
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
        state.pending.append(&mut done.pending);
        state.made.extend(done.made.iter().copied());
        state.imagined.extend(done.created.iter().copied());
        state.imagined_keys.extend(done.keys.drain(..));
        Ok(done)
    }

    fn forget_file(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.imagined_keys.clear();
        state.pending.clear();
    }

    /// Stores the failed rows of a file.
    async fn keep(&self, failed: FailedRows) -> Result<Option<Uuid>> {
        let Some(bytes) = failed.finish()? else { return Ok(None) };
        let id = Uuid::now_v7();
        self.app
            .work(&self.caller, self.origin, move |work: &mut Work<'_, '_>| {
                work.writer().put_file(id, &bytes)?;
                Ok(Some(id))
            })
            .await
    }
}

/// Reads and understands the rows of a file, some at a time.
fn read(file: &Compiled, send: &mpsc::Sender<Vec<Prepared>>) -> Result<()> {
    let input = InputFile { path: file.path.clone(), name: file.name.clone() };
    let mut source = scan::open(&input, &file.read)?;
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
