//! What a file is about: which table, or no data at all.

use std::collections::HashSet;

use language::{in_every_language, tr};
use model::{Model, Table};

use super::{
    Inspected, ProposeOptions, stem,
    words::{self, TABLES},
};
use crate::{
    Error, Result,
    import::{
        compile::{may_fill_table, not_importable},
        matching::normalised,
    },
    process,
};

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
        .then(|| tr!("it holds no rows of its own but names the columns of the other files (a data dictionary)"))
}

/// The table whose rows the file holds.
pub(super) fn table(model: &Model, file: &Inspected, options: &ProposeOptions) -> Result<String> {
    if let Some(name) = &options.table {
        return match model.table(name) {
            Some(table) if may_fill_table(table) => Ok(name.clone()),
            Some(table) => Err(not_importable(&file.name, table)),
            None => Err(Error::Unknown(tr!("there is no table '{name}'", name))),
        };
    }
    let stem = stem(&file.name);
    let candidates = || model.tables.values().filter(|table| may_fill_table(table));
    // A file called as a table that nothing is imported into is not taken for one alike.
    let named = candidates().map(|table| by_name(table, &stem)).max().unwrap_or_default();
    let others = model.tables.values().filter(|table| !may_fill_table(table));
    if let Some((other, table)) = others.map(|table| (by_name(table, &stem), table)).max_by_key(|(score, _)| *score)
        && other > named
    {
        return Err(not_importable(&file.name, table));
    }
    let best = candidates().map(|table| (score(table, file, &stem), table)).max_by_key(|(score, _)| *score);
    match best {
        Some((score, table)) if score > 0 => Ok(table.name.clone()),
        _ => Err(Error::refused(tr!(
            "{}: neither its name nor its columns tell which table its rows belong to; name the table",
            file.name
        ))),
    }
}

/// How well a table fits: its name counts most, then the key that an export of it writes, then
/// columns that it has.
fn score(table: &Table, file: &Inspected, stem: &str) -> usize {
    let by_columns =
        file.columns().iter().filter(|column| words::column(table, &column.header, false).is_some()).count();
    // People who are managed are colleagues, whatever the file is called.
    let headers: Vec<String> = file.columns().iter().map(|column| normalised(&column.header)).collect();
    let about_people =
        headers.iter().any(|header| header == "manager") && headers.iter().any(|header| words::is_seller(header));
    let by_kind = if table.name == "systemuser" && about_people { 600 } else { 0 };
    let has_key = file.columns().iter().any(|column| column.header.trim().eq_ignore_ascii_case(&table.primary_key));
    let by_key = if has_key { 500 } else { 0 };
    let by_name = by_name(table, stem);
    // Paths through stages are meant by their name or key only.
    if process::is_path(table) && by_key == 0 && by_name < 1000 {
        return 0;
    }
    by_name + by_kind + by_key + by_columns * 10
}

fn by_name(table: &Table, stem: &str) -> usize {
    let labels = [&table.label, &table.plural_label].into_iter().flat_map(|label| in_every_language(label));
    let own = [table.name.clone(), table.set_name.clone()].into_iter().chain(labels);
    let said = TABLES.iter().filter(|(name, _)| *name == table.name).flat_map(|(_, words)| words.iter());
    let names: Vec<String> = own.map(|name| normalised(&name)).chain(said.map(|word| normalised(word))).collect();
    if names.iter().any(|name| name == stem) {
        return 1000;
    }
    // Of names within the file's name the longest is meant: an opportunity close is no opportunity.
    let within = names.iter().filter(|name| name.len() >= 4 && stem.contains(name.as_str())).map(String::len).max();
    within.map_or(0, |length| 300 + length)
}
