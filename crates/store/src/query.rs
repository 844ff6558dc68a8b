//! The one read path: a typed tree of what is asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use model::{Column, Filter, Order, Path, SecuredColumn, Step, Table, Value};
use uuid::Uuid;

/// What is asked of the store.
#[derive(Debug, Clone)]
pub struct Query {
    /// The table whose rows are meant.
    pub table: String,
    /// What each result row holds. Ignored where `group_by` or `aggregates` are given.
    pub columns: Vec<Output>,
    /// Further tables, as `FetchXML`'s link-entity, parents first; paths through lookups need none.
    /// Filters, orders, groupings and aggregates speak of their columns by [`Join::path`].
    pub joins: Vec<Join>,
    /// Which rows.
    pub filter: Filter,
    /// Grouped by these; one result row a group, these first.
    pub group_by: Vec<Grouping>,
    /// Computed over each group (over all rows where `group_by` is empty), after the groups.
    pub aggregates: Vec<Aggregate>,
    /// Order; the primary key (or the groups) break ties. In an aggregate query a path names an
    /// alias. A search without an order comes as its rows were entered, the newest first: that
    /// costs the same however many there are.
    pub order: Vec<Order>,
    /// Choices of the order that are not sorted by their numbers.
    pub rankings: Vec<Ranking>,
    /// Which page.
    pub page: Page,
    /// Repeated result rows are left out.
    pub distinct: bool,
    /// The rules of access, added to every table the query touches.
    pub scope: Arc<Scope>,
    /// Who asks and when, for operators like `eq-userid` and `this-month`.
    pub zone: Arc<Zone>,
    /// It is given up with [`crate::StoreError::TookTooLong`] where its work, and on SQLite what is read
    /// after it on the same snapshot, takes longer. Without it takes as long as it takes. For snapshots
    /// only, not inside of transactions that write.
    pub patience: Option<Duration>,
}

/// Another order of a choice's numbers than their own, as their labels in somebody's language make one. Pages go
/// on in it as they do in others; where it has changed meanwhile, a page marker is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// The column, as [`Query::order`] names it: a choice, state or status reason of a row, or the alias of a
    /// grouping by one.
    pub column: Path,
    /// The numbers, first to last; those in one place are equal. Nulls come before all, and numbers that are not
    /// here after all.
    pub places: Vec<Vec<i64>>,
}

/// One output column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Which column; through lookups it is null where the related row may not be seen.
    pub path: Path,
    /// Under which name it stands in [`Rows::columns`]; the path's text where none is given.
    pub alias: Option<String>,
    /// The alias of the [`Join`] the path starts from; the query's table where none is given.
    pub join: Option<String>,
}

/// A further table joined in.
#[derive(Debug, Clone)]
pub struct Join {
    /// Name by which outputs and nested joins speak of it; unique in the query.
    pub alias: String,
    /// The joined table.
    pub table: String,
    /// Column of the joined table.
    pub column: String,
    /// Alias of the join it hangs on; the query's table where none is given.
    pub parent: Option<String>,
    /// Column of the parent that must equal `column`.
    pub parent_column: String,
    /// Whether rows without a partner stay.
    pub kind: JoinKind,
    /// Which joined rows.
    pub filter: Filter,
}

/// Whether rows without a partner stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// They go.
    Inner,
    /// They stay, with nulls.
    Outer,
    /// Not joined in: the condition [`Join::has_partner`] asks whether there is a partner. Rows do
    /// not become more by it, however many there are.
    Any,
}

/// What a first step that names a join begins with; no column does.
const JOIN_STEP: char = '@';

impl Join {
    /// The way to a column of the table joined in under `alias`; `column` may lead on through
    /// lookups.
    pub fn path(alias: &str, column: impl Into<Path>) -> Path {
        let mut path = column.into();
        path.steps.insert(0, Step { lookup: format!("{JOIN_STEP}{alias}"), target: None });
        path
    }

    /// The condition that a [`JoinKind::Any`] join has a partner.
    pub fn has_partner(&self) -> Filter {
        Filter::unary(Self::path(&self.alias, self.column.as_str()), model::Operator::NotNull)
    }

    /// The alias of the join that a path begins at, and the way from there.
    pub(crate) fn split(path: &Path) -> Option<(&str, Path)> {
        let (first, rest) = path.steps.split_first()?;
        let alias = first.lookup.strip_prefix(JOIN_STEP)?;
        Some((alias, Path { steps: rest.to_vec(), column: path.column.clone() }))
    }
}

/// Something grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// Which column.
    pub path: Path,
    /// Of a date or date-time, only this part, in the caller's time zone. Periods group as
    /// their first day (`2026-10-01`), so that results sort and filter.
    pub part: Option<DatePart>,
    /// Name in the result.
    pub alias: String,
}

/// Part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum DatePart {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalPeriod,
    FiscalYear,
    /// The number of the day, 1 to 31, whatever the month.
    DayOfMonth,
    /// The number of the week, from 1; the first has January 1st in it.
    WeekOfYear,
    /// The number of the month, 1 to 12, whatever the year.
    MonthOfYear,
    /// The number of the quarter, 1 to 4, whatever the year.
    QuarterOfYear,
}

impl DatePart {
    /// True where groups are whole numbers and not the first days of periods.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::DayOfMonth | Self::WeekOfYear | Self::MonthOfYear | Self::QuarterOfYear)
    }
}

/// Something computed over a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregate {
    /// How.
    pub function: AggregateFunction,
    /// Over which column; none counts rows.
    pub path: Option<Path>,
    /// Name in the result.
    pub alias: String,
}

/// How a group is combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AggregateFunction {
    /// Rows, or filled values of the column.
    Count,
    /// Different filled values.
    CountDistinct,
    /// Sum; null over nothing.
    Sum,
    /// Mean of the filled values, exact to ten places.
    Average,
    /// Smallest.
    Min,
    /// Largest.
    Max,
}

/// Which page of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Most rows returned; at most 5,000 unless the caller streams.
    pub size: u32,
    /// Go on behind (or before) this row.
    pub cursor: Option<Cursor>,
    /// Also count all matching rows.
    pub count: bool,
}

/// A place in an ordered result: the order's values of a row and its primary key. Opaque to
/// callers; travels in addresses as URL-safe text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// As text, checked against the query when it is used.
    pub token: String,
    /// Rows before the place instead of after it (they still come in the query's order).
    pub backwards: bool,
}

/// Result rows.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Names, one for each value of a row.
    pub columns: Arc<[String]>,
    /// Values.
    pub rows: Vec<Vec<Value>>,
    /// Behind the last row, where there is more.
    pub next: Option<Cursor>,
    /// Before the first row, where there is something before (only known when paging).
    pub previous: Option<Cursor>,
    /// All matching rows, where asked for.
    pub total: Option<u64>,
}

/// The rules of access for one caller: for each table what a row must satisfy to be seen. A
/// table without a rule is seen whole; `Filter::Any(vec![])` hides it.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// By logical name of the table.
    pub rules: BTreeMap<String, Filter>,
    /// Lookups of tables whose rows belong to others: such a row is seen where every row that
    /// these point at is seen.
    pub follows: BTreeMap<String, Vec<String>>,
    /// The only tables that may be seen without a rule; none where all may. A table that was
    /// added after the rules were made stays hidden.
    pub whole: Option<BTreeSet<String>>,
    /// The only secured columns whose values may be read; none where all may. A column that was
    /// secured after the rules were made stays hidden.
    pub readable: Option<BTreeSet<SecuredColumn>>,
}

impl Scope {
    /// True where some rows of the table may be hidden.
    pub fn restricts(&self, table: &str) -> bool {
        match self.rules.get(table) {
            Some(rule) if !rule.is_everything() => true,
            _ => self.follows.contains_key(table) || self.hides(table),
        }
    }

    /// True where the column's values may be read: those of a column that is made from secured
    /// ones, where all of these may.
    pub fn shows(&self, column: &Column) -> bool {
        let may_read = |readable: &BTreeSet<SecuredColumn>| column.guards.iter().all(|guard| readable.contains(guard));
        column.guards.is_empty() || self.readable.as_ref().is_none_or(may_read)
    }

    /// Empties the columns of a row that may not be read.
    pub fn conceal(&self, table: &Table, row: &mut crate::Row) {
        if self.readable.is_none() {
            return;
        }
        for column in table.columns.values().filter(|column| !self.shows(column)) {
            if row.contains(&column.name) {
                row.set(column.name.as_str(), Value::Null);
            }
        }
    }

    /// True where the table was not thought of when the rules were made.
    pub(crate) fn hides(&self, table: &str) -> bool {
        let is_ruled = self.rules.contains_key(table) || self.follows.contains_key(table);
        !is_ruled && self.whole.as_ref().is_some_and(|whole| !whole.contains(table))
    }
}

/// Who asks, when and where: what relative operators mean.
#[derive(Debug, Clone)]
pub struct Zone {
    /// The asking user.
    pub user: Uuid,
    /// The user's teams.
    pub teams: Vec<Uuid>,
    /// The user's business unit.
    pub business_unit: Uuid,
    /// Now.
    pub now: Timestamp,
    /// The user's time zone.
    pub time_zone: TimeZone,
    /// First month of the fiscal year, 1 to 12.
    pub fiscal_start_month: i8,
    /// First day of the week.
    pub week_starts: jiff::civil::Weekday,
}

impl Query {
    /// All rows of a table: no columns yet, 50 a page.
    pub fn of(table: impl Into<String>, scope: Arc<Scope>, zone: Arc<Zone>) -> Self {
        Self {
            table: table.into(),
            columns: Vec::new(),
            joins: Vec::new(),
            filter: Filter::everything(),
            group_by: Vec::new(),
            aggregates: Vec::new(),
            order: Vec::new(),
            rankings: Vec::new(),
            page: Page { size: 50, cursor: None, count: false },
            distinct: false,
            scope,
            zone,
            patience: None,
        }
    }

    /// Also return these columns.
    #[must_use]
    pub fn select<P: Into<Path>>(mut self, columns: impl IntoIterator<Item = P>) -> Self {
        self.columns.extend(columns.into_iter().map(|path| Output { path: path.into(), alias: None, join: None }));
        self
    }

    /// Only rows that also satisfy `filter`.
    #[must_use]
    pub fn matching(mut self, filter: Filter) -> Self {
        self.filter = std::mem::take(&mut self.filter).and(filter);
        self
    }

    /// Then by this.
    #[must_use]
    pub fn order_by(mut self, order: Order) -> Self {
        self.order.push(order);
        self
    }

    /// How the column of this key of the order is ranked, where it is.
    pub(crate) fn ranking_of(&self, column: &Path) -> Option<&Ranking> {
        self.rankings.iter().find(|ranking| ranking.column == *column)
    }

    /// At most this many rows.
    #[must_use]
    pub fn take(mut self, size: u32) -> Self {
        self.page.size = size;
        self
    }

    /// True where groups, not rows, are asked for.
    pub fn is_aggregate(&self) -> bool {
        !self.group_by.is_empty() || !self.aggregates.is_empty()
    }
}

impl Rows {
    /// Position of a column.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// Each row with its values by name.
    pub fn to_rows(&self) -> impl Iterator<Item = crate::Row> {
        self.rows.iter().map(|values| self.columns.iter().cloned().zip(values.iter().cloned()).collect())
    }
}
