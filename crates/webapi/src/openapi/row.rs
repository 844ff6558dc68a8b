//! Rows of a table as schemas: as they are read (`lead`), created (`lead.create`) and changed
//! (`lead.change`). A name of a table has no dot, so that they never clash.

use crm::access::{Privilege, Setting};
use model::{Column, RequiredLevel, Table};
use serde_json::{Map, Value, json};

use super::{
    column,
    told::{ANY_ROW, Leading, Told, is_written, schema},
};
use crate::translate::{Navigation, wire_name};

/// Adds them.
pub fn schemas(told: &Told<'_>, table: &Table, schemas: &mut Map<String, Value>) {
    let leading = told.leading(table);
    schemas.insert(table.name.clone(), read(told, table, &leading));
    schemas.insert(rows_name(table), rows(table));
    if told.may(table, Privilege::Create) {
        schemas.insert(created_name(table), created(told, table, &leading));
    }
    if told.may(table, Privilege::Write) {
        schemas.insert(changed_name(table), changed(told, table, &leading));
    }
}

/// The schema of a page of rows.
pub fn rows_name(table: &Table) -> String {
    format!("{}.rows", table.name)
}

/// The schema of a row to be created.
pub fn created_name(table: &Table) -> String {
    format!("{}.create", table.name)
}

/// The schema of changes of a row.
pub fn changed_name(table: &Table) -> String {
    format!("{}.change", table.name)
}

fn read(told: &Told<'_>, table: &Table, leading: &[Leading<'_>]) -> Value {
    let mut properties = Map::new();
    properties.insert("@odata.context".to_owned(), json!({"type": "string", "readOnly": true}));
    properties.insert("@odata.etag".to_owned(), json!({"type": "string", "readOnly": true}));
    for column in told.columns(table) {
        properties.insert(wire_name(column), column::read(table, column));
    }
    for one in leading {
        properties.insert(one.name.to_owned(), expanded(told, &one.to));
    }
    json!({
        "type": "object",
        "title": table.label,
        "description": table.description,
        "properties": properties,
    })
}

/// What stands in a row where a navigation property is expanded.
fn expanded(told: &Told<'_>, to: &Navigation) -> Value {
    match to {
        Navigation::Single { lookup, targets } => json!({
            "anyOf": [told.row_of(targets), {"type": "null"}],
            "description": format!("The row that {lookup} points at: of {}.", targets.join(" or ")),
            "readOnly": true,
        }),
        Navigation::Collection { table, through } => json!({
            "type": "array",
            "items": told.row_of(std::slice::from_ref(table)),
            "description": format!("Rows of {table} whose {through} is this row."),
            "readOnly": true,
        }),
        Navigation::Pairs { table, .. } => json!({
            "type": "array",
            "items": told.row_of(std::slice::from_ref(table)),
            "description": format!("Rows of {table} that are paired with this one."),
            "readOnly": true,
        }),
    }
}

fn rows(table: &Table) -> Value {
    json!({
        "type": "object",
        "title": table.plural_label,
        "properties": {
            "@odata.context": {"type": "string"},
            "@odata.count": {"type": "integer", "description": "Rows that match, whatever the page; with $count=true."},
            "@odata.nextLink": {"type": "string", "description": "The address of the next page; none on the last one."},
            "@odata.deltaLink": {"type": "string", "description": "Where to ask later what has changed."},
            "value": {"type": "array", "items": schema(&table.name)},
        },
        "required": ["value"],
    })
}

fn created(told: &Told<'_>, table: &Table, leading: &[Leading<'_>]) -> Value {
    let is_required = |column: &&Column| {
        column.required == RequiredLevel::System && is_written(column) && column.default.is_none() && !is_state(column)
    };
    let mut properties = Map::new();
    let key = json!({"type": "string", "format": "uuid", "description": "The key of the new row, where the client chooses it."});
    properties.insert(table.primary_key.clone(), key);
    for column in set_by(told, Setting::Create, table) {
        properties.insert(column.name.clone(), column::written(table, column, is_required(&column)));
    }
    bindings(table, leading, &mut properties);
    for one in leading.iter().filter(|one| is_free(table, &one.to)) {
        properties.insert(one.name.to_owned(), created_along(&one.to));
    }
    let required: Vec<&str> = table.columns.values().filter(is_required).map(|column| column.name.as_str()).collect();
    let mut schema = written(properties, format!("A new row of {}.", table.name));
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

fn changed(told: &Told<'_>, table: &Table, leading: &[Leading<'_>]) -> Value {
    let mut properties = Map::new();
    for column in set_by(told, Setting::Update, table) {
        let must_be_filled = column.required == RequiredLevel::System || is_state(column);
        properties.insert(column.name.clone(), column::written(table, column, must_be_filled));
    }
    bindings(table, leading, &mut properties);
    written(properties, format!("What is changed of a row of {}; what is left out stays.", table.name))
}

fn written(properties: Map<String, Value>, description: String) -> Value {
    json!({
        "type": "object",
        "description": description,
        "properties": properties,
        // Annotations that stood in a row when it was read do no harm when it is sent back.
        "patternProperties": {"^@odata\\.": true, "@(OData|Microsoft)\\.": true},
        "additionalProperties": false,
    })
}

/// `primarycontactid@odata.bind` and the like.
fn bindings(table: &Table, leading: &[Leading<'_>], properties: &mut Map<String, Value>) {
    for one in leading.iter().filter(|one| is_free(table, &one.to)) {
        let Navigation::Single { targets, .. } = &one.to else { continue };
        let description =
            format!("Links a row of {} by its address, as in /contacts(…); null unlinks it.", targets.join(" or "));
        let binding = json!({"type": ["string", "null"], "writeOnly": true, "description": description});
        properties.insert(format!("{}@odata.bind", one.name), binding);
    }
}

fn created_along(to: &Navigation) -> Value {
    match to {
        Navigation::Single { targets, .. } => json!({
            "anyOf": [schema(ANY_ROW), {"type": "null"}],
            "writeOnly": true,
            "description": format!("A row of {} to be created along, which the new one points at.", targets.join(" or ")),
        }),
        Navigation::Collection { table, .. } | Navigation::Pairs { table, .. } => json!({
            "type": "array",
            "items": schema(ANY_ROW),
            "writeOnly": true,
            "description": format!("Rows of {table} to be created along."),
        }),
    }
}

/// Whether clients set what a navigation property stands for.
fn is_free(table: &Table, to: &Navigation) -> bool {
    match to {
        Navigation::Single { lookup, .. } => table.column(lookup).is_some_and(|column| !column.read_only),
        Navigation::Collection { .. } | Navigation::Pairs { .. } => true,
    }
}

/// The columns that the caller may set.
pub fn set_by<'m>(told: &Told<'_>, setting: Setting, table: &'m Table) -> impl Iterator<Item = &'m Column> {
    let columns = table.columns.values().filter(|column| is_written(column));
    columns.filter(move |column| told.caller.may_set(setting, table, column))
}

fn is_state(column: &Column) -> bool {
    matches!(column.kind, model::ColumnType::State | model::ColumnType::Status)
}
