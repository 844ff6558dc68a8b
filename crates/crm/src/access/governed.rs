//! What decides about the rows of a table.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use model::{Cascade, Model, Ownership, Problem, Table, TableKind};

/// The table whose name stands for all kinds of activities in a role.
pub(super) const ACTIVITIES: &str = "activitypointer";

/// What decides about the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Governed {
    /// The privileges a role gives on this table (all kinds of activities share one), and the
    /// row's owner and business unit.
    ByOwner(String),
    /// The privileges a role gives on this table, for all rows alike.
    Whole(String),
    /// As [`Governed::Whole`], but everybody who signs in may read.
    Settings(String),
    /// The rows these lookups point at.
    Following(Vec<String>),
    /// The two rows that are tied together by these lookups.
    Pair(Vec<String>),
    /// The engine alone writes; it is read as the activities are.
    Twin,
}

/// What decides about the rows of `table`.
pub(crate) fn governed(model: &Model, table: &Table) -> Governed {
    match (table.kind, table.ownership) {
        (TableKind::Pointer, _) => Governed::Twin,
        (TableKind::Intersect, _) => Governed::Pair(parents(model, table)),
        (TableKind::System, _) => Governed::Settings(table.name.clone()),
        (TableKind::Process, _) | (_, Ownership::Parent) => Governed::Following(parents(model, table)),
        (TableKind::Activity, _) => Governed::ByOwner(ACTIVITIES.to_owned()),
        (TableKind::Standard, Ownership::User) => Governed::ByOwner(table.name.clone()),
        (TableKind::Standard, Ownership::Organization) => Governed::Whole(table.name.clone()),
    }
}

/// The lookups at rows that this table's rows are deleted with: what they are a part of. Of a shipped
/// table the shipped declarations say so: no relationship that an organisation adds or changes decides
/// about who sees the rows that are there already.
fn parents(model: &Model, table: &Table) -> Vec<String> {
    match shipped_parents().get(&table.name) {
        None => declared_parents(model, table),
        // The flow of a shipped process may lead through other tables in an organisation.
        Some(_) if table.kind == TableKind::Process => {
            let is_own = |lookup: &String| table.column(lookup).is_some_and(|column| column.custom);
            declared_parents(model, table).into_iter().filter(|lookup| !is_own(lookup)).collect()
        }
        Some(lookups) => lookups.clone(),
    }
}

/// What rows of the shipped tables are parts of.
fn shipped_parents() -> &'static HashMap<String, Vec<String>> {
    static READ: OnceLock<HashMap<String, Vec<String>>> = OnceLock::new();
    READ.get_or_init(|| {
        let Ok(shipped) = Model::shipped() else { return HashMap::new() };
        let each = |table: &Arc<Table>| (table.name.clone(), declared_parents(&shipped, table));
        shipped.tables.values().map(each).collect()
    })
}

fn declared_parents(model: &Model, table: &Table) -> Vec<String> {
    let mut lookups = Vec::new();
    for relationship in model.pointing_from(&table.name) {
        // A share goes with the person it was made for, but is a part of the shared row only.
        let person = matches!(relationship.referenced.as_str(), "systemuser" | "team");
        let is_part = relationship.on_delete == Cascade::Cascade && (!person || table.kind == TableKind::Intersect);
        if is_part && !lookups.contains(&relationship.column) {
            lookups.push(relationship.column.clone());
        }
    }
    lookups
}

/// Refuses a model in which parts of shipped rows are left behind when what they are a part of is deleted:
/// nobody would see them any more.
pub(crate) fn refuse_parts_left(before: &Model, after: &Model) -> Vec<Problem> {
    let mut problems = Vec::new();
    for now in before.relationships.iter().filter(|now| now.on_delete == Cascade::Cascade) {
        let Some(table) = before.table(&now.referencing).filter(|table| !table.custom) else { continue };
        let (Governed::Following(parents) | Governed::Pair(parents)) = governed(before, table) else { continue };
        let is_left = |then: &&model::Relationship| {
            then.name == now.name && then.column == now.column && then.on_delete != Cascade::Cascade
        };
        if parents.contains(&now.column) && after.pointing_from(&table.name).any(|then| is_left(&then)) {
            problems.push(Problem::new(
                format!("{}.{}", table.name, now.column),
                format!(
                    "rows of {} are parts of the {} they belong to, seen with it and deleted with it; leave on_delete at cascade",
                    table.name, now.referenced
                ),
            ));
        }
    }
    problems
}
