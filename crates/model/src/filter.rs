//! Filters: which rows are meant. Used by views, rollups, process branches, rules and queries.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Value, literal::one_or_many};

/// A condition over rows of one table and the rows they point at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "FilterSource")]
pub enum Filter {
    /// Every one holds; true when empty.
    All(Vec<Filter>),
    /// At least one holds; false when empty.
    Any(Vec<Filter>),
    /// It does not hold (rows for which it is unknown count as not holding).
    Not(Box<Filter>),
    /// At least one related row satisfies the inner filter (`Not(Related)` for none).
    Related(Related),
    /// Text search over the searchable columns of the table itself: every word must begin a
    /// word of the row.
    Search(String),
    /// A column compared.
    #[serde(untagged)]
    Condition(Condition),
}

/// One column compared with values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Which column; may lead through lookups.
    pub column: Path,
    /// How.
    #[serde(rename = "op")]
    pub operator: Operator,
    /// With what: none, one, two or many, as the operator needs. A single value may be written
    /// `value = 3`.
    #[serde(default, alias = "value", deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// Compare with another column of the same row instead of values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Path>,
}

/// Rows of another table that point here by one of their lookups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Related {
    /// The other table: `task`.
    pub table: String,
    /// Its lookup that points at this row: `regardingobjectid`.
    pub through: String,
    /// What the other row must satisfy.
    pub filter: Box<Filter>,
    /// The row that is pointed at, where it is not this one but one that lookups lead to from here: the way to its
    /// primary key. Programs ask so; it is not written in declarations.
    #[serde(skip)]
    pub at: Option<Path>,
}

/// A column, possibly of a related row: `name`, `parentaccountid.name`,
/// `customerid(account).name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path {
    /// Lookups followed, in order.
    pub steps: Vec<Step>,
    /// The column at the end.
    pub column: String,
}

/// One lookup followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Step {
    /// The lookup column.
    pub lookup: String,
    /// The target table, where the lookup has several.
    pub target: Option<String>,
}

impl Path {
    /// A column of the row itself.
    pub fn column(name: impl Into<String>) -> Self {
        Self { steps: Vec::new(), column: name.into() }
    }

    /// A column of the row that `lookup` points at.
    pub fn through(lookup: impl Into<String>, column: impl Into<String>) -> Self {
        Self { steps: vec![Step { lookup: lookup.into(), target: None }], column: column.into() }
    }

    /// True where no lookup is followed.
    pub fn is_own(&self) -> bool {
        self.steps.is_empty()
    }
}

impl From<&str> for Path {
    /// A column of the row itself, for names known in code.
    fn from(name: &str) -> Self {
        Self::column(name)
    }
}

impl FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts: Vec<&str> = text.split('.').collect();
        let column = parts.pop().unwrap_or_default();
        let steps = parts.into_iter().map(step).collect::<Result<Vec<_>, _>>()?;
        if column.is_empty() || column.contains(['(', ')']) {
            return Err(format!("'{text}' is not a column; write name, lookup.name or lookup(table).name"));
        }
        Ok(Self { steps, column: column.to_owned() })
    }
}

fn step(text: &str) -> Result<Step, String> {
    let (lookup, target) = match text.split_once('(') {
        None => (text, None),
        Some((lookup, rest)) => {
            let target = rest.strip_suffix(')').ok_or_else(|| format!("'{text}' lacks a closing bracket"))?;
            (lookup, Some(target.to_owned()))
        }
    };
    if lookup.is_empty() {
        return Err("a path has an empty step".to_owned());
    }
    Ok(Step { lookup: lookup.to_owned(), target })
}

impl TryFrom<String> for Path {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.to_string()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match &step.target {
                None => write!(out, "{}.", step.lookup)?,
                Some(target) => write!(out, "{}({target}).", step.lookup)?,
            }
        }
        out.write_str(&self.column)
    }
}

/// How a column is compared. The names are FetchXML's, so that views travel.
///
/// Operators on dates mean the caller's time zone; `this`, `last`, `next` week begin on the
/// organisation's first day of the week, fiscal periods on its fiscal year start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each name says what it does, as in FetchXML's reference")]
pub enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    /// `%` and `_` are wildcards.
    Like,
    NotLike,
    BeginsWith,
    NotBeginWith,
    EndsWith,
    NotEndWith,
    Contains,
    NotContains,
    Null,
    NotNull,
    In,
    NotIn,
    Between,
    NotBetween,
    /// Multi-choice columns: any of the values is chosen.
    ContainValues,
    NotContainValues,
    On,
    OnOrBefore,
    OnOrAfter,
    NotOn,
    Today,
    Yesterday,
    Tomorrow,
    ThisWeek,
    LastWeek,
    NextWeek,
    ThisMonth,
    LastMonth,
    NextMonth,
    ThisYear,
    LastYear,
    NextYear,
    #[serde(rename = "last-seven-days")]
    LastSevenDays,
    #[serde(rename = "next-seven-days")]
    NextSevenDays,
    LastXHours,
    NextXHours,
    LastXDays,
    NextXDays,
    LastXWeeks,
    NextXWeeks,
    LastXMonths,
    NextXMonths,
    LastXYears,
    NextXYears,
    #[serde(rename = "olderthan-x-minutes")]
    OlderThanXMinutes,
    #[serde(rename = "olderthan-x-hours")]
    OlderThanXHours,
    #[serde(rename = "olderthan-x-days")]
    OlderThanXDays,
    #[serde(rename = "olderthan-x-weeks")]
    OlderThanXWeeks,
    #[serde(rename = "olderthan-x-months")]
    OlderThanXMonths,
    #[serde(rename = "olderthan-x-years")]
    OlderThanXYears,
    ThisFiscalYear,
    LastFiscalYear,
    NextFiscalYear,
    ThisFiscalPeriod,
    LastFiscalPeriod,
    NextFiscalPeriod,
    LastXFiscalYears,
    NextXFiscalYears,
    LastXFiscalPeriods,
    NextXFiscalPeriods,
    /// One value: the fiscal year's number.
    InFiscalYear,
    /// One value: the quarter, 1 to 4.
    InFiscalPeriod,
    EqUserid,
    NeUserid,
    /// Owned by one of the caller's teams.
    EqUserteams,
    EqUseroruserteams,
    EqBusinessid,
    NeBusinessid,
    /// Self-referencing lookups: below (or equal to, for `or`) the given row in the hierarchy.
    Under,
    EqOrUnder,
    Above,
    EqOrAbove,
}

impl Filter {
    /// A filter that every row passes.
    pub const fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// True for a filter that every row passes.
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::All(parts) if parts.is_empty())
    }

    /// A comparison with one value.
    pub fn compare(column: impl Into<Path>, operator: Operator, value: impl Into<Value>) -> Self {
        Self::Condition(Condition { column: column.into(), operator, values: vec![value.into()], other: None })
    }

    /// `column` equals `value`.
    pub fn eq(column: impl Into<Path>, value: impl Into<Value>) -> Self {
        Self::compare(column, Operator::Eq, value)
    }

    /// `column` is one of `values`.
    pub fn is_in<V: Into<Value>>(column: impl Into<Path>, values: impl IntoIterator<Item = V>) -> Self {
        Self::Condition(Condition {
            column: column.into(),
            operator: Operator::In,
            values: values.into_iter().map(Into::into).collect(),
            other: None,
        })
    }

    /// An operator that needs no value: `today`, `null`, `eq-userid` …
    pub fn unary(column: impl Into<Path>, operator: Operator) -> Self {
        Self::Condition(Condition { column: column.into(), operator, values: Vec::new(), other: None })
    }

    /// The conditions in it, at any depth; those on related rows are left out.
    pub fn conditions(&self) -> Vec<&Condition> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::conditions).collect(),
            Self::Not(inner) => inner.conditions(),
            Self::Condition(condition) => vec![condition],
            Self::Related(_) | Self::Search(_) => Vec::new(),
        }
    }

    /// The row's own columns that the filter speaks of.
    pub fn own_columns(&self) -> Vec<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::own_columns).collect(),
            Self::Not(inner) => inner.own_columns(),
            Self::Condition(condition) => {
                let paths = std::iter::once(&condition.column).chain(&condition.other);
                paths.filter(|path| path.is_own()).map(|path| path.column.as_str()).collect()
            }
            Self::Related(_) | Self::Search(_) => Vec::new(),
        }
    }

    /// The columns that the filter compares, where those are the row's own and compared with values
    /// alone: such a filter can be judged by totals that are grouped by these columns.
    pub fn compared_columns(&self) -> Option<Vec<&str>> {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                Some(parts.iter().map(Self::compared_columns).collect::<Option<Vec<_>>>()?.concat())
            }
            Self::Not(inner) => inner.compared_columns(),
            Self::Condition(condition) => {
                let is_plain = condition.column.is_own() && condition.other.is_none();
                is_plain.then(|| vec![condition.column.column.as_str()])
            }
            Self::Related(_) | Self::Search(_) => None,
        }
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a.is_everything() => b,
            (a, b) if b.is_everything() => a,
            (Self::All(mut parts), Self::All(more)) => {
                parts.extend(more);
                Self::All(parts)
            }
            (first, Self::All(mut parts)) => {
                parts.insert(0, first);
                Self::All(parts)
            }
            (Self::All(mut parts), other) => {
                parts.push(other);
                Self::All(parts)
            }
            (a, b) => Self::All(vec![a, b]),
        }
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::everything()
    }
}

/// A filter as it is written: exactly one of the parts. Read this way, and not as an untagged
/// enum, so that a misspelt key is named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterSource {
    all: Option<Vec<Filter>>,
    any: Option<Vec<Filter>>,
    not: Option<Box<Filter>>,
    related: Option<Related>,
    search: Option<String>,
    column: Option<Path>,
    op: Option<Operator>,
    #[serde(default, alias = "value", deserialize_with = "one_or_many")]
    values: Vec<Value>,
    other: Option<Path>,
}

impl TryFrom<FilterSource> for Filter {
    type Error = String;

    fn try_from(source: FilterSource) -> Result<Self, String> {
        let FilterSource { all, any, not, related, search, column, op, values, other } = source;
        if column.is_none() && (op.is_some() || !values.is_empty() || other.is_some()) {
            return Err("a condition needs a column".to_owned());
        }
        let condition = match (column, op) {
            (None, _) => None,
            (Some(column), None) => return Err(format!("the condition on {column} needs an op, for instance \"eq\"")),
            (Some(column), Some(operator)) => Some(Self::Condition(Condition { column, operator, values, other })),
        };
        let mut parts = [
            all.map(Self::All),
            any.map(Self::Any),
            not.map(Self::Not),
            related.map(Self::Related),
            search.map(Self::Search),
            condition,
        ]
        .into_iter()
        .flatten();
        match (parts.next(), parts.next()) {
            (Some(filter), None) => Ok(filter),
            (None, _) => {
                Err("a filter is one of all, any, not, related, search, or a condition with column and op".to_owned())
            }
            (Some(_), Some(_)) => Err(
                "a filter is only one of all, any, not, related, search or a condition; put several into all = [..]"
                    .to_owned(),
            ),
        }
    }
}
