//! Database indexes as parts. An index is named by its columns: `ownerid,-createdon`.

use serde_json::{Value as Json, json};

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, read, refuse};
use crate::{Index, files::Declarations};

pub(super) fn show(laid: &Laid<'_>, table: &str, columns: &str) -> Found {
    let wanted = named(columns);
    let there = laid.declared.tables.get(table)?.indexes.contains(&wanted);
    there.then(|| (origin(laid, table, &wanted), json!({ "columns": wanted.columns })))
}

/// The index that a name speaks of.
fn named(columns: &str) -> Index {
    Index { columns: columns.split(',').map(|column| column.trim().to_owned()).collect() }
}

pub(super) fn origin(laid: &Laid<'_>, table: &str, index: &Index) -> PartOrigin {
    let shipped = laid.shipped(table).is_some_and(|shipped| shipped.indexes.contains(index));
    if shipped { PartOrigin::Shipped } else { PartOrigin::Own }
}

pub(super) fn put(overlay: &mut Overlay, place: &str, table: &str, columns: &str, document: &Document) -> Edited {
    let wanted = named(columns);
    let mut complete = document.clone();
    complete.entry("columns").or_insert_with(|| Json::from(wanted.columns.clone()));
    let declared: Index = read(place, &complete)?;
    if declared != wanted {
        let columns = declared.columns.join(",");
        return refuse(
            format!("{place}: columns"),
            format!("an index is named by its columns; leave them out, or put index {table}/{columns}"),
        );
    }
    let indexes = match overlay.new_tables.get_mut(table) {
        Some(own) => &mut own.indexes,
        None => match Declarations::base()?.tables.get(table) {
            None => return refuse(place, format!("there is no table {table}")),
            Some(shipped) if shipped.indexes.contains(&wanted) => return Ok(()),
            Some(_) => &mut overlay.change_table(table)?.indexes,
        },
    };
    if !indexes.contains(&wanted) {
        indexes.push(wanted);
    }
    Ok(())
}

pub(super) fn remove(overlay: &mut Overlay, table: &str, columns: &str) {
    let unwanted = named(columns);
    if let Some(own) = overlay.new_tables.get_mut(table) {
        own.indexes.retain(|index| *index != unwanted);
    } else if let Some(change) = overlay.tables.get_mut(table) {
        change.indexes.retain(|index| *index != unwanted);
    }
}
