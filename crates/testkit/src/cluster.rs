//! A data directory and the server process on it.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use tokio_postgres::Config;

use crate::installation::Installation;
use crate::process::wait_until;
use crate::{Error, Result, client};

/// How a server is set up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether commits are flushed to the disk before they are acknowledged, as in production.
    /// Off by default, for speed: tests that only ask what is in the database do not need it.
    pub durable: bool,
    /// Further lines of `postgresql.conf`, as (name, value); they win over our own.
    pub settings: Vec<(String, String)>,
    /// The server offers encryption with this certificate; without one it offers none.
    pub certificate: Option<ServerCertificate>,
    /// Lines of `pg_hba.conf` before our own, which let everybody in from this machine.
    pub access: Vec<String>,
}

/// What a server that encrypts needs, in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerCertificate {
    /// The certificate it shows, followed by those that lead to its authority.
    pub certificate: String,
    /// The private key of the certificate.
    pub key: String,
    /// The certificate of the authority that signs those of clients, if they may show one.
    pub client_authority: Option<String>,
}

/// The superuser of test servers.
const USER: &str = "postgres";
/// The database that exists on every server, from which others are created.
pub(crate) const MAINTENANCE_DATABASE: &str = "postgres";
/// How the folders are named that this crate creates, and the only ones it removes.
pub(crate) const FOLDER_PREFIX: &str = "pipewright-pg-";
/// Below the range the system gives to outgoing connections, so that none of them takes the port
/// of a server that is being restarted.
const PORTS: std::ops::RangeInclusive<u16> = 20_000..=32_000;
/// Longest wait for a server to accept connections; generous, as machines that test are busy.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How many ports are tried when others are quicker to take them.
const PORT_ATTEMPTS: usize = 5;

/// A data directory, the port its server listens on, and the programs to run it.
#[derive(Debug)]
pub(crate) struct Cluster {
    installation: Installation,
    folder: PathBuf,
    port: u16,
}

impl Cluster {
    /// Creates a data directory inside the (empty) folder.
    pub fn create(installation: Installation, folder: &Path, options: &Options) -> Result<Self> {
        let folder = folder.canonicalize().map_err(Error::file("cannot find", folder))?;
        installation.hand_over(&folder)?;
        let cluster = Self { installation, folder, port: free_port()? };
        cluster.initialise()?;
        cluster.configure(options)?;
        cluster.admit(&options.access)?;
        if let Some(certificate) = &options.certificate {
            cluster.encrypt(certificate)?;
        }
        Ok(cluster)
    }

    /// Copies the data directory of a running server into the folder, as a standby of it.
    pub fn copy(installation: Installation, folder: &Path, primary: u16) -> Result<Self> {
        let folder = folder.canonicalize().map_err(Error::file("cannot find", folder))?;
        installation.hand_over(&folder)?;
        let cluster = Self { installation, folder, port: free_port()? };
        let output = cluster
            .installation
            .command("pg_basebackup")
            .args([
                "--host=127.0.0.1",
                "--checkpoint=fast",
                "--wal-method=stream",
                "--write-recovery-conf",
                "--no-sync",
            ])
            .arg(format!("--port={primary}"))
            .args(["--username", USER])
            .arg("--pgdata")
            .arg(cluster.data())
            .output()
            .map_err(Error::file("cannot run", Path::new("pg_basebackup")))?;
        if output.status.success() {
            return Ok(cluster);
        }
        Err(Error::InitialiseFailed {
            directory: cluster.folder,
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn data(&self) -> PathBuf {
        data_in(&self.folder)
    }

    /// Starts the server and calls `started` at once, before it accepts connections; then waits
    /// for that. Takes another port if somebody else was quicker. A `detached` server outlives
    /// the test's process group.
    pub fn start_on_free_port(
        &mut self,
        detached: bool,
        mut started: impl FnMut(&Self, &Child) -> Result<()>,
    ) -> Result<Child> {
        let mut attempt = 1;
        loop {
            match self.start(detached, &mut started) {
                Err(Error::DidNotStart { log, .. })
                    if attempt < PORT_ATTEMPTS && log.contains("Address already in use") =>
                {
                    attempt += 1;
                    self.port = free_port()?;
                }
                other => return other,
            }
        }
    }

    /// Starts the server on its port and waits until it accepts connections.
    pub fn start(&self, detached: bool, mut started: impl FnMut(&Self, &Child) -> Result<()>) -> Result<Child> {
        let mut child = self.spawn(detached)?;
        let outcome = started(self, &child).and_then(|()| {
            // An error of try_wait means that somebody else collected it: it has ended.
            wait_until_ready(self.port, &self.data(), || matches!(child.try_wait(), Ok(None)))
        });
        match outcome {
            Ok(()) => Ok(child),
            Err(error) => {
                crate::process::kill_tree(child.id());
                let _ = child.wait();
                Err(error)
            }
        }
    }

    fn spawn(&self, detached: bool) -> Result<Child> {
        // Each start has its own log, so that an error shows the lines of this start.
        let path = log_in(&self.folder);
        let log = File::create(&path).map_err(Error::file("cannot write", &path))?;
        let errors = log.try_clone().map_err(Error::file("cannot write", &path))?;
        let mut command = self.installation.command("postgres");
        command.arg("-D").arg(self.data()).arg("-p").arg(self.port.to_string());
        command.stdout(log).stderr(errors);
        if detached {
            // Test runners end a test's whole process group; others go on using this server.
            command.process_group(0);
        }
        command.spawn().map_err(Error::file("cannot run", Path::new("postgres")))
    }

    fn initialise(&self) -> Result<()> {
        let output = self
            .installation
            .command("initdb")
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username", USER])
            .arg("--pgdata")
            .arg(self.data())
            .output()
            .map_err(Error::file("cannot run", Path::new("initdb")))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::InitialiseFailed {
            directory: self.folder.clone(),
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    fn configure(&self, options: &Options) -> Result<()> {
        // Shared memory as files of the data directory goes with it, also after a hard kill.
        let mut lines = String::from(
            "listen_addresses = '127.0.0.1'\n\
             unix_socket_directories = ''\n\
             dynamic_shared_memory_type = mmap\n\
             max_connections = 200\n\
             timezone = 'UTC'\n",
        );
        if !options.durable {
            lines.push_str("fsync = off\nfull_page_writes = off\n");
        }
        for (name, value) in &options.settings {
            let _ = writeln!(lines, "{name} = '{}'", value.replace('\'', "''"));
        }
        self.set(&lines)
    }

    /// Puts the lines before those of `initdb`: the first that fits a client decides.
    fn admit(&self, access: &[String]) -> Result<()> {
        let path = self.data().join("pg_hba.conf");
        let present = fs::read_to_string(&path).map_err(Error::file("cannot read", &path))?;
        fs::write(&path, format!("{}\n{present}", access.join("\n"))).map_err(Error::file("cannot write", &path))
    }

    fn encrypt(&self, certificate: &ServerCertificate) -> Result<()> {
        self.hide("server.crt", &certificate.certificate)?;
        self.hide("server.key", &certificate.key)?;
        self.set("ssl = on\n")?;
        if let Some(authority) = &certificate.client_authority {
            self.hide("clients.crt", authority)?;
            self.set("ssl_ca_file = 'clients.crt'\n")?;
        }
        Ok(())
    }

    /// Writes a file into the data directory that nobody but the server may read; it refuses
    /// another kind of key.
    fn hide(&self, name: &str, text: &str) -> Result<()> {
        let path = self.data().join(name);
        OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
            .map_err(Error::file("cannot write", &path))?;
        self.installation.hand_over(&path)
    }

    /// Appends lines to `postgresql.conf`.
    fn set(&self, lines: &str) -> Result<()> {
        let path = self.data().join("postgresql.conf");
        OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, lines.as_bytes()))
            .map_err(Error::file("cannot write", &path))
    }
}

/// The data directory inside a server's folder.
pub(crate) fn data_in(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// The address of a database, as clients take it.
pub(crate) fn url(port: u16, database: &str) -> String {
    format!("postgres://{USER}@127.0.0.1:{port}/{database}")
}

/// How we connect ourselves.
pub(crate) fn connection(port: u16) -> Config {
    let mut config = Config::new();
    config
        .host("127.0.0.1")
        .port(port)
        .user(USER)
        .dbname(MAINTENANCE_DATABASE)
        .connect_timeout(Duration::from_secs(10));
    config
}

/// Waits until the server of that data directory answers on the port, as long as it is running.
pub(crate) fn wait_until_ready(port: u16, data: &Path, mut running: impl FnMut() -> bool) -> Result<()> {
    let mut ready = false;
    wait_until(START_LIMIT, || {
        ready = answers(port, data);
        ready || !running()
    });
    if ready {
        return Ok(());
    }
    let log = fs::read_to_string(data.with_file_name("log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    Err(Error::DidNotStart { port, log: lines[lines.len().saturating_sub(20)..].join("\n") })
}

/// Does the server on this data directory answer? Another one may have taken the port.
fn answers(port: u16, data: &Path) -> bool {
    client::run(&connection(port), "SHOW data_directory")
        .is_ok_and(|rows| rows.first().is_some_and(|directory| Path::new(directory) == data))
}

/// A port of the range that nobody listens on, tried from a random place on.
fn free_port() -> Result<u16> {
    let count = u128::from(PORTS.end() - PORTS.start() + 1);
    let offset = (uuid::Uuid::now_v7().as_u128() % count) as u16;
    let (first, last) = (*PORTS.start(), *PORTS.end());
    (first + offset..=last)
        .chain(first..first + offset)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .ok_or(Error::NoFreePort { first, last })
}
