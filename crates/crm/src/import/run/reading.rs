//! Reading a file on a thread that may wait, some rows at a time.

use tokio::sync::mpsc;

use super::{BATCH, BATCH_WITH_FILES};
use crate::{
    Result,
    import::{InputFile, compile::Compiled, prepare::Prepared, scan},
};

/// Reads and understands the rows of a file, some at a time.
pub(super) fn read(file: &Compiled, send: &mpsc::Sender<Vec<Prepared>>) -> Result<()> {
    let mut source = scan::open(&input(file), &file.read)?;
    let most = if file.brings_files() { BATCH_WITH_FILES } else { BATCH };
    let mut rows = Vec::with_capacity(most);
    for row in source.rows() {
        rows.push(Prepared::of(file, row));
        if rows.len() == most && send.blocking_send(std::mem::replace(&mut rows, Vec::with_capacity(most))).is_err() {
            return Ok(()); // canceled
        }
    }
    if !rows.is_empty() {
        let _ = send.blocking_send(rows);
    }
    Ok(())
}

/// Reads the rows behind row number `reached` as they stand there.
pub(in crate::import) fn read_behind(
    file: &InputFile,
    read: &tabular::Options,
    reached: u64,
    send: &mpsc::Sender<Vec<Vec<String>>>,
) -> Result<()> {
    let mut source = scan::open(file, read)?;
    let mut rows = Vec::with_capacity(BATCH);
    for row in source.rows() {
        let (number, cells) = match row {
            Ok(row) => (row.number, row.cells),
            Err(error) => (error.number, vec![error.raw]),
        };
        if number <= reached {
            continue;
        }
        rows.push(cells);
        if rows.len() == BATCH && send.blocking_send(std::mem::take(&mut rows)).is_err() {
            return Ok(());
        }
    }
    if !rows.is_empty() {
        let _ = send.blocking_send(rows);
    }
    Ok(())
}

/// The file itself.
pub(super) fn input(file: &Compiled) -> InputFile {
    InputFile::called(file.name.as_str(), file.path.as_path())
}
