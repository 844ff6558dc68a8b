//! The server from its first line to its end.

use crate::world;

use std::io::Write;

use crate::world::{ADMIN, Engine, Outcome, Server, World, json, set_up_on_each_engine};

const WHO_AM_I: &str = "/api/data/v9.2/WhoAmI";

#[test]
fn a_server_prints_one_line_answers_and_ends_cleanly() {
    set_up_on_each_engine(|world| {
        let token = world.token();
        let server = world.serve();
        assert!(server.line.contains("ready on http://127.0.0.1:"), "{}", server.line);
        assert_eq!(server.get("/sign-in", None).status, 200);
        assert_eq!(server.get(WHO_AM_I, None).status, 401);
        assert_eq!(server.get(WHO_AM_I, Some("pw_wrong")).status, 401);
        let answer = server.get(WHO_AM_I, Some(&token));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.text.contains("\"UserId\""), "{}", answer.text);
        let ended = server.stop();
        assert_eq!((ended.code, ended.printed.as_str()), (Some(0), ""));
        // The wrong token is all there is to tell.
        let log = world.read("server.log");
        assert!(log.lines().count() == 1 && log.contains("an API token was refused"), "{log}");
        assert!(world.does(&["check"]).contains("nothing is wrong"));
    });
}

#[test]
fn a_token_is_all_that_token_create_prints() {
    set_up_on_each_engine(|world| {
        let outcome = world.run(&["token", "create", "--user", ADMIN, "--name", "nightly job", "--days", "7"]);
        let outcome = outcome.expect(0);
        assert!(outcome.printed.starts_with("pw_") && outcome.printed.lines().count() == 1, "{outcome:?}");
        assert_eq!(outcome.complaint, "");
    });
}

#[test]
fn connections_that_say_nothing_do_not_keep_the_server_from_ending() {
    set_up_on_each_engine(|world| {
        let server = world.serve();
        let silent = server.connect();
        let mut half = server.connect();
        half.write_all(b"GET /sign-in HTTP/1.1\r\nHost: cr").unwrap();
        let mut idle = server.connect();
        idle.write_all(b"GET /sign-in HTTP/1.1\r\nHost: crm\r\n\r\n").unwrap();
        assert_eq!(server.get("/sign-in", None).status, 200);
        assert_eq!(server.stop().code, Some(0));
        drop((silent, half, idle));
    });
}

#[test]
fn a_server_told_to_end_the_moment_it_is_ready_ends_cleanly() {
    let world = World::set_up_on(Engine::Sqlite);
    for _ in 0..10 {
        assert_eq!(world.serve().stop().code, Some(0));
    }
}

#[test]
fn a_second_server_on_one_file_is_refused_and_names_the_first() {
    let world = World::set_up_on(Engine::Sqlite);
    let server = world.serve();
    let complaint = world.refuses(1, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(complaint.contains(&server.number().to_string()), "{complaint}");
    assert!(complaint.contains("crm.db"), "{complaint}");

    world.does(&["check"]);
    let leads = world.file("leads.csv", "Topic,Last Name\nRobots,Lead\n");
    world.does(&["import", &leads]);
    let token = world.token();
    let answer = server.get("/api/data/v9.2/leads?$select=subject", Some(&token));
    assert!(answer.text.contains("Robots"), "{}", answer.text);

    server.kill();
    let server = world.serve();
    assert_eq!(server.get(WHO_AM_I, Some(&token)).status, 200);
    server.stop();
    world.does(&["check"]);
}

#[test]
fn several_servers_share_one_postgresql_database() {
    let world = World::set_up_on(Engine::Postgres);
    let token = world.token();
    let (one, other) = (world.serve(), world.serve());
    for server in [&one, &other] {
        assert_eq!(server.get(WHO_AM_I, Some(&token)).status, 200);
    }
    assert_eq!((one.stop().code, other.stop().code), (Some(0), Some(0)));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let world = World::set_up_on(Engine::Sqlite);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let complaint = world.refuses(4, &["serve", "--listen", &address]);
    assert!(complaint.contains(&address) && complaint.contains("--listen"), "{complaint}");
}

#[test]
fn a_demonstration_starts_from_nothing_and_shows_the_way_in() {
    let world = World::empty(Engine::Sqlite);
    let command = world.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    let output = stop_after(command, &world, "/password/");
    let link = output.lines().find(|line| line.contains("/password/")).unwrap();
    let ready = output.lines().next().unwrap();
    assert!(ready.contains("ready on"), "the first line says that it is ready: {output}");
    assert!(world.read("server.log").contains("leads"), "what was made is told beside it");
    let address = ready.rsplit_once(' ').unwrap().1;
    assert!(link.contains(&format!("{address}/password/")), "the link leads to this server: {output}");
    world.does(&["check"]);
}

/// Runs a server until it has printed this, then ends it; returns all it printed.
fn stop_after(command: std::process::Command, world: &World, word: &str) -> String {
    let mut server = Server::start(command, world.path("server.log"));
    let mut printed = server.line.clone();
    while !printed.contains(word) {
        printed.push_str(&server.next_line());
    }
    assert_eq!(server.stop().code, Some(0));
    printed
}

#[test]
fn a_demonstration_tells_what_it_made() {
    world::on_each_engine(|world| {
        let told = world.tells(&["demo", "--leads", "20", "--seed", "3", "--json"]);
        assert_eq!(told["leads"], 20);
        for (table, key) in [("lead", "leads"), ("account", "accounts"), ("opportunity", "opportunities")] {
            assert_eq!(told[key], world.rows(table).len(), "{table}");
        }
        let checked = Outcome::of(world.command(&["check", "--json"]).output().unwrap()).expect(0);
        assert_eq!(json(&checked.printed)["findings"], serde_json::json!([]));
    });
}
