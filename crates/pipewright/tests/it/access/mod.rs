//! Who sees and does what through every face: organisations, roles, shares and rows made at random,
//! compared with a plain, slow reading of the rules.

mod faces;
mod organization;
mod world;

use std::collections::BTreeSet;

use crm::{Caller, Error, Origin, Row};
use faces::{Pages, TABLES, WebApi, named};
use model::{Privilege, Reference};
use organization::{Plain, Record, User, add_alike, email, organization};
use rand::{SeedableRng, rngs::StdRng, seq::IndexedRandom};
use uuid::Uuid;
use world::{World, to};

/// What a person may do to a row that is there.
const ACTS: [Privilege; 4] = [Privilege::Write, Privilege::Delete, Privilege::Assign, Privilege::Share];

/// One person at all faces.
struct Person {
    caller: Caller,
    api: WebApi,
    pages: Pages,
}

impl Person {
    async fn new(world: &World, user: &User, number: usize) -> Self {
        let caller = world.app.caller(user.id).await.unwrap();
        let token = world.app.identity().create_token(&world.admin, user.id, "tests", 1).await.unwrap();
        let api = WebApi::new(world.faces.clone(), token);
        let pages = Pages::new(world.faces.clone(), &email(number)).await;
        Self { caller, api, pages }
    }
}

/// What a caller sees of a table, asked below all faces.
async fn seen(world: &World, caller: &Caller, table: &str, key: &str) -> BTreeSet<Uuid> {
    let mut query = world.app.new_query(caller, table).select([key]).take(500);
    query.page.count = true;
    let rows = world.app.query(caller, query).await.unwrap();
    let ids: BTreeSet<Uuid> = rows.rows.iter().filter_map(|row| row[0].as_id()).collect();
    assert_eq!(rows.total, Some(ids.len() as u64), "the count of {table} tells of hidden rows");
    ids
}

/// Tries something below all faces and takes it back; whether it was allowed.
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

/// Compares what one person sees, in every way of asking; how many rows were asked for.
async fn compare_sight(world: &World, plain: &Plain, user: &User, person: &Person) -> usize {
    let mut asked = 0;
    let right = |table: &str| -> BTreeSet<Uuid> {
        let is_of = |record: &&Record| record.table == table || (table == "activitypointer" && record.table == "task");
        let seen = plain.records.iter().filter(is_of).filter(|record| plain.may(user, Privilege::Read, record));
        seen.map(|record| record.id).collect()
    };
    let who = &person.caller.name;
    for table in &TABLES {
        let right = right(table.table);
        let mut answers = vec![("query", seen(world, &person.caller, table.table, table.key).await)];
        answers.extend(person.api.lists(table).await);
        answers.extend(person.pages.lists(table).await);
        for (way, found) in answers {
            assert_eq!(found, right, "what {who} sees of {} by {way}", table.table);
            asked += plain.records.len();
        }
    }
    let all: BTreeSet<Uuid> = ["lead", "account", "contact", "task"].into_iter().flat_map(right).collect();
    let records: BTreeSet<Uuid> = plain.records.iter().map(|record| record.id).collect();
    let found = person.pages.found("Record").await;
    assert_eq!(&found & &records, all, "what {who} finds by the search of everything");
    // The palette offers the first ones only.
    let leads: Vec<(&str, Uuid)> =
        plain.records.iter().filter(|record| record.table == "lead").map(|record| ("leads", record.id)).collect();
    let jumped_to = person.pages.jumped_to("Record", &leads).await;
    assert!((&jumped_to & &records).is_subset(&all), "what the palette offers {who}");
    // A lookup offers the first ones only.
    let offered = person.pages.offered("tasks/regardingobjectid", "Record").await;
    assert!(offered.is_subset(&all), "what a lookup offers {who}");
    asked + 2 * plain.records.len()
}

/// Compares what one person may do to a row, below the faces without leaving a trace.
async fn compare_acts(world: &World, plain: &Plain, user: &User, person: &Person, record: &Record) -> usize {
    let sees = plain.may(user, Privilege::Read, record);
    let (table, id) = (record.table, record.id);
    let who = &person.caller.name;
    assert_eq!(world.app.get(&person.caller, table, id, None).await.is_ok(), sees, "{who} opens {table} {id}");
    assert_eq!(person.api.sees(named(table), id).await, sees, "{who} gets {table} {id} by the Web API");
    assert_eq!(person.pages.sees(named(table), id).await, sees, "{who} opens the page of {table} {id}");
    let (me, other) = (user.id, somebody_else(plain, record));
    for privilege in ACTS {
        let done = may_do(world, &person.caller, move |work| match privilege {
            Privilege::Write => work.update(table, id, Row::new().with("description", "changed"), None).map(drop),
            Privilege::Delete => work.delete(table, id, None),
            Privilege::Assign => {
                work.update(table, id, Row::new().with("ownerid", to("systemuser", other)), None).map(drop)
            }
            _ => work.share(&Reference::new(table, id), &Reference::new("systemuser", me), &BTreeSet::new()),
        });
        assert_eq!(done.await, may(plain, user, privilege, record), "{who} may {privilege:?} {table} {id}");
    }
    let row = world.app.get(&world.admin, table, id, None).await.unwrap();
    let rights = world.app.rights_on(&person.caller, world.app.model().table(table).unwrap(), &row).await.unwrap();
    let right: BTreeSet<Privilege> =
        Privilege::ALL.into_iter().filter(|privilege| plain.may(user, *privilege, record)).collect();
    // Whether somebody may add records is not said by single ones.
    let without_create = |rights: &BTreeSet<Privilege>| rights - &BTreeSet::from([Privilege::Create]);
    assert_eq!(without_create(&rights), without_create(&right), "what {who} is told to be allowed with {table} {id}");
    let (principal, place) = (Reference::new("systemuser", user.id), Reference::new(table, id));
    assert_eq!(world.app.rights_of(&world.admin, &principal, &place).await.unwrap(), rights);
    5 + ACTS.len()
}

/// Does it in earnest at both faces, each to a row of its own made like `record`.
async fn compare_deeds(
    world: &World,
    plain: &Plain,
    user: &User,
    person: &Person,
    (record, privilege): (&Record, Privilege),
) -> usize {
    let right = may(plain, user, privilege, record);
    let (table, other) = (named(record.table), somebody_else(plain, record));
    let who = &person.caller.name;
    for face in ["Web API", "page"] {
        if face == "page" && privilege == Privilege::Share {
            continue;
        }
        let id = add_alike(world, plain, record).await;
        let said = match face {
            "page" => person.pages.does(privilege, table, id, other).await,
            _ => person.api.does(privilege, table, id, other).await,
        };
        let after = world.app.get(&world.admin, table.table, id, None).await;
        let done = match (&after, privilege) {
            (Err(_), _) => privilege == Privilege::Delete,
            (Ok(row), Privilege::Write) => row.text("description").starts_with("changed"),
            (Ok(row), Privilege::Assign) => row.value("ownerid").as_reference().unwrap().id == other,
            (Ok(_), Privilege::Delete) => false,
            (Ok(_), _) => said,
        };
        assert_eq!(done, right, "{who} did {privilege:?} a {} by {face}", record.table);
        assert!(said || !done, "{who} is told that {privilege:?} failed, and it was done");
        if after.is_ok() {
            world.app.delete(&world.admin, Origin::Page, table.table, id, None).await.unwrap();
        }
    }
    2
}

/// Whether somebody may do this with a row; to give it away, there must be somebody to take it.
fn may(plain: &Plain, user: &User, privilege: Privilege, record: &Record) -> bool {
    plain.may(user, Privilege::Read, record)
        && plain.may(user, privilege, record)
        && (privilege != Privilege::Assign || plain.may_be_owned(record, somebody_else(plain, record)))
}

/// An owner whom the row does not have, so that there is something to assign.
fn somebody_else(plain: &Plain, record: &Record) -> Uuid {
    plain.users.iter().find(|user| user.id != record.owner).unwrap().id
}

/// Organisations made on each engine; more where somebody asks for a longer run.
fn seeds(postgres: bool) -> std::ops::Range<u64> {
    let wanted = std::env::var("PIPEWRIGHT_ACCESS_SEEDS").ok().and_then(|count| count.parse().ok());
    0..wanted.unwrap_or(if postgres { 1 } else { 3 })
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_and_does_through_every_face_exactly_what_the_rules_say() {
    let mut asked = 0;
    for postgres in [false, true] {
        for seed in seeds(postgres) {
            eprintln!("seed {seed} on {}", if postgres { "PostgreSQL" } else { "SQLite" });
            let world = World::new(postgres).await;
            let mut random = StdRng::seed_from_u64(seed);
            let plain = organization(&world, &mut random).await;
            for (number, user) in plain.users.iter().enumerate() {
                let person = Person::new(&world, user, number).await;
                asked += compare_sight(&world, &plain, user, &person).await;
                for record in &plain.records {
                    asked += compare_acts(&world, &plain, user, &person, record).await;
                    let privilege = *ACTS.choose(&mut random).unwrap();
                    asked += compare_deeds(&world, &plain, user, &person, (record, privilege)).await;
                }
            }
        }
    }
    assert!(asked >= 10_000, "{asked} questions are too few");
}
