//! Columns as JSON Schema.

use model::{Column, ColumnType, Table};
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value, json};

/// Characters of a number given by the engine.
const AUTO_NUMBER: u32 = 100;
/// Options that are spelt out in a description.
const MOST_LABELS: usize = 60;

/// The values of a column as rows are read.
pub fn read(table: &Table, column: &Column) -> Value {
    let mut schema = described(table, column, false);
    if column.name != table.primary_key {
        nullable(&mut schema);
    }
    if column.read_only || column.is_computed() || matches!(column.kind, ColumnType::Lookup { .. }) {
        schema.insert("readOnly".to_owned(), Value::Bool(true));
    }
    Value::Object(schema)
}

/// The values that a column takes. Where `must_be_filled`, null is not among them.
pub fn written(table: &Table, column: &Column, must_be_filled: bool) -> Value {
    let mut schema = described(table, column, true);
    if !must_be_filled {
        nullable(&mut schema);
    }
    Value::Object(schema)
}

fn described(table: &Table, column: &Column, writing: bool) -> Map<String, Value> {
    let mut schema = of_type(table, column, writing);
    let mut parts = vec![column.label.clone()];
    parts.extend(Some(column.description.clone()).filter(|text| !text.is_empty() && *text != column.label));
    parts.extend(labels(table, column));
    if column.secured {
        parts.push("Secured: only people with a column security profile for it read or set it.".to_owned());
    }
    schema.insert("description".to_owned(), parts.join("\n\n").into());
    schema
}

/// Makes null one of the values.
fn nullable(schema: &mut Map<String, Value>) {
    if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    if let Some(Value::Array(options)) = schema.get_mut("enum") {
        options.push(Value::Null);
    }
}

fn of_type(table: &Table, column: &Column, writing: bool) -> Map<String, Value> {
    // What the engine computes has no limits of its own.
    let limited = !column.is_computed();
    let schema = match column.value_type() {
        ColumnType::Id => json!({"type": "string", "format": "uuid"}),
        ColumnType::Lookup { targets } => {
            json!({"type": "string", "format": "uuid", "x-targets": targets})
        }
        ColumnType::Text { length, .. } | ColumnType::Memo { length } | ColumnType::RichText { length } => {
            json!({"type": "string", "maxLength": length})
        }
        ColumnType::AutoNumber(_) => json!({"type": "string", "maxLength": AUTO_NUMBER}),
        ColumnType::Whole { min, max } => whole(*min, *max, limited),
        ColumnType::Decimal { min, max, .. } | ColumnType::Money { min, max, .. } => number(*min, *max, limited),
        ColumnType::Boolean { .. } => json!({"type": "boolean"}),
        ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => {
            json!({"type": "integer", "format": "int32", "enum": numbers(table, column, writing)})
        }
        ColumnType::MultiChoice { .. } => json!({"type": "string", "pattern": "^-?[0-9]+(,-?[0-9]+)*$"}),
        ColumnType::Date => json!({"type": "string", "format": "date"}),
        ColumnType::DateTime => json!({"type": "string", "format": "date-time"}),
        ColumnType::File { .. } | ColumnType::Image { .. } => json!({"type": "string", "contentEncoding": "base64"}),
        _ => json!({"type": "string"}),
    };
    match schema {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn whole(min: i64, max: i64, limited: bool) -> Value {
    let format = if i32::try_from(min).is_ok() && i32::try_from(max).is_ok() { "int32" } else { "int64" };
    if limited {
        json!({"type": "integer", "format": format, "minimum": min, "maximum": max})
    } else {
        json!({"type": "integer", "format": format})
    }
}

fn number(min: Decimal, max: Decimal, limited: bool) -> Value {
    let exact = |number: Decimal| serde_json::from_str::<Number>(&number.normalize().to_string()).ok();
    match (exact(min), exact(max)) {
        (Some(min), Some(max)) if limited => json!({"type": "number", "minimum": min, "maximum": max}),
        _ => json!({"type": "number"}),
    }
}

/// The numbers of a choice. What is no longer offered is read, and not to be written.
fn numbers(table: &Table, column: &Column, writing: bool) -> Vec<i32> {
    match column.value_type() {
        ColumnType::State => table.states.iter().map(|state| state.value).collect(),
        ColumnType::Status => {
            table.states.iter().flat_map(|state| &state.statuses).map(|status| status.value).collect()
        }
        ColumnType::Choice { options } => {
            options.iter().filter(|option| !(writing && option.hidden)).map(|option| option.value).collect()
        }
        _ => Vec::new(),
    }
}

/// What the values mean: `1 Hot, 2 Warm`.
fn labels(table: &Table, column: &Column) -> Option<String> {
    let named: Vec<String> = match column.value_type() {
        ColumnType::State => table.states.iter().map(|state| format!("{} {}", state.value, state.label)).collect(),
        ColumnType::Status => table
            .states
            .iter()
            .flat_map(|state| state.statuses.iter().map(move |status| (state, status)))
            .map(|(state, status)| format!("{} {} ({})", status.value, status.label, state.label))
            .collect(),
        ColumnType::Choice { options } | ColumnType::MultiChoice { options } => {
            options.iter().map(|option| format!("{} {}", option.value, option.label)).collect()
        }
        ColumnType::Boolean { yes, no } => vec![format!("true {yes}"), format!("false {no}")],
        ColumnType::Lookup { targets } => vec![format!("a row of {}", targets.join(" or "))],
        ColumnType::Decimal { precision, .. } => vec![format!("at most {precision} places")],
        _ => return None,
    };
    let more = if named.len() > MOST_LABELS { ", …" } else { "" };
    (!named.is_empty()).then(|| format!("{}{more}", named[..named.len().min(MOST_LABELS)].join(", ")))
}
