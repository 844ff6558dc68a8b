//! Lists of what somebody may see for several reasons, each reason asked by itself.
//!
//! "Mine, my teams' and what was shared with me, the newest fifty" has no index; "mine, the newest
//! fifty" has one. So each reason finds its own page through its own index, and the page is made
//! of these: the cost does not depend on how many rows others have.

use std::sync::Arc;

use model::{Condition, Filter, Operator, Related, Table};
use sea_query::{Asterisk, Expr, ExprTrait, Query as Sql, SelectStatement, UnionType};

use super::source::{Compiler, Frame, column_of, named, stored_column};
use crate::{Query, StoreError, dialect::type_column};

/// With more reasons than this, one condition over all of them is as good.
const MOST_WAYS: usize = 12;

/// The reasons for which the query's rows may be seen, where asking one by one pays: by owner and
/// by share. A whole business unit is too large a part for it.
pub(super) fn of(query: &Query) -> Option<Vec<Filter>> {
    if !query.joins.is_empty() || query.distinct || query.scope.follows.contains_key(&query.table) {
        return None;
    }
    let Some(Filter::Any(reasons)) = query.scope.rules.get(&query.table) else { return None };
    let mut ways = Vec::new();
    for reason in reasons {
        match reason {
            Filter::Condition(condition) if is_by_owner(condition) => {
                let one = |owner: &model::Value| Filter::eq(condition.column.clone(), owner.clone());
                ways.extend(condition.values.iter().map(one));
            }
            Filter::Related(_) => ways.push(reason.clone()),
            _ => return None,
        }
    }
    (!ways.is_empty() && ways.len() <= MOST_WAYS).then_some(ways)
}

fn is_by_owner(condition: &Condition) -> bool {
    condition.column.is_own() && condition.column.column == "ownerid" && condition.operator == Operator::In
}

impl<'a> Compiler<'a> {
    /// One of the reasons as a condition on a table that stands in a statement under `alias`.
    pub(super) fn way(&mut self, table: &'a Arc<Table>, alias: &str, way: &Filter) -> Result<Expr, StoreError> {
        match way {
            Filter::Related(related) => self.among(table, alias, related),
            way => {
                let mut frame = Frame::in_on_clause(table, alias, false);
                self.condition(&mut frame, way)
            }
        }
    }

    /// The row is among those pointed at: found from the pointing rows, which are few.
    fn among(&mut self, table: &'a Arc<Table>, alias: &str, related: &Related) -> Result<Expr, StoreError> {
        let pointing: &'a Arc<Table> = self.table(&related.table)?;
        let lookup = stored_column(pointing, &related.through)?;
        let mut inner = self.frame(pointing, false);
        let condition = self.condition(&mut inner, &related.filter)?;
        let mut select = Sql::select();
        inner.put_into(&mut select, None);
        select.expr(column_of(&inner.alias, &related.through)).and_where(condition);
        if lookup.is_polymorphic() && lookup.targets().contains(&table.name) {
            select.and_where(column_of(&inner.alias, &type_column(&related.through)).eq(table.name.as_str()));
        }
        Ok(column_of(alias, &table.primary_key).in_subquery(select))
    }
}

/// The rows of `page` that come first among those that `parts` have found; each of these selects
/// keys and what they are sorted by, in order and as many as a page holds. So whole rows are read
/// only of those that are shown.
pub(super) fn put_together(
    page: &mut SelectStatement,
    key: Expr,
    parts: Vec<SelectStatement>,
    first: impl FnOnce(&mut SelectStatement),
) {
    let mut all: Option<SelectStatement> = None;
    for (number, part) in parts.into_iter().enumerate() {
        // A part has its own order and limit, which in a union must stand in brackets.
        let part = Sql::select().column(Asterisk).from_subquery(part, named(&format!("way{number}"))).take();
        all = Some(match all {
            None => part,
            Some(mut all) => all.union(UnionType::Distinct, part).take(),
        });
    }
    if let Some(all) = all {
        let mut shown = Sql::select().column(named(KEY)).from_subquery(all, named("ways")).take();
        first(&mut shown);
        sea_query::ConditionalStatement::and_where(page, key.in_subquery(shown));
    }
}

/// The name under which a part selects the key.
pub(super) const KEY: &str = "pw_key";

/// The name under which a part selects what it is sorted by in this place.
pub(super) fn sorted_by(place: usize) -> String {
    format!("pw_sort{place}")
}
