//! The rows that did not come in, as a file that can be corrected and brought in again. It is kept
//! in parts while the import runs, so that nothing is lost where the import breaks off.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use language::tr;
use tabular::{Cell, CsvOptions, Writer};
use uuid::Uuid;

use crate::{App, Caller, Error, Result, import::compile::ERROR_COLUMN};

/// A part that is written anew with every batch is closed once it has this many bytes.
pub(in crate::import) const SMALL_PART: usize = 256 << 10;
/// A part that is written once is closed once it has this many bytes.
pub(in crate::import) const LARGE_PART: usize = 4 << 20;
/// Parts are put together into one file up to this many bytes.
const WHOLE: usize = 32 << 20;

/// Rows of one file that did not come in.
#[derive(Debug, Clone)]
pub(in crate::import) struct LeftOut {
    headers: Vec<String>,
    /// Places of the cells that are written.
    kept: Vec<usize>,
    /// Content of the last part, to which more may be added.
    tail: Arc<Vec<u8>>,
    most: usize,
    stored: bool,
}

/// A target that can be looked into while it is written.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl LeftOut {
    /// For a file with these headers, in parts of about `most` bytes.
    pub fn new(headers: &[String], most: usize) -> Self {
        let kept: Vec<usize> = (0..headers.len()).filter(|place| headers[*place] != ERROR_COLUMN).collect();
        let mut names: Vec<String> = kept.iter().map(|place| headers[*place].clone()).collect();
        names.push(ERROR_COLUMN.to_owned());
        Self { headers: names, kept, tail: Arc::default(), most, stored: true }
    }

    /// Adds rows, each with the reason in a column of its own. A new part gets its identifier in
    /// `parts`.
    pub fn add<'r>(
        &mut self,
        rows: impl IntoIterator<Item = (&'r [String], &'r str)>,
        parts: &mut Vec<Uuid>,
    ) -> Result<()> {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        let bytes = self.encoded(rows, parts.is_empty())?;
        if self.tail.is_empty() || self.is_full() {
            parts.push(Uuid::now_v7());
            self.tail = Arc::new(bytes);
        } else {
            Arc::make_mut(&mut self.tail).extend(bytes);
        }
        self.stored = false;
        Ok(())
    }

    /// True where the last part takes no more.
    pub fn is_full(&self) -> bool {
        self.tail.len() >= self.most
    }

    /// What is to be stored under the last of the parts; none where all is.
    pub fn take(&mut self) -> Option<Arc<Vec<u8>>> {
        if std::mem::replace(&mut self.stored, true) { None } else { Some(self.tail.clone()) }
    }

    /// The rows as CSV; behind the first part without what a file begins with.
    fn encoded<'r>(&self, rows: impl Iterator<Item = (&'r [String], &'r str)>, first: bool) -> Result<Vec<u8>> {
        let target = Shared::default();
        let mut writer = Writer::csv(target.clone(), &self.headers, &CsvOptions::default()).map_err(cannot_write)?;
        for (cells, reason) in rows {
            let text = |place: &usize| cells.get(*place).map_or(Cell::Empty, |text| Cell::Text(text.clone()));
            let mut row: Vec<Cell> = self.kept.iter().map(text).collect();
            row.push(Cell::Text(reason.to_owned()));
            writer.row(&row).map_err(cannot_write)?;
        }
        writer.finish().map_err(cannot_write)?;
        let mut bytes = std::mem::take(&mut *target.0.lock().unwrap_or_else(PoisonError::into_inner));
        if !first {
            bytes.drain(..self.beginning()?);
        }
        Ok(bytes)
    }

    /// Bytes of the header row and what stands before it.
    fn beginning(&self) -> Result<usize> {
        let target = Shared::default();
        let writer = Writer::csv(target.clone(), &self.headers, &CsvOptions::default()).map_err(cannot_write)?;
        writer.finish().map_err(cannot_write)?;
        let bytes = target.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        Ok(bytes)
    }
}

/// Several parts as one file; none where there is one already, or they are too large for that.
pub(in crate::import) async fn put_together(app: &App, caller: &Caller, parts: &[Uuid]) -> Result<Option<Vec<u8>>> {
    if parts.len() < 2 {
        return Ok(None);
    }
    let mut whole = Vec::new();
    for part in parts {
        whole.extend(app.file(caller, *part).await?.unwrap_or_default());
        if whole.len() > WHOLE {
            return Ok(None);
        }
    }
    Ok(Some(whole))
}

fn cannot_write(error: tabular::TabularError) -> Error {
    Error::File(tr!("the rows left out cannot be kept: {error}", error))
}
