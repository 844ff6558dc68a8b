//! The write path's face: one row, one act.

use store::Row;
use uuid::Uuid;

use crate::{App, Caller, NewRecord, Origin, Result};

impl App {
    /// Creates a row with everything that hangs on it, in one transaction; returns its key.
    pub async fn create(&self, caller: &Caller, origin: Origin, record: NewRecord) -> Result<Uuid> {
        self.work(caller, origin, move |work| work.create_all(record)).await
    }

    /// Changes columns of a row; with `if_version`, only where it still has that version. Returns
    /// the row as the caller may see it.
    pub async fn update(
        &self,
        caller: &Caller,
        origin: Origin,
        table: &str,
        id: Uuid,
        changes: Row,
        if_version: Option<i64>,
    ) -> Result<Row> {
        let table = table.to_owned();
        self.work(caller, origin, move |work| {
            let mut row = work.update(&table, id, changes, if_version)?;
            let table = work.table(&table)?;
            work.caller().scope().conceal(&table, &mut row);
            Ok(row)
        })
        .await
    }

    /// Deletes a row and, as the relationships say, what hangs on it.
    pub async fn delete(
        &self,
        caller: &Caller,
        origin: Origin,
        table: &str,
        id: Uuid,
        if_version: Option<i64>,
    ) -> Result<()> {
        let table = table.to_owned();
        self.work(caller, origin, move |work| work.delete(&table, id, if_version)).await
    }

    /// Takes an act back as a whole; see [`crate::Work::undo`].
    pub async fn undo(&self, caller: &Caller, origin: Origin, act: Uuid) -> Result<usize> {
        self.work(caller, origin, move |work| work.undo(act)).await
    }
}
