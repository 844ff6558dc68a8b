//! A first pass over the files: how many rows there are, and which words choices would need.

use std::collections::{HashMap, HashSet};

use language::tr;
use tabular::{RowProblem, Source, TabularError};

use super::{
    InputFile,
    matching::folded,
    plan::{FilePlan, Mapping, Target},
};
use crate::{Error, Result};

/// Most different words kept for one column.
const MOST_WORDS: usize = 2_000;

/// The words of columns whose options may be added, in the order they come.
#[derive(Debug, Default)]
pub(super) struct Words {
    by_column: HashMap<(String, String), Vec<String>>,
    /// Rows of all files.
    pub rows: u64,
    /// Headers by file.
    pub headers: HashMap<String, Vec<String>>,
    /// Bytes of all files.
    pub bytes: u64,
}

impl Words {
    /// The words of one column.
    pub fn of(&self, file: &str, source: &str) -> &[String] {
        self.by_column.get(&(file.to_owned(), source.to_owned())).map_or(&[], Vec::as_slice)
    }
}

/// Opens a file as its plan says.
pub(super) fn open(file: &InputFile, read: &tabular::Options) -> Result<Source> {
    let mut options = read.clone();
    options.strip_guard = true;
    Source::open(&file.path, &options).map_err(|error| Error::File(in_words(file, error)))
}

/// What is wrong with a file, by the name that its owner gave it: where it lies meanwhile is
/// nothing to them.
fn in_words(file: &InputFile, error: TabularError) -> String {
    let path = &file.name;
    match error {
        TabularError::Read { source, .. } => {
            tr!("cannot read {path}: {source}; check that the file exists and may be read", path, source)
        }
        TabularError::Empty { .. } => {
            tr!("{path} holds no rows; choose a file (or a sheet) with a header row and data", path)
        }
        TabularError::NotATable { what, .. } => {
            tr!("{path} is {what}; save it as .xlsx or as CSV and use that file", path, what)
        }
        TabularError::Workbook { reason, .. } => tr!(
            "the workbook {path} cannot be read ({reason}); open it in a spreadsheet program and save it again",
            path,
            reason
        ),
        TabularError::UnpacksTooLarge { limit, .. } => tr!(
            "the workbook {path} unpacks to more than {limit}; save the sheet as CSV, or divide it into several workbooks",
            path,
            limit
        ),
        TabularError::Header(error) => tr!(
            "{}: the header row cannot be read: row {}: {}; correct the first row of the file",
            path,
            error.number,
            problem(&error.problem)
        ),
        other => format!("{path}: {other}"),
    }
}

/// What is wrong with a row.
pub(super) fn problem(problem: &RowProblem) -> String {
    match problem {
        RowProblem::UnclosedQuote => {
            tr!("a quotation mark opens a cell and is never closed; close it, or double the marks inside the cell")
        }
        RowProblem::TextAfterQuote => {
            tr!("there is text after a closing quotation mark; double the marks inside the cell")
        }
        RowProblem::TooLarge => {
            tr!("the row is larger than 16 MiB; check the file, in a text file its delimiter and line ends")
        }
        RowProblem::NotInEncoding(encoding) => {
            tr!("there are bytes that are not valid {}; choose the encoding the file was saved in", encoding)
        }
        RowProblem::Unreadable(reason) => tr!("the file cannot be read further: {}", reason),
        RowProblem::Cell(reason) => tr!("a cell of the workbook cannot be read: {}", reason),
        other => other.to_string(),
    }
}

/// Reads all files once.
pub(super) fn scan(files: &[InputFile], mapping: &Mapping) -> Result<Words> {
    let mut words = Words::default();
    for plan in &mapping.files {
        let file = find(files, &plan.name)?;
        scan_file(file, plan, &mut words)?;
    }
    Ok(words)
}

/// The given file that a plan speaks of.
pub(super) fn find<'f>(files: &'f [InputFile], name: &str) -> Result<&'f InputFile> {
    files.iter().find(|file| file.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let given: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        Error::refused(tr!(
            "the mapping speaks of {name}, but that file was not given; given are {}",
            given.join(", "),
            name
        ))
    })
}

fn scan_file(file: &InputFile, plan: &FilePlan, words: &mut Words) -> Result<()> {
    let mut source = open(file, &plan.read)?;
    words.bytes += source.progress().total();
    let headers = source.headers().to_vec();
    let empty: HashSet<String> = plan.empty.iter().map(|word| folded(word)).collect();
    let mut wanted: Vec<(usize, Column<'_>)> = Vec::new();
    for column in &plan.columns {
        let reading = match &column.target {
            Target::Column(target) | Target::NewColumn(target, _) if target.reading.create_options => &target.reading,
            Target::NewColumn(target, new) if new.kind == model::ColumnKind::Choice => &target.reading,
            _ => continue,
        };
        if let Some(position) = headers.iter().position(|header| *header == column.source) {
            wanted
                .push((position, Column { reading, seen: HashSet::new(), words: Vec::new(), source: &column.source }));
        }
    }
    for row in source.rows() {
        words.rows += 1;
        let row = match row {
            Ok(row) => row,
            // Told before anything is written; what only fails later ends the import there.
            Err(error) if matches!(error.problem, tabular::RowProblem::Unreadable(_)) => {
                return Err(Error::File(tr!("{}: row {}: {}", file.name, error.number, problem(&error.problem))));
            }
            Err(_) => continue,
        };
        for (position, column) in &mut wanted {
            let text = row.cells.get(*position).map(|cell| cell.trim()).unwrap_or_default();
            if !text.is_empty() && !empty.contains(&folded(text)) {
                column.add(text);
            }
        }
    }
    for (_, column) in wanted {
        words.by_column.insert((plan.name.clone(), column.source.to_owned()), column.words);
    }
    words.headers.insert(plan.name.clone(), headers);
    Ok(())
}

struct Column<'p> {
    source: &'p str,
    reading: &'p super::plan::Reading,
    seen: HashSet<String>,
    words: Vec<String>,
}

impl Column<'_> {
    fn add(&mut self, text: &str) {
        if self.words.len() >= MOST_WORDS || self.seen.contains(text) {
            return;
        }
        self.seen.insert(text.to_owned());
        let replaced = self.reading.values.iter().find(|(word, _)| folded(word) == folded(text));
        let word = replaced.map_or(text, |(_, meaning)| meaning.as_str());
        if !self.words.iter().any(|known| folded(known) == folded(word)) {
            self.words.push(word.to_owned());
        }
    }
}
