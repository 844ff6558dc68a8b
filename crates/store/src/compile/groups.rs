//! Grouped results: one row a group.

use std::sync::Arc;

use model::{Column, Path, Value};
use sea_query::{Expr, ExprTrait, NullOrdering, Order as Direction, Query as Sql, SelectStatement};

use super::{
    aggregate::Built,
    list::{put_condition, read, restricted},
    literal::{Family, family},
    period::period,
    ranking::Ranked,
    source::{Compiler, Frame, column_of, named, stored_column},
    stand_in::{self, StandIn},
};
use crate::{
    Aggregate, Grouping, Query, Rows, StoreError,
    derived::COUNT_COLUMN,
    dialect::day,
    engine::{self, Connection, Dialect, SqlValue},
};

/// Runs an aggregate query.
pub(super) fn run(connection: &mut dyn Connection, model: &model::Model, query: &Query) -> Result<Rows, StoreError> {
    let mut compiler = Compiler::new(model, connection.dialect(), &query.scope, &query.zone);
    let plan = Plan::new(&mut compiler, query)?;
    plan.rows(connection, query)
}

/// The statement, for tests.
#[cfg(test)]
pub(crate) fn statement(dialect: Dialect, model: &model::Model, query: &Query) -> Result<String, StoreError> {
    let mut compiler = Compiler::new(model, dialect, &query.scope, &query.zone);
    Ok(dialect.build(&Plan::new(&mut compiler, query)?.select).0)
}

struct Plan<'a> {
    /// Everything but order and limit.
    select: SelectStatement,
    /// How many expressions come before the aggregates.
    groups: Vec<Group<'a>>,
    aggregates: Vec<Built<'a>>,
    order: Vec<(Expr, bool)>,
}

/// How a group is read.
enum Group<'a> {
    Column(&'a Column),
    /// Skips the folded text it is grouped by and shows a spelling.
    Text,
    Period,
    Number,
}

impl<'a> Plan<'a> {
    fn new(compiler: &mut Compiler<'a>, query: &'a Query) -> Result<Self, StoreError> {
        if query.page.cursor.is_some() {
            return Err(StoreError::BadQuery("groups have no pages; ask for more of them at once".to_owned()));
        }
        let table = compiler.table(&query.table)?;
        let mut frame = compiler.frame(table, true);
        let mut select = Sql::select();
        let stand_in = stand_in::find(table, query);
        let conditions = if let Some(StandIn { table, conditions, .. }) = &stand_in {
            frame.put_root_into(&mut select, Some(table));
            let mut asked = vec![column_of(&frame.alias, COUNT_COLUMN).ne(Expr::cust("0"))];
            for condition in conditions {
                asked.push(compiler.condition(&mut frame, condition)?);
            }
            asked
        } else {
            frame.put_root_into(&mut select, None);
            compiler.put_joins(&frame, query, &mut select)?;
            restricted(compiler, &mut frame, &query.filter)?
        };
        put_condition(&mut select, conditions);

        let mut selected = Vec::new();
        let mut grouped_by = Vec::new();
        let mut groups = Vec::new();
        let mut group_places = Vec::new();
        for grouping in &query.group_by {
            group_places.push(selected.len());
            groups.push(put_group(compiler, &mut frame, grouping, &mut selected, &mut grouped_by)?);
        }
        let mut aggregates = Vec::new();
        let ranked = |(grouping, place): (&Grouping, &usize)| match query.ranking_of(&Path::column(&grouping.alias)) {
            None => ordinal(*place),
            Some(ranking) => Ranked::new(selected[*place].clone(), ranking).expression(),
        };
        let mut order_places: Vec<Expr> = query.group_by.iter().zip(&group_places).map(ranked).collect();
        for aggregate in &query.aggregates {
            let built = put_aggregate(compiler, &mut frame, aggregate, stand_in.as_ref())?;
            order_places.push(built.sort.clone().unwrap_or_else(|| ordinal(selected.len())));
            selected.extend(built.expressions.iter().cloned());
            aggregates.push(built);
        }
        frame.put_joins_into(&mut select);
        select.exprs(selected);
        // Without groups, one row over all rows, also over none.
        select.add_group_by(grouped_by.iter().map(|place| ordinal(*place)));
        let order = order(query, &order_places)?;
        Ok(Self { select, groups, aggregates, order })
    }

    fn rows(&self, connection: &mut dyn Connection, query: &Query) -> Result<Rows, StoreError> {
        let mut select = self.select.clone();
        for (expression, descending) in &self.order {
            let (direction, nulls) =
                if *descending { (Direction::Desc, NullOrdering::Last) } else { (Direction::Asc, NullOrdering::First) };
            match connection.dialect() {
                Dialect::Sqlite => select.order_by_expr(expression.clone(), direction),
                Dialect::Postgres => select.order_by_expr_with_nulls(expression.clone(), direction, nulls),
            };
        }
        select.limit(u64::from(query.page.size));
        let columns: Arc<[String]> = query
            .group_by
            .iter()
            .map(|group| group.alias.clone())
            .chain(query.aggregates.iter().map(|aggregate| aggregate.alias.clone()))
            .collect();
        let rows =
            engine::run(connection, &select)?.into_iter().map(|row| self.values(row)).collect::<Result<_, _>>()?;
        let total = if query.page.count { Some(self.count(connection)?) } else { None };
        Ok(Rows { columns, rows, next: None, previous: None, total })
    }

    fn values(&self, row: Vec<SqlValue>) -> Result<Vec<Value>, StoreError> {
        let mut stored = row.into_iter();
        let mut values = Vec::with_capacity(self.groups.len() + self.aggregates.len());
        for group in &self.groups {
            values.push(match group {
                Group::Column(column) => read(column, &mut stored)?,
                Group::Text => {
                    stored.next();
                    stored.next().and_then(|text| text.as_text().map(Value::from)).unwrap_or_default()
                }
                Group::Period => stored.next().as_ref().and_then(day).map_or(Value::Null, Value::Date),
                Group::Number => stored.next().as_ref().and_then(SqlValue::as_int).map_or(Value::Null, Value::Whole),
            });
        }
        for aggregate in &self.aggregates {
            values.push(aggregate.read(&mut stored)?);
        }
        Ok(values)
    }

    /// How many groups there are.
    fn count(&self, connection: &mut dyn Connection) -> Result<u64, StoreError> {
        if self.groups.is_empty() {
            return Ok(1);
        }
        let mut inner = self.select.clone();
        inner.limit(i64::MAX as u64);
        let numbered =
            Sql::select().expr(Expr::cust("COUNT(*)")).from_subquery(with_names(inner), named("found")).take();
        let rows = engine::run(connection, &numbered)?;
        Ok(rows.first().and_then(|row| row.first()).and_then(SqlValue::as_int).unwrap_or_default().unsigned_abs())
    }
}

/// A derived table needs different names for its columns.
fn with_names(mut select: SelectStatement) -> SelectStatement {
    let mut position = 0;
    select.exprs_mut_for_each(|selected| {
        selected.alias = Some(sea_query::IntoIden::into_iden(named(&format!("c{position}"))));
        position += 1;
    });
    select
}

/// The selected expression at this place, counted from 0.
fn ordinal(place: usize) -> Expr {
    Expr::cust((place + 1).to_string())
}

fn put_group<'a>(
    compiler: &mut Compiler<'a>,
    frame: &mut Frame<'a>,
    grouping: &Grouping,
    selected: &mut Vec<Expr>,
    grouped_by: &mut Vec<usize>,
) -> Result<Group<'a>, StoreError> {
    let resolved = compiler.resolve(frame, &grouping.path)?;
    grouped_by.push(selected.len());
    if let Some(part) = grouping.part {
        selected.push(period(compiler, &resolved, part)?);
        return Ok(if part.is_number() { Group::Number } else { Group::Period });
    }
    if family(resolved.column) == Family::Text {
        selected.push(compiler.comparable(&resolved));
        selected.push(compiler.exact_text(&resolved).min());
        return Ok(Group::Text);
    }
    selected.push(resolved.value);
    if let Some(target) = resolved.target {
        grouped_by.push(selected.len());
        selected.push(target);
    }
    Ok(Group::Column(resolved.column))
}

fn put_aggregate<'a>(
    compiler: &mut Compiler<'a>,
    frame: &mut Frame<'a>,
    aggregate: &Aggregate,
    stand_in: Option<&StandIn<'_>>,
) -> Result<Built<'a>, StoreError> {
    let Some(path) = &aggregate.path else {
        return Ok(match stand_in {
            None => Built::rows(),
            Some(_) => Built::kept_rows(&frame.alias),
        });
    };
    let Some(stand_in) = stand_in else {
        let resolved = compiler.resolve(frame, path)?;
        return Built::over(compiler, aggregate.function, &resolved);
    };
    let column = stored_column(frame.table, &path.column)?;
    compiler.refuse_hidden(frame.table, column)?;
    Ok(if stand_in.summary.sums.contains(&column.name) {
        Built::kept(compiler, &frame.alias, aggregate.function, column)
    } else if column.name == frame.table.primary_key {
        Built::kept_rows(&frame.alias)
    } else {
        Built::kept_filled(&frame.alias, column)
    })
}

/// The query's order by alias; the groups break ties.
fn order(query: &Query, places: &[Expr]) -> Result<Vec<(Expr, bool)>, StoreError> {
    let names: Vec<&str> = query
        .group_by
        .iter()
        .map(|group| group.alias.as_str())
        .chain(query.aggregates.iter().map(|aggregate| aggregate.alias.as_str()))
        .collect();
    let mut order = Vec::new();
    let mut used = Vec::new();
    for key in &query.order {
        let Path { steps, column } = &key.column;
        let position = names.iter().position(|name| steps.is_empty() && name == column).ok_or_else(|| {
            StoreError::BadQuery(format!(
                "grouped rows can be sorted by {} only, not by '{}'",
                names.join(", "),
                key.column
            ))
        })?;
        used.push(position);
        order.push((places[position].clone(), key.descending));
    }
    for (position, place) in places.iter().enumerate().take(query.group_by.len()) {
        if !used.contains(&position) {
            order.push((place.clone(), false));
        }
    }
    Ok(order)
}
