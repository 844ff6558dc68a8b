//! Rows with the files that belong to them, as one ZIP: the table as CSV, the files beside it.
//!
//! A cell says where its file lies in the archive. Nothing but the file at work is held in memory.

use std::io::{Seek, Write};

use language::tr;
use model::{ColumnType, Value};
use uuid::Uuid;
use zip::{
    ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use super::columns::Column;
use crate::{App, Caller, Error, Result};

/// The folder of the archive in which files lie.
pub(crate) const FOLDER: &str = "files";
/// Longest name of a file, in characters; the folder it lies in is named by its row.
const LONGEST_NAME: usize = 100;

/// An archive at work.
pub(super) struct Archive<W: Write>(ZipWriter<StreamWriter<W>>);

/// A file of a row.
pub(super) struct Kept {
    id: Uuid,
    path: String,
}

impl<W: Write + Send + 'static> Archive<W> {
    pub fn new(target: W) -> Self {
        Self(ZipWriter::new_stream(target))
    }

    /// Adds the files of one page; the archive goes through a thread that may wait.
    pub async fn add_files(mut self, app: &App, caller: &Caller, files: Vec<Kept>) -> Result<Self> {
        for file in files {
            let Some(content) = app.file(caller, file.id).await? else { continue };
            self = waiting(move || {
                let compressed = SimpleFileOptions::default();
                self.0.start_file(file.path, compressed)?;
                self.0.write_all(&content)?;
                Ok(self)
            })
            .await?;
        }
        Ok(self)
    }

    /// Adds the table, which ends the archive.
    pub async fn finish(mut self, name: String, mut table: std::fs::File) -> Result<()> {
        waiting(move || {
            self.0.start_file(name, SimpleFileOptions::default().large_file(true))?;
            table.rewind()?;
            std::io::copy(&mut table, &mut self.0)?;
            self.0.finish()?.into_inner().flush()?;
            Ok(())
        })
        .await
    }
}

/// True for columns whose cells stand for files.
pub(super) fn holds_file(column: &Column) -> bool {
    column.path.is_own() && matches!(column.declared.kind, ColumnType::File { .. } | ColumnType::Image { .. })
}

/// Where a file lies in the archive: by the key of its row, under the name it came with.
pub(super) fn path(columns: &[Column], values: &[Value], column: &Column) -> Option<String> {
    let key = values.first()?.as_id()?;
    let place = columns.iter().filter(|column| column.participation().is_none()).position(|other| {
        other.path.is_own() && other.declared.name == "filename" && column.declared.name == "documentbody"
    });
    let given = place.and_then(|place| values.get(place)).and_then(Value::as_text).unwrap_or_default();
    Some(format!("{FOLDER}/{key}/{}", safe(given, &column.declared.name)))
}

/// The files of one row.
pub(super) fn kept<'r>(columns: &'r [Column], values: &'r [Value]) -> impl Iterator<Item = Kept> + 'r {
    let stored = columns.iter().filter(|column| column.participation().is_none()).zip(values);
    stored
        .filter(|(column, _)| holds_file(column))
        .filter_map(|(column, value)| Some(Kept { id: value.as_id()?, path: path(columns, values, column)? }))
}

/// A name that can stand in an archive and on every disk, whatever somebody called their file.
fn safe(given: &str, otherwise: &str) -> String {
    let kept = |letter: char| {
        if letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | ' ' | '(' | ')') { letter } else { '_' }
    };
    let name: String = given.trim().trim_matches('.').chars().map(kept).collect();
    let cut = name.chars().count().saturating_sub(LONGEST_NAME);
    // The end tells the kind of the file.
    let name: String = name.chars().skip(cut).collect();
    if name.is_empty() { otherwise.to_owned() } else { name }
}

async fn waiting<T: Send + 'static>(
    write: impl FnOnce() -> std::result::Result<T, std::io::Error> + Send + 'static,
) -> Result<T> {
    let failed = |error: String| Error::File(tr!("the archive could not be written: {error}", error));
    let written = tokio::task::spawn_blocking(write).await.map_err(|error| failed(error.to_string()))?;
    written.map_err(|error| failed(error.to_string()))
}
