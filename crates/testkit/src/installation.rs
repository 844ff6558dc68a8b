//! Where `PostgreSQL` is installed on this machine, and the account it can run as.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Error, Result};

/// Where Debian keeps the programs, in a folder a major version; they are not in `PATH` there.
const DEBIAN_ROOT: &str = "/usr/lib/postgresql";

/// The programs of one `PostgreSQL` version and who runs them.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    programs: PathBuf,
    account: Option<Account>,
}

/// The account to run `PostgreSQL` as, when it is not the present one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub user: u32,
    pub group: u32,
}

impl Installation {
    /// The installation in `PATH`, else the newest one Debian's packages put on the machine.
    pub fn find() -> Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let programs =
            find_programs(std::env::split_paths(&path), Path::new(DEBIAN_ROOT)).ok_or(Error::NotInstalled)?;
        // Links in PATH may lead to some of the programs only; the others stand where they lead.
        let home = programs.join("postgres").canonicalize().ok();
        let home = home.as_deref().and_then(Path::parent).filter(|home| home.join("initdb").is_file());
        let programs = home.map_or(programs.clone(), Path::to_path_buf);
        let account = if rustix::process::geteuid().is_root() { Some(Account::postgres()?) } else { None };
        Ok(Self { programs, account })
    }

    /// A command that runs the named program as the right account, with nothing on its input.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        // The present directory may be one the other account cannot enter. Messages are matched
        // and shown, so they stay English; PG* variables of the developer must not leak in.
        command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C.UTF-8");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        if let Some(account) = self.account {
            command.uid(account.user).gid(account.group);
        }
        command
    }

    /// Gives a path to the account `PostgreSQL` runs as.
    pub fn hand_over(&self, path: &Path) -> Result<()> {
        let Some(Account { user, group }) = self.account else {
            return Ok(());
        };
        std::os::unix::fs::chown(path, Some(user), Some(group)).map_err(Error::file("cannot change the owner of", path))
    }
}

impl Account {
    fn postgres() -> Result<Self> {
        let user = numeric_id("-u").ok_or(Error::NoAccount)?;
        let group = numeric_id("-g").ok_or(Error::NoAccount)?;
        Ok(Self { user, group })
    }
}

fn numeric_id(which: &str) -> Option<u32> {
    let output = Command::new("id").args([which, "postgres"]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn find_programs(path: impl Iterator<Item = PathBuf>, debian_root: &Path) -> Option<PathBuf> {
    let has_both = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    path.into_iter().find(has_both).or_else(|| {
        let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(debian_root)
            .ok()?
            .flatten()
            .filter_map(|entry| {
                let major = entry.file_name().to_str()?.parse().ok()?;
                Some((major, entry.path().join("bin")))
            })
            .filter(|(_, folder)| has_both(folder))
            .collect();
        versions.sort();
        versions.pop().map(|(_, folder)| folder)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    fn install(folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("initdb"), "").unwrap();
        fs::write(folder.join("postgres"), "").unwrap();
    }

    #[test]
    fn the_newest_of_debians_versions_is_chosen_by_number() {
        let root = tempfile::tempdir().unwrap();
        for version in ["9", "15", "100"] {
            install(&root.path().join(version).join("bin"));
        }
        fs::create_dir_all(root.path().join("200/bin")).unwrap(); // removed, only the folder is left
        let found = find_programs(std::iter::empty(), root.path());
        assert_eq!(found, Some(root.path().join("100/bin")));
    }

    #[test]
    fn the_version_in_path_comes_first() {
        let root = tempfile::tempdir().unwrap();
        let chosen = root.path().join("chosen");
        install(&chosen);
        install(&root.path().join("15/bin"));
        let found = find_programs([chosen.clone()].into_iter(), root.path());
        assert_eq!(found, Some(chosen));
    }

    #[test]
    fn a_machine_without_postgresql_is_told_what_to_install() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(find_programs(std::iter::empty(), root.path()), None);
        assert!(Error::NotInstalled.to_string().contains("apt-get install postgresql"));
    }
}
