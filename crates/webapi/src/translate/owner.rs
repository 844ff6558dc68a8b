//! Owners are users or teams. Dataverse shows both as rows of `owner`, whose columns are called the same for
//! either: `name`, `ownerid`.

use model::Table;

/// Tables of what can own.
const OWNERS: [&str; 2] = ["systemuser", "team"];
/// What an owner is called.
const NAME: &str = "name";
/// Its key.
const KEY: &str = "ownerid";

/// Columns of `owner` that were asked for, each with the column of the table that it stands for.
#[derive(Debug, Clone, Default)]
pub struct OwnerNames {
    names: Vec<(&'static str, String)>,
    /// Columns that are read for it only.
    unasked: Vec<String>,
}

impl OwnerNames {
    /// What of `names` only an owner has where a lookup leads to one of `several` tables.
    pub fn asked_for(table: &Table, several: &[String], names: &[String]) -> Self {
        let pairs = names.iter().filter_map(|name| meant(table, several, name));
        let names_here: Vec<(&'static str, String)> = pairs.map(|(name, column)| (name, column.to_owned())).collect();
        let is_unasked = |column: &&String| **column != table.primary_key && !names.contains(column);
        let unasked = names_here.iter().map(|(_, column)| column).filter(is_unasked).cloned().collect();
        Self { names: names_here, unasked }
    }

    /// True for what only an owner has.
    pub fn has(table: &Table, several: &[String], name: &str) -> bool {
        meant(table, several, name).is_some()
    }

    /// These columns and those that owners' names are read from.
    pub fn with_sources(&self, columns: &[String]) -> Vec<String> {
        columns.iter().chain(&self.unasked).cloned().collect()
    }

    /// The columns asked for, each with the column it stands for.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.names.iter().map(|(name, column)| (*name, column.as_str()))
    }

    /// True for a column that nobody asked for by its own name.
    pub fn is_unasked(&self, column: &str) -> bool {
        self.unasked.iter().any(|unasked| unasked == column)
    }
}

/// The column of the table that an owner's column stands for; none where the table has it itself.
fn meant<'t>(table: &'t Table, several: &[String], name: &str) -> Option<(&'static str, &'t str)> {
    let are_owners = several.len() > 1 && several.iter().all(|one| OWNERS.contains(&one.as_str()));
    if !are_owners || table.column(name).is_some() {
        return None;
    }
    match name {
        NAME => Some((NAME, table.primary_name.as_str())),
        KEY => Some((KEY, table.primary_key.as_str())),
        _ => None,
    }
}
