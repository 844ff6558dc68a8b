//! Bends and feeds until the time is over or something fails.

use std::{
    collections::HashSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::{Duration, Instant},
};

use rand::{SeedableRng, rngs::StdRng};

use crate::{Target, bend::bend};

/// An input that takes longer is a finding: many of its kind would stop a server.
const LONGEST: Duration = Duration::from_secs(5);
/// Most examples kept.
const KEPT: usize = 2000;

/// How long a run goes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// No new input after this time.
    pub time: Duration,
    /// Most inputs.
    pub inputs: u64,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Inputs read.
    pub inputs: u64,
    /// Different outcomes seen.
    pub kinds: usize,
}

/// An input that fails.
#[derive(Debug, thiserror::Error)]
#[error("{target}, seed {seed}, input {number}: {failure}\n  input ({}): {shown}", file.display())]
pub struct Finding {
    /// The target.
    pub target: &'static str,
    /// The seed of the run.
    pub seed: u64,
    /// Which input of the run.
    pub number: u64,
    /// What happened.
    pub failure: String,
    /// Where the input lies.
    pub file: PathBuf,
    shown: String,
}

/// Feeds the examples, then bent ones, to the target.
///
/// # Errors
/// The first input that makes it panic, takes long or breaks a promise.
pub fn run(target: &mut dyn Target, seed: u64, limits: Limits) -> Result<Outcome, Box<Finding>> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut examples = target.examples();
    let given = examples.len() as u64;
    let (mut kinds, mut number) = (HashSet::new(), 0);
    let file = place_of(target.name());
    let begun = Instant::now();
    while number < limits.inputs && begun.elapsed() < limits.time {
        let is_example = number < given;
        let input = match usize::try_from(number).ok().and_then(|place| examples.get(place)) {
            Some(example) if is_example => example.clone(),
            _ => bend(&mut dice, &examples, target.words()),
        };
        // Left behind where the process itself is ended, by an overflown stack for instance.
        let _ = fs::write(&file, &input);
        match feed(target, &input) {
            Ok(kind) => {
                if kinds.insert(kind) && !is_example && examples.len() < KEPT {
                    examples.push(input);
                }
            }
            Err(failure) => {
                let shown = format!("{:.600}", String::from_utf8_lossy(&input).escape_debug().to_string());
                return Err(Box::new(Finding { target: target.name(), seed, number, failure, file, shown }));
            }
        }
        number += 1;
    }
    let _ = fs::remove_file(file);
    Ok(Outcome { inputs: number, kinds: kinds.len() })
}

fn feed(target: &mut dyn Target, input: &[u8]) -> Result<u64, String> {
    let begun = Instant::now();
    let taken = catch_unwind(AssertUnwindSafe(|| target.take(input)));
    let kind = taken.map_err(|panic| format!("panicked: {}", words_of(&*panic)))??;
    if begun.elapsed() > LONGEST {
        return Err(format!("took {:?}", begun.elapsed()));
    }
    Ok(kind)
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Where the input at work lies.
fn place_of(target: &str) -> PathBuf {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/fuzz"));
    let _ = fs::create_dir_all(&folder);
    folder.join(format!("{target}.input"))
}
