//! What was changed in one row, page by page.

use language::tr;
use model::Value;
use store::{FeedEntry, Reader};
use uuid::Uuid;

use super::{conceal, get};
use crate::{App, Caller, Error, Result};

/// Changes read in one go.
const PORTION: u32 = 20;
/// Most that the values of a page of changes hold together, in bytes.
pub const MOST_OF_A_PAGE: usize = 32 * 1024 * 1024;
/// Most changes that are counted past.
pub const MOST_COUNTED: u32 = 50_000;

/// Where a page of changes begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// Behind the change with this sequence number, the last one of the page before.
    Behind(u64),
    /// Behind so many changes, which are counted: for whoever only knows the number of a page.
    After(u32),
}

/// A page of changes, the newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The changes.
    pub entries: Vec<FeedEntry>,
    /// The sequence number behind which the next page begins; none where there is no more.
    pub next: Option<u64>,
}

impl App {
    /// A page of what was changed in a row itself, newest first: `count` changes, those of one column where
    /// one is given.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the caller does not see the row, [`Error::Refused`] where the page holds more
    /// than [`MOST_OF_A_PAGE`] or begins after more than [`MOST_COUNTED`].
    pub async fn page_of_changes(
        &self,
        caller: &Caller,
        (table, id): (&str, Uuid),
        column: Option<String>,
        (begins, count): (Begins, u32),
    ) -> Result<Changes> {
        let (caller, table) = (caller.clone(), table.to_owned());
        self.read(move |reader| {
            get(reader, &caller, &table, id, Some(&[]))?;
            let row = (table.as_str(), id);
            let before = match begins {
                Begins::Behind(sequence) => Some(sequence),
                Begins::After(0) => None,
                Begins::After(skip) => match counted_to(reader, row, column.as_deref(), skip)? {
                    None => return Ok(Changes { entries: Vec::new(), next: None }),
                    place => place,
                },
            };
            // One more shows that there are more.
            let mut entries = read(reader, row, column.as_deref(), (before, count.saturating_add(1)))?;
            let more = entries.len() > count as usize;
            entries.truncate(count as usize);
            let next = entries.last().filter(|_| more).map(|entry| entry.position.sequence);
            if let Some(column) = column {
                for entry in &mut entries {
                    entry.changes.retain(|(name, ..)| *name == column);
                }
                entries.retain(|entry| !entry.changes.is_empty());
            }
            conceal(reader.model(), &caller, &mut entries);
            Ok(Changes { entries, next })
        })
        .await
    }
}

fn counted_to(reader: &mut Reader<'_>, row: (&str, Uuid), column: Option<&str>, skip: u32) -> Result<Option<u64>> {
    if skip > MOST_COUNTED {
        return Err(Error::refused(tr!(
            "a page behind more than {} changes is too far to be counted to; go on from the page before by its paging cookie",
            MOST_COUNTED
        )));
    }
    Ok(reader.feed_place(row, column, skip)?)
}

/// So many changes, portion by portion, so that no more of them is held than a page may hold.
fn read(
    reader: &mut Reader<'_>,
    row: (&str, Uuid),
    column: Option<&str>,
    (mut before, wanted): (Option<u64>, u32),
) -> Result<Vec<FeedEntry>> {
    let (mut entries, mut bytes) = (Vec::new(), 0);
    for read in (0..wanted).step_by(PORTION as usize) {
        let limit = PORTION.min(wanted - read);
        let part = reader.feed_page(row, column, (before, limit))?;
        bytes += part.iter().map(size).sum::<usize>();
        if bytes > MOST_OF_A_PAGE {
            return Err(Error::refused(tr!(
                "these changes are too large for one page; ask for fewer than {} at once",
                wanted - 1
            )));
        }
        let is_last = part.len() < limit as usize;
        before = part.last().map(|entry| entry.position.sequence).or(before);
        entries.extend(part);
        if is_last {
            break;
        }
    }
    Ok(entries)
}

/// What the values of a change hold, about.
fn size(entry: &FeedEntry) -> usize {
    let of = |value: &Value| value.as_text().map_or(16, str::len);
    entry.changes.iter().map(|(name, before, after)| name.len() + of(before) + of(after)).sum()
}
