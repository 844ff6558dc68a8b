//! The check before every write.

use language::{spoken, tr, translated};
use model::{Privilege, Table, TableKind};
use store::Row;
use uuid::Uuid;

use super::{Governed, governed, refused, rights::Judge, verb};
use crate::words::within;
use crate::{Caller, Error, Result, records::Work};

/// Columns a person may change on their own `systemuser` row.
const OWN_SETTINGS: &[&str] = &[
    "timezone",
    "locale",
    "homepage",
    "uilanguageid",
    "keyboardshortcuts",
    "mutednotifications",
    "isautosaveenabled",
    "mobilephone",
    "title",
    "firstname",
    "lastname",
];

impl Work<'_, '_> {
    /// Refuses what the caller may not do with a row; `row` holds at least its key, owner and
    /// business unit, and the lookups at rows it is a part of.
    pub(crate) fn authorise(&mut self, privilege: Privilege, table: &Table, row: &Row) -> Result<()> {
        // The twins of activities are kept by the store; not even an administrator writes them.
        if self.caller().administrator && table.kind == TableKind::Pointer && privilege != Privilege::Read {
            return Err(Error::refused(twins(table)));
        }
        if self.may(privilege, table, row)? { Ok(()) } else { Err(self.refusal(privilege, table)) }
    }

    /// As [`Work::authorise`] for a change of these columns. Giving a row to another owner is a
    /// privilege of its own.
    pub(crate) fn authorise_change(&mut self, table: &Table, old: &Row, changes: &Row) -> Result<()> {
        let assigns = changes.contains("ownerid") && changes.value("ownerid") != old.value("ownerid");
        let companions = ["ownerid", "owninguser", "owningteam", "owningbusinessunit"];
        let writes = !assigns || changes.iter().any(|(column, _)| !companions.contains(&column));
        if writes && !self.is_own_setting(table, old, changes) {
            self.authorise(Privilege::Write, table, old)?;
        }
        if assigns {
            self.authorise(Privilege::Assign, table, old)?;
        }
        Ok(())
    }

    /// Refuses to let a row point at rows it may not be linked to: the row itself needs the
    /// privilege to append, each row newly pointed at that to be appended to, and it must be one
    /// the caller may see.
    pub(crate) fn authorise_links(&mut self, table: &Table, old: Option<&Row>, new: &Row) -> Result<()> {
        if self.caller().administrator {
            return Ok(());
        }
        let mut links = Vec::new();
        for column in table.lookups() {
            let value = new.value(&column.name);
            let is_new = !value.is_null() && old.is_none_or(|old| old.value(&column.name) != value);
            if let Some(reference) = value.as_reference().filter(|_| is_new && column.name != "ownerid") {
                links.push(reference.clone());
            }
        }
        let mut appended = false;
        for reference in links {
            let target = self.table(&reference.table)?;
            if !is_linked_by_privilege(&governed(self.model(), &target)) {
                continue;
            }
            let pointed_at = self.load(&target.name, reference.id)?;
            self.authorise(Privilege::AppendTo, &target, &pointed_at)?;
            if !std::mem::replace(&mut appended, true) {
                self.authorise(Privilege::Append, table, old.unwrap_or(new))?;
            }
        }
        Ok(())
    }

    /// Whether the caller may do this with the row.
    pub(crate) fn may(&mut self, privilege: Privilege, table: &Table, row: &Row) -> Result<bool> {
        if self.caller().administrator {
            return Ok(true);
        }
        let caller = self.caller().clone();
        Judge::of(self.writer(), &caller).may(privilege, table, row)
    }

    fn is_own_setting(&self, table: &Table, old: &Row, changes: &Row) -> bool {
        let own: Option<Uuid> = old.value(&table.primary_key).as_id();
        // What everybody may do with themselves, nobody may do with somebody they act for.
        table.name == "systemuser"
            && self.caller().within().ceilings.is_empty()
            && own == Some(self.caller().user)
            && changes.iter().all(|(column, _)| OWN_SETTINGS.contains(&column))
    }

    fn refusal(&self, privilege: Privilege, table: &Table) -> Error {
        let words = match governed(self.model(), table) {
            Governed::Twin => twins(table),
            _ => missing(privilege, table),
        };
        self.refused(verb(privilege), table, words)
    }
}

fn twins(table: &Table) -> String {
    tr!("{} are written through the activities themselves", translated(&table.plural_label))
}

/// Whether pointing at rows of a table takes a privilege: at people, currencies and other
/// settings everybody may point.
const fn is_linked_by_privilege(governed: &Governed) -> bool {
    matches!(governed, Governed::ByOwner(_) | Governed::Whole(_))
}

/// Refuses to do something with a row of the table.
pub fn refusal(caller: &Caller, privilege: Privilege, table: &Table) -> Error {
    refused(caller, verb(privilege), Some(&table.name), missing(privilege, table))
}

/// Why something may not be done with a row of the table, and what to do about it.
fn missing(privilege: Privilege, table: &Table) -> String {
    let label = within(&table.label);
    match privilege {
        Privilege::Create => {
            tr!("your security roles do not let you add this {label}; ask an administrator for a role that does", label)
        }
        _ => tr!(
            "your security roles do not let you {verb} this {label}; ask its owner to share it with you, or an administrator for a role that does",
            verb = spoken(verb(privilege)),
            label
        ),
    }
}
