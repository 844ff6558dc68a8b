//! A table as programs know it: columns, relationships, and what can be done.

use crm::{access::Privilege, wire::wire_name};
use language::tr;
use maud::{Markup, Render, html};
use model::{Column, ColumnType, Model, RequiredLevel, Table};
use serde_json::Value;

use super::trial_href;
use crate::{
    components::{PlainTable, TableColumn},
    session::Me,
};

/// Options that are spelt out at once; more of them are folded away.
const MOST_OPTIONS: usize = 8;
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The columns that the caller reads.
pub(crate) fn columns(me: &Me, model: &Model, table: &Table) -> Markup {
    let columns = table.columns.values().filter(|column| column.is_stored() && me.caller.may_read(column));
    let row = |column: &Column| {
        vec![
            html! { code { (wire_name(column)) } },
            html! { (column.label) @if !column.description.is_empty() && column.description != column.label { br; small { (column.description) } } },
            html! { (kind(column)) },
            html! { (demand(table, column)) },
            values(me, model, table, column),
        ]
    };
    plain(
        tr!("Columns"),
        [tr!("Name"), tr!("Called"), tr!("Type"), tr!("Required"), tr!("Values")],
        columns.map(row).collect(),
    )
}

fn kind(column: &Column) -> String {
    match column.value_type() {
        ColumnType::Id => tr!("key, a GUID"),
        ColumnType::Lookup { .. } => tr!("lookup, a GUID"),
        ColumnType::Text { length, .. } | ColumnType::Memo { length } => tr!("text, at most {} characters", length),
        ColumnType::RichText { length } => tr!("text with formatting, at most {} characters", length),
        ColumnType::AutoNumber(_) => tr!("number given by the server, a text"),
        ColumnType::Whole { min, max } => tr!("whole number from {} to {}", min, max),
        ColumnType::Decimal { precision, min, max } => {
            tr!("number from {} to {}, at most {precision} places", min, max, precision)
        }
        ColumnType::Money { .. } => tr!("amount of money, a number"),
        ColumnType::Boolean { .. } => tr!("true or false"),
        ColumnType::Choice { .. } => tr!("choice, a number"),
        ColumnType::MultiChoice { .. } => tr!("several choices, numbers in a text: \"1,3\""),
        ColumnType::State => tr!("state, a number"),
        ColumnType::Status => tr!("status reason, a number"),
        ColumnType::Date => tr!("date: \"2027-02-28\""),
        ColumnType::DateTime => tr!("date and time: \"2027-03-01T08:30:00Z\""),
        ColumnType::File { .. } | ColumnType::Image { .. } => tr!("file, in base64"),
        _ => tr!("text"),
    }
}

fn demand(table: &Table, column: &Column) -> String {
    if column.name == table.primary_key {
        return tr!("given by the server, or by whoever creates");
    }
    if column.read_only || column.is_computed() {
        return tr!("only read");
    }
    match column.required {
        RequiredLevel::System => tr!("yes"),
        RequiredLevel::Required => tr!("on forms"),
        RequiredLevel::Recommended => tr!("recommended"),
        RequiredLevel::None => "–".to_owned(),
    }
}

fn values(me: &Me, model: &Model, table: &Table, column: &Column) -> Markup {
    let options: Vec<(i32, String)> = match column.value_type() {
        ColumnType::Choice { options } | ColumnType::MultiChoice { options } => {
            options.iter().map(|option| (option.value, option.label.clone())).collect()
        }
        ColumnType::State => table.states.iter().map(|state| (state.value, state.label.clone())).collect(),
        ColumnType::Status => table
            .states
            .iter()
            .flat_map(|state| {
                state.statuses.iter().map(move |status| (status.value, format!("{} ({})", status.label, state.label)))
            })
            .collect(),
        ColumnType::Lookup { targets } => {
            return html! { @for target in targets { (leading_to(me, model, target)) " " } };
        }
        ColumnType::Boolean { yes, no } => return html! { code { "true" } " " (yes) ", " code { "false" } " " (no) },
        _ => return html! { "–" },
    };
    let list = html! { ul.option-list { @for (value, label) in &options { li { code { (value) } " " (label) } } } };
    if options.len() <= MOST_OPTIONS {
        return list;
    }
    html! { details { summary { (tr!("One option" | "{n} options" % options.len())) } (list) } }
}

/// Whether the caller's roles let them read rows of the table.
pub(crate) fn may_read(me: &Me, model: &Model, table: &Table) -> bool {
    me.caller.may_anywhere(model, table, Privilege::Read)
}

/// The name of a table, and the way to its page where the caller may read it.
fn leading_to(me: &Me, model: &Model, target: &str) -> Markup {
    let is_open = model.table(target).is_some_and(|other| may_read(me, model, other));
    html! { @if is_open { a href={ "/developer/" (target) } { (target) } } @else { (target) } }
}

/// What the table is related to, as far as the caller may read it.
pub(crate) fn relationships(me: &Me, model: &Model, table: &Table) -> Markup {
    let is_told = |name: &str| model.table(name).is_some_and(|other| may_read(me, model, other));
    let mut rows: Vec<[String; 4]> = Vec::new();
    for one in model.pointing_from(&table.name).filter(|one| is_told(&one.referenced)) {
        let navigation = if one.column == "ownerid" { "ownerid" } else { one.navigation.as_str() };
        rows.push([navigation.to_owned(), tr!("one row"), one.referenced.clone(), one.column.clone()]);
    }
    for one in model.pointing_at(&table.name).filter(|one| is_told(&one.referencing)) {
        rows.push([one.name.clone(), tr!("many rows"), one.referencing.clone(), one.column.clone()]);
    }
    for pair in model.many_to_many.iter().filter(|pair| pair.first == table.name || pair.second == table.name) {
        let other = if pair.first == table.name { &pair.second } else { &pair.first };
        if is_told(other) {
            rows.push([pair.name.clone(), tr!("many rows on both sides"), other.clone(), pair.intersect.clone()]);
        }
    }
    let shown = |[name, how, other, through]: [String; 4]| {
        vec![html! { code { (name) } }, html! { (how) }, leading_to(me, model, &other), html! { code { (through) } }]
    };
    plain(
        tr!("Relationships"),
        [tr!("Navigation property"), tr!("Leads to"), tr!("Table"), tr!("Through")],
        rows.into_iter().map(shown).collect(),
    )
}

/// What can be done with the table, as its description for tools has it.
pub(crate) fn operations(document: &Value, table: &Table) -> Markup {
    let paths = document.get("paths").and_then(Value::as_object);
    let calls = paths
        .into_iter()
        .flatten()
        .flat_map(|(path, item)| METHODS.into_iter().filter_map(move |method| Some((path, method, item.get(method)?))));
    let own = calls.filter(|(_, _, call)| call["tags"][0].as_str() == Some(&table.set_name));
    let row = |(path, method, call): (&String, &str, &Value)| {
        let id = call["operationId"].as_str().unwrap_or_default();
        let (method, summary) = (method.to_uppercase(), call["summary"].as_str().unwrap_or_default());
        vec![
            html! { code { (method) } },
            html! { code.address { (path) } },
            html! { (meaning(id, summary, table)) },
            html! { a href=(trial_href(table, &method, path, "")) { (tr!("Put into the form")) } },
        ]
    };
    plain(
        tr!("What can be done"),
        [tr!("Method"), tr!("Request address"), tr!("What it does"), tr!("Command")],
        own.map(row).collect(),
    )
}

/// What a request does, in the reader's words; what has none goes by its name.
fn meaning(id: &str, summary: &str, table: &Table) -> String {
    let verb = id.strip_suffix(&table.set_name).unwrap_or(id).trim_end_matches('_');
    match verb {
        "list" => tr!("Reads rows"),
        "create" => tr!("Creates a row"),
        "count" => tr!("Counts rows"),
        "read" => tr!("Reads one row"),
        "change" => tr!("Changes a row, or creates it under this key"),
        "delete" => tr!("Deletes a row"),
        "read_column" => tr!("Reads a single column"),
        "set_column" => tr!("Sets a single column"),
        "clear_column" => tr!("Empties a single column"),
        "read_value" => tr!("Reads the bare value of a column"),
        "count_linked" => tr!("Counts linked rows"),
        "links_of" => tr!("Reads the addresses of linked rows"),
        "point" => tr!("Lets a lookup point at a row"),
        "link" => tr!("Links a row to a collection"),
        "unlink" => tr!("Unlinks a row"),
        other if other.starts_with("read_") && other.ends_with("_of") => tr!("Reads what it leads to"),
        _ => summary.to_owned(),
    }
}

fn plain<const COUNT: usize>(caption: String, labels: [String; COUNT], rows: Vec<Vec<Markup>>) -> Markup {
    let columns = labels.map(|label| TableColumn { label, number: false }).into();
    PlainTable { caption, columns, rows }.render()
}
