//! What changed in a table since a place in the feed, for clients that keep a copy of it.

use std::{collections::HashSet, sync::Arc};

use indexmap::IndexMap;
use model::{Filter, Table};
use store::{FeedOperation, FeedPosition, Query, Reader};
use uuid::Uuid;

use crate::{App, Caller, Result, access};

/// Entries of the feed read at once.
const TOGETHER: u32 = 2_000;
/// Entries of the feed looked at for one answer, so that none takes long however much else changed.
const MOST: usize = 20_000;

/// What changed in a table.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Rows that were made or changed and that the caller may see as they are now.
    pub rows: Vec<Uuid>,
    /// Rows that are gone and of which the caller may know.
    pub deleted: Vec<Uuid>,
    /// How far this goes.
    pub reached: FeedPosition,
    /// Whether there is more behind.
    pub more: bool,
}

impl App {
    /// The end of the feed at this moment: what is read from now on holds everything before.
    pub async fn feed_end(&self) -> Result<FeedPosition> {
        self.read(|reader| Ok(reader.feed_end()?)).await
    }

    /// The rows of a table that changed behind a place in the feed, at most `most` (more where one act
    /// changed many). Of a deletion learns who may see everything of the table, who could see the row as
    /// it was kept, and who deleted it. A row that the caller does not see any more is not told.
    ///
    /// # Errors
    /// [`crate::Error::Unknown`] where there is no such table.
    pub async fn changed_since(
        &self,
        caller: &Caller,
        table: &str,
        after: FeedPosition,
        most: usize,
    ) -> Result<Changed> {
        let (caller, table) = (caller.clone(), self.table(table)?);
        self.read(move |reader| changed(reader, &caller, &table, after, most)).await
    }
}

fn changed(
    reader: &mut Reader<'_>,
    caller: &Caller,
    table: &Arc<Table>,
    after: FeedPosition,
    most: usize,
) -> Result<Changed> {
    let (mut last, mut reached, mut looked_at, mut more) = (IndexMap::new(), after, 0, true);
    while more && looked_at < MOST && last.len() < most {
        let entries = reader.feed_after(reached, TOGETHER)?;
        more = entries.len() == TOGETHER as usize;
        for entry in entries {
            looked_at += 1;
            reached = entry.position;
            if entry.table == table.name && entry.operation != FeedOperation::Erase {
                last.insert(entry.id, entry);
            }
            if last.len() >= most {
                more = true;
                break;
            }
        }
    }
    let mut found = Changed { rows: Vec::new(), deleted: Vec::new(), reached, more };
    let there = visible(reader, caller, table, last.keys().copied())?;
    for (id, entry) in last {
        if there.contains(&id) {
            found.rows.push(id);
        } else if entry.operation == FeedOperation::Delete && access::may_know(reader.model(), caller, table, &entry) {
            found.deleted.push(id);
        }
    }
    Ok(found)
}

fn visible(
    reader: &mut Reader<'_>,
    caller: &Caller,
    table: &Table,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> = ids.collect();
    let key = table.primary_key.as_str();
    let mut there = HashSet::with_capacity(ids.len());
    for some in ids.chunks(1_000) {
        let query = Query::of(&table.name, caller.scope().clone(), caller.zone())
            .select([key])
            .matching(Filter::is_in(key, some.iter().copied()))
            .take(1_000);
        let rows = reader.query(&query)?;
        there.extend(rows.rows.iter().filter_map(|row| row.first().and_then(model::Value::as_id)));
    }
    Ok(there)
}
