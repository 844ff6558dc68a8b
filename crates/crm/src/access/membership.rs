//! Teams, roles and reports of a person.

use std::{collections::BTreeSet, sync::Arc};

use model::{Filter, Reference, Value};
use store::{Query, Reader};
use uuid::Uuid;

use super::{ColumnRights, Holding, SHARES, reach::Reports};
use crate::{Caller, Result};

/// Most rows read of one list.
const MOST: u32 = 5000;

/// Teams, roles and reports of a person.
pub(crate) struct Membership {
    pub teams: Vec<Uuid>,
    /// Names of all roles, held directly or through a team.
    pub roles: Vec<String>,
    pub holdings: Vec<Holding>,
    pub reports: Reports,
    /// Whether anything at all was shared with the person or one of their teams.
    pub has_shares: bool,
    pub columns: ColumnRights,
}

/// Reads what `user` of the business unit `unit` belongs to and holds.
pub(crate) fn membership(reader: &mut Reader<'_>, engine: &Caller, user: Uuid, unit: Uuid) -> Result<Membership> {
    let mut asking = Asking { reader, engine };
    let teams = asking.teams_of(&[user])?;
    let mut held: Vec<(Uuid, Uuid)> = asking
        .links("systemuserroles", "systemuserid", &[user], "roleid")?
        .into_iter()
        .map(|(_, role)| (role, unit))
        .collect();
    if !teams.is_empty() {
        let units = asking.units_of(&teams)?;
        for (team, role) in asking.links("teamroles", "teamid", &teams, "roleid")? {
            let of_team = units.iter().find(|(known, _)| *known == team).map_or(unit, |(_, unit)| *unit);
            held.push((role, of_team));
        }
    }
    let references: Vec<Reference> = held.iter().map(|(role, _)| Reference::new("role", *role)).collect();
    let names = asking.reader.names(&references)?;
    let mut roles = Vec::new();
    let mut holdings = Vec::new();
    for (role, unit) in held {
        let Some(name) = names.get(&Reference::new("role", role)) else { continue };
        if !roles.contains(name) {
            roles.push(name.clone());
        }
        if let Some(role) = asking.reader.model().role(name) {
            holdings.push(Holding { role: Arc::clone(role), unit });
        }
    }
    let depth = engine.organization().hierarchy_depth;
    let reports = if depth == 0 { Reports::default() } else { asking.reports(user, depth)? };
    let has_shares = asking.has_shares(user, &teams)?;
    let columns = asking.column_rights(user, &teams)?;
    Ok(Membership { teams, roles, holdings, reports, has_shares, columns })
}

struct Asking<'r, 's, 'c> {
    reader: &'r mut Reader<'s>,
    engine: &'c Caller,
}

impl Asking<'_, '_, '_> {
    /// Pairs of both columns where `from` is one of `ids`.
    fn links(&mut self, table: &str, from: &str, ids: &[Uuid], to: &str) -> Result<Vec<(Uuid, Uuid)>> {
        let query = Query::of(table, Arc::clone(self.engine.scope()), self.engine.zone())
            .select([from, to])
            .matching(Filter::is_in(from, ids.iter().copied()))
            .take(MOST);
        let pair = |row: &Vec<Value>| Some((row.first()?.as_id()?, row.get(1)?.as_id()?));
        Ok(self.reader.query(&query)?.rows.iter().filter_map(pair).collect())
    }

    fn teams_of(&mut self, users: &[Uuid]) -> Result<Vec<Uuid>> {
        let mut teams: Vec<Uuid> =
            self.links("teammembership", "systemuserid", users, "teamid")?.into_iter().map(|(_, team)| team).collect();
        teams.sort_unstable();
        teams.dedup();
        Ok(teams)
    }

    fn units_of(&mut self, teams: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
        self.links("team", "teamid", teams, "businessunitid")
    }

    /// What the profiles of a person and their teams allow with secured columns.
    fn column_rights(&mut self, user: Uuid, teams: &[Uuid]) -> Result<ColumnRights> {
        let mut rights = ColumnRights::default();
        if self.reader.model().secured.is_empty() {
            return Ok(rights);
        }
        let profile = "fieldsecurityprofileid";
        let mut profiles = self.links("systemuserprofiles", "systemuserid", &[user], profile)?;
        if !teams.is_empty() {
            profiles.extend(self.links("teamprofiles", "teamid", teams, profile)?);
        }
        if profiles.is_empty() {
            return Ok(rights);
        }
        let query = Query::of("fieldpermission", Arc::clone(self.engine.scope()), self.engine.zone())
            .select(ColumnRights::READS)
            .matching(Filter::is_in(profile, profiles.into_iter().map(|(_, profile)| profile)))
            .take(MOST);
        self.reader.query(&query)?.to_rows().for_each(|permission| rights.add(&permission));
        Ok(rights)
    }

    fn has_shares(&mut self, user: Uuid, teams: &[Uuid]) -> Result<bool> {
        let principals = std::iter::once(user).chain(teams.iter().copied());
        let query = Query::of(SHARES, Arc::clone(self.engine.scope()), self.engine.zone())
            .select(["principalid"])
            .matching(Filter::is_in("principalid", principals))
            .take(1);
        Ok(!self.reader.query(&query)?.rows.is_empty())
    }

    /// Those below `user`, `depth` levels deep, with their teams.
    fn reports(&mut self, user: Uuid, depth: u32) -> Result<Reports> {
        let mut reports = Reports::default();
        let mut known = BTreeSet::from([user]);
        let mut level = vec![user];
        for step in 0..depth {
            let below = self.links("systemuser", "parentsystemuserid", &level, "systemuserid")?;
            level = below.into_iter().map(|(_, person)| person).filter(|person| known.insert(*person)).collect();
            if level.is_empty() {
                break;
            }
            let teams = self.teams_of(&level)?;
            let place = if step == 0 { &mut reports.direct } else { &mut reports.deeper };
            place.extend(level.iter().chain(&teams));
        }
        Ok(reports)
    }
}
