//! Deleting rows with what hangs on them.

use language::tr;
use store::Row;
use uuid::Uuid;

use super::{Work, rules, update::refuse_stale};
use crate::{Error, Result, access::Privilege, foundations, identity, process};

impl Work<'_, '_> {
    /// Deletes one row and, as the relationships say, what hangs on it.
    pub fn delete(&mut self, table: &str, id: Uuid, if_version: Option<i64>) -> Result<()> {
        let table = self.table(table)?;
        let old = self.load(&table.name, id)?;
        refuse_stale(&table, id, &old, if_version)?;
        if table.name == "systemuser" {
            return Err(Error::refused(tr!(
                "people are not deleted, since their work bears their name; disable the user instead"
            )));
        }
        process::refuse_deletion(&table)?;
        self.delete_loaded(&table, &old)
    }

    /// Deletes a row that was loaded in this act.
    pub(crate) fn delete_loaded(&mut self, table: &model::Table, old: &Row) -> Result<()> {
        self.authorise(Privilege::Delete, table, old)?;
        let id = old.value(&table.primary_key).as_id().unwrap_or_default();
        if table.name == "role" {
            identity::programs::refuse_deletion_of_role(self, id)?;
        }
        // Before what hangs on it is found to be in the way.
        foundations::before_delete(self, table, old)?;
        self.as_consequence(|work| work.cascade_delete(table, id))?;
        self.write_deletion(table, old)?;
        rules::after_delete(self, table, old)
    }
}
