//! Changing rows.

use model::{Ownership, Table, TableKind};
use store::Row;
use uuid::Uuid;

use super::{Work, fill, input, rules};
use crate::{Error, Result, access::Setting, merge, process};

impl Work<'_, '_> {
    /// Changes columns of one row from outside input; returns the row as stored. With
    /// `if_version`, only where the row still has that version.
    ///
    /// A change of state by its columns is carried out by the verb it stands for: a lead set to
    /// disqualified is disqualified, an opportunity set to open is reopened.
    pub fn update(&mut self, table: &str, id: Uuid, changes: Row, if_version: Option<i64>) -> Result<Row> {
        let table = self.table(table)?;
        let old = self.load(&table.name, id)?;
        refuse_stale(&table, id, &old, if_version)?;
        input::refuse_outside_writes(&table, &changes)?;
        self.authorise_columns(Setting::Update, &table, &changes)?;
        merge::refuse_merged(&table, &old)?;
        let mut changes = input::checked(&table, changes)?;
        fill::refuse_other_states_reason(&table, &old, &changes)?;
        drop_unchanged(&old, &mut changes);
        fill::fill_state(&table, Some(&old), &mut changes)?;
        fill::refuse_closed(&table, &old, &changes)?;
        input::refuse_emptying(&table, &changes)?;
        if table.kind == TableKind::Process {
            return process::change(self, &table, &old, &changes);
        }
        if let Some(row) = self.state_verb(&table, &old, &mut changes)? {
            return Ok(row);
        }
        self.update_loaded(&table, &old, changes)
    }

    /// Changes columns of a row that was loaded in this act; read-only columns may be given,
    /// because a rule of the domain speaks.
    pub(crate) fn update_loaded(&mut self, table: &Table, old: &Row, mut changes: Row) -> Result<Row> {
        merge::refuse_merged(table, old)?;
        self.authorise_change(table, old, &changes)?;
        fill::fill_state(table, Some(old), &mut changes)?;
        rules::before_update(self, table, old, &mut changes)?;
        drop_unchanged(old, &mut changes);
        if changes.contains("ownerid") && table.ownership == Ownership::User {
            self.fill_owner(table, &mut changes)?;
        }
        self.fill_money(table, Some(old), &mut changes)?;
        drop_unchanged(old, &mut changes);
        if changes.is_empty() {
            return Ok(old.clone());
        }
        self.authorise_links(table, Some(old), &changes)?;
        self.stamp_modified(table, &mut changes);
        let new = self.write_row(table, old, changes)?;
        self.cascade_assign(table, old, &new)?;
        self.inherit_shares(table, Some(old), &new)?;
        rules::after_update(self, table, old, &new)?;
        Ok(new)
    }
}

impl Work<'_, '_> {
    /// Gives a row a new version, because something that counts as its own was changed beside it.
    /// An act that has changed the row already needs no second version.
    pub(crate) fn touch(&mut self, table: &Table, old: &Row) -> Result<()> {
        let mut stamps = Row::new();
        self.stamp_modified(table, &mut stamps);
        let millis = |row: &Row| row.value("modifiedon").as_date_time().map(jiff::Timestamp::as_millisecond);
        if millis(old) == millis(&stamps) {
            return Ok(());
        }
        let actor = self.actor.clone();
        self.writer.touch(&actor, &table.name, old, stamps)?;
        Ok(())
    }
}

/// Refuses where the row has another version than is insisted on.
pub(crate) fn refuse_stale(table: &Table, id: Uuid, old: &Row, if_version: Option<i64>) -> Result<()> {
    match if_version {
        Some(version) if old.value("versionnumber").as_whole() != Some(version) => {
            Err(Error::Changed { table: table.name.clone(), id })
        }
        _ => Ok(()),
    }
}

/// Columns that already hold the value are no change.
fn drop_unchanged(old: &Row, changes: &mut Row) {
    let same: Vec<String> =
        changes.iter().filter(|(name, value)| old.get(name) == Some(value)).map(|(name, _)| name.to_owned()).collect();
    for name in same {
        changes.remove(&name);
    }
}
