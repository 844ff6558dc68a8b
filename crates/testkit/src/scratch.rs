//! A place for a test's files.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{Error, Result, shared};

/// Memory the system offers as a directory: no disk is waited for.
const MEMORY: &str = "/dev/shm";
/// Containers often have only 64 MB there, too little for many tests at once.
const MEMORY_NEEDED_BYTES: u64 = 1 << 30;
/// Names another place for scratch files.
const VARIABLE: &str = "PIPEWRIGHT_TEST_SCRATCH";

/// A directory of a test's own, removed with everything in it when dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// A directory in the fastest place: where the environment variable
    /// `PIPEWRIGHT_TEST_SCRATCH` says, else in memory if at least 1 GiB is free there, else where
    /// temporary files go.
    pub fn new() -> Result<Self> {
        Self::inside(&fast_place())
    }

    /// A directory on the disk of the checkout, for tests that are about the disk.
    pub fn on_disk() -> Result<Self> {
        Self::inside(&shared::meeting_place()?)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The path of a file of that name in the directory; the file is not created.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn inside(place: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("pipewright-scratch-")
            .tempdir_in(place)
            .map_err(Error::file("cannot create a folder in", place))?;
        Ok(Self { folder })
    }
}

fn fast_place() -> PathBuf {
    if let Some(place) = std::env::var_os(VARIABLE) {
        return place.into();
    }
    let memory = Path::new(MEMORY);
    let roomy = rustix::fs::statvfs(memory)
        .is_ok_and(|space| space.f_bavail.saturating_mul(space.f_frsize) >= MEMORY_NEEDED_BYTES);
    let writable = rustix::fs::access(memory, rustix::fs::Access::WRITE_OK).is_ok();
    if roomy && writable { memory.to_path_buf() } else { std::env::temp_dir() }
}
