//! Writing: rows of typed cells become a CSV file or a workbook.

mod csv_file;
mod workbook;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use self::csv_file::CsvFile;
use self::workbook::WorkbookFile;
use crate::error::TabularError;

/// A value to be written.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, written as it is.
    Text(String),
    /// A number.
    Number(Decimal),
    /// True or false.
    Boolean(bool),
    /// A date.
    Date(Date),
    /// A date and time as the reader of the file is to see it.
    DateTime(DateTime),
}

/// How a CSV file is written: RFC 4180, UTF-8, lines ending in CR LF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvOptions {
    /// Begin with a byte order mark, by which Excel knows UTF-8. Default true.
    pub byte_order_mark: bool,
    /// The sign between cells; ASCII. Default comma.
    pub delimiter: char,
    /// Put an apostrophe before text that a spreadsheet program would run as a formula. Reading
    /// with [`Options::strip_guard`](crate::Options::strip_guard) takes it off again. Default true.
    pub guard_formulas: bool,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { byte_order_mark: true, delimiter: ',', guard_formulas: true }
    }
}

/// What has been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Data rows.
    pub rows: u64,
    /// Sheets of the workbook; 1 for CSV.
    pub sheets: usize,
    /// Texts that were cut because a workbook cell holds at most 32,767 characters; each ends
    /// in `… [cut]`. Always 0 for CSV.
    pub cut_cells: u64,
}

/// A table that is being written, row by row. It is complete only after [`finish`](Self::finish).
pub struct Writer<'a> {
    target: Target<'a>,
    columns: usize,
    rows: u64,
}

enum Target<'a> {
    Csv(Box<CsvFile<'a>>),
    Workbook(Box<WorkbookFile<'a>>),
}

impl<'a> Writer<'a> {
    /// Begins a CSV file with its header row.
    pub fn csv(target: impl Write + Send + 'a, headers: &[String], options: &CsvOptions) -> Result<Self, TabularError> {
        let file = CsvFile::new(Box::new(target), headers, options)?;
        Ok(Self { target: Target::Csv(Box::new(file)), columns: headers.len(), rows: 0 })
    }

    /// Begins a workbook with its header row. The rows go to a temporary file; the target is
    /// written by [`finish`](Self::finish).
    pub fn xlsx(target: impl Write + Send + 'a, headers: &[String], sheet_name: &str) -> Result<Self, TabularError> {
        let file = WorkbookFile::new(Box::new(target), headers, sheet_name)?;
        Ok(Self { target: Target::Workbook(Box::new(file)), columns: headers.len(), rows: 0 })
    }

    /// Begins a workbook in a new file.
    pub fn xlsx_file(path: &Path, headers: &[String], sheet_name: &str) -> Result<Self, TabularError> {
        Self::xlsx(std::io::BufWriter::new(File::create(path)?), headers, sheet_name)
    }

    /// Writes the next row. It may have fewer cells than there are columns.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), TabularError> {
        if cells.len() > self.columns {
            let (row, cells, columns) = (self.rows + 1, cells.len(), self.columns);
            return Err(TabularError::TooManyCells { row, cells, columns });
        }
        match &mut self.target {
            Target::Csv(file) => file.row(cells, self.columns)?,
            Target::Workbook(file) => file.row(cells)?,
        }
        self.rows += 1;
        Ok(())
    }

    /// Completes the file.
    pub fn finish(self) -> Result<Written, TabularError> {
        let (sheets, cut_cells) = match self.target {
            Target::Csv(file) => {
                file.finish()?;
                (1, 0)
            }
            Target::Workbook(file) => file.finish()?,
        };
        Ok(Written { rows: self.rows, sheets, cut_cells })
    }
}
