//! The merged, immutable model.

use std::{collections::BTreeSet, sync::Arc};

use indexmap::IndexMap;

use crate::{ChoiceDeclaration, ManyToMany, Process, Relationship, Role, SecuredColumn, Table, TableMapping};

/// Things by their logical name, in the order of their declaration. Names come from validated
/// declarations, so that the hash may be a fast one.
pub type ByName<T> = IndexMap<String, T, foldhash::fast::RandomState>;

/// All declarations in force: the shipped sales app with an organisation's overlay merged in.
/// Never changed; publishing builds a new one and swaps it.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Tables by logical name.
    pub tables: ByName<Arc<Table>>,
    /// One for each lookup and target table.
    pub relationships: Vec<Relationship>,
    /// Many-to-many relationships; their intersect tables stand among the tables.
    pub many_to_many: Vec<ManyToMany>,
    /// Process flows.
    pub processes: Vec<Arc<Process>>,
    /// Column mappings used when a lead is qualified.
    pub mappings: Vec<TableMapping>,
    /// Security roles by logical name.
    pub roles: ByName<Arc<Role>>,
    /// Lists of options that several columns share, by name.
    pub choices: ByName<Arc<ChoiceDeclaration>>,
    /// Counts published versions of the overlay; 0 is the shipped app.
    pub version: u64,
    /// The columns that only people with a column security profile read or set.
    pub secured: BTreeSet<SecuredColumn>,
}

impl Model {
    /// The table of this logical name.
    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.get(name)
    }

    /// The table of this entity set name (`leads`).
    pub fn table_by_set(&self, set_name: &str) -> Option<&Arc<Table>> {
        self.tables.values().find(|table| table.set_name == set_name)
    }

    /// Relationships in which `table`'s rows are pointed at.
    pub fn pointing_at<'a>(&'a self, table: &'a str) -> impl Iterator<Item = &'a Relationship> {
        self.relationships.iter().filter(move |relationship| relationship.referenced == table)
    }

    /// Relationships of `table`'s own lookups.
    pub fn pointing_from<'a>(&'a self, table: &'a str) -> impl Iterator<Item = &'a Relationship> {
        self.relationships.iter().filter(move |relationship| relationship.referencing == table)
    }

    /// The process of this logical name.
    pub fn process(&self, name: &str) -> Option<&Arc<Process>> {
        self.processes.iter().find(|process| process.name == name)
    }

    /// The security role with this label.
    pub fn role(&self, label: &str) -> Option<&Arc<Role>> {
        self.roles.values().find(|role| role.label == label)
    }

    /// The mapping from one table to another.
    pub fn mapping(&self, from: &str, to: &str) -> Option<&TableMapping> {
        self.mappings.iter().find(|mapping| mapping.from == from && mapping.to == to)
    }
}
