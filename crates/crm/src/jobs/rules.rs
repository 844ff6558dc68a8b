//! What may be done to a job's row from outside: read it, call it otherwise, cancel and delete it.

use language::tr;
use model::Value;
use store::Row;

use super::{CANCELED, COMPLETED, task::Task};
use crate::{Error, Result, records::Work};

/// A job is begun by what it does, never as a row.
///
/// # Errors
/// [`Error::Refused`] where somebody makes one from outside.
pub(crate) fn before_create(row: &Row) -> Result<()> {
    // The column is read-only: nobody outside can have filled it.
    if row.has("operationtype") {
        return Ok(());
    }
    Err(Error::refused(tr!("jobs are begun by actions such as BulkDelete, not as rows")))
}

/// A job that is not over can be canceled; its state is otherwise its runner's.
///
/// # Errors
/// [`Error::Refused`] for every other state.
pub(crate) fn before_update(work: &mut Work<'_, '_>, old: &Row, changes: &mut Row) -> Result<()> {
    if !changes.contains("statecode") {
        return Ok(());
    }
    let is_over = old.value("statecode").as_whole() == Some(COMPLETED);
    let becomes = changes.value("statuscode").as_whole();
    if becomes == old.value("statuscode").as_whole() {
        return Ok(());
    }
    if is_over || becomes != Some(CANCELED) {
        return Err(Error::refused(tr!(
            "the state of a job can only be changed to canceled (statecode 3, statuscode 32), while it is not over"
        )));
    }
    changes.set("completedon", work.now());
    changes.set("claim", Value::Null);
    Task::forget(work, old.value("asyncoperationid").as_id().unwrap_or_default())
}

/// What a job was to do goes with it.
pub(crate) fn after_delete(work: &mut Work<'_, '_>, row: &Row) -> Result<()> {
    Task::forget(work, row.value("asyncoperationid").as_id().unwrap_or_default())
}
