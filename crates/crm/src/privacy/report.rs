//! What was done, without any personal data: identifiers of records, counts and reasons. The report
//! of an erasure is also what it is done again by after an older backup was restored.

use jiff::Timestamp;
use language::tr;
use model::{Filter, Order, Reference, Value};
use serde::{Deserialize, Serialize};
use store::Row;
use uuid::Uuid;

use super::{Privacy, require_administrator};
use crate::{Caller, Error, Result, records::Work};

/// The table the reports are kept in.
const REQUESTS: &str = "privacyrequest";
/// Longest report kept, in characters; as the column is declared.
const LONGEST: usize = 1_000_000;

/// What kind of act a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// Everything about a person was handed out.
    Export = 1,
    /// Everything about a person was erased.
    Erasure = 2,
    /// A retention rule was carried out.
    Retention = 3,
}

/// What was done with one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "did")]
pub enum Did {
    /// It stands in the package.
    Exported,
    /// It was stripped of everything personal, and its history was erased.
    Anonymised,
    /// It was deleted, and its history was erased.
    Deleted,
    /// It no longer says who took part, and its history was erased.
    Unlinked,
    /// The values of these entries of its history were erased.
    HistoryErased {
        /// Sequence numbers; none where all were erased.
        sequences: Vec<u64>,
    },
    /// Rows were taken out of what the import left out.
    RowsTakenOut {
        /// How many.
        rows: u64,
    },
}

/// One record with what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Logical name of the table.
    pub table: String,
    /// The record.
    pub id: Uuid,
    /// What was done.
    #[serde(flatten)]
    pub did: Did,
}

/// One record that was found and stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Logical name of the table.
    pub table: String,
    /// The record.
    pub id: Uuid,
    /// Why it stays.
    pub why: String,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The row of `privacyrequest` it is kept in.
    pub id: Uuid,
    /// What kind of act.
    pub kind: ReportKind,
    /// When.
    pub at: Timestamp,
    /// By whom; nil for the server itself or the command line.
    pub by: Uuid,
    /// The number of the request, as it was given.
    pub reference: String,
    /// Record by record.
    pub steps: Vec<Step>,
    /// What was found and stays.
    pub kept: Vec<Kept>,
    /// Records that mention the person among other things, left for a person to look at.
    pub mentioned: Vec<Reference>,
    /// Entries of the history whose values were erased.
    pub history_entries: u64,
    /// Stored files that were taken away.
    pub files: u64,
    /// Why something of what was erased may still be left in the database file, where it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_behind: Option<String>,
}

impl Report {
    /// Of an act that begins.
    pub(super) fn new(kind: ReportKind, caller: &Caller, reference: &str) -> Self {
        Self {
            id: Uuid::now_v7(),
            kind,
            at: Timestamp::now(),
            by: caller.user,
            reference: reference.trim().to_owned(),
            steps: Vec::new(),
            kept: Vec::new(),
            mentioned: Vec::new(),
            history_entries: 0,
            files: 0,
            left_behind: None,
        }
    }

    pub(super) fn note(&mut self, record: &Reference, did: Did) {
        self.steps.push(Step { table: record.table.clone(), id: record.id, did });
    }

    pub(super) fn keep(&mut self, record: &Reference, why: impl Into<String>) {
        self.kept.push(Kept { table: record.table.clone(), id: record.id, why: why.into() });
    }

    /// How many records something was done with.
    pub fn records(&self) -> usize {
        self.steps.len()
    }

    /// Stores it; the row's own history is sealed like any other.
    pub(super) fn store(&self, work: &mut Work<'_, '_>) -> Result<()> {
        let text = serde_json::to_string(self).map_err(|error| Error::File(error.to_string()))?;
        if text.len() > LONGEST {
            return Err(Error::refused(tr!(
                "this concerns more records than one report holds; choose fewer at a time, for instance table by table"
            )));
        }
        let what = match self.kind {
            ReportKind::Export => "Export",
            ReportKind::Erasure => "Erasure",
            ReportKind::Retention => "Retention",
        };
        let day = self.at.strftime("%Y-%m-%d %H:%M UTC");
        let name = if self.reference.is_empty() {
            format!("{what} {day}")
        } else {
            format!("{what} {}, {day}", self.reference)
        };
        let row = Row::new()
            .with("name", name.chars().take(200).collect::<String>())
            .with("kindcode", self.kind as i64)
            .with("referencenumber", Some(self.reference.clone()).filter(|reference| !reference.is_empty()))
            .with("recordcount", i64::try_from(self.records()).unwrap_or(i64::MAX))
            .with("report", text);
        let table = work.table(REQUESTS)?;
        work.as_consequence(|work| work.create_trusted(&table, Some(self.id), row)).map(drop)
    }

    fn read(row: &Row) -> Result<Self> {
        serde_json::from_str(row.text("report"))
            .map_err(|error| Error::File(tr!("the report of a privacy request cannot be read: {error}", error)))
    }
}

/// Whether the database holds this report.
pub(super) fn is_known(work: &mut Work<'_, '_>, id: Uuid) -> Result<bool> {
    Ok(work.writer().exists(&Reference::new(REQUESTS, id))?)
}

impl Privacy<'_> {
    /// The report of one request.
    pub async fn report(&self, caller: &Caller, id: Uuid) -> Result<Report> {
        require_administrator(caller)?;
        Report::read(&self.app.get(caller, REQUESTS, id, Some(vec!["report".to_owned()])).await?)
    }

    /// The newest reports, at most so many.
    pub async fn reports(&self, caller: &Caller, limit: u32) -> Result<Vec<Report>> {
        require_administrator(caller)?;
        let query = self.app.new_query(caller, REQUESTS).select(["report"]).order_by(Order::descending("createdon"));
        let rows = self.app.query(caller, query.take(limit)).await?;
        rows.to_rows().map(|row| Report::read(&row)).collect()
    }

    /// The ledger: all reports of erasures and of retention rules, the oldest first. Kept apart from
    /// the backups, it is what [`Privacy::again`] does again after one was restored.
    pub async fn ledger(&self, caller: &Caller) -> Result<Vec<Report>> {
        require_administrator(caller)?;
        let erased = [ReportKind::Erasure as i64, ReportKind::Retention as i64].map(Value::from);
        let mut query = self
            .app
            .new_query(caller, REQUESTS)
            .select(["report"])
            .matching(Filter::is_in("kindcode", erased))
            .order_by(Order::ascending("createdon"))
            .take(100);
        let mut reports = Vec::new();
        loop {
            let rows = self.app.query(caller, query.clone()).await?;
            for row in rows.to_rows() {
                reports.push(Report::read(&row)?);
            }
            match rows.next {
                Some(next) => query.page.cursor = Some(next),
                None => return Ok(reports),
            }
        }
    }
}
