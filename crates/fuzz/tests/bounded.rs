//! Every target for a moment, with a fixed seed; `make fuzz` goes on from here.

use std::time::Duration;

use pipewright_fuzz::{Limits, run, targets};

/// Inputs a target; the seconds are a limit for slow machines.
const LIMITS: Limits = Limits { time: Duration::from_secs(4), inputs: 800 };

#[test]
fn no_bent_input_stops_a_parser() {
    let mut findings = Vec::new();
    for name in targets::NAMES {
        let mut target = targets::open(name).expect("every target can be opened");
        match run(&mut *target, 20_261_124, LIMITS) {
            Ok(outcome) => {
                eprintln!("{name}: {outcome:?}");
                assert!(outcome.inputs > 20 && outcome.kinds > 1, "{name} hardly did anything: {outcome:?}");
            }
            Err(finding) => findings.push(finding.to_string()),
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
