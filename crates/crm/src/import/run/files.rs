//! Files that go into columns of rows, from beside the table.

use language::tr;
use model::Value;
use store::Row;

use super::session::Session;
use crate::{Error, Result, import::prepare::Prepared, records::Work};

/// Puts the files of a new row into its values; without one of them it does not come in.
pub(super) fn of_new(work: &mut Work<'_, '_>, session: &Session<'_>, row: &Prepared, values: &mut Row) -> Result<()> {
    for (column, path) in &row.files {
        let content = session.file.beside.read(path).map_err(Error::refused)?;
        values.set(column.as_str(), work.store_file(&content)?);
    }
    Ok(())
}

/// The same for a row that is there already: only what it does not hold yet. One that is missing is
/// told and leaves the row as it is.
pub(super) fn changed(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    old: &Row,
    changes: &mut Row,
) -> Result<()> {
    for (column, path) in &row.files {
        let content = match session.file.beside.read(path) {
            Ok(content) => content,
            Err(message) => {
                session.warn(&tr!("{message}; left as it is", message), row.number);
                continue;
            }
        };
        let present = match old.value(column) {
            Value::Id(id) => work.writer().file(*id)?,
            _ => None,
        };
        if present.as_ref() != Some(&content) {
            changes.set(column.as_str(), work.store_file(&content)?);
        }
    }
    Ok(())
}
