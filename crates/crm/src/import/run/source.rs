//! A copy of a file in the database while it is brought in. Where the process dies, the rows that
//! nobody got to are found in it: an upload goes with the process, a file may be moved meanwhile.

use std::{
    fs::File,
    io::{Read, Write},
    path::PathBuf,
};

use language::tr;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{App, Caller, Error, Origin, Result, import::InputFile, records::Work};

/// Bytes of one stored part.
const PART: u64 = 4 << 20;

/// The copy of one file, in parts.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(in crate::import) struct SourceCopy {
    id: Uuid,
    bytes: u64,
}

impl SourceCopy {
    /// What the copy of this file will be; nothing is stored yet.
    pub fn of(file: &InputFile) -> Result<Self> {
        let bytes = std::fs::metadata(&file.path).map_err(|error| unreadable(file, &error))?.len();
        Ok(Self { id: Uuid::now_v7(), bytes })
    }

    fn parts(self) -> impl Iterator<Item = Uuid> {
        (0..self.bytes.div_ceil(PART)).map(move |number| Uuid::new_v5(&self.id, &number.to_be_bytes()))
    }

    /// Stores it.
    pub async fn store(self, app: &App, caller: &Caller, origin: Origin, file: &InputFile) -> Result<()> {
        let mut source = File::open(&file.path).map_err(|error| unreadable(file, &error))?;
        for part in self.parts() {
            let read = tokio::task::spawn_blocking(move || {
                let mut bytes = Vec::new();
                Read::by_ref(&mut source).take(PART).read_to_end(&mut bytes).map(|_| (source, bytes))
            });
            let read = read.await.map_err(|error| unreadable(file, &error))?;
            let (rest, bytes) = read.map_err(|error| unreadable(file, &error))?;
            source = rest;
            app.work(caller, origin, move |work| Ok(work.writer().put_file(part, &bytes)?)).await?;
        }
        Ok(())
    }

    /// Writes it to a file again; false where it is not complete.
    pub async fn fetch(self, app: &App, caller: &Caller, to: PathBuf) -> Result<bool> {
        let failed = |error: std::io::Error| Error::File(tr!("a kept file cannot be written: {error}", error));
        let mut file = File::create(&to).map_err(failed)?;
        let mut written = 0;
        for part in self.parts() {
            let Some(bytes) = app.file(caller, part).await? else { return Ok(false) };
            file.write_all(&bytes).map_err(failed)?;
            written += bytes.len() as u64;
        }
        Ok(written == self.bytes)
    }

    /// Removes it.
    pub fn remove(self, work: &mut Work<'_, '_>) -> Result<()> {
        for part in self.parts() {
            work.writer().delete_file(part)?;
        }
        Ok(())
    }
}

fn unreadable(file: &InputFile, error: &dyn std::error::Error) -> Error {
    Error::File(tr!("{} cannot be read: {error}", file.name, error))
}
