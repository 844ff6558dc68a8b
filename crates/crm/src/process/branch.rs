//! Where a flow goes on: the stages whose conditions hold.

use std::sync::Arc;

use model::{Filter, Process, Reference};
use store::{Query, Reader, Scope, Zone};

use super::{Instance, stage_table};
use crate::{Result, records::Work};

/// The first stage after `from` whose condition holds.
pub(super) fn next(
    reader: &mut Reader<'_>,
    zone: &Arc<Zone>,
    instance: &Instance,
    from: usize,
) -> Result<Option<usize>> {
    next_of(reader, zone, &instance.process, &instance.records, from)
}

/// The same in a flow that leads these records.
pub(super) fn next_of(
    reader: &mut Reader<'_>,
    zone: &Arc<Zone>,
    process: &Process,
    records: &[Reference],
    from: usize,
) -> Result<Option<usize>> {
    let record = |table: &str| records.iter().find(|record| record.table == table);
    for (position, stage) in process.stages.iter().enumerate().skip(from + 1) {
        let holds = match (&stage.condition, process.asked(position)) {
            (None, _) => true,
            (Some(condition), Some(asked)) => satisfied(reader, zone, record(stage_table(process, asked)), condition)?,
            (Some(_), None) => false,
        };
        if holds {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

/// The same inside an act.
pub(super) fn next_in(work: &mut Work<'_, '_>, instance: &Instance, from: usize) -> Result<Option<usize>> {
    let zone = work.caller().zone();
    next(work.writer(), &zone, instance, from)
}

/// The stages that still lie ahead, as the values stand now.
pub(super) fn ahead(reader: &mut Reader<'_>, zone: &Arc<Zone>, instance: &Instance) -> Result<Vec<usize>> {
    let mut stages = Vec::new();
    let mut at = instance.active;
    while let Some(position) = next(reader, zone, instance, at)? {
        stages.push(position);
        at = position;
    }
    Ok(stages)
}

/// A condition may look at columns that are secured from the caller: it is a rule of the domain.
fn satisfied(
    reader: &mut Reader<'_>,
    zone: &Arc<Zone>,
    record: Option<&Reference>,
    condition: &Filter,
) -> Result<bool> {
    let model = reader.model().clone();
    let Some((record, table)) = record.and_then(|record| Some((record, model.table(&record.table)?))) else {
        return Ok(false);
    };
    let query = Query::of(&table.name, Arc::new(Scope::default()), zone.clone())
        .select([table.primary_key.as_str()])
        .matching(Filter::eq(table.primary_key.as_str(), record.id).and(condition.clone()))
        .take(1);
    Ok(!reader.query(&query)?.rows.is_empty())
}
