//! The server all test processes of a checkout share.
//!
//! Test runners start a process a test, many at once, so the processes agree through files in
//! `target/testkit`: `postgres.state` says which server runs, `postgres.lock` is held while that
//! is looked up or changed, and `postgres.users` is locked (shared) by each process that uses it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::cluster::{Cluster, FOLDER_PREFIX, Options, data_in, wait_until_ready};
use crate::installation::Installation;
use crate::postgres::{STOP_LIMIT, StopMode, new_folder};
use crate::process::{is_server, kill_tree, release_memory, signal, wait_until};
use crate::{Error, Result};

/// A place in the shared server; the server is not stopped while one is held.
#[derive(Debug)]
pub(crate) struct SharedServer {
    port: u16,
    _in_use: File,
}

impl SharedServer {
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// What became of the request to stop the shared server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It ran and has been stopped; its data is removed.
    Stopped,
    /// None was running; what a dead one left behind is removed.
    NotRunning,
    /// Another test process uses it; it was left running.
    InUse,
}

/// Takes a place in the running server, or starts one.
pub(crate) fn join() -> Result<SharedServer> {
    join_in(&meeting_place()?)
}

/// Stops the shared server of this checkout and removes its data, unless tests still use it.
pub fn stop_shared() -> Result<Outcome> {
    stop_in(&meeting_place()?)
}

fn join_in(place: &Path) -> Result<SharedServer> {
    let _turn = lock(place)?;
    let in_use = open(&users_file(place))?;
    in_use.lock_shared().map_err(Error::file("cannot lock", &users_file(place)))?;
    let port = match State::read(place) {
        Some(state) if state.is_usable() => state.port,
        Some(state) => {
            state.end(StopMode::Immediate)?;
            launch(place)?
        }
        None => launch(place)?,
    };
    Ok(SharedServer { port, _in_use: in_use })
}

fn stop_in(place: &Path) -> Result<Outcome> {
    let _turn = lock(place)?;
    let Some(state) = State::read(place) else {
        return Ok(Outcome::NotRunning);
    };
    if open(&users_file(place))?.try_lock().is_err() {
        return Ok(Outcome::InUse);
    }
    let ran = state.is_running();
    state.end(StopMode::Fast)?;
    let path = state_file(place);
    fs::remove_file(&path).map_err(Error::file("cannot remove", &path))?;
    Ok(if ran { Outcome::Stopped } else { Outcome::NotRunning })
}

fn launch(place: &Path) -> Result<u16> {
    let folder = new_folder()?;
    let mut cluster = Cluster::create(Installation::find()?, folder.path(), &Options::default())?;
    // Written down before waiting: if this process is ended meanwhile, the next one finds the
    // server instead of leaving it running for ever.
    cluster.start_on_free_port(true, |cluster, child| {
        State { pid: child.id(), port: cluster.port(), folder: cluster.folder().to_path_buf() }.write(place)
    })?;
    // From here on the folder belongs to the server, not to this process.
    let _ = folder.keep();
    Ok(cluster.port())
}

/// What the state file says about the server.
#[derive(Debug, PartialEq, Eq)]
struct State {
    pid: u32,
    port: u16,
    folder: PathBuf,
}

impl State {
    /// None if there is no file, or none that we wrote completely.
    fn read(place: &Path) -> Option<Self> {
        let text = fs::read_to_string(state_file(place)).ok()?;
        let mut lines = text.lines();
        let state = Self {
            pid: lines.next()?.parse().ok()?,
            port: lines.next()?.parse().ok()?,
            folder: PathBuf::from(lines.next()?),
        };
        // The folder gets removed one day, so it must be one of ours.
        let name = state.folder.file_name()?.to_str()?;
        name.starts_with(FOLDER_PREFIX).then_some(state)
    }

    fn write(&self, place: &Path) -> Result<()> {
        let path = state_file(place);
        let draft = path.with_extension("draft");
        let text = format!("{}\n{}\n{}\n", self.pid, self.port, self.folder.display());
        fs::write(&draft, text).and_then(|()| fs::rename(&draft, &path)).map_err(Error::file("cannot write", &path))
    }

    fn is_running(&self) -> bool {
        is_server(self.pid, &data_in(&self.folder))
    }

    fn is_usable(&self) -> bool {
        let data = data_in(&self.folder);
        data.join("PG_VERSION").is_file()
            && self.is_running()
            && wait_until_ready(self.port, &data, || self.is_running()).is_ok()
    }

    /// Stops the server if it runs, by force if it does not listen, and removes its folder.
    fn end(&self, mode: StopMode) -> Result<()> {
        if self.is_running() {
            signal(self.pid, mode.signal());
            if !wait_until(STOP_LIMIT / 4, || !self.is_running()) {
                kill_tree(self.pid);
            }
            if !wait_until(STOP_LIMIT, || !self.is_running()) {
                return Err(Error::DidNotStop { pid: self.pid, seconds: STOP_LIMIT.as_secs() });
            }
        }
        release_memory(&data_in(&self.folder));
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::file("cannot remove", &self.folder)(error))
            }
            _ => Ok(()),
        }
    }
}

/// `target/testkit` of the checkout the running program was built in.
pub(crate) fn meeting_place() -> Result<PathBuf> {
    let program = std::env::current_exe().map_err(Error::file("cannot find", Path::new("this program")))?;
    // Cargo marks its target directory with this file, wherever it was told to put it.
    let target = program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), Path::to_path_buf);
    let place = target.join("testkit");
    fs::create_dir_all(&place).map_err(Error::file("cannot create", &place))?;
    Ok(place)
}

/// Waits for the turn to look up or change the shared server; ends when the file is dropped.
fn lock(place: &Path) -> Result<File> {
    let path = place.join("postgres.lock");
    let file = open(&path)?;
    file.lock().map_err(Error::file("cannot lock", &path))?;
    Ok(file)
}

fn open(path: &Path) -> Result<File> {
    File::options().create(true).truncate(false).write(true).open(path).map_err(Error::file("cannot open", path))
}

fn state_file(place: &Path) -> PathBuf {
    place.join("postgres.state")
}

fn users_file(place: &Path) -> PathBuf {
    place.join("postgres.users")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn two_users_meet_at_one_server_and_it_stops_when_both_have_left() {
        let place = tempfile::tempdir().unwrap();
        let first = join_in(place.path()).unwrap();
        let second = join_in(place.path()).unwrap();
        assert_eq!(first.port(), second.port());
        drop(first);
        assert_eq!(stop_in(place.path()).unwrap(), Outcome::InUse);
        let folder = State::read(place.path()).unwrap().folder;
        drop(second);
        assert_eq!(stop_in(place.path()).unwrap(), Outcome::Stopped);
        assert!(!folder.exists());
        assert_eq!(stop_in(place.path()).unwrap(), Outcome::NotRunning);
    }

    #[test]
    fn a_server_that_died_is_replaced_and_its_data_removed() {
        let place = tempfile::tempdir().unwrap();
        drop(join_in(place.path()).unwrap());
        let dead = State::read(place.path()).unwrap();
        kill_tree(dead.pid);
        drop(join_in(place.path()).unwrap());
        let fresh = State::read(place.path()).unwrap();
        assert_ne!(fresh.pid, dead.pid);
        assert!(fresh.is_running());
        assert!(!dead.folder.exists());
        stop_in(place.path()).unwrap();
    }

    #[test]
    fn a_server_whose_data_was_deleted_is_stopped_and_replaced() {
        let place = tempfile::tempdir().unwrap();
        drop(join_in(place.path()).unwrap());
        let robbed = State::read(place.path()).unwrap();
        fs::remove_dir_all(&robbed.folder).unwrap();
        drop(join_in(place.path()).unwrap());
        assert!(!robbed.is_running());
        assert!(State::read(place.path()).unwrap().is_running());
        stop_in(place.path()).unwrap();
    }

    #[test]
    fn a_state_file_that_names_somebody_elses_folder_is_ignored() {
        let place = tempfile::tempdir().unwrap();
        fs::write(state_file(place.path()), "1\n5432\n/var/lib/postgresql\n").unwrap();
        assert_eq!(State::read(place.path()), None);
    }
}
