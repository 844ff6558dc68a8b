//! What can go wrong, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a part for the tests could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No `initdb` and `postgres` on this machine.
    #[error(
        "the tests need PostgreSQL, and neither PATH nor /usr/lib/postgresql has initdb and \
         postgres; install it: apt-get install postgresql"
    )]
    NotInstalled,
    /// The tests run as root, which `PostgreSQL` refuses, and there is nobody else to run it as.
    #[error(
        "PostgreSQL does not run as root and this machine has no account named postgres; create \
         it with its package: apt-get install postgresql"
    )]
    NoAccount,
    /// `initdb` ended with an error.
    #[error(
        "initdb could not create a data directory in {directory}: {output}; if the account \
         PostgreSQL runs as may not enter that directory, set TMPDIR to one it may enter"
    )]
    InitialiseFailed {
        /// Where the data directory should have been.
        directory: PathBuf,
        /// What `initdb` said.
        output: String,
    },
    /// `pg_restore` ended with an error.
    #[error("pg_restore could not bring the dump back: {output}")]
    RestoreFailed {
        /// What it said.
        output: String,
    },
    /// The server ended, or did not accept connections in time.
    #[error("PostgreSQL did not start on port {port}; correct what its log names: {log}")]
    DidNotStart {
        /// The port it was to listen on, on 127.0.0.1.
        port: u16,
        /// The last lines of the server's log.
        log: String,
    },
    /// The server was told to stop and still runs.
    #[error(
        "PostgreSQL (process {pid}) still runs {seconds} seconds after it was told to stop; close \
         its connections, or stop it in a stricter mode"
    )]
    DidNotStop {
        /// Process number of the server.
        pid: u32,
        /// How long it was waited for, in seconds.
        seconds: u64,
    },
    /// No port of the range for test servers could be bound.
    #[error("no port between {first} and {last} is free on 127.0.0.1; stop servers left running")]
    NoFreePort {
        /// First port tried.
        first: u16,
        /// Last port tried.
        last: u16,
    },
    /// A file, directory or program could not be used.
    #[error("{action} {path}: {source}; check that it exists and that you may use it")]
    File {
        /// What was being done, as in "cannot read".
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A statement to the server failed.
    #[error("the test server refused `{statement}`: {reason}; see that it runs")]
    Statement {
        /// The statement as sent, or "connect".
        statement: String,
        /// What the server or the connection said.
        reason: String,
    },
    /// Clients are connected that should be gone.
    #[error("somebody is still connected to {database} after {seconds} seconds; end the processes that use it")]
    StillConnected {
        /// The database.
        database: String,
        /// How long it was waited for, in seconds.
        seconds: u64,
    },
}

impl Error {
    /// For `map_err`: names what was being done to which path.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { action, path, source }
    }
}
