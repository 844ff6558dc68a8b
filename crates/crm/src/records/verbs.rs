//! Changes of state that arrive as plain column changes (as the Web API allows) are carried out
//! by the verb they stand for, so that no rule is passed by.

use language::tr;
use model::{Table, Value};
use store::Row;

use super::Work;
use crate::{Error, Result, duplicates::publish, leads, opportunities};

impl Work<'_, '_> {
    /// Carries out the verb where `changes` move the row to another state; `None` where no verb
    /// is concerned and the changes are ordinary.
    pub(super) fn state_verb(&mut self, table: &Table, old: &Row, changes: &mut Row) -> Result<Option<Row>> {
        let Some(to) = changes.get("statecode").and_then(Value::as_whole) else { return Ok(None) };
        let status = changes.get("statuscode").or_else(|| old.get("statuscode")).and_then(Value::as_whole);
        if old.value("statecode").as_whole() == Some(to) {
            return Ok(None);
        }
        match (table.name.as_str(), to) {
            ("lead", leads::OPEN) => leads::reactivate_loaded(self, old, status, changes).map(Some),
            ("lead", leads::DISQUALIFIED) => leads::disqualify_loaded(self, old, status, changes).map(Some),
            ("lead", _) => {
                Err(Error::refused(tr!("a lead becomes qualified by the Qualify command, not by setting its state")))
            }
            ("duplicaterule", 1) => publish::publish_loaded(self, old).map(Some),
            ("duplicaterule", _) => publish::unpublish_loaded(self, old).map(Some),
            ("opportunity", opportunities::OPEN) => opportunities::reopen_loaded(self, old, status, changes).map(Some),
            ("opportunity", _) => Err(Error::refused(tr!(
                "an opportunity is closed by Close as Won or Close as Lost, which record the actual revenue and the reason; set no state"
            ))),
            _ => Ok(None),
        }
    }
}
