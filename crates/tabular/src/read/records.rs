//! Records of delimited text, one at a time, going on behind a malformed one.
//!
//! The rules are those of RFC 4180 with any line end (also alone: LF, CR). A record whose quotes
//! do not work out is reported, and reading goes on at the line after the one where it started:
//! a forgotten quote costs one row, not the rest of the file. That needs the text of the record
//! until it is complete, which is why this is not left to the `csv` crate.

use std::io::Read;

use super::encoding::Decoded;
use crate::error::{RowError, RowProblem};

/// A record never takes more memory than this.
const MAX_RECORD_BYTES: usize = 16 << 20;
/// What an error keeps of its line.
const MAX_RAW_BYTES: usize = 64 * 1024;

/// A record: the line where it starts and its cells.
pub(super) struct Record {
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
}

pub(super) struct Records<R> {
    text: Decoded<R>,
    delimiter: u8,
    /// Decoded text; the present record begins at `start`.
    buffer: Vec<u8>,
    start: usize,
    /// Places in `buffer` where bytes were not valid in the encoding, ascending.
    broken: Vec<usize>,
    line: u64,
    ended: bool,
    failed: bool,
}

impl<R: Read> Records<R> {
    pub(super) fn new(text: Decoded<R>, delimiter: u8) -> Self {
        Self { text, delimiter, buffer: Vec::new(), start: 0, broken: Vec::new(), line: 1, ended: false, failed: false }
    }

    /// The next record that is not an empty line.
    pub(super) fn next_record(&mut self) -> Option<Result<Record, RowError>> {
        let mut scan = Scan::default();
        loop {
            if self.failed {
                return None;
            }
            match scan.run(&self.buffer[self.start..], self.delimiter, self.ended) {
                Step::More if self.buffer.len() - self.start > MAX_RECORD_BYTES => {
                    let problem = if scan.is_quoted() { RowProblem::UnclosedQuote } else { RowProblem::TooLarge };
                    return Some(Err(self.skip_line(problem)));
                }
                Step::More => {
                    if let Err(error) = self.fill() {
                        return Some(Err(error));
                    }
                }
                Step::End => return None,
                Step::Blank => {
                    self.advance(scan.position);
                    scan = Scan::default();
                }
                Step::Record => return Some(self.complete(scan)),
                Step::Malformed(problem) => return Some(Err(self.skip_line(problem))),
            }
        }
    }

    fn complete(&mut self, scan: Scan) -> Result<Record, RowError> {
        let end = self.start + scan.position;
        if self.broken.first().is_some_and(|place| *place < end) {
            let line = self.line;
            let raw = excerpt(&self.buffer[self.start..end]);
            self.advance(scan.position);
            let problem = RowProblem::NotInEncoding(self.text.encoding_name().to_owned());
            return Err(RowError { number: line, problem, raw });
        }
        let record = Record { line: self.line, cells: scan.cells };
        self.advance(scan.position);
        Ok(record)
    }

    /// Reports the present record and goes to the line after its first one.
    fn skip_line(&mut self, problem: RowProblem) -> RowError {
        let number = self.line;
        let mut raw = None;
        loop {
            let rest = &self.buffer[self.start..];
            let line_end = line_end(rest, self.ended);
            let keep = raw.get_or_insert_with(|| excerpt(&rest[..line_end.unwrap_or(rest.len())])).clone();
            if let Some(end) = line_end {
                self.advance(end);
                return RowError { number, problem, raw: keep };
            }
            // A line larger than the buffer: its text is of no use, let it go.
            self.start = self.buffer.len();
            self.broken.clear();
            if let Err(error) = self.fill() {
                return error;
            }
        }
    }

    fn advance(&mut self, by: usize) {
        let end = self.start + by;
        self.line += line_breaks(&self.buffer[self.start..end]);
        self.start = end;
        if !self.broken.is_empty() {
            self.broken.retain(|place| *place >= end);
        }
    }

    fn fill(&mut self) -> Result<(), RowError> {
        self.buffer.drain(..self.start);
        for place in &mut self.broken {
            *place -= self.start;
        }
        self.start = 0;
        match self.text.fill(&mut self.buffer, &mut self.broken) {
            Ok(more) => self.ended = !more,
            Err(error) => {
                self.failed = true;
                let problem = RowProblem::Unreadable(error.to_string());
                return Err(RowError { number: self.line, problem, raw: String::new() });
            }
        }
        Ok(())
    }
}

fn excerpt(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(MAX_RAW_BYTES)];
    String::from_utf8_lossy(bytes).trim_end_matches(['\r', '\n']).to_owned()
}

/// Where the next line begins; the end of the text counts as a line end when it is known.
fn line_end(text: &[u8], ended: bool) -> Option<usize> {
    match text.iter().position(|b| matches!(b, b'\n' | b'\r')) {
        Some(at) if text[at] == b'\r' && text.get(at + 1) == Some(&b'\n') => Some(at + 2),
        Some(at) if text[at] == b'\r' && at + 1 == text.len() && !ended => None,
        Some(at) => Some(at + 1),
        None => ended.then_some(text.len()),
    }
}

fn line_breaks(text: &[u8]) -> u64 {
    let mut count = 0;
    let mut previous = 0;
    for &byte in text {
        if byte == b'\r' || (byte == b'\n' && previous != b'\r') {
            count += 1;
        }
        previous = byte;
    }
    count
}

enum Step {
    /// More text is needed.
    More,
    /// The text has ended.
    End,
    /// An empty line ends at the position.
    Blank,
    /// A record ends at the position.
    Record,
    Malformed(RowProblem),
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    CellStart,
    Plain,
    Quoted,
    /// Behind a quote within a quoted cell: the end of the cell, or the first half of `""`.
    QuoteSeen,
}

/// The scanning of one record; keeps its place when text runs out.
#[derive(Default)]
struct Scan {
    state: State,
    position: usize,
    cell: Vec<u8>,
    cells: Vec<String>,
}

impl Scan {
    fn is_quoted(&self) -> bool {
        self.state == State::Quoted
    }

    fn run(&mut self, text: &[u8], delimiter: u8, ended: bool) -> Step {
        while let Some(&byte) = text.get(self.position) {
            match self.state {
                State::Quoted => {
                    let rest = &text[self.position..];
                    let run = rest.iter().position(|b| *b == b'"').unwrap_or(rest.len());
                    self.cell.extend_from_slice(&rest[..run]);
                    self.position += run;
                    if run < rest.len() {
                        self.position += 1;
                        self.state = State::QuoteSeen;
                    }
                }
                State::CellStart if byte == b'"' => {
                    self.position += 1;
                    self.state = State::Quoted;
                }
                State::QuoteSeen if byte == b'"' => {
                    self.cell.push(b'"');
                    self.position += 1;
                    self.state = State::Quoted;
                }
                _ if byte == delimiter => {
                    self.finish_cell();
                    self.position += 1;
                    self.state = State::CellStart;
                }
                _ if byte == b'\n' || byte == b'\r' => {
                    let Some(length) = break_length(&text[self.position..], ended) else { return Step::More };
                    self.position += length;
                    return self.finish_record();
                }
                State::QuoteSeen => return Step::Malformed(RowProblem::TextAfterQuote),
                State::CellStart | State::Plain => {
                    let rest = &text[self.position..];
                    let run =
                        rest.iter().position(|b| *b == delimiter || matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
                    self.cell.extend_from_slice(&rest[..run]);
                    self.position += run;
                    self.state = State::Plain;
                }
            }
        }
        match self.state {
            _ if !ended => Step::More,
            State::Quoted => Step::Malformed(RowProblem::UnclosedQuote),
            State::CellStart if self.position == 0 => Step::End,
            _ => self.finish_record(),
        }
    }

    fn finish_record(&mut self) -> Step {
        if self.cells.is_empty() && self.state == State::CellStart {
            return Step::Blank;
        }
        self.finish_cell();
        Step::Record
    }

    fn finish_cell(&mut self) {
        // The text is UTF-8 cut at ASCII signs, so nothing is lost here.
        self.cells.push(String::from_utf8_lossy(&self.cell).into_owned());
        self.cell.clear();
    }
}

/// Length of the line break at the start of the text; `None` while a CR may be half of CR LF.
fn break_length(text: &[u8], ended: bool) -> Option<usize> {
    match text {
        [b'\r', b'\n', ..] => Some(2),
        [b'\r'] if !ended => None,
        _ => Some(1),
    }
}
