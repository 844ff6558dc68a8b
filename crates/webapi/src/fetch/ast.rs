//! The tree of a query, as it is written; names are just text here.

use crm::{AggregateFunction, DatePart};

/// A whole query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fetch {
    /// Only the first rows, without pages.
    pub top: Option<u32>,
    /// Rows of a page.
    pub count: Option<u32>,
    /// Which page, from 1.
    pub page: Option<u32>,
    /// Where the page before ended, as the answer gave it.
    pub cookie: Option<String>,
    /// Repeated rows are left out.
    pub distinct: bool,
    /// Groups instead of rows.
    pub aggregate: bool,
    /// Also count all rows.
    pub total: bool,
    /// Lookups are sorted by their keys instead of by the names of what they point at.
    pub raw_order: bool,
    /// The table and what is asked of it.
    pub entity: Entity,
}

/// A table and what is asked of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entity {
    /// Logical name.
    pub name: String,
    /// All columns.
    pub all: bool,
    /// Columns by name.
    pub attributes: Vec<Attribute>,
    /// Which rows: all of these hold.
    pub filters: Vec<Group>,
    /// Tables joined in.
    pub links: Vec<Link>,
    /// In which order.
    pub orders: Vec<Order>,
}

/// A column asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Logical name.
    pub name: String,
    /// Name in the answer.
    pub alias: Option<String>,
    /// What is done with it.
    pub role: Role,
}

/// What is done with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is shown.
    Shown,
    /// It is combined over each group.
    Combined(AggregateFunction),
    /// The rows of each group are counted, whatever it holds.
    Counted,
    /// It is grouped by, a date perhaps by a part of it.
    Grouped(Option<DatePart>),
}

/// Conditions and what is between them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// At least one holds; otherwise all.
    pub any: bool,
    /// The parts.
    pub parts: Vec<Part>,
}

/// A part of a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A filter in the filter.
    Group(Group),
    /// A comparison.
    Condition(Condition),
    /// Whether there are rows of another table.
    Link(Box<Link>),
}

/// A column compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Condition {
    /// The alias of the link-entity that the column belongs to, where it is another's.
    pub entity: Option<String>,
    /// The column.
    pub attribute: String,
    /// How, as it is written.
    pub operator: String,
    /// With what.
    pub values: Vec<String>,
    /// With which other column instead: `name` or `alias.name`.
    pub other: Option<String>,
}

/// Another table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Link {
    /// The table and what is asked of it.
    pub entity: Entity,
    /// Its column.
    pub from: String,
    /// The column of the table around it that is equal.
    pub to: String,
    /// The name it goes by.
    pub alias: Option<String>,
    /// What becomes of rows with and without partners.
    pub kind: LinkKind,
}

/// What becomes of rows with and without partners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkKind {
    /// Those without go; several partners make several rows.
    #[default]
    Inner,
    /// Those without stay.
    Outer,
    /// Those without go; several partners make one row.
    Exists,
    /// In a filter: there is a partner.
    Any,
    /// In a filter: there is none.
    NotAny,
    /// In a filter: there are rows at the other end, and none of them satisfies the conditions.
    All,
}

/// A key of the order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// The alias of the link-entity that the column belongs to, where it is another's.
    pub entity: Option<String>,
    /// A column.
    pub attribute: Option<String>,
    /// Or a name of the answer.
    pub alias: Option<String>,
    /// Largest first.
    pub descending: bool,
}
