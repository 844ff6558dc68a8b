//! What catalogues must have.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod catalogue;
mod sources;
mod texts;
