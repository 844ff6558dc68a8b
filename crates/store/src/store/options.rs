//! How a store is opened.

use std::thread::available_parallelism;

/// How a store is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// Connections: those for reading on SQLite, all on PostgreSQL; at least 2.
    pub readers: usize,
    /// Change the tables where the model wants it. Without, a database that would have to be
    /// changed is refused.
    pub migrate: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, std::num::NonZero::get);
        Self { readers: (cores * 2).max(2), migrate: true }
    }
}
