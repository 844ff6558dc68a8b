//! Undo: an act is taken back as a whole, as long as nobody built on it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use language::{tr, translated};
use model::{Cascade, Column, Filter, Reference, Relationship, Table, TableKind, Value};
use store::{FeedEntry, FeedOperation, FeedPosition, Query, Row, Scope};
use uuid::Uuid;

use super::Work;
use crate::words::within;
use crate::{
    Error, Result,
    access::{Privilege, Setting},
    follows::FOLLOWS,
};

/// Feed entries, and rows that hang on others, read in one go.
const BATCH: u32 = 2000;
/// Created rows asked about in one go.
const IDS: usize = 200;

/// What an act did to one row, all its changes together.
struct Touched {
    reference: Reference,
    /// The one who now undoes the act made all of its changes of the row.
    own: bool,
    /// The act made the row.
    created: bool,
    /// The act deleted the row.
    deleted: bool,
    /// Values before the act, of columns it changed.
    former: Row,
    /// A column the act changed whose values the history does not keep, as people call it.
    unkept: Option<String>,
    /// The act's last change of the row.
    last: FeedPosition,
}

/// What an import leaves on rows for itself; nobody misses what it was before.
const MARKS_OF_IMPORTS: [&str; 2] = ["importsequencenumber", "overriddencreatedon"];

impl Work<'_, '_> {
    /// Takes back everything the act wrote: created rows go, changed columns get their former
    /// values, deleted rows come back. Returns how many rows were touched.
    ///
    /// # Errors
    /// [`Error::Refused`] where a row was changed since, something was added to a created row, or the
    /// history does not keep what was before.
    pub fn undo(&mut self, act: Uuid) -> Result<usize> {
        let touched = self.touched_by(act)?;
        if touched.is_empty() {
            return Err(Error::refused(tr!("there is nothing to undo: no change bears this number")));
        }
        self.refuse_additions(&touched)?;
        // One's own act one may take back, also where it has given the row to somebody else; but nobody
        // gets farther by it who acts for one, or is limited in what they may do in one's name.
        let is_own = self.caller.within().ceilings.is_empty() && touched.iter().all(|row| row.own);
        self.without_duplicate_rules(|work| {
            if is_own { work.as_consequence(|work| work.take_back(&touched)) } else { work.take_back(&touched) }
        })?;
        Ok(touched.len())
    }

    fn take_back(&mut self, touched: &[Touched]) -> Result<()> {
        // Rows that come back first, since the others may point at them; made ones go last, the
        // newest first, since they may point at older ones.
        let mut deleted: Vec<&Touched> = touched.iter().filter(|row| row.deleted && !row.created).collect();
        deleted.sort_by_key(|row| std::cmp::Reverse(row.last));
        for row in deleted {
            self.bring_back(row)?;
        }
        for row in touched.iter().rev().filter(|row| !row.deleted && !row.created) {
            self.change_back(row)?;
        }
        for row in touched.iter().rev().filter(|row| row.created && !row.deleted) {
            self.take_away(row)?;
        }
        Ok(())
    }

    /// The rows the act touched, in the order it touched them first.
    fn touched_by(&mut self, act: Uuid) -> Result<Vec<Touched>> {
        let mut rows: Vec<Touched> = Vec::new();
        let mut places: HashMap<Reference, usize> = HashMap::new();
        let mut after = FeedPosition::default();
        loop {
            let part = self.writer.feed_of_act(act, after, BATCH)?;
            let complete = part.len() < BATCH as usize;
            for entry in part {
                after = entry.position;
                if entry.erased || entry.operation == FeedOperation::Erase {
                    return Err(Error::refused(tr!(
                        "what this changed was erased from the history since, so it can no longer be undone"
                    )));
                }
                let reference = Reference::new(entry.table.clone(), entry.id);
                let place = *places.entry(reference.clone()).or_insert_with(|| {
                    let created = entry.operation == FeedOperation::Create;
                    rows.push(Touched {
                        reference,
                        own: true,
                        created,
                        deleted: false,
                        former: Row::new(),
                        unkept: None,
                        last: entry.position,
                    });
                    rows.len() - 1
                });
                let table = self.table(&entry.table)?;
                rows[place].own &= entry.actor.user == self.caller.user;
                rows[place].absorb(&table, &entry);
            }
            if complete {
                return Ok(rows);
            }
        }
    }

    /// Rows hung on a created row by somebody else would vanish with it.
    fn refuse_additions(&mut self, touched: &[Touched]) -> Result<()> {
        let mut by_table: HashMap<&str, Vec<Uuid>> = HashMap::new();
        for row in touched.iter().filter(|row| row.created && !row.deleted) {
            by_table.entry(&row.reference.table).or_default().push(row.reference.id);
        }
        let own: HashSet<&Reference> = touched.iter().map(|row| &row.reference).collect();
        let model = self.model.clone();
        for (name, ids) in by_table {
            let table = self.table(name)?;
            for relationship in model.pointing_at(name) {
                let Some(other) = model.table(&relationship.referencing) else { continue };
                let vanishes = relationship.on_delete != Cascade::RemoveLink || other.kind == TableKind::Intersect;
                // Who follows a record has added nothing to it.
                if other.kind == TableKind::Pointer || other.name == FOLLOWS || !vanishes {
                    continue;
                }
                for ids in ids.chunks(IDS) {
                    self.refuse_additions_through(&table, relationship, other, ids, &own)?;
                }
            }
        }
        Ok(())
    }

    fn refuse_additions_through(
        &mut self,
        table: &Table,
        relationship: &Relationship,
        other: &Table,
        ids: &[Uuid],
        own: &HashSet<&Reference>,
    ) -> Result<()> {
        let pointed_at = ids.iter().map(|id| Reference::new(table.name.clone(), *id));
        let mut query = Query::of(&other.name, Arc::new(Scope::default()), self.caller.zone())
            .select([other.primary_key.as_str()])
            .matching(Filter::is_in(relationship.column.as_str(), pointed_at))
            .take(BATCH);
        loop {
            let rows = self.writer.query(&query)?;
            let found = rows.rows.iter().filter_map(|row| row.first().and_then(Value::as_id));
            if found.into_iter().any(|id| !own.contains(&Reference::new(other.name.clone(), id))) {
                return Err(Error::refused(tr!(
                    "a {} was added to the {} since, so this can no longer be undone",
                    within(&other.label),
                    within(&table.label)
                )));
            }
            match rows.next {
                Some(next) => query.page.cursor = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// The row as it is, where nobody changed it since.
    fn unchanged(&mut self, row: &Touched) -> Result<(Arc<Table>, Row)> {
        let table = self.table(&row.reference.table)?;
        let Some(current) = self.writer.lock(&table.name, row.reference.id)? else {
            return Err(Error::refused(tr!(
                "a {} of it was deleted since, so this can no longer be undone",
                within(&table.label)
            )));
        };
        if current.value("versionnumber").as_whole() != i64::try_from(row.last.sequence).ok() {
            let name = current.text(&table.primary_name).to_owned();
            return Err(Error::refused(tr!(
                "{} “{name}” was changed since, so this can no longer be undone",
                translated(&table.label),
                name
            )));
        }
        Ok((table, current))
    }

    // Straight to the store: what was is put back, no rule has anything to add.

    fn bring_back(&mut self, row: &Touched) -> Result<()> {
        let table = self.table(&row.reference.table)?;
        if self.writer.lock(&table.name, row.reference.id)?.is_some() {
            return Err(Error::refused(tr!(
                "a {} that was deleted is there again, so this can no longer be undone",
                within(&table.label)
            )));
        }
        let former: Row = row.former.clone().into_iter().filter(|(_, value)| !value.is_null()).collect();
        self.authorise(Privilege::Create, &table, &former)?;
        self.write_new(&table, row.reference.id, former).map(drop)
    }

    fn change_back(&mut self, row: &Touched) -> Result<()> {
        let (table, current) = self.unchanged(row)?;
        if let Some(column) = &row.unkept {
            return Err(Error::refused(tr!(
                "the history does not keep “{column}” of a {}, so this change of it cannot be undone",
                within(&table.label),
                column
            )));
        }
        self.authorise_change(&table, &current, &row.former)?;
        self.authorise_columns(Setting::Update, &table, &row.former)?;
        self.write_row(&table, &current, row.former.clone()).map(drop)
    }

    fn take_away(&mut self, row: &Touched) -> Result<()> {
        let (table, current) = self.unchanged(row)?;
        self.authorise(Privilege::Delete, &table, &current)?;
        self.forget_followers(&row.reference)?;
        self.write_deletion(&table, &current)
    }
}

impl Touched {
    /// A further change of the row by the act.
    fn absorb(&mut self, table: &Table, entry: &FeedEntry) {
        self.last = entry.position;
        self.deleted = entry.operation == FeedOperation::Delete;
        if self.created || entry.operation == FeedOperation::Create {
            return; // it goes as a whole
        }
        for (column, before, after) in &entry.changes {
            let Some(known) = table.column(column).filter(|c| c.is_stored() && c.name != "versionnumber") else {
                continue;
            };
            // A column whose values the feed does not keep stands there as empty twice.
            let is_told = before != after || self.deleted;
            if !is_told && is_missed(table, known) {
                self.unkept.get_or_insert_with(|| translated(&known.label).into_owned());
            }
            if is_told && !self.former.contains(column) {
                self.former.set(column.as_str(), before.clone());
            }
        }
    }
}

/// Whether somebody would miss the former value of a column that the history does not keep. What the
/// engine computes follows from the rest. Of tables without any history only what was made or deleted
/// is taken back.
fn is_missed(table: &Table, column: &Column) -> bool {
    table.audited && !column.audited && !column.read_only && !MARKS_OF_IMPORTS.contains(&column.name.as_str())
}
