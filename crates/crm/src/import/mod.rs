//! Bringing files in: CSV and XLSX become rows, by a mapping that proposes itself.
//!
//! [`Imports::propose`] looks into the files and says what it would do as a [`plan::Mapping`], a
//! document that can be read, edited and kept. [`Imports::run`] carries a mapping out through the
//! one write path, streaming. Nothing is guessed in silence and nothing is dropped: what differs
//! from the file stands in the [`Report`], rows that do not fit are kept with the reason, and the
//! whole can be undone.

mod beside;
mod cells;
mod compile;
mod customise;
mod finder;
mod interrupted;
mod labels;
mod matching;
pub mod plan;
mod prepare;
mod propose;
mod report;
mod run;
mod scan;
mod standing;

use std::path::{Path, PathBuf};

use language::{Carried, tr};
use model::Reference;
use store::Row;
use uuid::Uuid;

pub use compile::ERROR_COLUMN;
pub(crate) use compile::may_fill;
pub(crate) use interrupted::Watch;
pub use interrupted::{SILENCE, keep_watch};
pub(crate) use matching::folded;
pub use propose::{Inspected, Proposal, ProposeOptions};
pub use report::{FileReport, Report, Warning, found_by};
pub(crate) use run::heart::BEAT;
pub use run::{Control, Progress, RunOptions};
pub use standing::Standing;
pub(crate) use standing::kept_files;

use crate::{App, Caller, Error, Origin, Result};
use plan::Mapping;

/// What can be done about imports.
pub struct Imports<'a> {
    app: &'a App,
}

/// A file to be brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called; an upload lies elsewhere than its name says.
    pub name: String,
    /// Where the folder `files` is that its cells may name files of: a folder or a ZIP.
    pub files: Option<PathBuf>,
}

/// Rows that did not come in, as a CSV file.
#[derive(Debug, Clone)]
pub struct FailedFile {
    /// Name of the file they come from.
    pub file: String,
    /// The CSV file, with the reason in a column of its own.
    pub content: Vec<u8>,
}

impl InputFile {
    /// A file called as its path says.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self::called(name, path)
    }

    /// A file that lies elsewhere than its name says.
    pub fn called(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), name: name.into(), files: None }
    }

    /// Its cells may name files in the folder `files` that lies beside it.
    #[must_use]
    pub fn with_files_beside(mut self) -> Self {
        let here =
            |folder: &Path| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_path_buf() };
        self.files = self.path.parent().map(here);
        self
    }
}

impl App {
    /// What can be done about imports.
    pub const fn imports(&self) -> Imports<'_> {
        Imports { app: self }
    }
}

impl Imports<'_> {
    /// Looks into the files and says what it would do with them.
    pub async fn propose(&self, caller: &Caller, files: Vec<InputFile>, options: ProposeOptions) -> Result<Proposal> {
        let (model, organization) = (self.app.model(), caller.organization().clone());
        reading(move || {
            let (files, _unpacked) = beside::unpack(files)?;
            refuse_same_names(&files)?;
            propose::propose(&model, &organization, &files, &options)
        })
        .await
    }

    /// Brings the files in as the mapping says. `control` watches and stops it.
    ///
    /// # Errors
    /// Refused before anything is written where the mapping does not fit files or model. Rows
    /// that do not fit are no error: they stand in the report.
    pub async fn run(
        &self,
        caller: &Caller,
        origin: Origin,
        files: Vec<InputFile>,
        mapping: Mapping,
        options: RunOptions,
        control: Control,
    ) -> Result<Report> {
        let (files, _unpacked) = reading(move || beside::unpack(files)).await?;
        refuse_same_names(&files)?;
        run::run(self.app, caller, origin, files, mapping, options, control).await
    }

    /// Takes a whole import back, by the number of its act or of its job. Columns and options
    /// that were added to the model stay. Returns how many rows were touched.
    ///
    /// # Errors
    /// Refused while it is at work, and where rows were changed since, or something was added to
    /// them.
    pub async fn undo(&self, caller: &Caller, origin: Origin, number: Uuid) -> Result<usize> {
        let job = self.job_of(caller, number).await?;
        let act = job.as_ref().and_then(|job| job.value("actid").as_id()).unwrap_or(number);
        let job = job.and_then(|job| job.value("importjobid").as_id());
        let undo = self.app.work(caller, origin, move |work| {
            if let Some(id) = job {
                // Locked first: an import that is at work after all ends before its next rows.
                if run::job::is_at_work(&work.load("importjob", id)?) {
                    return Err(Error::refused(
                        tr!("this import is still at work; stop it, or where the process that ran it has ended, wait a minute until that is certain"),
                    ));
                }
                let undone = Row::new().with("statecode", 1).with("statuscode", run::job::UNDONE);
                run::job::change(work, id, undone)?;
            }
            work.undo(act)
        });
        undo.await
    }

    /// Keeps a mapping for the next import; returns its `importmap` row.
    pub async fn save_mapping(&self, caller: &Caller, origin: Origin, name: &str, mapping: &Mapping) -> Result<Uuid> {
        let definition = serde_json::to_string(mapping)
            .map_err(|error| Error::refused(tr!("the mapping cannot be kept: {error}", error)))?;
        let tables: Vec<&str> = mapping.files.iter().map(|file| file.table.as_str()).collect();
        let table =
            tables.first().filter(|first| tables.iter().all(|table| table == *first)).map(|table| (*table).to_owned());
        let row = Row::new().with("name", name).with("targetentityname", table).with("definition", definition);
        self.app
            .work(caller, origin, move |work| {
                let stored = work.create("importmap", None, row)?;
                Ok(stored.value("importmapid").as_id().unwrap_or_default())
            })
            .await
    }

    /// A kept mapping.
    pub async fn mapping(&self, caller: &Caller, id: Uuid) -> Result<Mapping> {
        let row = self.app.get(caller, "importmap", id, None).await?;
        serde_json::from_str(row.text("definition"))
            .map_err(|error| Error::refused(tr!("the kept mapping cannot be read: {error}", error)))
    }

    /// The number of the import that this caller began last.
    pub async fn last(&self, caller: &Caller) -> Result<Option<Uuid>> {
        let mut query = self.app.new_query(caller, "importjob").select(["importjobid"]).take(1);
        if !caller.user.is_nil() {
            query = query.matching(model::Filter::eq("createdby", caller.user));
        }
        let query = query.order_by(model::Order::descending("createdon"));
        let rows = self.app.query(caller, query).await?;
        Ok(rows.rows.first().and_then(|row| row.first()).and_then(model::Value::as_id))
    }

    async fn job_of(&self, caller: &Caller, number: Uuid) -> Result<Option<Row>> {
        let either =
            model::Filter::Any(vec![model::Filter::eq("actid", number), model::Filter::eq("importjobid", number)]);
        let query = self.app.new_query(caller, "importjob").select(["importjobid", "actid"]).matching(either).take(1);
        Ok(self.app.query(caller, query).await?.to_rows().next())
    }
}

/// Files are read on a thread where waiting is allowed.
async fn reading<T: Send + 'static>(read: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let language = Carried::here();
    tokio::task::spawn_blocking(move || language.in_scope(read))
        .await
        .map_err(|error| Error::File(tr!("the files could not be read: {error}", error)))?
}

fn refuse_same_names(files: &[InputFile]) -> Result<()> {
    for (place, file) in files.iter().enumerate() {
        if files[..place].iter().any(|other| other.name.eq_ignore_ascii_case(&file.name)) {
            return Err(Error::refused(tr!("two of the files are called {}; rename one of them", file.name)));
        }
    }
    Ok(())
}

/// The job of a report as a reference, for links.
impl Report {
    /// The `importjob` row.
    pub fn job_reference(&self) -> Option<Reference> {
        self.job.map(|id| Reference::new("importjob", id))
    }
}
