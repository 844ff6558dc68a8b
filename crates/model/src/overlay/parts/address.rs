//! What parts there are and how they are addressed.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use super::{Edited, refuse};
use crate::{ModelError, Problem};

/// The kinds of parts an overlay consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartKind {
    /// `TABLE`: the table itself; of an own one with everything in it.
    Table,
    /// `TABLE/COLUMN`.
    Column,
    /// `TABLE/COLUMN`, or `NAME` for a list of options that several columns share.
    Choice,
    /// `TABLE/COLUMN/NUMBER` or `NAME/NUMBER`; the number `next` lets one be chosen.
    Option,
    /// `TABLE/NUMBER`: what a state is called.
    State,
    /// `TABLE/NUMBER`: a status reason; the number `next` lets one be chosen.
    Status,
    /// `TABLE/COLUMN`, or `TABLE/COLUMN/TARGET` where the lookup has several targets.
    Relationship,
    /// `TABLE/NAME`.
    ManyToMany,
    /// `TABLE/NAME`.
    View,
    /// `TABLE/NAME`.
    Form,
    /// `TABLE/NAME`: totals kept current with every write.
    Summary,
    /// `TABLE/NAME`: columns that together name a row.
    Key,
    /// `TABLE/COLUMN,COLUMN`: a database index, named by its columns; `-COLUMN` for descending.
    Index,
    /// `NAME`: a process flow.
    Process,
    /// `NAME`: a security role.
    Role,
    /// `TABLE/TABLE`: which columns a qualified lead's records take over.
    Mapping,
}

impl PartKind {
    /// All kinds.
    pub const ALL: [Self; 16] = [
        Self::Table,
        Self::Column,
        Self::Choice,
        Self::Option,
        Self::State,
        Self::Status,
        Self::Relationship,
        Self::ManyToMany,
        Self::View,
        Self::Form,
        Self::Summary,
        Self::Key,
        Self::Index,
        Self::Process,
        Self::Role,
        Self::Mapping,
    ];

    /// As it is written: `column`, `many_to_many`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Column => "column",
            Self::Choice => "choice",
            Self::Option => "option",
            Self::State => "state",
            Self::Status => "status",
            Self::Relationship => "relationship",
            Self::ManyToMany => "many_to_many",
            Self::View => "view",
            Self::Form => "form",
            Self::Summary => "summary",
            Self::Key => "key",
            Self::Index => "index",
            Self::Process => "process",
            Self::Role => "role",
            Self::Mapping => "mapping",
        }
    }

    /// How the name of such a part is written.
    pub const fn form(self) -> &'static str {
        match self {
            Self::Table => "TABLE",
            Self::Column => "TABLE/COLUMN",
            Self::Choice => "TABLE/COLUMN, or NAME for a shared choice",
            Self::Option => "TABLE/COLUMN/NUMBER, or NAME/NUMBER for a shared choice",
            Self::State | Self::Status => "TABLE/NUMBER",
            Self::Relationship => "TABLE/COLUMN or TABLE/COLUMN/TARGET",
            Self::ManyToMany | Self::View | Self::Form | Self::Summary | Self::Key => "TABLE/NAME",
            Self::Index => "TABLE/COLUMN or TABLE/COLUMN,COLUMN …, a column with - before it for descending",
            Self::Process | Self::Role => "NAME",
            Self::Mapping => "FROM_TABLE/TO_TABLE",
        }
    }

    const fn segments(self) -> (usize, usize) {
        match self {
            Self::Table | Self::Process | Self::Role => (1, 1),
            Self::Choice => (1, 2),
            Self::Option | Self::Relationship => (2, 3),
            _ => (2, 2),
        }
    }

    pub(super) const fn instead_of_removing(self) -> &'static str {
        match self {
            Self::Option => "; put it with hidden = true, so that it is no longer offered",
            Self::View | Self::Form => "; put it with hidden = true, so that it is no longer shown",
            Self::Summary => "; put it with hidden = true, so that it is no longer kept",
            Self::Process => "; put it with active = false, so that no more rows begin it",
            Self::Role => "; take it from the people and teams that hold it",
            Self::Column => "; take it off the forms and views that show it",
            _ => "",
        }
    }
}

impl FromStr for PartKind {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let wanted = text.replace('-', "_");
        Self::ALL.into_iter().find(|kind| kind.name() == wanted).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Problem::new(text, format!("there is no such kind of part; write {known}")).into()
        })
    }
}

impl Serialize for PartKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Kind and name of a part: `column lead/new_score`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PartAddress {
    /// What it is.
    pub kind: PartKind,
    path: Vec<String>,
}

impl PartAddress {
    /// Reads a name as it is written for this kind of part.
    pub fn new(kind: PartKind, name: &str) -> Result<Self, ModelError> {
        let path: Vec<String> = name.split('/').map(|segment| segment.trim().to_owned()).collect();
        let (least, most) = kind.segments();
        if path.iter().any(String::is_empty) || !(least..=most).contains(&path.len()) {
            return refuse(format!("{} {name}", kind.name()), format!("the name is written {}", kind.form()));
        }
        Ok(Self { kind, path })
    }

    pub(super) fn of<const N: usize>(kind: PartKind, path: [&str; N]) -> Self {
        Self { kind, path: path.map(str::to_owned).to_vec() }
    }

    /// The name: `lead/new_score`.
    pub fn name(&self) -> String {
        self.path.join("/")
    }

    /// The table it belongs to; none for a process, a role and a shared choice.
    pub fn table(&self) -> Option<&str> {
        let shared = match self.kind {
            PartKind::Process | PartKind::Role => true,
            PartKind::Choice => self.path.len() == 1,
            PartKind::Option => self.path.len() == 2,
            _ => false,
        };
        if shared { None } else { self.path.first().map(String::as_str) }
    }

    pub(super) fn path(&self) -> impl Iterator<Item = &str> {
        self.path.iter().map(String::as_str)
    }

    pub(super) fn set_last(&mut self, number: i32) {
        if let Some(last) = self.path.last_mut() {
            *last = number.to_string();
        }
    }
}

impl fmt::Display for PartAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind.name(), self.name())
    }
}

/// A number in an address, or none where it is to be chosen.
pub(super) fn number(place: &str, text: &str) -> Edited<Option<i32>> {
    if text == "next" {
        return Ok(None);
    }
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => refuse(place, format!("'{text}' is not a number; write one, or next to have it chosen")),
    }
}
