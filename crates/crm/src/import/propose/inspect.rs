//! What is in a file.

use std::collections::HashSet;

use tabular::{ColumnProfile, Detected, Profile};

use crate::{
    Result,
    import::{InputFile, matching::normalised, scan},
};

/// Rows looked at; what comes later is met when the file is brought in.
const MOST_ROWS: usize = 100_000;
/// Different values of a column kept to compare files with each other.
const MOST_VALUES: usize = 20_000;

/// What was found in a file.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// Its name.
    pub name: String,
    /// How it is written.
    pub detected: Detected,
    /// What its columns seem to hold.
    pub profile: Profile,
    /// Rows that cannot be read.
    pub unreadable: u64,
    /// Different values by column, normalised; none where there are too many.
    pub(super) values: Vec<Option<HashSet<String>>>,
    /// Columns whose every value is different.
    pub(super) unique: Vec<bool>,
}

impl Inspected {
    /// The columns.
    pub fn columns(&self) -> &[ColumnProfile] {
        &self.profile.columns
    }

    pub(super) fn place_of(&self, header: &str) -> Option<usize> {
        self.profile.columns.iter().position(|column| column.header == header)
    }

    /// No two rows have the same value here; some may have none.
    pub(super) fn differs(&self, place: usize) -> bool {
        self.profile.rows > 0 && self.unique[place] && self.profile.columns[place].filled > 0
    }

    /// Every row has a value here, each another one.
    pub(super) fn is_key(&self, place: usize) -> bool {
        self.profile.rows > 0 && self.unique[place] && self.profile.columns[place].filled == self.profile.rows
    }
}

/// Reads a file from its beginning.
pub(super) fn inspect(file: &InputFile) -> Result<Inspected> {
    let mut source = scan::open(file, &tabular::Options::default())?;
    let headers = source.headers().to_vec();
    let mut values: Vec<Option<HashSet<String>>> = headers.iter().map(|_| Some(HashSet::new())).collect();
    let mut exact: Vec<Option<HashSet<String>>> = headers.iter().map(|_| Some(HashSet::new())).collect();
    let mut repeats = vec![false; headers.len()];
    let mut unreadable = 0;
    let rows = source.rows().take(MOST_ROWS).filter_map(|row| {
        let Ok(row) = row else {
            unreadable += 1;
            return None;
        };
        for (place, cell) in row.cells.iter().enumerate().take(headers.len()) {
            let text = cell.trim();
            if text.is_empty() {
                continue;
            }
            if !repeats[place]
                && let Some(known) = &mut exact[place]
                && !known.insert(text.to_lowercase())
            {
                repeats[place] = true;
                exact[place] = None;
            }
            note(&mut values[place], text);
        }
        Some(row)
    });
    let mut profile = Profile::of(&headers, rows);
    profile.settle_dates();
    let unique = repeats.iter().map(|repeats| !repeats).collect();
    Ok(Inspected { name: file.name.clone(), detected: source.detected().clone(), profile, unreadable, values, unique })
}

fn note(values: &mut Option<HashSet<String>>, text: &str) {
    let Some(known) = values else { return };
    known.insert(normalised(text));
    if known.len() > MOST_VALUES {
        *values = None;
    }
}
