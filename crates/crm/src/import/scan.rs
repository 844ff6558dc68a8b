//! A first pass over the files: how many rows there are, and which words choices would need.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use tabular::{Source, TabularError};

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
    let path = PathBuf::from(&file.name);
    let named = match error {
        TabularError::Read { source, .. } => TabularError::Read { path, source },
        TabularError::Empty { .. } => TabularError::Empty { path },
        TabularError::NotATable { what, .. } => TabularError::NotATable { path, what },
        TabularError::Workbook { reason, .. } => TabularError::Workbook { path, reason },
        TabularError::UnpacksTooLarge { limit, .. } => TabularError::UnpacksTooLarge { path, limit },
        other => return format!("{}: {other}", file.name),
    };
    named.to_string()
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
        Error::refused(format!(
            "the mapping speaks of {name}, but that file was not given; given are {}",
            given.join(", ")
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
                return Err(Error::File(format!("{}: {error}", file.name)));
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
