//! The addresses of a table: its set, its rows, their columns and what they are linked to.

use crm::access::{Privilege, Setting};
use model::{ColumnType, Table};
use serde_json::{Map, Value, json};

use super::{
    row::{changed_name, created_name, rows_name, set_by},
    shared::{Call, body},
    told::{ANY_ROW, Leading, Told, parameter, schema},
};
use crate::translate::{Navigation, wire_name};

/// Adds them.
pub fn paths(told: &Told<'_>, table: &Table, paths: &mut Map<String, Value>) {
    let set = format!("{}{}", told.base, table.set_name);
    let row = format!("{set}({{{}}})", table.primary_key);
    let leading = told.leading(table);
    paths.insert(set.clone(), rows(told, table, &leading));
    paths.insert(format!("{set}/$count"), count(table));
    paths.insert(row.clone(), one(told, table, &leading));
    paths.insert(format!("{row}/{{column}}"), columns(told, table));
    paths.insert(format!("{row}/{{column}}/$value"), raw(told, table));
    for one in &leading {
        paths.insert(format!("{row}/{}", one.name), led_to(told, table, one));
    }
    if !leading.is_empty() {
        paths.insert(format!("{row}/{{navigation}}/$ref"), references(told, table, &leading));
    }
    let collections = names(&leading, |to| !matches!(to, Navigation::Single { .. }));
    if !collections.is_empty() {
        let call = Call::new(format!("count_linked_{}", table.set_name), &table.set_name, "Count linked rows")
            .with(key(table))
            .with(navigation(&collections))
            .with(parameter("filter"));
        paths.insert(format!("{row}/{{navigation}}/$count"), json!({"get": call.counts()}));
    }
}

/// The key of a row, as a parameter.
pub fn key(table: &Table) -> Value {
    let others: Vec<String> = table.keys.iter().map(|key| format!("({}='…')", key.columns.join("='…',"))).collect();
    let also = match others.as_slice() {
        [] => String::new(),
        others => format!(" Other names of a row, in place of it: {}.", others.join(", ")),
    };
    json!({
        "name": table.primary_key,
        "in": "path",
        "required": true,
        "description": format!("The key of the row, a GUID.{also}"),
        "schema": {"type": "string", "format": "uuid"},
    })
}

fn rows(told: &Told<'_>, table: &Table, leading: &[Leading<'_>]) -> Value {
    let tag = &table.set_name;
    let list = Call::new(format!("list_{tag}"), tag, &format!("Read {}", table.plural_label))
        .with_all(options(told, table, leading))
        .with_all(list_options().into_iter().map(parameter))
        .with(parameter("deltatoken"))
        .answers("200", "A page of rows.", &schema(&rows_name(table)));
    let mut item = json!({"get": list.reads()});
    if told.may(table, Privilege::Create) {
        let create = Call::new(format!("create_{tag}"), tag, &format!("Create a row of {}", table.label))
            .with_all(["prefer.write", "duplicates", "caller"].into_iter().map(parameter))
            .taking(body(&schema(&created_name(table)), true))
            .answers("201", "The row, where it was preferred.", &schema(&table.name))
            .answers_nothing("204", "Created; the headers name the row.");
        item["post"] = create.writes();
    }
    item
}

fn count(table: &Table) -> Value {
    let call =
        Call::new(format!("count_{}", table.set_name), &table.set_name, &format!("Count {}", table.plural_label));
    json!({"get": call.with(parameter("filter")).with(parameter("caller")).counts()})
}

fn one(told: &Told<'_>, table: &Table, leading: &[Leading<'_>]) -> Value {
    let tag = &table.set_name;
    let read = Call::new(format!("read_{tag}"), tag, &format!("Read one row of {}", table.label))
        .with(key(table))
        .with_all([select(told, table), expand(leading)].into_iter().flatten())
        .with_all(["prefer.list", "if-none-match", "caller"].into_iter().map(parameter))
        .answers("200", "The row.", &schema(&table.name))
        .answers_nothing("304", "The client has this version.");
    let mut item = json!({"get": read.reads()});
    if told.may(table, Privilege::Write) {
        let change = Call::new(format!("change_{tag}"), tag, &format!("Change a row of {}, or create it", table.label))
            .described("A row that is not there is created with this key, unless If-Match: * says otherwise.")
            .with(key(table))
            .with_all(["prefer.write", "if-match", "if-none-match", "duplicates", "caller"].into_iter().map(parameter))
            .taking(body(&schema(&changed_name(table)), true))
            .answers("200", "The row, where it was preferred.", &schema(&table.name))
            .answers("201", "The row that was created, where it was preferred.", &schema(&table.name))
            .answers_nothing("204", "Done; the headers name the row.");
        item["patch"] = change.writes();
    }
    if told.may(table, Privilege::Delete) {
        let delete = Call::new(format!("delete_{tag}"), tag, &format!("Delete a row of {}", table.label))
            .with(key(table))
            .with_all(["if-match", "caller"].into_iter().map(parameter))
            .answers_nothing("204", "Deleted.");
        item["delete"] = delete.writes();
    }
    item
}

/// Columns that are addressed on their own; lookups are not.
fn columns(told: &Told<'_>, table: &Table) -> Value {
    let tag = &table.set_name;
    let readable = properties(told, table);
    let read = Call::new(format!("read_column_{tag}"), tag, "Read a single column")
        .with(key(table))
        .with(column(&readable))
        .with(parameter("caller"))
        .answers("200", "Its value.", &schema("property"))
        .answers_nothing("204", "It is empty.");
    let mut item = json!({"get": read.reads()});
    let set: Vec<&str> = set_by(told, Setting::Update, table).map(|column| column.name.as_str()).collect();
    if told.may(table, Privilege::Write) && !set.is_empty() {
        let write = |id: &str, summary: &str| {
            Call::new(format!("{id}_column_{tag}"), tag, summary)
                .with(key(table))
                .with(column(&set))
                .with_all(["if-match", "caller"].into_iter().map(parameter))
                .answers_nothing("204", "Done.")
        };
        item["put"] = write("set", "Set a single column").taking(body(&schema("property.set"), true)).writes();
        item["delete"] = write("clear", "Empty a single column").writes();
    }
    item
}

/// The value of a column without JSON around it.
fn raw(told: &Told<'_>, table: &Table) -> Value {
    let call = Call::new(format!("read_value_{}", table.set_name), &table.set_name, "Read the bare value of a column")
        .with(key(table))
        .with(column(&properties(told, table)))
        .with(parameter("caller"))
        .answers_as("200", "Its value.", "text/plain", &json!({"type": "string"}))
        .answers_as("200", "Its value.", "application/octet-stream", &json!({}))
        .answers_nothing("204", "It is empty.");
    json!({"get": call.reads()})
}

fn properties<'m>(told: &Told<'_>, table: &'m Table) -> Vec<&'m str> {
    let columns = told.columns(table).filter(|column| !matches!(column.kind, ColumnType::Lookup { .. }));
    columns.map(|column| column.name.as_str()).collect()
}

fn column(names: &[&str]) -> Value {
    json!({
        "name": "column",
        "in": "path",
        "required": true,
        "description": "A column by its logical name.",
        "schema": {"type": "string", "enum": names},
    })
}

/// What a navigation property leads to, read.
fn led_to(told: &Told<'_>, table: &Table, leading: &Leading<'_>) -> Value {
    let tag = &table.set_name;
    let call =
        Call::new(format!("read_{}_of_{tag}", leading.name), tag, &format!("Read what {} leads to", leading.name))
            .with(key(table));
    match &leading.to {
        Navigation::Single { targets, .. } => {
            let row = told.row_of(targets);
            let call = call.with_all(["select", "expand", "prefer.list", "if-none-match", "caller"].map(parameter));
            let call = call.answers("200", "The row.", &row).answers_nothing("204", "It leads nowhere.");
            json!({"get": call.answers_nothing("304", "The client has this version.").reads()})
        }
        Navigation::Collection { table: other, .. } | Navigation::Pairs { table: other, .. } => {
            let page = if told.has(other) { format!("{other}.rows") } else { format!("{ANY_ROW}.rows") };
            let options = ["select", "expand", "orderby"].into_iter().chain(list_options());
            json!({"get": call.with_all(options.map(parameter)).answers("200", "A page of rows.", &schema(&page)).reads()})
        }
    }
}

fn references(told: &Told<'_>, table: &Table, leading: &[Leading<'_>]) -> Value {
    let tag = &table.set_name;
    let call = |id: &str, summary: &str, names: &[&str]| {
        Call::new(format!("{id}_{tag}"), tag, summary).with(key(table)).with(navigation(names))
    };
    let all = names(leading, |_| true);
    let links = json!({"anyOf": [schema("reference"), schema("references")]});
    let read = call("links_of", "Read the addresses of linked rows", &all)
        .with_all(["top", "count", "skiptoken", "prefer.list", "caller"].map(parameter))
        .answers("200", "The address, or a page of them.", &links)
        .answers_nothing("204", "It leads nowhere.");
    let mut item = json!({"get": read.reads()});
    if !(told.may(table, Privilege::Write) || told.may(table, Privilege::AppendTo)) {
        return item;
    }
    let link = || body(&schema("reference"), true);
    let single = names(leading, |to| {
        matches!(to, Navigation::Single { lookup, .. }
        if table.column(lookup).is_some_and(|column| !column.read_only))
    });
    let many = names(leading, |to| !matches!(to, Navigation::Single { .. }));
    if !single.is_empty() {
        let call = call("point", "Let a lookup point at a row", &single).with(parameter("caller"));
        item["put"] = call.taking(link()).answers_nothing("204", "Linked.").writes();
    }
    if !many.is_empty() {
        let call = call("link", "Link a row to a collection", &many).with(parameter("caller"));
        item["post"] = call.taking(link()).answers_nothing("204", "Linked.").writes();
    }
    if !(single.is_empty() && many.is_empty()) {
        let loose: Vec<&str> = single.into_iter().chain(many).collect();
        let call = call("unlink", "Unlink: a lookup, or the row of a collection that $id names", &loose);
        item["delete"] =
            call.with_all(["id", "caller"].map(parameter)).answers_nothing("204", "No longer linked.").writes();
    }
    item
}

fn names<'l>(leading: &'l [Leading<'_>], wanted: impl Fn(&Navigation) -> bool) -> Vec<&'l str> {
    leading.iter().filter(|one| wanted(&one.to)).map(|one| one.name).collect()
}

fn navigation(names: &[&str]) -> Value {
    json!({
        "name": "navigation",
        "in": "path",
        "required": true,
        "description": "A navigation property.",
        "schema": {"type": "string", "enum": names},
    })
}

/// Options of a list that are the same for every table.
fn list_options() -> [&'static str; 10] {
    ["filter", "top", "count", "apply", "skiptoken", "fetchxml", "savedquery", "userquery", "prefer.list", "caller"]
}

/// Options that name columns.
fn options(told: &Told<'_>, table: &Table, leading: &[Leading<'_>]) -> Vec<Value> {
    [select(told, table), order(told, table), expand(leading)].into_iter().flatten().collect()
}

fn select(told: &Told<'_>, table: &Table) -> Option<Value> {
    let names: Vec<String> = told.columns(table).map(wire_name).collect();
    one_of("$select", "Columns to be told; all where none is named.", &names)
}

fn order(told: &Told<'_>, table: &Table) -> Option<Value> {
    let sorted = told.columns(table).filter(|column| {
        !matches!(column.kind, ColumnType::File { .. } | ColumnType::Image { .. } | ColumnType::MultiChoice { .. })
    });
    let names: Vec<String> =
        sorted.flat_map(|column| [wire_name(column), format!("{} desc", wire_name(column))]).collect();
    one_of("$orderby", "Columns to sort by, each perhaps followed by desc.", &names)
}

fn expand(leading: &[Leading<'_>]) -> Option<Value> {
    let names: Vec<String> = leading.iter().map(|one| one.name.to_owned()).collect();
    let told = "Navigation properties whose rows stand in the row, each perhaps with options of its own: \
                primarycontactid($select=fullname).";
    one_of("$expand", told, &names)
}

/// A list of names with commas between.
fn one_of(name: &str, description: &str, names: &[String]) -> Option<Value> {
    (!names.is_empty()).then(|| {
        json!({
            "name": name,
            "in": "query",
            "description": description,
            "style": "form",
            "explode": false,
            "schema": {"type": "array", "uniqueItems": true, "items": {"type": "string", "enum": names}},
        })
    })
}
