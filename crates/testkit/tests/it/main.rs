//! The tools of the tests, tested.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod postgres;
mod scratch;
