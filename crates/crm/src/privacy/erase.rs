//! Erasing everything about a person (article 17), in one act that cannot be undone.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use language::{text, tr};
use model::{Cascade, Filter, Reference, Table, TableKind, Value};
use serde::{Deserialize, Serialize};
use store::{FeedOperation, FeedPosition, Query, Row};

use super::{
    Privacy,
    find::{Findings, Item, Kind},
    imports, personal,
    report::{Did, Report, ReportKind},
    require_administrator,
    terms::{Person, Terms},
};
use crate::{App, Caller, Error, Origin, Result, records::Work, webhooks};

/// Changes of one row looked at for files it once had.
const CHANGES: u32 = 100_000;
/// Entries of the act read in one go.
const PART: u32 = 2000;
/// How long changes under way are waited for before the erasure is sealed.
const PATIENCE: Duration = Duration::from_secs(2);

/// What becomes of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// They stay, stripped of everything personal, so that counts and sums stay right.
    #[default]
    Anonymise,
    /// They go.
    Delete,
}

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ErasureRequest {
    /// Whose data.
    pub person: Person,
    /// [`Item::key`]s of what is to be erased; none for everything certain.
    pub chosen: Option<Vec<String>>,
    /// What becomes of the records about them.
    pub people: Treatment,
    /// What becomes of activities and notes about them.
    pub about: Treatment,
    /// The number of the request; never a name.
    pub reference: String,
}

impl Privacy<'_> {
    /// Erases what was found about a person: rows, what hangs on them, their history, search words,
    /// match keys, files, and rows that imports left out. Cannot be undone. The report that is kept
    /// holds no personal data.
    ///
    /// # Errors
    /// [`Error::Refused`] where a record about them is held for a claim or lawsuit, where something
    /// chosen is no longer found, or where the reference tells who the person is.
    pub async fn erase(&self, caller: &Caller, origin: Origin, request: ErasureRequest) -> Result<Report> {
        require_administrator(caller)?;
        let findings = self.find(caller, request.person.clone()).await?;
        let terms = Terms::of(&findings.person);
        if terms.spoken(&request.reference).is_some() {
            return Err(Error::refused(tr!(
                "the reference tells who the person is, and it stays; give a number that only you can tell them by"
            )));
        }
        if let Some(held) = findings.items.iter().find(|item| item.kind == Kind::Person && item.held) {
            return Err(Error::refused(tr!(
                "“{}” is under legal hold, so nothing about this person may be erased; lift the hold first",
                held.name
            )));
        }
        let chosen = chosen(&findings, request.chosen.as_deref())?;
        if chosen.is_empty() {
            return Err(Error::refused(tr!("nothing was chosen that could be erased")));
        }
        let report = self
            .app
            .work(caller, origin, move |work| {
                let mut eraser = Eraser::new(Report::new(ReportKind::Erasure, work.caller(), &request.reference));
                keep(&mut eraser.report, &findings, &chosen);
                work.as_consequence(|work| {
                    work.without_duplicate_rules(|work| eraser.erase(work, &request, &chosen, &terms))
                })?;
                eraser.report.store(work)?;
                Ok(eraser.report)
            })
            .await?;
        Ok(scrub(self.app, report).await)
    }
}

/// The items that are meant.
fn chosen(findings: &Findings, keys: Option<&[String]>) -> Result<Vec<Item>> {
    let erasable = findings.items.iter().filter(|item| item.is_erasable());
    let Some(keys) = keys else { return Ok(erasable.filter(|item| item.certain).cloned().collect()) };
    let chosen: Vec<Item> = erasable.filter(|item| keys.contains(&item.key())).cloned().collect();
    let unknown = keys.iter().find(|key| !chosen.iter().any(|item| item.key() == **key));
    match unknown {
        None => Ok(chosen),
        Some(key) => Err(Error::refused(tr!(
            "{key} was chosen and is not found any more, or must stay; look at what is found now and choose again",
            key
        ))),
    }
}

fn keep(report: &mut Report, findings: &Findings, chosen: &[Item]) {
    for item in findings.items.iter().filter(|item| !chosen.contains(item)) {
        let why = match item.kind {
            Kind::Business => {
                text!("a record of business; it points at a record that says nothing about them any more")
            }
            Kind::Candidate => text!("not known to be about them"),
            _ if item.held => text!("legal hold"),
            _ => text!("not chosen"),
        };
        report.keep(&item.record, why);
    }
    report.mentioned = findings.mentions.iter().map(|mention| mention.record.clone()).collect();
}

/// Takes away what is left in the file and its log. What was erased is erased for everybody who
/// uses Pipewright even where this fails; so it is told, not undone.
pub(super) async fn scrub(app: &App, mut report: Report) -> Report {
    let mut tables: BTreeSet<String> = report.steps.iter().map(|step| step.table.clone()).collect();
    // Activities are searched by their twins.
    let model = app.model();
    let twins = model.tables.values().filter(|table| table.kind == TableKind::Pointer);
    tables.extend(twins.map(|table| table.name.clone()));
    let sealed = app.store().seal(PATIENCE).await;
    let scrubbed = match sealed {
        Ok(()) => app.store().scrub(tables.into_iter().collect()).await,
        Err(error) => Err(error),
    };
    if let Err(error) = scrubbed {
        tracing::warn!(%error, "something of what was erased may be left in the database file");
        report.left_behind = Some(error.to_string());
    }
    report
}

/// An erasure at work.
pub(super) struct Eraser {
    pub report: Report,
    /// Records whose whole history goes.
    forgotten: Vec<Reference>,
    known: HashSet<Reference>,
}

impl Eraser {
    pub(super) fn new(report: Report) -> Self {
        Self { report, forgotten: Vec::new(), known: HashSet::new() }
    }

    fn erase(
        &mut self,
        work: &mut Work<'_, '_>,
        request: &ErasureRequest,
        chosen: &[Item],
        terms: &Terms,
    ) -> Result<()> {
        let of = |kind: Kind| chosen.iter().filter(move |item| item.kind == kind);
        for item in of(Kind::About) {
            // A connection says nothing but whom it ties together.
            let treatment = if item.record.table == "connection" { Treatment::Delete } else { request.about };
            self.treat(work, &item.record, treatment)?;
        }
        for item in of(Kind::Party) {
            self.unlink(work, &item.record)?;
        }
        // Leads first: they may point at a contact as their customer, which then may go.
        for item in of(Kind::Person).rev() {
            self.treat(work, &item.record, request.people)?;
        }
        for item in of(Kind::FormerValue) {
            self.erase_entries(work, &item.record, &item.sequences)?;
        }
        for item in of(Kind::Deleted) {
            self.report.note(&item.record, Did::HistoryErased { sequences: Vec::new() });
            self.forget(&item.record);
        }
        for item in of(Kind::Import) {
            let rows = imports::take_out(work, item.record.id, terms)?;
            self.report.note(&item.record, Did::RowsTakenOut { rows });
        }
        self.finish(work)
    }

    /// Anonymises or deletes a record; one that others need is anonymised in any case.
    pub(super) fn treat(&mut self, work: &mut Work<'_, '_>, record: &Reference, treatment: Treatment) -> Result<()> {
        let table = work.table(&record.table)?;
        // It went with another one.
        let Some(row) = work.writer().lock(&table.name, record.id)? else { return Ok(()) };
        let needed = match treatment {
            Treatment::Delete => needed_by(work, &table, record)?,
            Treatment::Anonymise => None,
        };
        if treatment == Treatment::Anonymise || needed.is_some() {
            if let Some(other) = needed {
                self.report.keep(record, format!("anonymised instead of deleted, since {other} points at it"));
            }
            self.anonymise(work, &table, record, &row)
        } else {
            self.delete_files(work, &table, row.iter())?;
            work.delete_loaded(&table, &row)
        }
    }

    fn anonymise(&mut self, work: &mut Work<'_, '_>, table: &Table, record: &Reference, row: &Row) -> Result<()> {
        self.delete_files(work, table, row.iter())?;
        work.write_row(table, row, personal::emptied(table, row))?;
        self.report.note(record, Did::Anonymised);
        self.forget(record);
        Ok(())
    }

    /// Somebody took part, and nobody can tell who.
    pub(super) fn unlink(&mut self, work: &mut Work<'_, '_>, record: &Reference) -> Result<()> {
        let table = work.table(&record.table)?;
        let Some(row) = work.writer().lock(&table.name, record.id)? else { return Ok(()) };
        let changes = Row::new()
            .with("partyid", Value::Null)
            .with("partyname", personal::ERASED)
            .with("addressused", Value::Null)
            .with("ispartydeleted", true);
        work.write_row(&table, &row, changes)?;
        self.report.note(record, Did::Unlinked);
        self.forget(record);
        Ok(())
    }

    /// Erases single entries of a record's history.
    pub(super) fn erase_entries(
        &mut self,
        work: &mut Work<'_, '_>,
        record: &Reference,
        sequences: &[u64],
    ) -> Result<()> {
        let actor = work.actor();
        let erased = work.writer().erase_history(&actor, &record.table, record.id, Some(sequences))?;
        self.report.history_entries += erased as u64;
        self.report.note(record, Did::HistoryErased { sequences: sequences.to_vec() });
        Ok(())
    }

    /// The record's whole history goes at the end.
    pub(super) fn forget(&mut self, record: &Reference) {
        if self.known.insert(record.clone()) {
            self.forgotten.push(record.clone());
        }
    }

    /// Erases the history of everything anonymised or deleted, what went with it included.
    pub(super) fn finish(&mut self, work: &mut Work<'_, '_>) -> Result<()> {
        let mut after = FeedPosition::default();
        loop {
            let act = work.act();
            let part = work.writer().feed_of_act(act, after, PART)?;
            for entry in &part {
                after = entry.position;
                if entry.operation == FeedOperation::Delete {
                    let record = Reference::new(entry.table.as_str(), entry.id);
                    self.report.note(&record, Did::Deleted);
                    self.forget(&record);
                }
            }
            if part.len() < PART as usize {
                break;
            }
        }
        let actor = work.actor();
        for record in std::mem::take(&mut self.forgotten) {
            if let Some(table) = work.model().table(&record.table).cloned() {
                let entries = work.writer().feed_of(&record.table, record.id, CHANGES)?;
                let values = entries.iter().flat_map(|entry| &entry.changes);
                let values = values.flat_map(|(name, before, after)| [(name.as_str(), before), (name.as_str(), after)]);
                self.delete_files(work, &table, values)?;
            }
            let erased = work.writer().erase_history(&actor, &record.table, record.id, None)?;
            self.report.history_entries += erased as u64;
            for delivery in webhooks::forget(work, &record)? {
                self.report.note(&delivery, Did::Deleted);
            }
        }
        Ok(())
    }

    fn delete_files<'v>(
        &mut self,
        work: &mut Work<'_, '_>,
        table: &Table,
        values: impl Iterator<Item = (&'v str, &'v Value)>,
    ) -> Result<()> {
        let mut files = personal::files(table, values);
        files.sort_unstable();
        files.dedup();
        for file in files {
            if work.writer().file(file)?.is_some() {
                work.writer().delete_file(file)?;
                self.report.files += 1;
            }
        }
        Ok(())
    }
}

/// What would be deleted with a record, or keeps it from being deleted, though it says nothing about
/// the person: a record of business.
fn needed_by(work: &mut Work<'_, '_>, table: &Table, record: &Reference) -> Result<Option<String>> {
    let model = work.model().clone();
    for relationship in model.pointing_at(&table.name) {
        let Some(other) = model.table(&relationship.referencing) else { continue };
        let is_beside = matches!(other.kind, TableKind::Pointer | TableKind::Intersect | TableKind::Process)
            || super::find::goes_with(other);
        if is_beside || relationship.on_delete == Cascade::RemoveLink {
            continue;
        }
        let query = Query::of(&other.name, work.caller().scope().clone(), work.caller().zone())
            .select([other.primary_key.as_str()])
            .matching(Filter::eq(relationship.column.as_str(), record.clone()))
            .take(1);
        if !work.query(&query)?.is_empty() {
            return Ok(Some(format!("a record of {}", other.plural_label.to_lowercase())));
        }
    }
    Ok(None)
}
