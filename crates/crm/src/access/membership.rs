//! Teams, roles and reports of a person.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use model::{Filter, Path, Reference, Value};
use store::{Query, Reader};
use uuid::Uuid;

use super::{ADMINISTRATOR, Ceiling, ColumnRights, Holding, SHARES, principal::ACCESS_TEAM, reach::Reports};
use crate::{Caller, Result, organization::Hierarchy};

/// Most rows read of one list.
const MOST: u32 = 5000;

/// Teams, roles and reports of a person.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Membership {
    /// The person and all their teams: those that something may be shared with.
    pub principals: Vec<Uuid>,
    /// Those of them that may own rows.
    pub owners: BTreeSet<Uuid>,
    /// Names of all roles, held directly or through a team.
    pub roles: Vec<String>,
    pub holdings: Vec<Holding>,
    pub reports: Reports,
    /// Whether anything at all may be seen because it was shared with one of the principals.
    pub has_shares: bool,
    pub columns: ColumnRights,
    /// What cuts all this down for one request.
    pub ceilings: Vec<Ceiling>,
}

impl Membership {
    /// Whether a role lets the person do everything.
    pub fn is_administrator(&self) -> bool {
        self.roles.iter().any(|role| role == ADMINISTRATOR) && self.ceilings.iter().all(Ceiling::leaves_everything)
    }
}

/// A team somebody is in.
struct Team {
    id: Uuid,
    unit: Option<Uuid>,
    /// Access teams own nothing, so that nothing is looked up by them but shares.
    owns: bool,
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
    // Access teams hold no roles.
    let owning: Vec<Uuid> = teams.iter().filter(|team| team.owns).map(|team| team.id).collect();
    if !owning.is_empty() {
        for (team, role) in asking.links("teamroles", "teamid", &owning, "roleid")? {
            let of_team = teams.iter().find(|known| known.id == team).and_then(|team| team.unit);
            held.push((role, of_team.unwrap_or(unit)));
        }
    }
    let reports = asking.reports(user, unit)?;
    let principals = std::iter::once(user).chain(teams.iter().map(|team| team.id)).collect();
    asking.membership(principals, std::iter::once(user).chain(owning).collect(), held, reports)
}

/// The same of a team: what all its members may do because of it.
pub(super) fn of_team(reader: &mut Reader<'_>, engine: &Caller, team: Uuid, unit: Uuid) -> Result<Membership> {
    let mut asking = Asking { reader, engine };
    let roles = asking.links("teamroles", "teamid", &[team], "roleid")?;
    let held = roles.into_iter().map(|(_, role)| (role, unit)).collect();
    asking.membership(vec![team], [team].into(), held, Reports::default())
}

struct Asking<'r, 's, 'c> {
    reader: &'r mut Reader<'s>,
    engine: &'c Caller,
}

impl Asking<'_, '_, '_> {
    fn membership(
        &mut self,
        principals: Vec<Uuid>,
        owners: BTreeSet<Uuid>,
        held: Vec<(Uuid, Uuid)>,
        reports: Reports,
    ) -> Result<Membership> {
        let references: Vec<Reference> = held.iter().map(|(role, _)| Reference::new("role", *role)).collect();
        let names = self.reader.names(&references)?;
        let mut roles = Vec::new();
        let mut holdings = Vec::new();
        for (role, unit) in held {
            let Some(name) = names.get(&Reference::new("role", role)) else { continue };
            if !roles.contains(name) {
                roles.push(name.clone());
            }
            if let Some(role) = self.reader.model().role(name) {
                holdings.push(Holding { role: Arc::clone(role), unit });
            }
        }
        let has_shares = self.has_shares(&principals)?;
        let columns = self.column_rights(&principals)?;
        Ok(Membership { principals, owners, roles, holdings, reports, has_shares, columns, ceilings: Vec::new() })
    }

    /// Rows of these columns where `column` is one of `ids`.
    fn rows<const N: usize>(
        &mut self,
        table: &str,
        column: &str,
        ids: &[Uuid],
        columns: [Path; N],
    ) -> Result<Vec<[Value; N]>> {
        let query = Query::of(table, Arc::clone(self.engine.scope()), self.engine.zone())
            .select(columns)
            .matching(Filter::is_in(column, ids.iter().copied()))
            .take(MOST);
        Ok(self.reader.query(&query)?.rows.into_iter().filter_map(|row| row.try_into().ok()).collect())
    }

    /// Pairs of both columns where `from` is one of `ids`.
    fn links(&mut self, table: &str, from: &str, ids: &[Uuid], to: &str) -> Result<Vec<(Uuid, Uuid)>> {
        let rows = self.rows(table, from, ids, [from.into(), to.into()])?;
        Ok(rows.iter().filter_map(|[from, to]| Some((from.as_id()?, to.as_id()?))).collect())
    }

    fn teams_of(&mut self, users: &[Uuid]) -> Result<Vec<Team>> {
        let columns = ["teamid".into(), Path::through("teamid", "businessunitid"), Path::through("teamid", "teamtype")];
        let mut teams: Vec<Team> = self
            .rows("teammembership", "systemuserid", users, columns)?
            .iter()
            .filter_map(|[team, unit, kind]| {
                Some(Team { id: team.as_id()?, unit: unit.as_id(), owns: kind.as_whole() != Some(ACCESS_TEAM) })
            })
            .collect();
        teams.sort_unstable_by_key(|team| team.id);
        teams.dedup_by_key(|team| team.id);
        Ok(teams)
    }

    /// What the profiles of users and teams allow with secured columns.
    fn column_rights(&mut self, principals: &[Uuid]) -> Result<ColumnRights> {
        let mut rights = ColumnRights::default();
        if self.reader.model().secured.is_empty() {
            return Ok(rights);
        }
        let profile = "fieldsecurityprofileid";
        let mut profiles = self.links("systemuserprofiles", "systemuserid", principals, profile)?;
        profiles.extend(self.links("teamprofiles", "teamid", principals, profile)?);
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

    fn has_shares(&mut self, principals: &[Uuid]) -> Result<bool> {
        let query = Query::of(SHARES, Arc::clone(self.engine.scope()), self.engine.zone())
            .select(["principalid"])
            .matching(Filter::is_in("principalid", principals.iter().copied()).and(Filter::eq("canread", true)))
            .take(1);
        Ok(!self.reader.query(&query)?.rows.is_empty())
    }

    /// Those below `user`, as the organisation finds them and as deep as it looks, with the teams
    /// that own rows for them.
    fn reports(&mut self, user: Uuid, unit: Uuid) -> Result<Reports> {
        let levels = match self.engine.organization().hierarchy {
            Hierarchy::Off => Vec::new(),
            Hierarchy::Managers { levels } => self.below_manager(user, unit, levels)?,
            Hierarchy::Positions { levels } => self.below_position(user, levels)?,
        };
        let mut reports = Reports::default();
        for (step, level) in levels.into_iter().enumerate() {
            let teams = self.teams_of(&level)?;
            let place = if step == 0 { &mut reports.direct } else { &mut reports.deeper };
            place.extend(level);
            place.extend(teams.iter().filter(|team| team.owns).map(|team| team.id));
        }
        Ok(reports)
    }

    /// Level by level those whose manager is in the level above. A manager is that only for people
    /// of their own business unit and of those right below it (Dataverse: manager hierarchy).
    fn below_manager(&mut self, user: Uuid, unit: Uuid, levels: u32) -> Result<Vec<Vec<Uuid>>> {
        let mut known = BTreeSet::from([user]);
        let mut above = BTreeMap::from([(user, unit)]);
        let mut found = Vec::new();
        for _ in 0..levels {
            let managers: Vec<Uuid> = above.keys().copied().collect();
            let columns = ["systemuserid".into(), "businessunitid".into(), "parentsystemuserid".into()];
            let rows = self.rows("systemuser", "parentsystemuserid", &managers, columns)?;
            let people = rows.iter().filter_map(|[person, unit, manager]| {
                let (unit, over) = (unit.as_id()?, *above.get(&manager.as_id()?)?);
                (over == unit || self.engine.organization().is_right_below(unit, over))
                    .then_some((person.as_id()?, unit))
            });
            let level: BTreeMap<Uuid, Uuid> = people.filter(|(person, _)| known.insert(*person)).collect();
            if level.is_empty() {
                break;
            }
            found.push(level.keys().copied().collect());
            above = level;
        }
        Ok(found)
    }

    /// Level by level those who hold the positions below the person's, in whatever business unit
    /// (Dataverse: position hierarchy).
    fn below_position(&mut self, user: Uuid, levels: u32) -> Result<Vec<Vec<Uuid>>> {
        let own = self.links("systemuser", "systemuserid", &[user], "positionid")?;
        let mut positions: Vec<Uuid> = own.into_iter().map(|(_, position)| position).collect();
        let mut known: BTreeSet<Uuid> = positions.iter().copied().collect();
        let mut found = Vec::new();
        for _ in 0..levels {
            if positions.is_empty() {
                break;
            }
            let below = self.links("position", "parentpositionid", &positions, "positionid")?;
            positions = below.into_iter().map(|(_, position)| position).filter(|it| known.insert(*it)).collect();
            if positions.is_empty() {
                break;
            }
            let people = self.links("systemuser", "positionid", &positions, "systemuserid")?;
            found.push(people.into_iter().map(|(_, person)| person).collect());
        }
        Ok(found)
    }
}
