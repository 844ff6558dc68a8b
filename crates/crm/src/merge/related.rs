//! Everything that points at one record moves to another: activities and their parties, notes,
//! deals, connections, pairs, shares, whatever the model has.

use std::{collections::BTreeSet, sync::Arc};

use model::{Filter, Reference, Relationship, RequiredLevel, Table, TableKind, Value};
use store::{Query, Row, Scope};
use uuid::Uuid;

use crate::{
    Result,
    access::{self, SHARES},
    follows::FOLLOWS,
    records::Work,
};

/// Rows whose keys are read in one go.
const PART: u32 = 5000;
/// Rows that tell what happened to the record they stand at, and stay there.
const STAYING: [&str; 1] = ["processstagevisit"];

/// What a move is about.
struct Move<'m> {
    relationship: &'m Relationship,
    /// Of the rows that point.
    table: &'m Table,
    from: &'m Reference,
    to: &'m Reference,
}

impl Work<'_, '_> {
    /// Points everything at `to` that pointed at `from`; how many rows that were.
    pub(super) fn move_related(&mut self, table: &Table, from: Uuid, to: Uuid) -> Result<usize> {
        let model = self.model().clone();
        let (from, to) = (Reference::new(table.name.as_str(), from), Reference::new(table.name.as_str(), to));
        let mut moved: BTreeSet<(String, Uuid)> = BTreeSet::new();
        for relationship in model.pointing_at(&table.name) {
            let Some(other) = model.table(&relationship.referencing) else { continue };
            // The twin of an activity goes with it; a process stays where it ran.
            if matches!(other.kind, TableKind::Pointer | TableKind::Process) || STAYING.contains(&other.name.as_str()) {
                continue;
            }
            let step = Move { relationship, table: other, from: &from, to: &to };
            for id in self.pointing(&step)? {
                self.move_row(&step, id)?;
                moved.insert((other.name.clone(), id));
            }
        }
        self.settle_shares(&to)?;
        Ok(moved.len())
    }

    /// The keys of all rows that point at the record.
    fn pointing(&mut self, step: &Move<'_>) -> Result<Vec<Uuid>> {
        let key = step.table.primary_key.as_str();
        // Rules of access do not hide rows from the integrity of references.
        let mut query = Query::of(&step.table.name, Arc::new(Scope::default()), self.caller().zone())
            .select([key])
            .matching(Filter::eq(step.relationship.column.as_str(), step.from.clone()))
            .take(PART);
        let mut ids = Vec::new();
        loop {
            let rows = self.writer().query(&query)?;
            ids.extend(rows.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)));
            match rows.next {
                Some(next) => query.page.cursor = Some(next),
                None => return Ok(ids),
            }
        }
    }

    fn move_row(&mut self, step: &Move<'_>, id: Uuid) -> Result<()> {
        let column = step.relationship.column.as_str();
        let Some(old) = self.writer().lock(&step.table.name, id)? else { return Ok(()) };
        let own = Reference::new(step.table.name.as_str(), id);
        if own == *step.from {
            return Ok(()); // it points at itself
        }
        if own == *step.to {
            return self.unlink_from_itself(step, &old);
        }
        match (step.table.kind, step.table.name.as_str()) {
            (TableKind::Intersect, _) | (_, FOLLOWS) => self.move_pair(step, &old),
            (_, SHARES) => self.move_share(step, &old),
            _ => {
                let mut changes = Row::new().with(column, step.to.clone());
                crate::records::take_over_name(self, &step.table.name, &mut changes)?;
                // Straight to the store: a closed row keeps its state, and its date of change.
                self.write_row(step.table, &old, changes).map(drop)
            }
        }
    }

    /// The master was, say, a part of the subordinate: it is not to be a part of itself.
    fn unlink_from_itself(&mut self, step: &Move<'_>, master: &Row) -> Result<()> {
        let column = step.table.column(&step.relationship.column);
        if column.is_none_or(|column| column.required == RequiredLevel::System) {
            return Ok(());
        }
        let changes = Row::new().with(step.relationship.column.as_str(), Value::Null);
        self.write_row(step.table, master, changes).map(drop)
    }

    /// A pair that the master has already goes.
    fn move_pair(&mut self, step: &Move<'_>, old: &Row) -> Result<()> {
        let column = step.relationship.column.as_str();
        let others = step.table.keys.iter().flat_map(|key| &key.columns).filter(|other| *other != column);
        let mut same = Filter::eq(column, step.to.clone());
        for other in others {
            same = same.and(Filter::eq(other.as_str(), old.value(other).clone()));
        }
        if self.find(&step.table.name, same, &[step.table.primary_key.as_str()])?.is_empty() {
            self.write_row(step.table, old, Row::new().with(column, step.to.clone())).map(drop)
        } else {
            self.write_deletion(step.table, old)
        }
    }

    /// Whoever shared in both may afterwards do with the master what they could with either.
    fn move_share(&mut self, step: &Move<'_>, old: &Row) -> Result<()> {
        let principal = old.value("principalid").clone();
        let same = Filter::eq("objectid", step.to.clone()).and(Filter::eq("principalid", principal));
        let key = step.table.primary_key.as_str();
        let found = self.find(SHARES, same, &[key])?;
        let Some(id) = found.first().and_then(|row| row.value(key).as_id()) else {
            return self.write_row(step.table, old, Row::new().with("objectid", step.to.clone())).map(drop);
        };
        if let Some(present) = self.writer().lock(SHARES, id)? {
            self.write_row(step.table, &present, access::both_shares(&present, old))?;
        }
        self.write_deletion(step.table, old)
    }
}
