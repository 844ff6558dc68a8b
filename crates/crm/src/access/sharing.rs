//! Sharing single rows with people and teams.

use std::collections::BTreeSet;

use model::{Filter, Privilege, Reference, TableKind};
use store::{Query, Row, Scope};

use super::{SHARES, authorise::share_column, may_be_shared, verb};
use crate::{App, Caller, Error, Result, records::Work};

/// Privileges that can be shared: all but that to create.
pub const SHAREABLE: [Privilege; 7] = [
    Privilege::Read,
    Privilege::Write,
    Privilege::Delete,
    Privilege::Append,
    Privilege::AppendTo,
    Privilege::Assign,
    Privilege::Share,
];

/// What somebody may do with a row because it was shared with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The user or team.
    pub principal: Reference,
    /// What they may do.
    pub privileges: BTreeSet<Privilege>,
}

impl Work<'_, '_> {
    /// Shares a row: `principal` may do this with it, too.
    ///
    /// # Errors
    /// As [`Work::share`].
    pub fn share_also(
        &mut self,
        record: &Reference,
        principal: &Reference,
        privileges: &BTreeSet<Privilege>,
    ) -> Result<()> {
        self.authorise_share(record, principal, privileges)?;
        let same = Filter::eq("objectid", record.clone()).and(Filter::eq("principalid", principal.clone()));
        self.as_consequence(|work| {
            let columns: Vec<&str> = SHAREABLE.iter().filter_map(|privilege| share_column(*privilege)).collect();
            let present = work.find(SHARES, same, &columns)?;
            let mut all = privileges.clone();
            all.extend(present.first().into_iter().flat_map(shared_in));
            work.set_share(record, principal, &all)
        })
    }

    /// Shares a row: afterwards `principal` may do this with it, and by sharing nothing else.
    /// Without privileges the share ends.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the caller may not share the row, or may not do themselves what
    /// is to be shared.
    pub fn share(&mut self, record: &Reference, principal: &Reference, privileges: &BTreeSet<Privilege>) -> Result<()> {
        self.authorise_share(record, principal, privileges)?;
        self.as_consequence(|work| work.set_share(record, principal, privileges))
    }

    fn authorise_share(
        &mut self,
        record: &Reference,
        principal: &Reference,
        privileges: &BTreeSet<Privilege>,
    ) -> Result<()> {
        let table = self.table(&record.table)?;
        if table.kind == TableKind::Pointer || !may_be_shared(self.model(), &table) {
            return Err(Error::refused(format!("{} cannot be shared; they have no owner", table.plural_label)));
        }
        if !matches!(principal.table.as_str(), "systemuser" | "team") {
            return Err(Error::refused("a record is shared with a user or a team"));
        }
        if privileges.contains(&Privilege::Create) {
            return Err(Error::refused("whether somebody may add records is said by their roles; it cannot be shared"));
        }
        let row = self.load(&table.name, record.id)?;
        self.authorise(Privilege::Share, &table, &row)?;
        for privilege in privileges {
            if !self.may(*privilege, &table, &row)? {
                return Err(Error::Forbidden(format!(
                    "you may not {} this {} yourself and so cannot share that",
                    verb(*privilege),
                    table.label.to_lowercase()
                )));
            }
        }
        // Everybody sees users and teams; this says whether there is one.
        self.load(&principal.table, principal.id).map(drop)
    }

    fn set_share(&mut self, record: &Reference, principal: &Reference, privileges: &BTreeSet<Privilege>) -> Result<()> {
        let table = self.table(SHARES)?;
        let same = Filter::eq("objectid", record.clone()).and(Filter::eq("principalid", principal.clone()));
        let found = self.find(SHARES, same, &[table.primary_key.as_str()])?;
        let id = found.first().and_then(|row| row.value(&table.primary_key).as_id());
        let mut values = Row::new();
        for privilege in SHAREABLE {
            if let Some(column) = share_column(privilege) {
                values.set(column, privileges.contains(&privilege));
            }
        }
        match (id, privileges.is_empty()) {
            (None, true) => Ok(()),
            (Some(id), true) => {
                let old = self.load(SHARES, id)?;
                self.delete_loaded(&table, &old)
            }
            (None, false) => {
                let row = values.with("objectid", record.clone()).with("principalid", principal.clone());
                self.create_trusted(&table, None, row).map(drop)
            }
            (Some(id), false) => {
                let old = self.load(SHARES, id)?;
                self.update_loaded(&table, &old, values).map(drop)
            }
        }
    }
}

impl App {
    /// With whom a row is shared; the caller must be able to see the row.
    pub async fn shares(&self, caller: &Caller, record: &Reference) -> Result<Vec<Share>> {
        self.get(caller, &record.table, record.id, None).await?;
        let columns = SHAREABLE.iter().filter_map(|privilege| share_column(*privilege));
        let query = Query::of(SHARES, Scope::default().into(), caller.zone())
            .select(["principalid"])
            .select(columns)
            .matching(Filter::eq("objectid", record.clone()))
            .take(5000);
        let rows = self.query(caller, query).await?;
        Ok(rows.to_rows().filter_map(|row| share_of(&row)).collect())
    }
}

fn share_of(row: &Row) -> Option<Share> {
    let principal = row.value("principalid").as_reference()?.clone();
    Some(Share { principal, privileges: shared_in(row) })
}

fn shared_in(row: &Row) -> BTreeSet<Privilege> {
    let given = |privilege: &Privilege| {
        share_column(*privilege).is_some_and(|column| row.value(column).as_boolean() == Some(true))
    };
    SHAREABLE.into_iter().filter(given).collect()
}
