//! Worksheets of an XLSX workbook, row by row.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::options::SheetChoice;
use crate::error::{RowError, RowProblem, TabularError};
use crate::progress::{Counted, Progress};

/// Columns of a worksheet, as spreadsheet programs have them.
const MAX_COLUMNS: u32 = 16_384;
/// A row never takes much more memory than this.
const MAX_ROW_BYTES: usize = 16 << 20;

type Input = BufReader<Counted<File>>;

/// An opened workbook. Its texts that several cells share are in memory; the sheets are not.
pub(super) struct Workbook {
    inner: Xlsx<Input>,
    pub(super) sheets: Vec<String>,
    pub(super) sheet: String,
    /// Bytes read to open it; the reading of a sheet counts on from here.
    opened_at: u64,
}

impl Workbook {
    pub(super) fn open(
        path: &Path,
        file: File,
        choice: Option<&SheetChoice>,
        progress: &Arc<Progress>,
    ) -> Result<Self, TabularError> {
        let input = BufReader::new(Counted::new(file, Arc::clone(progress)));
        let inner: Xlsx<Input> = Xlsx::new(input).map_err(|error| match error {
            XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => TabularError::NotATable {
                path: path.to_owned(),
                what: "a ZIP archive or another kind of document, not an Excel workbook".to_owned(),
            },
            other => TabularError::Workbook { path: path.to_owned(), reason: other.to_string() },
        })?;
        let worksheets = || inner.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let sheets: Vec<String> = worksheets().map(|sheet| sheet.name.clone()).collect();
        let visible: Vec<String> = worksheets()
            .filter(|sheet| sheet.visible == SheetVisible::Visible)
            .map(|sheet| sheet.name.clone())
            .collect();
        let mut workbook = Self { inner, sheets, sheet: String::new(), opened_at: progress.done() };
        workbook.sheet = match choice {
            Some(choice) => workbook.chosen(choice)?,
            None => workbook.first_used(&visible).ok_or_else(|| TabularError::Empty { path: path.to_owned() })?,
        };
        Ok(workbook)
    }

    fn chosen(&self, choice: &SheetChoice) -> Result<String, TabularError> {
        let found = match choice {
            SheetChoice::Index(index) => self.sheets.get(*index),
            SheetChoice::Name(name) => self.sheets.iter().find(|sheet| *sheet == name),
        };
        let wanted = match choice {
            SheetChoice::Index(index) => format!("number {}", index + 1),
            SheetChoice::Name(name) => format!("{name:?}"),
        };
        found.cloned().ok_or_else(|| TabularError::NoSuchSheet { wanted, sheets: self.sheets.clone() })
    }

    fn first_used(&mut self, names: &[String]) -> Option<String> {
        let used = names.iter().find(|name| {
            self.inner.worksheet_cells_reader(name).is_ok_and(|cells| {
                let mut rows = SheetRows { cells: Some(cells), next: None, ended: false };
                rows.next_row().is_some()
            })
        });
        used.or(names.first()).or(self.sheets.first()).cloned()
    }

    pub(super) fn rows(&mut self, progress: &Progress) -> Result<SheetRows<'_>, String> {
        progress.set(self.opened_at);
        let cells = self.inner.worksheet_cells_reader(&self.sheet).map_err(|error| error.to_string())?;
        Ok(SheetRows { cells: Some(cells), next: None, ended: false })
    }
}

/// The rows of a sheet that have anything in them.
pub(super) struct SheetRows<'a> {
    cells: Option<XlsxCellReader<'a, Input>>,
    /// The first cell of the following row, read ahead.
    next: Option<(u32, u32, String)>,
    ended: bool,
}

impl SheetRows<'_> {
    pub(super) fn next_row(&mut self) -> Option<Result<(u64, Vec<String>), RowError>> {
        let mut row: Option<Gathered> = self.next.take().map(Gathered::of);
        while !self.ended {
            match self.next_cell() {
                Ok(None) => self.ended = true,
                Ok(Some(cell)) => match &mut row {
                    Some(row) if row.number != cell.0 => {
                        self.next = Some(cell);
                        break;
                    }
                    Some(row) => row.add(cell.1, cell.2),
                    None => row = Some(Gathered::of(cell)),
                },
                Err(error) => {
                    let number = row.map_or(1, |row| u64::from(row.number) + 1);
                    let problem = if self.ended {
                        RowProblem::Unreadable(error.to_string())
                    } else {
                        RowProblem::Cell(error.to_string())
                    };
                    return Some(Err(RowError { number, problem, raw: String::new() }));
                }
            }
        }
        row.map(Gathered::finish)
    }

    /// The next cell with anything in it: row, column, text.
    fn next_cell(&mut self) -> Result<Option<(u32, u32, String)>, XlsxError> {
        let Some(cells) = &mut self.cells else { return Ok(None) };
        loop {
            match cells.next_cell() {
                Ok(None) => return Ok(None),
                Ok(Some(cell)) => {
                    let (row, column) = cell.get_position();
                    let text = text_of(cell.get_value());
                    if !text.is_empty() {
                        return Ok(Some((row, column, text)));
                    }
                }
                Err(error) => {
                    // Where the file itself is broken there is no reading on.
                    self.ended = matches!(
                        error,
                        XlsxError::Io(_) | XlsxError::Zip(_) | XlsxError::Xml(_) | XlsxError::XmlEof(_)
                    );
                    return Err(error);
                }
            }
        }
    }
}

/// A row as far as its cells are read.
struct Gathered {
    number: u32,
    cells: Vec<String>,
    bytes: usize,
    /// Why the row is not kept; what comes of it is then only counted.
    problem: Option<RowProblem>,
}

impl Gathered {
    fn of((number, column, text): (u32, u32, String)) -> Self {
        let mut row = Self { number, cells: Vec::new(), bytes: 0, problem: None };
        row.add(column, text);
        row
    }

    fn add(&mut self, column: u32, text: String) {
        self.bytes += text.len();
        if column >= MAX_COLUMNS {
            let problem = "it stands to the right of the last column a sheet can have, XFD".to_owned();
            self.problem = Some(RowProblem::Cell(problem));
        } else if self.bytes > MAX_ROW_BYTES {
            self.problem = Some(RowProblem::TooLarge);
        }
        if self.problem.is_some() {
            self.cells = Vec::new();
            return;
        }
        let column = column as usize;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
    }

    fn finish(self) -> Result<(u64, Vec<String>), RowError> {
        let number = u64::from(self.number) + 1;
        match self.problem {
            Some(problem) => Err(RowError { number, problem, raw: String::new() }),
            None => Ok((number, self.cells)),
        }
    }
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(at) => date_text(at),
        DataRef::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
        DataRef::Error(error) => error.to_string(),
    }
}

/// The number to the fifteen digits that a spreadsheet keeps, so without the noise of binary
/// fractions: 0.3, not 0.30000000000000004.
fn number_text(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if rounded == 0.0 {
        return "0".to_owned();
    }
    if rounded.abs() >= 1e28 || rounded.abs() < 1e-20 { format!("{rounded:e}") } else { rounded.to_string() }
}

fn date_text(at: &ExcelDateTime) -> String {
    let days = at.as_f64();
    if at.is_duration() || days < 1.0 {
        let seconds = (days * 86_400.0).round() as i64;
        let sign = if seconds < 0 { "-" } else { "" };
        let seconds = seconds.abs();
        return format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        (_, _, _, 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}
