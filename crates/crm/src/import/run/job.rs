//! The `importjob` row: what ran, how far it is and what became of it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use indexmap::IndexMap;
use jiff::Timestamp;
use language::tr;
use model::{Reference, Value};
use serde::Serialize;
use serde_json::json;
use store::Row;
use uuid::Uuid;

use super::ledger::Ledger;
use crate::{
    App, Caller, Error, Origin, Result,
    import::{
        plan::Mapping,
        report::{FileReport, Report},
    },
    records::Work,
};

/// `statuscode` of an import at work.
pub(in crate::import) const IMPORTING: i64 = 3;
/// `statuscode` of a complete import.
const COMPLETED: i64 = 4;
/// `statuscode` of an import that broke off.
const FAILED: i64 = 5;
/// `statuscode` of an import that somebody stopped.
const CANCELED: i64 = 6;
/// `statuscode` of an import that was taken back.
pub(in crate::import) const UNDONE: i64 = 7;
/// `statuscode` of an import whose process ended before it.
pub(in crate::import) const INTERRUPTED: i64 = 8;
/// Longest definition kept, in characters; as the column is declared.
const DEFINITION: usize = 1_048_576;

/// The job of a running import.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub id: Uuid,
    /// Somebody else has ended it.
    lost: Arc<AtomicBool>,
}

/// What a job begins with.
pub(super) struct Beginning<'a> {
    pub mapping: &'a Mapping,
    pub act: Uuid,
    pub dry_run: bool,
    pub rows: u64,
    pub bytes: u64,
    pub saved_mapping: Option<Uuid>,
    pub owner: Option<Reference>,
}

impl Job {
    /// Writes the row of an import that begins.
    pub async fn begin(
        app: &App,
        caller: &Caller,
        origin: Origin,
        beginning: Beginning<'_>,
        ledger: &mut Ledger,
    ) -> Result<Self> {
        let names: Vec<&str> = beginning.mapping.files.iter().map(|file| file.name.as_str()).collect();
        let tables: Vec<&str> = beginning.mapping.files.iter().map(|file| file.table.as_str()).collect();
        let table = tables.first().filter(|first| tables.iter().all(|table| table == *first));
        let name = if beginning.mapping.name.is_empty() { names.join(", ") } else { beginning.mapping.name.clone() };
        let duplicates = beginning.mapping.files.first().map(|file| match file.duplicates {
            crate::import::plan::Duplicates::Skip => 0,
            crate::import::plan::Duplicates::Update => 1,
            crate::import::plan::Duplicates::Create => 2,
        });
        let mut row = Row::new()
            .with("name", cut(&name, 320))
            .with("filename", cut(&names.join(", "), 1000))
            .with("targetentityname", table.map(|table| (*table).to_owned()))
            .with("importmapid", beginning.saved_mapping.map(|id| Reference::new("importmap", id)))
            .with("duplicateaction", duplicates)
            .with("isdryrun", beginning.dry_run)
            .with("size", whole(beginning.bytes))
            .with("totalcount", whole(beginning.rows))
            .with("startedon", Timestamp::now())
            .with("actid", beginning.act)
            .with("statecode", 0)
            .with("statuscode", IMPORTING);
        if let Some(owner) = beginning.owner {
            row.set("ownerid", owner);
        }
        if !put_definition(&mut row, &json!({ "mapping": beginning.mapping, "checkpoint": ledger.id })) {
            put_definition(&mut row, &json!({ "checkpoint": ledger.id }));
        }
        let mut kept = ledger.clone();
        let (id, kept) = app
            .work(caller, origin, move |work| {
                let table = work.table("importjob")?;
                let stored = work.create_trusted(&table, None, row)?;
                let id = stored.value(&table.primary_key).as_id().unwrap_or_default();
                kept.checkpoint.report.job = Some(id);
                kept.store(work)?;
                Ok((id, kept))
            })
            .await?;
        *ledger = kept;
        Ok(Self { id, lost: Arc::default() })
    }

    /// True once somebody else has ended it.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Refuses to go on where somebody else has ended the import meanwhile. Until the end of the
    /// transaction nobody can.
    pub fn require_at_work(&self, work: &mut Work<'_, '_>) -> Result<()> {
        let there = match work.load("importjob", self.id) {
            Ok(row) => is_at_work(&row),
            Err(Error::NotFound { .. }) => false,
            Err(error) => return Err(error),
        };
        if there {
            return Ok(());
        }
        self.lost.store(true, Ordering::Relaxed);
        Err(Error::refused(tr!(
            "somebody else ended this import: it gave no sign of life for a while and was counted as interrupted, or its row was deleted"
        )))
    }

    /// Writes what became of it.
    pub async fn finish(
        &self,
        app: &App,
        caller: &Caller,
        origin: Origin,
        ledger: &Ledger,
        mapping: &Mapping,
    ) -> Result<()> {
        let report = &ledger.checkpoint.report;
        let status = match (&report.broke_off, report.canceled) {
            (Some(_), _) => FAILED,
            (None, true) => CANCELED,
            (None, false) => COMPLETED,
        };
        let row = ended(report, status, Timestamp::now(), mapping);
        let (job, ledger) = (self.clone(), ledger.clone());
        app.work(caller, origin, move |work| {
            job.require_at_work(work)?;
            change(work, job.id, row)?;
            ledger.checkpoint.remove(work, ledger.id)
        })
        .await
    }
}

/// What a job says once it has ended.
pub(in crate::import) fn ended(report: &Report, status: i64, on: Timestamp, mapping: &impl Serialize) -> Row {
    let sum = |count: fn(&FileReport) -> u64| whole(report.files.iter().map(count).sum());
    let whole_files = || report.files.iter().filter(|file| file.failed_rows.len() == 1);
    let mut row = Row::new()
        .with("processedcount", sum(|file| file.rows))
        .with("successcount", sum(|file| file.created))
        .with("updatedcount", sum(|file| file.updated))
        .with("skippedcount", sum(|file| file.skipped + file.unchanged))
        .with("failurecount", sum(|file| file.failed))
        .with("completedon", on)
        .with("actid", report.act)
        .with("failedrows", whole_files().next().map(|file| file.failed_rows[0]))
        .with("message", report.broke_off.as_deref().map(|reason| cut(reason, 10_000)))
        .with("statecode", 1)
        .with("statuscode", status);
    let files = report.files.iter().filter(|file| !file.failed_rows.is_empty());
    let left_out: IndexMap<&str, &[Uuid]> =
        files.map(|file| (file.file.as_str(), file.failed_rows.as_slice())).collect();
    if !put_definition(&mut row, &json!({ "mapping": mapping, "report": report, "left_out": left_out })) {
        // As much of it as the column holds: the rows left out first of all.
        put_definition(&mut row, &json!({ "left_out": left_out }));
    }
    row
}

/// True of a job that nobody has ended.
pub(in crate::import) fn is_at_work(job: &Row) -> bool {
    job.value("statuscode").as_whole() == Some(IMPORTING)
}

/// Changes columns of a job.
pub(in crate::import) fn change(work: &mut Work<'_, '_>, id: Uuid, changes: Row) -> Result<()> {
    let table = work.table("importjob")?;
    let old = work.load("importjob", id)?;
    work.update_loaded(&table, &old, changes).map(|_| ())
}

/// What a job keeps beside its columns; false where that is too long for the column.
fn put_definition(row: &mut Row, definition: &serde_json::Value) -> bool {
    let text = definition.to_string();
    let fits = text.chars().count() <= DEFINITION;
    if fits {
        row.set("definition", text);
    }
    fits
}

pub(super) fn whole(count: u64) -> Value {
    Value::Whole(i64::try_from(count).unwrap_or(i64::MAX))
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
