//! What an import did so far, written in the transaction of every batch: where the process dies,
//! exactly this is what came in.

use std::sync::Arc;

use language::tr;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    failed::{LeftOut, SMALL_PART},
    session::Done,
    source::SourceCopy,
};
use crate::{
    App, Caller, Error, Result,
    import::{
        compile::Compiled,
        prepare::Prepared,
        report::{FileReport, Report},
    },
    records::Work,
};

/// What the database knows of a running import.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::import) struct Checkpoint {
    /// What became of the rows so far; the rows left out are kept as its files say.
    pub report: Report,
    /// At the places of the report's files.
    pub files: Vec<FileState>,
    /// All rows are read; lookups to rows that came later and closings are at work.
    pub finishing: bool,
}

/// How far one file is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::import) struct FileState {
    /// Number of the last row that was dealt with.
    pub reached: u64,
    /// Its headers.
    pub headers: Vec<String>,
    /// How it is read.
    pub read: tabular::Options,
    /// The file itself; none in a dry run.
    pub source: Option<SourceCopy>,
}

impl Checkpoint {
    /// Reads what was kept; none where nothing was.
    pub async fn load(app: &App, caller: &Caller, id: Uuid) -> Result<Option<(Self, Vec<u8>)>> {
        let Some(bytes) = app.file(caller, id).await? else { return Ok(None) };
        let kept = serde_json::from_slice(&bytes)
            .map_err(|error| Error::File(tr!("what is kept of the import cannot be read: {error}", error)))?;
        Ok(Some((kept, bytes)))
    }

    /// Stores it.
    pub fn store(&self, work: &mut Work<'_, '_>, id: Uuid) -> Result<()> {
        let bytes = serde_json::to_vec(self)
            .map_err(|error| Error::File(tr!("how far the import is cannot be kept: {error}", error)))?;
        Ok(work.writer().put_file(id, &bytes)?)
    }

    /// Removes it, and the copies of the files with it.
    pub fn remove(&self, work: &mut Work<'_, '_>, id: Uuid) -> Result<()> {
        work.writer().delete_file(id)?;
        self.files.iter().filter_map(|file| file.source).try_for_each(|source| source.remove(work))
    }
}

/// The checkpoint of the import at work, with the rows left out that go with it.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    /// Under which the checkpoint is stored.
    pub id: Uuid,
    pub checkpoint: Checkpoint,
    left_out: Vec<LeftOut>,
}

impl Ledger {
    /// Of an import that begins.
    pub fn new(id: Uuid, mut report: Report, files: &[Arc<Compiled>], sources: &[SourceCopy]) -> Self {
        report.files = files.iter().map(|file| FileReport::of(file)).collect();
        let states = files.iter().enumerate().map(|(place, file)| FileState {
            reached: 0,
            headers: file.headers.clone(),
            read: file.read.clone(),
            source: sources.get(place).copied(),
        });
        let checkpoint = Checkpoint { report, files: states.collect(), finishing: false };
        let left_out = files.iter().map(|file| LeftOut::new(&file.headers, SMALL_PART)).collect();
        Self { id, checkpoint, left_out }
    }

    /// The report of one file.
    pub fn file(&mut self, place: usize) -> &mut FileReport {
        &mut self.checkpoint.report.files[place]
    }

    /// Notes what became of a batch.
    pub fn note(&mut self, place: usize, rows: &[Prepared], done: &Done) -> Result<()> {
        let report = &mut self.checkpoint.report.files[place];
        let failed = done.failed.iter().map(|(row, reason)| (rows[*row].cells.as_slice(), reason.as_str()));
        self.left_out[place].add(failed, &mut report.failed_rows)?;
        for (row, reason) in &done.failed {
            report.warn(&tr!("not brought in: {reason}", reason), rows[*row].number);
        }
        report.add(&done.report);
        if let Some(last) = rows.last() {
            self.checkpoint.files[place].reached = last.number;
        }
        Ok(())
    }

    /// Stores it, and the part of the rows left out that was added to.
    pub fn store(&mut self, work: &mut Work<'_, '_>) -> Result<()> {
        for (file, left_out) in self.checkpoint.report.files.iter().zip(&mut self.left_out) {
            if let (Some(bytes), Some(part)) = (left_out.take(), file.failed_rows.last()) {
                work.writer().put_file(*part, &bytes)?;
            }
        }
        self.checkpoint.store(work, self.id)
    }
}
