//! Names on the wire and what they mean: `_ownerid_value`, `customerid_account`,
//! `opportunity_customer_accounts`.

pub use crm::wire::wire_name;
use model::{Column, ColumnType, Model, Path, Step, Table, TableKind};

use crate::error::{Error, Result};

/// What a navigation property leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Navigation {
    /// The row a lookup points at.
    Single {
        /// The lookup column.
        lookup: String,
        /// Tables it may lead to by this name; one, except for names like `ownerid`.
        targets: Vec<String>,
    },
    /// Rows that point here.
    Collection {
        /// Their table.
        table: String,
        /// Their lookup.
        through: String,
    },
    /// Rows paired with this one by a many-to-many relationship.
    Pairs {
        /// The table of pairs.
        intersect: String,
        /// Its lookup that points here.
        here: String,
        /// Its lookup that points there.
        there: String,
        /// The table there.
        table: String,
    },
}

/// The navigation property `name` of `table`, exactly as spelt.
pub fn navigation(model: &Model, table: &Table, name: &str) -> Option<Navigation> {
    single(model, table, name)
        .or_else(|| collection(model, table, name))
        .or_else(|| pairs(model, table, name))
        .or_else(|| inherited(model, table, name))
}

/// Activities also have what leads from `activitypointer`, which `$metadata` derives them from.
fn inherited(model: &Model, table: &Table, name: &str) -> Option<Navigation> {
    if table.kind != TableKind::Activity {
        return None;
    }
    let base = model.tables.values().find(|base| base.kind == TableKind::Pointer)?;
    match single(model, base, name) {
        Some(Navigation::Single { lookup, targets }) => {
            let own = table.column(&lookup)?.targets();
            targets.iter().all(|target| own.contains(target)).then_some(Navigation::Single { lookup, targets })
        }
        _ => collection(model, base, name),
    }
}

fn single(model: &Model, table: &Table, name: &str) -> Option<Navigation> {
    let mut named = model.pointing_from(&table.name).filter(|relationship| relationship.navigation == name).peekable();
    if let Some(first) = named.peek() {
        let lookup = first.column.clone();
        let targets = named.filter(|other| other.column == lookup).map(|other| other.referenced.clone()).collect();
        return Some(Navigation::Single { lookup, targets });
    }
    // The lookup's own name, which for a polymorphic one leaves the target open (`ownerid`).
    let column = table.column(name)?;
    matches!(column.kind, ColumnType::Lookup { .. })
        .then(|| Navigation::Single { lookup: column.name.clone(), targets: column.targets().to_vec() })
}

fn collection(model: &Model, table: &Table, name: &str) -> Option<Navigation> {
    model
        .pointing_at(&table.name)
        .find(|relationship| relationship.name == name)
        .map(|found| Navigation::Collection { table: found.referencing.clone(), through: found.column.clone() })
}

fn pairs(model: &Model, table: &Table, name: &str) -> Option<Navigation> {
    let found =
        model.many_to_many.iter().find(|m| m.name == name && (m.first == table.name || m.second == table.name))?;
    let other = if found.first == table.name { &found.second } else { &found.first };
    let there = model.table(other)?;
    Some(Navigation::Pairs {
        intersect: found.intersect.clone(),
        here: table.primary_key.clone(),
        there: there.primary_key.clone(),
        table: other.clone(),
    })
}

/// The column that a property name stands for: a lookup by `_x_value` (or its bare name),
/// anything else by its logical name.
pub fn column_of<'t>(table: &'t Table, name: &str) -> Result<&'t Column> {
    let lookup = name.strip_prefix('_').and_then(|rest| rest.strip_suffix("_value"));
    let column = match lookup {
        Some(lookup) => table.column(lookup).filter(|column| matches!(column.kind, ColumnType::Lookup { .. })),
        None => None,
    };
    column.or_else(|| table.column(name)).filter(|column| column.is_stored()).ok_or_else(|| unknown(table, name))
}

/// The way to a column through single-valued navigation properties, and the column.
pub fn path_to<'m>(model: &'m Model, table: &'m Table, segments: &[String]) -> Result<(Path, &'m Column)> {
    let (last, before) =
        segments.split_last().ok_or_else(|| Error::BadRequest("a column name is missing".to_owned()))?;
    let (steps, table) = steps_to(model, table, before)?;
    let column = column_of(table, last)?;
    Ok((Path { steps, column: column.name.clone() }, column))
}

/// Follow single-valued navigation properties.
pub fn steps_to<'m>(model: &'m Model, table: &'m Table, segments: &[String]) -> Result<(Vec<Step>, &'m Table)> {
    let mut steps = Vec::new();
    let mut at = table;
    for segment in segments {
        let (step, target) = step(model, at, segment)?;
        steps.push(step);
        at = target;
    }
    Ok((steps, at))
}

fn step<'m>(model: &'m Model, table: &'m Table, name: &str) -> Result<(Step, &'m Table)> {
    match navigation(model, table, name) {
        Some(Navigation::Single { lookup, targets }) => {
            let [target] = targets.as_slice() else {
                return Err(Error::BadRequest(format!(
                    "'{name}' of {} can lead to several tables ({}); name one of its typed navigation properties",
                    table.name,
                    targets.join(", ")
                )));
            };
            let polymorphic = table.column(&lookup).is_some_and(Column::is_polymorphic);
            let next = known_table(model, target)?;
            Ok((Step { lookup, target: polymorphic.then(|| target.clone()) }, next))
        }
        Some(_) => Err(Error::BadRequest(format!(
            "'{name}' of {} is a collection; ask about its rows with {name}/any(o:o/name eq 'x')",
            table.name
        ))),
        None => Err(unknown(table, name)),
    }
}

/// A table that a relationship speaks of.
pub fn known_table<'m>(model: &'m Model, name: &str) -> Result<&'m Table> {
    model
        .table(name)
        .map(std::convert::AsRef::as_ref)
        .ok_or_else(|| Error::BadRequest(format!("the table '{name}' does not exist")))
}

/// A property that is not there, with what was perhaps meant.
pub fn unknown(table: &Table, name: &str) -> Error {
    let bare = name.trim_start_matches('_').trim_end_matches("_value");
    let near = table.columns.values().find(|column| column.is_stored() && column.name.eq_ignore_ascii_case(bare));
    let hint = near.map_or_else(|| ".".to_owned(), |column| format!("; did you mean '{}'?", wire_name(column)));
    Error::UnknownProperty { name: name.to_owned(), table: table.name.clone(), hint }
}
