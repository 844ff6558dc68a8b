//! Who sees and does what: organisations, roles, shares and rows made at random, compared with a
//! plain, slow reading of the rules.

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
const OWNED: [(&str, &str); 3] = [("lead", "lead"), ("account", "account"), ("task", "activitypointer")];

/// Everything that decides, in plain lists.
struct Plain {
    /// Unit and its parent.
    units: BTreeMap<Uuid, Option<Uuid>>,
    users: Vec<User>,
    teams: Vec<Team>,
    roles: Vec<Role>,
    depth: usize,
    records: Vec<Record>,
}

struct User {
    id: Uuid,
    unit: Uuid,
    manager: Option<Uuid>,
    roles: BTreeSet<usize>,
}

struct Team {
    id: Uuid,
    unit: Uuid,
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
    /// With whom it is shared for what.
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
        let shared = record.shares.iter().any(|(principal, privileges)| {
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
    let depth = random.random_range(0..3);
    set_hierarchy(world, depth).await;

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
        let id = create("systemuser", row).await;
        let held = some_of(random, roles.len(), 0.35);
        for role in &held {
            world.app.identity().give_role(admin, id, &roles[*role].label).await.unwrap();
        }
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
        let name = format!("Record {number}");
        let row = match table {
            "account" => Row::new().with("name", name),
            "lead" => Row::new().with("subject", name).with("lastname", "Lead"),
            _ => Row::new().with("subject", name),
        };
        let row = row.with("ownerid", to(kind, owner));
        let id = world.app.create(&world.admin, Origin::Page, NewRecord::of(table, row)).await.unwrap();
        let mut shares = BTreeMap::new();
        while random.random_bool(0.3) {
            let (kind, principal) = if random.random_bool(0.5) {
                ("systemuser", plain.users.choose(random).unwrap().id)
            } else {
                ("team", plain.teams.choose(random).unwrap().id)
            };
            let privileges: BTreeSet<Privilege> =
                crm::access::SHAREABLE.into_iter().filter(|_| random.random_bool(0.5)).collect();
            let (record, with) = (Reference::new(table, id), Reference::new(kind, principal));
            let given = privileges.clone();
            let act = move |work: &mut crm::Work<'_, '_>| work.share(&record, &with, &given);
            world.app.work(&world.admin, Origin::Page, act).await.unwrap();
            shares.insert(principal, privileges);
        }
        plain.records.push(Record { table, governing, id, owner, unit, shares });
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
        Error::Forbidden(_) | Error::NotFound { .. } => false,
        other => panic!("{other}"),
    }
}

/// Compares everything one person sees and may do; how many questions were asked.
async fn compare(world: &World, plain: &Plain, user: &User) -> usize {
    let caller = world.app.caller(user.id).await.unwrap();
    let mut asked = 0;
    for (table, key) in
        [("lead", "leadid"), ("account", "accountid"), ("task", "activityid"), ("activitypointer", "activityid")]
    {
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
            let right = sees && plain.may(user, privilege, record);
            let person = user.id;
            // Somebody else than the owner, so that there is something to assign.
            let new_owner = plain.users.iter().find(|user| user.id != record.owner).unwrap().id;
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
        asked += 2;
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
        let shares = world.app.shares(&caller, &Reference::new("lead", lead)).await.unwrap();
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
