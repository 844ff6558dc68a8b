//! What decides about the rows of a table.

use model::{Cascade, Model, Ownership, Table, TableKind};

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

/// The lookups at rows that this table's rows are deleted with: what they are a part of.
fn parents(model: &Model, table: &Table) -> Vec<String> {
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
