//! Sharing single rows with people and teams.

use std::collections::BTreeSet;

use language::{spoken, tr, translated};
use model::{Filter, Privilege, Reference};
use store::{Query, Row, Scope};
use uuid::Uuid;

use super::{SHARES, is_shareable, mask_of, privileges_of, verb};
use crate::words::within;
use crate::{App, Caller, Error, Result, reading::Names, records::Work};

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
    /// What of it was shared in this row itself; the rest follows from a row it hangs on.
    pub direct: BTreeSet<Privilege>,
}

/// A share as it is kept. Queries ask for `privileges` only; where they come from is told by two
/// masks, as in Dataverse's `principalobjectaccess`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) id: Option<Uuid>,
    /// Shared in the row itself; none where that never was.
    pub direct: Option<BTreeSet<Privilege>>,
    /// Following from rows the row hangs on.
    pub inherited: BTreeSet<Privilege>,
}

impl Stored {
    fn of(row: &Row) -> Self {
        let mask = |column: &str| row.value(column).as_whole().map(privileges_of);
        let inherited = mask("inheritedaccessrightsmask");
        // Shares from before the masks were kept are all direct.
        let direct = mask("accessrightsmask").or_else(|| inherited.is_none().then(|| shared_in(row)));
        Self { id: row.value("principalobjectaccessid").as_id(), direct, inherited: inherited.unwrap_or_default() }
    }

    fn privileges(&self) -> BTreeSet<Privilege> {
        self.direct.iter().flatten().chain(&self.inherited).copied().collect()
    }

    fn to_row(&self) -> Row {
        let privileges = self.privileges();
        let mut row = Row::new()
            .with("accessrightsmask", self.direct.as_ref().map(mask_of))
            .with("inheritedaccessrightsmask", mask_of(&self.inherited));
        for (column, privilege) in share_columns().zip(SHAREABLE) {
            row.set(column, privileges.contains(&privilege));
        }
        row
    }
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
        let present = self.stored_share(record, principal)?.direct.unwrap_or_default();
        self.share(record, principal, &present.union(privileges).copied().collect())
    }

    /// Shares a row: afterwards `principal` may do this with it, and by sharing the row itself
    /// nothing else. Without privileges the share ends. Rows that hang on the row and are declared
    /// to be shared with it are shared alike.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the caller may not share the row, or may not do themselves what
    /// is newly shared.
    pub fn share(&mut self, record: &Reference, principal: &Reference, privileges: &BTreeSet<Privilege>) -> Result<()> {
        let present = self.stored_share(record, principal)?;
        let added = match &present.direct {
            Some(direct) => privileges.difference(direct).copied().collect(),
            None => privileges.clone(),
        };
        self.authorise_share(record, principal, &added)?;
        if present.direct.is_none() && privileges.is_empty() {
            return Ok(());
        }
        let wanted = Stored { direct: Some(privileges.clone()), ..present.clone() };
        self.as_consequence(|work| work.store_share(record, principal, &present, wanted))
    }

    fn authorise_share(
        &mut self,
        record: &Reference,
        principal: &Reference,
        privileges: &BTreeSet<Privilege>,
    ) -> Result<()> {
        let table = self.table(&record.table)?;
        if !is_shareable(self.model(), &table) {
            return Err(Error::refused(tr!(
                "{} cannot be shared; they have no owner",
                translated(&table.plural_label)
            )));
        }
        if !matches!(principal.table.as_str(), "systemuser" | "team") {
            return Err(Error::refused(tr!("a record is shared with a user or a team")));
        }
        if privileges.contains(&Privilege::Create) {
            return Err(Error::refused(tr!(
                "whether somebody may add records is said by their roles; it cannot be shared"
            )));
        }
        let row = self.load(&table.name, record.id)?;
        self.authorise(Privilege::Share, &table, &row)?;
        for privilege in privileges {
            if !self.may(*privilege, &table, &row)? {
                let words = tr!(
                    "you may not {verb} this {} yourself and so cannot share that",
                    within(&table.label),
                    verb = spoken(verb(*privilege))
                );
                return Err(self.refused("share", &table, words));
            }
        }
        // Everybody sees users and teams; this says whether there is one.
        self.load(&principal.table, principal.id).map(drop)
    }

    /// The share of a row with somebody as it is kept, empty where there is none.
    pub(super) fn stored_share(&mut self, record: &Reference, principal: &Reference) -> Result<Stored> {
        let same = Filter::eq("objectid", record.clone()).and(Filter::eq("principalid", principal.clone()));
        let found = self.as_consequence(|work| work.find(SHARES, same, &stored_columns()))?;
        Ok(found.first().map(Stored::of).unwrap_or_default())
    }

    /// Keeps a share as wanted. One that somebody made stays when it ends, without privileges, so
    /// that the row's history tells of it; one that only followed from another goes.
    pub(super) fn store_share(
        &mut self,
        record: &Reference,
        principal: &Reference,
        present: &Stored,
        wanted: Stored,
    ) -> Result<()> {
        if wanted == *present {
            return Ok(());
        }
        let table = self.table(SHARES)?;
        let is_nothing = wanted.privileges().is_empty();
        match present.id {
            None if is_nothing => {}
            None => {
                let row = wanted.to_row().with("objectid", record.clone()).with("principalid", principal.clone());
                self.create_trusted(&table, None, row)?;
            }
            Some(id) => {
                let old = self.load(SHARES, id)?;
                if is_nothing && wanted.direct.is_none() {
                    self.delete_loaded(&table, &old)?;
                } else {
                    self.update_loaded(&table, &old, wanted.to_row())?;
                }
            }
        }
        self.shares_exist = Some(true);
        if wanted.privileges() == present.privileges() {
            return Ok(());
        }
        self.share_what_hangs_on(record, principal, &wanted.privileges())
    }
}

impl App {
    /// With whom a row is shared, and the names of these; the caller must be able to see the row.
    pub async fn shares(&self, caller: &Caller, record: &Reference) -> Result<(Vec<Share>, Names)> {
        self.get(caller, &record.table, record.id, Some(Vec::new())).await?;
        let query = Query::of(SHARES, Scope::default().into(), caller.zone())
            .select(["principalid"])
            .select(stored_columns())
            .matching(Filter::eq("objectid", record.clone()))
            .take(5000);
        let (rows, names) = self.query_with_names(caller, query).await?;
        let mut shares: Vec<Share> = rows.to_rows().filter_map(|row| share_of(&row)).collect();
        shares.retain(|share| !share.privileges.is_empty());
        shares.sort_by_key(|share| names.get(&share.principal).unwrap_or_default().to_lowercase());
        Ok((shares, names))
    }
}

/// One share of two with the same user or team.
pub(crate) fn both_shares(one: &Row, other: &Row) -> Row {
    let (one, other) = (Stored::of(one), Stored::of(other));
    let direct = match (&one.direct, &other.direct) {
        (None, None) => None,
        (one, other) => Some(one.iter().chain(other).flatten().copied().collect()),
    };
    Stored { id: None, direct, inherited: one.inherited.union(&other.inherited).copied().collect() }.to_row()
}

fn share_of(row: &Row) -> Option<Share> {
    let principal = row.value("principalid").as_reference()?.clone();
    let stored = Stored::of(row);
    Some(Share { principal, privileges: stored.privileges(), direct: stored.direct.unwrap_or_default() })
}

/// The columns in which a row of shares, or a template of access teams, gives privileges, in the
/// order of [`SHAREABLE`].
pub(crate) fn share_columns() -> impl Iterator<Item = &'static str> {
    ["canread", "canwrite", "candelete", "canappend", "canappendto", "canassign", "canshare"].into_iter()
}

fn stored_columns() -> Vec<&'static str> {
    let masks = ["principalobjectaccessid", "accessrightsmask", "inheritedaccessrightsmask"];
    masks.into_iter().chain(share_columns()).collect()
}

/// What these columns give.
pub(crate) fn shared_in(row: &Row) -> BTreeSet<Privilege> {
    let given = share_columns().zip(SHAREABLE).filter(|(column, _)| row.value(column).as_boolean() == Some(true));
    given.map(|(_, privilege)| privilege).collect()
}
