//! The shipped files, and any other folder of the same shape: `TABLE/{table,views,forms}.toml`,
//! `_shared/NAME.toml`, `_processes/NAME.toml`, `_roles/NAME.toml` and `_mappings/FROM_TO.toml`.

use std::{collections::BTreeMap, sync::OnceLock};

use include_dir::{Dir, include_dir};
use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use crate::{
    ChoiceDeclaration, ModelError, Problem, Process, ProcessVersion, Role, TableDeclaration, TableMapping,
    source::{FormsFile, SharedFile, ViewsFile},
};

static BASE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/base");

/// Everything declared, before it is checked as a whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct Declarations {
    pub tables: IndexMap<String, TableDeclaration>,
    pub processes: Vec<Process>,
    /// Earlier versions of them, from an overlay.
    pub process_versions: Vec<ProcessVersion>,
    pub mappings: Vec<TableMapping>,
    pub roles: IndexMap<String, Role>,
    /// Lists of options that several columns share; none is shipped.
    pub choices: IndexMap<String, ChoiceDeclaration>,
    /// Column groups that tables may include, also those of an overlay.
    pub shared: BTreeMap<String, SharedFile>,
}

impl Declarations {
    /// The shipped app, read once.
    pub fn base() -> Result<&'static Self, ModelError> {
        static READ: OnceLock<Result<Declarations, ModelError>> = OnceLock::new();
        let read = READ.get_or_init(|| {
            let mut files = Vec::new();
            collect(&BASE, &mut files);
            Self::read(files)
        });
        read.as_ref().map_err(Clone::clone)
    }

    /// Reads files given as path and text. All mistakes of all files are told.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, ModelError> {
        let mut reading = Reading::default();
        for (path, text) in files.into_iter().collect::<BTreeMap<_, _>>() {
            reading.file(path, text);
        }
        reading.finish()
    }
}

fn collect(folder: &'static Dir<'static>, files: &mut Vec<(&'static str, &'static str)>) {
    for file in folder.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            files.push((path, text));
        }
    }
    folder.dirs().for_each(|inner| collect(inner, files));
}

#[derive(Default)]
struct Reading {
    read: Declarations,
    views: Vec<(String, ViewsFile)>,
    forms: Vec<(String, FormsFile)>,
    problems: Vec<Problem>,
}

impl Reading {
    fn file(&mut self, path: &str, text: &str) {
        let Some((folder, name)) = path.split_once('/') else {
            self.problem(
                path,
                "files stand in a folder named as their table, or in _shared, _processes, _roles or _mappings",
            );
            return;
        };
        let Some(stem) = name.strip_suffix(".toml") else {
            self.problem(path, "only .toml files belong here");
            return;
        };
        match (folder, stem) {
            ("_shared", _) => {
                if let Some(mut shared) = self.parse::<SharedFile>(path, text) {
                    locate(&mut shared.columns, path, text);
                    self.read.shared.insert(stem.to_owned(), shared);
                }
            }
            ("_processes", _) => {
                let process = self.parse::<Process>(path, text);
                if process.as_ref().is_some_and(|process| process.name != stem) {
                    self.problem(path, "the file must be named as the process");
                }
                self.read.processes.extend(process);
            }
            ("_mappings", _) => {
                let mapping = self.parse::<TableMapping>(path, text);
                if mapping.as_ref().is_some_and(|mapping| format!("{}_{}", mapping.from, mapping.to) != stem) {
                    self.problem(path, "the file must be named FROM_TO.toml after its two tables");
                }
                self.read.mappings.extend(mapping);
            }
            ("_roles", _) => {
                let role = self.parse::<Role>(path, text);
                self.read.roles.extend(role.map(|role| (stem.to_owned(), role)));
            }
            (_, "table") => {
                if let Some(mut table) = self.parse::<TableDeclaration>(path, text) {
                    locate(&mut table.columns, path, text);
                    self.read.tables.insert(folder.to_owned(), table);
                }
            }
            (_, "views") => {
                let views = self.parse(path, text);
                self.views.extend(views.map(|views| (folder.to_owned(), views)));
            }
            (_, "forms") => {
                let forms = self.parse(path, text);
                self.forms.extend(forms.map(|forms| (folder.to_owned(), forms)));
            }
            _ => self.problem(path, "a table's folder holds table.toml, views.toml and forms.toml"),
        }
    }

    fn parse<T: DeserializeOwned>(&mut self, path: &str, text: &str) -> Option<T> {
        match toml::from_str(text) {
            Ok(read) => Some(read),
            Err(error) => {
                self.problems.push(toml_problem(path, text, &error));
                None
            }
        }
    }

    fn problem(&mut self, place: &str, message: &str) {
        self.problems.push(Problem::new(place, message));
    }

    fn finish(mut self) -> Result<Declarations, ModelError> {
        for (name, table) in &mut self.read.tables {
            include(name, table, &self.read.shared, &mut self.problems);
        }
        let mut lost = Vec::new();
        for (folder, file) in self.views {
            match self.read.tables.get_mut(&folder) {
                Some(table) => table.views.extend(file.views),
                None => lost.push(format!("{folder}/views.toml")),
            }
        }
        for (folder, file) in self.forms {
            match self.read.tables.get_mut(&folder) {
                Some(table) => table.forms.extend(file.forms),
                None => lost.push(format!("{folder}/forms.toml")),
            }
        }
        let lost = lost.into_iter().map(|place| Problem::new(place, "there is no (sound) table.toml beside it"));
        self.problems.extend(lost);
        if self.problems.is_empty() { Ok(self.read) } else { Err(ModelError { problems: self.problems }) }
    }
}

/// Takes the shared columns in, before the table's own; what the table declares itself wins.
pub(crate) fn include(
    name: &str,
    table: &mut TableDeclaration,
    shared: &BTreeMap<String, SharedFile>,
    problems: &mut Vec<Problem>,
) {
    let own = std::mem::take(&mut table.columns);
    for group in std::mem::take(&mut table.include) {
        let Some(group) = shared.get(&group) else {
            problems.push(Problem::new(
                format!("{name}/table.toml"),
                format!("there is no _shared/{group}.toml to include"),
            ));
            continue;
        };
        table.columns.extend(group.columns.clone());
        let declared = |relationship: &crate::RelationshipDeclaration, table: &TableDeclaration| {
            table.relationships.iter().any(|own| own.column == relationship.column && own.target == relationship.target)
        };
        for relationship in &group.relationships {
            if !declared(relationship, table) {
                table.relationships.push(relationship.clone());
            }
        }
        table.indexes.extend(group.indexes.clone());
    }
    table.columns.extend(own);
}

/// Remembers where each column stands, for later messages.
fn locate(columns: &mut IndexMap<String, crate::ColumnDeclaration>, path: &str, text: &str) {
    for (name, column) in columns {
        let heading = format!("[columns.{name}]");
        let line = text.lines().position(|line| line.trim() == heading);
        column.place = line.map_or_else(|| path.to_owned(), |line| format!("{path}:{}", line + 1));
    }
}

/// A mistake the TOML reader found, with its line.
pub(crate) fn toml_problem(place: &str, text: &str, error: &toml::de::Error) -> Problem {
    let place = match error.span() {
        Some(span) => format!("{place}:{}", line_of(text, span.start)),
        None => place.to_owned(),
    };
    Problem::new(place, error.message())
}

/// The line, counted from 1, in which a byte stands.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
