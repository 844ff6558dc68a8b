//! Files come in, are mended, are taken back, and go out again.

use crate::world;

use crate::world::{Engine, Outcome, World, json, set_up_on_each_engine};
use serde_json::Value;

const ACCOUNTS: &str = "\
name,telephone1,numberofemployees
Fabrikam,+49 30 1,12
Contoso,+49 30 2,twelve
Adventure Works,,70
";
const LEADS: &str = "\
Topic,First Name,Last Name,Company Name
Robots,Lena,Lead,Fabrikam
Conveyors,Karl,Kunde,Adventure Works
";

/// The part of a report about one file: created, unchanged, skipped, failed.
fn part(report: &Value, file: &str) -> [u64; 4] {
    let part = report["files"].as_array().unwrap().iter().find(|part| part["file"] == file).unwrap();
    ["created", "unchanged", "skipped", "failed"].map(|name| part[name].as_u64().unwrap())
}

fn report(outcome: Outcome, code: i32) -> Value {
    json(&outcome.expect(code).printed)
}

fn files(world: &World) -> [String; 2] {
    [world.file("accounts.csv", ACCOUNTS), world.file("leads.csv", LEADS)]
}

#[test]
fn a_dry_run_reports_and_writes_nothing() {
    set_up_on_each_engine(|world| {
        let [accounts, leads] = files(&world);
        let told = report(world.run(&["import", &accounts, &leads, "--dry-run", "--json"]), 3);
        assert_eq!(told["dry_run"], true);
        assert_eq!(part(&told, "accounts.csv"), [2, 0, 0, 1]);
        assert_eq!(part(&told, "leads.csv"), [2, 0, 0, 0]);
        assert!(world.rows("account").is_empty() && world.rows("lead").is_empty());
        assert_eq!(world.does(&["customize", "export"]), "");
    });
}

#[test]
fn a_written_mapping_brings_the_same_files_in_once() {
    set_up_on_each_engine(|world| {
        let [accounts, leads] = files(&world);
        let first = ["import", &accounts, &leads, "--write-mapping", "mapping.toml", "--json"];
        let told = report(world.run(&first), 3);
        assert_eq!(part(&told, "accounts.csv"), [2, 0, 0, 1]);
        assert!(world.read("mapping.toml").contains("numberofemployees"));
        let again = ["import", &accounts, &leads, "--mapping", "mapping.toml", "--json"];
        let told = report(world.run(&again), 3);
        assert_eq!(part(&told, "accounts.csv"), [0, 0, 2, 1]);
        assert_eq!(world.rows("account").len(), 2);
    });
}

#[test]
fn rows_left_out_come_back_with_the_reason_and_come_in_when_mended() {
    set_up_on_each_engine(|world| {
        let accounts = world.file("accounts.csv", ACCOUNTS);
        let outcome = world.run(&["import", &accounts, "--failed-rows", "left out"]).expect(3);
        outcome.names("1 row");
        let left_out = world.read("left out/accounts.csv");
        assert!(left_out.lines().next().unwrap().ends_with("Import error"), "{left_out}");
        assert!(left_out.contains("Contoso") && left_out.contains("'twelve' is not a whole number"), "{left_out}");
        assert!(!left_out.contains("Fabrikam"), "{left_out}");
        let mended = world.file("mended accounts.csv", &left_out.replace(",twelve,", ",12,"));
        let told = world.tells(&["import", &mended, "--json"]);
        assert_eq!(part(&told, "mended accounts.csv"), [1, 0, 0, 0]);
        assert_eq!(world.rows("account").len(), 3);
    });
}

#[test]
fn what_an_import_left_out_can_be_had_later_by_its_number() {
    set_up_on_each_engine(|world| {
        let accounts = world.file("accounts.csv", ACCOUNTS);
        let outcome = world.run(&["import", &accounts]).expect(3);
        outcome.names("--left-out");
        let told = world.tells(&["import", "--left-out", "last", "--failed-rows", "later", "--json"]);
        assert_eq!(told["files"][0], "later/accounts.csv");
        assert!(world.read("later/accounts.csv").contains("'twelve' is not a whole number"));
        let number = told["import"].as_str().unwrap();
        world.does(&["import", "--left-out", number, "--failed-rows", "again"]);
        assert_eq!(world.read("again/accounts.csv"), world.read("later/accounts.csv"));
        world.refuses(2, &["import", "--left-out", "last"]);
    });
}

#[test]
fn how_duplicates_are_found_and_treated_is_said_on_the_command_line() {
    set_up_on_each_engine(|world| {
        let first = world.file("accounts.csv", "name,telephone1\nFabrikam,+49 30 1\n");
        world.does(&["import", &first]);
        let second = world.file("accounts.csv", "name,telephone1\nFabrikam,+49 30 2\n");
        let dry = world.does(&["import", &second, "--match", "name", "--duplicates", "update", "--dry-run"]);
        assert!(dry.contains("1 updated") && dry.contains("found by Account name"), "{dry}");
        let told = world.tells(&["import", &second, "--json"]);
        assert_eq!(told["files"][0]["skipped"], 1, "{told:#}");
        let told = world.tells(&["import", &second, "--duplicates", "update", "--json"]);
        assert_eq!(told["files"][0]["updated"], 1, "{told:#}");
        let told = world.tells(&["import", &second, "--duplicates", "create", "--json"]);
        assert_eq!(told["files"][0]["created"], 1, "{told:#}");
        assert!(world.refuses(2, &["import", &second, "--match", "fax"]).contains("fax"));
        assert!(world.refuses(2, &["import", &second, "--duplicates", "merge"]).contains("skip, update or create"));
    });
}

#[test]
fn whoever_stops_reading_an_export_stops_it_quietly() {
    let world = World::empty(Engine::Sqlite);
    world.does(&["demo", "--leads", "400", "--seed", "3"]);
    for arguments in [&["export", "contact"][..], &["customize", "list", "--all"], &["check", "--json"]] {
        let mut command = world.command(arguments);
        let mut child =
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let outcome = Outcome::of(child.wait_with_output().unwrap()).expect(0);
        assert_eq!(outcome.complaint, "", "{arguments:?}");
    }
}

#[test]
fn an_import_that_is_told_to_end_reports_and_can_be_taken_back() {
    set_up_on_each_engine(|world| {
        let rows: String = (0..12_000).map(|number| format!("Company {number},{number}\n")).collect();
        let accounts = world.file("accounts.csv", &format!("name,accountnumber\n{rows}"));
        let mut command = world.command(&["import", &accounts, "--json", "--failed-rows", "left out"]);
        let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        while !world.has_any("account") {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let number = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(number, rustix::process::Signal::TERM).unwrap();
        let outcome = Outcome::of(child.wait_with_output().unwrap()).expect(3);
        outcome.names("stopped");
        let report = json(&outcome.printed);
        let created = report["files"][0]["created"].as_u64().unwrap();
        let unreached = report["files"][0]["unreached"].as_u64().unwrap();
        assert!(report["canceled"] == true && created > 0 && created + unreached == 12_000, "{report:#}");
        assert_eq!(world.read("left out/accounts.csv").lines().count() as u64, 1 + unreached);
        world.does(&["import", "--undo", report["act"].as_str().unwrap()]);
        assert!(world.rows("account").is_empty());
    });
}

/// Begins an import of many companies, of which every tenth of the first thousand does not fit, and
/// kills the process in the middle.
fn killed_import(world: &World) {
    let row = |number: u32| {
        let people = if number < 1_000 && number.is_multiple_of(10) { "many".to_owned() } else { number.to_string() };
        format!("Company {number},{number},{people}\n")
    };
    let rows: String = (0..12_000).map(row).collect();
    let accounts = world.file("accounts.csv", &format!("name,accountnumber,numberofemployees\n{rows}"));
    let mut command = world.command(&["import", &accounts, "--json"]);
    let mut child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    while !world.has_any("account") {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let number = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(number, rustix::process::Signal::KILL).unwrap();
    assert_eq!(child.wait().unwrap().code(), None);
    // Whoever moved or deleted the file meanwhile still gets the rows that are not in.
    std::fs::remove_file(world.path(&accounts)).unwrap();
}

#[test]
fn an_import_whose_process_was_killed_is_interrupted_and_accounts_for_every_row() {
    set_up_on_each_engine(|world| {
        killed_import(&world);
        let told = world.tells(&["import", "--report", "last", "--json"]);
        assert_eq!(told["status"], "Interrupted", "{told:#}");
        let file = &told["report"]["files"][0];
        let [created, failed, unreached] = ["created", "failed", "unreached"].map(|name| file[name].as_u64().unwrap());
        assert!(created > 0 && unreached > 0 && created + failed + unreached == 12_000, "{file:#}");
        assert_eq!(world.rows("account").len() as u64, created);
        let printed = world.does(&["import", "--report", "last"]);
        assert!(printed.contains("Interrupted") && printed.contains("the process that ran it ended"), "{printed}");
        world.does(&["import", "--left-out", "last", "--failed-rows", "left out"]);
        let left_out = world.read("left out/accounts.csv");
        assert_eq!(left_out.lines().count() as u64, 1 + failed + unreached);
        assert!(left_out.contains("'many' is not a whole number") && left_out.contains("Company 11999,"));
        world.does(&["check"]);
        world.does(&["import", "--undo", "last"]);
        assert!(world.rows("account").is_empty());
        assert_eq!(world.tells(&["import", "--report", "last", "--json"])["status"], "Undone");
    });
}

/// Stops a process in the middle of an import, while it waits for its turn to write: nobody else
/// could write where it was stopped in the middle of a transaction.
fn put_to_sleep(world: &World, import: rustix::process::Pid) {
    let database = rusqlite::Connection::open(world.address.strip_prefix("sqlite:").unwrap()).unwrap();
    // Between two of its transactions there is little time: whoever waits politely comes too late.
    database.busy_timeout(std::time::Duration::ZERO).unwrap();
    let began = std::time::Instant::now();
    while let Err(busy) = database.execute_batch("BEGIN IMMEDIATE") {
        assert!(began.elapsed().as_secs() < 20, "{busy}");
    }
    rustix::process::kill_process(import, rustix::process::Signal::STOP).unwrap();
    // The signal is carried out before the turn passes on.
    std::thread::sleep(std::time::Duration::from_millis(200));
    database.execute_batch("ROLLBACK").unwrap();
}

#[test]
fn an_import_that_wakes_after_it_was_counted_as_interrupted_writes_nothing_more() {
    let world = World::set_up_on(Engine::Sqlite);
    let rows: String = (0..12_000).map(|number| format!("Company {number},{number}\n")).collect();
    let accounts = world.file("accounts.csv", &format!("name,accountnumber\n{rows}"));
    let mut command = world.command(&["import", &accounts]);
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    while !world.has_any("account") {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let import = rustix::process::Pid::from_child(&child);
    put_to_sleep(&world, import);
    let told = world.tells(&["import", "--report", "last", "--silence", "10", "--json"]);
    assert_eq!(told["status"], "Interrupted", "{told:#}");
    let created = world.rows("account").len() as u64;
    let file = &told["report"]["files"][0];
    assert_eq!((file["created"].as_u64(), file["unreached"].as_u64()), (Some(created), Some(12_000 - created)));

    rustix::process::kill_process(import, rustix::process::Signal::CONT).unwrap();
    let outcome = Outcome::of(child.wait_with_output().unwrap()).expect(4);
    outcome.names("somebody else ended this import");
    assert_eq!(world.rows("account").len() as u64, created);
    assert_eq!(world.tells(&["import", "--report", "last", "--json"]), told);
    world.does(&["import", "--undo", "last"]);
    assert!(world.rows("account").is_empty());
    world.does(&["check"]);
}

#[test]
fn a_server_notices_that_an_import_was_killed() {
    // The engines are told apart by the test with the command line.
    let world = World::set_up_on(Engine::Postgres);
    killed_import(&world);
    let (server, token) = (world.serve(), world.token());
    let ask = |path: &str| json(server.get(path, Some(&token)).text.split_once("\r\n\r\n").unwrap().1);
    let jobs = ask("/api/data/v9.2/importjobs?$select=importjobid,statuscode");
    let number = jobs["value"][0]["importjobid"].as_str().unwrap();
    let began = std::time::Instant::now();
    let stands = loop {
        let stands = ask(&format!("/api/imports/{number}"));
        if stands["status"] != "Importing" {
            break stands;
        }
        assert!(began.elapsed().as_secs() < 120, "{stands:#}");
        std::thread::sleep(std::time::Duration::from_secs(1));
    };
    let file = &stands["files"][0];
    let [created, failed, unreached] = ["created", "failed", "unreached"].map(|name| file[name].as_u64().unwrap());
    assert!(stands["status"] == "Interrupted" && created + failed + unreached == 12_000, "{stands:#}");
    let left_out = server.get(&format!("/api/imports/{number}/failed/accounts.csv"), Some(&token));
    assert!(left_out.text.contains("Company 11999,"), "{}", left_out.status);
}

#[test]
fn an_import_at_work_in_another_process_is_not_taken_for_interrupted() {
    set_up_on_each_engine(|world| {
        let rows: String = (0..4_000).map(|number| format!("Company {number},{number}\n")).collect();
        let accounts = world.file("accounts.csv", &format!("name,accountnumber\n{rows}"));
        let mut command = world.command(&["import", &accounts, "--json"]);
        let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        while !world.has_any("account") {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let told = world.tells(&["import", "--report", "last", "--json"]);
        let word = told["status"].as_str().unwrap();
        assert!(["Importing", "Completed"].contains(&word), "{told:#}");
        let report = json(&Outcome::of(child.wait_with_output().unwrap()).expect(0).printed);
        assert_eq!(report["files"][0]["created"], 4_000);
    });
}

#[test]
fn an_import_is_taken_back_by_its_number() {
    set_up_on_each_engine(|world| {
        let leads = world.file("leads.csv", LEADS);
        let told = world.tells(&["import", &leads, "--json"]);
        assert_eq!(world.rows("lead").len(), 2);
        let number = told["act"].as_str().unwrap();
        let undone = world.tells(&["import", "--undo", number, "--json"]);
        assert_eq!(undone["undone"], number);
        assert!(world.rows("lead").is_empty());
        world.refuses(1, &["import", "--undo", number]);
        world.refuses(2, &["import", "--undo", "seven"]);
        world.does(&["check"]);
    });
}

#[test]
fn a_file_that_cannot_come_in_is_named_with_what_is_wrong() {
    let world = World::set_up_on(Engine::Sqlite);
    let leads = world.file("leads.csv", LEADS);
    let strange = world.file("strange.csv", "foo,bar\n1,2\n");
    let empty = world.file("nothing.csv", "");
    let unknown = world.file("unknown.toml", "format = 1\n[[file]]\nname = \"leads.csv\"\ntable = \"leadd\"\n");
    let broken = world.file("broken.toml", "format = ");
    let wrong: [(i32, &[&str], &str); 6] = [
        (2, &["absent.csv"], "absent.csv"),
        (1, &[&strange], "strange.csv"),
        (1, &[&empty], "nothing.csv"),
        (2, &[&leads, "--mapping", &unknown], "leadd"),
        (1, &[&leads, "--mapping", &broken], "broken.toml"),
        (2, &[&leads, "--mapping", "absent.toml"], "absent.toml"),
    ];
    for (code, arguments, named) in wrong {
        let outcome = world.run(&[&["import"], arguments].concat()).expect(code);
        outcome.names(named);
    }
    assert!(world.rows("lead").is_empty());
    assert!(world.refuses(2, &["export", "leadd"]).contains("leadd"));
    assert!(world.refuses(2, &["export", "lead", "--view", "nonsense"]).contains("nonsense"));
    assert!(world.refuses(2, &["export", "lead", "-o", "leads.pdf"]).contains("leads.pdf"));
    assert!(!world.path("leads.pdf").exists());
}

#[test]
fn what_is_exported_comes_back_as_unchanged() {
    world::on_each_engine(|world| {
        world.does(&["demo", "--leads", "20", "--seed", "3"]);
        // Every table is the business of the domain's own test; here it is the command line's.
        for table in ["account", "lead"] {
            let rows = world.rows(table);
            let count = rows.len() as u64;
            assert!(count > 0, "{table}");
            for (file, raw) in [("x.csv", None), ("raw.csv", Some("--raw")), ("x.xlsx", None)] {
                let name = format!("{table} {file}");
                let export: Vec<&str> = ["export", table, "-o", &name].into_iter().chain(raw).collect();
                assert!(world.does(&export).contains(&format!("{count} rows")), "{name}");
                let told = world.tells(&["import", &name, "--json"]);
                assert_eq!(part(&told, &name), [0, count, 0, 0], "{name}: {told:#}");
            }
            assert_eq!(world.rows(table), rows);
        }
    });
}
