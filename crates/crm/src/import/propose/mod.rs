//! The mapping that proposes itself.

mod columns;
mod countries;
mod inspect;
mod order;
mod outcome;
mod purpose;
mod words;

use language::tr;
use model::Model;

pub use inspect::Inspected;

use super::{
    InputFile,
    matching::normalised,
    plan::{LeftOut, Mapping},
};
use crate::{Error, Organization, Result};

/// What the proposal may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposeOptions {
    /// Columns, options and named rows that are missing may be made.
    pub create_missing: bool,
    /// Prefix of columns that are made: `new`.
    pub prefix: String,
    /// The table, where the caller knows it; applies to all files.
    pub table: Option<String>,
}

impl Default for ProposeOptions {
    fn default() -> Self {
        Self { create_missing: false, prefix: "new".to_owned(), table: None }
    }
}

/// A proposed mapping with what was found in the files.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What it would do.
    pub mapping: Mapping,
    /// What was found in each file.
    pub files: Vec<Inspected>,
}

/// What every part of the proposal looks at.
pub(super) struct Ground<'a> {
    pub model: &'a Model,
    pub organization: &'a Organization,
    pub options: &'a ProposeOptions,
    pub files: &'a [Inspected],
    /// The table of each file; none for a file that is no data.
    pub tables: Vec<Option<String>>,
}

/// Looks into the files and says what it would do with them.
pub(super) fn propose(
    model: &Model,
    organization: &Organization,
    files: &[InputFile],
    options: &ProposeOptions,
) -> Result<Proposal> {
    let inspected = files.iter().map(inspect::inspect).collect::<Result<Vec<_>>>()?;
    let mut left_out = Vec::new();
    let mut tables = Vec::new();
    for (place, file) in inspected.iter().enumerate() {
        if let Some(reason) = purpose::no_data(file, &others(&inspected, place)) {
            left_out.push(LeftOut { file: file.name.clone(), reason });
            tables.push(None);
        } else {
            tables.push(Some(purpose::table(model, file, options)?));
        }
    }
    let ground = Ground { model, organization, options, files: &inspected, tables };
    let mut plans = Vec::new();
    for (place, table) in ground.tables.iter().enumerate() {
        if let Some(table) = table.as_ref().and_then(|name| model.table(name)) {
            plans.push(columns::plan(&ground, place, table));
        }
    }
    if plans.is_empty() {
        return Err(Error::refused(tr!("none of the files holds rows that could be brought in")));
    }
    let plans = order::dependencies_first(model, plans);
    let name = plans.iter().map(|plan| plan.name.as_str()).collect::<Vec<_>>().join(", ");
    let mapping = Mapping { format: super::plan::FORMAT, name, files: plans, left_out };
    Ok(Proposal { mapping, files: inspected })
}

fn others(files: &[Inspected], place: usize) -> Vec<&Inspected> {
    files.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, file)| file).collect()
}

/// The file name without its ending, normalised.
fn stem(name: &str) -> String {
    normalised(name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}
