//! The `importjob` row: what ran, how far it is and what became of it.

use std::sync::Arc;

use indexmap::IndexMap;
use jiff::Timestamp;
use model::{Reference, Value};
use serde::Serialize;
use store::Row;
use uuid::Uuid;

use crate::{
    App, Caller, Origin, Result,
    import::{plan::Mapping, report::Report},
    records::Work,
};

/// `statuscode` of an import at work.
const IMPORTING: i64 = 3;
/// `statuscode` of a complete import.
const COMPLETED: i64 = 4;
/// `statuscode` of an import that broke off.
const FAILED: i64 = 5;
/// `statuscode` of an import that somebody stopped.
const CANCELED: i64 = 6;
/// `statuscode` of an import that was taken back.
pub(in crate::import) const UNDONE: i64 = 7;
/// Longest definition kept, in characters; as the column is declared.
const DEFINITION: usize = 1_048_576;

/// The job of a running import.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub id: Uuid,
    act: Uuid,
    mapping: Mapping,
    /// Parts of the rows left out, by file.
    left_out: IndexMap<String, Vec<Uuid>>,
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
    pub async fn begin(app: &App, caller: &Caller, origin: Origin, beginning: Beginning<'_>) -> Result<Self> {
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
        let nothing = IndexMap::new();
        put_definition(&mut row, &Definition { mapping: beginning.mapping, report: None, left_out: &nothing });
        let act = beginning.act;
        let id = app
            .work(caller, origin, move |work| {
                let table = work.table("importjob")?;
                let stored = work.create_trusted(&table, None, row)?;
                Ok(stored.value(&table.primary_key).as_id().unwrap_or_default())
            })
            .await?;
        Ok(Self { id, act, mapping: beginning.mapping.clone(), left_out: IndexMap::new() })
    }

    /// Tells how far it is.
    pub async fn progress(&self, app: &App, caller: &Caller, origin: Origin, processed: u64) -> Result<()> {
        self.change(app, caller, origin, Row::new().with("processedcount", whole(processed))).await
    }

    /// Stores a part of the rows that `file` left out.
    pub async fn keep(
        &mut self,
        app: &App,
        caller: &Caller,
        origin: Origin,
        file: &str,
        part: Uuid,
        bytes: Arc<Vec<u8>>,
    ) -> Result<()> {
        let mut left_out = self.left_out.clone();
        left_out.entry(file.to_owned()).or_default().push(part);
        self.store(app, caller, origin, left_out, part, bytes).await
    }

    /// Stores all that `file` left out in place of its parts.
    pub async fn keep_whole(
        &mut self,
        app: &App,
        caller: &Caller,
        origin: Origin,
        file: &str,
        whole: Uuid,
        bytes: Arc<Vec<u8>>,
    ) -> Result<()> {
        let mut left_out = self.left_out.clone();
        left_out.insert(file.to_owned(), vec![whole]);
        self.store(app, caller, origin, left_out, whole, bytes).await
    }

    async fn store(
        &mut self,
        app: &App,
        caller: &Caller,
        origin: Origin,
        left_out: IndexMap<String, Vec<Uuid>>,
        part: Uuid,
        bytes: Arc<Vec<u8>>,
    ) -> Result<()> {
        let mut changes = Row::new();
        put_definition(&mut changes, &Definition { mapping: &self.mapping, report: None, left_out: &left_out });
        let id = self.id;
        app.work(caller, origin, move |work| {
            work.writer().put_file(part, &bytes)?;
            change(work, id, changes)
        })
        .await?;
        self.left_out = left_out;
        Ok(())
    }

    /// Writes what became of it.
    pub async fn finish(
        &self,
        app: &App,
        caller: &Caller,
        origin: Origin,
        report: &Report,
        mapping: &Mapping,
    ) -> Result<()> {
        let sum = |count: fn(&crate::import::report::FileReport) -> u64| whole(report.files.iter().map(count).sum());
        let status = match (&report.broke_off, report.canceled) {
            (Some(_), _) => FAILED,
            (None, true) => CANCELED,
            (None, false) => COMPLETED,
        };
        let whole_files = || report.files.iter().filter(|file| file.failed_rows.len() == 1);
        let mut row = Row::new()
            .with("processedcount", sum(|file| file.rows))
            .with("successcount", sum(|file| file.created))
            .with("updatedcount", sum(|file| file.updated))
            .with("skippedcount", sum(|file| file.skipped + file.unchanged))
            .with("failurecount", sum(|file| file.failed))
            .with("completedon", Timestamp::now())
            .with("actid", self.act)
            .with("failedrows", whole_files().next().map(|file| file.failed_rows[0]))
            .with("message", report.broke_off.as_deref().map(|reason| cut(reason, 10_000)))
            .with("statecode", 1)
            .with("statuscode", status);
        put_definition(&mut row, &Definition { mapping, report: Some(report), left_out: &self.left_out });
        self.change(app, caller, origin, row).await
    }

    async fn change(&self, app: &App, caller: &Caller, origin: Origin, changes: Row) -> Result<()> {
        let id = self.id;
        app.work(caller, origin, move |work| change(work, id, changes)).await
    }
}

/// Changes columns of a job.
pub(in crate::import) fn change(work: &mut Work<'_, '_>, id: Uuid, changes: Row) -> Result<()> {
    let table = work.table("importjob")?;
    let old = work.load("importjob", id)?;
    work.update_loaded(&table, &old, changes).map(|_| ())
}

/// What a job keeps beside its columns.
#[derive(Serialize)]
struct Definition<'a> {
    mapping: &'a Mapping,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<&'a Report>,
    /// Stored parts of the rows left out, by file.
    left_out: &'a IndexMap<String, Vec<Uuid>>,
}

/// As much of it as the column holds: the rows left out first of all.
fn put_definition(row: &mut Row, definition: &Definition<'_>) {
    let all = serde_json::json!(definition).to_string();
    let text = if all.chars().count() <= DEFINITION {
        all
    } else {
        serde_json::json!({ "left_out": definition.left_out }).to_string()
    };
    if text.chars().count() <= DEFINITION {
        row.set("definition", text);
    }
}

fn whole(count: u64) -> Value {
    Value::Whole(i64::try_from(count).unwrap_or(i64::MAX))
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
