//! Real parts for the tests: a `PostgreSQL` server of their own, and a fast place for `SQLite` files.
//!
//! * [`Postgres::shared`] hands out the one server all test processes of this checkout use;
//!   [`Postgres::database`] creates a fresh database on it, gone when the handle is dropped.
//! * [`Postgres::private`] starts a server for one test, which may stop, restart or kill it, and
//!   which may offer encryption.
//! * [`Scratch`] is a directory for files, gone when dropped.
//! * [`Place`] is such a directory with a database on either engine; it can be copied, so that the
//!   many tests that begin with the same data ([`Common`]) need not make it each.
//!
//! All calls block and may be made from inside an asynchronous runtime too. Linux only: processes
//! are recognised through `/proc`. A missing `PostgreSQL` is an error, never a skipped test.

mod client;
mod cluster;
mod common;
mod database;
mod engines;
mod error;
mod installation;
mod place;
mod postgres;
mod process;
mod scratch;
mod shared;

pub use cluster::{Options, ServerCertificate};
pub use common::Common;
pub use database::TestDatabase;
pub use engines::OnEachEngine;
pub use error::Error;
pub use place::Place;
pub use postgres::{Postgres, StopMode};
pub use scratch::Scratch;
pub use shared::{Outcome, stop_shared};

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;
