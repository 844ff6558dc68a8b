//! Shares that go down to what hangs on a shared row: an account's contacts, deals, notes and
//! activities, as the relationships are declared.
//!
//! What a row inherits is always all that the rows it hangs on are shared for, so that the order in
//! which rows are shared, added and moved does not matter.

use std::collections::BTreeSet;

use model::{Filter, Privilege, Reference, Relationship, Table, Value};
use store::{Query, Row, Scope};

use super::{
    SHARES, is_shareable,
    sharing::{Stored, share_columns, shared_in},
};
use crate::{Result, records::Work};

/// Rows read in one go.
const PART: u32 = 5000;

impl Work<'_, '_> {
    /// Shares the rows that hang on `record` as that is now shared with `principal`.
    pub(super) fn share_what_hangs_on(
        &mut self,
        record: &Reference,
        principal: &Reference,
        privileges: &BTreeSet<Privilege>,
    ) -> Result<()> {
        let model = self.model().clone();
        for relationship in model.pointing_at(&record.table).filter(|relationship| relationship.cascade_share) {
            let table = self.table(&relationship.referencing)?;
            if !is_shareable(self.model(), &table) {
                continue;
            }
            for row in self.hanging_on(&table, relationship, record)? {
                let Some(id) = row.value(&table.primary_key).as_id() else { continue };
                let parents = parents(self, &table, &row);
                let inherited = match parents.as_slice() {
                    [only] if only == record => privileges.clone(),
                    several => self.shared_above(several, principal)?,
                };
                self.inherit(&Reference::new(&table.name, id), principal, inherited)?;
            }
        }
        Ok(())
    }

    /// A new row, or one that hangs on others than before, is shared as those are (Dataverse: the
    /// cascading behaviour "reparent").
    pub(crate) fn inherit_shares(&mut self, table: &Table, old: Option<&Row>, new: &Row) -> Result<()> {
        let above = parents(self, table, new);
        let before = old.map(|old| parents(self, table, old)).unwrap_or_default();
        if above == before || !is_shareable(self.model(), table) || !self.anything_is_shared()? {
            return Ok(());
        }
        let Some(id) = new.value(&table.primary_key).as_id() else { return Ok(()) };
        self.as_consequence(|work| work.inherit_from(&Reference::new(&table.name, id), &above))
    }

    /// Puts the shares of a row in order after shares or rows were moved to it.
    pub(crate) fn settle_shares(&mut self, record: &Reference) -> Result<()> {
        let table = self.table(&record.table)?;
        let Some(row) = self.writer().lock(&record.table, record.id)? else { return Ok(()) };
        let above = parents(self, &table, &row);
        self.inherit_from(record, &above)?;
        for (principal, privileges) in self.sharers(std::slice::from_ref(record))? {
            self.share_what_hangs_on(record, &principal, &privileges)?;
        }
        Ok(())
    }

    fn inherit_from(&mut self, record: &Reference, above: &[Reference]) -> Result<()> {
        let mut concerned = above.to_vec();
        concerned.push(record.clone());
        let principals: BTreeSet<Reference> =
            self.sharers(&concerned)?.into_iter().map(|(principal, _)| principal).collect();
        for principal in principals {
            let inherited = self.shared_above(above, &principal)?;
            self.inherit(record, &principal, inherited)?;
        }
        Ok(())
    }

    fn inherit(&mut self, record: &Reference, principal: &Reference, inherited: BTreeSet<Privilege>) -> Result<()> {
        let present = self.stored_share(record, principal)?;
        let wanted = Stored { inherited, ..present.clone() };
        self.store_share(record, principal, &present, wanted)
    }

    /// For what somebody shares in any of these rows.
    fn shared_above(&mut self, above: &[Reference], principal: &Reference) -> Result<BTreeSet<Privilege>> {
        let shared = self.sharers(above)?;
        Ok(shared.into_iter().filter(|(other, _)| other == principal).flat_map(|(_, privileges)| privileges).collect())
    }

    /// Everybody these rows are shared with, and for what, row by row.
    fn sharers(&mut self, records: &[Reference]) -> Result<Vec<(Reference, BTreeSet<Privilege>)>> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let columns: Vec<&str> = std::iter::once("principalid").chain(share_columns()).collect();
        let rows = self.find(SHARES, Filter::is_in("objectid", records.iter().cloned()), &columns)?;
        Ok(rows
            .iter()
            .filter_map(|row| Some((row.value("principalid").as_reference()?.clone(), shared_in(row))))
            .collect())
    }

    /// Rows of `table` that point at `record`, with their keys and what else they hang on.
    fn hanging_on(&mut self, table: &Table, relationship: &Relationship, record: &Reference) -> Result<Vec<Row>> {
        let lookups = lookups(self, table);
        let mut query = Query::of(&table.name, Scope::default().into(), self.caller().zone())
            .select([table.primary_key.as_str()])
            .select(lookups.iter().map(String::as_str))
            .matching(Filter::eq(relationship.column.as_str(), record.clone()))
            .take(PART);
        let mut found = Vec::new();
        loop {
            let rows = self.writer().query(&query)?;
            found.extend(rows.to_rows());
            match rows.next {
                Some(next) => query.page.cursor = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Where nothing is shared yet, writing need not ask.
    fn anything_is_shared(&mut self) -> Result<bool> {
        if let Some(known) = self.shares_exist {
            return Ok(known);
        }
        let query = Query::of(SHARES, Scope::default().into(), self.caller().zone()).select(["principalid"]).take(1);
        let exist = !self.writer().query(&query)?.rows.is_empty();
        self.shares_exist = Some(exist);
        Ok(exist)
    }
}

/// The lookups at rows whose shares go down to rows of the table.
fn lookups(work: &Work<'_, '_>, table: &Table) -> BTreeSet<String> {
    let model = work.model();
    model.pointing_from(&table.name).filter(|it| it.cascade_share).map(|it| it.column.clone()).collect()
}

/// The rows whose shares go down to this one.
fn parents(work: &Work<'_, '_>, table: &Table, row: &Row) -> Vec<Reference> {
    let model = work.model();
    let goes_down = model.pointing_from(&table.name).filter(|relationship| relationship.cascade_share);
    let mut parents: Vec<Reference> = goes_down
        .filter_map(|relationship| {
            let value: &Value = row.value(&relationship.column);
            value.as_reference().filter(|reference| reference.table == relationship.referenced).cloned()
        })
        .collect();
    parents.dedup();
    parents
}
