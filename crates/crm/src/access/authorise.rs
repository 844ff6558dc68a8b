//! The check before every write.

use model::{Filter, Privilege, Reference, Table};
use store::{Query, Row, Scope};
use uuid::Uuid;

use super::{Governed, SHARES, governed, governed::ACTIVITIES, verb};
use crate::{Caller, Error, Result, records::Work};

/// Columns a person may change on their own `systemuser` row.
const OWN_SETTINGS: &[&str] = &["timezone", "locale", "mobilephone", "title", "firstname", "lastname"];

impl Work<'_, '_> {
    /// Refuses what the caller may not do with a row; `row` holds at least its key, owner and
    /// business unit, and the lookups at rows it is a part of.
    pub(crate) fn authorise(&mut self, privilege: Privilege, table: &Table, row: &Row) -> Result<()> {
        if self.may(privilege, table, row)? { Ok(()) } else { Err(refusal(privilege, table)) }
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
        match governed(self.model(), table) {
            Governed::Twin if privilege == Privilege::Read => self.may_by_owner(privilege, ACTIVITIES, table, row),
            Governed::Twin => {
                Err(Error::Forbidden(format!("{} are written through the activities themselves", table.plural_label)))
            }
            Governed::Settings(_) if privilege == Privilege::Read => Ok(true),
            Governed::Settings(name) | Governed::Whole(name) => {
                Ok(self.caller().access().reach(&name, privilege).is_some_and(|reach| reach.everywhere))
            }
            Governed::ByOwner(name) => self.may_by_owner(privilege, &name, table, row),
            Governed::Following(lookups) => self.may_by_whole(privilege, &lookups, row),
            Governed::Pair(lookups) => self.may_tie(privilege, &lookups, row),
        }
    }

    fn may_by_owner(&mut self, privilege: Privilege, name: &str, table: &Table, row: &Row) -> Result<bool> {
        let caller = self.caller().clone();
        let Some(reach) = caller.access().reach(name, privilege).filter(|reach| !reach.is_nothing()) else {
            return Ok(false);
        };
        if reach.covers(row) {
            return Ok(true);
        }
        let Some(id) = row.value(&table.primary_key).as_id().filter(|_| reach.shared) else { return Ok(false) };
        self.is_shared(privilege, &Reference::new(&table.name, id), &caller)
    }

    /// Whether the row was shared with the caller for this.
    fn is_shared(&mut self, privilege: Privilege, row: &Reference, caller: &Caller) -> Result<bool> {
        let Some(right) = share_column(privilege) else { return Ok(false) };
        let with_me = Filter::is_in("principalid", caller.access().principals.iter().copied());
        let query = Query::of(SHARES, Scope::default().into(), caller.zone())
            .select(["principalobjectaccessid"])
            .matching(Filter::eq("objectid", row.clone()).and(with_me).and(Filter::eq(right, true)))
            .take(1);
        Ok(!self.query(&query)?.is_empty())
    }

    /// A part is seen with the whole, and changed by whoever may change that.
    fn may_by_whole(&mut self, privilege: Privilege, lookups: &[String], row: &Row) -> Result<bool> {
        let on_whole = if privilege == Privilege::Read { Privilege::Read } else { Privilege::Write };
        for lookup in lookups {
            let Some((table, whole)) = self.pointed_at(row, lookup)? else { return Ok(false) };
            if !self.may(on_whole, &table, &whole)? {
                return Ok(false);
            }
        }
        Ok(!lookups.is_empty())
    }

    /// Two rows are tied and untied by whoever may append one of them to the other. What people
    /// and their roles and teams are tied to is for administrators.
    fn may_tie(&mut self, privilege: Privilege, lookups: &[String], row: &Row) -> Result<bool> {
        let mut sides = Vec::new();
        for lookup in lookups {
            let Some(side) = self.pointed_at(row, lookup)? else { return Ok(false) };
            sides.push(side);
        }
        let [(one, one_row), (other, other_row)] = sides.as_slice() else { return Ok(false) };
        if privilege == Privilege::Read {
            return Ok(self.may(privilege, one, one_row)? && self.may(privilege, other, other_row)?);
        }
        if [one, other].iter().all(|table| table.kind == model::TableKind::System) {
            return Ok(false);
        }
        Ok(self.may_append(one, one_row, other, other_row)? || self.may_append(other, other_row, one, one_row)?)
    }

    fn may_append(&mut self, table: &Table, row: &Row, to: &Table, to_row: &Row) -> Result<bool> {
        Ok(self.may(Privilege::Append, table, row)? && self.may(Privilege::AppendTo, to, to_row)?)
    }

    fn pointed_at(&mut self, row: &Row, lookup: &str) -> Result<Option<(std::sync::Arc<Table>, Row)>> {
        let Some(reference) = row.value(lookup).as_reference().cloned() else { return Ok(None) };
        let table = self.table(&reference.table)?;
        let zone = self.caller().zone();
        let row = self.writer().get(&reference.table, reference.id, None, &Scope::default(), &zone)?;
        Ok(row.map(|row| (table, row)))
    }

    fn is_own_setting(&self, table: &Table, old: &Row, changes: &Row) -> bool {
        let own: Option<Uuid> = old.value(&table.primary_key).as_id();
        table.name == "systemuser"
            && own == Some(self.caller().user)
            && changes.iter().all(|(column, _)| OWN_SETTINGS.contains(&column))
    }
}

/// Whether pointing at rows of a table takes a privilege: at people, currencies and other
/// settings everybody may point.
const fn is_linked_by_privilege(governed: &Governed) -> bool {
    matches!(governed, Governed::ByOwner(_) | Governed::Whole(_))
}

/// The column of a share that gives a privilege; none where it cannot be shared.
pub(crate) const fn share_column(privilege: Privilege) -> Option<&'static str> {
    Some(match privilege {
        Privilege::Create => return None,
        Privilege::Read => "canread",
        Privilege::Write => "canwrite",
        Privilege::Delete => "candelete",
        Privilege::Append => "canappend",
        Privilege::AppendTo => "canappendto",
        Privilege::Assign => "canassign",
        Privilege::Share => "canshare",
    })
}

fn refusal(privilege: Privilege, table: &Table) -> Error {
    let what = match privilege {
        Privilege::Create => format!("add this {}", table.label.to_lowercase()),
        _ => format!("{} this {}", verb(privilege), table.label.to_lowercase()),
    };
    Error::Forbidden(format!(
        "your security roles do not let you {what}; ask its owner to share it with you, or an administrator for a role that does"
    ))
}
