//! XLSX output in constant memory.

use std::io::Write;

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::Cell;
use crate::error::TabularError;

/// Rows of a worksheet, the header row among them.
const SHEET_ROWS: u32 = 1_048_576;
const MAX_COLUMNS: usize = 16_384;
/// Characters of a cell.
const MAX_TEXT: usize = 32_767;
const CUT_MARK: &str = "… [cut]";
/// Rows that decide the widths of the columns.
const WIDTH_ROWS: u32 = 1_000;
/// Beyond this much cell text the archive may pass the 4 GB up to which every reader follows.
const LARGE_ARCHIVE: u64 = 1 << 30;

pub(super) struct WorkbookFile<'a> {
    target: Box<dyn Write + Send + 'a>,
    workbook: Workbook,
    headers: Vec<String>,
    sheet_name: String,
    sheets: usize,
    /// The row of the sheet that comes next, 0 is the header row.
    next_row: u32,
    widths: Vec<usize>,
    formats: Formats,
    cut_cells: u64,
    bytes: u64,
}

struct Formats {
    header: Format,
    whole: Format,
    date: Format,
    date_time: Format,
}

impl<'a> WorkbookFile<'a> {
    pub(super) fn new(
        target: Box<dyn Write + Send + 'a>,
        headers: &[String],
        sheet_name: &str,
    ) -> Result<Self, TabularError> {
        if headers.len() > MAX_COLUMNS {
            return Err(TabularError::TooManyColumns(headers.len()));
        }
        let formats = Formats {
            header: Format::new().set_bold(),
            whole: Format::new().set_num_format("0"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            date_time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        };
        let mut file = Self {
            target,
            workbook: Workbook::new(),
            headers: headers.to_vec(),
            sheet_name: permitted_name(sheet_name),
            sheets: 0,
            next_row: 0,
            widths: Vec::new(),
            formats,
            cut_cells: 0,
            bytes: 0,
        };
        file.begin_sheet().map_err(into_error)?;
        Ok(file)
    }

    pub(super) fn row(&mut self, cells: &[Cell]) -> Result<(), TabularError> {
        if self.next_row == SHEET_ROWS {
            self.end_sheet().map_err(into_error)?;
            self.begin_sheet().map_err(into_error)?;
        }
        self.write_cells(cells).map_err(into_error)?;
        self.next_row += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(usize, u64), TabularError> {
        self.end_sheet().map_err(into_error)?;
        if self.bytes > LARGE_ARCHIVE {
            self.workbook.use_zip_large_file(true);
        }
        self.workbook.save_to_writer(&mut self.target).map_err(into_error)?;
        self.target.flush()?;
        Ok((self.sheets, self.cut_cells))
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        self.sheets += 1;
        let name = match self.sheets {
            1 => self.sheet_name.clone(),
            number => format!("{} {number}", self.sheet_name),
        };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, header) in self.headers.iter().enumerate() {
            let (header, _) = fitting(header);
            sheet.write_string_with_format(0, column as u16, header, &self.formats.header)?;
        }
        // Room for the arrow of the filter beside the name.
        self.widths = self.headers.iter().map(|header| display_width(header) + 3).collect();
        self.next_row = 1;
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        for (column, width) in self.widths.iter().enumerate() {
            sheet.set_column_width(column as u16, (*width).clamp(8, 60) as f64)?;
        }
        if !self.headers.is_empty() {
            sheet.autofilter(0, 0, self.next_row - 1, self.headers.len() as u16 - 1)?;
        }
        Ok(())
    }

    fn write_cells(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        let row = self.next_row;
        for (index, cell) in cells.iter().enumerate() {
            let mut place = Place { sheet, row, column: index as u16, formats: &self.formats };
            let (width, cut) = place.write(cell)?;
            self.cut_cells += u64::from(cut);
            self.bytes += width as u64 + 20;
            if row <= WIDTH_ROWS {
                self.widths[index] = self.widths[index].max(width);
            }
        }
        Ok(())
    }
}

struct Place<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
    column: u16,
    formats: &'a Formats,
}

impl Place<'_> {
    /// Writes the cell; gives its width in characters and whether it was cut.
    fn write(&mut self, cell: &Cell) -> Result<(usize, bool), XlsxError> {
        match cell {
            Cell::Empty => Ok((0, false)),
            Cell::Text(text) => self.text(text),
            Cell::Number(number) => self.number(*number),
            Cell::Boolean(value) => {
                self.sheet.write_boolean(self.row, self.column, *value)?;
                Ok((6, false))
            }
            Cell::Date(date) => match excel_date(*date) {
                Some(at) => {
                    self.sheet.write_datetime_with_format(self.row, self.column, &at, &self.formats.date)?;
                    Ok((11, false))
                }
                None => self.text(&date.to_string()),
            },
            Cell::DateTime(at) => match excel_date_time(*at) {
                Some(at) => {
                    self.sheet.write_datetime_with_format(self.row, self.column, &at, &self.formats.date_time)?;
                    Ok((20, false))
                }
                None => self.text(&at.to_string()),
            },
        }
    }

    fn text(&mut self, text: &str) -> Result<(usize, bool), XlsxError> {
        let (text, cut) = fitting(text);
        let width = display_width(&text) + 1;
        if !text.is_empty() {
            self.sheet.write_string(self.row, self.column, text)?;
        }
        Ok((width, cut))
    }

    /// A workbook keeps fifteen digits. A number with more is written as text, so that it stays
    /// what it is.
    fn number(&mut self, number: Decimal) -> Result<(usize, bool), XlsxError> {
        let digits = number.normalize().mantissa().unsigned_abs().checked_ilog10().map_or(1, |log| log + 1);
        let value = number.to_f64().filter(|_| digits <= 15);
        let Some(value) = value else { return self.text(&number.to_string()) };
        if number.is_integer() {
            self.sheet.write_number_with_format(self.row, self.column, value, &self.formats.whole)?;
        } else {
            self.sheet.write_number(self.row, self.column, value)?;
        }
        Ok((number.to_string().len() + 1, false))
    }
}

/// `None` for days that workbooks do not have or count wrongly: those before March 1900.
fn excel_date(date: Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(date.year()).ok()?;
    let known = year > 1900 || (year == 1900 && date.month() > 2);
    known.then(|| ExcelDateTime::from_ymd(year, date.month() as u8, date.day() as u8).ok()).flatten()
}

/// `None` also for fractions finer than the milliseconds that workbooks keep.
fn excel_date_time(at: DateTime) -> Option<ExcelDateTime> {
    let milli = at.subsec_nanosecond() / 1_000_000;
    if at.subsec_nanosecond() % 1_000_000 != 0 {
        return None;
    }
    excel_date(at.date())?.and_hms_milli(at.hour() as u16, at.minute() as u8, at.second() as u8, milli as u16).ok()
}

/// The text as far as a cell holds it, and whether it was cut.
fn fitting(text: &str) -> (String, bool) {
    // A character outside the basic plane counts twice.
    if text.len() <= MAX_TEXT || text.encode_utf16().count() <= MAX_TEXT {
        return (text.to_owned(), false);
    }
    let mut room = MAX_TEXT - CUT_MARK.chars().count();
    let kept = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= room;
        room = room.saturating_sub(c.len_utf16());
        fits
    });
    (kept.chain(CUT_MARK.chars()).collect(), true)
}

fn display_width(text: &str) -> usize {
    text.lines().map(|line| line.chars().take(80).count()).max().unwrap_or(0)
}

/// A name that a worksheet may bear, with room for a number behind it.
fn permitted_name(name: &str) -> String {
    let name: String = name
        .chars()
        .filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\') && !c.is_control())
        .take(25)
        .collect();
    let name = name.trim_matches(['\'', ' ']);
    if name.is_empty() || name.eq_ignore_ascii_case("history") { "Data".to_owned() } else { name.to_owned() }
}

fn into_error(error: XlsxError) -> TabularError {
    match error {
        XlsxError::IoError(error) => TabularError::Write(error),
        other => TabularError::WriteWorkbook(other.to_string()),
    }
}
