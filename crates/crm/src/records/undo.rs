//! Undo: an act is taken back as a whole, as long as nobody built on it.

use std::collections::HashMap;

use model::{Cascade, Filter, Reference, Table, TableKind, Value};
use store::{FeedEntry, FeedOperation, FeedPosition, Query, Row, Scope};
use uuid::Uuid;

use super::Work;
use crate::{
    Error, Result,
    access::{self, Privilege},
};

/// Feed entries read in one go.
const BATCH: u32 = 2000;

impl Work<'_, '_> {
    /// Takes back everything the act wrote: created rows go, changed columns get their former
    /// values, deleted rows come back. Returns how many rows were touched.
    ///
    /// # Errors
    /// [`Error::Refused`] where a row was changed since, or something was added to a created row.
    pub fn undo(&mut self, act: Uuid) -> Result<usize> {
        let entries = self.entries_of(act)?;
        if entries.is_empty() {
            return Err(Error::refused("there is nothing to undo: no change bears this number"));
        }
        let last = last_touched(&entries);
        for (reference, position) in &last {
            self.refuse_changed_since(reference, *position, &entries)?;
        }
        for entry in entries.iter().rev() {
            self.take_back(entry)?;
        }
        Ok(last.len())
    }

    fn entries_of(&mut self, act: Uuid) -> Result<Vec<FeedEntry>> {
        let mut entries: Vec<FeedEntry> = Vec::new();
        loop {
            let after = entries.last().map_or_else(FeedPosition::default, |entry| entry.position);
            let part = self.writer.feed_of_act(act, after, BATCH)?;
            let complete = part.len() < BATCH as usize;
            entries.extend(part);
            if complete {
                return Ok(entries);
            }
        }
    }

    fn refuse_changed_since(&mut self, reference: &Reference, position: FeedPosition, entries: &[FeedEntry]) -> Result<()> {
        let table = self.table(&reference.table)?;
        let current = self.writer.lock(&table.name, reference.id)?;
        let deleted_by_act = entries
            .iter()
            .rfind(|entry| entry.id == reference.id && entry.table == reference.table)
            .is_some_and(|entry| entry.operation == FeedOperation::Delete);
        match current {
            None if deleted_by_act => Ok(()),
            None => Err(Error::refused(format!("a {} of it was deleted since", table.label.to_lowercase()))),
            Some(row) => {
                if row.value("versionnumber").as_whole() != i64::try_from(position.sequence).ok() {
                    let name = row.text(&table.primary_name).to_owned();
                    return Err(Error::refused(format!(
                        "{} “{name}” was changed since, so this can no longer be undone",
                        table.label
                    )));
                }
                self.refuse_additions(&table, reference, entries)
            }
        }
    }

    /// Rows hung on a created row by somebody else would vanish with it.
    fn refuse_additions(&mut self, table: &Table, reference: &Reference, entries: &[FeedEntry]) -> Result<()> {
        let created = |id: Uuid, name: &str| {
            entries.iter().any(|entry| entry.id == id && entry.table == name)
        };
        if !entries.iter().any(|e| e.id == reference.id && e.table == reference.table && e.operation == FeedOperation::Create) {
            return Ok(());
        }
        let model = self.model.clone();
        for relationship in model.pointing_at(&table.name) {
            let Some(other) = model.table(&relationship.referencing) else { continue };
            if other.kind == TableKind::Pointer || relationship.on_delete == Cascade::RemoveLink && other.kind != TableKind::Intersect {
                continue;
            }
            let query = Query::of(&other.name, std::sync::Arc::new(Scope::default()), self.caller.zone())
                .select([other.primary_key.as_str()])
                .matching(Filter::eq(relationship.column.as_str(), reference.clone()))
                .take(5000);
            let added = self.query(&query)?.iter().filter_map(|row| row.value(&other.primary_key).as_id()).any(|id| !created(id, &other.name));
            if added {
                return Err(Error::refused(format!(
                    "a {} was added to the {} since, so this can no longer be undone",
                    other.label.to_lowercase(),
                    table.label.to_lowercase()
                )));
            }
        }
        Ok(())
    }

    /// Straight to the store: what was is put back, no rule has anything to add.
    fn take_back(&mut self, entry: &FeedEntry) -> Result<()> {
        let table = self.table(&entry.table)?;
        let actor = self.actor.clone();
        match entry.operation {
            FeedOperation::Create => {
                let Some(old) = self.writer.lock(&table.name, entry.id)? else { return Ok(()) };
                access::check(&self.caller, Privilege::Delete, &table, &old, None)?;
                self.writer.delete(&actor, &table.name, &old)?;
            }
            FeedOperation::Update => {
                let Some(old) = self.writer.lock(&table.name, entry.id)? else { return Ok(()) };
                let former = former_values(&table, entry);
                access::check(&self.caller, Privilege::Write, &table, &old, Some(&former))?;
                self.writer.update(&actor, &table.name, &old, former)?;
            }
            FeedOperation::Delete => {
                let former = former_values(&table, entry);
                access::check(&self.caller, Privilege::Create, &table, &former, None)?;
                self.writer.insert(&actor, &table.name, entry.id, former)?;
            }
        }
        self.note_settings(&table.name);
        Ok(())
    }
}

fn former_values(table: &Table, entry: &FeedEntry) -> Row {
    entry
        .changes
        .iter()
        .filter(|(column, before, after)| {
            (before != after || entry.operation == FeedOperation::Delete)
                && table.column(column).is_some_and(|c| c.is_stored() && c.name != "versionnumber")
        })
        .map(|(column, before, _)| (column.clone(), before.clone()))
        .filter(|(_, value): &(String, Value)| entry.operation == FeedOperation::Update || !value.is_null())
        .collect()
}

fn last_touched(entries: &[FeedEntry]) -> HashMap<Reference, FeedPosition> {
    entries.iter().map(|entry| (Reference::new(entry.table.clone(), entry.id), entry.position)).collect()
}
