//! How many rows each lane has and what they sum up to: over all rows, not over the cards shown.

use language::translated;
use model::{ColumnType, Filter, Path, Reference, Table, Value};
use rust_decimal::Decimal;
use store::{Aggregate, AggregateFunction, Grouping};

use super::{Board, Boards, Holds};
use crate::{App, Caller, Result};

/// An amount that is summed, and the same amount times the chance of getting it.
const WEIGHTED: (&str, &str) = ("estimatedvalue", "weightedvalue");
/// Groups read at most: lanes by states by owners.
const MOST_GROUPS: u32 = 5000;
const OWNER: &str = "ownerid";
const STATE: &str = "statecode";

/// A column whose values are summed for each lane; money in the base currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// Logical name of the column: `estimatedvalue`.
    pub column: String,
    /// What people read.
    pub label: String,
    /// Whether it is an amount of money.
    pub money: bool,
    summed: String,
    weighted: Option<String>,
}

impl Sum {
    /// The columns of a table that can be summed, as far as the caller may read them.
    pub fn all(caller: &Caller, table: &Table) -> Vec<Self> {
        table
            .columns
            .values()
            .filter(|column| column.adds_up())
            .filter_map(|column| {
                let (money, summed) = match column.kind {
                    ColumnType::Money { base: false, .. } => (true, format!("{}_base", column.name)),
                    ColumnType::Whole { .. } | ColumnType::Decimal { .. } if !column.read_only => {
                        (false, column.name.clone())
                    }
                    _ => return None,
                };
                let readable = |name: &str| table.column(name).is_some_and(|column| caller.may_read(column));
                let weighted = (column.name == WEIGHTED.0 && readable(WEIGHTED.1)).then(|| WEIGHTED.1.to_owned());
                readable(&summed).then(|| Self {
                    column: column.name.clone(),
                    label: translated(&column.label).into_owned(),
                    money,
                    summed,
                    weighted,
                })
            })
            .collect()
    }

    /// The sum people expect: the amount whose totals are kept, if any.
    pub fn first<'s>(sums: &'s [Self], table: &Table) -> Option<&'s Self> {
        let is_kept = |sum: &&Self| sum.money && table.summaries.iter().any(|kept| kept.sums.contains(&sum.summed));
        sums.iter().find(is_kept)
    }

    /// Whether it is also summed with its weight.
    pub const fn is_weighted(&self) -> bool {
        self.weighted.is_some()
    }
}

/// The totals of one lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// Rows.
    pub count: u64,
    /// What they sum up to.
    pub sum: Decimal,
    /// The same with each amount weighted by its chance.
    pub weighted: Decimal,
}

impl Total {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.weighted += other.weighted;
    }
}

/// The totals of a board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// One a lane, in the lanes' order.
    pub lanes: Vec<Total>,
    /// Rows that are in no lane: they follow another flow.
    pub elsewhere: u64,
}

/// The totals of what one user or team owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerTotals {
    /// Who.
    pub owner: Reference,
    /// Theirs.
    pub totals: Totals,
}

impl Boards<'_> {
    /// The totals of the rows that satisfy `filter`.
    pub async fn totals(&self, caller: &Caller, board: &Board, filter: Filter, sum: Option<&Sum>) -> Result<Totals> {
        let groups = self.groups(caller, board, filter, sum, false).await?;
        let mut totals = Totals::of(board);
        for (_, place, total) in &groups {
            totals.add(*place, *total);
        }
        Ok(totals)
    }

    /// The same for each owner, those with most rows first.
    pub async fn totals_by_owner(
        &self,
        caller: &Caller,
        board: &Board,
        filter: Filter,
        sum: Option<&Sum>,
    ) -> Result<Vec<OwnerTotals>> {
        let mut owners: Vec<OwnerTotals> = Vec::new();
        for (owner, place, total) in self.groups(caller, board, filter, sum, true).await? {
            let Some(owner) = owner else { continue };
            let at = owners.iter().position(|known| known.owner == owner).unwrap_or_else(|| {
                owners.push(OwnerTotals { owner, totals: Totals::of(board) });
                owners.len() - 1
            });
            owners[at].totals.add(place, total);
        }
        let rows = |of: &OwnerTotals| of.totals.lanes.iter().map(|lane| lane.count).sum::<u64>();
        owners.retain(|of| rows(of) > 0);
        owners.sort_by_key(|of| (std::cmp::Reverse(rows(of)), of.owner.id));
        Ok(owners)
    }

    async fn groups(
        &self,
        caller: &Caller,
        board: &Board,
        filter: Filter,
        sum: Option<&Sum>,
        by_owner: bool,
    ) -> Result<Vec<(Option<Reference>, Option<usize>, Total)>> {
        // The rows of owners are the page itself; totals alone come once it stands.
        let query = if by_owner { App::new_query } else { App::new_summing_up };
        let mut query = query(self.app, caller, &board.table.name).matching(filter).take(MOST_GROUPS);
        query.group_by = group_by(board, by_owner).into_iter().map(grouping).collect();
        query.aggregates = aggregates(sum);
        let groups = self.app.query(caller, query).await?;
        let one = |row: crate::Row| {
            let owner = row.value(OWNER).as_reference().cloned();
            let state = row.value(STATE).as_whole().and_then(|state| i32::try_from(state).ok());
            let amount = |name| row.value(name).as_decimal().unwrap_or_default();
            let total = Total {
                count: row.value("rows").as_whole().unwrap_or_default().unsigned_abs(),
                sum: amount("sum"),
                weighted: amount("weighted"),
            };
            (owner, board.place(row.value(board.axis.column()), state), total)
        };
        Ok(groups.to_rows().map(one).collect())
    }
}

impl Totals {
    /// True where there is no row at all.
    pub fn is_nothing(&self) -> bool {
        self.elsewhere == 0 && self.lanes.iter().all(|lane| lane.count == 0)
    }

    fn of(board: &Board) -> Self {
        Self { lanes: vec![Total::default(); board.lanes.len()], elsewhere: 0 }
    }

    fn add(&mut self, place: Option<usize>, total: Total) {
        match place.and_then(|place| self.lanes.get_mut(place)) {
            Some(lane) => lane.add(total),
            None => self.elsewhere += total.count,
        }
    }
}

impl Board {
    /// True where the totals are read from sums kept with every write, so that they cost nothing
    /// however many rows there are. Elsewhere the rows are gone through: a page asks for them when it
    /// stands already.
    pub fn totals_are_kept(&self, caller: &Caller, filter: &Filter, sum: Option<&Sum>, by_owner: bool) -> bool {
        let scope = caller.scope();
        let rule = scope.rules.get(&self.table.name);
        let compared: Option<Vec<Vec<&str>>> =
            std::iter::once(filter).chain(rule).map(Filter::compared_columns).collect();
        let Some(compared) = compared else { return false };
        let asked = [compared.concat(), group_by(self, by_owner)].concat();
        let sums: Vec<&String> = sum.iter().flat_map(|sum| std::iter::once(&sum.summed).chain(&sum.weighted)).collect();
        let kept = |summary: &model::Summary| {
            asked.iter().all(|column| summary.group_by.iter().any(|name| name == column))
                && sums.iter().all(|column| summary.sums.contains(column))
        };
        !scope.follows.contains_key(&self.table.name) && self.table.summaries.iter().any(kept)
    }

    /// The lane of a row with this value in the axis' column and this state.
    pub fn place(&self, value: &Value, state: Option<i32>) -> Option<usize> {
        let is_closed = state.and_then(|state| self.table.state(state)).is_some_and(|state| state.closed);
        let id = value.as_id().or_else(|| value.as_text()?.parse().ok());
        self.lanes.iter().position(|lane| match &lane.holds {
            Holds::Stages(stages) => !is_closed && id.is_some_and(|id| stages.contains(&id)),
            Holds::NoStage => !is_closed && value.is_null(),
            Holds::Closed(closed) => state == Some(*closed),
            Holds::Value(number) => value.as_whole() == Some(i64::from(*number)),
            Holds::Flag(yes) => value.as_boolean() == Some(*yes),
            Holds::Nothing => value.is_null(),
        })
    }
}

fn group_by(board: &Board, by_owner: bool) -> Vec<&str> {
    let mut columns = vec![board.axis.column()];
    let closes = board.lanes.iter().any(|lane| matches!(lane.holds, Holds::Closed(_)));
    columns.extend(closes.then_some(STATE));
    columns.extend(by_owner.then_some(OWNER));
    columns
}

fn grouping(column: &str) -> Grouping {
    Grouping { path: Path::column(column), part: None, alias: column.to_owned() }
}

fn aggregates(sum: Option<&Sum>) -> Vec<Aggregate> {
    let summed = |column: &String, alias: &str| Aggregate {
        function: AggregateFunction::Sum,
        path: Some(Path::column(column.as_str())),
        alias: alias.to_owned(),
    };
    let count = Aggregate { function: AggregateFunction::Count, path: None, alias: "rows".to_owned() };
    let mut aggregates = vec![count];
    if let Some(sum) = sum {
        aggregates.push(summed(&sum.summed, "sum"));
        aggregates.extend(sum.weighted.as_ref().map(|weighted| summed(weighted, "weighted")));
    }
    aggregates
}
