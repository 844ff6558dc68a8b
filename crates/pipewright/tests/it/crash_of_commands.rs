//! Imports and publications are killed at random moments; what is there is whole, and doing it once
//! more ends where one run would have.
//!
//! `PIPEWRIGHT_CRASHES` and `PIPEWRIGHT_SEED` as in `crash.rs`.

use std::{
    collections::{BTreeMap, HashMap},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::load::{Follower, dice, every_row, times};
use crate::world::{Engine, World, json, set_up_on_each_engine};
use model::Value;
use rand::{Rng, rngs::StdRng};
use store::Row;
use uuid::Uuid;

/// Kills of each kind in a run that nobody asked to be long.
const CRASHES: u32 = 3;
/// Most imports that are killed: each leaves its rows, so that looking at all of them takes longer
/// every time.
const MOST_IMPORTS: u32 = 25;
/// Companies of one import; each has a person.
const COMPANIES: u32 = 600;

#[test]
fn a_killed_import_has_whole_rows_and_a_second_run_brings_in_the_rest_once() {
    let mut dice = dice();
    set_up_on_each_engine(|world| {
        let (mut follower, mut killed_at_work) = (Follower::default(), 0);
        let mut there = 0;
        for kill in 0..times("PIPEWRIGHT_CRASHES", CRASHES).min(MOST_IMPORTS) {
            let [companies, people] = files(&world, kill);
            let import = [
                "import",
                &companies,
                &people,
                "--match",
                "accountnumber",
                "--match",
                "lastname",
                "--duplicates",
                "skip",
            ];
            kill_after(world.command(&import), longest(&world), &mut dice);
            world.wait_until_alone();
            let came = rows_of_kill(&world, kill);
            killed_at_work += u32::from(came > 0 && came < COMPANIES);
            world.run(&import).expect(0);
            assert_eq!(rows_of_kill(&world, kill), COMPANIES, "kill {kill}, {came} before it");
            there += COMPANIES;
        }
        assert_sound(&world, &mut follower);
        assert_eq!(world.rows("contact").len(), there as usize);
        eprintln!("{:?}: {killed_at_work} imports were killed between their first and their last row", world.engine);
    });
}

#[test]
fn a_killed_publication_has_changed_the_model_whole_or_not_at_all() {
    let mut dice = dice();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::empty(engine);
        world.does(&["demo", "--leads", "60", "--seed", "5"]);
        let before = every_row(&world.address);
        let mut published = world.does(&["customize", "export"]);
        let (mut follower, mut with, mut without) = (Follower::default(), 0, 0);
        for kill in 0..times("PIPEWRIGHT_CRASHES", CRASHES) {
            let file = world.file("next.toml", &customisation(kill));
            // What publishing it would come to, in the words of the export.
            let wanted = exported(&customisation(kill));
            kill_after(world.command(&["customize", "import", &file]), Duration::from_millis(400), &mut dice);
            world.wait_until_alone();
            let now = world.does(&["customize", "export"]);
            if exported(&now) == wanted {
                with += 1;
                published = now;
            } else {
                without += 1;
                assert_eq!(now, published, "kill {kill}: neither the old customisations nor the new ones");
            }
            compare(&before, &every_row(&world.address), &published);
            if kill % 4 == 0 {
                assert_sound(&world, &mut follower);
            }
        }
        assert_sound(&world, &mut follower);
        eprintln!("{engine:?}: killed {with} times after publishing and {without} times before");
    }
}

/// Two files, of companies and of people who work there.
fn files(world: &World, kill: u32) -> [String; 2] {
    let companies: String = (0..COMPANIES).map(|n| format!("k{kill}-{n},k{kill}-{n}\n")).collect();
    let people: String = (0..COMPANIES).map(|n| format!("P {n},Person k{kill}-{n},k{kill}-{n}\n")).collect();
    [
        world.file("accounts.csv", &format!("name,accountnumber\n{companies}")),
        world.file("contacts.csv", &format!("firstname,lastname,parentcustomerid\n{people}")),
    ]
}

/// How many companies came of this kill's import; fails where one, or its person, is half there.
fn rows_of_kill(world: &World, kill: u32) -> u32 {
    let rows = every_row(&world.address);
    let mark = format!("k{kill}-");
    let mut companies = HashMap::new();
    for ((table, id), row) in &rows {
        if table == "account" && row.text("name").starts_with(&mark) {
            assert_eq!(row.text("name"), row.text("accountnumber"));
            assert_eq!(companies.insert(*id, row.text("name")), None);
        }
    }
    for ((table, _), row) in &rows {
        if let Some(name) = row.text("lastname").strip_prefix("Person ").filter(|name| name.starts_with(&mark)) {
            assert_eq!((table.as_str(), row.text("firstname")), ("contact", name.replacen(&mark, "P ", 1).as_str()));
            let Value::Reference(company) = row.value("parentcustomerid") else { panic!("{name} has no company") };
            assert_eq!(companies.get(&company.id), Some(&name));
        }
    }
    let names: std::collections::BTreeSet<&&str> = companies.values().collect();
    assert_eq!(names.len(), companies.len(), "a company came in twice");
    u32::try_from(companies.len()).unwrap()
}

/// A column with a default for three tables; each takes the place of the one before.
fn customisation(kill: u32) -> String {
    let column = |table: &str| {
        format!("[table.{table}.columns.new_kill{kill}]\nlabel = \"Kill {kill}\"\ntype = \"whole\"\ndefault = {kill}\n")
    };
    ["lead", "account", "opportunity"].map(column).join("\n")
}

/// A customisation without its spaces and order of lines.
fn exported(text: &str) -> Vec<String> {
    let mut lines: Vec<String> =
        text.lines().map(|line| line.replace(' ', "")).filter(|line| !line.is_empty()).collect();
    lines.sort();
    lines
}

/// All values from before are there; columns that came since hold their default in every row.
fn compare(before: &BTreeMap<(String, Uuid), Row>, now: &BTreeMap<(String, Uuid), Row>, published: &str) {
    assert!(before.keys().eq(now.keys()), "rows came or went");
    let column =
        published.lines().find_map(|line| line.trim_start_matches('[').trim_end_matches(']').split("columns.").nth(1));
    for (key, old) in before {
        let row = &now[key];
        for (name, value) in old.iter() {
            assert_eq!(row.value(name), value, "{key:?} {name}");
        }
        if let (Some(column), "lead" | "account" | "opportunity") = (column, key.0.as_str()) {
            let number: i64 = column.trim_start_matches("new_kill").parse().unwrap();
            assert_eq!(row.value(column), &Value::Whole(number), "{key:?}");
        }
    }
}

/// Time in which most imports end.
fn longest(world: &World) -> Duration {
    Duration::from_millis(if world.engine == Engine::Sqlite { 1800 } else { 4000 })
}

fn kill_after(mut command: Command, longest: Duration, dice: &mut StdRng) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(longest.mul_f64(dice.random()));
    child.kill().unwrap();
    child.wait().unwrap();
}

fn assert_sound(world: &World, follower: &mut Follower) {
    let report = json(&world.does(&["check", "--json"]));
    assert_eq!(report["findings"], serde_json::json!([]));
    let wrong = follower.follow(&world.address, report["feed_entries"].as_u64().unwrap());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
