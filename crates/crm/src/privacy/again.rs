//! Doing erasures again, after a backup was restored that is older than they are.

use model::Reference;
use serde::Serialize;

use super::{
    Privacy,
    erase::{Eraser, Treatment, scrub},
    report::{self, Did, Report, Step},
    require_administrator,
};
use crate::{Caller, Origin, Result, import, records::Work};

/// What was done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Again {
    /// Erasures in the ledger.
    pub erasures: usize,
    /// How many of them the database did not know, so that they were done again.
    pub done_again: usize,
}

impl Privacy<'_> {
    /// Does those erasures of a ledger again ([`Privacy::ledger`]) that the database does not know:
    /// it comes from a backup made before them. Their reports are put back.
    ///
    /// Rows that an import left out cannot be told apart without the person's name: all rows that
    /// import left out go.
    pub async fn again(&self, caller: &Caller, origin: Origin, ledger: Vec<Report>) -> Result<Again> {
        require_administrator(caller)?;
        let mut again = Again { erasures: ledger.len(), done_again: 0 };
        let mut last = None;
        for report in ledger {
            let done = self.app.work(caller, origin, move |work| redo_all(work, report)).await?;
            if let Some(report) = done {
                again.done_again += 1;
                let steps = last.take().map(|last: Report| last.steps).unwrap_or_default();
                last = Some(Report { steps: report.steps.iter().cloned().chain(steps).collect(), ..report });
            }
        }
        if let Some(last) = last {
            scrub(self.app, last).await;
        }
        Ok(again)
    }
}

/// An erasure whose report is in the database was done there: both were written at once.
fn redo_all(work: &mut Work<'_, '_>, report: Report) -> Result<Option<Report>> {
    if report::is_known(work, report.id)? {
        return Ok(None);
    }
    let mut eraser = Eraser::new(report.clone());
    work.as_consequence(|work| {
        work.without_duplicate_rules(|work| {
            report.steps.iter().try_for_each(|step| redo(&mut eraser, work, step))?;
            eraser.finish(work)
        })
    })?;
    report.store(work)?;
    Ok(Some(report))
}

fn redo(eraser: &mut Eraser, work: &mut Work<'_, '_>, step: &Step) -> Result<()> {
    let record = Reference::new(step.table.as_str(), step.id);
    let is_in_the_model = work.model().table(&step.table).is_some();
    match &step.did {
        Did::Exported => {}
        Did::HistoryErased { sequences } if !sequences.is_empty() => eraser.erase_entries(work, &record, sequences)?,
        Did::RowsTakenOut { .. } => take_files_away(work, &record)?,
        did => {
            // Of a table that was taken out of the model only the history tells.
            match did {
                _ if !is_in_the_model => {}
                Did::Anonymised => eraser.treat(work, &record, Treatment::Anonymise)?,
                Did::Deleted => eraser.treat(work, &record, Treatment::Delete)?,
                Did::Unlinked => eraser.unlink(work, &record)?,
                _ => {}
            }
            eraser.forget(&record);
        }
    }
    Ok(())
}

fn take_files_away(work: &mut Work<'_, '_>, record: &Reference) -> Result<()> {
    let Some(job) = work.writer().lock(&record.table, record.id)? else { return Ok(()) };
    for file in import::kept_files(&job) {
        work.writer().delete_file(file)?;
    }
    Ok(())
}
