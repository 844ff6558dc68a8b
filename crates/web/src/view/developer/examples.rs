//! Requests to begin with, filled in with what the table really has.

use language::tr;
use maud::{Markup, html};
use model::{Column, ColumnType, RequiredLevel, Table};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::trial_href;
use crate::session::Me;

/// Columns that a new row of an example has, beside those it must have.
const COLUMNS: usize = 3;
const BASE: &str = "/api/data/v9.2/";
/// What does not stand in an address, nor between single quotes of a shell.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'\'').add(b'<').add(b'>').add(b'`');

struct Example {
    title: String,
    method: &'static str,
    address: String,
    body: Option<Value>,
}

/// Examples for the table: about the row `some` where there is one, and of writing where the caller may
/// create and change.
pub(crate) fn examples(me: &Me, table: &Table, some: Option<Uuid>, (creates, changes): (bool, bool)) -> Markup {
    let shown = |example: &Example| {
        let body = example.body.as_ref().map(|body| format!("{body:#}")).unwrap_or_default();
        html! {
            h3 { (example.title) }
            p { code.address { (example.method) " " (example.address) } }
            details { summary { "curl" } (listing("curl", &curl(&me.browser.origin, example))) }
            details { summary { "JavaScript" } (listing("JavaScript", &javascript(&me.browser.origin, example))) }
            p { a href=(trial_href(table, example.method, &example.address, &body)) { (tr!("Put into the form")) } }
        }
    };
    html! {
        p { (tr!("The examples expect a token in TOKEN.")) }
        p { a href="/settings/sign-in" { (tr!("Make a token")) } }
        @for example in &all(table, some, creates, changes) { (shown(example)) }
    }
}

fn all(table: &Table, some: Option<Uuid>, creates: bool, changes: bool) -> Vec<Example> {
    let set = format!("{BASE}{}", table.set_name);
    let id = some.map_or_else(|| "00000000-0000-0000-0000-000000000000".to_owned(), |id| id.to_string());
    let row = format!("{set}({id})");
    let names: Vec<&str> = sample(table).map(|column| column.name.as_str()).collect();
    let named = Some(table.primary_name.as_str()).filter(|name| !name.is_empty() && !names.contains(name));
    let selected = named.into_iter().chain(names).collect::<Vec<_>>().join(",");
    let select = if selected.is_empty() { &table.primary_key } else { &selected };
    let order = if table.column("createdon").is_some() { "&$orderby=createdon desc" } else { "" };
    let read = |title: String, address: String| Example { title, method: "GET", address, body: None };
    let mut examples = vec![
        read(tr!("The newest rows, the columns that are needed"), format!("{set}?$select={select}{order}&$top=5")),
        read(tr!("One row"), format!("{row}?$select={select}")),
        read(tr!("How many there are"), format!("{set}/$count")),
    ];
    if creates {
        let body = Some(new_row(table));
        examples.push(Example { title: tr!("A new row"), method: "POST", address: set, body });
    }
    if let Some(column) = sample(table).next().filter(|_| changes) {
        let body = Some(json!({ column.name.as_str(): value(table, column) }));
        examples.push(Example { title: tr!("A change"), method: "PATCH", address: row, body });
    }
    examples
}

/// Plain columns that people fill in, those on forms first.
fn sample(table: &Table) -> impl Iterator<Item = &Column> {
    let plain = |column: &&Column| {
        is_plain(column) && !matches!(column.kind, ColumnType::State | ColumnType::Status) && !column.secured
    };
    let mut columns: Vec<&Column> = table.columns.values().filter(plain).collect();
    columns.sort_by_key(|column| std::cmp::Reverse(column.required));
    columns.into_iter().take(COLUMNS)
}

fn is_plain(column: &Column) -> bool {
    let is_other = matches!(
        column.kind,
        ColumnType::Lookup { .. } | ColumnType::Id | ColumnType::File { .. } | ColumnType::Image { .. }
    );
    column.is_stored() && !column.read_only && !column.is_computed() && !is_other
}

fn new_row(table: &Table) -> Value {
    let must =
        |column: &&Column| column.required == RequiredLevel::System && column.default.is_none() && is_plain(column);
    let columns = table.columns.values().filter(must).chain(sample(table));
    let members: Map<String, Value> = columns.map(|column| (column.name.clone(), value(table, column))).collect();
    Value::Object(members)
}

/// A value that the column takes.
fn value(table: &Table, column: &Column) -> Value {
    match column.value_type() {
        ColumnType::Boolean { .. } => json!(true),
        ColumnType::Whole { min, max } => json!((*min).max(1).min(*max)),
        ColumnType::Decimal { .. } | ColumnType::Money { .. } => json!(1),
        ColumnType::Choice { options } => {
            options.iter().find(|option| !option.hidden).map_or(Value::Null, |option| json!(option.value))
        }
        ColumnType::MultiChoice { options } => {
            options.iter().find(|option| !option.hidden).map_or(Value::Null, |option| json!(option.value.to_string()))
        }
        ColumnType::State => table.states.first().map_or(Value::Null, |state| json!(state.value)),
        ColumnType::Status => table.states.first().map_or(Value::Null, |state| json!(state.default_status)),
        ColumnType::Date => json!("2027-02-28"),
        ColumnType::DateTime => json!("2027-03-01T08:30:00Z"),
        ColumnType::Text { format: model::TextFormat::Email, .. } => json!("ada@company.example"),
        ColumnType::Text { format: model::TextFormat::Url, .. } => json!("https://company.example"),
        ColumnType::Text { format: model::TextFormat::Phone, .. } => json!("+47 22 33 44 55"),
        ColumnType::Text { length, .. } | ColumnType::Memo { length } | ColumnType::RichText { length } => {
            json!(column.label.chars().take(*length as usize).collect::<String>())
        }
        _ => Value::Null,
    }
}

fn curl(origin: &str, example: &Example) -> String {
    let address = utf8_percent_encode(&example.address, ENCODED);
    let mut lines = vec![
        format!("curl -X {} '{origin}{address}'", example.method),
        "-H \"Authorization: Bearer $TOKEN\"".to_owned(),
    ];
    if let Some(body) = &example.body {
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("-d '{}'", format!("{body:#}").replace('\'', "'\\''")));
    }
    lines.join(" \\\n  ")
}

fn javascript(origin: &str, example: &Example) -> String {
    let address = utf8_percent_encode(&example.address, ENCODED);
    let kind = if example.body.is_some() { ", \"Content-Type\": \"application/json\"" } else { "" };
    let mut lines = vec![
        format!("const answer = await fetch(\"{origin}{address}\", {{"),
        format!("  method: \"{}\",", example.method),
        format!("  headers: {{ Authorization: `Bearer ${{process.env.TOKEN}}`{kind} }},"),
    ];
    if let Some(body) = &example.body {
        lines.push(format!("  body: JSON.stringify({}),", format!("{body:#}").replace('\n', "\n  ")));
    }
    lines.push("});\nconsole.log(answer.status, await answer.text());".to_owned());
    lines.join("\n")
}

fn listing(name: &str, text: &str) -> Markup {
    html! { pre.code tabindex="0" role="region" aria-label=(name) { code { (text) } } }
}
