//! What happens to rows that point at a row which is deleted or gets another owner.

use std::sync::Arc;

use model::{Cascade, Filter, Reference, Relationship, Table, TableKind, Value};
use store::{Query, Row, Scope, StoreError};
use uuid::Uuid;

use super::Work;
use crate::Result;

/// Rows handled in one go.
const BATCH: u32 = 500;

impl Work<'_, '_> {
    pub(super) fn cascade_delete(&mut self, table: &Table, id: Uuid) -> Result<()> {
        let model = self.model.clone();
        let relationships: Vec<&Relationship> = model.pointing_at(&table.name).collect();
        for relationship in relationships.iter().filter(|r| r.on_delete == Cascade::Restrict) {
            self.refuse_while_referenced(relationship, id)?;
        }
        for relationship in relationships {
            match self.effect(relationship) {
                Cascade::Restrict => {}
                Cascade::Cascade => self.delete_referencing(relationship, id)?,
                Cascade::RemoveLink => self.unlink_referencing(relationship, id)?,
            }
        }
        Ok(())
    }

    /// Rows on a row that has got another owner go with it, as far as they belonged to the former
    /// owner: a colleague's own call stays the colleague's. Closed rows go along, so that the new
    /// owner sees what has been done so far.
    pub(super) fn cascade_assign(&mut self, table: &Table, old: &Row, new: &Row) -> Result<()> {
        let (Some(former), Some(owner)) =
            (old.value("ownerid").as_reference().cloned(), new.value("ownerid").as_reference().cloned())
        else {
            return Ok(());
        };
        let Some(id) = new.value(&table.primary_key).as_id().filter(|_| former != owner) else { return Ok(()) };
        let model = self.model.clone();
        for relationship in model.pointing_at(&table.name).filter(|relationship| relationship.cascade_assign) {
            self.assign_referencing(relationship, id, &former, &owner)?;
        }
        Ok(())
    }

    fn assign_referencing(
        &mut self,
        relationship: &Relationship,
        id: Uuid,
        former: &Reference,
        owner: &Reference,
    ) -> Result<()> {
        let table = self.table(&relationship.referencing)?;
        // The twin of an activity goes with the activity itself.
        if table.kind == TableKind::Pointer || table.column("ownerid").is_none() {
            return Ok(());
        }
        let belongs = Filter::eq("ownerid", former.clone());
        self.each_referencing(relationship, id, &belongs, |work, child| {
            let Some(old) = work.writer.lock(&table.name, child)? else { return Ok(()) };
            let mut changes = Row::new().with("ownerid", owner.clone());
            work.fill_owner(&table, &mut changes)?;
            work.stamp_modified(&table, &mut changes);
            // Straight to the store: closed rows keep their state.
            let new = work.write_row(&table, &old, changes)?;
            work.cascade_assign(&table, &old, &new)
        })
    }

    /// Pairs of a many-to-many relationship never outlive either side; the twin of an activity
    /// goes with the activity itself.
    fn effect(&self, relationship: &Relationship) -> Cascade {
        match self.model.table(&relationship.referencing).map(|table| table.kind) {
            Some(TableKind::Intersect) => Cascade::Cascade,
            Some(TableKind::Pointer) => Cascade::Restrict,
            _ => relationship.on_delete,
        }
    }

    fn referencing(&self, relationship: &Relationship, id: Uuid) -> Result<Query> {
        let table = self.table(&relationship.referencing)?;
        let target = Reference::new(relationship.referenced.clone(), id);
        // Rules of access do not hide rows from the integrity of references.
        Ok(Query::of(&relationship.referencing, Arc::new(Scope::default()), self.caller.zone())
            .select([table.primary_key.as_str()])
            .matching(Filter::eq(relationship.column.as_str(), target))
            .take(BATCH))
    }

    fn refuse_while_referenced(&mut self, relationship: &Relationship, id: Uuid) -> Result<()> {
        if self.model.table(&relationship.referencing).is_some_and(|table| table.kind == TableKind::Pointer) {
            return Ok(());
        }
        let mut query = self.referencing(relationship, id)?.take(1);
        query.page.count = true;
        let found = self.writer.query(&query)?;
        match found.total.unwrap_or(found.rows.len() as u64) {
            0 => Ok(()),
            count => Err(StoreError::Restricted {
                table: relationship.referenced.clone(),
                referencing: relationship.referencing.clone(),
                column: relationship.column.clone(),
                count,
            }
            .into()),
        }
    }

    fn delete_referencing(&mut self, relationship: &Relationship, id: Uuid) -> Result<()> {
        let table = self.table(&relationship.referencing)?;
        self.each_referencing(relationship, id, &Filter::everything(), |work, child| {
            let old = work.writer.lock(&table.name, child)?;
            old.map_or(Ok(()), |old| work.delete_loaded(&table, &old))
        })
    }

    fn unlink_referencing(&mut self, relationship: &Relationship, id: Uuid) -> Result<()> {
        let table = self.table(&relationship.referencing)?;
        self.each_referencing(relationship, id, &Filter::everything(), |work, child| {
            let Some(old) = work.writer.lock(&table.name, child)? else { return Ok(()) };
            // Straight to the store: a closed row keeps its state, but may not point nowhere.
            let new = work.write_row(&table, &old, Row::new().with(relationship.column.as_str(), Value::Null))?;
            work.inherit_shares(&table, Some(&old), &new)
        })
    }

    /// Every row that points at `id` and is as asked; `effect` must end one or the other.
    fn each_referencing(
        &mut self,
        relationship: &Relationship,
        id: Uuid,
        that: &Filter,
        mut effect: impl FnMut(&mut Self, Uuid) -> Result<()>,
    ) -> Result<()> {
        loop {
            let query = self.referencing(relationship, id)?.matching(that.clone());
            let found = self.writer.query(&query)?;
            if found.rows.is_empty() {
                return Ok(());
            }
            let before = found.rows.len();
            for child in found.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)) {
                effect(self, child)?;
            }
            if before < BATCH as usize {
                return Ok(());
            }
        }
    }
}
