//! Who reads and sets which column: secured columns, profiles, users and teams.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod at_random;
mod capabilities;
mod profiles;
#[path = "../world/mod.rs"]
mod world;
