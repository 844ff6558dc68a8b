//! An organisation made at random, in the database and in plain lists, with a plain, slow reading of
//! the rules of access.

use std::collections::{BTreeMap, BTreeSet};

use crm::{NewRecord, Origin, Row};
use model::{Depth, Overlay, Privilege, Privileges, Reference, Role};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use uuid::Uuid;

use crate::{
    faces::PASSWORD,
    world::{World, to},
};

const DEPTHS: [Depth; 5] =
    [Depth::None, Depth::User, Depth::BusinessUnit, Depth::ChildBusinessUnits, Depth::Organization];
/// Tables with owners, under the name roles give privileges by.
pub const OWNED: [(&str, &str); 3] = [("lead", "lead"), ("account", "account"), ("task", "activitypointer")];

/// Everything that decides, in plain lists.
pub struct Plain {
    /// Unit and its parent.
    pub units: BTreeMap<Uuid, Option<Uuid>>,
    pub users: Vec<User>,
    pub teams: Vec<Team>,
    pub roles: Vec<Role>,
    pub depth: usize,
    pub records: Vec<Record>,
}

pub struct User {
    pub id: Uuid,
    pub unit: Uuid,
    pub manager: Option<Uuid>,
    pub roles: BTreeSet<usize>,
}

pub struct Team {
    pub id: Uuid,
    pub unit: Uuid,
    pub members: BTreeSet<Uuid>,
    pub roles: BTreeSet<usize>,
}

pub struct Record {
    pub table: &'static str,
    /// By which roles speak of it.
    pub governing: &'static str,
    pub id: Uuid,
    pub owner: Reference,
    /// In its name.
    pub number: usize,
    pub unit: Uuid,
    /// With whom it is shared for what.
    pub shares: BTreeMap<Uuid, (String, BTreeSet<Privilege>)>,
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

    /// Steps from `user` down to `below` along the line of managers.
    fn levels_down_to(&self, user: Uuid, below: Uuid) -> Option<usize> {
        let manager = |id: Uuid| self.users.iter().find(|person| person.id == id).and_then(|person| person.manager);
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
        let own = record.owner.id == user.id || teams.contains(&record.owner.id);
        let shared = record.shares.iter().any(|(principal, (_, privileges))| {
            (*principal == user.id || teams.contains(principal)) && privileges.contains(&privilege)
        });
        by_depth || (!held.is_empty() && (own || shared)) || self.manages(user, privilege, record)
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
                let theirs = record.owner.id == person.id || self.teams_of(person.id).contains(&record.owner.id);
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
    let depth = random.random_range(0..3);
    set_hierarchy(world, depth).await;

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
        let id = create("systemuser", row).await;
        let held = some_of(random, roles.len(), 0.35);
        for role in &held {
            world.app.identity().give_role(admin, id, &roles[*role].label).await.unwrap();
        }
        world.app.identity().set_password(admin, id, PASSWORD).await.unwrap();
        users.push(User { id, unit, manager, roles: held });
    }
    let mut teams = Vec::new();
    for number in 0..3 {
        let unit = *everywhere.choose(random).unwrap();
        let row = Row::new().with("name", format!("Team {number}")).with("businessunitid", to("businessunit", unit));
        let id = create("team", row).await;
        let members: BTreeSet<Uuid> = users.iter().filter(|_| random.random_bool(0.4)).map(|user| user.id).collect();
        let held = some_of(random, roles.len(), 0.3);
        tie(world, ("teammembership_association", id), members.iter().map(|id| Reference::new("systemuser", *id)))
            .await;
        let rows = role_rows(world, &roles, &held).await;
        tie(world, ("teamroles_association", id), rows).await;
        teams.push(Team { id, unit, members, roles: held });
    }
    let mut plain = Plain { units, users, teams, roles, depth, records: Vec::new() };
    add_records(world, random, &mut plain).await;
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

async fn set_hierarchy(world: &World, depth: usize) {
    let organization = world.app.organization().await.unwrap().id;
    let row = Row::new().with("maxdepthforhierarchicalsecuritymodel", depth as i64);
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

async fn add_records(world: &World, random: &mut StdRng, plain: &mut Plain) {
    for number in 0..24 {
        let (table, governing) = *OWNED.choose(random).unwrap();
        let (kind, owner, unit) = if random.random_bool(0.7) {
            let user = plain.users.choose(random).unwrap();
            ("systemuser", user.id, user.unit)
        } else {
            let team = plain.teams.choose(random).unwrap();
            ("team", team.id, team.unit)
        };
        let mut shares = BTreeMap::new();
        while random.random_bool(0.3) {
            let principal = if random.random_bool(0.5) {
                Reference::new("systemuser", plain.users.choose(random).unwrap().id)
            } else {
                Reference::new("team", plain.teams.choose(random).unwrap().id)
            };
            let privileges = crm::access::SHAREABLE.into_iter().filter(|_| random.random_bool(0.5)).collect();
            shares.insert(principal.id, (principal.table, privileges));
        }
        let mut record =
            Record { table, governing, id: Uuid::nil(), owner: Reference::new(kind, owner), unit, shares, number };
        record.id = add(world, &record).await;
        plain.records.push(record);
    }
}

/// Adds a row like this one to the database, with the same owner and shares.
pub async fn add(world: &World, record: &Record) -> Uuid {
    let name = format!("Record {}", record.number);
    let row = match record.table {
        "account" => Row::new().with("name", name),
        "lead" => Row::new().with("subject", name).with("lastname", "Lead"),
        _ => Row::new().with("subject", name),
    };
    let (table, row) = (record.table, row.with("ownerid", record.owner.clone()));
    let shares = record.shares.clone();
    let act = move |work: &mut crm::Work<'_, '_>| {
        let id = work.create_all(NewRecord::of(table, row))?;
        for (principal, (kind, privileges)) in shares {
            work.share(&Reference::new(table, id), &Reference::new(kind, principal), &privileges)?;
        }
        Ok(id)
    };
    world.app.work(&world.admin, Origin::Page, act).await.unwrap()
}
