//! What a file is about: which table, or no data at all.

use std::collections::HashSet;

use model::{Model, Table};

use super::{
    Inspected, ProposeOptions, stem,
    words::{self, TABLES},
};
use crate::{Error, Result, import::matching::normalised};

/// Why a file is no data: it describes the other files.
pub(super) fn no_data(file: &Inspected, others: &[&Inspected]) -> Option<String> {
    if others.is_empty() {
        return None;
    }
    let speaks_of: HashSet<String> = others
        .iter()
        .flat_map(|other| other.columns().iter().map(|column| normalised(&column.header)).chain([stem(&other.name)]))
        .collect();
    let values: Vec<String> =
        file.columns().iter().flat_map(|column| &column.distinct).map(|value| normalised(&value.value)).collect();
    let speaking = values.iter().filter(|value| speaks_of.contains(*value)).count();
    let is_dictionary = values.len() >= 3 && speaking * 10 >= values.len() * 6;
    is_dictionary
        .then(|| "it holds no rows of its own but names the columns of the other files (a data dictionary)".to_owned())
}

/// The table whose rows the file holds.
pub(super) fn table(model: &Model, file: &Inspected, options: &ProposeOptions) -> Result<String> {
    if let Some(name) = &options.table {
        return match model.table(name) {
            Some(table) if table.importable => Ok(name.clone()),
            Some(table) => Err(Error::refused(format!("{} are not filled by an import", table.plural_label))),
            None => Err(Error::Unknown(format!("there is no table '{name}'"))),
        };
    }
    let stem = stem(&file.name);
    let candidates = model.tables.values().filter(|table| table.importable);
    let best = candidates.map(|table| (score(table, file, &stem), table)).max_by_key(|(score, _)| *score);
    match best {
        Some((score, table)) if score > 0 => Ok(table.name.clone()),
        _ => Err(Error::refused(format!(
            "{}: neither its name nor its columns tell which table its rows belong to; name the table",
            file.name
        ))),
    }
}

/// How well a table fits: its name counts most, then columns that it has.
fn score(table: &Table, file: &Inspected, stem: &str) -> usize {
    let mut names = vec![
        normalised(&table.name),
        normalised(&table.set_name),
        normalised(&table.label),
        normalised(&table.plural_label),
    ];
    names.extend(
        TABLES
            .iter()
            .filter(|(name, _)| *name == table.name)
            .flat_map(|(_, words)| words.iter().map(|word| normalised(word))),
    );
    let by_name = match () {
        () if names.iter().any(|name| name == stem) => 1000,
        () if names.iter().any(|name| name.len() >= 4 && stem.contains(name.as_str())) => 300,
        () => 0,
    };
    let by_columns = file.columns().iter().filter(|column| words::column(table, &column.header).is_some()).count();
    // People who are managed are colleagues, whatever the file is called.
    let headers: Vec<String> = file.columns().iter().map(|column| normalised(&column.header)).collect();
    let about_people =
        headers.iter().any(|header| header == "manager") && headers.iter().any(|header| words::is_seller(header));
    let by_kind = if table.name == "systemuser" && about_people { 600 } else { 0 };
    by_name + by_kind + by_columns * 10
}
