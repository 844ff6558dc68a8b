//! Reading: a file becomes headers and a stream of rows.

mod delimiter;
mod encoding;
mod headers;
mod options;
mod records;
mod unpacked;
mod workbook;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

use self::encoding::Decoded;
pub use self::options::{Detected, EncodingEvidence, Format, Options, SheetChoice};
use self::records::{Record, Records};
use self::workbook::{SheetRows, Workbook};
use crate::error::{RowError, RowProblem, TabularError};
use crate::guard;
use crate::progress::{Counted, Progress};

/// Rows looked at to tell the header and the used columns.
const HEADER_SAMPLE: usize = 200;
/// Text looked at to tell the delimiter, in bytes of UTF-8.
const DELIMITER_SAMPLE: usize = 256 * 1024;

/// A row of a table as text. Cells are not trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawRow {
    /// Line (text) or row (workbook) in the file where the row starts, 1 is the first. The
    /// header row counts.
    pub number: u64,
    /// One cell a column, empty where the row ends early.
    pub cells: Vec<String>,
    /// Cells beyond the last column, up to the last one that is filled. Usually empty; if not,
    /// a delimiter stands unquoted in the row or a header is missing.
    pub surplus: Vec<String>,
}

/// A file of rows.
pub struct Source {
    path: PathBuf,
    content: Content,
    detected: Detected,
    headers: Vec<String>,
    /// Rows up to this number are no data: the header row and anything above it.
    header_row: u64,
    strip_guard: bool,
    progress: Arc<Progress>,
}

enum Content {
    Text { encoding: &'static Encoding, delimiter: u8, skip: u64 },
    Workbook(Box<Workbook>),
}

impl Source {
    /// Opens a file and finds out how it is written; `options` override what is found.
    pub fn open(path: &Path, options: &Options) -> Result<Self, TabularError> {
        let unreadable = |source| TabularError::Read { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(unreadable)?;
        let progress = Progress::new(file.metadata().map_err(unreadable)?.len());
        let magic = encoding::take(&mut file, 8).map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        refuse_other_formats(path, &magic)?;
        let (content, detected) = if magic.starts_with(b"PK\x03\x04") {
            open_workbook(path, file, options, &progress)?
        } else {
            open_text(path, file, options)?
        };
        // In a workbook text is text and was never guarded.
        let strip_guard = options.strip_guard && detected.format == Format::DelimitedText;
        let mut source = Self {
            path: path.to_owned(),
            content,
            detected,
            headers: Vec::new(),
            header_row: 0,
            strip_guard,
            progress,
        };
        source.read_headers(options.has_header)?;
        Ok(source)
    }

    fn read_headers(&mut self, has_header: Option<bool>) -> Result<(), TabularError> {
        let (path, strip_guard) = (self.path.clone(), self.strip_guard);
        let mut rows = self.raw_rows();
        let mut first = loop {
            match rows.next() {
                None => return Err(TabularError::Empty { path }),
                Some(Ok(row)) if row.is_blank() => {}
                Some(Ok(row)) => break row,
                // Without a header, a malformed first row is a row like any other.
                Some(Err(_)) if has_header == Some(false) => {}
                Some(Err(error)) => return Err(TabularError::Header(error)),
            }
        };
        if strip_guard {
            first.strip_guard();
        }
        let mut sampled: Vec<RawRow> = rows.filter_map(Result::ok).take(HEADER_SAMPLE).collect();
        let header = has_header.unwrap_or_else(|| headers::looks_like_header(&first.cells, &sampled));
        self.detected.header = header;
        if header {
            self.headers = headers::name_columns(&first.cells, &sampled);
            self.header_row = first.number;
        } else {
            sampled.push(first);
            self.headers = headers::number_columns(&sampled);
        }
        self.progress.set(0);
        Ok(())
    }

    /// How the file is written.
    pub fn detected(&self) -> &Detected {
        &self.detected
    }

    /// The names of the columns, all different, one for each cell of a row.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// How far the present pass has come; may be given to another thread.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// A pass over the data rows from the first one. Empty lines and rows without any filled
    /// cell are left out. A row that cannot be read is an error of its own; the iterator goes
    /// on with the next one.
    pub fn rows(&mut self) -> Rows<'_> {
        let (width, header_row, strip_guard) = (self.headers.len(), self.header_row, self.strip_guard);
        Rows { progress: Arc::clone(&self.progress), raw: self.raw_rows(), width, header_row, strip_guard }
    }

    fn raw_rows(&mut self) -> RawRows<'_> {
        let opened = match &mut self.content {
            Content::Text { encoding, delimiter, skip } => {
                self.progress.set(0);
                File::open(&self.path).map_err(|error| error.to_string()).map(|file| {
                    let decoded = Decoded::new(Counted::new(file, Arc::clone(&self.progress)), encoding);
                    RawRows::Text { records: Records::new(decoded, *delimiter), skip: *skip }
                })
            }
            Content::Workbook(workbook) => workbook.rows(&self.progress).map(|rows| RawRows::Sheet(Box::new(rows))),
        };
        opened.unwrap_or_else(|reason| {
            let problem = RowProblem::Unreadable(reason);
            RawRows::Failed(Some(RowError { number: 1, problem, raw: String::new() }))
        })
    }
}

/// The rows of a [`Source`], see [`Source::rows`].
pub struct Rows<'a> {
    raw: RawRows<'a>,
    width: usize,
    header_row: u64,
    strip_guard: bool,
    progress: Arc<Progress>,
}

impl Iterator for Rows<'_> {
    type Item = Result<RawRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut row = match self.raw.next() {
                None => {
                    self.progress.set(self.progress.total());
                    return None;
                }
                Some(Err(error)) => return Some(Err(error)),
                Some(Ok(row)) => row,
            };
            if row.number <= self.header_row || row.is_blank() {
                continue;
            }
            if self.strip_guard {
                row.strip_guard();
            }
            row.fit(self.width);
            return Some(Ok(row));
        }
    }
}

enum RawRows<'a> {
    Text { records: Records<Counted<File>>, skip: u64 },
    Sheet(Box<SheetRows<'a>>),
    Failed(Option<RowError>),
}

impl Iterator for RawRows<'_> {
    type Item = Result<RawRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (number, cells) = match self {
            Self::Text { records, skip } => loop {
                match records.next_record()? {
                    Ok(Record { line, .. }) if line <= *skip => {}
                    Ok(Record { line, cells }) => break (line, cells),
                    Err(error) => return Some(Err(error)),
                }
            },
            Self::Sheet(rows) => match rows.next_row()? {
                Ok(row) => row,
                Err(error) => return Some(Err(error)),
            },
            Self::Failed(error) => return error.take().map(Err),
        };
        Some(Ok(RawRow { number, cells, surplus: Vec::new() }))
    }
}

impl RawRow {
    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    fn strip_guard(&mut self) {
        for cell in &mut self.cells {
            *cell = guard::take_off(std::mem::take(cell));
        }
    }

    fn fit(&mut self, width: usize) {
        if self.cells.len() > width {
            self.surplus = self.cells.split_off(width);
            let filled = self.surplus.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
            self.surplus.truncate(filled);
        } else {
            self.cells.resize(width, String::new());
        }
    }
}

/// The beginning of a file, to be shown before it is imported.
#[derive(Debug, Clone)]
pub struct Sample {
    /// How the file is written.
    pub detected: Detected,
    /// The names of the columns.
    pub headers: Vec<String>,
    /// The first rows.
    pub rows: Vec<RawRow>,
    /// Rows among them that could not be read.
    pub errors: Vec<RowError>,
}

/// Opens a file and reads its first `count` rows.
pub fn sample(path: &Path, options: &Options, count: usize) -> Result<Sample, TabularError> {
    let mut source = Source::open(path, options)?;
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for row in source.rows().take(count) {
        match row {
            Ok(row) => rows.push(row),
            Err(error) => errors.push(error),
        }
    }
    Ok(Sample { detected: source.detected, headers: source.headers, rows, errors })
}

fn refuse_other_formats(path: &Path, magic: &[u8]) -> Result<(), TabularError> {
    let what = if magic.is_empty() {
        return Err(TabularError::Empty { path: path.to_owned() });
    } else if magic.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        "an old Excel file (.xls) or a workbook with a password"
    } else if magic.starts_with(b"%PDF") {
        "a PDF document"
    } else if magic.starts_with(&[0x1f, 0x8b]) {
        "a compressed file"
    } else {
        return Ok(());
    };
    Err(TabularError::NotATable { path: path.to_owned(), what: what.to_owned() })
}

fn open_workbook(
    path: &Path,
    file: File,
    options: &Options,
    progress: &Arc<Progress>,
) -> Result<(Content, Detected), TabularError> {
    unpacked::refuse_larger(path, &file)?;
    let workbook = Workbook::open(path, file, options.sheet.as_ref(), progress)?;
    let detected = Detected {
        format: Format::Workbook,
        encoding: None,
        encoding_evidence: None,
        delimiter: None,
        header: false,
        sheet: Some(workbook.sheet.clone()),
        sheets: workbook.sheets.clone(),
    };
    Ok((Content::Workbook(Box::new(workbook)), detected))
}

fn open_text(path: &Path, mut file: File, options: &Options) -> Result<(Content, Detected), TabularError> {
    let unreadable = |source| TabularError::Read { path: path.to_owned(), source };
    let (encoding, encoding_evidence) = if let Some(label) = &options.encoding {
        let known = Encoding::for_label(label.as_bytes());
        (known.ok_or_else(|| TabularError::UnknownEncoding(label.clone()))?, None)
    } else {
        let found = encoding::detect(&mut file).map_err(unreadable)?;
        (found.encoding, found.evidence)
    };
    file.rewind().map_err(unreadable)?;
    let (text, truncated) = first_text(&mut file, encoding).map_err(unreadable)?;
    if text.contains('\0') {
        let what = "neither text nor an Excel workbook".to_owned();
        return Err(TabularError::NotATable { path: path.to_owned(), what });
    }
    let declared = delimiter::declared(&text);
    let delimiter = match options.delimiter {
        Some(sign) if sign.is_ascii() && !matches!(sign, '"' | '\n' | '\r' | '\0') => sign as u8,
        Some(sign) => return Err(TabularError::BadDelimiter(sign)),
        None => declared.unwrap_or_else(|| delimiter::detect(&text, truncated)),
    };
    let detected = Detected {
        format: Format::DelimitedText,
        encoding: Some(encoding.name().to_owned()),
        encoding_evidence,
        delimiter: Some(char::from(delimiter)),
        header: false,
        sheet: None,
        sheets: Vec::new(),
    };
    let skip = u64::from(declared.is_some());
    Ok((Content::Text { encoding, delimiter, skip }, detected))
}

/// The beginning of the file as text, and whether there is more.
fn first_text(file: &mut File, encoding: &'static Encoding) -> io::Result<(String, bool)> {
    let mut decoded = Decoded::new(Read::by_ref(file), encoding);
    let (mut text, mut broken) = (Vec::new(), Vec::new());
    let mut more = true;
    while more && text.len() < DELIMITER_SAMPLE {
        more = decoded.fill(&mut text, &mut broken)?;
    }
    Ok((String::from_utf8_lossy(&text).into_owned(), more))
}
