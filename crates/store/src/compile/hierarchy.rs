//! Rows below or above a row, along a lookup from a table to itself.

use std::sync::Arc;

use model::{Column, ColumnType, Operator, Table, Value};
use sea_query::{CommonTableExpression, Expr, ExprTrait, Query as Sql, SelectStatement, UnionType, WithClause};
use uuid::Uuid;

use super::{
    compare::{bad, value},
    literal::literal,
    source::{Compiler, Resolved, column_of, named},
};
use crate::{StoreError, engine::SqlValue};

/// `under`, `above` and their inclusive forms.
///
/// On the primary key and on the table's own parent lookup they place the row itself; on any
/// other lookup they place the row it points at.
pub(super) fn compare<'a>(
    compiler: &mut Compiler<'a>,
    left: &Resolved<'a>,
    operator: Operator,
    with: &Value,
) -> Result<Expr, StoreError> {
    let understood = literal(left.table, left.column, with, compiler.zone)?;
    let Some(id) = understood.as_id() else { return Err(bad(left, operator, "takes the identifier of a row")) };
    let own = matches!(left.column.kind, ColumnType::Id);
    let to_itself =
        matches!(&left.column.kind, ColumnType::Lookup { targets } if targets.as_slice() == [left.table.name.as_str()]);
    let tree = if own || to_itself { Some(left.table) } else { target(compiler, left, &understood) };
    let Some((tree, parent)) = tree.and_then(|table| {
        to_itself.then_some(left.column).or_else(|| table.parent_lookup()).map(|parent| (table, parent))
    }) else {
        return Err(bad(left, operator, "needs a table whose rows form a hierarchy by a lookup to their own table"));
    };
    let placed = if to_itself { own_key(compiler, left, operator)? } else { left.value.clone() };
    let up = matches!(operator, Operator::Above | Operator::EqOrAbove);
    let found = placed.clone().in_subquery(members(compiler, tree, parent, id, up));
    let this = placed.eq(value(SqlValue::Uuid(id)));
    Ok(match operator {
        Operator::EqOrUnder | Operator::EqOrAbove => this.or(found),
        // A circle in the data must not put a row below itself.
        _ => found.and(super::condition::not(this)),
    })
}

/// The row's primary key, from the place its parent lookup was found in.
fn own_key(_: &Compiler<'_>, left: &Resolved<'_>, operator: Operator) -> Result<Expr, StoreError> {
    left.beside(&left.table.primary_key).ok_or_else(|| bad(left, operator, "cannot be used in a rule through lookups"))
}

fn target<'a>(compiler: &Compiler<'a>, left: &Resolved<'a>, understood: &Value) -> Option<&'a Arc<Table>> {
    if let Value::Reference(reference) = understood {
        return compiler.model.table(&reference.table);
    }
    left.column
        .targets()
        .iter()
        .filter_map(|name| compiler.model.table(name))
        .find(|table| table.parent_lookup().is_some())
}

/// `WITH RECURSIVE h(id) AS (children UNION their children …) SELECT id FROM h`.
fn members(compiler: &mut Compiler<'_>, table: &Table, parent: &Column, id: Uuid, up: bool) -> SelectStatement {
    let (walk, row, first) = (compiler.alias(), compiler.alias(), compiler.alias());
    let (from, to) = if up { (&parent.name, &table.primary_key) } else { (&table.primary_key, &parent.name) };
    let mut start = Sql::select();
    start
        .expr(column_of(&first, from))
        .from_as(named(&table.name), named(&first))
        .and_where(column_of(&first, to).eq(value(SqlValue::Uuid(id))));
    let mut step = Sql::select();
    step.expr(column_of(&row, from)).from_as(named(&table.name), named(&row)).join(
        sea_query::JoinType::InnerJoin,
        named(&walk),
        column_of(&row, to).eq(column_of(&walk, "id")),
    );
    // UNION, not UNION ALL: a circle ends it.
    start.union(UnionType::Distinct, step);
    let mut cte = CommonTableExpression::new();
    cte.table_name(named(&walk)).column(named("id")).query(start);
    let mut with = WithClause::new();
    with.recursive(true).cte(cte);
    let mut select = Sql::select();
    select
        .expr(column_of(&walk, "id"))
        .from(named(&walk))
        .and_where(column_of(&walk, "id").is_not_null())
        .with_cte(with);
    select
}
