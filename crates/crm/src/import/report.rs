//! What became of an import, in numbers and in words.

use language::{tr, translated};
use model::Table;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{compile::Compiled, plan::Duplicates};

/// Row numbers named with a warning.
const EXAMPLES: usize = 5;
/// Different warnings kept for a file; further ones are counted only.
const KINDS: usize = 500;

/// What became of an import.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// The `importjob` row.
    pub job: Option<Uuid>,
    /// What ties together all that was written, by which it is undone.
    pub act: Uuid,
    /// Nothing was written; this is what would have been.
    pub dry_run: bool,
    /// Stopped before the end; what is in stays and can be undone.
    pub canceled: bool,
    /// Why it broke off, where it did; what is in stays and can be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broke_off: Option<String>,
    /// It broke off because the process that ran it ended without a word.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// Columns and options added to the model.
    pub customisations: Vec<String>,
    /// One for each file.
    pub files: Vec<FileReport>,
    /// Files that were left out, with the reason.
    pub left_out: Vec<super::plan::LeftOut>,
    /// How long it took.
    pub seconds: f64,
}

/// What became of one file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FileReport {
    /// Its name.
    pub file: String,
    /// The table filled.
    pub table: String,
    /// Rows read.
    pub rows: u64,
    /// Rows made.
    pub created: u64,
    /// Rows that were there and changed.
    pub updated: u64,
    /// Rows that were there and hold the same.
    pub unchanged: u64,
    /// Rows that were there and stayed as they are.
    pub skipped: u64,
    /// Rows that did not come in.
    pub failed: u64,
    /// Rows that nobody got to, because the import ended before.
    pub unreached: u64,
    /// By which columns rows that are there already were found, in words.
    pub found_by: String,
    /// What was done with them.
    pub duplicates: Duplicates,
    /// Rows of other tables made because the file names them, by table.
    pub created_besides: indexmap::IndexMap<String, u64>,
    /// What the mapping says about this file.
    pub notes: Vec<String>,
    /// What a person should look at; the same ones together.
    pub warnings: Vec<Warning>,
    /// How often there was something else to look at, of more kinds than are listed.
    pub unlisted: u64,
    /// The rows that did not come in or were not reached, as stored files that follow each other.
    pub failed_rows: Vec<Uuid>,
}

/// The keys of a file in words: `E-mail, else Name`; empty where every row is new.
pub fn found_by<'k>(table: &Table, keys: impl Iterator<Item = &'k Vec<String>>) -> String {
    let label = |name: &String| match table.column(name) {
        Some(_) if *name == table.primary_key => tr!("its key ({name})", name),
        Some(column) => translated(&column.label).into_owned(),
        None => name.clone(),
    };
    let keys: Vec<String> = keys.map(|key| key.iter().map(label).collect::<Vec<_>>().join(&tr!(" and "))).collect();
    keys.join(&tr!(", else "))
}

/// Something to look at, with how often it happened and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What is the matter.
    pub message: String,
    /// How many rows.
    pub count: u64,
    /// The first of them, by their number in the file.
    pub rows: Vec<u64>,
}

impl Report {
    /// True where every row of every file is in.
    pub fn is_complete(&self) -> bool {
        !self.canceled && self.broke_off.is_none() && self.files.iter().all(|file| file.failed == 0)
    }

    /// Rows that did not come in.
    pub fn failed(&self) -> u64 {
        self.files.iter().map(|file| file.failed).sum()
    }

    /// Rows that nobody got to.
    pub fn unreached(&self) -> u64 {
        self.files.iter().map(|file| file.unreached).sum()
    }
}

impl FileReport {
    /// Of a file that is brought in now.
    pub(super) fn of(file: &Compiled) -> Self {
        let by_keys = found_by(&file.table, file.keys.iter());
        let by_rules = file.by_rules.then(|| tr!("the duplicate rules"));
        let found_by: Vec<String> =
            Some(by_keys).filter(|_| !file.keys.is_empty() || !file.by_rules).into_iter().chain(by_rules).collect();
        Self {
            file: file.name.clone(),
            table: file.table.name.clone(),
            found_by: found_by.join(&tr!(", else ")),
            duplicates: file.duplicates,
            notes: file.notes.clone(),
            ..Self::default()
        }
    }

    /// Notes that `message` holds for a row.
    pub(super) fn warn(&mut self, message: &str, row: u64) {
        self.warn_many(message, 1, &[row]);
    }

    pub(super) fn warn_many(&mut self, message: &str, count: u64, rows: &[u64]) {
        let place = match self.warnings.iter().position(|warning| warning.message == message) {
            Some(place) => place,
            None if self.warnings.len() >= KINDS => {
                self.unlisted += count;
                return;
            }
            None => {
                self.warnings.push(Warning { message: message.to_owned(), count: 0, rows: Vec::new() });
                self.warnings.len() - 1
            }
        };
        let warning = &mut self.warnings[place];
        warning.count += count;
        let room = EXAMPLES.saturating_sub(warning.rows.len());
        warning.rows.extend(rows.iter().take(room));
    }

    /// Adds what one batch did.
    pub(super) fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.skipped += other.skipped;
        self.failed += other.failed;
        self.unlisted += other.unlisted;
        for (table, count) in &other.created_besides {
            *self.created_besides.entry(table.clone()).or_default() += count;
        }
        for warning in &other.warnings {
            self.warn_many(&warning.message, warning.count, &warning.rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_of_more_kinds_than_are_listed_are_counted_over_all_batches() {
        let mut whole = FileReport::default();
        for batch in 0..2 {
            let mut part = FileReport::default();
            for kind in 0..KINDS + 3 {
                part.warn(&format!("{batch}: {kind}"), 1);
            }
            assert_eq!((part.warnings.len(), part.unlisted), (KINDS, 3));
            whole.add(&part);
        }
        assert_eq!((whole.warnings.len(), whole.unlisted), (KINDS, KINDS as u64 + 6));
        whole.warn("0: 0", 2);
        assert_eq!((whole.warnings[0].count, whole.unlisted), (2, KINDS as u64 + 6), "a known kind is listed");
    }
}
