//! Automatic numbers.

use model::{ColumnType, Table};

use crate::{
    Row, StoreError,
    engine::{Connection, SqlValue},
};

/// Gives a new row its numbers; one that is filled already (an import) is kept.
pub(super) fn assign(connection: &mut dyn Connection, table: &Table, row: &mut Row) -> Result<(), StoreError> {
    for column in table.columns.values() {
        let ColumnType::AutoNumber(format) = &column.kind else { continue };
        if row.has(&column.name) {
            continue;
        }
        let number = next(connection, &format!("{}.{}", table.name, column.name))?;
        let width = format.digits as usize;
        row.set(column.name.as_str(), format!("{}{number:0width$}{}", format.prefix, format.suffix));
    }
    Ok(())
}

/// The next number; the sequence's row stays locked until the transaction ends, so that no
/// number is given twice or left out.
fn next(connection: &mut dyn Connection, name: &str) -> Result<i64, StoreError> {
    let sql = connection.dialect().numbered(
        "INSERT INTO pw_sequence (name, value) VALUES (?1, 1) \
         ON CONFLICT (name) DO UPDATE SET value = pw_sequence.value + 1 RETURNING value",
    );
    let rows = connection.query(&sql, &[name.into()])?;
    rows.first()
        .and_then(|row| row.first())
        .and_then(SqlValue::as_int)
        .ok_or_else(|| StoreError::Database(format!("the sequence '{name}' gave no number")))
}
