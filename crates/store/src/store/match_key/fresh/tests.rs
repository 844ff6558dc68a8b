//! Two processes, readers who take their time, and whatever happens between.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use testkit::Scratch;

use super::*;
use crate::engine::{Dialect, sqlite::SqliteConnection};

type Keys = BTreeSet<(MatchKey, Uuid)>;

/// Few enough that folding begins, ends and begins again.
const SOME: usize = 12;

/// What happens to a database.
#[derive(Debug, Clone)]
enum Step {
    /// One of two processes commits these changes, or fails to.
    Commit { process: usize, changes: Vec<(i64, u8, bool)>, fails: bool },
    /// Somebody puts all into the table.
    Settle,
    /// Somebody in one of the processes begins to read, and looks only later.
    Look { process: usize },
    /// One of the processes ends and begins again.
    Restart { process: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let changes = prop::collection::vec((0..6_i64, 0..4_u8, prop::bool::weighted(0.7)), 1..6);
    let step = prop_oneof![
        8 => (0..2_usize, changes, prop::bool::weighted(0.1))
            .prop_map(|(process, changes, fails)| Step::Commit { process, changes, fails }),
        1 => Just(Step::Settle),
        3 => (0..2_usize).prop_map(|process| Step::Look { process }),
        1 => (0..2_usize).prop_map(|process| Step::Restart { process }),
    ];
    prop::collection::vec(step, 1..60)
}

fn key(hash: i64) -> MatchKey {
    MatchKey { definition: 1, hash }
}

fn change((hash, record, is_there): (i64, u8, bool)) -> Change {
    ((key(hash), Uuid::from_u128(u128::from(record))), is_there)
}

fn in_table(connection: &mut SqliteConnection) -> Keys {
    let rows = connection.query(&format!("SELECT definition, hash, record FROM {TABLE}"), &[]).unwrap();
    rows.iter().filter_map(|row| super::super::entry(row)).collect()
}

/// A reader who has begun, and what he is to find.
struct Reading {
    connection: SqliteConnection,
    process: usize,
    truth: Keys,
}

impl Reading {
    fn begin(path: &std::path::Path, process: usize, truth: &Keys) -> Self {
        let mut connection = SqliteConnection::open_reader(path, 1).unwrap();
        connection.batch("BEGIN DEFERRED").unwrap();
        in_table(&mut connection);
        Self { connection, process, truth: truth.clone() }
    }

    fn look(mut self, processes: &[FreshKeys]) {
        let wanted: Vec<MatchKey> = (0..6).map(key).collect();
        let mut found = in_table(&mut self.connection);
        found.extend(processes[self.process].find(&mut self.connection, &wanted, 100).unwrap());
        assert!(found.is_superset(&self.truth), "{:?} is not found", &self.truth - &found);
    }
}

fn commit(keys: &FreshKeys, writer: &mut SqliteConnection, changes: &[Change], fails: bool) {
    writer.batch("BEGIN IMMEDIATE").unwrap();
    keys.lock().write(writer, changes, SOME).unwrap();
    if fails {
        writer.batch("ROLLBACK").unwrap();
        keys.forget();
    } else {
        writer.batch("COMMIT").unwrap();
    }
}

fn walk(steps: Vec<Step>) {
    let scratch = Scratch::new().unwrap();
    let path = scratch.path().join("keys.db");
    let mut writer = SqliteConnection::open_writer(&path).unwrap();
    let meta = "CREATE TABLE pw_meta (key text PRIMARY KEY, value text NOT NULL);";
    writer.batch(&format!("{meta}{}{}", super::super::table(Dialect::Sqlite), table())).unwrap();
    let mut processes = [FreshKeys::default(), FreshKeys::default()];
    let (mut truth, mut reading) = (Keys::new(), Vec::new());
    for step in steps {
        match step {
            Step::Commit { process, changes, fails } => {
                let changes: Vec<_> = changes.into_iter().map(change).collect();
                commit(&processes[process], &mut writer, &changes, fails);
                for (place, is_there) in changes.into_iter().filter(|_| !fails) {
                    if is_there {
                        truth.insert(place)
                    } else {
                        truth.remove(&place)
                    };
                }
            }
            Step::Settle => {
                writer.batch("BEGIN IMMEDIATE").unwrap();
                settle(&mut writer, []).unwrap();
                writer.batch("COMMIT").unwrap();
                assert_eq!(in_table(&mut writer), truth);
            }
            Step::Look { process } => {
                Reading::begin(&path, process, &truth).look(&processes);
                reading.push(Reading::begin(&path, process, &truth));
            }
            Step::Restart { process } => processes[process] = FreshKeys::default(),
        }
        if reading.len() > 3 {
            reading.remove(0).look(&processes);
        }
    }
    for one in reading {
        one.look(&processes);
    }
    settle(&mut writer, []).unwrap();
    assert_eq!(in_table(&mut writer), truth);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whoever_looks_finds_every_key_of_his_moment(steps in steps()) {
        walk(steps);
    }
}
