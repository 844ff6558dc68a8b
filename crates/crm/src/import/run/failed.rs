//! The rows that did not come in, as a file that can be corrected and brought in again.

use std::fs::File;

use tabular::{Cell, CsvOptions, Writer};

use crate::{
    Error, Result,
    import::{compile::ERROR_COLUMN, prepare::Prepared},
};

/// A CSV file that begins with the first failed row.
#[derive(Default)]
pub(super) struct FailedRows {
    open: Option<(tempfile::NamedTempFile, Writer<'static>)>,
}

impl FailedRows {
    /// Adds a row with the reason in a column of its own.
    pub fn add(&mut self, headers: &[String], row: &Prepared, reason: &str) -> Result<()> {
        let kept: Vec<usize> = (0..headers.len()).filter(|place| headers[*place] != ERROR_COLUMN).collect();
        if self.open.is_none() {
            self.open = Some(begin(headers, &kept)?);
        }
        let Some((_, writer)) = &mut self.open else { return Ok(()) };
        let mut cells: Vec<Cell> = kept
            .iter()
            .map(|place| row.cells.get(*place).map_or(Cell::Empty, |text| Cell::Text(text.clone())))
            .collect();
        cells.push(Cell::Text(reason.to_owned()));
        writer.row(&cells).map_err(cannot_write)
    }

    /// The file's bytes; none where no row failed.
    pub fn finish(self) -> Result<Option<Vec<u8>>> {
        let Some((file, writer)) = self.open else { return Ok(None) };
        writer.finish().map_err(cannot_write)?;
        std::fs::read(file.path()).map(Some).map_err(|error| cannot_write(error.into()))
    }
}

fn begin(headers: &[String], kept: &[usize]) -> Result<(tempfile::NamedTempFile, Writer<'static>)> {
    let file = tempfile::NamedTempFile::new().map_err(|error| cannot_write(error.into()))?;
    let target: File = file.reopen().map_err(|error| cannot_write(error.into()))?;
    let mut names: Vec<String> = kept.iter().map(|place| headers[*place].clone()).collect();
    names.push(ERROR_COLUMN.to_owned());
    let writer = Writer::csv(std::io::BufWriter::new(target), &names, &CsvOptions::default()).map_err(cannot_write)?;
    Ok((file, writer))
}

fn cannot_write(error: tabular::TabularError) -> Error {
    Error::File(format!("the failed rows cannot be kept: {error}"))
}
