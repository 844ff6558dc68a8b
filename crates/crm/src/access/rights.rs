//! What somebody may do with a row: asked before every write, and for what a page offers.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use model::{Filter, Model, Privilege, Reference, Table};
use store::{Query, Reader, Row, Scope};

use super::{
    Access, Governed, SHARES, governed,
    governed::ACTIVITIES,
    principal::{Principal, principal},
    sharing::{share_columns, shared_in},
};
use crate::{App, Caller, Error, Result, reading};

/// Decides about rows in one person's name.
pub(super) struct Judge<'r, 's> {
    reader: &'r mut Reader<'s>,
    /// Whose time and place queries are asked in; what they reach is said by the access.
    asking: &'r Caller,
    access: &'r Access,
    administrator: bool,
    /// What was shared in rows asked about, so that each is looked up once.
    shared: HashMap<Reference, BTreeSet<Privilege>>,
}

impl<'r, 's> Judge<'r, 's> {
    /// For the caller.
    pub fn of(reader: &'r mut Reader<'s>, caller: &'r Caller) -> Self {
        Self {
            reader,
            asking: caller,
            access: caller.access(),
            administrator: caller.administrator,
            shared: HashMap::new(),
        }
    }

    fn of_principal(reader: &'r mut Reader<'s>, asking: &'r Caller, of: &'r Principal) -> Self {
        Self { reader, asking, access: &of.access, administrator: of.administrator, shared: HashMap::new() }
    }

    /// Everything that may be done with the row; it holds all its columns.
    pub fn rights(&mut self, table: &Table, row: &Row) -> Result<BTreeSet<Privilege>> {
        let mut rights = BTreeSet::new();
        for privilege in Privilege::ALL {
            if self.may(privilege, table, row)? {
                rights.insert(privilege);
            }
        }
        Ok(rights)
    }

    /// Whether this may be done with the row.
    pub fn may(&mut self, privilege: Privilege, table: &Table, row: &Row) -> Result<bool> {
        if self.administrator {
            return Ok(true);
        }
        let model = Arc::clone(self.reader.model());
        match governed(&model, table) {
            Governed::Twin if privilege == Privilege::Read => self.may_by_owner(privilege, ACTIVITIES, table, row),
            Governed::Twin => Ok(false),
            Governed::Settings(_) if privilege == Privilege::Read => Ok(true),
            Governed::Settings(name) | Governed::Whole(name) => {
                Ok(self.access.reach(&name, privilege).is_some_and(|reach| reach.everywhere))
            }
            Governed::ByOwner(name) => self.may_by_owner(privilege, &name, table, row),
            Governed::Following(lookups) => self.may_by_whole(privilege, &lookups, row),
            Governed::Pair(lookups) => self.may_tie(privilege, &lookups, row),
        }
    }

    fn may_by_owner(&mut self, privilege: Privilege, name: &str, table: &Table, row: &Row) -> Result<bool> {
        let Some(reach) = self.access.reach(name, privilege).filter(|reach| !reach.is_nothing()) else {
            return Ok(false);
        };
        if reach.covers(row) {
            return Ok(true);
        }
        let Some(id) = row.value(&table.primary_key).as_id().filter(|_| reach.shared) else { return Ok(false) };
        self.is_shared(privilege, Reference::new(&table.name, id))
    }

    /// Whether the row was shared for this with the person or one of their teams.
    fn is_shared(&mut self, privilege: Privilege, row: Reference) -> Result<bool> {
        if let Some(known) = self.shared.get(&row) {
            return Ok(known.contains(&privilege));
        }
        let with_them = Filter::is_in("principalid", self.access.principals.iter().copied());
        let query = Query::of(SHARES, Scope::default().into(), self.asking.zone())
            .select(share_columns())
            .matching(Filter::eq("objectid", row.clone()).and(with_them))
            .take(5000);
        let shared: BTreeSet<Privilege> =
            self.reader.query(&query)?.to_rows().flat_map(|row| shared_in(&row)).collect();
        let is_shared = shared.contains(&privilege);
        self.shared.insert(row, shared);
        Ok(is_shared)
    }

    /// A part is seen with the whole, and changed by whoever may change that.
    fn may_by_whole(&mut self, privilege: Privilege, lookups: &[String], row: &Row) -> Result<bool> {
        for lookup in lookups {
            let Some((table, whole)) = self.pointed_at(row, lookup)? else { return Ok(false) };
            if !self.may(on_whole(privilege), &table, &whole)? {
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

    fn pointed_at(&mut self, row: &Row, lookup: &str) -> Result<Option<(Arc<Table>, Row)>> {
        let Some(reference) = row.value(lookup).as_reference().cloned() else { return Ok(None) };
        let Some(table) = self.reader.model().table(&reference.table).cloned() else { return Ok(None) };
        let row = self.reader.get(&reference.table, reference.id, None, &Scope::default(), &self.asking.zone())?;
        Ok(row.map(|row| (table, row)))
    }
}

/// What is needed on the whole for doing this with a part.
fn on_whole(privilege: Privilege) -> Privilege {
    if privilege == Privilege::Read { Privilege::Read } else { Privilege::Write }
}

impl Caller {
    /// Whether the caller's roles allow this on any row of the table at all. What a page offers
    /// about a whole table goes by it; single rows may still be refused.
    pub fn may_anywhere(&self, model: &Model, table: &Table, privilege: Privilege) -> bool {
        if self.administrator {
            return true;
        }
        let reach = |name: &str| self.access().reach(name, privilege);
        match governed(model, table) {
            Governed::Twin => {
                privilege == Privilege::Read && reach(ACTIVITIES).is_some_and(|reach| !reach.is_nothing())
            }
            Governed::Settings(_) if privilege == Privilege::Read => true,
            Governed::Settings(name) | Governed::Whole(name) => reach(&name).is_some_and(|reach| reach.everywhere),
            Governed::ByOwner(name) => reach(&name).is_some_and(|reach| !reach.is_nothing()),
            Governed::Following(lookups) => lookups.iter().all(|lookup| {
                let wholes = table.column(lookup).map_or(&[][..], |column| column.targets());
                wholes.iter().filter_map(|whole| model.table(whole)).any(|whole| {
                    // Parts of parts are rare; whether they may be changed is left to the write.
                    matches!(governed(model, whole), Governed::Following(_))
                        || self.may_anywhere(model, whole, on_whole(privilege))
                })
            }),
            Governed::Pair(_) => true,
        }
    }
}

impl App {
    /// What the caller may do with a row they have read with all its columns. Nothing is asked of
    /// the database where roles and ownership tell.
    pub async fn rights_on(&self, caller: &Caller, table: &Arc<Table>, row: &Row) -> Result<BTreeSet<Privilege>> {
        if caller.administrator {
            return Ok(Privilege::ALL.into());
        }
        let (caller, table, row) = (caller.clone(), Arc::clone(table), row.clone());
        self.read(move |reader| Judge::of(reader, &caller).rights(&table, &row)).await
    }

    /// What a user or team may do with a row that the caller sees (Dataverse:
    /// `RetrievePrincipalAccess`); nothing where the user is disabled.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the row or the user or team is absent or hidden from the caller.
    pub async fn rights_of(&self, caller: &Caller, of: &Reference, record: &Reference) -> Result<BTreeSet<Privilege>> {
        let (caller, of, record) = (caller.clone(), of.clone(), record.clone());
        self.read_in_organization(move |reader, organization| {
            reading::get(reader, &caller, &record.table, record.id, Some(&[]))?;
            let found = principal(reader, organization, &of)?;
            let found = found.ok_or_else(|| Error::NotFound { table: of.table.clone(), id: of.id })?;
            if found.disabled {
                return Ok(BTreeSet::new());
            }
            let Some(table) = reader.model().table(&record.table).cloned() else { return Ok(BTreeSet::new()) };
            let row = reader.get(&record.table, record.id, None, &Scope::default(), &caller.zone())?;
            let Some(row) = row else { return Ok(BTreeSet::new()) };
            Judge::of_principal(reader, &caller, &found).rights(&table, &row)
        })
        .await
    }
}
