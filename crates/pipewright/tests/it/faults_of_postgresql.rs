//! PostgreSQL goes away under people who write, comes back, stalls, or is replaced by its standby.
//! Whoever was told that something is saved finds it; whoever was told that it is not, does not.

use std::{thread, time::Duration};

use crate::load::{Load, dice};
use crate::world::{Client, Engine, World};
use rand::Rng;
use testkit::{Options, Postgres, StopMode};

/// Longest a stalled database is waited for here.
const STALL: Duration = Duration::from_secs(3);

fn breathe() {
    thread::sleep(Duration::from_millis(700));
}

fn durable(settings: &[(&str, &str)]) -> Postgres {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Postgres::private(Options { durable: true, settings, ..Options::default() }).unwrap()
}

#[test]
fn a_database_that_is_restarted_under_load_loses_nothing_it_acknowledged() {
    let mut postgres = durable(&[]);
    let database = postgres.database().unwrap();
    let world = World::at(Engine::Postgres, database.url().to_owned());
    world.set_up();
    let token = world.token();
    let server = world.serve();
    let client = Client::new(server.address(), &token);
    let mut load = Load::new("restart-", 4, dice().random());
    load.during(&client, true, || {
        for end in [Some(StopMode::Fast), Some(StopMode::Immediate), None, Some(StopMode::Fast)] {
            breathe();
            match end {
                Some(mode) => postgres.stop(mode).unwrap(),
                None => postgres.kill_hard().unwrap(),
            }
            // Long enough that somebody is told.
            breathe();
            postgres.start().unwrap();
        }
        breathe();
    });
    let tally = load.tally();
    eprintln!("{tally:?}");
    load.must_be_there(&client, "after four restarts");
    assert!(tally.acknowledged > 20 && tally.put_off > 0, "nobody wrote, or nobody was told: {tally:?}");
    assert_eq!(tally.unanswered, 0, "the server itself never went away");
    assert!(world.read("server.log").lines().all(|line| !line.contains("panicked")), "{}", world.read("server.log"));
    assert_eq!(server.stop().code, Some(0));
    assert!(world.does(&["check"]).contains("nothing is wrong"));
}

#[test]
fn a_database_that_fails_over_to_its_standby_loses_nothing_it_acknowledged() {
    let synchronous = [("synchronous_standby_names", "*"), ("synchronous_commit", "local")];
    let mut primary = durable(&synchronous);
    let database = primary.database().unwrap();
    let standby = primary.standby().unwrap();
    // From here on a commit is answered when the standby has it.
    primary.run("ALTER SYSTEM SET synchronous_commit = 'on'").unwrap();
    primary.run("SELECT pg_reload_conf()").unwrap();
    let (first, second, name) = (primary.port(), standby.port(), database.name());
    // The standby stands first, so that somebody has to look which of them takes writes.
    let address =
        format!("postgres://postgres@127.0.0.1:{second},127.0.0.1:{first}/{name}?target_session_attrs=read-write");
    let world = World::at(Engine::Postgres, address);
    world.set_up();
    let token = world.token();
    let server = world.serve();
    let client = Client::new(server.address(), &token);
    let mut load = Load::new("failover-", 4, dice().random());
    load.during(&client, true, || {
        breathe();
        primary.kill_hard().unwrap();
        breathe();
        standby.promote().unwrap();
        // It waits for a standby of its own otherwise.
        standby.run("ALTER SYSTEM SET synchronous_standby_names = ''").unwrap();
        standby.run("SELECT pg_reload_conf()").unwrap();
        thread::sleep(Duration::from_secs(3));
    });
    let tally = load.tally();
    eprintln!("{tally:?}");
    load.must_be_there(&client, "after the failover");
    let before = load.tally().acknowledged;
    load.during(&client, true, breathe);
    assert!(load.tally().acknowledged > before + 5, "hardly anybody can write after the failover");
    load.must_be_there(&client, "some time after the failover");
    assert_eq!(server.stop().code, Some(0));
    assert!(world.does(&["check"]).contains("nothing is wrong"));
}

#[test]
fn a_database_that_stalls_is_waited_for() {
    let mut postgres = durable(&[]);
    let database = postgres.database().unwrap();
    let world = World::at(Engine::Postgres, database.url().to_owned());
    world.set_up();
    let token = world.token();
    let server = world.serve();
    let client = Client::new(server.address(), &token);
    let mut load = Load::new("stall-", 4, dice().random());
    load.during(&client, true, || {
        for _ in 0..2 {
            breathe();
            postgres.pause();
            thread::sleep(STALL);
            postgres.resume();
        }
        breathe();
    });
    let tally = load.tally();
    assert!(tally.acknowledged > 20, "{tally:?}");
    assert_eq!(tally.put_off + tally.unanswered, 0, "everybody waited: {tally:?}");
    load.must_be_there(&client, "after two stalls");
    server.stop();
    assert!(world.does(&["check"]).contains("nothing is wrong"));
}

#[test]
fn a_server_that_starts_before_its_database_says_what_is_missing() {
    let mut postgres = durable(&[]);
    let database = postgres.database().unwrap();
    let world = World::at(Engine::Postgres, database.url().to_owned());
    world.set_up();
    postgres.stop(StopMode::Fast).unwrap();
    let complaint = world.refuses(4, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(complaint.contains("the database is not available"), "{complaint}");
    postgres.start().unwrap();
    assert_eq!(world.serve().stop().code, Some(0));
}
