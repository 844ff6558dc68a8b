//! Organisations made at random, compared with a plain, slow reading of the rules.

use std::collections::{BTreeMap, BTreeSet};

use super::profiles::{ACTS, Act, give, is_refused, key_of, profile, secure};
use crate::world::{World, crm, to};
use crm::{
    Aggregate, AggregateFunction, Caller, Error, Grouping, Join, JoinKind, Origin, Query, Row, export::ExportRequest,
};
use model::{Filter, Operator, Order, Path, Reference, Related, Value};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use rust_decimal::Decimal;
use uuid::Uuid;

/// Columns that are secured or not, with a value to write.
const PLAIN: [(&str, &str); 6] = [
    ("account", "creditlimit"),
    ("account", "numberofemployees"),
    ("account", "websiteurl"),
    ("account", "new_secret"),
    ("opportunity", "estimatedvalue"),
    ("opportunity", "closeprobability"),
];

/// Columns that are made from others, and from which.
const MADE: [(&str, &str, (&str, &str)); 5] = [
    ("account", "creditlimit_base", ("account", "creditlimit")),
    ("account", "new_double", ("account", "numberofemployees")),
    ("account", "new_greatest", ("opportunity", "closeprobability")),
    ("account", "openrevenue", ("opportunity", "estimatedvalue")),
    ("opportunity", "estimatedvalue_base", ("opportunity", "estimatedvalue")),
];

fn value(column: &str, random: &mut StdRng) -> Value {
    let number = random.random_range(1..=4);
    match column {
        "websiteurl" => format!("https://site{number}.example").into(),
        "new_secret" => format!("hush{number}").into(),
        "creditlimit" | "estimatedvalue" => Decimal::from(number * 1000).into(),
        _ => Value::Whole(number * 10),
    }
}

/// Everything that decides, in plain lists.
struct Plain {
    secured: BTreeSet<(&'static str, &'static str)>,
    /// By profile: what it allows.
    allowed: Vec<BTreeSet<(&'static str, &'static str, Act)>>,
    /// By user: their profiles, and their teams.
    users: Vec<(Uuid, BTreeSet<usize>, BTreeSet<usize>)>,
    /// By team: its profiles.
    teams: Vec<BTreeSet<usize>>,
}

impl Plain {
    fn may(&self, user: usize, act: Act, (table, column): (&'static str, &'static str)) -> bool {
        let (_, own, teams) = &self.users[user];
        let profiles = own.iter().chain(teams.iter().flat_map(|team| &self.teams[*team]));
        !self.secured.contains(&(table, column))
            || profiles.into_iter().any(|profile| self.allowed[*profile].contains(&(table, column, act)))
    }

    fn may_read(&self, user: usize, column: (&'static str, &'static str)) -> bool {
        let source = MADE.iter().find(|(table, name, _)| (*table, *name) == column).map(|(.., source)| *source);
        self.may(user, Act::Read, source.unwrap_or(column))
    }
}

fn some_of(random: &mut StdRng, count: usize, chance: f64) -> BTreeSet<usize> {
    (0..count).filter(|_| random.random_bool(chance)).collect()
}

/// Makes one organisation in the database and in plain lists.
async fn organization(world: &World, random: &mut StdRng) -> Plain {
    let secured: BTreeSet<_> = PLAIN.into_iter().filter(|_| random.random_bool(0.7)).collect();
    secure(world, secured.iter().copied()).await;
    let mut plain = Plain { secured, allowed: Vec::new(), users: Vec::new(), teams: Vec::new() };
    let mut profiles = Vec::new();
    for number in 0..3 {
        let mut allowed = BTreeSet::new();
        let mut permissions: BTreeMap<(&str, &str), Vec<Act>> = BTreeMap::new();
        for (table, column) in &plain.secured {
            let chance = if random.random_bool(0.6) { 0.5 } else { 0.0 };
            let acts: Vec<Act> = ACTS.iter().map(|(act, _)| *act).filter(|_| random.random_bool(chance)).collect();
            allowed.extend(acts.iter().map(|act| (*table, *column, *act)));
            permissions.insert((table, column), acts);
        }
        let list: Vec<(&str, &str, &[Act])> =
            permissions.iter().map(|((table, column), acts)| (*table, *column, acts.as_slice())).collect();
        profiles.push(profile(world, &format!("Profile {number}"), &list).await);
        plain.allowed.push(allowed);
    }
    let unit = || to("businessunit", world.admin.business_unit);
    let mut teams = Vec::new();
    for number in 0..2 {
        let row = Row::new().with("name", format!("Team {number}")).with("businessunitid", unit());
        let team = world.create_as_admin("team", row).await;
        let held = some_of(random, profiles.len(), 0.4);
        for profile in &held {
            give(world, profiles[*profile], Reference::new("team", team)).await;
        }
        teams.push(team);
        plain.teams.push(held);
    }
    for number in 0..4 {
        let row = Row::new()
            .with("firstname", "Person")
            .with("lastname", format!("{number}"))
            .with("internalemailaddress", format!("person{number}@contoso.example"))
            .with("businessunitid", unit());
        let user = world.create_as_admin("systemuser", row).await;
        world.app.identity().give_role(&world.admin, user, "Vice President of Sales").await.unwrap();
        let held = some_of(random, profiles.len(), 0.3);
        for profile in &held {
            give(world, profiles[*profile], Reference::new("systemuser", user)).await;
        }
        let member_of = some_of(random, teams.len(), 0.4);
        for team in &member_of {
            let (team, person) = (Reference::new("team", teams[*team]), Reference::new("systemuser", user));
            let act = move |work: &mut crm::Work<'_, '_>| work.associate("teammembership_association", &team, &person);
            world.app.work(&world.admin, Origin::Page, act).await.unwrap();
        }
        plain.users.push((user, held, member_of));
    }
    for number in 0..4 {
        let mut row = Row::new().with("name", format!("Company {number}"));
        for (_, column) in PLAIN.iter().filter(|(table, _)| *table == "account") {
            row.set(*column, value(column, random));
        }
        let account = world.create_as_admin("account", row).await;
        let mut row = Row::new()
            .with("name", format!("Deal {number}"))
            .with("customerid", to("account", account))
            .with("parentaccountid", to("account", account));
        for (_, column) in PLAIN.iter().filter(|(table, _)| *table == "opportunity") {
            row.set(*column, value(column, random));
        }
        world.create_as_admin("opportunity", row).await;
    }
    plain
}

/// Questions whose answer depends on the values of a column.
fn telling(world: &World, caller: &Caller, table: &'static str, column: &'static str, held: &Value) -> Vec<Query> {
    let of = |name: &str| world.app.new_query(caller, name);
    let key = key_of(table);
    let aggregate = |function| Aggregate { function, path: Some(column.into()), alias: "a".to_owned() };
    let mut queries = vec![
        of(table).select([key]).matching(Filter::eq(column, held.clone())),
        of(table).select([key]).matching(Filter::unary(column, Operator::NotNull)),
        of(table).select([key]).matching(Filter::Not(Box::new(Filter::unary(column, Operator::Null)))),
        of(table).select([key]).order_by(Order::ascending(column)),
        Query {
            group_by: vec![Grouping { path: column.into(), part: None, alias: "g".to_owned() }],
            aggregates: vec![Aggregate { function: AggregateFunction::Count, path: None, alias: "n".to_owned() }],
            ..of(table)
        },
        Query { aggregates: vec![aggregate(AggregateFunction::Max)], ..of(table) },
        Query { aggregates: vec![aggregate(AggregateFunction::Count)], ..of(table) },
    ];
    if held.as_decimal().is_some() {
        // As a kept total would answer it, too.
        let by_state = vec![Grouping { path: "statecode".into(), part: None, alias: "g".to_owned() }];
        queries.push(Query { group_by: by_state, aggregates: vec![aggregate(AggregateFunction::Sum)], ..of(table) });
    }
    let condition = Filter::eq(column, held.clone());
    if table == "account" {
        let through = Path::through("parentaccountid", column);
        queries.push(of("opportunity").select(["opportunityid"]).matching(Filter::eq(through.clone(), held.clone())));
        queries.push(of("opportunity").select(["opportunityid"]).order_by(Order { column: through, descending: true }));
    } else {
        let related = Related {
            table: "opportunity".to_owned(),
            through: "parentaccountid".to_owned(),
            filter: Box::new(condition.clone()),
            at: None,
        };
        queries.push(of("account").select(["accountid"]).matching(Filter::Related(related)));
        let join = Join {
            alias: "deal".to_owned(),
            table: "opportunity".to_owned(),
            column: "parentaccountid".to_owned(),
            parent: None,
            parent_column: "accountid".to_owned(),
            kind: JoinKind::Inner,
            filter: condition,
        };
        queries.push(Query { joins: vec![join], ..of("account").select(["accountid"]) });
    }
    queries
}

async fn rows(world: &World, caller: &Caller, query: Query) -> Vec<Row> {
    world.app.query(caller, query).await.unwrap().to_rows().collect()
}

/// Compares what one person reads of a column, by every way of asking.
async fn compare_reading(
    world: &World,
    caller: &Caller,
    (table, column): (&'static str, &'static str),
    readable: bool,
) -> usize {
    let key = key_of(table);
    let all = world.app.new_query(&world.admin, table).select([key, column]).take(100);
    let mut asked = 0;
    for row in rows(world, &world.admin, all).await {
        let (id, held) = (row.value(key).as_id().unwrap(), row.value(column).clone());
        let seen = if readable { held.clone() } else { Value::Null };
        let context = format!("{table}.{column} by {}", caller.name);
        assert_eq!(world.app.get(caller, table, id, None).await.unwrap().value(column), &seen, "{context}");
        let named = world.app.get(caller, table, id, Some(vec![column.to_owned()])).await.unwrap();
        assert_eq!(named.value(column), &seen, "{context}");
        let one = world.app.new_query(caller, table).select([column]).matching(Filter::eq(key, id));
        assert_eq!(rows(world, caller, one.clone()).await[0].value(column), &seen, "{context}");
        let once = rows(world, caller, Query { distinct: true, ..one }).await;
        assert_eq!(once[0].value(column), &seen, "{context}");
        if table == "account" {
            let through = Path::through("parentaccountid", column);
            let name = through.to_string();
            let deals = world.app.new_query(caller, "opportunity").select([through]);
            let deals = rows(world, caller, deals.matching(Filter::eq("parentaccountid", id))).await;
            assert!(deals.iter().all(|deal| deal.value(&name) == &seen), "{context}");
        }
        for (number, query) in telling(world, caller, table, column, &held).into_iter().enumerate() {
            let refused = is_refused(world.app.query(caller, query).await, column);
            assert_eq!(refused, !readable, "question {number} for {context}");
            asked += 1;
        }
        let (history, _) = world.app.history(caller, table, id, 100).await.unwrap();
        let told = history.iter().flat_map(|entry| &entry.changes).filter(|(name, ..)| name == column);
        let told: Vec<_> = told.filter(|(_, before, after)| !before.is_null() || !after.is_null()).collect();
        assert!(readable || told.is_empty(), "the history tells {context}");
        asked += 5;
    }
    asked
}

/// Compares whether one person may set a column of a new row and of one that is there.
async fn compare_setting(
    world: &World,
    plain: &Plain,
    user: usize,
    caller: &Caller,
    (table, column): (&'static str, &'static str),
    random: &mut StdRng,
) -> usize {
    let row = if table == "account" {
        Row::new().with("name", "New")
    } else {
        let account = rows(world, caller, world.app.new_query(caller, "account").select(["accountid"])).await;
        let account = account[0].value("accountid").as_id().unwrap();
        Row::new().with("name", "New").with("customerid", to("account", account))
    };
    let row = row.with(column, value(column, random));
    let made = taken_back(world, caller, move |work| work.create(table, None, row).map(drop)).await;
    assert_eq!(is_refused(made, column), !plain.may(user, Act::Create, (table, column)), "{column} of a new {table}");
    let query = world.app.new_query(&world.admin, table).select([key_of(table), column]).take(100);
    let there = rows(world, &world.admin, query).await;
    let there = there.choose(random).unwrap();
    let id = there.value(key_of(table)).as_id().unwrap();
    // Also what changes nothing: else somebody could find the value out by trying.
    for new in [there.value(column).clone(), value(column, random), Value::Null] {
        let changes = Row::new().with(column, new);
        let changed = taken_back(world, caller, move |work| work.update(table, id, changes, None).map(drop)).await;
        assert_eq!(is_refused(changed, column), !plain.may(user, Act::Update, (table, column)), "{column} of {table}");
    }
    4
}

/// Does something and takes it back; only a refusal of rights is an error.
async fn taken_back(
    world: &World,
    caller: &Caller,
    act: impl FnOnce(&mut crm::Work<'_, '_>) -> crm::Result<()> + Send + 'static,
) -> crm::Result<()> {
    let done = world.app.work(caller, Origin::Page, move |work| -> crm::Result<()> {
        act(work)?;
        Err(Error::refused("taken back"))
    });
    match done.await.unwrap_err() {
        Error::Refused(reason) if reason == "taken back" => Ok(()),
        other => Err(other),
    }
}

/// A search finds rows by the words of columns that nobody is kept from, and by no others.
async fn compare_search(world: &World, plain: &Plain, caller: &Caller) -> usize {
    let all = world.app.new_query(&world.admin, "account").select(["websiteurl", "new_secret"]).take(100);
    let all = rows(world, &world.admin, all).await;
    for number in 1..=4 {
        for (column, word) in [("websiteurl", format!("site{number}")), ("new_secret", format!("hush{number}"))] {
            let secured = plain.secured.contains(&("account", column));
            let holding = all.iter().filter(|row| row.text(column).contains(&word)).count();
            let search = world.app.new_query(caller, "account").select(["accountid"]).matching(Filter::Search(word));
            let found = rows(world, caller, search).await.len();
            assert_eq!(found, if secured { 0 } else { holding }, "{column} {}", caller.name);
        }
    }
    8
}

/// An export shows what is read, and leaves the rest of the row.
async fn compare_export(world: &World, plain: &Plain, user: usize, caller: &Caller) -> usize {
    let columns: Vec<&'static str> = PLAIN.iter().filter(|(table, _)| *table == "account").map(|(_, c)| *c).collect();
    let request = ExportRequest {
        table: "account".to_owned(),
        columns: Some(columns.iter().map(|column| Path::column(*column)).collect()),
        raw: true,
        ..ExportRequest::default()
    };
    let file = String::from_utf8(world.exported(caller, request).await).unwrap();
    let lines: Vec<Vec<&str>> = file.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 4, "{file}");
    for (place, column) in columns.iter().enumerate() {
        let readable = plain.may_read(user, ("account", column));
        assert!(lines.iter().all(|line| line[place + 1].is_empty() != readable), "{column} of {}: {file}", caller.name);
    }
    columns.len()
}

/// Organisations made on each engine; more where somebody asks for a longer run.
fn seeds(postgres: bool) -> std::ops::Range<u64> {
    let wanted = std::env::var("PIPEWRIGHT_ACCESS_SEEDS").ok().and_then(|count| count.parse().ok());
    0..wanted.unwrap_or(if postgres { 2 } else { 5 })
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_reads_and_sets_exactly_the_columns_the_profiles_say() {
    let mut asked = 0;
    for postgres in [false, true] {
        for seed in seeds(postgres) {
            eprintln!("seed {seed} on {}", if postgres { "PostgreSQL" } else { "SQLite" });
            let world = World::new(postgres).await;
            let random = &mut StdRng::seed_from_u64(seed);
            let plain = organization(&world, random).await;
            for user in 0..plain.users.len() {
                let caller = world.app.caller(plain.users[user].0).await.unwrap();
                for column in PLAIN.into_iter().chain(MADE.map(|(table, column, _)| (table, column))) {
                    asked += compare_reading(&world, &caller, column, plain.may_read(user, column)).await;
                }
                for column in PLAIN {
                    asked += compare_setting(&world, &plain, user, &caller, column, random).await;
                }
                asked += compare_search(&world, &plain, &caller).await;
                asked += compare_export(&world, &plain, user, &caller).await;
            }
        }
    }
    assert!(asked >= 10_000, "{asked} questions are too few");
}
