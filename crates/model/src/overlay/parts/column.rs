//! Columns as parts: own ones whole, of shipped ones the difference.

use serde_json::{Value as Json, json};

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, choice, difference, object, read, refuse, write};
use crate::{
    Column, ColumnChange, ColumnDeclaration, ColumnType, Model, files::Declarations, overlay::edit::FIRST_OWN_NUMBER,
};

/// What an organisation may say otherwise about a shipped column.
const CHANGEABLE: [&str; 15] = [
    "label",
    "description",
    "required",
    "length",
    "min",
    "max",
    "searchable",
    "audited",
    "importable",
    "secured",
    "default",
    "yes",
    "no",
    "formula",
    "autonumber",
];
/// The same about a column that comes by itself.
const CHANGEABLE_OF_SYSTEM: [&str; 4] = ["label", "description", "audited", "importable"];

pub(super) fn show(laid: &Laid<'_>, table: &str, name: &str) -> Edited<Found> {
    let Some(declared) = laid.declared.tables.get(table) else { return Ok(None) };
    let origin = origin(laid, table, name);
    if let Some(column) = declared.columns.get(name) {
        let mut column = column.clone();
        if column.choice.is_some() {
            column.options.clear();
        }
        return Ok(Some((origin, Json::Object(write(name, &column)?))));
    }
    let model = laid.model()?;
    let column = model.table(table).and_then(|table| table.column(name));
    Ok(column.map(|column| (origin, Json::Object(system_document(column)))))
}

/// A column that comes by itself, also on an own table, is as good as shipped.
pub(super) fn origin(laid: &Laid<'_>, table: &str, name: &str) -> PartOrigin {
    let in_base = laid.shipped(table).is_some_and(|shipped| shipped.columns.contains_key(name));
    if !in_base && laid.declared.tables.get(table).is_some_and(|table| table.columns.contains_key(name)) {
        return PartOrigin::Own;
    }
    let change = laid.overlay.tables.get(table);
    let changed = change.is_some_and(|change| change.column_changes.contains_key(name));
    if changed { PartOrigin::Changed } else { PartOrigin::Shipped }
}

/// What is said about a column that comes by itself.
fn system_document(column: &Column) -> Document {
    let mut document = Document::new();
    document.insert("label".to_owned(), json!(column.label));
    document.insert("type".to_owned(), json!(kind_name(&column.kind)));
    if !column.description.is_empty() {
        document.insert("description".to_owned(), json!(column.description));
    }
    if !column.targets().is_empty() {
        document.insert("targets".to_owned(), json!(column.targets()));
    }
    for (property, value, usual) in [
        ("audited", column.audited, true),
        ("importable", column.importable, true),
        ("read_only", column.read_only, false),
    ] {
        if value != usual {
            document.insert(property.to_owned(), json!(value));
        }
    }
    document
}

const fn kind_name(kind: &ColumnType) -> &'static str {
    match kind {
        ColumnType::Id => "id",
        ColumnType::Lookup { .. } => "lookup",
        ColumnType::DateTime => "date_time",
        ColumnType::Whole { .. } => "whole",
        ColumnType::Decimal { .. } => "decimal",
        ColumnType::Money { .. } => "money",
        ColumnType::State => "state",
        ColumnType::Status => "status",
        _ => "text",
    }
}

pub(super) fn put(overlay: &mut Overlay, place: &str, table: &str, name: &str, document: &Document) -> Edited {
    let present = own(overlay, table, name).map(|column| column.options.clone()).unwrap_or_default();
    if overlay.new_tables.contains_key(table) {
        if let Some(column) = system_column(&Model::merge(overlay, 0)?, table, name, overlay) {
            return refuse(place, format!("{} comes by itself on every table; choose another name", column.label));
        }
        let declared = declaration(place, document, &present, 1)?;
        overlay.new_tables[table].columns.insert(name.to_owned(), declared);
        return Ok(());
    }
    let Some(shipped_table) = Declarations::base()?.tables.get(table) else {
        return refuse(place, format!("there is no table {table}; put the table first"));
    };
    if let Some(shipped) = shipped_table.columns.get(name) {
        return put_change(overlay, place, table, name, shipped, document);
    }
    if let Some(system) = Model::shipped()?.table(table).and_then(|table| table.column(name)) {
        let differences = difference::between(place, &system_document(system), document, &CHANGEABLE_OF_SYSTEM)?;
        let change: ColumnChange = read(place, &differences)?;
        overlay.change_table(table)?.column_changes.insert(name.to_owned(), change);
        return Ok(());
    }
    let declared = declaration(place, document, &present, 1)?;
    overlay.change_table(table)?.columns.insert(name.to_owned(), declared);
    Ok(())
}

/// A column of an own table that nobody declared.
fn system_column(model: &Model, table: &str, name: &str, overlay: &Overlay) -> Option<Column> {
    let declared = overlay.new_tables.get(table).is_some_and(|own| own.columns.contains_key(name));
    if declared { None } else { model.table(table)?.column(name).cloned() }
}

fn put_change(
    overlay: &mut Overlay,
    place: &str,
    table: &str,
    name: &str,
    shipped: &ColumnDeclaration,
    document: &Document,
) -> Edited {
    let wanted = declaration(place, document, &shipped.options, FIRST_OWN_NUMBER)?;
    let mut change = ColumnChange::default();
    choice::change_options(place, &shipped.options, &wanted.options, &mut change)?;
    let without_options = |column: &ColumnDeclaration| {
        let mut document = write(place, column)?;
        document.shift_remove("options");
        Edited::Ok(document)
    };
    let differences = difference::between(place, &without_options(shipped)?, &without_options(&wanted)?, &CHANGEABLE)?;
    let simple: ColumnChange = read(place, &differences)?;
    let change = ColumnChange {
        options: change.options,
        hidden_options: change.hidden_options,
        option_order: change.option_order,
        ..simple
    };
    overlay.change_table(table)?.column_changes.insert(name.to_owned(), change);
    Ok(())
}

/// Reads a column. Options may be given without a number, or as their label alone.
fn declaration(place: &str, document: &Document, present: &[crate::Choice], first: i32) -> Edited<ColumnDeclaration> {
    let mut document = document.clone();
    if let Some(options) = document.get_mut("options") {
        choice::number_options(place, options, present, first)?;
    }
    read(place, &document)
}

/// The declaration of an own column.
pub(super) fn own<'a>(overlay: &'a mut Overlay, table: &str, name: &str) -> Option<&'a mut ColumnDeclaration> {
    match overlay.new_tables.get_mut(table) {
        Some(own) => own.columns.get_mut(name),
        None => overlay.tables.get_mut(table)?.columns.get_mut(name),
    }
}

/// Removes an own column with what is said about its relationships, or a shipped one's changes.
pub(super) fn remove(overlay: &mut Overlay, table: &str, name: &str) {
    if let Some(own) = overlay.new_tables.get_mut(table) {
        own.columns.shift_remove(name);
        own.relationships.retain(|it| it.column != name);
    } else if let Some(change) = overlay.tables.get_mut(table) {
        change.column_changes.shift_remove(name);
        if change.columns.shift_remove(name).is_some() {
            change.relationships.retain(|it| it.column != name);
        }
    }
}

/// The document of a column as an object, for a choice that is changed alone.
pub(super) fn document(laid: &Laid<'_>, table: &str, name: &str) -> Edited<Option<Document>> {
    match show(laid, table, name)? {
        Some((_, document)) => Ok(Some(object(name, &document)?.clone())),
        None => Ok(None),
    }
}
