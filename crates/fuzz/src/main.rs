//! `pipewright-fuzz [TARGET]`: bends input for one target or all of them, each for `FUZZ_SECONDS`
//! (30), with the seed in `FUZZ_SEED` (a new one each time).

use std::{process::ExitCode, time::Duration};

use pipewright_fuzz::{Limits, run, targets};

/// As much as a worker of the server has, so that depth is felt as there.
const STACK: usize = 2 * 1024 * 1024;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1);
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let limits = Limits { time: Duration::from_secs(number("FUZZ_SECONDS").unwrap_or(30)), inputs: u64::MAX };
    let seed = number("FUZZ_SEED").unwrap_or_else(rand::random);
    let mut failed = false;
    let mut found = false;
    for name in targets::NAMES.into_iter().filter(|name| wanted.as_deref().is_none_or(|wanted| wanted == *name)) {
        found = true;
        let work = move || targets::open(name).map(|mut target| run(&mut *target, seed, limits));
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
        match thread.map(std::thread::JoinHandle::join) {
            Ok(Ok(Some(Ok(outcome)))) => {
                println!("{name}: {} inputs, {} kinds of outcome, seed {seed}", outcome.inputs, outcome.kinds);
            }
            Ok(Ok(Some(Err(finding)))) => {
                println!("{finding}");
                failed = true;
            }
            _ => {
                println!("{name}: the target could not be opened");
                failed = true;
            }
        }
    }
    if !found {
        println!("there is no such target; there are {}", targets::NAMES.join(", "));
        return ExitCode::from(2);
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
