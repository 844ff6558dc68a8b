//! Lists that several indexes' worth of rows make up, each asked by itself.
//!
//! "Mine, my teams' and what was shared with me, the newest fifty" has no index; "mine, the newest
//! fifty" has one. So each reason finds its own page through its own index, and the page is made
//! of these: the cost does not depend on how many rows others have. It is the same with "in one of
//! these stages, the next to close first".

use std::sync::Arc;

use model::{Condition, Filter, Operator, Related, Table, Value};
use sea_query::{Asterisk, Expr, ExprTrait, JoinType, Query as Sql, SelectStatement, UnionType};

use super::{
    by_value::{self, OneValue},
    source::{Compiler, Frame, column_of, named, stored_column},
};
use crate::{Query, StoreError, dialect::type_column};

/// Who owns a row.
pub(super) const OWNER: &str = "ownerid";
/// The rows that point at others, in a statement, and the key of the one pointed at.
const POINTING: &str = "pointing";
const KEY: &str = "pw_key";
/// With more reasons than this, one condition over all of them is as good.
pub(super) const MOST_WAYS: usize = 12;

/// A part of the rows that a query asks for. No row is in two of them.
pub(super) struct Way {
    /// Why they may be seen; all that the rule of access lets through where it says nothing.
    reason: Option<Reason>,
    /// The one value that a column has here of those that the filter allows, and the filter without
    /// that condition.
    value: Option<OneValue>,
}

/// One reason for which rows may be seen. No row is seen for two of them.
#[derive(Clone)]
enum Reason {
    /// Who owns them.
    OwnedBy(Value),
    /// Others point at them, as shares do, and none of these people and teams owns them.
    Among(Related, Vec<Value>),
}

/// The parts of the query's rows, where asking for one after the other pays.
pub(super) fn of(query: &Query, table: &Table) -> Option<Vec<Way>> {
    if !query.joins.is_empty() || query.distinct {
        return None;
    }
    let reasons = by_reason(query);
    let values = by_value::of(query, table, reasons.is_some()).unwrap_or_default();
    let of_all = |value: Option<OneValue>| match &reasons {
        None => vec![Way { reason: None, value }],
        Some(reasons) => {
            reasons.iter().map(|reason| Way { reason: Some(reason.clone()), value: value.clone() }).collect()
        }
    };
    let ways: Vec<Way> = values.iter().cloned().map(Some).flat_map(of_all).collect();
    match (ways.len(), &reasons) {
        (1..=MOST_WAYS, _) => Some(ways),
        (_, Some(_)) => Some(of_all(None)),
        (_, None) => None,
    }
}

/// The reasons for which rows may be seen: by owner and by share. A whole business unit is too large
/// a part for it.
fn by_reason(query: &Query) -> Option<Vec<Reason>> {
    if query.scope.follows.contains_key(&query.table) {
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
            Filter::Related(related) if shared.is_none() && related.at.is_none() => shared = Some(related),
            _ => return None,
        }
    }
    // "My leads" are those of one owner, whatever else may be seen.
    if let Some(owner) = owner_asked_for(query).filter(|owner| owners.contains(owner)) {
        return Some(vec![Reason::OwnedBy(owner)]);
    }
    let by_share = shared.map(|shared| Reason::Among(shared.clone(), owners.clone()));
    let reasons: Vec<Reason> = owners.into_iter().map(Reason::OwnedBy).chain(by_share).collect();
    (!reasons.is_empty() && reasons.len() <= MOST_WAYS).then_some(reasons)
}

/// The one owner whose rows the filter lets through.
fn owner_asked_for(query: &Query) -> Option<Value> {
    by_value::parts(&query.filter).iter().find_map(|part| match part {
        Filter::Condition(condition) if condition.column.is_own() && condition.column.column == OWNER => {
            match condition.operator {
                Operator::Eq if condition.other.is_none() => condition.values.first().map(id_of),
                Operator::EqUserid => Some(Value::Id(query.zone.user)),
                _ => None,
            }
        }
        _ => None,
    })
}

/// An owner as rules of access name one.
fn id_of(owner: &Value) -> Value {
    owner.as_reference().map_or_else(|| owner.clone(), |owner| Value::Id(owner.id))
}

fn is_by_owner(condition: &Condition) -> bool {
    condition.column.is_own() && condition.column.column == OWNER && condition.operator == Operator::In
}

impl Way {
    /// Writes FROM with the frame's table and what makes a row one of this way's, but for
    /// [`Way::filter`].
    pub fn put_into<'a>(
        &self,
        compiler: &mut Compiler<'a>,
        frame: &Frame<'a>,
        select: &mut SelectStatement,
    ) -> Result<(), StoreError> {
        if let Some(reason) = &self.reason {
            reason.put_into(compiler, frame, select)?;
        } else {
            frame.put_root_into(select, None);
            if let Some(rule) = compiler.rule(frame.table, &frame.alias)? {
                select.and_where(rule);
            }
        }
        if let Some((one, _)) = &self.value {
            // It is of the filter, so that a column which may not be read is refused.
            let mut own = Frame::in_on_clause(frame.table, &frame.alias, true);
            select.and_where(compiler.condition(&mut own, &Filter::Condition(one.clone()))?);
        }
        Ok(())
    }

    /// What else a row must satisfy.
    pub fn filter<'q>(&'q self, query: &'q Query) -> &'q Filter {
        self.value.as_ref().map_or(&query.filter, |(_, rest)| rest)
    }
}

impl Reason {
    fn put_into<'a>(
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
