//! How long rows have been in their stage: one question a flow, however many rows.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use model::{Filter, Reference, Table};
use store::{Query, Reader, Row, Rows, Scope};
use uuid::Uuid;

use super::axis::{STAGE, flows};
use crate::{Caller, Result};

/// Since when each of the rows has been in its stage. A flow's instance is stored when the row first
/// moves: until then it has been in its stage since it was created.
///
/// The rows were read in the caller's scope; what is asked of their flows is a fact about them. An
/// instance also belongs to records the flow led through before, and a seller who sees a deal, but not
/// the lead it came from, would be told a wrong age if that hid it.
pub(super) fn since(
    reader: &mut Reader<'_>,
    caller: &Caller,
    table: &Table,
    pages: &[Rows],
) -> Result<HashMap<Uuid, Timestamp>> {
    let rows: Vec<Row> = pages.iter().flat_map(Rows::to_rows).filter(|row| row.has(STAGE)).collect();
    let id = |row: &Row| row.value(&table.primary_key).as_id();
    let created = |row: &Row| Some((id(row)?, row.value("createdon").as_date_time()?));
    let mut since: HashMap<Uuid, Timestamp> = rows.iter().filter_map(created).collect();
    let records: Vec<Reference> = rows.iter().filter_map(|row| Some(Reference::new(&table.name, id(row)?))).collect();
    if records.is_empty() {
        return Ok(since);
    }
    let model = reader.model().clone();
    let whole = Arc::new(Scope { readable: caller.scope().readable.clone(), ..Scope::default() });
    for process in flows(&model, table) {
        let Some(instances) = model.table(&process.name) else { continue };
        if instances.column(&table.primary_key).is_none() {
            continue;
        }
        let query = Query::of(&instances.name, Arc::clone(&whole), caller.zone())
            .select([table.primary_key.as_str(), "activestageid", "activestagestartedon"])
            .matching(Filter::is_in(table.primary_key.as_str(), records.iter().cloned()))
            .take(5000);
        for instance in reader.query(&query)?.to_rows() {
            let stage = instance.value("activestageid");
            let stage = stage.as_id().or_else(|| stage.as_text()?.parse().ok());
            let record = instance.value(&table.primary_key).as_id();
            // A row may have left another flow: only the stage it is in counts.
            let is_in_it = rows.iter().any(|row| id(row) == record && row.value(STAGE).as_id() == stage);
            let began = instance.value("activestagestartedon").as_date_time();
            if let (Some(record), Some(began), true) = (record, began, is_in_it) {
                since.insert(record, began);
            }
        }
    }
    Ok(since)
}
