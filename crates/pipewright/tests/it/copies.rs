//! A copy is made while the server runs, and opens on the other engine.

use crate::world;

use std::process::Stdio;

use crate::world::{World, on_each_engine, set_up_on_each_engine};

const TABLES: [&str; 8] =
    ["account", "contact", "lead", "opportunity", "opportunityproduct", "task", "systemuser", "opportunityclose"];

#[test]
fn a_backup_made_while_the_server_runs_opens_on_the_other_engine() {
    set_up_on_each_engine(|world| {
        world.does(&["demo", "--leads", "20", "--seed", "3"]);
        let token = world.token();
        let server = world.serve();
        let told = world.tells(&["backup", "copy.backup", "--json"]);
        let leads = told["rows"].as_array().unwrap().iter().find(|row| row[0] == "lead").unwrap();
        assert_eq!(leads[1], 20);
        assert_eq!(server.get("/sign-in", None).status, 200);
        server.stop();

        let other = World::empty(world.engine.other());
        let backup = world.path("copy.backup").display().to_string();
        assert_eq!(other.tells(&["restore", &backup, "--json"]), told);
        assert!(other.does(&["check"]).contains("nothing is wrong"));
        for table in TABLES {
            let rows = other.rows(table);
            assert!(!rows.is_empty(), "{table}");
            assert_eq!(rows, world.rows(table), "{table}");
        }
        let server = other.serve();
        assert_eq!(server.get("/api/data/v9.2/WhoAmI", Some(&token)).status, 401, "tokens stay behind");
        server.stop();
        let complaint = other.refuses(1, &["restore", &backup]);
        assert!(complaint.contains("empty") || complaint.contains("exists"), "{complaint}");
    });
}

#[test]
fn a_backup_made_while_others_write_is_sound() {
    set_up_on_each_engine(|world| {
        let mut writer = world.command(&["demo", "--leads", "150", "--json"]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(600));
        world.does(&["backup", "copy.backup"]);
        assert!(writer.wait().unwrap().success());
        let other = World::empty(world.engine.other());
        other.does(&["restore", &world.path("copy.backup").display().to_string()]);
        assert!(other.does(&["check"]).contains("nothing is wrong"));
        world.does(&["check"]);
    });
}

#[test]
fn a_backup_never_replaces_a_file_and_only_a_backup_is_restored() {
    on_each_engine(|world| {
        let diary = world.file("diary.txt", "not a backup");
        assert!(world.refuses(1, &["restore", &diary]).contains("diary.txt"));
        assert!(world.refuses(2, &["restore", "absent.backup"]).contains("absent.backup"));
        world.set_up();
        assert!(world.refuses(1, &["backup", &diary]).contains("diary.txt"));
        assert_eq!(world.read("diary.txt"), "not a backup");
        world.refuses(4, &["backup", "no folder/copy.backup"]);
    });
}

#[test]
fn a_backup_is_not_restored_where_a_server_still_runs() {
    let world = World::set_up_on(world::Engine::Sqlite);
    world.does(&["backup", "copy.backup"]);
    let server = world.serve();
    assert!(world.refuses(1, &["restore", "copy.backup"]).contains("exists already"));
    std::fs::remove_file(world.path("crm.db")).unwrap();
    let refused = world.refuses(1, &["restore", "copy.backup"]);
    assert!(refused.contains("already served") && refused.contains(&server.number().to_string()), "{refused}");
    server.kill();
    world.does(&["restore", "copy.backup"]);
    world.does(&["check"]);
}
