//! One row by its key with columns of its own: what is asked most of all, and so simple that it is written down
//! at once instead of going the general way.

use model::{Column, Condition, Filter, Model, Operator, Table, Value};

use super::{list, source::stored_column};
use crate::{
    Query, Rows, StoreError,
    dialect::type_column,
    engine::{Connection, Dialect, SqlValue, quoted},
};

/// Such a question.
pub(super) struct ByKey<'a> {
    table: &'a Table,
    key: SqlValue,
    /// Each asked for, with the name it has in the answer.
    columns: Vec<(String, &'a Column)>,
}

impl<'a> ByKey<'a> {
    /// Reads a query as one by key; none where it asks for more than that, or a rule hides something of it.
    pub fn of(model: &'a Model, query: &'a Query) -> Option<Self> {
        let table = model.table(&query.table)?;
        let page = &query.page;
        let is_plain = query.joins.is_empty() && query.order.is_empty() && !query.distinct;
        let is_whole = page.size > 0 && page.cursor.is_none() && !page.count;
        if !is_plain || !is_whole || query.scope.restricts(&table.name) {
            return None;
        }
        let Filter::Condition(Condition { column, operator: Operator::Eq, values, other: None }) = &query.filter else {
            return None;
        };
        let (true, [Value::Id(id)]) = (column.is_own() && column.column == table.primary_key, values.as_slice()) else {
            return None;
        };
        let asked = |output: &'a crate::query::Output| {
            let column = stored_column(table, &output.path.column).ok()?;
            let is_open = output.join.is_none() && output.path.is_own() && query.scope.shows(column);
            is_open.then(|| (output.alias.clone().unwrap_or_else(|| column.name.clone()), column))
        };
        let columns = query.columns.iter().map(asked).collect::<Option<Vec<_>>>()?;
        (!columns.is_empty()).then_some(Self { table, key: (*id).into(), columns })
    }

    /// Its row, or none.
    pub fn run(self, connection: &mut dyn Connection) -> Result<Rows, StoreError> {
        let sql = self.statement(connection.dialect());
        let mut rows = Vec::with_capacity(1);
        for stored in connection.query(&sql, &[self.key])? {
            let mut stored = stored.into_iter();
            let values = self.columns.iter().map(|(_, column)| list::read(column, &mut stored));
            rows.push(values.collect::<Result<Vec<_>, _>>()?);
        }
        let columns = self.columns.into_iter().map(|(name, _)| name).collect();
        Ok(Rows { columns, rows, next: None, previous: None, total: None })
    }

    fn statement(&self, dialect: Dialect) -> String {
        let target = |column: &Column| column.is_polymorphic().then(|| quoted(&type_column(&column.name)));
        let asked = self.columns.iter().flat_map(|(_, column)| [Some(quoted(&column.name)), target(column)]);
        let asked: Vec<String> = asked.flatten().collect();
        let (table, key) = (quoted(&self.table.name), quoted(&self.table.primary_key));
        format!("SELECT {} FROM {table} WHERE {key} = {}", asked.join(", "), dialect.parameter(1))
    }
}
