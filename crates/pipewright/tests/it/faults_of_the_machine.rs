//! The machine fails the embedded database: its disk is full or may only be read, it stands still
//! for a while, its clock jumps. People are told clearly or wait, and nothing is lost or wrong.
//!
//! A small disk is a file system in memory that the test mounts, for which it must run as root (on
//! Linux, also inside a container that may mount). The clock is bent by Debian's `faketime`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use crate::load::{Follower, Load, dice};
use crate::world::{Client, Engine, Server, World, json, set_up_on_each_engine};
use rand::Rng;
use testkit::Scratch;

/// Size of the small disk, as `mount` takes it: room for the database and for a log that is long
/// enough to be folded.
const SMALL: &str = "64m";

/// Time in which people write the rest of a small disk full. A log that was folded is written again
/// from its beginning, and all of it first.
const TO_FILL: Duration = Duration::from_secs(120);

/// A small file system of one's own; unmounted when dropped.
struct SmallDisk {
    place: PathBuf,
    _scratch: Scratch,
}

impl SmallDisk {
    fn mount() -> Self {
        let scratch = Scratch::new().unwrap();
        let place = scratch.file("disk");
        fs::create_dir(&place).unwrap();
        let disk = Self { place, _scratch: scratch };
        disk.mount_with(&format!("size={SMALL}"));
        disk
    }

    /// Mounts it, or says what is missing: without it nothing would be tested.
    fn mount_with(&self, options: &str) {
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&self.place).output();
        let output = output.expect("the program mount");
        assert!(
            output.status.success(),
            "this test needs a small file system of its own, and mounting one failed ({}); run the tests as root, in \
             a container with the capability SYS_ADMIN",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }

    fn remount(&self, options: &str) {
        self.mount_with(&format!("remount,{options}"));
    }

    fn world(&self) -> World {
        World::at(Engine::Sqlite, format!("sqlite:{}", self.place.join("crm.db").display()))
    }

    /// Takes nearly all that is free.
    fn fill(&self) -> PathBuf {
        let ballast = self.place.join("ballast");
        let space = rustix::fs::statvfs(&self.place).unwrap();
        let free = space.f_bavail.saturating_mul(space.f_frsize).saturating_sub(200 * 1024);
        fs::write(&ballast, vec![1; usize::try_from(free).unwrap()]).unwrap();
        ballast
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.place).status();
    }
}

#[test]
fn a_full_disk_is_named_loses_nothing_and_is_forgotten_when_there_is_space() {
    let disk = SmallDisk::mount();
    let world = disk.world();
    world.set_up();
    let token = world.token();
    let server = world.serve();
    let client = Client::new(server.address(), &token);
    let mut load = Load::new("full-", 4, dice().random());
    load.during(&client, true, || thread::sleep(Duration::from_millis(500)));
    for _ in 0..2 {
        let ballast = disk.fill();
        load.until_put_off(&client, TO_FILL);
        let lead = serde_json::json!({"subject": "Robots", "lastname": "Berg", "description": "x".repeat(1500)});
        // Whoever was written together with one that did not fit is told to try again, and then why.
        let attempts = (0..500).map(|_| client.send("POST", "leads", Some(&lead)).unwrap());
        let refused = attempts.filter(|reply| !reply.is_done()).take(50);
        let refused: Vec<_> = refused.inspect(|reply| assert_eq!(reply.status, 503, "{reply:?}")).collect();
        let named =
            refused.iter().filter(|reply| reply.body.contains("full") && reply.body.contains("free some space"));
        assert!(named.count() > 0, "{refused:?}");
        load.must_be_there(&client, "what was acknowledged is read while the disk is full");
        fs::remove_file(ballast).unwrap();
        let before = load.tally().acknowledged;
        load.during(&client, true, || thread::sleep(Duration::from_secs(2)));
        assert!(load.tally().acknowledged > before, "nobody can write although there is space again");
    }
    load.must_be_there(&client, "with space again");
    assert_eq!(server.stop().code, Some(0));
    assert_sound(&world, &mut Follower::default());
}

#[test]
fn a_server_that_ends_while_its_disk_is_full_opens_again_whole() {
    let disk = SmallDisk::mount();
    let world = disk.world();
    world.set_up();
    let token = world.token();
    let server = world.serve();
    let client = Client::new(server.address(), &token);
    let mut load = Load::new("ends-", 4, dice().random());
    load.during(&client, true, || thread::sleep(Duration::from_millis(300)));
    let ballast = disk.fill();
    load.until_put_off(&client, TO_FILL);
    server.kill();
    // A full disk is no reason not to show what is there.
    let server = world.serve();
    load.must_be_there(&Client::new(server.address(), &token), "started on a full disk");
    assert_eq!(server.stop().code, Some(0));
    fs::remove_file(ballast).unwrap();
    assert_sound(&world, &mut Follower::default());
}

#[test]
fn a_backup_that_does_not_fit_is_refused_and_leaves_nothing_behind() {
    let disk = SmallDisk::mount();
    let world = World::empty(Engine::Sqlite);
    world.does(&["demo", "--leads", "60", "--seed", "5"]);
    let ballast = disk.fill();
    let backup = disk.place.join("backup");
    let complaint = world.refuses(4, &["backup", backup.to_str().unwrap()]);
    assert!(complaint.contains("full") || complaint.contains("No space"), "{complaint}");
    let left: Vec<_> = fs::read_dir(&disk.place).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [ballast]);
    assert_sound(&world, &mut Follower::default());
}

#[test]
fn a_disk_that_may_only_be_read_is_named_with_what_to_do() {
    let disk = SmallDisk::mount();
    let world = disk.world();
    world.set_up();
    let rows = world.rows("systemuser");
    disk.remount("ro");
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["demo", "--leads", "1"]] {
        let complaint = world.refuses(4, command);
        assert!(complaint.contains("crm.db") && complaint.contains("writ"), "{complaint}");
    }
    disk.remount("rw");
    assert_eq!(world.rows("systemuser"), rows);
    assert_sound(&world, &mut Follower::default());
}

#[test]
fn a_server_that_stands_still_for_a_while_goes_on_as_if_nothing_had_been() {
    set_up_on_each_engine(|world| {
        let token = world.token();
        let server = world.serve();
        let client = Client::new(server.address(), &token);
        let mut load = Load::new("still-", 3, dice().random());
        load.during(&client, true, || {
            for _ in 0..2 {
                thread::sleep(Duration::from_millis(300));
                server.pause();
                thread::sleep(Duration::from_millis(1500));
                server.resume();
            }
            thread::sleep(Duration::from_millis(300));
        });
        let tally = load.tally();
        assert!(tally.acknowledged > 10 && tally.put_off + tally.unanswered == 0, "{tally:?}");
        load.must_be_there(&client, "after two pauses");
        server.stop();
        assert!(world.does(&["check"]).contains("nothing is wrong"));
    });
}

#[test]
fn a_clock_that_jumps_neither_loses_nor_mixes_up_a_change() {
    let library = faketime();
    set_up_on_each_engine(|world| {
        let token = world.token();
        let clock = world.path("clock");
        let set = |offset: &str| fs::write(&clock, format!("{offset}\n")).unwrap();
        set("+0");
        let mut command = world.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("LD_PRELOAD", &library).env("FAKETIME_TIMESTAMP_FILE", &clock).env("FAKETIME_NO_CACHE", "1");
        // As on a real machine: the time of day is set, the steady clock goes on.
        command.env("DONT_FAKE_MONOTONIC", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let server = Server::start(command, world.path("clock.log"));
        let client = Client::new(server.address(), &token);
        let mut load = Load::new("clock-", 3, dice().random());
        load.during(&client, true, || {
            for offset in ["+2d", "-3d", "+90d", "-400d", "+0"] {
                thread::sleep(Duration::from_millis(500));
                set(offset);
            }
            thread::sleep(Duration::from_millis(300));
        });
        let tally = load.tally();
        assert!(tally.acknowledged > 20 && tally.put_off + tally.unanswered == 0, "{tally:?}");
        load.must_be_there(&client, "after five jumps");
        let created = client.list("leads?$select=createdon&$orderby=createdon");
        let years = |row: &serde_json::Value| row["createdon"].as_str().unwrap()[..4].to_owned();
        assert_ne!(years(&created[0]), years(&created[created.len() - 1]), "the clock never jumped");
        server.stop();
        world.wait_until_alone();
        assert_sound(&world, &mut Follower::default());
    });
}

/// The library that bends the clock.
fn faketime() -> PathBuf {
    let places = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime"];
    let found = places.iter().map(|place| Path::new(place).join("libfaketimeMT.so.1")).find(|path| path.is_file());
    found.expect("libfaketime, which bends the clock for this test; install it: apt-get install faketime")
}

fn assert_sound(world: &World, follower: &mut Follower) {
    let report = json(&world.does(&["check", "--json"]));
    assert_eq!(report["findings"], serde_json::json!([]));
    let wrong = follower.follow(&world.address, report["feed_entries"].as_u64().unwrap());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
