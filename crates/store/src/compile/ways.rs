//! Lists of what somebody may see for several reasons, each reason asked by itself.
//!
//! "Mine, my teams' and what was shared with me, the newest fifty" has no index; "mine, the newest
//! fifty" has one. So each reason finds its own page through its own index, and the page is made
//! of these: the cost does not depend on how many rows others have.

use std::sync::Arc;

use model::{Condition, Filter, Operator, Related, Table, Value};
use sea_query::{Asterisk, Expr, ExprTrait, JoinType, Query as Sql, SelectStatement, UnionType};

use super::source::{Compiler, Frame, column_of, named, stored_column};
use crate::{Query, StoreError, dialect::type_column};

/// Who owns a row.
const OWNER: &str = "ownerid";
/// The rows that point at others, in a statement, and the key of the one pointed at.
const POINTING: &str = "pointing";
const KEY: &str = "pw_key";
/// With more reasons than this, one condition over all of them is as good.
const MOST_WAYS: usize = 12;

/// One reason for which rows may be seen. No row is seen for two of them.
pub(super) enum Way {
    /// Who owns them.
    OwnedBy(Value),
    /// Others point at them, as shares do, and none of these people and teams owns them.
    Among(Related, Vec<Value>),
}

/// The reasons for which the query's rows may be seen, where asking one by one pays: by owner and
/// by share. A whole business unit is too large a part for it.
pub(super) fn of(query: &Query) -> Option<Vec<Way>> {
    if !query.joins.is_empty() || query.distinct || query.scope.follows.contains_key(&query.table) {
        return None;
    }
    let Some(Filter::Any(reasons)) = query.scope.rules.get(&query.table) else { return None };
    let (mut owners, mut shared): (Vec<Value>, Option<&Related>) = (Vec::new(), None);
    for reason in reasons {
        match reason {
            Filter::Condition(condition) if is_by_owner(condition) => {
                for owner in &condition.values {
                    if !owners.contains(owner) {
                        owners.push(owner.clone());
                    }
                }
            }
            Filter::Related(related) if shared.is_none() => shared = Some(related),
            _ => return None,
        }
    }
    let by_share = shared.map(|shared| Way::Among(shared.clone(), owners.clone()));
    let ways: Vec<Way> = owners.into_iter().map(Way::OwnedBy).chain(by_share).collect();
    (!ways.is_empty() && ways.len() <= MOST_WAYS).then_some(ways)
}

fn is_by_owner(condition: &Condition) -> bool {
    condition.column.is_own() && condition.column.column == OWNER && condition.operator == Operator::In
}

impl Way {
    /// Writes FROM with the frame's table and what makes a row one of this way's.
    pub fn put_into<'a>(
        &self,
        compiler: &mut Compiler<'a>,
        frame: &Frame<'a>,
        select: &mut SelectStatement,
    ) -> Result<(), StoreError> {
        let mut own = Frame::in_on_clause(frame.table, &frame.alias, false);
        match self {
            Self::OwnedBy(owner) => {
                frame.put_root_into(select, None);
                select.and_where(compiler.condition(&mut own, &Filter::eq(OWNER, owner.clone()))?);
            }
            Self::Among(related, owners) => {
                let is_pointed_at = column_of(&frame.alias, &frame.table.primary_key).eq(column_of(POINTING, KEY));
                select
                    .from_subquery(pointing(compiler, frame.table, related)?, named(POINTING))
                    // A cross join, because SQLite keeps to its order: those that point are few, and
                    // through another index it would look at all rows. The builder writes none of its
                    // conditions.
                    .join_as(JoinType::CrossJoin, named(&frame.table.name), named(&frame.alias), Expr::cust("TRUE"))
                    .and_where(is_pointed_at);
                if !owners.is_empty() {
                    let owned = Filter::is_in(OWNER, owners.iter().cloned());
                    select.and_where(compiler.condition(&mut own, &Filter::Not(Box::new(owned)))?);
                }
            }
        }
        Ok(())
    }
}

/// The keys of the table's rows that are pointed at, each once.
fn pointing<'a>(
    compiler: &mut Compiler<'a>,
    table: &'a Arc<Table>,
    related: &Related,
) -> Result<SelectStatement, StoreError> {
    let pointing: &'a Arc<Table> = compiler.table(&related.table)?;
    let lookup = stored_column(pointing, &related.through)?;
    let mut inner = compiler.frame(pointing, false);
    let condition = compiler.condition(&mut inner, &related.filter)?;
    let mut select = Sql::select();
    inner.put_into(&mut select, None);
    select.distinct().expr_as(column_of(&inner.alias, &related.through), named(KEY)).and_where(condition);
    if lookup.is_polymorphic() && lookup.targets().contains(&table.name) {
        select.and_where(column_of(&inner.alias, &type_column(&related.through)).eq(table.name.as_str()));
    }
    Ok(select)
}

/// The rows of `page` that come first among those that `parts` have found; each of these selects
/// the rows' numbers and what they are sorted by, in order and as many as a page holds. So whole
/// rows are read only of those that are shown.
pub(super) fn put_together(
    page: &mut SelectStatement,
    number: Expr,
    parts: Vec<SelectStatement>,
    first: impl FnOnce(&mut SelectStatement),
) {
    let mut all: Option<SelectStatement> = None;
    for (place, part) in parts.into_iter().enumerate() {
        // A part has its own order and limit, which in a union must stand in brackets.
        let part = Sql::select().column(Asterisk).from_subquery(part, named(&format!("way{place}"))).take();
        all = Some(match all {
            None => part,
            Some(mut all) => all.union(UnionType::All, part).take(),
        });
    }
    if let Some(all) = all {
        let mut shown = Sql::select().column(named(FOUND)).from_subquery(all, named("ways")).take();
        first(&mut shown);
        sea_query::ConditionalStatement::and_where(page, number.in_subquery(shown));
    }
}

/// A row's number, by which SQLite finds it in one step.
pub(super) const NUMBER: &str = "seq";

/// The name under which a part selects the number.
pub(super) const FOUND: &str = "pw_row";

/// The name under which a part selects what it is sorted by in this place.
pub(super) fn sorted_by(place: usize) -> String {
    format!("pw_sort{place}")
}
