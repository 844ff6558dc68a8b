//! Users and teams other than the caller: what they may do, and whether they may own rows.

use std::sync::Arc;

use language::tr;
use model::{Privilege, Reference, Table};
use store::{Reader, Scope};
use uuid::Uuid;

use super::{Access, Governed, governed, membership};
use crate::words::within;
use crate::{Caller, Error, Organization, Result, records::Work};

/// `teamtype` of a team that only gets shares (Dataverse: Access).
pub const ACCESS_TEAM: i64 = 1;

/// A user or team with what their roles allow.
#[derive(Debug)]
pub(crate) struct Principal {
    /// The business unit they belong to.
    pub unit: Uuid,
    pub administrator: bool,
    /// A user who may not sign in.
    pub disabled: bool,
    /// A team that only gets shares.
    pub is_access_team: bool,
    pub access: Access,
}

impl Principal {
    /// Whether their roles let them see rows of a table they own.
    pub fn sees_own(&self, work: &Work<'_, '_>, table: &Table) -> bool {
        let Governed::ByOwner(name) = governed(work.model(), table) else { return true };
        self.administrator || self.access.reach(&name, Privilege::Read).is_some_and(|reach| !reach.is_nothing())
    }
}

/// A user or team as they stand in the database; none where there is no such row.
pub(super) fn principal(
    reader: &mut Reader<'_>,
    organization: &Arc<Organization>,
    of: &Reference,
) -> Result<Option<Principal>> {
    let engine = Caller::engine(Arc::clone(organization));
    let Some(row) = reader.get(&of.table, of.id, None, &Scope::default(), &engine.zone())? else { return Ok(None) };
    let unit = row.value("businessunitid").as_id().unwrap_or(organization.root_business_unit);
    let is_access_team = of.table == "team" && row.value("teamtype").as_whole() == Some(ACCESS_TEAM);
    let membership = if of.table == "team" {
        membership::of_team(reader, &engine, of.id, unit)?
    } else {
        membership(reader, &engine, of.id, unit)?
    };
    let model = Arc::clone(reader.model());
    Ok(Some(Principal {
        unit,
        administrator: membership.is_administrator(),
        disabled: row.value("isdisabled").as_boolean() == Some(true),
        is_access_team,
        access: Access::of(&model, &organization.business_units, &membership),
    }))
}

impl Work<'_, '_> {
    /// A user or team with what they may do, looked up once an act.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such row.
    pub(crate) fn principal(&mut self, of: &Reference) -> Result<Arc<Principal>> {
        if let Some(known) = self.principals.get(of) {
            return Ok(Arc::clone(known));
        }
        let organization = self.organization();
        let found = principal(self.writer(), &organization, of)?;
        let found = found.ok_or_else(|| Error::NotFound { table: of.table.clone(), id: of.id })?;
        let found = Arc::new(found);
        self.principals.insert(of.clone(), Arc::clone(&found));
        Ok(found)
    }

    /// The business unit of a new owner who may own rows of the table: not a team that only gets
    /// shares, and somebody who can see what they own (Dataverse refuses to assign otherwise).
    ///
    /// # Errors
    /// [`Error::Invalid`] at the owner's column.
    pub(crate) fn owners_unit(&mut self, table: &Table, owner: &Reference) -> Result<Uuid> {
        if owner.id == self.caller().user {
            return Ok(self.caller().business_unit);
        }
        let principal = self.principal(owner)?;
        if !principal.is_access_team && principal.sees_own(self, table) {
            return Ok(principal.unit);
        }
        let name = self.name_of(owner)?;
        let message = if principal.is_access_team {
            tr!(
                "{} is an access team, which records are shared with but which owns none; choose a user or an owner team",
                name
            )
        } else {
            tr!(
                "{} has no security role by which to see {many} and so cannot own one; give them such a role first, or choose another owner",
                name,
                many = within(&table.plural_label)
            )
        };
        Err(table.column("ownerid").map_or_else(|| Error::refused(&message), |column| Error::field(column, &message)))
    }
}
