//! Files to be read, and what was read from them.
use std::io::Write;

use pipewright_tabular::{Detected, Options, RawRow, RowError, Source};
use tempfile::NamedTempFile;

pub struct Table {
    pub detected: Detected,
    pub headers: Vec<String>,
    pub rows: Vec<RawRow>,
    pub errors: Vec<RowError>,
}

impl Table {
    pub fn read(file: &NamedTempFile, options: &Options) -> Self {
        let mut source = Source::open(file.path(), options).unwrap();
        let (mut rows, mut errors) = (Vec::new(), Vec::new());
        for row in source.rows() {
            match row {
                Ok(row) => rows.push(row),
                Err(error) => errors.push(error),
            }
        }
        Self { detected: source.detected().clone(), headers: source.headers().to_vec(), rows, errors }
    }

    pub fn cells(&self) -> Vec<Vec<String>> {
        self.rows.iter().map(|row| row.cells.clone()).collect()
    }
}

pub fn file(content: impl AsRef<[u8]>) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_ref()).unwrap();
    file
}

pub fn open(content: impl AsRef<[u8]>) -> Table {
    Table::read(&file(content), &Options::default())
}
