//! What a row's history tells of its shares.

use std::collections::BTreeSet;

use model::{Filter, Privilege, Reference, Value};
use store::{FeedEntry, Query, Reader, Scope};
use uuid::Uuid;

use super::{
    SHARES, is_shareable, privileges_of,
    sharing::{SHAREABLE, share_columns},
};
use crate::{Caller, Result};

/// Most shares of a row that its history tells of.
const MOST: u32 = 500;
/// The column that tells with whom a row is shared.
const PRINCIPAL: &str = "principalid";

/// A change of what somebody may do with a row because it is shared with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareChange {
    /// The user or team; none where the entry does not tell.
    pub principal: Option<Reference>,
    /// What was shared before.
    pub before: BTreeSet<Privilege>,
    /// What is shared from then on.
    pub after: BTreeSet<Privilege>,
    /// It followed from a share of a row this one hangs on.
    pub followed: bool,
}

impl ShareChange {
    /// As an entry of [`crate::App::history`] tells it; none of an entry about the row itself.
    pub fn of(entry: &FeedEntry) -> Option<Self> {
        if entry.table != SHARES {
            return None;
        }
        let change = |column: &str| entry.changes.iter().find(|(name, ..)| name == column);
        let masks = |column: &str| {
            let (_, before, after) = change(column).filter(|(_, before, after)| before != after)?;
            let read = |value: &Value| value.as_whole().map(privileges_of).unwrap_or_default();
            Some((read(before), read(after)))
        };
        let direct = masks("accessrightsmask");
        let followed = direct.is_none();
        let (before, after) = direct.or_else(|| masks("inheritedaccessrightsmask")).unwrap_or_else(|| {
            // From before the masks were kept.
            let given = |pick: fn(&(String, Value, Value)) -> &Value| {
                let columns = share_columns().zip(SHAREABLE);
                let given =
                    columns.filter(|(name, _)| change(name).map(pick).and_then(Value::as_boolean) == Some(true));
                given.map(|(_, privilege)| privilege).collect()
            };
            (given(|(_, before, _)| before), given(|(_, _, after)| after))
        });
        let principal = change(PRINCIPAL).and_then(|(_, before, after)| after.as_reference().or(before.as_reference()));
        Some(Self { principal: principal.cloned(), before, after, followed })
    }
}

/// The changes of the shares of a row, newest first. Each names the user or team, be it that only
/// the privileges changed.
pub(crate) fn history_of_shares(
    reader: &mut Reader<'_>,
    caller: &Caller,
    record: &Reference,
    limit: u32,
) -> Result<Vec<FeedEntry>> {
    let is_shareable = reader.model().table(&record.table).is_some_and(|table| is_shareable(reader.model(), table));
    if !is_shareable {
        return Ok(Vec::new());
    }
    // Whoever sees a row sees with whom it is shared.
    let query = Query::of(SHARES, Scope::default().into(), caller.zone())
        .select(["principalobjectaccessid", PRINCIPAL])
        .matching(Filter::eq("objectid", record.clone()))
        .take(MOST);
    let principals: Vec<(Uuid, Value)> = reader
        .query(&query)?
        .to_rows()
        .filter_map(|row| Some((row.value("principalobjectaccessid").as_id()?, row.value(PRINCIPAL).clone())))
        .collect();
    let shares: Vec<Uuid> = principals.iter().map(|(share, _)| *share).collect();
    let mut entries = reader.feed_of_rows(SHARES, &shares, limit)?;
    for entry in &mut entries {
        let principal = principals.iter().find(|(share, _)| *share == entry.id).map(|(_, principal)| principal);
        if let Some(principal) = principal.filter(|_| entry.changes.iter().all(|(name, ..)| name != PRINCIPAL)) {
            entry.changes.push((PRINCIPAL.to_owned(), principal.clone(), principal.clone()));
        }
    }
    Ok(entries)
}
