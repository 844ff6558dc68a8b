//! Backups taken while people write are of one moment, and come back row by row.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::Duration,
};

use crate::load::{Entries, Follower, Load, dice, entries, every_row};
use crate::world::{Client, Engine, World, json, set_up_on_each_engine};
use rand::Rng;
use store::Row;
use uuid::Uuid;

type Rows = BTreeMap<(String, Uuid), Row>;

#[test]
fn a_backup_taken_under_load_is_of_one_moment_on_either_engine() {
    set_up_on_each_engine(|world| {
        let token = world.token();
        let server = world.serve();
        let client = Client::new(server.address(), &token);
        let mut load = Load::new("backup-", 4, dice().random());
        let names = ["one", "two", "three"];
        load.during(&client, true, || {
            for name in names {
                thread::sleep(Duration::from_millis(500));
                world.does(&["backup", name]);
            }
        });
        load.must_be_there(&client, "backups disturb nobody");
        assert_eq!(load.tally().put_off + load.tally().unanswered, 0, "{:?}", load.tally());
        server.stop();
        world.wait_until_alone();
        let (rows, feed) = (every_row(&world.address), entries(&world.address));
        let mut sizes = BTreeSet::new();
        for name in names {
            let backup = world.path(name).display().to_string();
            for engine in [Engine::Sqlite, Engine::Postgres] {
                let other = World::empty(engine);
                other.does(&["restore", &backup]);
                let report = json(&other.does(&["check", "--json"]));
                assert_eq!(report["findings"], serde_json::json!([]));
                // Every row is what the feed in the backup makes it: tables and feed are of one moment.
                let count = report["feed_entries"].as_u64().unwrap();
                let wrong = Follower::default().follow(&other.address, count);
                assert!(wrong.is_empty(), "{}", wrong.join("\n"));
                // And that moment was one of the database: no act by half, no row it never had.
                is_of_a_moment(&entries(&other.address), &feed);
                unchanged_rows_are_equal(&every_row(&other.address), &rows);
                sizes.insert(count);
            }
        }
        assert_eq!(sizes.len(), names.len(), "nothing was written between the backups: {sizes:?}");
    });
}

#[test]
fn a_backup_of_a_database_at_rest_comes_back_row_by_row_on_either_engine() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::empty(engine);
        world.does(&["demo", "--leads", "80", "--seed", "11"]);
        let customisation = "[table.lead.columns.new_score]\nlabel = \"Score\"\ntype = \"decimal\"\ndefault = 2.5\n";
        let file = world.file("customisation.toml", customisation);
        world.does(&["customize", "import", &file]);
        world.does(&["backup", "backup"]);
        let (rows, feed) = (every_row(&world.address), entries(&world.address));
        assert!(rows.len() > 500, "{}", rows.len());
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let other = World::empty(engine);
            other.does(&["restore", &world.path("backup").display().to_string()]);
            let restored = every_row(&other.address);
            assert!(restored.keys().eq(rows.keys()), "other rows came back than went");
            for (key, row) in &rows {
                assert_eq!(&restored[key], row, "{key:?}");
            }
            assert_eq!(entries(&other.address), feed);
            assert!(other.does(&["check"]).contains("nothing is wrong"));
        }
    }
}

/// The entries of the backup are those of the source, each act whole.
fn is_of_a_moment(backup: &Entries, source: &Entries) {
    let mut whole: BTreeMap<Uuid, usize> = BTreeMap::new();
    for entry in source.values() {
        *whole.entry(entry.actor.act).or_default() += 1;
    }
    let mut found: BTreeMap<Uuid, usize> = BTreeMap::new();
    for (sequence, entry) in backup {
        assert_eq!(Some(entry), source.get(sequence), "an entry the source does not have");
        *found.entry(entry.actor.act).or_default() += 1;
    }
    for (act, count) in found {
        assert_eq!(Some(&count), whole.get(&act), "{act} is in the backup by half");
    }
}

/// Rows that did not change since the backup are the same in every column that does not follow from
/// other rows.
fn unchanged_rows_are_equal(backup: &Rows, source: &Rows) {
    let version = |row: &Row| row.value("versionnumber").as_whole();
    let mut compared = 0;
    for (key, row) in backup {
        let Some(now) = source.get(key).filter(|now| version(now) == version(row)) else { continue };
        compared += 1;
        for (column, value) in row.iter() {
            let follows = ["opendeals", "openrevenue"].iter().any(|name| column.starts_with(name));
            assert!(follows || now.value(column) == value, "{key:?} {column}: {value:?}, {:?}", now.value(column));
        }
    }
    assert!(compared > 20, "only {compared} rows could be compared");
}
