//! One test's database.

use tokio_postgres::Config;

use std::{fs::File, path::Path, time::Duration};

use crate::{Error, Result, client, cluster, installation::Installation, process::wait_until};

/// Longest wait for clients that were killed to be gone.
const LEAVING: Duration = Duration::from_secs(30);

/// A database that nobody else uses; dropping this drops it, with whoever is still connected.
#[derive(Debug)]
pub struct TestDatabase {
    server: Config,
    name: String,
    url: String,
    port: u16,
}

impl TestDatabase {
    /// Creates an empty database with a name of its own.
    pub(crate) fn create(port: u16) -> Result<Self> {
        // template0 cannot be connected to, so nobody's session can get in the way of the copy.
        Self::copy_of("template0", port)
    }

    /// Another database of the same server with all that is in this one. The server refuses it as
    /// long as somebody is connected to this one; who has just left is waited for.
    pub fn copy(&self) -> Result<Self> {
        self.wait_until_alone()?;
        Self::copy_of(&self.name, self.port)
    }

    fn copy_of(original: &str, port: u16) -> Result<Self> {
        let server = cluster::connection(port);
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        client::run(&server, &format!("CREATE DATABASE {name} TEMPLATE {original}"))?;
        Ok(Self { url: cluster::url(port, &name), server, name, port })
    }

    /// Where clients connect: `postgres://postgres@127.0.0.1:PORT/NAME`, as superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until nobody is connected: a server notices some time after it that a client was
    /// killed, and ends what that had begun.
    pub fn wait_until_alone(&self) -> Result<()> {
        let count = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'", self.name);
        let mut failed = None;
        let alone = wait_until(LEAVING, || match client::run(&self.server, &count) {
            Ok(rows) => rows.first().is_some_and(|count| count == "0"),
            Err(error) => {
                failed = Some(error);
                true
            }
        });
        match failed {
            Some(error) => Err(error),
            None if alone => Ok(()),
            None => Err(Error::StillConnected { database: self.name.clone(), seconds: LEAVING.as_secs() }),
        }
    }

    /// Brings a dump of `pg_dump` in its custom format into this database.
    pub fn restore(&self, dump: &Path) -> Result<()> {
        let dump = File::open(dump).map_err(Error::file("open", dump))?;
        let mut command = Installation::find()?.command("pg_restore");
        let output = command.args(["--no-owner", "--dbname", &self.url]).stdin(dump).output();
        let output = output.map_err(Error::file("run", Path::new("pg_restore")))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::RestoreFailed { output: String::from_utf8_lossy(&output.stderr).into_owned() })
    }

    /// The name of the database on its server.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // FORCE alone looks only every 100 ms whether the sessions it ended have left. Those ended
        // a moment before have left when it looks for the first time.
        let farewell =
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", self.name);
        let _ = client::run(&self.server, &farewell);
        // If the server is stopped or dead, the database goes with its data directory.
        let _ = client::run(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
