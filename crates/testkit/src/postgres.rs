//! A running `PostgreSQL` server, shared or one's own.

use std::process::Child;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::cluster::{self, Cluster, FOLDER_PREFIX, MAINTENANCE_DATABASE, Options};
use crate::installation::Installation;
use crate::process::{kill_tree, release_memory, signal, signal_tree, wait_until};
use crate::shared::{self, SharedServer};
use crate::{Error, Result, TestDatabase, client};

/// How a server is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopMode {
    /// Waits until all clients have left by themselves.
    Smart,
    /// Disconnects the clients, rolls back what they had open, and stops cleanly.
    Fast,
    /// Stops at once without cleaning up; the next start recovers from the log.
    Immediate,
}

/// A real `PostgreSQL` server on 127.0.0.1.
///
/// The shared one is only handed out by reference, so only a private one can be stopped.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
}

#[derive(Debug)]
enum Server {
    Shared(SharedServer),
    Private(PrivateServer),
}

/// Dropped in this order: first the process is stopped (see `Drop`), then the folder goes.
#[derive(Debug)]
struct PrivateServer {
    process: Option<Child>,
    cluster: Cluster,
    _folder: TempDir,
}

/// Longest wait for a server to stop.
pub(crate) const STOP_LIMIT: Duration = Duration::from_secs(60);

impl Postgres {
    /// The one server all tests of this checkout share, not durable; started if none runs.
    ///
    /// It goes on running after the tests; the program `testkit-stop` stops it.
    pub fn shared() -> Result<&'static Self> {
        static SHARED: Mutex<Option<&'static Postgres>> = Mutex::new(None);
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = *shared {
            return Ok(server);
        }
        // Kept until the process ends, as long as the tests in it.
        let server: &'static Self = Box::leak(Box::new(Self { server: Server::Shared(shared::join()?) }));
        *shared = Some(server);
        Ok(server)
    }

    /// Starts a server for one test alone. Dropping it stops it and removes its data.
    pub fn private(options: Options) -> Result<Self> {
        let folder = new_folder()?;
        let mut cluster = Cluster::create(Installation::find()?, folder.path(), &options)?;
        let process = cluster.start_on_free_port(false, |_, _| Ok(()))?;
        Ok(Self { server: Server::Private(PrivateServer { process: Some(process), cluster, _folder: folder }) })
    }

    /// Creates an empty database; it is gone when the returned value is dropped.
    pub fn database(&self) -> Result<TestDatabase> {
        TestDatabase::create(self.port())
    }

    /// The address of the server's maintenance database, `postgres`, as superuser. It stays the
    /// same over restarts.
    pub fn url(&self) -> String {
        cluster::url(self.port(), MAINTENANCE_DATABASE)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        match &self.server {
            Server::Shared(server) => server.port(),
            Server::Private(server) => server.cluster.port(),
        }
    }

    /// Stops the server and waits until it has ended; the data stays. Nothing happens if it does
    /// not run.
    pub fn stop(&mut self, mode: StopMode) -> Result<()> {
        self.own().map_or(Ok(()), |server| server.stop(mode))
    }

    /// Starts a stopped or killed server again, on the same port and data, and waits until it
    /// accepts connections. Nothing happens if it runs.
    pub fn start(&mut self) -> Result<()> {
        self.own().map_or(Ok(()), PrivateServer::start)
    }

    /// Stops with [`StopMode::Fast`] and starts again.
    pub fn restart(&mut self) -> Result<()> {
        self.stop(StopMode::Fast)?;
        self.start()
    }

    /// Kills the server and all its workers at once, as a power cut would stop them, and waits
    /// until they are gone. [`Postgres::start`] then recovers. (What the system holds in its own
    /// memory survives, unlike with a real power cut.)
    pub fn kill_hard(&mut self) -> Result<()> {
        self.own().map_or(Ok(()), PrivateServer::kill)
    }

    /// Starts a standby of this server for one test alone: it receives every change by streaming
    /// replication and can be read from. With [`Options::settings`] of the primary naming
    /// `synchronous_standby_names`, a commit is answered when the standby has it.
    pub fn standby(&self) -> Result<Self> {
        let folder = new_folder()?;
        let mut cluster = Cluster::copy(Installation::find()?, folder.path(), self.port())?;
        let process = cluster.start_on_free_port(false, |_, _| Ok(()))?;
        Ok(Self { server: Server::Private(PrivateServer { process: Some(process), cluster, _folder: folder }) })
    }

    /// Makes a standby a primary, and waits until it takes writes.
    pub fn promote(&self) -> Result<()> {
        client::run(&cluster::connection(self.port()), "SELECT pg_promote()").map(drop)
    }

    /// Runs one statement as superuser; returns the first column of the rows.
    pub fn run(&self, statement: &str) -> Result<Vec<String>> {
        client::run(&cluster::connection(self.port()), statement)
    }

    /// Holds the server and all its workers still, as a machine that is out of breath does;
    /// connections stay open and nothing is answered.
    pub fn pause(&mut self) {
        if let Some(process) = self.own().and_then(|server| server.process.as_ref()) {
            signal_tree(process.id(), Signal::STOP);
        }
    }

    /// Lets a paused server go on.
    pub fn resume(&mut self) {
        if let Some(process) = self.own().and_then(|server| server.process.as_ref()) {
            signal_tree(process.id(), Signal::CONT);
        }
    }

    /// `shared` gives out no mutable reference, so this is always a private server.
    fn own(&mut self) -> Option<&mut PrivateServer> {
        match &mut self.server {
            Server::Private(server) => Some(server),
            Server::Shared(_) => None,
        }
    }
}

impl PrivateServer {
    fn start(&mut self) -> Result<()> {
        if let Some(process) = &mut self.process
            && matches!(process.try_wait(), Ok(None))
        {
            return Ok(());
        }
        self.process = Some(self.cluster.start(false, |_, _| Ok(()))?);
        Ok(())
    }

    fn stop(&mut self, mode: StopMode) -> Result<()> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        // A process that was already collected has no number any more that we may signal.
        if matches!(process.try_wait(), Ok(None)) {
            signal(process.id(), mode.signal());
        }
        self.wait_for_end()
    }

    fn kill(&mut self) -> Result<()> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        if matches!(process.try_wait(), Ok(None)) {
            kill_tree(process.id());
        }
        self.wait_for_end()
    }

    fn wait_for_end(&mut self) -> Result<()> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        if !wait_until(STOP_LIMIT, || !matches!(process.try_wait(), Ok(None))) {
            return Err(Error::DidNotStop { pid: process.id(), seconds: STOP_LIMIT.as_secs() });
        }
        self.process = None;
        Ok(())
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process
            && matches!(process.try_wait(), Ok(None))
        {
            // The data is thrown away, so nothing needs to be written any more.
            signal(process.id(), StopMode::Immediate.signal());
            if !wait_until(STOP_LIMIT / 4, || !matches!(process.try_wait(), Ok(None))) {
                let _ = self.kill();
            }
        }
        release_memory(&self.cluster.data());
    }
}

impl StopMode {
    pub(crate) fn signal(self) -> Signal {
        match self {
            Self::Smart => Signal::TERM,
            Self::Fast => Signal::INT,
            Self::Immediate => Signal::QUIT,
        }
    }
}

/// A folder for a server, with a short name in the place for temporary files.
pub(crate) fn new_folder() -> Result<TempDir> {
    tempfile::Builder::new()
        .prefix(FOLDER_PREFIX)
        .tempdir()
        .map_err(Error::file("cannot create a folder in", &std::env::temp_dir()))
}
