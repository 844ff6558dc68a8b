//! Choices in an order other than that of their numbers, as their labels make one.
//!
//! A label is nowhere in the database, so the row's place in the order is worked out: `CASE` over the
//! numbers. No index has that. Where one has the rows of each number together, the numbers are asked
//! for one after the other instead, first to last, until the page is full: such a list costs no more
//! than one by number.

use model::{Index, Table, Value};
use sea_query::{CaseStatement, Expr, ExprTrait};

use super::{
    by_value,
    keyset::{self, Key},
    literal::{Family, family},
};
use crate::{Query, Ranking, StoreError, engine::Dialect};

/// Numbers asked for one after the other; of more the places are worked out.
const MOST_RANGES: usize = 64;

/// Rows that stand in one place of a ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    Null,
    Place(usize),
    /// Numbers that the ranking does not know.
    Unknown,
}

/// A ranked value: what is sorted, and of what.
#[derive(Clone)]
pub(super) struct Ranked<'a> {
    /// The number itself.
    value: Expr,
    ranking: &'a Ranking,
}

impl<'a> Ranked<'a> {
    pub fn new(value: Expr, ranking: &'a Ranking) -> Self {
        Self { value, ranking }
    }

    /// The place in the order; null where there is no number.
    pub fn expression(&self) -> Expr {
        let mut case = CaseStatement::new().case(self.value.clone().is_null(), Expr::cust("NULL"));
        for (place, numbers) in self.ranking.places.iter().enumerate() {
            case = case.case(self.is_one_of(numbers), Expr::cust(place.to_string()));
        }
        case.finally(Expr::cust(self.ranking.places.len().to_string())).into()
    }

    /// Tells orders apart: a place in one is none in another.
    pub fn name(&self, column: &str) -> String {
        format!("{column} as {:?}", self.ranking.places)
    }

    /// The numbers stand in the statement itself: they are of the model, and the same in every query.
    fn is_one_of(&self, numbers: &[i64]) -> Expr {
        match numbers {
            [one] => self.value.clone().eq(Expr::cust(one.to_string())),
            several => self.value.clone().is_in(several.iter().map(|number| Expr::cust(number.to_string()))),
        }
    }

    /// All places, first to last; nulls are lowest.
    fn ranges(&self, descending: bool) -> Vec<Range> {
        let places = (0..self.ranking.places.len()).map(Range::Place);
        let mut ranges: Vec<Range> = std::iter::once(Range::Null).chain(places).chain([Range::Unknown]).collect();
        if descending {
            ranges.reverse();
        }
        ranges
    }

    fn range_of(&self, place: &Value) -> Range {
        match place.as_whole().and_then(|place| usize::try_from(place).ok()) {
            None => Range::Null,
            Some(place) if place < self.ranking.places.len() => Range::Place(place),
            Some(_) => Range::Unknown,
        }
    }

    /// The rows of a range, in a form that an index of the numbers has.
    fn within(&self, range: Range) -> Expr {
        match range {
            Range::Null => self.value.clone().is_null(),
            Range::Place(place) => self.is_one_of(&self.ranking.places[place]),
            Range::Unknown => self.between_the_known(),
        }
    }

    fn between_the_known(&self) -> Expr {
        let mut known: Vec<i64> = self.ranking.places.iter().flatten().copied().collect();
        known.sort_unstable();
        known.dedup();
        let (value, number) = (|| self.value.clone(), |number: i64| Expr::cust(number.to_string()));
        let (Some(first), Some(last)) = (known.first(), known.last()) else { return value().is_not_null() };
        let between = known.windows(2).filter(|pair| pair[1] - pair[0] > 1);
        let between = between.map(|pair| value().gt(number(pair[0])).and(value().lt(number(pair[1]))));
        let outside = value().lt(number(*first)).or(value().gt(number(*last)));
        between.fold(outside, ExprTrait::or)
    }
}

/// The key of a choice's column, sorted by the places that the ranking gives its numbers.
pub(super) fn key<'a>(key: Key<'a>, ranking: &'a Ranking) -> Result<Key<'a>, StoreError> {
    if family(key.column) == Family::Choice {
        return Ok(key.ranked_by(ranking));
    }
    Err(StoreError::BadQuery(format!("'{}' is no choice, whose values could be ranked", ranking.column)))
}

/// Whether the rows of each number stand together in an index, so that asking for one number after the
/// other finds them without sorting all.
pub(super) fn has_ranges(query: &Query, table: &Table) -> bool {
    let Some(order) = query.order.first().filter(|order| order.column.is_own()) else { return false };
    let Some(ranking) = query.ranking_of(&order.column) else { return false };
    let parts = by_value::parts(&query.filter);
    let stand_together = |index: &Index| {
        let mut columns = index.columns.iter().map(|name| name.trim_start_matches('-'));
        columns.find(|name| !by_value::is_given(parts, name)) == Some(order.column.column.as_str())
    };
    let is_plain = query.joins.is_empty() && !query.distinct;
    is_plain && ranking.places.len() <= MOST_RANGES && table.indexes.iter().any(stand_together)
}

/// Conditions whose rows, one after the other, are those behind `place` in the order (all of them where there
/// is none), each with one value of the first key, which is ranked.
pub(super) fn in_turn(
    dialect: Dialect,
    keys: &[Key<'_>],
    place: Option<&[Value]>,
    backwards: bool,
) -> Result<Vec<Expr>, StoreError> {
    let Some((first, rest)) = keys.split_first() else { return Ok(Vec::new()) };
    let Some(ranked) = &first.ranked else { return Ok(Vec::new()) };
    let mut ranges = ranked.ranges(first.descending != backwards);
    ranges.retain(|range| *range != Range::Null || !first.never_null);
    let Some([begun, behind @ ..]) = place else {
        return Ok(ranges.into_iter().map(|range| ranked.within(range)).collect());
    };
    let begun = ranked.range_of(begun);
    let mut conditions = Vec::new();
    for range in ranges.into_iter().skip_while(|range| *range != begun) {
        if range == begun {
            let within = keyset::behind(dialect, rest, behind, backwards)?;
            conditions.extend(within.into_iter().map(|condition| ranked.within(range).and(condition)));
        } else {
            conditions.push(ranked.within(range));
        }
    }
    Ok(conditions)
}
