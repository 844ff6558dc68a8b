//! Files come in by a mapping that proposes itself.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod coming_in;
mod files;
mod finding;
#[path = "../world/mod.rs"]
mod world;
