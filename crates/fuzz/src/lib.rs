//! Bent input for every parser of what comes from outside.
//!
//! A [`Target`] takes bytes and must neither panic, nor take long, nor break a promise of its own (a
//! server answers, and never with 5xx). [`run`] bends examples of real input at random, seeded, and
//! reports the first input that fails with everything needed to see it again. Inputs that look new
//! (another outcome) join the examples, so that a run goes deeper than single changes.
//!
//! It works on the stable toolchain without instrumented builds; what it lacks in guidance it has in
//! examples: each target brings input of every kind its parser knows.

#![allow(clippy::unwrap_used, reason = "what fails here is a finding, or the test itself")]

mod bend;
mod run;
pub mod targets;

pub use run::{Finding, Limits, Outcome, run};

/// Something that reads input from outside.
pub trait Target {
    /// As it is called on the command line.
    fn name(&self) -> &'static str;

    /// Inputs as they come from people and programs.
    fn examples(&self) -> Vec<Vec<u8>>;

    /// Words that mean something to the parser.
    fn words(&self) -> &'static [&'static str];

    /// Reads it; returns the kind of outcome, by which new behaviour is recognised, or what broke a
    /// promise.
    fn take(&mut self, input: &[u8]) -> Result<u64, String>;
}
