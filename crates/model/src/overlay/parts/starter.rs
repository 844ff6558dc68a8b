//! What a new table gets where nothing is said, so that it can be used at once: a name, two
//! states, a view and two forms, as Dataverse makes them.

use uuid::Uuid;

use super::Document;
use crate::{
    Filter, Form, FormKind, Order, Ownership, Section, State, Status, Tab, TableDeclaration, TableKind, View,
    ViewColumn,
};

/// Adds what the document does not speak of.
pub(super) fn furnished(mut table: TableDeclaration, document: &Document) -> TableDeclaration {
    let usual = |collection: &str| !document.contains_key(collection);
    if usual("columns") && table.include.is_empty() && table.primary_name.is_none() {
        table.columns = TableDeclaration::new("").columns;
    }
    if usual("state") && table.kind == TableKind::Standard {
        table.states = states();
    }
    if usual("view") {
        table.views = vec![view(&table)];
    }
    if usual("form") {
        table.forms = vec![main_form(&table), quick_form(&table)];
    }
    table
}

fn states() -> Vec<State> {
    let state = |value: i32, label: &str, closed: bool, color: &str| State {
        value,
        label: label.to_owned(),
        default_status: value + 1,
        closed,
        statuses: vec![Status { value: value + 1, label: label.to_owned(), color: Some(color.to_owned()) }],
    };
    vec![state(0, "Active", false, "blue"), state(1, "Inactive", true, "secondary")]
}

fn view(table: &TableDeclaration) -> View {
    let plural = table.plural_label.clone().unwrap_or_else(|| crate::build::plural(&table.label));
    let has_state = !table.states.is_empty();
    let owner = (table.ownership == Ownership::User).then_some("ownerid");
    let columns = own_columns(table).into_iter().take(6).map(str::to_owned).collect::<Vec<_>>();
    let columns = columns.iter().map(String::as_str).chain(owner).chain(["createdon"]);
    View {
        name: if has_state { "active" } else { "all" }.to_owned(),
        label: if has_state { format!("Active {plural}") } else { plural },
        id: Uuid::nil(),
        default: true,
        columns: columns.map(|column| ViewColumn { column: column.into(), width: None }).collect(),
        filter: if has_state { Filter::eq("statecode", 0) } else { Filter::everything() },
        order: vec![Order::descending("createdon")],
    }
}

fn main_form(table: &TableDeclaration) -> Form {
    let section = |label: &str, columns: Vec<String>, timeline| Section {
        label: label.to_owned(),
        columns,
        timeline,
        subgrid: None,
        people: None,
    };
    let mut sections = vec![section("General", own_columns(table).into_iter().map(str::to_owned).collect(), false)];
    if table.notes || table.activities {
        sections.push(section("Timeline", Vec::new(), true));
    }
    let header = if table.ownership == Ownership::User { vec!["ownerid".to_owned()] } else { Vec::new() };
    Form {
        name: "main".to_owned(),
        label: table.label.clone(),
        kind: FormKind::Main,
        header,
        tabs: vec![Tab { label: "Summary".to_owned(), sections }],
    }
}

fn quick_form(table: &TableDeclaration) -> Form {
    let columns = own_columns(table).into_iter().take(8).map(str::to_owned).collect();
    let section = Section { label: table.label.clone(), columns, timeline: false, subgrid: None, people: None };
    Form {
        name: "quick_create".to_owned(),
        label: format!("New {}", table.label.to_lowercase()),
        kind: FormKind::QuickCreate,
        header: Vec::new(),
        tabs: vec![Tab { label: table.label.clone(), sections: vec![section] }],
    }
}

fn own_columns(table: &TableDeclaration) -> Vec<&str> {
    table.columns.keys().map(String::as_str).collect()
}
