//! What is read from files, and what comes back from what was written.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod profiling;
mod reading_text;
mod round_trips;
mod workbooks;
mod world;
