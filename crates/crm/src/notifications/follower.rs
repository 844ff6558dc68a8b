//! Who follows records.

use std::collections::HashMap;

use model::{Filter, Reference};
use store::{Query, Reader};
use uuid::Uuid;

use crate::{Caller, Result};

/// The table of who follows what.
const FOLLOWS: &str = "postfollow";
/// Most followers of the records of one batch that are told.
const MOST: u32 = 5_000;

/// Who follows these records: one question, however many they are.
pub(super) fn of(
    reader: &mut Reader<'_>,
    engine: &Caller,
    records: impl IntoIterator<Item = Reference>,
) -> Result<HashMap<Reference, Vec<Uuid>>> {
    let model = reader.model().clone();
    let mut followers: HashMap<Reference, Vec<Uuid>> = HashMap::new();
    let Some(lookup) = model.table(FOLLOWS).and_then(|table| table.column("regardingobjectid")) else {
        return Ok(followers);
    };
    let followed = |record: &Reference| lookup.targets().contains(&record.table);
    let records: Vec<Reference> = records.into_iter().filter(followed).collect();
    if records.is_empty() {
        return Ok(followers);
    }
    let query = Query::of(FOLLOWS, engine.scope().clone(), engine.zone())
        .select(["regardingobjectid", "ownerid"])
        .matching(Filter::is_in("regardingobjectid", records))
        .take(MOST);
    for row in reader.query(&query)?.to_rows() {
        let who = row.value("ownerid").as_reference().filter(|owner| owner.table == "systemuser");
        if let (Some(record), Some(who)) = (row.value("regardingobjectid").as_reference(), who) {
            followers.entry(record.clone()).or_default().push(who.id);
        }
    }
    Ok(followers)
}
