//! What an import does, as a document: written out, edited by hand, kept in version control.

mod column;
mod outcome;
mod template;

use indexmap::IndexMap;
use language::tr;
use serde::{Deserialize, Serialize};

pub use column::{ColumnPlan, LookupTarget, NewColumn, PersonName, Reading, Target, Unresolved, ValueTarget};
pub use outcome::{Outcome, OutcomePlan};
pub use template::Template;

use crate::{Error, Result};

/// The word by which rows are found by duplicate rules instead of a key.
pub const BY_RULES: &str = "rules";

/// Version of the document's format.
pub const FORMAT: u32 = 1;

/// How some files become rows of some tables; the files in the order they are brought in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Version of the format: 1.
    #[serde(default = "format")]
    pub format: u32,
    /// What people call it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// One for each file, in the order they are brought in.
    #[serde(default, rename = "file", skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FilePlan>,
    /// Files that are no data, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A file that is not brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Its name.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// How one file becomes rows of one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilePlan {
    /// Name of the file, without folders; case does not matter.
    pub name: String,
    /// Logical name of the table.
    pub table: String,
    /// What is done with a row that is there already.
    #[serde(default)]
    pub duplicates: Duplicates,
    /// Columns of the table that together tell whether a row is there already; where there are
    /// none every row is new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Further keys, tried in this order where the one before finds nothing or is not filled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or_key: Vec<Vec<String>>,
    /// Rows that no key finds are looked for by the published duplicate rules, too: those that warn
    /// or block.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_rules: bool,
    /// Words that mean an empty cell (`Select`, `n/a`), in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub empty: Vec<String>,
    /// What a person should know about this part; written by the proposal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// How the file is written, where detection is not to decide.
    #[serde(default, skip_serializing_if = "is_detected")]
    pub read: tabular::Options,
    /// Columns that get the same value in every row.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub constants: IndexMap<String, String>,
    /// Columns put together from several cells, such as `{product} - {account}`; used where no
    /// other part gives the column a value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub compose: IndexMap<String, Template>,
    /// How a word in a cell becomes the state of the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomePlan>,
    /// What becomes of each column of the file.
    #[serde(default, rename = "column", skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnPlan>,
}

/// What is done with a row that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// It stays as it is.
    #[default]
    Skip,
    /// Its columns get the values of the file; empty cells change nothing.
    Update,
    /// Another one is made.
    Create,
}

impl std::str::FromStr for Duplicates {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.trim() {
            "skip" => Ok(Self::Skip),
            "update" => Ok(Self::Update),
            "create" => Ok(Self::Create),
            other => {
                Err(tr!("'{other}' says nothing about rows that are there already; say skip, update or create", other))
            }
        }
    }
}

const fn format() -> u32 {
    FORMAT
}

fn is_detected(options: &tabular::Options) -> bool {
    *options == tabular::Options::default()
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// Tells the line and what would be right.
    pub fn from_toml(text: &str) -> Result<Self> {
        let mapping: Self =
            toml::from_str(text).map_err(|error| Error::Refused(tr!("the mapping cannot be read: {error}", error)))?;
        if mapping.format > FORMAT {
            return Err(Error::Refused(tr!(
                "the mapping has format {}, this release knows formats up to {FORMAT}; use a newer release",
                mapping.format,
                FORMAT
            )));
        }
        Ok(mapping)
    }

    /// The mapping as a file.
    pub fn to_toml(&self) -> Result<String> {
        let text = toml::to_string(self)
            .map_err(|error| Error::Refused(tr!("the mapping cannot be written: {error}", error)))?;
        Ok(text)
    }

    /// Every file finds the rows that are there already by these keys, each a list of columns
    /// with `+` between them, tried in this order; files that do not fill a key pass it over.
    /// The word `rules` stands for the published duplicate rules.
    ///
    /// # Errors
    /// Refused where no file fills one of the keys.
    pub fn find_by(&mut self, keys: &[String]) -> Result<()> {
        let by_rules = keys.iter().any(|key| key.trim().eq_ignore_ascii_case(BY_RULES));
        let keys: Vec<Vec<String>> = keys
            .iter()
            .filter(|key| !key.trim().eq_ignore_ascii_case(BY_RULES))
            .map(|key| key.split('+').map(|name| name.trim().to_lowercase()).collect())
            .collect();
        for key in &keys {
            if !self.files.iter().any(|file| key.iter().all(|name| file.fills(name))) {
                return Err(Error::Unknown(tr!(
                    "no file fills {} so that rows could be found by it; name columns of the table by their logical names, such as emailaddress1",
                    key.join(&tr!(" and "))
                )));
            }
        }
        for file in &mut self.files {
            let own: Vec<Vec<String>> =
                keys.iter().filter(|key| key.iter().all(|name| file.fills(name))).cloned().collect();
            file.by_rules = by_rules;
            if !own.is_empty() || by_rules {
                file.find_by(own);
            }
        }
        Ok(())
    }

    /// Every file treats rows that are there already like this.
    pub fn treat_duplicates(&mut self, how: Duplicates) {
        for file in &mut self.files {
            file.duplicates = how;
        }
    }

    /// The part for a file of this name.
    pub fn file(&self, name: &str) -> Option<&FilePlan> {
        self.files.iter().find(|file| file.name.eq_ignore_ascii_case(name))
    }
}

impl FilePlan {
    /// A plan for `name` that maps nothing yet.
    pub fn new(name: impl Into<String>, table: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            table: table.into(),
            duplicates: Duplicates::Skip,
            key: Vec::new(),
            or_key: Vec::new(),
            by_rules: false,
            empty: Vec::new(),
            notes: Vec::new(),
            read: tabular::Options::default(),
            constants: IndexMap::new(),
            compose: IndexMap::new(),
            outcome: None,
            columns: Vec::new(),
        }
    }

    /// The keys in the order they are tried.
    pub fn keys(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.key).chain(&self.or_key).filter(|key| !key.is_empty())
    }

    /// Rows that are there already are found by these keys, tried in this order.
    pub fn find_by(&mut self, keys: Vec<Vec<String>>) {
        let mut keys = keys.into_iter();
        self.key = keys.next().unwrap_or_default();
        self.or_key = keys.collect();
    }

    /// True where some part of the plan fills this column of the table.
    pub fn fills(&self, name: &str) -> bool {
        self.constants.contains_key(name)
            || self.compose.contains_key(name)
            || self.columns.iter().any(|column| match &column.target {
                Target::PersonName(person) => person.first == name || person.last == name,
                _ => column.to() == Some(name),
            })
    }

    /// What becomes of a column of the file.
    pub fn column(&self, source: &str) -> Option<&ColumnPlan> {
        self.columns.iter().find(|column| column.source == source)
    }
}
