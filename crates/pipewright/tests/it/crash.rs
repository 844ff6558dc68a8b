//! The server is killed at random moments while people write; nothing that was promised is lost,
//! and nothing is there by half.
//!
//! `PIPEWRIGHT_CRASHES` says how often it is killed on each engine, `PIPEWRIGHT_SEED` repeats a run
//! whose number was printed (the moments of other processes stay their own).

use std::{
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use crate::load::{Follower, Load, Tally, dice, times};
use crate::world::{Client, Engine, World, json};
use rand::{Rng, rngs::StdRng};

/// Kills in a run that nobody asked to be long.
const CRASHES: u32 = 10;
/// People who write at once.
const PEOPLE: u32 = 4;
/// The longest time between two kills.
const LONGEST: Duration = Duration::from_millis(600);

#[test]
fn a_killed_server_has_kept_every_promise_on_sqlite() {
    kill_again_and_again(Engine::Sqlite);
}

#[test]
fn a_killed_server_has_kept_every_promise_on_postgresql() {
    kill_again_and_again(Engine::Postgres);
}

fn kill_again_and_again(engine: Engine) {
    let crashes = times("PIPEWRIGHT_CRASHES", CRASHES);
    let mut dice = dice();
    let world = World::set_up_on(engine);
    let token = world.token();
    let mut follower = Follower::default();
    let mut loads: Vec<Load> = Vec::new();
    let (begun, mut sum, mut while_starting) = (Instant::now(), Tally::default(), 0);
    for round in 0..crashes {
        let server = world.serve();
        let client = Client::new(server.address(), &token);
        if let Some(last) = loads.last_mut() {
            last.must_be_there(&client, &format!("after kill {round}"));
        }
        let mut load = Load::new(format!("r{round}-"), PEOPLE, dice.random());
        load.during(&client, false, || {
            thread::sleep(LONGEST.mul_f64(dice.random()));
            server.kill();
        });
        sum += load.tally();
        loads.push(load);
        if dice.random_bool(0.25) {
            kill_while_starting(&world, &mut dice);
            while_starting += 1;
        }
        world.wait_until_alone();
        if round % 10 == 0 {
            assert_sound(&world, &mut follower);
        }
    }
    let server = world.serve();
    let client = Client::new(server.address(), &token);
    for (round, load) in loads.iter_mut().enumerate() {
        load.must_be_there(&client, &format!("at the end, round {round}"));
    }
    server.stop();
    assert_sound(&world, &mut follower);
    let seconds = begun.elapsed().as_secs();
    eprintln!("{engine:?}: {crashes} kills and {while_starting} while starting, in {seconds} s: {sum:?}");
    assert!(sum.acknowledged > u64::from(crashes), "hardly anything was written: {sum:?}");
    assert!(sum.unanswered > 0, "no kill met anybody who was writing: {sum:?}");
}

/// Kills a server that is not ready yet.
fn kill_while_starting(world: &World, dice: &mut StdRng) {
    let mut command = world.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(Duration::from_millis(dice.random_range(0..150)));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The database finds nothing wrong with itself, and the feed tells what is stored.
fn assert_sound(world: &World, follower: &mut Follower) {
    let report = json(&world.does(&["check", "--json"]));
    assert_eq!(report["findings"], serde_json::json!([]));
    let wrong = follower.follow(&world.address, report["feed_entries"].as_u64().unwrap());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
