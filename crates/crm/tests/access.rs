//! Who sees and does what: organisations, roles, teams, shares, hierarchies and rows made at random,
//! compared with a plain, slow reading of the rules.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::collections::{BTreeMap, BTreeSet};

use model::{Depth, Overlay, Privilege, Privileges, Reference, Role};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use uuid::Uuid;
use world::{World, crm, in_every_world, to};

use crm::{Caller, Error, NewRecord, Origin, Row};

const DEPTHS: [Depth; 5] =
    [Depth::None, Depth::User, Depth::BusinessUnit, Depth::ChildBusinessUnits, Depth::Organization];
/// Tables with owners, under the name roles give privileges by.
const OWNED: [(&str, &str); 4] =
    [("lead", "lead"), ("account", "account"), ("contact", "contact"), ("task", "activitypointer")];

/// Everything that decides, in plain lists.
struct Plain {
    /// Unit and its parent.
    units: BTreeMap<Uuid, Option<Uuid>>,
    users: Vec<User>,
    teams: Vec<Team>,
    roles: Vec<Role>,
    hierarchy: Hierarchy,
    depth: usize,
    /// Position and the one above it.
    positions: BTreeMap<Uuid, Option<Uuid>>,
    records: Vec<Record>,
}

#[derive(Clone, Copy, PartialEq)]
enum Hierarchy {
    Managers,
    Positions,
}

struct User {
    id: Uuid,
    unit: Uuid,
    manager: Option<Uuid>,
    position: Option<Uuid>,
    roles: BTreeSet<usize>,
}

struct Team {
    id: Uuid,
    unit: Uuid,
    /// It owns rows and holds roles; else it only gets shares.
    owns: bool,
    members: BTreeSet<Uuid>,
    roles: BTreeSet<usize>,
}

struct Record {
    table: &'static str,
    /// By which roles speak of it.
    governing: &'static str,
    id: Uuid,
    owner: Uuid,
    unit: Uuid,
    /// The record it hangs on, whose shares go down to it.
    parent: Option<Uuid>,
    /// With whom it is shared itself, for what.
    shares: BTreeMap<Uuid, BTreeSet<Privilege>>,
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

    fn may(&self, user: &User, privilege: Privilege, record: &Record) -> bool {
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
    fn may_be_owned(&self, record: &Record, owner: Uuid) -> bool {
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
async fn organization(world: &World, random: &mut StdRng) -> Plain {
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
            .with("internalemailaddress", format!("person{number}@contoso.example"))
            .with("businessunitid", to("businessunit", unit))
            .with("parentsystemuserid", manager.map(|id| Reference::new("systemuser", id)));
        let position = places.choose(random).copied().filter(|_| random.random_bool(0.8));
        let row = row.with("positionid", position.map(|id| Reference::new("position", id)));
        let id = create("systemuser", row).await;
        let held = some_of(random, roles.len(), 0.35);
        for role in &held {
            world.app.identity().give_role(admin, id, &roles[*role].label).await.unwrap();
        }
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
        let name = format!("Record {number}");
        let row = match table {
            "account" => Row::new().with("name", name),
            "contact" => Row::new().with("lastname", name),
            "lead" => Row::new().with("subject", name).with("lastname", "Lead"),
            _ => Row::new().with("subject", name),
        };
        let mut row = row.with("ownerid", to(kind, owner));
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
        let template = world.create_as_admin("teamtemplate", row).await;
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

/// What a caller sees of a table.
async fn seen(world: &World, caller: &Caller, table: &str, key: &str) -> BTreeSet<Uuid> {
    let mut query = world.app.new_query(caller, table).select([key]).take(500);
    query.page.count = true;
    let rows = world.app.query(caller, query).await.unwrap();
    let ids: BTreeSet<Uuid> = rows.rows.iter().filter_map(|row| row[0].as_id()).collect();
    assert_eq!(rows.total, Some(ids.len() as u64), "the count of {table} tells of hidden rows");
    ids
}

/// Tries something and takes it back, whether it was allowed.
async fn may_do(
    world: &World,
    caller: &Caller,
    act: impl FnOnce(&mut crm::Work<'_, '_>) -> crm::Result<()> + Send + 'static,
) -> bool {
    let done = world
        .app
        .work(caller, Origin::Page, move |work| -> crm::Result<()> {
            act(work)?;
            Err(Error::refused("taken back"))
        })
        .await;
    match done.unwrap_err() {
        Error::Refused(reason) if reason == "taken back" => true,
        Error::Forbidden(_) | Error::NotFound { .. } | Error::Invalid(_) => false,
        other => panic!("{other}"),
    }
}

/// Compares everything one person sees and may do; how many questions were asked.
async fn compare(world: &World, plain: &Plain, user: &User) -> usize {
    let caller = world.app.caller(user.id).await.unwrap();
    let mut asked = 0;
    for (table, key) in [
        ("lead", "leadid"),
        ("account", "accountid"),
        ("contact", "contactid"),
        ("task", "activityid"),
        ("activitypointer", "activityid"),
    ] {
        let of_table =
            |record: &&Record| record.table == table || (table == "activitypointer" && record.table == "task");
        let right: BTreeSet<Uuid> = plain
            .records
            .iter()
            .filter(of_table)
            .filter(|record| plain.may(user, Privilege::Read, record))
            .map(|record| record.id)
            .collect();
        assert_eq!(seen(world, &caller, table, key).await, right, "what {} sees of {table}", caller.name);
        asked += plain.records.iter().filter(of_table).count();
    }
    for record in &plain.records {
        let sees = plain.may(user, Privilege::Read, record);
        let (table, id) = (record.table, record.id);
        assert_eq!(world.app.get(&caller, table, id, None).await.is_ok(), sees);
        for privilege in [Privilege::Write, Privilege::Delete, Privilege::Assign, Privilege::Share] {
            let person = user.id;
            // Somebody else than the owner, so that there is something to assign.
            let new_owner = plain.users.iter().find(|user| user.id != record.owner).unwrap().id;
            let right = sees
                && plain.may(user, privilege, record)
                && (privilege != Privilege::Assign || plain.may_be_owned(record, new_owner));
            let done = may_do(world, &caller, move |work| match privilege {
                Privilege::Write => work.update(table, id, Row::new().with("description", "changed"), None).map(drop),
                Privilege::Delete => work.delete(table, id, None),
                Privilege::Assign => {
                    let row = Row::new().with("ownerid", to("systemuser", new_owner));
                    work.update(table, id, row, None).map(drop)
                }
                _ => work.share(&Reference::new(table, id), &Reference::new("systemuser", person), &BTreeSet::new()),
            })
            .await;
            assert_eq!(done, right, "{} may {privilege:?} {table} {id}", caller.name);
            asked += 1;
        }
        let row = world.app.get(&world.admin, table, id, None).await.unwrap();
        let rights = world.app.rights_on(&caller, world.app.model().table(table).unwrap(), &row).await.unwrap();
        let right: BTreeSet<Privilege> =
            Privilege::ALL.into_iter().filter(|privilege| plain.may(user, *privilege, record)).collect();
        // Whether somebody may add records is not said by single ones.
        let without_create = |rights: &BTreeSet<Privilege>| rights - &BTreeSet::from([Privilege::Create]);
        assert_eq!(without_create(&rights), without_create(&right), "what {} may do with {table} {id}", caller.name);
        let (principal, place) = (Reference::new("systemuser", user.id), Reference::new(table, id));
        assert_eq!(world.app.rights_of(&world.admin, &principal, &place).await.unwrap(), rights);
        asked += 4;
    }
    asked
}

/// Organisations made on each engine; more where somebody asks for a longer run.
fn seeds(postgres: bool) -> std::ops::Range<u64> {
    let wanted = std::env::var("PIPEWRIGHT_ACCESS_SEEDS").ok().and_then(|count| count.parse().ok());
    0..wanted.unwrap_or(if postgres { 2 } else { 8 })
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_and_does_exactly_what_the_rules_say() {
    let mut asked = 0;
    for postgres in [false, true] {
        for seed in seeds(postgres) {
            eprintln!("seed {seed} on {}", if postgres { "PostgreSQL" } else { "SQLite" });
            let world = World::new(postgres).await;
            let plain = organization(&world, &mut StdRng::seed_from_u64(seed)).await;
            for user in &plain.users {
                asked += compare(&world, &plain, user).await;
            }
        }
    }
    assert!(asked >= 10_000, "{asked} questions are too few");
}

/// A world in which the seller holds one role, with these privileges.
async fn with_role(world: &World, tables: &[(&str, Privileges)]) -> Caller {
    let role = Role {
        label: "Tried".to_owned(),
        description: String::new(),
        everything: false,
        customizes: false,
        own_tables: Privileges::default(),
        tables: tables.iter().map(|(table, given)| ((*table).to_owned(), *given)).collect(),
    };
    let mut overlay = Overlay::default();
    overlay.roles.insert("new_tried".to_owned(), role);
    world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
    let row = Row::new()
        .with("firstname", "Tara")
        .with("lastname", "Tried")
        .with("internalemailaddress", "tara@contoso.example")
        .with("businessunitid", to("businessunit", world.admin.business_unit));
    let id = world.app.create(&world.admin, Origin::Page, NewRecord::of("systemuser", row)).await.unwrap();
    world.app.identity().give_role(&world.admin, id, "Tried").await.unwrap();
    world.app.caller(id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_a_role_signs_in_and_sees_nothing() {
    in_every_world(async |world| {
        world.lead("Somebody's").await;
        let caller = with_role(&world, &[]).await;
        assert!(seen(&world, &caller, "lead", "leadid").await.is_empty());
        assert!(matches!(
            world.app.create(&caller, Origin::Page, NewRecord::of("account", Row::new().with("name", "A"))).await,
            Err(Error::Forbidden(_))
        ));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_added_while_somebody_works_is_hidden_until_their_rights_are_read_again() {
    in_every_world(async |world| {
        let before = world.app.caller(world.seller.user).await.unwrap();
        let table: model::TableDeclaration = toml::from_str(r#"label = "Project""#).unwrap();
        let mut overlay = Overlay::default();
        overlay.new_tables.insert("new_project".to_owned(), table);
        world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
        world.app.create(&world.admin, Origin::Page, NewRecord::of("new_project", Row::new())).await.unwrap();
        assert!(seen(&world, &before, "new_project", "new_projectid").await.is_empty());
        let now = world.app.caller(world.seller.user).await.unwrap();
        assert_eq!(seen(&world, &now, "new_project", "new_projectid").await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customizer_changes_the_model_but_no_roles() {
    in_every_world(async |world| {
        world.app.identity().give_role(&world.admin, world.seller.user, "System Customizer").await.unwrap();
        let caller = world.app.caller(world.seller.user).await.unwrap();
        let mut overlay = Overlay::default();
        let table: model::TableDeclaration = toml::from_str(r#"label = "Project""#).unwrap();
        overlay.new_tables.insert("new_project".to_owned(), table);
        world.app.customization().publish(&caller, Origin::Page, overlay.clone()).await.unwrap();
        let mut role = (**world.app.model().role("Salesperson").unwrap()).clone();
        role.customizes = true;
        overlay.roles.insert("salesperson".to_owned(), role);
        let refused = world.app.customization().publish(&caller, Origin::Page, overlay).await.unwrap_err();
        assert!(matches!(&refused, Error::Forbidden(reason) if reason.contains("security roles")), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_seen_and_changed_with_the_whole() {
    in_every_world(async |world| {
        let deal = world.deal("Theirs", 1000).await;
        let product = world
            .app
            .create(&world.admin, Origin::Page, NewRecord::of("product", Row::new().with("name", "Pump")))
            .await
            .unwrap();
        let line = |deal: Uuid| {
            Row::new()
                .with("opportunityid", to("opportunity", deal))
                .with("productid", to("product", product))
                .with("quantity", 1)
                .with("priceperunit", rust_decimal::Decimal::TEN)
        };
        let theirs = world.create("opportunityproduct", line(deal)).await;
        let own = Privileges::all(Depth::User);
        let all = Privileges::all(Depth::Organization);
        let caller =
            with_role(&world, &[("opportunity", own), ("product", all), ("account", own), ("activitypointer", own)])
                .await;
        assert!(seen(&world, &caller, "opportunityproduct", "opportunityproductid").await.is_empty());
        assert!(world.app.get(&caller, "opportunityproduct", theirs, None).await.is_err());
        let to_theirs = world.app.create(&caller, Origin::Page, NewRecord::of("opportunityproduct", line(deal))).await;
        assert!(matches!(to_theirs, Err(Error::Forbidden(_) | Error::NotFound { .. })), "{to_theirs:?}");

        let mine = NewRecord::of("opportunity", Row::new().with("name", "Mine"));
        let mine = world.app.create(&caller, Origin::Page, mine).await.unwrap();
        let added = world.app.create(&caller, Origin::Page, NewRecord::of("opportunityproduct", line(mine))).await;
        assert_eq!(
            seen(&world, &caller, "opportunityproduct", "opportunityproductid").await,
            BTreeSet::from([added.unwrap()])
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_points_only_where_its_writer_may_append() {
    in_every_world(async |world| {
        let account = world.create("account", Row::new().with("name", "Theirs")).await;
        let own = Privileges::all(Depth::User);
        let readable = own.with(Privilege::Read, Depth::Organization);
        let caller = with_role(&world, &[("contact", own), ("account", readable)]).await;
        let contact = |account: Uuid| {
            let row = Row::new().with("lastname", "Linked").with("parentcustomerid", to("account", account));
            NewRecord::of("contact", row)
        };
        let refused = world.app.create(&caller, Origin::Page, contact(account)).await.unwrap_err();
        assert!(
            matches!(&refused, Error::Forbidden(reason) if reason.contains("link something to this account")),
            "{refused}"
        );
        let share = BTreeSet::from([Privilege::AppendTo]);
        let (record, with) = (Reference::new("account", account), Reference::new("systemuser", caller.user));
        let act = move |work: &mut crm::Work<'_, '_>| work.share(&record, &with, &share);
        world.app.work(&world.admin, Origin::Page, act).await.unwrap();
        let caller = world.app.caller(caller.user).await.unwrap();
        world.app.create(&caller, Origin::Page, contact(account)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_shares_what_they_may_not_do_themselves() {
    in_every_world(async |world| {
        let lead = world.lead("Theirs").await;
        let given = Privileges::all(Depth::User)
            .with(Privilege::Read, Depth::Organization)
            .with(Privilege::Share, Depth::Organization);
        let caller = with_role(&world, &[("lead", given)]).await;
        let share = |privileges: &[Privilege]| {
            let (record, with) = (Reference::new("lead", lead), Reference::new("systemuser", world.admin.user));
            let privileges: BTreeSet<Privilege> = privileges.iter().copied().collect();
            let act = move |work: &mut crm::Work<'_, '_>| work.share(&record, &with, &privileges);
            world.app.work(&caller, Origin::Page, act)
        };
        assert!(matches!(share(&[Privilege::Read, Privilege::Write]).await, Err(Error::Forbidden(_))));
        share(&[Privilege::Read]).await.unwrap();
        let (shares, _) = world.app.shares(&caller, &Reference::new("lead", lead)).await.unwrap();
        assert_eq!(shares[0].privileges, BTreeSet::from([Privilege::Read]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_an_act_is_done_for_colleagues_records_too() {
    in_every_world(async |world| {
        let own = Privileges::all(Depth::User);
        let tables = ["lead", "account", "contact", "opportunity", "activitypointer", "annotation"];
        let caller = with_role(&world, &tables.map(|table| (table, own))).await;
        let lead = Row::new().with("subject", "Mine").with("lastname", "Lead").with("companyname", "Fabrikam");
        let lead = world.app.create(&caller, Origin::Page, NewRecord::of("lead", lead)).await.unwrap();
        let call = Row::new().with("subject", "Colleague's").with("regardingobjectid", to("lead", lead));
        let call = world.app.create(&world.admin, Origin::Page, NewRecord::of("phonecall", call)).await.unwrap();
        assert!(world.app.get(&caller, "phonecall", call, None).await.is_err(), "it is the colleague's own");
        let done =
            world.app.leads().qualify_plainly(&caller, Origin::Page, lead, (true, true, true), |_| ()).await.unwrap();
        let call = world.app.get(&world.admin, "phonecall", call, None).await.unwrap();
        assert_eq!(call.value("regardingobjectid"), &to("opportunity", done.opportunities[0]));
    })
    .await;
}

/// The privileges somebody is shown to have in a record by its shares.
async fn shared(world: &World, table: &str, id: Uuid, whom: Uuid) -> BTreeSet<Privilege> {
    let (shares, _) = world.app.shares(&world.admin, &Reference::new(table, id)).await.unwrap();
    shares.into_iter().find(|share| share.principal.id == whom).map(|share| share.privileges).unwrap_or_default()
}

async fn share_for(world: &World, table: &'static str, id: Uuid, whom: Uuid, privileges: &[Privilege]) {
    let privileges: BTreeSet<Privilege> = privileges.iter().copied().collect();
    let act = move |work: &mut crm::Work<'_, '_>| {
        work.share(&Reference::new(table, id), &Reference::new("systemuser", whom), &privileges)
    };
    world.app.work(&world.admin, Origin::Page, act).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_account_is_shared_with_what_hangs_on_it_until_that_ends() {
    in_every_world(async |world| {
        let helper = with_role(&world, &[("account", Privileges::all(Depth::User))]).await.user;
        let account = world.create_as_admin("account", Row::new().with("name", "Fabrikam")).await;
        let contact = Row::new().with("lastname", "Early").with("parentcustomerid", to("account", account));
        let early = world.create_as_admin("contact", contact.clone()).await;
        share_for(&world, "contact", early, helper, &[Privilege::Write]).await;
        let both = [Privilege::Read, Privilege::Append];
        share_for(&world, "account", account, helper, &both).await;
        let late = world.create_as_admin("contact", contact.with("lastname", "Late")).await;
        let call = Row::new().with("subject", "About the late one").with("regardingobjectid", to("contact", late));
        let call = world.create_as_admin("phonecall", call).await;

        assert_eq!(
            shared(&world, "contact", early, helper).await,
            [Privilege::Read, Privilege::Append, Privilege::Write].into()
        );
        assert_eq!(shared(&world, "contact", late, helper).await, both.into());
        assert_eq!(shared(&world, "phonecall", call, helper).await, both.into());

        // Hung on another account, it is not shared with the first one any more.
        let other = world.create_as_admin("account", Row::new().with("name", "Northwind")).await;
        let moved = Row::new().with("parentcustomerid", to("account", other));
        world.app.update(&world.admin, Origin::Page, "contact", late, moved, None).await.unwrap();
        assert!(shared(&world, "contact", late, helper).await.is_empty());
        assert!(shared(&world, "phonecall", call, helper).await.is_empty());

        // What was shared in the contact itself stays when the account's share ends.
        share_for(&world, "account", account, helper, &[]).await;
        assert_eq!(shared(&world, "contact", early, helper).await, [Privilege::Write].into());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_is_undone_with_all_that_followed() {
    in_every_world(async |world| {
        let account = world.create_as_admin("account", Row::new().with("name", "Fabrikam")).await;
        let contact = Row::new().with("lastname", "Early").with("parentcustomerid", to("account", account));
        let contact = world.create_as_admin("contact", contact).await;
        let seller = world.seller.user;
        let act = move |work: &mut crm::Work<'_, '_>| {
            let (record, with) = (Reference::new("account", account), Reference::new("systemuser", seller));
            work.share(&record, &with, &[Privilege::Read].into())?;
            Ok(work.act())
        };
        let act = world.app.work(&world.admin, Origin::Page, act).await.unwrap();
        assert!(!shared(&world, "contact", contact, seller).await.is_empty());
        world.app.undo(&world.admin, Origin::Page, act).await.unwrap();
        assert!(shared(&world, "account", account, seller).await.is_empty());
        assert!(shared(&world, "contact", contact, seller).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_tells_of_shares_also_of_those_that_have_ended() {
    in_every_world(async |world| {
        let lead = world.lead("Robots").await;
        let whom = world.admin.user;
        for privileges in [&[Privilege::Read][..], &[Privilege::Read, Privilege::Write], &[]] {
            share_for(&world, "lead", lead, whom, privileges).await;
        }
        let (entries, names) = world.app.history(&world.admin, "lead", lead, 50).await.unwrap();
        let told: Vec<_> = entries.iter().filter_map(crm::access::ShareChange::of).collect();
        let steps: Vec<(usize, usize)> = told.iter().map(|share| (share.before.len(), share.after.len())).collect();
        assert_eq!(steps, [(2, 0), (1, 2), (0, 1)]);
        for share in told {
            assert_eq!(names.get(&share.principal.unwrap()), Some(world.admin.name.as_str()));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_made_owner_of_what_they_cannot_see() {
    in_every_world(async |world| {
        let lead = world.lead("Robots").await;
        let blind = with_role(&world, &[("account", Privileges::all(Depth::User))]).await;
        let give = |owner: Reference| {
            let row = Row::new().with("ownerid", owner);
            world.app.update(&world.admin, Origin::Page, "lead", lead, row, None)
        };
        let refused = give(Reference::new("systemuser", blind.user)).await.unwrap_err().to_string();
        assert!(refused.contains("Tara Tried has no security role by which to see leads"), "{refused}");
        let unit = to("businessunit", world.admin.business_unit);
        let team = Row::new().with("name", "Helpers").with("businessunitid", unit).with("teamtype", 1);
        let team = world.create_as_admin("team", team).await;
        let refused = give(Reference::new("team", team)).await.unwrap_err().to_string();
        assert!(refused.contains("is an access team"), "{refused}");

        let roles = world.app.new_query(&world.admin, "role").select(["roleid"]).take(1);
        let role = world.app.query(&world.admin, roles).await.unwrap().rows[0][0].as_id().unwrap();
        let act = move |work: &mut crm::Work<'_, '_>| {
            work.associate("teamroles_association", &Reference::new("team", team), &Reference::new("role", role))
        };
        let refused = world.app.work(&world.admin, Origin::Page, act).await.unwrap_err().to_string();
        assert!(refused.contains("holds no security roles"), "{refused}");
        let other = Row::new().with("teamtype", 0);
        let refused = world.app.update(&world.admin, Origin::Page, "team", team, other, None).await.unwrap_err();
        assert!(refused.to_string().contains("the type of a team stays"), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_team_is_made_with_its_first_member_and_its_members_see_the_record() {
    in_every_world(async |world| {
        let helper = with_role(&world, &[("opportunity", Privileges::all(Depth::User))]).await;
        let deal = world.deal("Theirs", 1000).await;
        let template = Row::new().with("teamtemplatename", "Deal team").with("entityname", "opportunity");
        let template = world.create_as_admin("teamtemplate", template.with("defaultaccessrightsmask", 3)).await;
        let seller = world.seller().await;
        let record = Reference::new("opportunity", deal);
        let with_member = async |caller: &Caller, add: bool| {
            let (record, user) = (record.clone(), helper.user);
            let act = move |work: &mut crm::Work<'_, '_>| {
                if add {
                    work.add_to_record_team(&record, template, user).map(Some)
                } else {
                    work.remove_from_record_team(&record, template, user)
                }
            };
            world.app.work(caller, Origin::Page, act).await
        };
        assert!(world.app.get(&helper, "opportunity", deal, None).await.is_err());
        assert!(matches!(with_member(&helper, true).await, Err(Error::Forbidden(_) | Error::NotFound { .. })));
        assert_eq!(with_member(&seller, false).await.unwrap(), None);
        let team = with_member(&seller, true).await.unwrap();
        assert_eq!(with_member(&seller, true).await.unwrap(), team, "the second time it is the same team");

        let now = world.app.caller(helper.user).await.unwrap();
        let changed = Row::new().with("description", "Looked into");
        world.app.update(&now, Origin::Page, "opportunity", deal, changed, None).await.unwrap();
        assert!(matches!(
            world.app.delete(&now, Origin::Page, "opportunity", deal, None).await,
            Err(Error::Forbidden(_))
        ));
        let (teams, names) = world.app.record_teams(&seller, &record).await.unwrap();
        let members: Vec<&str> = teams[0].members.iter().filter_map(|member| names.get(member)).collect();
        assert_eq!((teams[0].template.name.as_str(), members), ("Deal team", vec!["Tara Tried"]));

        with_member(&seller, false).await.unwrap();
        let now = world.app.caller(helper.user).await.unwrap();
        assert!(world.app.get(&now, "opportunity", deal, None).await.is_err());
        // The team goes with the record.
        world.app.delete(&world.admin, Origin::Page, "opportunity", deal, None).await.unwrap();
        assert!(world.app.get(&world.admin, "team", team.unwrap(), None).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_for_a_table_with_owners_and_lets_members_see_the_record() {
    in_every_world(async |world| {
        let make = |row: Row| {
            let record = NewRecord::of("teamtemplate", row.with("teamtemplatename", "Team"));
            world.app.create(&world.admin, Origin::Page, record)
        };
        for (row, reason) in [
            (Row::new().with("entityname", "nothing"), "logical name of a table"),
            (Row::new().with("entityname", "product"), "logical name of a table"),
            (Row::new().with("entityname", "lead").with("canread", false).with("canwrite", true), "give Read"),
            (Row::new().with("entityname", "lead").with("defaultaccessrightsmask", 33), "cannot give that"),
        ] {
            let refused = make(row).await.unwrap_err().to_string();
            assert!(refused.contains(reason), "{refused}");
        }
        // Dataverse's clients name the table by its number.
        let id = make(Row::new().with("objecttypecode", 4)).await.unwrap();
        let row = world.app.get(&world.admin, "teamtemplate", id, None).await.unwrap();
        assert_eq!((row.text("entityname"), row.value("defaultaccessrightsmask").as_whole()), ("lead", Some(1)));
        let wider = Row::new().with("canwrite", true);
        let row = world.app.update(&world.admin, Origin::Page, "teamtemplate", id, wider, None).await.unwrap();
        assert_eq!(row.value("defaultaccessrightsmask").as_whole(), Some(3));
    })
    .await;
}
