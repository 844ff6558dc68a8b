//! Order, and going on behind a row without counting rows.
//!
//! "Behind (a, b, id)" is the union of `a = x and b = y and id > z`, `a = x and b > y` and
//! `a > x`. One condition with OR would cost an index its use, so they are separate statements,
//! run one after the other until the page is full; where the engines' comparison of row values
//! says the same, several fall into one.

use model::{Column, Value};
use sea_query::{Expr, ExprTrait, NullOrdering, Order as Direction, SelectStatement};

use super::{compare::value, ranking::Ranked, source::Resolved};
use crate::{
    Ranking, StoreError,
    dialect::encode,
    engine::{Dialect, SqlValue},
};

/// One key of the order.
pub(super) struct Key<'a> {
    /// As compared and sorted.
    pub expression: Expr,
    /// Type of its values.
    pub column: &'a Column,
    /// Largest first.
    pub descending: bool,
    /// Every row has it.
    pub never_null: bool,
    /// Another spelling of what it is, for the fingerprint.
    pub name: String,
    /// A table's name beside a polymorphic lookup, which is text whatever the column is.
    pub is_target: bool,
    /// What `expression` works out the place of, where the column's values are not sorted by themselves.
    pub ranked: Option<Ranked<'a>>,
}

impl<'a> Key<'a> {
    pub fn new(expression: Expr, resolved: &Resolved<'a>, descending: bool, never_null: bool, name: String) -> Self {
        Self { expression, column: resolved.column, descending, never_null, name, is_target: false, ranked: None }
    }

    /// The same key, sorted by the places that the ranking gives its values.
    pub fn ranked_by(mut self, ranking: &'a Ranking) -> Self {
        let ranked = Ranked::new(self.expression, ranking);
        self.name = ranked.name(&self.name);
        self.expression = ranked.expression();
        self.ranked = Some(ranked);
        self
    }

    /// The same key where its values stand under another name.
    pub fn of(&self, expression: Expr) -> Self {
        Self { expression, name: self.name.clone(), ranked: None, ..*self }
    }

    fn bound(&self, dialect: Dialect, place: &Value) -> Result<Expr, StoreError> {
        if self.is_target {
            return Ok(value(place.as_text().map_or(SqlValue::Null, SqlValue::from)));
        }
        Ok(value(encode(dialect, self.column, place)?.next().unwrap_or(SqlValue::Null)))
    }
}

/// Conditions whose rows, one after the other, are those behind `place` in the order.
pub(super) fn behind(
    dialect: Dialect,
    keys: &[Key<'_>],
    place: &[Value],
    backwards: bool,
) -> Result<Vec<Expr>, StoreError> {
    let mut segments = Vec::new();
    let mut end = keys.len();
    while end > 0 {
        let start = run_start(keys, place, end, backwards);
        let equal = same(dialect, keys, place, start)?;
        segments.extend(beyond(dialect, keys, place, start..end, backwards)?.into_iter().map(
            |condition| match &equal {
                Some(equal) => equal.clone().and(condition),
                None => condition,
            },
        ));
        end = start;
    }
    Ok(segments)
}

/// Sorts as the keys say; the other way round when going backwards.
pub(super) fn sort(dialect: Dialect, select: &mut SelectStatement, keys: &[Key<'_>], backwards: bool) {
    for key in keys {
        let descending = key.descending != backwards;
        let direction = if descending { Direction::Desc } else { Direction::Asc };
        if dialect == Dialect::Postgres && !key.never_null {
            let nulls = if descending { NullOrdering::Last } else { NullOrdering::First };
            select.order_by_expr_with_nulls(key.expression.clone(), direction, nulls);
        } else {
            select.order_by_expr(key.expression.clone(), direction);
        }
    }
}

/// Where the longest run of keys ending before `end` begins that one comparison of row values
/// covers: same direction, and no null that could hide behind the place.
fn run_start(keys: &[Key<'_>], place: &[Value], end: usize, backwards: bool) -> usize {
    let descending = |position: usize| keys[position].descending != backwards;
    let plain = |position: usize| !place[position].is_null() && (keys[position].never_null || !descending(position));
    let mut start = end - 1;
    if plain(start) {
        while start > 0 && plain(start - 1) && descending(start - 1) == descending(end - 1) {
            start -= 1;
        }
    }
    start
}

fn same(dialect: Dialect, keys: &[Key<'_>], place: &[Value], until: usize) -> Result<Option<Expr>, StoreError> {
    let mut equal: Option<Expr> = None;
    for (key, value) in keys.iter().zip(place).take(until) {
        let condition = if value.is_null() {
            key.expression.clone().is_null()
        } else {
            key.expression.clone().eq(key.bound(dialect, value)?)
        };
        equal = Some(match equal {
            None => condition,
            Some(before) => before.and(condition),
        });
    }
    Ok(equal)
}

fn beyond(
    dialect: Dialect,
    keys: &[Key<'_>],
    place: &[Value],
    run: std::ops::Range<usize>,
    backwards: bool,
) -> Result<Vec<Expr>, StoreError> {
    let descending = keys[run.start].descending != backwards;
    if run.len() > 1 {
        let columns: Vec<Expr> = keys[run.clone()].iter().map(|key| key.expression.clone()).collect();
        let values =
            run.map(|position| keys[position].bound(dialect, &place[position])).collect::<Result<Vec<_>, _>>()?;
        let (columns, values) = (Expr::tuple(columns), Expr::tuple(values));
        return Ok(vec![if descending { columns.lt(values) } else { columns.gt(values) }]);
    }
    let (key, place) = (&keys[run.start], &place[run.start]);
    let column = key.expression.clone();
    // Nulls are lowest: ascending first, descending last.
    Ok(match (place.is_null(), descending) {
        (true, true) => Vec::new(),
        (true, false) if key.never_null => Vec::new(),
        (true, false) => vec![column.is_not_null()],
        (false, false) => vec![column.gt(key.bound(dialect, place)?)],
        (false, true) => {
            let mut conditions = vec![column.clone().lt(key.bound(dialect, place)?)];
            if !key.never_null {
                conditions.push(column.is_null());
            }
            conditions
        }
    })
}
