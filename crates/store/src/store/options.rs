//! How a store is opened.

use std::{path::PathBuf, thread::available_parallelism};

/// How a store is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// Connections: those for reading on SQLite, all on PostgreSQL; at least 2.
    pub readers: usize,
    /// Change the tables where the model wants it. Without, a database that would have to be
    /// changed is refused.
    pub migrate: bool,
    /// Where a database is copied to before it is changed.
    pub copies: Copies,
}

/// Where the copy of a database is laid that is made before a release changes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Copies {
    /// An SQLite file's beside it, a PostgreSQL database's in the working directory.
    #[default]
    Usual,
    /// In this folder.
    In(PathBuf),
    /// None is made: the organisation keeps backups by other means.
    Nowhere,
}

impl Default for StoreOptions {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, std::num::NonZero::get);
        Self { readers: (cores * 2).max(2), migrate: true, copies: Copies::default() }
    }
}
