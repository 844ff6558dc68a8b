//! Stops the `PostgreSQL` server the tests of this checkout share. `make test` runs it at the end.

use std::process::ExitCode;

use pipewright_testkit::{Outcome, stop_shared};

fn main() -> ExitCode {
    match stop_shared() {
        Ok(outcome) => {
            println!("{}", sentence(outcome));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("testkit-stop: {error}");
            ExitCode::FAILURE
        }
    }
}

fn sentence(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Stopped => "the tests' PostgreSQL server is stopped and its data removed",
        Outcome::NotRunning => "no PostgreSQL server of the tests was running",
        Outcome::InUse => "other tests still use the PostgreSQL server; it was left running",
    }
}
