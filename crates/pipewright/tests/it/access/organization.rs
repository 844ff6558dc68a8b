//! An organisation made at random, in the database and in plain lists, with a plain, slow reading of
//! the rules of access.

use std::collections::{BTreeMap, BTreeSet};

use crm::{Error, NewRecord, Origin, Row};
use model::{Depth, Overlay, Privilege, Privileges, Reference, Role};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use uuid::Uuid;

use super::{
    faces::PASSWORD,
    world::{World, to},
};

const DEPTHS: [Depth; 5] =
    [Depth::None, Depth::User, Depth::BusinessUnit, Depth::ChildBusinessUnits, Depth::Organization];
/// Tables with owners, under the name roles give privileges by.
const OWNED: [(&str, &str); 4] =
    [("lead", "lead"), ("account", "account"), ("contact", "contact"), ("task", "activitypointer")];

/// Everything that decides, in plain lists.
pub struct Plain {
    /// Unit and its parent.
    pub units: BTreeMap<Uuid, Option<Uuid>>,
    pub users: Vec<User>,
    pub teams: Vec<Team>,
    pub roles: Vec<Role>,
    pub hierarchy: Hierarchy,
    pub depth: usize,
    /// Position and the one above it.
    pub positions: BTreeMap<Uuid, Option<Uuid>>,
    pub records: Vec<Record>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Hierarchy {
    Managers,
    Positions,
}

pub struct User {
    pub id: Uuid,
    pub unit: Uuid,
    pub manager: Option<Uuid>,
    pub position: Option<Uuid>,
    pub roles: BTreeSet<usize>,
}

pub struct Team {
    pub id: Uuid,
    pub unit: Uuid,
    /// It owns rows and holds roles; else it only gets shares.
    pub owns: bool,
    pub members: BTreeSet<Uuid>,
    pub roles: BTreeSet<usize>,
}

pub struct Record {
    pub table: &'static str,
    /// By which roles speak of it.
    pub governing: &'static str,
    pub id: Uuid,
    pub owner: Uuid,
    pub unit: Uuid,
    /// The record it hangs on, whose shares go down to it.
    pub parent: Option<Uuid>,
    /// With whom it is shared itself, for what.
    pub shares: BTreeMap<Uuid, BTreeSet<Privilege>>,
}

impl Plain {
    fn below_or_at(&self, unit: Uuid, top: Uuid) -> bool {
        let mut at = Some(unit);
        while let Some(here) = at {
            if here == top {
                return true;
            }
            at = self.units[&here];
        }
        false
    }

    fn teams_of(&self, user: Uuid) -> BTreeSet<Uuid> {
        self.teams.iter().filter(|team| team.members.contains(&user)).map(|team| team.id).collect()
    }

    fn user(&self, id: Uuid) -> &User {
        self.users.iter().find(|person| person.id == id).unwrap()
    }

    fn record(&self, id: Uuid) -> &Record {
        self.records.iter().find(|record| record.id == id).unwrap()
    }

    /// Steps from `user` down to `below`.
    fn levels_down_to(&self, user: Uuid, below: Uuid) -> Option<usize> {
        match self.hierarchy {
            Hierarchy::Managers => self.managers_down_to(user, below),
            Hierarchy::Positions => {
                let (top, from) = (self.user(user).position?, self.user(below).position?);
                let mut at = from;
                let mut steps = 0;
                while at != top {
                    at = self.positions[&at]?;
                    steps += 1;
                }
                (steps > 0).then_some(steps)
            }
        }
    }

    /// Steps along the line of managers; each is manager of people of the own business unit and of
    /// those right below it only.
    fn managers_down_to(&self, user: Uuid, below: Uuid) -> Option<usize> {
        let manager = |id: Uuid| {
            let person = self.user(id);
            let manager = self.user(person.manager?);
            let near = person.unit == manager.unit || self.units[&person.unit] == Some(manager.unit);
            near.then_some(manager.id)
        };
        // Breadth first, so that a circle of managers gives the shortest way.
        let mut level = BTreeSet::from([user]);
        let mut seen = level.clone();
        for step in 1..=self.users.len() {
            level = self
                .users
                .iter()
                .map(|person| person.id)
                .filter(|id| manager(*id).is_some_and(|above| level.contains(&above)) && !seen.contains(id))
                .collect();
            if level.contains(&below) {
                return Some(step);
            }
            seen.extend(&level);
        }
        None
    }

    pub fn may(&self, user: &User, privilege: Privilege, record: &Record) -> bool {
        let teams = self.teams_of(user.id);
        let mut held: Vec<(Depth, Uuid)> = Vec::new();
        let depth = |role: &usize| {
            self.roles[*role].tables.get(record.governing).map_or(Depth::None, |given| given.depth(privilege))
        };
        held.extend(user.roles.iter().map(|role| (depth(role), user.unit)));
        for team in self.teams.iter().filter(|team| teams.contains(&team.id)) {
            held.extend(team.roles.iter().map(|role| (depth(role), team.unit)));
        }
        held.retain(|(depth, _)| *depth != Depth::None);
        let by_depth = held.iter().any(|(depth, unit)| match depth {
            Depth::None | Depth::User => false,
            Depth::BusinessUnit => record.unit == *unit,
            Depth::ChildBusinessUnits => self.below_or_at(record.unit, *unit),
            Depth::Organization => true,
        });
        let own = record.owner == user.id || teams.contains(&record.owner);
        let shared = self.is_shared(user, &teams, privilege, record);
        by_depth || (!held.is_empty() && (own || shared)) || self.manages(user, privilege, record)
    }

    /// A record is shared with whoever it or what it hangs on is shared with.
    fn is_shared(&self, user: &User, teams: &BTreeSet<Uuid>, privilege: Privilege, record: &Record) -> bool {
        let directly = record.shares.iter().any(|(principal, privileges)| {
            (*principal == user.id || teams.contains(principal)) && privileges.contains(&privilege)
        });
        directly || record.parent.is_some_and(|parent| self.is_shared(user, teams, privilege, self.record(parent)))
    }

    /// Whether a user or team may see what they own in tables that roles speak of by this name.
    fn sees_own(&self, owner: Uuid, governing: &str) -> bool {
        let reads = |role: &usize| {
            let given = self.roles[*role].tables.get(governing);
            given.is_some_and(|given| given.depth(Privilege::Read) != Depth::None)
        };
        if let Some(team) = self.teams.iter().find(|team| team.id == owner) {
            return team.roles.iter().any(reads);
        }
        let teams = self.teams.iter().filter(|team| team.members.contains(&owner));
        self.user(owner).roles.iter().any(reads) || teams.flat_map(|team| &team.roles).any(reads)
    }

    /// Whether a record may be given to somebody: they can see it and the activities that go along.
    pub fn may_be_owned(&self, record: &Record, owner: Uuid) -> bool {
        let goes_along =
            |child: &&Record| child.parent == Some(record.id) && child.table == "task" && child.owner == record.owner;
        self.sees_own(owner, record.governing)
            && self.records.iter().filter(goes_along).all(|child| self.sees_own(owner, child.governing))
    }

    /// A manager's right over the records of reports.
    fn manages(&self, user: &User, privilege: Privilege, record: &Record) -> bool {
        let reads_something = {
            let teams = self.teams_of(user.id);
            let roles = user
                .roles
                .iter()
                .chain(self.teams.iter().filter(|team| teams.contains(&team.id)).flat_map(|team| team.roles.iter()));
            roles.into_iter().any(|role| {
                let given = self.roles[*role].tables.get(record.governing);
                given.is_some_and(|given| given.depth(Privilege::Read) != Depth::None)
            })
        };
        let levels = match privilege {
            Privilege::Read => self.depth,
            Privilege::Write | Privilege::Append | Privilege::AppendTo => self.depth.min(1),
            _ => 0,
        };
        reads_something
            && self.users.iter().any(|person| {
                let level = self.levels_down_to(user.id, person.id);
                let theirs = record.owner == person.id || self.teams_of(person.id).contains(&record.owner);
                theirs && level.is_some_and(|level| level <= levels)
            })
    }
}

/// Makes one organisation in the database and in plain lists.
pub async fn organization(world: &World, random: &mut StdRng) -> Plain {
    let admin = &world.admin;
    let create =
        async |table: &str, row: Row| world.app.create(admin, Origin::Page, NewRecord::of(table, row)).await.unwrap();
    let mut units = BTreeMap::from([(admin.business_unit, None)]);
    for number in 0..4 {
        let parents: Vec<Uuid> = units.keys().copied().collect();
        let parent = *parents.choose(random).unwrap();
        let row =
            Row::new().with("name", format!("Unit {number}")).with("parentbusinessunitid", to("businessunit", parent));
        units.insert(create("businessunit", row).await, Some(parent));
    }
    let roles = publish_roles(world, random).await;
    let everywhere: Vec<Uuid> = units.keys().copied().collect();
    let depth = random.random_range(0..4);
    let hierarchy = if random.random_bool(0.5) { Hierarchy::Managers } else { Hierarchy::Positions };
    set_hierarchy(world, hierarchy, depth).await;
    let mut positions: BTreeMap<Uuid, Option<Uuid>> = BTreeMap::new();
    for number in 0..4 {
        let above: Vec<Uuid> = positions.keys().copied().collect();
        let above = above.choose(random).copied();
        let row = Row::new()
            .with("name", format!("Position {number}"))
            .with("parentpositionid", above.map(|id| Reference::new("position", id)));
        positions.insert(create("position", row).await, above);
    }
    let places: Vec<Uuid> = positions.keys().copied().collect();

    let mut users: Vec<User> = Vec::new();
    for number in 0..6 {
        let unit = *everywhere.choose(random).unwrap();
        let manager = users.choose(random).filter(|_| random.random_bool(0.7)).map(|user| user.id);
        let row = Row::new()
            .with("firstname", "Person")
            .with("lastname", format!("{number}"))
            .with("internalemailaddress", email(number))
            .with("businessunitid", to("businessunit", unit))
            .with("parentsystemuserid", manager.map(|id| Reference::new("systemuser", id)));
        let position = places.choose(random).copied().filter(|_| random.random_bool(0.8));
        let row = row.with("positionid", position.map(|id| Reference::new("position", id)));
        let id = create("systemuser", row).await;
        let held = some_of(random, roles.len(), 0.35);
        for role in &held {
            world.app.identity().give_role(admin, id, &roles[*role].label).await.unwrap();
        }
        world.app.identity().set_password(admin, id, PASSWORD).await.unwrap();
        users.push(User { id, unit, manager, position, roles: held });
    }
    let mut teams = Vec::new();
    for number in 0..4 {
        let unit = *everywhere.choose(random).unwrap();
        let owns = number < 3;
        let row = Row::new()
            .with("name", format!("Team {number}"))
            .with("businessunitid", to("businessunit", unit))
            .with("teamtype", i64::from(!owns));
        let id = create("team", row).await;
        let members: BTreeSet<Uuid> = users.iter().filter(|_| random.random_bool(0.4)).map(|user| user.id).collect();
        let held = if owns { some_of(random, roles.len(), 0.3) } else { BTreeSet::new() };
        tie(world, ("teammembership_association", id), members.iter().map(|id| Reference::new("systemuser", *id)))
            .await;
        let rows = role_rows(world, &roles, &held).await;
        tie(world, ("teamroles_association", id), rows).await;
        teams.push(Team { id, unit, owns, members, roles: held });
    }
    let mut plain = Plain { units, users, teams, roles, hierarchy, depth, positions, records: Vec::new() };
    add_records(world, random, &mut plain).await;
    add_record_teams(world, random, &mut plain).await;
    change_shares(world, random, &mut plain).await;
    plain
}

/// The address by which the person of this number signs in.
pub fn email(number: usize) -> String {
    format!("person{number}@contoso.example")
}

fn some_of(random: &mut StdRng, count: usize, chance: f64) -> BTreeSet<usize> {
    (0..count).filter(|_| random.random_bool(chance)).collect()
}

async fn publish_roles(world: &World, random: &mut StdRng) -> Vec<Role> {
    let mut overlay = Overlay::default();
    for number in 0..4 {
        let mut role = Role {
            label: format!("Role {number}"),
            description: String::new(),
            everything: false,
            customizes: false,
            acts_for_others: false,
            own_tables: Privileges::default(),
            tables: std::iter::empty().collect(),
        };
        for (_, governing) in OWNED {
            let mut given = Privileges::default();
            for privilege in Privilege::ALL {
                given = given.with(privilege, *DEPTHS.choose(random).unwrap());
            }
            role.tables.insert(governing.to_owned(), given);
        }
        overlay.roles.insert(format!("new_role{number}"), role);
    }
    let roles = overlay.roles.values().cloned().collect();
    world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
    roles
}

async fn set_hierarchy(world: &World, hierarchy: Hierarchy, depth: usize) {
    let organization = world.app.organization().await.unwrap().id;
    let row = Row::new()
        .with("maxdepthforhierarchicalsecuritymodel", depth as i64)
        .with("usepositionhierarchy", hierarchy == Hierarchy::Positions);
    world.app.update(&world.admin, Origin::Page, "organization", organization, row, None).await.unwrap();
}

async fn role_rows(world: &World, roles: &[Role], held: &BTreeSet<usize>) -> Vec<Reference> {
    let query = world.app.new_query(&world.admin, "role").select(["roleid", "name"]).take(100);
    let rows: Vec<Row> = world.app.query(&world.admin, query).await.unwrap().to_rows().collect();
    let row = |role: &usize| {
        let row = rows.iter().find(|row| row.text("name") == roles[*role].label).unwrap();
        Reference::new("role", row.value("roleid").as_id().unwrap())
    };
    held.iter().map(row).collect()
}

async fn tie(world: &World, (relationship, team): (&'static str, Uuid), others: impl IntoIterator<Item = Reference>) {
    let others: Vec<Reference> = others.into_iter().collect();
    let act = move |work: &mut crm::Work<'_, '_>| {
        for other in &others {
            work.associate(relationship, &Reference::new("team", team), other)?;
        }
        Ok(())
    };
    world.app.work(&world.admin, Origin::Page, act).await.unwrap();
}

/// A row of a table with its name.
fn named(table: &str, number: usize) -> Row {
    let name = format!("Record {number}");
    match table {
        "account" => Row::new().with("name", name),
        "contact" => Row::new().with("lastname", name),
        "lead" => Row::new().with("subject", name).with("lastname", "Lead"),
        _ => Row::new().with("subject", name),
    }
}

/// Adds a row to the database that is in everything like `record` but in what hangs on it.
pub async fn add_alike(world: &World, plain: &Plain, record: &Record) -> Uuid {
    let kind = |id: &Uuid| if plain.users.iter().any(|user| user.id == *id) { "systemuser" } else { "team" };
    let table = record.table;
    let mut row = named(table, 0).with("ownerid", to(kind(&record.owner), record.owner));
    if let Some(parent) = record.parent.map(|parent| plain.record(parent)) {
        row.set(lookup_at(table, parent.table).unwrap(), to(parent.table, parent.id));
    }
    let shares: Vec<(Reference, BTreeSet<Privilege>)> =
        record.shares.iter().map(|(whom, given)| (Reference::new(kind(whom), *whom), given.clone())).collect();
    let act = move |work: &mut crm::Work<'_, '_>| {
        let id = work.create_all(NewRecord::of(table, row))?;
        for (whom, privileges) in shares {
            work.share(&Reference::new(table, id), &whom, &privileges)?;
        }
        Ok::<_, Error>(id)
    };
    world.app.work(&world.admin, Origin::Page, act).await.unwrap()
}

/// The lookup by which a record hangs on another, whose shares go down to it.
fn lookup_at(table: &str, parent: &str) -> Option<&'static str> {
    match (table, parent) {
        ("contact", "account") => Some("parentcustomerid"),
        ("task", "lead" | "account" | "contact") => Some("regardingobjectid"),
        _ => None,
    }
}

async fn add_records(world: &World, random: &mut StdRng, plain: &mut Plain) {
    for number in 0..28 {
        let (table, governing) = *OWNED.choose(random).unwrap();
        let owning: Vec<&Team> = plain.teams.iter().filter(|team| team.owns).collect();
        let (kind, owner, unit) = if random.random_bool(0.7) {
            let user = plain.users.choose(random).unwrap();
            ("systemuser", user.id, user.unit)
        } else {
            let team = owning.choose(random).unwrap();
            ("team", team.id, team.unit)
        };
        let mut row = named(table, number).with("ownerid", to(kind, owner));
        let parents: Vec<&Record> =
            plain.records.iter().filter(|parent| lookup_at(table, parent.table).is_some()).collect();
        let parent = parents.choose(random).filter(|_| random.random_bool(0.7));
        if let Some(parent) = parent {
            row.set(lookup_at(table, parent.table).unwrap(), to(parent.table, parent.id));
        }
        let parent = parent.map(|parent| parent.id);
        let created = world.app.create(&world.admin, Origin::Page, NewRecord::of(table, row)).await;
        if !plain.sees_own(owner, governing) {
            assert!(matches!(created, Err(Error::Invalid(_))), "somebody owns what they cannot see");
            continue;
        }
        plain.records.push(Record {
            table,
            governing,
            id: created.unwrap(),
            owner,
            unit,
            parent,
            shares: BTreeMap::new(),
        });
        while random.random_bool(0.3) {
            let at = plain.records.len() - 1;
            share_somehow(world, random, plain, at).await;
        }
    }
}

async fn share_somehow(world: &World, random: &mut StdRng, plain: &mut Plain, at: usize) {
    let (kind, principal) = if random.random_bool(0.5) {
        ("systemuser", plain.users.choose(random).unwrap().id)
    } else {
        ("team", plain.teams.choose(random).unwrap().id)
    };
    let privileges: BTreeSet<Privilege> =
        crm::access::SHAREABLE.into_iter().filter(|_| random.random_bool(0.5)).collect();
    share(world, &mut plain.records[at], (kind, principal), privileges).await;
}

async fn share(world: &World, record: &mut Record, whom: (&str, Uuid), privileges: BTreeSet<Privilege>) {
    let (place, with) = (Reference::new(record.table, record.id), Reference::new(whom.0, whom.1));
    let given = privileges.clone();
    let act = move |work: &mut crm::Work<'_, '_>| work.share(&place, &with, &given);
    world.app.work(&world.admin, Origin::Page, act).await.unwrap();
    record.shares.insert(whom.1, privileges);
}

/// Access teams of single records, by a template a table.
async fn add_record_teams(world: &World, random: &mut StdRng, plain: &mut Plain) {
    for table in ["lead", "account"] {
        let mut row = Row::new().with("teamtemplatename", format!("Team of {table}")).with("entityname", table);
        let mut privileges = BTreeSet::from([Privilege::Read]);
        for (column, privilege) in
            [("canwrite", Privilege::Write), ("canshare", Privilege::Share), ("candelete", Privilege::Delete)]
        {
            if random.random_bool(0.5) {
                row.set(column, true);
                privileges.insert(privilege);
            }
        }
        let template = world.app.create(&world.admin, Origin::Page, NewRecord::of("teamtemplate", row)).await.unwrap();
        let admin = world.app.caller(world.admin.user).await.unwrap();
        for at in 0..plain.records.len() {
            if plain.records[at].table != table || random.random_bool(0.5) {
                continue;
            }
            let user = plain.users.choose(random).unwrap().id;
            let record = Reference::new(table, plain.records[at].id);
            let act = move |work: &mut crm::Work<'_, '_>| work.add_to_record_team(&record, template, user);
            let made = world.app.work(&admin, Origin::Page, act).await;
            if !plain.sees_own(user, table) {
                assert!(matches!(made, Err(Error::Refused(_))), "a member who cannot see the record");
                continue;
            }
            let (id, unit) = (made.unwrap(), plain.records[at].unit);
            plain.teams.push(Team { id, unit, owns: false, members: [user].into(), roles: BTreeSet::new() });
            plain.records[at].shares.insert(id, privileges.clone());
        }
    }
}

/// Shares end and change, and records are hung on others.
async fn change_shares(world: &World, random: &mut StdRng, plain: &mut Plain) {
    for _ in 0..16 {
        if plain.records.is_empty() {
            return;
        }
        let at = random.random_range(0..plain.records.len());
        let given: Vec<Uuid> = plain.records[at].shares.keys().copied().collect();
        match (random.random_range(0..3), given.choose(random)) {
            (0, Some(principal)) => {
                let kind = if plain.users.iter().any(|user| user.id == *principal) { "systemuser" } else { "team" };
                share(world, &mut plain.records[at], (kind, *principal), BTreeSet::new()).await;
            }
            (1, _) => share_somehow(world, random, plain, at).await,
            _ => {
                let (table, id) = (plain.records[at].table, plain.records[at].id);
                let others: Vec<(&str, Uuid)> = plain
                    .records
                    .iter()
                    .filter(|other| lookup_at(table, other.table).is_some())
                    .map(|other| (other.table, other.id))
                    .collect();
                let Some((parent, other)) = others.choose(random).copied() else { continue };
                let row = Row::new().with(lookup_at(table, parent).unwrap(), to(parent, other));
                world.app.update(&world.admin, Origin::Page, table, id, row, None).await.unwrap();
                plain.records[at].parent = Some(other);
            }
        }
    }
}
