//! A place of one's own to run the program in: a folder, and a database on either engine.

mod client;
mod server;

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::Arc,
};

pub use client::Client;
pub use client::Reply;
use serde_json::Value;
pub use server::Server;
use testkit::{Common, Place};

/// Who the first administrator is.
pub const ADMIN: &str = "ada@contoso.example";
/// What the first administrator signs in with.
pub const PASSWORD: &str = "correct horse battery";

/// The two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A folder the program runs in, and the address of a database nobody else uses.
pub struct World {
    pub engine: Engine,
    pub address: String,
    place: Place,
    _origin: Option<Arc<Place>>,
}

/// Databases that are set up, on SQLite and on PostgreSQL; each test has a copy.
static SET_UP: [Common<Place>; 2] = [Common::new(), Common::new()];

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub printed: String,
    pub complaint: String,
}

/// Runs a test with an empty database on each engine.
pub fn on_each_engine(mut test: impl FnMut(World)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        eprintln!("on {engine:?}");
        test(World::empty(engine));
    }
}

/// Runs a test with a database that is set up, on each engine.
pub fn set_up_on_each_engine(mut test: impl FnMut(World)) {
    let _kept = (Engine::Sqlite.set_up(), Engine::Postgres.set_up());
    for engine in [Engine::Sqlite, Engine::Postgres] {
        eprintln!("on {engine:?}");
        test(World::set_up_on(engine));
    }
}

impl Engine {
    pub fn other(self) -> Self {
        if self == Self::Sqlite { Self::Postgres } else { Self::Sqlite }
    }

    /// A place on this engine where the first administrator has been set up.
    fn set_up(self) -> Arc<Place> {
        SET_UP[usize::from(self == Self::Postgres)].get_blocking(|| {
            let world = World::empty(self);
            world.set_up();
            world.place
        })
    }
}

impl World {
    /// An empty database.
    pub fn empty(engine: Engine) -> Self {
        Self::in_place(engine, Place::empty(engine == Engine::Postgres).unwrap(), None)
    }

    /// A database as [`World::set_up`] leaves it.
    pub fn set_up_on(engine: Engine) -> Self {
        let origin = engine.set_up();
        Self::in_place(engine, origin.copy().unwrap(), Some(origin))
    }

    fn in_place(engine: Engine, place: Place, origin: Option<Arc<Place>>) -> Self {
        Self { engine, address: place.address(), place, _origin: origin }
    }

    /// A world whose database is somewhere the test looks after.
    pub fn at(engine: Engine, address: String) -> Self {
        Self { engine, address, place: Place::empty(false).unwrap(), _origin: None }
    }

    /// `init` with a password.
    pub fn set_up(&self) {
        let password = self.file("password", &format!("{PASSWORD}\n"));
        self.does(&["init", "--admin-email", ADMIN, "--admin-password-file", &password]);
    }

    /// The program in this folder with this database, untouched by the environment of the test.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare_command(arguments);
        command.env("PIPEWRIGHT_DATABASE", &self.address);
        command
    }

    /// The same without any database named.
    pub fn bare_command(&self, arguments: &[&str]) -> Command {
        // A long run may test a binary that was set aside, so that a build does not disturb it.
        let binary = std::env::var_os("PIPEWRIGHT_BINARY");
        let mut command = Command::new(binary.unwrap_or_else(|| env!("CARGO_BIN_EXE_pipewright").into()));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PIPEWRIGHT_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).current_dir(self.place.path());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command that must succeed; returns what it printed.
    pub fn does(&self, arguments: &[&str]) -> String {
        self.run(arguments).expect(0).printed
    }

    /// Runs a command that must succeed and print JSON.
    pub fn tells(&self, arguments: &[&str]) -> Value {
        json(&self.does(arguments))
    }

    /// Runs a command that must end with this code; returns what it complains about.
    pub fn refuses(&self, code: i32, arguments: &[&str]) -> String {
        self.run(arguments).expect(code).complaint
    }

    /// Starts the server on a free port and waits until it is ready.
    pub fn serve(&self) -> Server {
        let log = self.path("server.log");
        Server::start(self.command(&["serve", "--listen", "127.0.0.1:0"]), log)
    }

    /// Waits until what killed processes had sent to PostgreSQL has ended there.
    pub fn wait_until_alone(&self) {
        if let Some(database) = self.place.database() {
            database.wait_until_alone().unwrap();
        }
    }

    /// A token of the administrator's.
    pub fn token(&self) -> String {
        let printed = self.does(&["token", "create", "--user", ADMIN]);
        printed.trim_end().to_owned()
    }

    /// Writes a file into the folder; returns its name.
    pub fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        name.to_owned()
    }

    /// Reads a file of the folder.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A file of the folder, which need not be there.
    pub fn path(&self, name: &str) -> PathBuf {
        self.place.file(name)
    }

    /// Whether there are rows; however many there are, only the first is read.
    pub fn has_any(&self, table: &str) -> bool {
        let mut export = self.command(&["export", table, "--raw"]);
        let mut child = export.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let found = BufReader::new(child.stdout.take().unwrap()).lines().nth(1).is_some();
        child.wait().unwrap();
        found
    }

    /// All rows of a table without loss, in an order that does not depend on the engine.
    pub fn rows(&self, table: &str) -> Vec<String> {
        let text = self.does(&["export", table, "--raw"]);
        let mut lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    }
}

impl Outcome {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            printed: String::from_utf8(output.stdout).unwrap(),
            complaint: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Fails where the command ended otherwise.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Fails where the complaint does not speak of this.
    #[track_caller]
    pub fn names(&self, words: &str) {
        assert!(self.complaint.contains(words), "'{words}' is missing in: {}", self.complaint);
    }
}

/// Reads what a command printed for scripts.
#[track_caller]
pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
