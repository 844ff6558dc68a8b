//! Rows of a table, page by page.

use std::sync::Arc;

use model::{Column, Filter, Path, Value};
use sea_query::{Expr, Query as Sql, SelectStatement};

use super::{
    arrivals::Arrivals,
    cursor,
    keyset::{self, Key},
    ranking,
    source::{Compiler, Frame, Resolved, column_of, named},
    ways::{self, Way},
};
use crate::{
    Query, Rows, StoreError,
    dialect::{decode, never_null},
    engine::{self, Connection, SqlValue},
};

/// Runs a query for rows.
pub(super) fn run(connection: &mut dyn Connection, model: &model::Model, query: &Query) -> Result<Rows, StoreError> {
    let mut compiler = Compiler::new(model, connection.dialect(), &query.scope, &query.zone);
    let plan = Plan::new(&mut compiler, query)?;
    let mut rows = plan.page(&mut compiler, connection, query)?;
    if query.page.count {
        rows.total = Some(count(connection, model, query)?);
    }
    Ok(rows)
}

/// The statements of a page, for tests.
#[cfg(test)]
pub(crate) fn statements(
    dialect: engine::Dialect,
    model: &model::Model,
    query: &Query,
) -> Result<Vec<String>, StoreError> {
    let mut compiler = Compiler::new(model, dialect, &query.scope, &query.zone);
    let plan = Plan::new(&mut compiler, query)?;
    Ok(plan.statements(&mut compiler, query)?.iter().map(|select| dialect.build(select).0).collect())
}

/// The place behind every row whose first key comes before `first` in the query's order, be there
/// a row with that value or not.
pub(super) fn place_of(
    dialect: engine::Dialect,
    model: &model::Model,
    query: &Query,
    first: Value,
) -> Result<crate::Cursor, StoreError> {
    let mut compiler = Compiler::new(model, dialect, &query.scope, &query.zone);
    let plan = Plan::new(&mut compiler, query)?;
    let mut place = vec![Value::Null; plan.keys.len()];
    if let Some(key) = place.first_mut() {
        *key = first;
    }
    cursor::at(&plan.keys, plan.table, place, false)
}

/// A cursor with these key values, for tests.
#[cfg(test)]
pub(crate) fn cursor_at(
    dialect: engine::Dialect,
    model: &model::Model,
    query: &Query,
    place: Vec<Value>,
    backwards: bool,
) -> Result<crate::Cursor, StoreError> {
    let mut compiler = Compiler::new(model, dialect, &query.scope, &query.zone);
    let plan = Plan::new(&mut compiler, query)?;
    cursor::at(&plan.keys, plan.table, place, backwards)
}

struct Plan<'a> {
    dialect: engine::Dialect,
    table: &'a str,
    /// The parts of the rows, where each is asked for by itself.
    ways: Option<Vec<Way>>,
    /// The row's number.
    number: Expr,
    /// The values of the first key are asked for one after the other.
    in_turn: bool,
    /// FROM, joins, WHERE and outputs; no order, place or limit.
    select: SelectStatement,
    /// Name and column of each output.
    outputs: Vec<(String, &'a Column)>,
    keys: Vec<Key<'a>>,
}

impl<'a> Plan<'a> {
    fn new(compiler: &mut Compiler<'a>, query: &'a Query) -> Result<Self, StoreError> {
        let arrivals = Arrivals::of(query);
        let table = compiler.table(&query.table)?;
        let ways = if arrivals.is_some() { None } else { ways::of(query, table) };
        let mut frame = compiler.frame(table, true);
        let mut select = Sql::select();
        match &arrivals {
            Some(arrivals) => arrivals.put_root_into(compiler.dialect, &frame, &mut select),
            None => frame.put_root_into(&mut select, None),
        }
        compiler.put_joins(&frame, query, &mut select)?;
        let condition = match (&ways, &arrivals) {
            // Each way asks for the filter itself.
            (Some(_), _) => Vec::new(),
            (None, Some(arrivals)) => restricted(compiler, &mut frame, arrivals.rest(compiler.dialect, query))?,
            (None, None) => restricted(compiler, &mut frame, &query.filter)?,
        };
        let root = frame.alias.clone();
        let mut outputs = Vec::new();
        let mut resolved_outputs = Vec::new();
        for output in &query.columns {
            let resolved = match &output.join {
                None => compiler.resolve_shown(&mut frame, table, root.clone(), &output.path)?,
                Some(name) => {
                    let (table, alias) = compiler.joins.named(name)?;
                    compiler.resolve_shown(&mut frame, table, alias, &output.path)?
                }
            };
            let name = output.alias.clone().unwrap_or_else(|| match &output.join {
                None => output.path.to_string(),
                Some(join) => format!("{join}.{}", output.path),
            });
            outputs.push((name, resolved.column));
            resolved_outputs.push(resolved);
        }
        let arrival = arrivals.and_then(|_| Arrivals::key(compiler.dialect, &frame));
        let keys = if let Some(arrival) = arrival {
            vec![arrival]
        } else if query.distinct {
            distinct_keys(compiler, &mut frame, query, &resolved_outputs)?
        } else {
            keys(compiler, &mut frame, query)?
        };
        frame.put_joins_into(&mut select);
        put_condition(&mut select, condition);
        if query.distinct {
            select.distinct();
        }
        for resolved in resolved_outputs {
            select.expr(resolved.value);
            select.exprs(resolved.target);
        }
        for key in &keys {
            select.expr(key.expression.clone());
        }
        let number = column_of(&frame.alias, ways::NUMBER);
        let in_turn = ranking::has_ranges(query, table);
        Ok(Self { dialect: compiler.dialect, table: &query.table, ways, number, in_turn, select, outputs, keys })
    }

    /// The statements whose rows, one after the other, make the page and what follows it.
    fn statements(&self, compiler: &mut Compiler<'a>, query: &'a Query) -> Result<Vec<SelectStatement>, StoreError> {
        let Some(ways) = &self.ways else { return self.segments(query) };
        let mut parts = Vec::new();
        for way in ways {
            parts.push(Self::part(compiler, query, way)?.segments(query)?);
        }
        let backwards = query.page.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
        let segments = parts.first().map_or(0, Vec::len);
        let limit = u64::from(query.page.size) + 1;
        // The same keys, as the parts name them.
        let named_keys: Vec<Key<'_>> = self
            .keys
            .iter()
            .enumerate()
            .map(|(place, key)| key.of(Expr::col(named(&ways::sorted_by(place)))))
            .collect();
        let mut statements = Vec::with_capacity(segments);
        for segment in 0..segments {
            let limited = |part: &Vec<SelectStatement>| {
                let mut part = part[segment].clone();
                part.limit(limit);
                part
            };
            let mut page = self.select.clone();
            keyset::sort(self.dialect, &mut page, &self.keys, backwards);
            let first = |shown: &mut SelectStatement| {
                keyset::sort(self.dialect, shown, &named_keys, backwards);
                shown.limit(limit);
            };
            ways::put_together(&mut page, self.number.clone(), parts.iter().map(limited).collect(), first);
            statements.push(page);
        }
        Ok(statements)
    }

    /// Selects the numbers of the rows of one part.
    fn part(compiler: &mut Compiler<'a>, query: &'a Query, way: &Way) -> Result<Self, StoreError> {
        // A statement beside the others, not inside of them.
        compiler.conditions = 0;
        let table = compiler.table(&query.table)?;
        let mut frame = compiler.frame(table, true);
        let mut select = Sql::select();
        way.put_into(compiler, &frame, &mut select)?;
        let filter = way.filter(query);
        if !filter.is_everything() {
            let condition = compiler.condition(&mut frame, filter)?;
            put_condition(&mut select, vec![condition]);
        }
        let keys = keys(compiler, &mut frame, query)?;
        frame.put_joins_into(&mut select);
        let number = column_of(&frame.alias, ways::NUMBER);
        select.expr_as(number.clone(), named(ways::FOUND));
        for (place, key) in keys.iter().enumerate() {
            select.expr_as(key.expression.clone(), named(&ways::sorted_by(place)));
        }
        Ok(Self {
            dialect: compiler.dialect,
            table: &query.table,
            ways: None,
            number,
            in_turn: ranking::has_ranges(query, table),
            select,
            outputs: Vec::new(),
            keys,
        })
    }

    /// The statement, cut where the page begins: one for each way to lie behind that place.
    fn segments(&self, query: &Query) -> Result<Vec<SelectStatement>, StoreError> {
        let backwards = query.page.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
        let place =
            query.page.cursor.as_ref().map(|cursor| cursor::read(&self.keys, self.table, cursor)).transpose()?;
        let mut base = self.select.clone();
        let conditions = if self.in_turn {
            keyset::sort(self.dialect, &mut base, &self.keys[1..], backwards);
            ranking::in_turn(self.dialect, &self.keys, place.as_deref(), backwards)?
        } else {
            keyset::sort(self.dialect, &mut base, &self.keys, backwards);
            let Some(place) = place else { return Ok(vec![base]) };
            keyset::behind(self.dialect, &self.keys, &place, backwards)?
        };
        Ok(conditions
            .into_iter()
            .map(|condition| {
                let mut select = base.clone();
                sea_query::ConditionalStatement::and_where(&mut select, condition);
                select
            })
            .collect())
    }

    fn page(
        &self,
        compiler: &mut Compiler<'a>,
        connection: &mut dyn Connection,
        query: &'a Query,
    ) -> Result<Rows, StoreError> {
        let columns: Arc<[String]> = self.outputs.iter().map(|(name, _)| name.clone()).collect();
        let size = query.page.size as usize;
        let backwards = query.page.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
        let mut found: Vec<Vec<SqlValue>> = Vec::new();
        if size > 0 {
            for mut select in self.statements(compiler, query)? {
                select.limit((size + 1 - found.len()) as u64);
                found.extend(engine::run(connection, &select)?);
                if found.len() > size {
                    break;
                }
            }
        }
        let more = found.len() > size;
        found.truncate(size);
        if backwards {
            found.reverse();
        }
        let mut rows = Vec::with_capacity(found.len());
        let (mut first, mut last) = (None, None);
        let length = found.len();
        for (position, stored) in found.into_iter().enumerate() {
            let mut stored = stored.into_iter();
            rows.push(self.values(&mut stored)?);
            // Only the ends of the page become cursors.
            if position == 0 || position + 1 == length {
                let place = self.place(&mut stored)?;
                if position == 0 {
                    first = Some(place.clone());
                }
                last = Some(place);
            }
        }
        let paging = query.page.cursor.is_some();
        let (before, behind) = if backwards { (more, true) } else { (paging, more) };
        let at = |place: Option<Vec<Value>>, backwards: bool| {
            place.map(|place| cursor::at(&self.keys, self.table, place, backwards)).transpose()
        };
        Ok(Rows {
            columns,
            rows,
            next: if behind { at(last, false)? } else { None },
            previous: if before { at(first, true)? } else { None },
            total: None,
        })
    }

    fn values(&self, stored: &mut impl Iterator<Item = SqlValue>) -> Result<Vec<Value>, StoreError> {
        self.outputs.iter().map(|(_, column)| read(column, stored)).collect()
    }

    fn place(&self, stored: &mut impl Iterator<Item = SqlValue>) -> Result<Vec<Value>, StoreError> {
        let mut place = Vec::with_capacity(self.keys.len());
        for (key, stored) in self.keys.iter().zip(stored) {
            place.push(match stored {
                SqlValue::Text(text) if key.is_target => Value::Text(text),
                // The identifier of a polymorphic lookup is enough: its table is a key of its own.
                stored => decode(key.column, stored, key.column.is_polymorphic().then_some(SqlValue::Null))?,
            });
        }
        Ok(place)
    }
}

/// The next value of a column from a row.
pub(super) fn read(column: &Column, stored: &mut impl Iterator<Item = SqlValue>) -> Result<Value, StoreError> {
    let value = stored.next().unwrap_or(SqlValue::Null);
    let target = if column.is_polymorphic() { stored.next() } else { None };
    decode(column, value, target)
}

/// The rule of access and the filter.
pub(super) fn restricted<'a>(
    compiler: &mut Compiler<'a>,
    frame: &mut Frame<'a>,
    filter: &Filter,
) -> Result<Vec<Expr>, StoreError> {
    let mut conditions = Vec::new();
    if let Some(rule) = compiler.rule(frame.table, &frame.alias)? {
        conditions.push(rule);
    }
    if !filter.is_everything() {
        conditions.push(compiler.condition(frame, filter)?);
    }
    Ok(conditions)
}

pub(super) fn put_condition(select: &mut SelectStatement, conditions: Vec<Expr>) {
    for condition in conditions {
        sea_query::ConditionalStatement::and_where(select, condition);
    }
}

/// The query's order, then the primary keys of all tables whose rows make up a result row.
fn keys<'a>(compiler: &mut Compiler<'a>, frame: &mut Frame<'a>, query: &'a Query) -> Result<Vec<Key<'a>>, StoreError> {
    let mut keys: Vec<Key<'a>> = Vec::new();
    for order in &query.order {
        let resolved = compiler.resolve(frame, &order.column)?;
        let own = order.column.is_own();
        let never_null = own && never_null(frame.table, resolved.column);
        let name = order.column.to_string();
        let mut key = Key::new(compiler.comparable(&resolved), &resolved, order.descending, never_null, name);
        if let Some(ranking) = query.ranking_of(&order.column) {
            key = ranking::key(key, ranking)?;
        }
        if keys.iter().any(|other| other.name == key.name) {
            continue;
        }
        keys.push(key);
        // The primary key ends every order: what follows cannot matter.
        if own && resolved.column.name == frame.table.primary_key && query.joins.is_empty() {
            return Ok(keys);
        }
    }
    let descending = keys.last().is_some_and(|key| key.descending);
    let primary_key = Path::column(&frame.table.primary_key);
    if !keys.iter().any(|key| key.name == primary_key.column) {
        let resolved = compiler.resolve(frame, &primary_key)?;
        keys.push(Key::new(resolved.value.clone(), &resolved, descending, true, primary_key.column));
    }
    for join in &query.joins {
        // What is not joined in has no rows here.
        let Some((table, alias)) = compiler.joins.placed(&join.alias) else { continue };
        let resolved = compiler.resolve_from(frame, table, alias, &Path::column(&table.primary_key))?;
        let name = format!("{}/{}", join.alias, table.primary_key);
        keys.push(Key::new(resolved.value.clone(), &resolved, descending, false, name));
    }
    Ok(keys)
}

/// Without repetitions a row is what it shows: the order may name outputs only, and all outputs
/// together break ties.
fn distinct_keys<'a>(
    compiler: &mut Compiler<'a>,
    frame: &mut Frame<'a>,
    query: &'a Query,
    outputs: &[Resolved<'a>],
) -> Result<Vec<Key<'a>>, StoreError> {
    let mut keys: Vec<Key<'a>> = Vec::new();
    for order in &query.order {
        let position = query.columns.iter().position(|output| output.join.is_none() && output.path == order.column);
        let Some(position) = position else {
            return Err(StoreError::BadQuery(format!(
                "rows without repetitions can be sorted by returned columns only; also return '{}'",
                order.column
            )));
        };
        let never_null = order.column.is_own() && never_null(frame.table, outputs[position].column);
        let name = position.to_string();
        let expression = compiler.comparable(&outputs[position]);
        let mut key = Key::new(expression, &outputs[position], order.descending, never_null, name);
        if let Some(ranking) = query.ranking_of(&order.column) {
            // The number itself follows among all outputs.
            key = ranking::key(key, ranking)?;
        }
        if !keys.iter().any(|other| other.name == key.name) {
            keys.push(key);
        }
    }
    let descending = keys.last().is_some_and(|key| key.descending);
    for (position, output) in outputs.iter().enumerate() {
        let name = position.to_string();
        if !keys.iter().any(|key| key.name == name) {
            keys.push(Key::new(compiler.comparable(output), output, descending, false, name));
        }
        if super::literal::family(output.column) == super::literal::Family::Text {
            // Two spellings are two rows.
            let name = format!("{position}/exact");
            keys.push(Key::new(compiler.exact_text(output), output, descending, false, name));
        }
        if let Some(target) = &output.target {
            let name = format!("{position}/type");
            let mut key = Key::new(target.clone(), output, descending, false, name);
            key.is_target = true;
            keys.push(key);
        }
    }
    Ok(keys)
}

/// All matching rows.
fn count(connection: &mut dyn Connection, model: &model::Model, query: &Query) -> Result<u64, StoreError> {
    let mut compiler = Compiler::new(model, connection.dialect(), &query.scope, &query.zone);
    let mut select = if query.distinct {
        let plan = Plan::new(&mut compiler, query)?;
        // Two outputs may be the same column; a derived table needs different names. The keys
        // of such a query are all its outputs.
        let mut select = plan.select;
        select.clear_selects();
        for (position, key) in plan.keys.iter().enumerate() {
            select.expr_as(key.expression.clone(), named(&format!("c{position}")));
        }
        Sql::select().from_subquery(select, named("found")).take()
    } else {
        let table = compiler.table(&query.table)?;
        let mut frame = compiler.frame(table, true);
        let mut select = Sql::select();
        frame.put_root_into(&mut select, None);
        compiler.put_joins(&frame, query, &mut select)?;
        let condition = restricted(&mut compiler, &mut frame, &query.filter)?;
        frame.put_joins_into(&mut select);
        put_condition(&mut select, condition);
        select
    };
    select.expr(Expr::cust("COUNT(*)"));
    let rows = engine::run(connection, &select)?;
    Ok(rows.first().and_then(|row| row.first()).and_then(SqlValue::as_int).unwrap_or_default().unsigned_abs())
}
