//! What can go wrong with a file as a whole, and with a single row of it.

use std::path::PathBuf;

/// Why a file cannot be read or written as a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TabularError {
    /// The file cannot be opened or read.
    #[error("cannot read {path}: {source}; check that the file exists and may be read")]
    Read {
        /// The file as it was named.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// There is no row in the file.
    #[error("{path} holds no rows; choose a file (or a sheet) with a header row and data")]
    Empty {
        /// The file as it was named.
        path: PathBuf,
    },
    /// The file is neither text nor an XLSX workbook.
    #[error("{path} is {what}; save it as .xlsx or as CSV and use that file")]
    NotATable {
        /// The file as it was named.
        path: PathBuf,
        /// What it seems to be.
        what: String,
    },
    /// A workbook that is damaged.
    #[error("the workbook {path} cannot be read ({reason}); open it in a spreadsheet program and save it again")]
    Workbook {
        /// The file as it was named.
        path: PathBuf,
        /// What the reader met.
        reason: String,
    },
    /// A workbook that unpacks to more than is read of one.
    #[error(
        "the workbook {path} unpacks to more than {limit}; save the sheet as CSV, or divide it into several workbooks"
    )]
    UnpacksTooLarge {
        /// The file as it was named.
        path: PathBuf,
        /// The limit that is exceeded, in words.
        limit: String,
    },
    /// The named sheet is not in the workbook.
    #[error("there is no sheet {wanted}; choose one of: {}", sheets.join(", "))]
    NoSuchSheet {
        /// Name or number that was asked for.
        wanted: String,
        /// The sheets there are.
        sheets: Vec<String>,
    },
    /// An encoding name that nobody knows.
    #[error("the encoding {0:?} is not known; use a name such as utf-8, windows-1252 or utf-16le")]
    UnknownEncoding(String),
    /// A delimiter that cannot be one.
    #[error(
        "{0:?} cannot separate cells; use a comma, semicolon, tab, bar or another ASCII sign that is not a quote or line break"
    )]
    BadDelimiter(char),
    /// The header row itself is malformed.
    #[error("the header row cannot be read: {0}; correct the first row of the file")]
    Header(RowError),
    /// Writing failed.
    #[error("the table cannot be written: {0}; check the free space and the rights of the target")]
    Write(#[from] std::io::Error),
    /// Writing a workbook failed.
    #[error(
        "the workbook cannot be written: {0}; check the free space for temporary files and the rights of the target"
    )]
    WriteWorkbook(String),
    /// A row has more cells than the table has columns.
    #[error("row {row} has {cells} cells, but the table has {columns} columns; pass at most one cell a column")]
    TooManyCells {
        /// Number of the data row, 1 is the first.
        row: u64,
        /// Cells passed.
        cells: usize,
        /// Columns of the table.
        columns: usize,
    },
    /// More columns than a worksheet can hold.
    #[error("a worksheet holds at most 16,384 columns, not {0}; export fewer columns or use CSV")]
    TooManyColumns(usize),
}

/// One row that could not be read. Reading goes on behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("row {number}: {problem}")]
pub struct RowError {
    /// Line (text) or row (workbook) in the file where the row starts, 1 is the first.
    pub number: u64,
    /// What is wrong.
    pub problem: RowProblem,
    /// The text of the line as it stands in the file (at most 64 KiB of it), to show and to
    /// write into a file of failed rows. Empty for workbooks.
    pub raw: String,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowProblem {
    /// A quote is opened and never closed.
    #[error("a quotation mark opens a cell and is never closed; close it, or double the marks inside the cell")]
    UnclosedQuote,
    /// A closing quote is followed by something else than a delimiter or line end.
    #[error("there is text after a closing quotation mark; double the marks inside the cell")]
    TextAfterQuote,
    /// The row is larger than a row may be.
    #[error("the row is larger than 16 MiB; check the file, in a text file its delimiter and line ends")]
    TooLarge,
    /// Bytes that do not exist in the encoding.
    #[error("there are bytes that are not valid {0}; choose the encoding the file was saved in")]
    NotInEncoding(String),
    /// The file stopped being readable.
    #[error("the file cannot be read further: {0}")]
    Unreadable(String),
    /// A workbook cell cannot be understood.
    #[error("a cell of the workbook cannot be read: {0}")]
    Cell(String),
}
