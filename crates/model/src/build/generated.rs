//! Tables that follow from other declarations: pairs of many-to-many relationships, and the
//! instances of process flows. A table of the same name that is declared is left as it is.

use indexmap::IndexMap;

use crate::{
    AlternateKey, Cascade, ColumnDeclaration, ColumnKind, Ownership, Problem, Process, RelationshipDeclaration,
    RequiredLevel, State, Status, TableDeclaration, TableKind, files::Declarations, validate::has_prefix,
};

/// Names of the key over both lookups of a table of pairs.
const PAIR_KEY: &str = "pair";

pub(super) fn add_intersect_tables(declared: &mut Declarations, problems: &mut Vec<Problem>) {
    let mut intersects = Vec::new();
    for (first, table) in &declared.tables {
        for relationship in &table.many_to_many {
            if declared.tables.contains_key(&relationship.intersect) {
                continue;
            }
            let Some(other) = declared.tables.get(&relationship.other) else {
                problems.push(Problem::new(
                    format!("{first}/table.toml: many_to_many {}", relationship.name),
                    format!("there is no table {}", relationship.other),
                ));
                continue;
            };
            let sides = [(first.as_str(), table), (relationship.other.as_str(), other)];
            let custom = table.custom || has_prefix(&relationship.intersect);
            intersects.push((relationship.intersect.clone(), intersect(&relationship.name, sides, custom)));
        }
    }
    for (name, table) in intersects {
        if declared.tables.insert(name.clone(), table).is_some() {
            problems.push(Problem::new(name, "two many-to-many relationships share this intersect table"));
        }
    }
}

fn intersect(relationship: &str, sides: [(&str, &TableDeclaration); 2], custom: bool) -> TableDeclaration {
    let [first, second] = &sides;
    let label = format!("{} and {}", first.1.label, second.1.label.to_lowercase());
    let mut table = bare(label, TableKind::Intersect, Ownership::Parent, custom);
    table.plural_label = Some(table.label.clone());
    table.importable = false;
    let itself = first.0 == second.0;
    for ((name, side), ending) in sides.iter().zip(["one", "two"]) {
        let mut column = ColumnDeclaration::new(ColumnKind::Lookup, side.label.clone());
        column.targets = vec![(*name).to_owned()];
        column.required = RequiredLevel::System;
        column.custom = custom;
        let key = primary_key(name, side);
        let lookup = if itself { format!("{key}{ending}") } else { key };
        table.relationships.push(RelationshipDeclaration {
            column: lookup.clone(),
            target: (*name).to_owned(),
            name: Some(format!("{relationship}_{name}{}", if itself { ending } else { "" })),
            navigation: None,
            on_delete: Cascade::Cascade,
            cascade_assign: false,
            cascade_share: false,
        });
        table.columns.insert(lookup, column);
    }
    let columns = table.columns.keys().cloned().collect();
    table.keys.push(AlternateKey::new(PAIR_KEY, columns));
    table
}

pub(super) fn add_process_tables(declared: &mut Declarations) {
    let shipped = |name: &str| declared.tables.contains_key(name);
    let tables: Vec<_> = declared
        .processes
        .iter()
        .filter(|process| !shipped(&process.name))
        .map(|process| (process.name.clone(), process_table(process, &declared.tables)))
        .collect();
    declared.tables.extend(tables);
    open_visits(declared);
}

/// Visits of stages can be of rows of every table that a process works on.
fn open_visits(declared: &mut Declarations) {
    let worked_on: Vec<String> = declared.processes.iter().flat_map(stage_tables).map(str::to_owned).collect();
    let known: Vec<String> = worked_on.into_iter().filter(|name| declared.tables.contains_key(name)).collect();
    let Some(visits) = declared.tables.get_mut("processstagevisit") else { return };
    for name in known {
        let Some(record) = visits.columns.get_mut("recordid") else { return };
        if record.targets.contains(&name) {
            continue;
        }
        record.targets.push(name.clone());
        visits.relationships.push(RelationshipDeclaration {
            column: "recordid".to_owned(),
            name: Some(format!("{name}_processstagevisits")),
            target: name,
            navigation: None,
            on_delete: Cascade::Cascade,
            cascade_assign: false,
            cascade_share: false,
        });
    }
}

fn process_table(process: &Process, tables: &IndexMap<String, TableDeclaration>) -> TableDeclaration {
    let custom = has_prefix(&process.name);
    let mut table = bare(process.label.clone(), TableKind::Process, Ownership::Organization, custom);
    table.description.clone_from(&process.description);
    table.plural_label = Some(process.label.clone());
    table.primary_key = Some("businessprocessflowinstanceid".to_owned());
    table.primary_name = Some("name".to_owned());
    table.importable = false;
    table.states = states();
    table.columns.insert("name".to_owned(), text("Name", 200));
    table.columns.insert("processid".to_owned(), reference("Process", "workflow", tables));
    table.columns.insert("activestageid".to_owned(), reference("Active stage", "processstage", tables));
    let moment = |label: &str| ColumnDeclaration::new(ColumnKind::DateTime, label);
    table.columns.insert("activestagestartedon".to_owned(), moment("Active stage started on"));
    table.columns.insert("completedon".to_owned(), moment("Completed on"));
    // Only Pipewright's: which of a record's flows is the one it follows now.
    table.columns.insert("switchedon".to_owned(), moment("Switched away on"));
    // Only Pipewright's, too: the version of the flow that leads the record; the first where empty.
    table.columns.insert("processversion".to_owned(), ColumnDeclaration::new(ColumnKind::Whole, "Version of the flow"));
    table.columns.insert("duration".to_owned(), ColumnDeclaration::new(ColumnKind::Whole, "Duration (minutes)"));
    table.columns.insert("traversedpath".to_owned(), text("Traversed path", 1250));
    if tables.contains_key("organization") {
        table.columns.insert("organizationid".to_owned(), reference("Organization", "organization", tables));
    }
    for stage_table in stage_tables(process) {
        let Some(target) = tables.get(stage_table) else { continue };
        let column = primary_key(stage_table, target);
        table.columns.insert(column.clone(), lookup(&target.label, stage_table));
        // The instance belongs to the row it started on; the others are only visited.
        let on_delete = if stage_table == process.table { Cascade::Cascade } else { Cascade::RemoveLink };
        table.relationships.push(RelationshipDeclaration {
            column,
            target: stage_table.to_owned(),
            name: Some(format!("{stage_table}_{}", process.name)),
            navigation: None,
            on_delete,
            cascade_assign: false,
            cascade_share: false,
        });
    }
    for column in table.columns.values_mut() {
        column.custom = custom;
        column.importable = false;
    }
    table
}

/// The tables a process and its earlier versions work on, each once, the one it starts on first.
fn stage_tables(process: &Process) -> Vec<&str> {
    let mut tables = vec![process.table.as_str()];
    // Records led by an earlier version keep their links.
    for stage in process.all_stages() {
        if !tables.contains(&stage.table.as_str()) {
            tables.push(&stage.table);
        }
    }
    tables
}

fn states() -> Vec<State> {
    let status = |value, label: &str| Status { value, label: label.to_owned(), color: None };
    vec![
        State {
            value: 0,
            label: "Active".to_owned(),
            default_status: 1,
            closed: false,
            statuses: vec![status(1, "Active")],
        },
        State {
            value: 1,
            label: "Inactive".to_owned(),
            default_status: 2,
            closed: true,
            statuses: vec![status(2, "Finished"), status(3, "Aborted")],
        },
    ]
}

fn bare(label: String, kind: TableKind, ownership: Ownership, custom: bool) -> TableDeclaration {
    let mut table = TableDeclaration::new(label);
    table.columns.clear();
    table.kind = kind;
    table.ownership = ownership;
    table.custom = custom;
    table.searchable = false;
    table
}

fn text(label: &str, length: u32) -> ColumnDeclaration {
    let mut column = ColumnDeclaration::new(ColumnKind::Text, label);
    column.length = Some(length);
    column
}

fn lookup(label: &str, target: &str) -> ColumnDeclaration {
    let mut column = ColumnDeclaration::new(ColumnKind::Lookup, label);
    column.targets = vec![target.to_owned()];
    column
}

/// Processes and stages live in the model; only where they are tables, too, can a lookup lead there.
fn reference(label: &str, target: &str, tables: &IndexMap<String, TableDeclaration>) -> ColumnDeclaration {
    if tables.contains_key(target) { lookup(label, target) } else { text(label, 36) }
}

fn primary_key(name: &str, table: &TableDeclaration) -> String {
    table.primary_key.clone().unwrap_or_else(|| format!("{name}id"))
}
