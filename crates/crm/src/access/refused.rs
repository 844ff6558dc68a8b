//! A refusal is told to whoever asked, and to whoever watches over the organisation.

use model::Table;

use crate::{Caller, Error, Origin, records::Work};

/// Refuses with these words. The log says who wanted to do what, and nothing of any record: not
/// these words either.
pub(crate) fn refused(caller: &Caller, action: &str, table: Option<&str>, words: String) -> Error {
    tracing::warn!(target: "security", user = %caller.user, action, table, "access was refused");
    Error::Forbidden(words)
}

impl Work<'_, '_> {
    /// Refuses something with a row of this table. Rows that an import may not bring in are told in
    /// its report, which is kept; there may be a million of them.
    pub(crate) fn refused(&self, action: &str, table: &Table, words: String) -> Error {
        if self.origin() == Origin::Import {
            return Error::Forbidden(words);
        }
        refused(self.caller(), action, Some(&table.name), words)
    }
}
