//! Creating rows.

use language::{tr, translated};
use model::{ColumnType, Reference, Table, TableKind, Value};
use store::Row;
use uuid::Uuid;

use super::{Work, input, rules};
use crate::{
    Error, Result,
    access::{Privilege, Setting},
    process,
};

/// A row to be created, with rows that hang on it.
#[derive(Debug, Clone, Default)]
pub struct NewRecord {
    /// Logical name of the table.
    pub table: String,
    /// The key, where the caller chooses it.
    pub id: Option<Uuid>,
    /// Columns given.
    pub values: Row,
    /// Rows to be created first, each with the lookup of this row that shall point at it.
    pub parents: Vec<(String, NewRecord)>,
    /// Rows to be created afterwards, each with its lookup that shall point at this row.
    pub children: Vec<(String, NewRecord)>,
}

impl NewRecord {
    /// A row of `table` with these values.
    pub fn of(table: impl Into<String>, values: Row) -> Self {
        Self { table: table.into(), values, ..Self::default() }
    }
}

impl Work<'_, '_> {
    /// Creates a row and everything that hangs on it; returns the row's key.
    pub fn create_all(&mut self, mut record: NewRecord) -> Result<Uuid> {
        for (lookup, parent) in std::mem::take(&mut record.parents) {
            let table = parent.table.clone();
            let id = self.create_all(parent)?;
            record.values.set(lookup, Reference::new(table, id));
        }
        let row = self.create(&record.table, record.id, record.values)?;
        let table = self.table(&record.table)?;
        let id = row.value(&table.primary_key).as_id().unwrap_or_default();
        for (lookup, mut child) in record.children {
            child.values.set(lookup, Reference::new(record.table.clone(), id));
            self.create_all(child)?;
        }
        Ok(id)
    }

    /// Creates one row from outside input and returns it as stored.
    pub fn create(&mut self, table: &str, id: Option<Uuid>, values: Row) -> Result<Row> {
        let table = self.table(table)?;
        input::refuse_outside_writes(&table, &values)?;
        self.authorise_columns(Setting::Create, &table, &values)?;
        if table.kind == TableKind::Process {
            let values = input::checked(&table, values)?;
            return process::start(self, &table, id, &values);
        }
        self.create_trusted(&table, id, values)
    }

    /// Creates one row; read-only columns may be given, because a rule of the domain speaks.
    pub(crate) fn create_trusted(&mut self, table: &Table, id: Option<Uuid>, values: Row) -> Result<Row> {
        let id = id.unwrap_or_else(Uuid::now_v7);
        let mut row = input::checked(table, values)?;
        row.set(&table.primary_key, id);
        self.fill_new(table, &mut row)?;
        self.authorise(Privilege::Create, table, &row)?;
        rules::before_create(self, table, &mut row)?;
        self.fill_money(table, None, &mut row)?;
        require_filled(table, &row)?;
        self.authorise_links(table, None, &row)?;
        let stored = self.write_new(table, id, row)?;
        self.inherit_shares(table, None, &stored)?;
        rules::after_create(self, table, &stored)?;
        Ok(stored)
    }
}

/// System-required columns must hold something when the row is new.
fn require_filled(table: &Table, row: &Row) -> Result<()> {
    let missing = table
        .columns
        .values()
        .filter(|column| column.required == model::RequiredLevel::System && !column.is_computed())
        .filter(|column| !matches!(column.kind, ColumnType::Id | ColumnType::PartyList { .. }))
        .filter(|column| row.get(&column.name).is_none_or(Value::is_null))
        .map(|column| crate::FieldError::of(column, tr!("{} must be filled", translated(&column.label))))
        .collect::<Vec<_>>();
    if missing.is_empty() { Ok(()) } else { Err(Error::Invalid(missing)) }
}
