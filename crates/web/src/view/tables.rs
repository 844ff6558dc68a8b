//! Tables as addresses name them, and addresses as tables need them.

use std::sync::Arc;

use crm::Caller;
use model::{Model, Reference, Table, TableKind};
use uuid::Uuid;

use crate::failure::Failure;

/// The table that an address names by its entity set, where the caller may open it.
pub(crate) fn named(model: &Model, caller: &Caller, set_name: &str) -> Result<Arc<Table>, Failure> {
    model.table_by_set(set_name).filter(|table| is_open_to(caller, table)).cloned().ok_or(Failure::NoPage)
}

/// True where the caller meets the table on pages.
pub(crate) fn is_open_to(caller: &Caller, table: &Table) -> bool {
    match table.kind {
        TableKind::Standard | TableKind::Activity | TableKind::Pointer => true,
        TableKind::System => caller.administrator,
        TableKind::Intersect | TableKind::Process => false,
    }
}

/// True where rows are made and changed on pages. What webhooks were told is written by itself.
pub(crate) fn is_writable(table: &Table) -> bool {
    table.kind != TableKind::Pointer && table.name != crm::webhooks::DELIVERIES
}

/// The page of a row.
pub(crate) fn row_href(table: &Table, id: Uuid) -> String {
    format!("/{}/{id}", table.set_name)
}

/// Where what was typed into fields of a table is checked.
pub(crate) fn checks_href(table: &Table) -> String {
    format!("/{}/checks", table.set_name)
}

/// The page of the row that is pointed at, where the caller may open its table.
pub(crate) fn reference_href(model: &Model, caller: &Caller, reference: &Reference) -> Option<String> {
    let table = model.table(&reference.table).filter(|table| is_open_to(caller, table))?;
    Some(row_href(table, reference.id))
}

/// The icon of a table.
pub(crate) fn icon_of(model: &Model, table: &str) -> String {
    model.table(table).map_or_else(|| "file".to_owned(), |table| table.icon.clone())
}

/// The page of a row of this logical table, whatever its set name.
pub(crate) fn href_of(model: &Model, table: &str, id: Uuid) -> String {
    model.table(table).map_or_else(|| "/".to_owned(), |table| row_href(table, id))
}
