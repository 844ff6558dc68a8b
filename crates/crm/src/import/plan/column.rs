//! What becomes of one column of a file.

use indexmap::IndexMap;
use language::tr;
use model::ColumnKind;
use serde::{Deserialize, Serialize};
use tabular::{DateOrder, NumberStyle};

use super::Template;

/// What becomes of one column of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct ColumnPlan {
    /// Header in the file.
    pub source: String,
    /// Where its cells go.
    pub target: Target,
    /// What a person should know.
    pub note: Option<String>,
}

/// Where cells go.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Into a column.
    Column(ValueTarget),
    /// Into a column that is added to the table first.
    NewColumn(ValueTarget, NewColumn),
    /// Into a lookup: the cell names a row of another table.
    Lookup(LookupTarget),
    /// First and last name in one cell.
    PersonName(PersonName),
    /// A product: becomes a product line of the opportunity.
    ProductLine(LookupTarget),
    /// Used by another part of the plan only: the outcome, a composed column.
    Part,
    /// Nowhere, for this reason.
    Ignore(String),
}

/// A column and how its cells are read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ValueTarget {
    /// Logical name.
    pub to: String,
    /// How cells are read.
    pub reading: Reading,
}

/// How cells are read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// Order of day, month and year; what the file's own dates show where absent.
    pub dates: Option<DateOrder>,
    /// Which sign stands before the fraction.
    pub numbers: Option<NumberStyle>,
    /// Words that mean yes, beside the usual ones.
    pub yes: Vec<String>,
    /// Words that mean no, beside the usual ones.
    pub no: Vec<String>,
    /// What a word of the file is called here: `technolgy = "Technology"`.
    pub values: IndexMap<String, String>,
    /// Options that are missing are added to the choice.
    pub create_options: bool,
    /// What is done with a cell that cannot be understood.
    pub unresolved: Unresolved,
}

/// What is done with a cell that cannot be understood or resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unresolved {
    /// The row does not come in; it goes to the failed rows with the reason.
    #[default]
    Fail,
    /// The column is left empty and the report tells it.
    Empty,
}

/// Declares a column that the import adds.
#[derive(Debug, Clone, PartialEq)]
pub struct NewColumn {
    /// What people read.
    pub label: String,
    /// Type.
    pub kind: ColumnKind,
    /// Text: characters.
    pub length: Option<u32>,
    /// Decimals: places.
    pub precision: Option<u32>,
    /// Its values are different in every row, so that a row is found by it.
    pub unique: bool,
}

/// Finds the row that a cell names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LookupTarget {
    /// The lookup column.
    pub to: String,
    /// The tables looked in. A name that leads to rows of several is reported, never guessed.
    pub tables: Vec<String>,
    /// The columns looked in, the first with a match counts; where a table has none of them, its
    /// name is.
    pub by: Vec<String>,
    /// What a word of the file is called here.
    pub values: IndexMap<String, String>,
    /// A row that is missing is made, with this name.
    pub create_missing: bool,
    /// Columns a made row gets; `{name}` stands for the cell that named it.
    pub with: IndexMap<String, Template>,
    /// Columns a made row takes from the row that names it.
    pub same: Vec<String>,
    /// What is done where no row is found.
    pub unresolved: Unresolved,
}

/// The columns for first and last name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// Column of the first names: everything before the last word.
    pub first: String,
    /// Column of the last name.
    pub last: String,
}

/// A column plan as it stands in the file: flat, `as` says which of the keys count.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    source: String,
    #[serde(rename = "as")]
    way: Way,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tables: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<ColumnKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    precision: Option<u32>,
    #[serde(default, skip_serializing_if = "is_no")]
    unique: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dates: Option<DateOrder>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numbers: Option<NumberStyle>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    yes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    no: Vec<String>,
    #[serde(default, skip_serializing_if = "is_no")]
    create_options: bool,
    #[serde(default, skip_serializing_if = "is_no")]
    create_missing: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    same: Vec<String>,
    #[serde(default, skip_serializing_if = "is_failing")]
    unresolved: Unresolved,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    with: IndexMap<String, Template>,
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    values: IndexMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    #[default]
    Column,
    NewColumn,
    Lookup,
    PersonName,
    ProductLine,
    Part,
    Ignore,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_no(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_failing(value: &Unresolved) -> bool {
    *value == Unresolved::Fail
}

impl TryFrom<Written> for ColumnPlan {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let source = written.source.clone();
        let note = written.note.clone();
        let missing = |key: &str| tr!("the column {} needs {key} = \"…\"", format!("{source:?}"), key);
        let target = match written.way {
            Way::Column => Target::Column(value_target(&written, &missing)?),
            Way::NewColumn => {
                let new = NewColumn {
                    label: written.label.clone().unwrap_or_else(|| source.clone()),
                    kind: written.kind.ok_or_else(|| missing("type"))?,
                    length: written.length,
                    precision: written.precision,
                    unique: written.unique,
                };
                Target::NewColumn(value_target(&written, &missing)?, new)
            }
            Way::Lookup => Target::Lookup(lookup_target(&written, &missing, true)?),
            Way::ProductLine => Target::ProductLine(lookup_target(&written, &missing, false)?),
            Way::PersonName => Target::PersonName(PersonName {
                first: written.first.clone().unwrap_or_else(|| "firstname".to_owned()),
                last: written.last.clone().unwrap_or_else(|| "lastname".to_owned()),
            }),
            Way::Part => Target::Part,
            Way::Ignore => Target::Ignore(written.reason.clone().unwrap_or_else(|| tr!("left out by the mapping"))),
        };
        Ok(Self { source, target, note })
    }
}

fn value_target(written: &Written, missing: &impl Fn(&str) -> String) -> Result<ValueTarget, String> {
    Ok(ValueTarget {
        to: written.to.clone().ok_or_else(|| missing("to"))?,
        reading: Reading {
            dates: written.dates,
            numbers: written.numbers,
            yes: written.yes.clone(),
            no: written.no.clone(),
            values: written.values.clone(),
            create_options: written.create_options,
            unresolved: written.unresolved,
        },
    })
}

fn lookup_target(written: &Written, missing: &impl Fn(&str) -> String, to: bool) -> Result<LookupTarget, String> {
    let to = match &written.to {
        Some(column) => column.clone(),
        None if to => return Err(missing("to")),
        None => "productid".to_owned(),
    };
    let mut tables: Vec<String> = written.table.iter().chain(&written.tables).cloned().collect();
    if tables.is_empty() {
        match written.way {
            Way::ProductLine => tables.push("product".to_owned()),
            _ => return Err(missing("table")),
        }
    }
    Ok(LookupTarget {
        to,
        tables,
        by: written.by.clone(),
        values: written.values.clone(),
        create_missing: written.create_missing,
        with: written.with.clone(),
        same: written.same.clone(),
        unresolved: written.unresolved,
    })
}

impl From<ColumnPlan> for Written {
    fn from(plan: ColumnPlan) -> Self {
        let mut written = Self { source: plan.source, note: plan.note, ..Self::default() };
        match plan.target {
            Target::Column(target) => written.put_value(Way::Column, target),
            Target::NewColumn(target, new) => {
                written.put_value(Way::NewColumn, target);
                written.label = Some(new.label);
                written.kind = Some(new.kind);
                written.length = new.length;
                written.precision = new.precision;
                written.unique = new.unique;
            }
            Target::Lookup(target) => written.put_lookup(Way::Lookup, target),
            Target::ProductLine(target) => written.put_lookup(Way::ProductLine, target),
            Target::PersonName(name) => {
                written.way = Way::PersonName;
                written.first = Some(name.first);
                written.last = Some(name.last);
            }
            Target::Part => written.way = Way::Part,
            Target::Ignore(reason) => {
                written.way = Way::Ignore;
                written.reason = Some(reason);
            }
        }
        written
    }
}

impl Written {
    fn put_value(&mut self, way: Way, target: ValueTarget) {
        self.way = way;
        self.to = Some(target.to);
        self.dates = target.reading.dates;
        self.numbers = target.reading.numbers;
        self.yes = target.reading.yes;
        self.no = target.reading.no;
        self.values = target.reading.values;
        self.create_options = target.reading.create_options;
        self.unresolved = target.reading.unresolved;
    }

    fn put_lookup(&mut self, way: Way, target: LookupTarget) {
        self.way = way;
        self.to = Some(target.to);
        match <[String; 1]>::try_from(target.tables) {
            Ok([only]) => self.table = Some(only),
            Err(several) => self.tables = several,
        }
        self.by = target.by;
        self.values = target.values;
        self.create_missing = target.create_missing;
        self.with = target.with;
        self.same = target.same;
        self.unresolved = target.unresolved;
    }
}

impl ColumnPlan {
    /// `source` goes to `target`.
    pub fn new(source: impl Into<String>, target: Target) -> Self {
        Self { source: source.into(), target, note: None }
    }

    /// With a word to the person who reads the mapping.
    #[must_use]
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The column of the table that is filled, where it is one.
    pub fn to(&self) -> Option<&str> {
        match &self.target {
            Target::Column(target) | Target::NewColumn(target, _) => Some(&target.to),
            Target::Lookup(target) => Some(&target.to),
            Target::PersonName(name) => Some(&name.last),
            Target::ProductLine(_) | Target::Part | Target::Ignore(_) => None,
        }
    }
}

impl LookupTarget {
    /// The tables as people read them in a message: `account or contact`.
    pub fn tables_in_words(&self) -> String {
        self.tables.join(&tr!(" or "))
    }
}

impl ValueTarget {
    /// Into this column, read as usual.
    pub fn of(to: impl Into<String>) -> Self {
        Self { to: to.into(), reading: Reading::default() }
    }
}
