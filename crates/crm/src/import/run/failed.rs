//! The rows that did not come in, as a file that can be corrected and brought in again. It is kept
//! in parts while the import runs, so that nothing is lost where the import breaks off.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use tabular::{Cell, CsvOptions, Writer};
use uuid::Uuid;

use crate::{Error, Result, import::compile::ERROR_COLUMN};

/// A part is kept once it has this many bytes.
const PART: usize = 4 << 20;
/// Parts are put together into one file up to this many bytes.
const WHOLE: usize = 32 << 20;

/// Rows of one file that did not come in.
pub(super) struct FailedRows {
    headers: Vec<String>,
    /// Places of the cells that are written.
    kept: Vec<usize>,
    open: Option<(Writer<'static>, Shared)>,
    /// Parts that are stored, in their order.
    pub parts: Vec<Uuid>,
    stored: usize,
}

/// A target that can be looked into while it is written.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn bytes(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FailedRows {
    /// For a file with these headers.
    pub fn new(headers: &[String]) -> Self {
        let kept: Vec<usize> = (0..headers.len()).filter(|place| headers[*place] != ERROR_COLUMN).collect();
        let mut names: Vec<String> = kept.iter().map(|place| headers[*place].clone()).collect();
        names.push(ERROR_COLUMN.to_owned());
        Self { headers: names, kept, open: None, parts: Vec::new(), stored: 0 }
    }

    /// Adds a row with the reason in a column of its own.
    pub fn add(&mut self, cells: &[String], reason: &str) -> Result<()> {
        let (writer, _) = match &mut self.open {
            Some(open) => open,
            empty => {
                let shared = Shared::default();
                // Later parts continue the first one: what they begin with is cut off.
                let writer =
                    Writer::csv(shared.clone(), &self.headers, &CsvOptions::default()).map_err(cannot_write)?;
                empty.insert((writer, shared))
            }
        };
        let text = |place: &usize| cells.get(*place).map_or(Cell::Empty, |text| Cell::Text(text.clone()));
        let mut row: Vec<Cell> = self.kept.iter().map(text).collect();
        row.push(Cell::Text(reason.to_owned()));
        writer.row(&row).map_err(cannot_write)
    }

    /// True where it is time to store what is here.
    pub fn is_full(&self) -> bool {
        self.open.as_ref().is_some_and(|(_, shared)| shared.len() >= PART)
    }

    /// Takes what is not stored yet; none where there is nothing.
    pub fn take(&mut self) -> Result<Option<Vec<u8>>> {
        let Some((writer, shared)) = self.open.take() else { return Ok(None) };
        writer.finish().map_err(cannot_write)?;
        let mut bytes = shared.bytes();
        if !self.parts.is_empty() {
            bytes.drain(..self.beginning()?);
        }
        Ok(Some(bytes))
    }

    /// A part was stored.
    pub fn stored(&mut self, part: Uuid, bytes: usize) {
        self.parts.push(part);
        self.stored += bytes;
    }

    /// True where the parts are worth being put together.
    pub fn fits_one_file(&self) -> bool {
        self.parts.len() > 1 && self.stored <= WHOLE
    }

    /// Bytes of the header row and what stands before it.
    fn beginning(&self) -> Result<usize> {
        let shared = Shared::default();
        let writer = Writer::csv(shared.clone(), &self.headers, &CsvOptions::default()).map_err(cannot_write)?;
        writer.finish().map_err(cannot_write)?;
        Ok(shared.len())
    }
}

fn cannot_write(error: tabular::TabularError) -> Error {
    Error::File(format!("the rows left out cannot be kept: {error}"))
}
