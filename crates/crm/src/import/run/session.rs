//! What an import remembers while it runs.

use std::collections::{HashMap, HashSet};

use model::{Reference, Table};
use store::Row;
use uuid::Uuid;

use super::{batch::key_of, closing::Ending, pending::Waiting};
use crate::{
    Error, Result,
    import::{compile::Compiled, finder::Finder, prepare::Prepared, report::FileReport},
    records::Work,
};

/// What outlives one transaction.
pub(in crate::import) struct State {
    pub finder: Finder,
    /// What the file at work leaves for the second pass.
    pub waiting: Waiting,
    /// Rows made because others named them.
    pub made: HashSet<Uuid>,
    /// In a dry run: rows that would be there by now.
    pub imagined: HashSet<Uuid>,
    /// In a dry run: keys of rows that would be there by now.
    pub imagined_keys: HashMap<String, Uuid>,
    /// Keys of another organisation's rows to those of the rows found for them here.
    pub renamed: HashMap<Uuid, Uuid>,
    /// Rows that identifiers in the files name and that are there.
    pub known: HashSet<Uuid>,
    /// What those are called that the batch at work names with their keys.
    pub called: HashMap<Uuid, String>,
    /// Closings wait until the product lines are in, which come in a later file.
    pub closes_later: bool,
    /// Whom rows belong to that have no owner in the file.
    pub default_owner: Option<Reference>,
    pub root_business_unit: Uuid,
    pub dry_run: bool,
}

/// A lookup to be filled in the second pass.
#[derive(Debug, Clone)]
pub(in crate::import) struct Pending {
    pub row: Uuid,
    /// The row came in by this import, so that it may be completed even where it is closed.
    pub made: bool,
    pub number: u64,
    pub later: Later,
}

/// How the row that comes later is named.
#[derive(Debug, Clone)]
pub(in crate::import) enum Later {
    /// By a cell of a lookup.
    Name { lookup: usize, name: String },
    /// By its identifier.
    Id { column: String, reference: Reference },
}

impl Pending {
    /// The lookup that is filled later.
    pub fn column<'f>(&'f self, file: &'f Compiled) -> &'f str {
        match &self.later {
            Later::Name { lookup, .. } => &file.lookups[*lookup].target.to,
            Later::Id { column, .. } => column,
        }
    }
}

/// What one transaction did.
#[derive(Default)]
pub(in crate::import) struct Done {
    pub report: FileReport,
    /// Rows that did not come in: place in the batch and reason.
    pub failed: Vec<(usize, String)>,
    pub pending: Vec<Pending>,
    pub made: Vec<Uuid>,
    pub created: Vec<Uuid>,
    pub keys: Vec<(String, Uuid)>,
    /// Rows to be closed when all files are read.
    pub closings: Vec<Closing>,
}

/// A row that is closed when all files are read.
#[derive(Debug, Clone)]
pub(in crate::import) struct Closing {
    pub row: Uuid,
    pub number: u64,
    pub ending: Ending,
}

/// One transaction of an import.
pub(in crate::import) struct Session<'a> {
    pub state: &'a mut State,
    pub file: &'a Compiled,
    /// Rows that are there already, by key; see [`key_of`].
    pub existing: HashMap<String, Vec<Uuid>>,
    /// Rows made in this transaction.
    pub here: Vec<Uuid>,
    pub done: Done,
}

impl Session<'_> {
    /// The table as it is now; in a dry run it may lack columns the import would add.
    pub fn table(&self, work: &Work<'_, '_>) -> Result<std::sync::Arc<Table>> {
        work.table(&self.file.table.name)
    }

    /// In a dry run nothing was added to the model and earlier batches were taken back: takes
    /// out what depends on it.
    pub fn as_far_as_real(&self, table: &Table, row: &mut Row) {
        if !self.state.dry_run {
            return;
        }
        let names: Vec<String> = row.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let value = row.value(&name).clone();
            if table.column(&name).is_none() || table.check(&name, &value).is_err() {
                row.remove(&name);
            } else if let Some(reference) = value.as_reference()
                && self.state.imagined.contains(&reference.id)
            {
                let stand_in = match reference.table.as_str() {
                    "businessunit" => Some(Reference::new("businessunit", self.state.root_business_unit)),
                    "systemuser" => self.state.default_owner.clone(),
                    _ => None,
                };
                row.set(name.as_str(), stand_in);
            }
        }
    }

    /// True for a row that the database holds, not only a dry run imagines.
    pub fn is_real(&self, id: Uuid) -> bool {
        !self.state.dry_run || !(self.state.imagined.contains(&id) || self.here.contains(&id))
    }

    /// True for a column without which no row can be.
    pub fn must_be_filled(&self, column: &str) -> bool {
        self.file.table.column(column).is_some_and(|column| column.required == model::RequiredLevel::System)
    }

    /// True for a row that was made because another one named it.
    pub fn made_by_import(&self, id: Uuid) -> bool {
        self.state.made.contains(&id) || self.done.made.contains(&id)
    }

    /// The row is found by its keys from here on.
    pub fn remember(&mut self, row: &Row, id: Uuid) {
        for rule in 0..self.file.keys.len() {
            let Some(key) = key_of(self.file, rule, row) else { continue };
            if self.state.dry_run {
                self.done.keys.push((key.clone(), id));
            }
            let ids = self.existing.entry(key).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }

    /// What a row of this table must have, whoever made it.
    pub fn complete(&self, work: &Work<'_, '_>, table: &Table, row: &mut Row) {
        let root = Reference::new("businessunit", self.state.root_business_unit);
        match table.name.as_str() {
            "businessunit" if !row.has("parentbusinessunitid") => row.set("parentbusinessunitid", root),
            "systemuser" if !row.has("businessunitid") => row.set("businessunitid", root),
            _ => {}
        }
        let is_owned = table.ownership == model::Ownership::User;
        if is_owned && !row.has("ownerid") && work.caller().user.is_nil() {
            row.set("ownerid", self.state.default_owner.clone());
        }
    }

    /// A row was made.
    pub fn note_created(&mut self, table: &Table, row: &Row) {
        self.state.finder.note(table, row);
        self.here.extend(row.value(&table.primary_key).as_id());
        if self.state.dry_run {
            self.done.created.extend(row.value(&table.primary_key).as_id());
        }
    }

    pub fn warn(&mut self, message: &str, row: u64) {
        self.done.report.warn(message, row);
    }
}

/// Runs `part` for one row so that a failure takes back what the row wrote and noted.
pub(super) fn one_row(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    part: impl FnOnce(&mut Work<'_, '_>, &mut Session<'_>, &Prepared) -> Result<()>,
) -> Result<std::result::Result<(), Error>> {
    let (mark, here) = (session.state.finder.mark(), session.here.len());
    let before = std::mem::take(&mut session.done);
    let result = work.attempt(|work| part(work, session, row))?;
    let of_row = std::mem::replace(&mut session.done, before);
    match result {
        Ok(()) => {
            session.done.absorb(of_row);
            Ok(Ok(()))
        }
        Err(error) => {
            session.state.finder.back_to(mark);
            session.here.truncate(here);
            for ids in session.existing.values_mut() {
                ids.retain(|id| !of_row.made.contains(id));
            }
            session.existing.retain(|_, ids| !ids.is_empty());
            Ok(Err(error))
        }
    }
}

impl Done {
    fn absorb(&mut self, other: Self) {
        self.report.add(&other.report);
        self.failed.extend(other.failed);
        self.pending.extend(other.pending);
        self.made.extend(other.made);
        self.created.extend(other.created);
        self.keys.extend(other.keys);
        self.closings.extend(other.closings);
    }
}

/// A mistake of one row, not of the database.
pub(super) fn concerns_the_row(error: &Error) -> bool {
    !matches!(error, Error::Store(_) | Error::NotSignedIn | Error::File(_))
}
