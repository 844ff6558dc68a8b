//! CSV output.

use std::borrow::Cow;
use std::io::Write;

use csv::Terminator;

use super::{Cell, CsvOptions};
use crate::error::TabularError;
use crate::guard;

pub(super) struct CsvFile<'a> {
    inner: csv::Writer<Box<dyn Write + Send + 'a>>,
    guard_formulas: bool,
}

impl<'a> CsvFile<'a> {
    pub(super) fn new(
        mut target: Box<dyn Write + Send + 'a>,
        headers: &[String],
        options: &CsvOptions,
    ) -> Result<Self, TabularError> {
        let sign = options.delimiter;
        if !sign.is_ascii() || sign.is_ascii_alphanumeric() || matches!(sign, '"' | '\r' | '\n' | '\0') {
            return Err(TabularError::BadDelimiter(sign));
        }
        if options.byte_order_mark {
            target.write_all("\u{feff}".as_bytes())?;
        }
        let inner = csv::WriterBuilder::new()
            .delimiter(sign as u8)
            .terminator(Terminator::CRLF)
            .flexible(true)
            .from_writer(target);
        let mut file = Self { inner, guard_formulas: options.guard_formulas };
        for header in headers {
            file.text(header)?;
        }
        file.end_row()?;
        Ok(file)
    }

    pub(super) fn row(&mut self, cells: &[Cell], columns: usize) -> Result<(), TabularError> {
        for index in 0..columns {
            match cells.get(index) {
                None | Some(Cell::Empty) => self.field("")?,
                Some(Cell::Text(text)) => self.text(text)?,
                Some(Cell::Number(number)) => self.field(&number.to_string())?,
                Some(Cell::Boolean(value)) => self.field(if *value { "true" } else { "false" })?,
                Some(Cell::Date(date)) => self.field(&date.to_string())?,
                Some(Cell::DateTime(at)) => self.field(&at.to_string())?,
            }
        }
        self.end_row()
    }

    pub(super) fn finish(mut self) -> Result<(), TabularError> {
        Ok(self.inner.flush()?)
    }

    fn text(&mut self, text: &str) -> Result<(), TabularError> {
        let text = if self.guard_formulas { guard::put_on(text) } else { Cow::Borrowed(text) };
        self.field(&text)
    }

    fn field(&mut self, text: &str) -> Result<(), TabularError> {
        self.inner.write_field(text).map_err(into_io)
    }

    fn end_row(&mut self) -> Result<(), TabularError> {
        self.inner.write_record(None::<&[u8]>).map_err(into_io)
    }
}

fn into_io(error: csv::Error) -> TabularError {
    TabularError::Write(error.into())
}
