//! The second pass, when all files are read: lookups to rows that came later, and closings that
//! waited for product lines.

use std::sync::{Arc, PoisonError};

use language::tr;
use model::{Reference, Table};
use store::Row;

use super::{
    BATCH, Run, closing, references,
    resolve::{self, Meant},
    session::{Closing, Done, Later, Pending, Session, State, concerns_the_row},
};
use crate::{
    Result,
    import::{compile::Compiled, prepare::Prepared, report::FileReport},
    records::Work,
};

/// What a file leaves for the second pass.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub lookups: Vec<Pending>,
    pub closings: Vec<Closing>,
}

impl Run<'_> {
    /// Fills the lookups of one file that could not be filled before.
    pub(super) async fn fill_lookups(&mut self, place: usize, file: &Arc<Compiled>, waiting: &Waiting) -> Result<()> {
        for part in waiting.lookups.chunks(BATCH) {
            let (part, file, state) = (part.to_vec(), file.clone(), self.state.clone());
            let mut ledger = self.ledger.clone();
            let filled = self.work(move |work| {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                ledger.file(place).add(&fill(work, &file, &mut state, &part)?);
                ledger.store(work)?;
                Ok(ledger)
            });
            self.ledger = filled.await?;
        }
        Ok(())
    }

    /// Closes the rows of one file that could not be closed before.
    pub(super) async fn close(&mut self, place: usize, file: &Arc<Compiled>, waiting: &Waiting) -> Result<()> {
        if self.dry_run {
            return Ok(());
        }
        for part in waiting.closings.chunks(BATCH) {
            let (part, table, mut ledger) = (part.to_vec(), file.table.clone(), self.ledger.clone());
            let closed = self.work(move |work| {
                for (reason, number) in close(work, &table, &part)? {
                    ledger.file(place).warn(&tr!("it is in, but open: {reason}", reason), number);
                }
                ledger.store(work)?;
                Ok(ledger)
            });
            self.ledger = closed.await?;
        }
        Ok(())
    }
}

fn close(work: &mut Work<'_, '_>, table: &Table, closings: &[Closing]) -> Result<Vec<(String, u64)>> {
    let mut refused = Vec::new();
    for later in closings {
        let row = work.load(&table.name, later.row)?;
        match work.attempt(|work| closing::carry_out(work, table, &row, &later.ending))? {
            Ok(()) => {}
            Err(error) if concerns_the_row(&error) => refused.push((error.to_string(), later.number)),
            Err(error) => return Err(error),
        }
    }
    Ok(refused)
}

fn fill(work: &mut Work<'_, '_>, file: &Compiled, state: &mut State, pending: &[Pending]) -> Result<FileReport> {
    let existing = std::collections::HashMap::new();
    let mut session = Session { state, file, existing, here: Vec::new(), done: Done::default() };
    for later in pending {
        let row = Prepared { number: later.number, ..Prepared::default() };
        let (source, found) = match &later.later {
            Later::Name { lookup, name } => (
                file.lookups[*lookup].source.as_str(),
                by_name(work, &mut session, &row, *lookup, name)?
                    .map(|reference| (file.lookups[*lookup].target.to.as_str(), reference)),
            ),
            Later::Id { column, reference } => {
                let label = file.table.column(column).map_or(column.as_str(), |column| column.label.as_str());
                let found = by_id(work, &mut session, &row, label, reference)?;
                (label, found.map(|reference| (column.as_str(), reference)))
            }
        };
        let Some((column, reference)) = found else { continue };
        if session.state.dry_run {
            continue;
        }
        let written = work.attempt(|work| point(work, &file.table, later, column, reference))?;
        match written {
            Ok(()) => {}
            Err(error) if concerns_the_row(&error) => {
                session.warn(&tr!("{source}: {error}; left empty", source, error), later.number);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(session.done.report)
}

fn by_name(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    lookup: usize,
    name: &str,
) -> Result<Option<Reference>> {
    let lookup = &session.file.lookups[lookup];
    for place in lookup.steps.iter().flatten() {
        session.state.finder.fetch(work, place.names, &[name])?;
    }
    let message = match resolve::find(session, row, lookup, name) {
        Meant::Row(reference) => return Ok(Some(reference)),
        Meant::Several(rows) => resolve::ambiguous(lookup, name, &rows),
        Meant::Nothing => resolve::nothing_found(lookup, name),
    };
    session.warn(&tr!("{message}; left empty", message), row.number);
    Ok(None)
}

fn by_id(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    label: &str,
    reference: &Reference,
) -> Result<Option<Reference>> {
    if let Some(here) = session.state.renamed.get(&reference.id) {
        return Ok(Some(Reference::new(reference.table.as_str(), *here)));
    }
    let table = work.table(&reference.table)?;
    let there = session.state.imagined.contains(&reference.id)
        || !work
            .find(&table.name, model::Filter::eq(table.primary_key.as_str(), reference.id), &[&table.primary_key])?
            .is_empty();
    if !there {
        session.warn(&references::nowhere(label, reference, &tr!("left empty")), row.number);
    }
    Ok(there.then(|| reference.clone()))
}

/// Sets the lookup; of a row that this import made even where it is closed, since that is part of
/// how it came in.
fn point(work: &mut Work<'_, '_>, table: &Table, later: &Pending, column: &str, reference: Reference) -> Result<()> {
    let changes = Row::new().with(column, reference);
    if !later.made {
        return work.update(&table.name, later.row, changes, None).map(|_| ());
    }
    let old = work.load(&table.name, later.row)?;
    work.update_loaded(table, &old, changes).map(|_| ())
}
