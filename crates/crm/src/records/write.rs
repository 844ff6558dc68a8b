//! The last step of every write: the row, and what is kept beside it.

use model::Table;
use store::Row;
use uuid::Uuid;

use super::Work;
use crate::{Result, foundations, identity::administrators};

impl Work<'_, '_> {
    /// Writes a new row.
    pub(crate) fn write_new(&mut self, table: &Table, id: Uuid, row: Row) -> Result<Row> {
        foundations::before_write(self, table, None, &row)?;
        self.refuse_loop(table, id, None, &row)?;
        let actor = self.actor.clone();
        let stored = self.writer.insert(&actor, &table.name, id, row)?;
        self.touched.note(&table.name);
        self.keep_match_keys(table, None, Some(&stored))?;
        Ok(stored)
    }

    /// Writes changes of a row.
    pub(crate) fn write_row(&mut self, table: &Table, old: &Row, changes: Row) -> Result<Row> {
        foundations::before_write(self, table, Some(old), &changes)?;
        let id = old.value(&table.primary_key).as_id().unwrap_or_default();
        self.refuse_loop(table, id, Some(old), &changes)?;
        let actor = self.actor.clone();
        let new = self.writer.update(&actor, &table.name, old, changes)?;
        self.touched.note(&table.name);
        self.keep_match_keys(table, Some(old), Some(&new))?;
        administrators::keep_one(self, table, old, Some(&new))?;
        Ok(new)
    }

    /// Takes a row away.
    pub(crate) fn write_deletion(&mut self, table: &Table, old: &Row) -> Result<()> {
        foundations::before_delete(self, table, old)?;
        let actor = self.actor.clone();
        self.writer.delete(&actor, &table.name, old)?;
        self.touched.note(&table.name);
        self.keep_match_keys(table, Some(old), None)?;
        administrators::keep_one(self, table, old, None)
    }
}
