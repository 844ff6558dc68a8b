//! How an import stands: at work, ended, interrupted, taken back.

use indexmap::IndexMap;
use language::translated;
use serde::{Deserialize, Serialize};
use store::Row;
use uuid::Uuid;

use super::{
    FailedFile, Imports,
    report::Report,
    run::{job, ledger::Checkpoint},
};
use crate::{Caller, Error, Result};

/// How an import stands.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// The `importjob` row.
    pub job: Uuid,
    /// Its name.
    pub name: String,
    /// In a word: Importing, Completed, Failed, Canceled, Interrupted, Undone.
    pub status: String,
    /// It is at work, as far as is known.
    pub at_work: bool,
    /// It was taken back.
    pub undone: bool,
    /// Rows dealt with, as last told.
    pub processed: u64,
    /// Rows of all files.
    pub total: u64,
    /// What became of it; while it is at work, what did so far.
    pub report: Option<Report>,
}

/// What a job keeps of its import.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    pub mapping: serde_json::Value,
    pub report: Option<Report>,
    pub left_out: IndexMap<String, Vec<Uuid>>,
    /// Where a running one keeps how far it is.
    pub checkpoint: Option<Uuid>,
}

impl Kept {
    pub fn of(job: &Row) -> Self {
        serde_json::from_str(job.text("definition")).unwrap_or_default()
    }
}

impl Imports<'_> {
    /// How an import stands, by the number of its act or of its job.
    pub async fn standing(&self, caller: &Caller, number: Uuid) -> Result<Standing> {
        let (id, row, kept) = self.kept(caller, number).await?;
        let status = row.value("statuscode").as_whole().and_then(|status| i32::try_from(status).ok());
        let table = self.app.table("importjob")?;
        let count = |column: &str| u64::try_from(row.value(column).as_whole().unwrap_or_default()).unwrap_or_default();
        Ok(Standing {
            job: id,
            name: row.text("name").to_owned(),
            status: status
                .and_then(|it| table.status(it))
                .map(|it| translated(&it.label).into_owned())
                .unwrap_or_default(),
            at_work: job::is_at_work(&row),
            undone: row.value("statuscode").as_whole() == Some(job::UNDONE),
            processed: count("processedcount"),
            total: count("totalcount"),
            report: self.so_far(caller, kept.report, kept.checkpoint).await?,
        })
    }

    /// The report of an import, by the number of its act or of its job; of one at work that of
    /// what it did so far.
    pub async fn report(&self, caller: &Caller, number: Uuid) -> Result<Option<Report>> {
        let (_, _, kept) = self.kept(caller, number).await?;
        self.so_far(caller, kept.report, kept.checkpoint).await
    }

    /// The rows of an import that did not come in or were not reached, one file for each file that
    /// had some; by the number of its act or of its job, also while it runs or after it broke off.
    pub async fn failed_rows(&self, caller: &Caller, number: Uuid) -> Result<Vec<FailedFile>> {
        let (_, _, mut kept) = self.kept(caller, number).await?;
        if kept.checkpoint.is_some()
            && let Some(report) = self.so_far(caller, None, kept.checkpoint).await?
        {
            let files = report.files.into_iter().filter(|file| !file.failed_rows.is_empty());
            kept.left_out = files.map(|file| (file.file, file.failed_rows)).collect();
        }
        let mut files = Vec::new();
        for (file, parts) in kept.left_out {
            let mut content = Vec::new();
            for part in parts {
                content.extend(self.app.file(caller, part).await?.unwrap_or_default());
            }
            files.push(FailedFile { file, content });
        }
        Ok(files)
    }

    async fn so_far(&self, caller: &Caller, told: Option<Report>, checkpoint: Option<Uuid>) -> Result<Option<Report>> {
        match (told, checkpoint) {
            (Some(report), _) => Ok(Some(report)),
            (None, Some(id)) => Ok(Checkpoint::load(self.app, caller, id).await?.map(|(kept, _)| kept.report)),
            (None, None) => Ok(None),
        }
    }

    async fn kept(&self, caller: &Caller, number: Uuid) -> Result<(Uuid, Row, Kept)> {
        let job = self.job_of(caller, number).await?.and_then(|job| job.value("importjobid").as_id());
        let id = job.ok_or_else(|| Error::NotFound { table: "importjob".to_owned(), id: number })?;
        let row = self.app.get(caller, "importjob", id, None).await?;
        let kept = Kept::of(&row);
        Ok((id, row, kept))
    }
}

/// The stored files with rows that an import left out, of an `importjob` row with its definition.
pub(crate) fn kept_files(job: &Row) -> Vec<Uuid> {
    Kept::of(job).left_out.into_values().flatten().collect()
}
