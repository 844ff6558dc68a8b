//! The second pass: lookups to rows of the same table that came later in the file.

use std::sync::{Arc, PoisonError};

use model::Reference;
use store::Row;

use super::{
    BATCH, Run, resolve,
    session::{Done, Pending, Session, State, concerns_the_row},
};
use crate::{
    Error, Result,
    import::{compile::Compiled, prepare::Prepared, report::FileReport},
    records::Work,
};

impl Run<'_> {
    pub(super) async fn second_pass(&self, file: &Arc<Compiled>, report: &mut FileReport) -> Result<()> {
        let pending = std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).pending);
        for part in pending.chunks(BATCH) {
            let (part, file, state, act) = (part.to_vec(), file.clone(), self.state.clone(), self.act);
            let warnings = self
                .app
                .work(&self.caller, self.origin, move |work| {
                    work.belongs_to(act);
                    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                    fill(work, &file, &mut state, &part)
                })
                .await?;
            report.add(&warnings);
        }
        Ok(())
    }
}

fn fill(work: &mut Work<'_, '_>, file: &Compiled, state: &mut State, pending: &[Pending]) -> Result<FileReport> {
    let mut session = Session { state, file, existing: std::collections::HashMap::new(), done: Done::default() };
    for later in pending {
        let lookup = &file.lookups[later.lookup];
        let row = Prepared { number: later.number, ..Prepared::default() };
        for place in &lookup.places {
            session.state.finder.fetch(work, *place, &[&later.name])?;
        }
        let found = match resolve::find(&mut session, &row, lookup, &later.name) {
            Ok(found) => found,
            Err(Error::Refused(message)) => {
                session.warn(&format!("{message}; left empty"), later.number);
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(id) = found else {
            session.warn(&format!("{}; left empty", resolve::nothing_found(lookup, &later.name)), later.number);
            continue;
        };
        if session.state.dry_run {
            continue;
        }
        let changes = Row::new().with(lookup.target.to.as_str(), Reference::new(lookup.target.table.clone(), id));
        let written = work.attempt(|work| work.update(&file.table.name, later.row, changes, None).map(|_| ()))?;
        match written {
            Ok(()) => {}
            Err(error) if concerns_the_row(&error) => {
                session.warn(&format!("{}: {error}; left empty", lookup.source), later.number);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(session.done.report)
}
