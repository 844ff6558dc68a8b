//! Single rows: the statements for them, made once a table, and the way between a [`Row`] and
//! physical values.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use model::{Column, ColumnType, Model, Reference, Table, Value};
use uuid::Uuid;

use crate::{
    ColumnName, Row, StoreError,
    derived::DerivedPlan,
    dialect::{decode, encode, places, width},
    engine::{Connection, Dialect, SqlValue, quoted},
};

/// The column with the sequence number of the row's last feed entry.
pub(crate) const VERSION: &str = "versionnumber";

/// The statements for single rows of one table.
pub(crate) struct TablePlan {
    pub(crate) table: Arc<Table>,
    /// All columns by the primary key.
    select: String,
    /// The same, locked.
    lock: String,
    /// All columns.
    insert: String,
    /// By primary key and version.
    delete: String,
    /// All stored columns, sorted by name as a [`Row`] is.
    sorted: Vec<Place>,
    /// How many physical columns there are.
    width: usize,
    dialect: Dialect,
    /// What follows from a write.
    pub(crate) derived: DerivedPlan,
}

/// Where a column's value stands in the statements of its table.
struct Place {
    name: ColumnName,
    /// Among the table's columns.
    column: usize,
    /// Among the physical columns; a polymorphic lookup has the next one, too.
    first: usize,
}

/// Plans of all tables of one model, made when first needed.
#[derive(Default)]
pub(crate) struct Plans {
    made: RwLock<HashMap<String, Arc<TablePlan>>>,
}

impl Plans {
    /// The plan for a table of the model.
    pub(crate) fn table(&self, model: &Model, name: &str, dialect: Dialect) -> Result<Arc<TablePlan>, StoreError> {
        if let Some(plan) = self.made.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(Arc::clone(plan));
        }
        let table = model.table(name).ok_or_else(|| StoreError::BadQuery(format!("there is no table '{name}'")))?;
        let plan = Arc::new(TablePlan::new(model, Arc::clone(table), dialect));
        self.made.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::clone(&plan));
        Ok(plan)
    }
}

impl TablePlan {
    fn new(model: &Model, table: Arc<Table>, dialect: Dialect) -> Self {
        let names: Vec<String> = stored(&table).flat_map(physical_names).collect();
        let columns = names.join(", ");
        let parameters: Vec<String> = (1..=names.len()).map(|position| dialect.parameter(position)).collect();
        let name = quoted(&table.name);
        let key = quoted(&table.primary_key);
        let select = format!("SELECT {columns} FROM {name} WHERE {key} = {}", dialect.parameter(1));
        let lock = match dialect {
            // SQLite has one writer, who needs no locks.
            Dialect::Sqlite => select.clone(),
            Dialect::Postgres => format!("{select} FOR NO KEY UPDATE"),
        };
        Self {
            sorted: places_of(&table),
            width: names.len(),
            derived: DerivedPlan::new(model, &table, dialect),
            lock,
            insert: format!("INSERT INTO {name} ({columns}) VALUES ({})", parameters.join(", ")),
            delete: format!(
                "DELETE FROM {name} WHERE {key} = {} AND {VERSION} = {}",
                dialect.parameter(1),
                dialect.parameter(2)
            ),
            select,
            table,
            dialect,
        }
    }

    /// The whole row.
    pub(crate) fn get(&self, connection: &mut dyn Connection, id: Uuid) -> Result<Option<Row>, StoreError> {
        self.one(connection, &self.select, id)
    }

    /// The whole row, locked until the transaction ends.
    pub(crate) fn lock(&self, connection: &mut dyn Connection, id: Uuid) -> Result<Option<Row>, StoreError> {
        self.one(connection, &self.lock, id)
    }

    fn one(&self, connection: &mut dyn Connection, sql: &str, id: Uuid) -> Result<Option<Row>, StoreError> {
        let found = connection.query(sql, &[id.into()])?.pop();
        found.map(|values| self.read(values)).transpose()
    }

    /// A row from the values of all its physical columns.
    fn read(&self, mut values: Vec<SqlValue>) -> Result<Row, StoreError> {
        values.resize(self.width, SqlValue::Null);
        let mut take = |place: usize| std::mem::replace(&mut values[place], SqlValue::Null);
        self.sorted
            .iter()
            .map(|place| {
                let column = &self.table.columns[place.column];
                let stored = take(place.first);
                let target = (width(column) == 2).then(|| take(place.first + 1));
                Ok((place.name.clone(), decode(column, stored, target)?))
            })
            .collect()
    }

    /// The row with a null for every stored column it lacks.
    pub(crate) fn complete(&self, row: Row) -> Row {
        // Both are sorted: one pass, no searching.
        let mut present = row.into_iter().peekable();
        self.sorted
            .iter()
            .map(|place| match present.next_if(|(known, _)| *known == place.name) {
                Some(pair) => pair,
                None => (place.name.clone(), Value::Null),
            })
            .collect()
    }

    /// Writes a new row, of stored columns only.
    pub(crate) fn insert(&self, connection: &mut dyn Connection, row: &Row) -> Result<(), StoreError> {
        let mut values = vec![SqlValue::Null; self.width];
        let mut given = row.iter().peekable();
        for place in &self.sorted {
            // Both are sorted: one pass, no searching.
            let Some((_, value)) = given.next_if(|(name, _)| *name == place.name) else { continue };
            let encoded = encode(self.dialect, &self.table.columns[place.column], value)?;
            values[place.first..].iter_mut().zip(encoded).for_each(|(slot, value)| *slot = value);
        }
        connection.execute(&self.insert, &values).map_err(|error| self.explain(error)).map(drop)
    }

    /// Writes the named columns of `new`, provided the row still has this version; how many rows
    /// that were.
    pub(crate) fn update(
        &self,
        connection: &mut dyn Connection,
        new: &Row,
        changed: &[&Column],
        id: Uuid,
        version: i64,
    ) -> Result<u64, StoreError> {
        let mut values = Vec::with_capacity(changed.len() + 3);
        let mut settings = Vec::with_capacity(changed.len() + 1);
        for column in changed {
            for (name, value) in physical_names(column).zip(encode(self.dialect, column, new.value(&column.name))?) {
                values.push(value);
                settings.push(format!("{name} = {}", self.dialect.parameter(values.len())));
            }
        }
        values.extend([id.into(), version.into()]);
        let sql = format!(
            "UPDATE {} SET {} WHERE {} = {} AND {VERSION} = {}",
            quoted(&self.table.name),
            settings.join(", "),
            quoted(&self.table.primary_key),
            self.dialect.parameter(values.len() - 1),
            self.dialect.parameter(values.len()),
        );
        connection.execute(&sql, &values).map_err(|error| self.explain(error))
    }

    /// Removes the row, provided it still has this version; how many rows that were.
    pub(crate) fn delete(&self, connection: &mut dyn Connection, id: Uuid, version: i64) -> Result<u64, StoreError> {
        connection.execute(&self.delete, &[id.into(), version.into()])
    }

    /// The error with the table's own columns for the name of a PostgreSQL index.
    fn explain(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::DuplicateKey { columns, .. } => {
                let keys = crate::schema::unique_indexes(&self.table, self.dialect);
                let named = keys.into_iter().find(|(index, _)| columns.contains(index)).map(|(_, key)| key);
                let columns = named.unwrap_or_else(|| {
                    let known = columns.iter().all(|column| self.table.column(column).is_some());
                    if known { columns } else { vec![self.table.primary_key.clone()] }
                });
                StoreError::DuplicateKey { table: self.table.name.clone(), columns }
            }
            other => other,
        }
    }
}

fn places_of(table: &Table) -> Vec<Place> {
    let mut first = 0;
    let mut places = Vec::new();
    for (column, declared) in table.columns.values().enumerate().filter(|(_, column)| column.is_stored()) {
        places.push(Place { name: declared.name.as_str().into(), column, first });
        first += width(declared);
    }
    places.sort_unstable_by(|left, right| left.name.cmp(&right.name));
    places
}

/// The columns the database holds, in the model's order: the order of all statements here.
pub(crate) fn stored(table: &Table) -> impl Iterator<Item = &Column> {
    table.columns.values().filter(|column| column.is_stored())
}

/// Physical names of a stored column, quoted.
pub(crate) fn physical_names(column: &Column) -> impl Iterator<Item = String> {
    let second = (width(column) == 2).then(|| quoted(&crate::dialect::type_column(&column.name)));
    std::iter::once(quoted(&column.name)).chain(second)
}

/// A row from the physical values of these columns.
pub(crate) fn read<'a>(columns: impl Iterator<Item = &'a Column>, values: Vec<SqlValue>) -> Result<Row, StoreError> {
    let mut values = values.into_iter();
    let mut next = || values.next().unwrap_or(SqlValue::Null);
    columns
        .map(|column| {
            let stored = next();
            let target = (width(column) == 2).then(&mut next);
            Ok((column.name.clone(), decode(column, stored, target)?))
        })
        .collect()
}

/// The row as the database will give it back: moments to the millisecond, numbers to their
/// places, unknown columns refused.
pub(crate) fn normalised(table: &Table, row: Row) -> Result<Row, StoreError> {
    row.into_iter()
        .map(|(name, value)| {
            let column = table.column(&name).filter(|column| column.is_stored()).ok_or_else(|| {
                StoreError::BadValue { column: name.to_string(), message: format!("{} has no such column", table.name) }
            })?;
            Ok((name, normalised_value(column, value)))
        })
        .collect()
}

fn normalised_value(column: &Column, value: Value) -> Value {
    match (value, places(column.value_type())) {
        (Value::DateTime(moment), _) => {
            let millis = jiff::Timestamp::from_millisecond(moment.as_millisecond());
            Value::DateTime(millis.unwrap_or(moment))
        }
        (value @ (Value::Decimal(_) | Value::Whole(_)), Some(places)) if places > 0 => {
            value.as_decimal().map_or(Value::Null, |number| Value::Decimal(number.round_dp(places).normalize()))
        }
        (Value::Id(id), _) => match &column.kind {
            ColumnType::Lookup { targets } if targets.len() == 1 => Value::Reference(Reference::new(&targets[0], id)),
            _ => Value::Id(id),
        },
        // Nothing chosen is null.
        (Value::Choices(choices), _) if choices.is_empty() => Value::Null,
        (value, _) => value,
    }
}
