//! Column security: which secured columns somebody may read and set, and the profiles that say so.
//!
//! A profile (`fieldsecurityprofile`) has permissions (`fieldpermission`) for single secured
//! columns, and users and teams. What several profiles allow adds up; without one only
//! administrators read and set a secured column. The rules are those of Dataverse's column-level
//! security, but for what is made from secured columns, which is hidden with them
//! (`model::Column::guards`).

use std::collections::BTreeSet;

use language::{tr, translated};
use model::{Column, Model, Order, SecuredColumn, Table};
use store::Row;

use crate::{Caller, Error, FieldError, Result, records::Work};

/// `Allowed` in the columns of a permission; the other value is 0, `Not allowed`.
const ALLOWED: i64 = 4;

/// By what a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// A new row.
    Create,
    /// A change of a row.
    Update,
}

/// The secured columns somebody may read and set, from all their profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ColumnRights {
    pub read: BTreeSet<SecuredColumn>,
    create: BTreeSet<SecuredColumn>,
    update: BTreeSet<SecuredColumn>,
}

impl ColumnRights {
    /// Columns of a permission that [`ColumnRights::add`] reads.
    pub const READS: [&str; 5] = ["entityname", "attributelogicalname", "canread", "cancreate", "canupdate"];

    /// Adds what a permission allows.
    pub fn add(&mut self, permission: &Row) {
        let column = SecuredColumn::new(permission.text("entityname"), permission.text("attributelogicalname"));
        for (allows, columns) in
            [("canread", &mut self.read), ("cancreate", &mut self.create), ("canupdate", &mut self.update)]
        {
            if permission.value(allows).as_whole() == Some(ALLOWED) {
                columns.insert(column.clone());
            }
        }
    }

    /// What both allow.
    pub fn and(&self, other: &Self) -> Self {
        let both = |one: &BTreeSet<SecuredColumn>, other: &BTreeSet<SecuredColumn>| one & other;
        Self {
            read: both(&self.read, &other.read),
            create: both(&self.create, &other.create),
            update: both(&self.update, &other.update),
        }
    }

    fn to_set(&self, setting: Setting) -> &BTreeSet<SecuredColumn> {
        match setting {
            Setting::Create => &self.create,
            Setting::Update => &self.update,
        }
    }
}

impl Caller {
    /// Whether the caller may read the values of a column.
    pub fn may_read(&self, column: &Column) -> bool {
        self.scope().shows(column)
    }

    /// Whether the caller may set a column of a table; other rules may still forbid it.
    pub fn may_set(&self, setting: Setting, table: &Table, column: &Column) -> bool {
        !column.secured
            || self.administrator
            || self.access().columns.to_set(setting).contains(&SecuredColumn::new(&table.name, &column.name))
    }

    /// The order without what the caller may not read: a list that others sort by a secured column
    /// comes in the rest of its order.
    pub fn readable_order(&self, model: &Model, table: &str, order: Vec<Order>) -> Vec<Order> {
        let readable =
            |key: &Order| model.resolve(table, &key.column).map_or(true, |(_, column)| self.may_read(column));
        order.into_iter().filter(readable).collect()
    }
}

impl Work<'_, '_> {
    /// Refuses values of secured columns that the caller may not set. It is asked of what comes
    /// from outside, not of what a rule of the domain writes; and before anything is compared with
    /// the row, since even "that is no change" would tell its value.
    pub(crate) fn authorise_columns(&self, setting: Setting, table: &Table, values: &Row) -> Result<()> {
        let columns = values.iter().filter_map(|(name, _)| table.column(name));
        let labels: Vec<String> = columns
            .filter(|column| !self.caller().may_set(setting, table, column))
            .map(|column| format!("{} ({}.{})", translated(&column.label), table.name, column.name))
            .collect();
        if labels.is_empty() {
            return Ok(());
        }
        let columns = labels.join(", ");
        let words = match setting {
            Setting::Create => tr!(
                "you may not set {columns} when a record is added: access to it is restricted; leave it out, or ask an administrator for a column security profile that allows it",
                columns
            ),
            Setting::Update => tr!(
                "you may not set {columns} of a record that is there: access to it is restricted; leave it out, or ask an administrator for a column security profile that allows it",
                columns
            ),
        };
        Err(self.refused("set secured columns", table, words))
    }
}

/// A permission names a column that is secured. One for a column that is secured no more stays,
/// and allows nothing.
pub(crate) fn before_permission(work: &Work<'_, '_>, old: Option<&Row>, row: &mut Row) -> Result<()> {
    const NAMES: [&str; 2] = ["entityname", "attributelogicalname"];
    if !NAMES.iter().any(|name| row.contains(name)) {
        return Ok(());
    }
    for name in NAMES {
        if let Some(typed) = row.get(name).and_then(model::Value::as_text) {
            let typed = typed.trim().to_lowercase();
            row.set(name, typed);
        }
    }
    let now = |name: &str| row.get(name).or_else(|| old.map(|old| old.value(name)));
    let text = |name: &str| now(name).and_then(model::Value::as_text).unwrap_or_default().to_owned();
    let named = SecuredColumn::new(text(NAMES[0]), text(NAMES[1]));
    let secured = &work.model().secured;
    if secured.contains(&named) {
        return Ok(());
    }
    let known: Vec<String> = secured.iter().map(ToString::to_string).collect();
    let hint = match known.as_slice() {
        [] => tr!("no column is secured yet"),
        known => tr!("secured are {}", known.join(", ")),
    };
    let table = work.table("fieldpermission")?;
    let label = table.column(NAMES[1]).map_or(NAMES[1].into(), |column| translated(&column.label));
    Err(Error::Invalid(vec![FieldError {
        column: NAMES[1].to_owned(),
        label: label.into_owned(),
        message: tr!(
            "there is no secured column {named}; {hint}. A column is secured in the customisation",
            named,
            hint
        ),
    }]))
}
