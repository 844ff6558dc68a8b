//! The path of a record through its stages, brought in from where it was walked.
//!
//! Nobody is led through a stage anew: the flow's instance and the visits of its stages are written
//! as they were, by administrators only. What cannot have happened is refused.

use jiff::Timestamp;
use language::{tr, translated};
use model::{Filter, Process, Reference, Table, TableKind, Value};
use store::Row;
use uuid::Uuid;

use super::{
    position::{self, id_of},
    stage_table,
};
use crate::{Error, Result, records::Work};

/// The table of the visits of stages.
pub(crate) const VISITS: &str = "processstagevisit";

/// True for the tables that hold paths: instances of flows, and visits of stages.
pub(crate) fn is_path(table: &Table) -> bool {
    table.kind == TableKind::Process || table.name == VISITS
}

/// True for what a row of such a table tells of the path, not of the row.
pub(crate) fn tells_path(table: &Table, column: &str) -> bool {
    const OF_THE_ROW: &[&str] = &[
        "createdby",
        "modifiedon",
        "modifiedby",
        "createdonbehalfby",
        "modifiedonbehalfby",
        "versionnumber",
        "organizationid",
        "overriddencreatedon",
    ];
    let of_row = OF_THE_ROW.contains(&column) || column == "createdon" && table.kind != TableKind::Process;
    is_path(table) && !of_row
}

/// Writes an instance or a visit as it was elsewhere. In a dry run the instance of a visit may only be
/// imagined, and so may the record of an instance.
pub(crate) fn bring_in(
    work: &mut Work<'_, '_>,
    table: &Table,
    id: Option<Uuid>,
    mut values: Row,
    dry_run: bool,
) -> Result<Row> {
    refuse_future(work, table, &values)?;
    if table.name == VISITS {
        check_visit(work, &mut values, dry_run)?;
        return work.as_consequence(|work| work.create_trusted(table, id, values));
    }
    let process = process_named(work, &table.name)?;
    let stage = id_of(values.value("activestageid"));
    // Other systems count versions otherwise: the record is led by one that has its stage.
    let process = stage.and_then(|stage| process.with_stage(stage)).unwrap_or(process);
    values.set("processversion", i64::from(process.version));
    let stage = process.stages.iter().find(|known| Some(known.id) == stage);
    let stage =
        stage.ok_or_else(|| Error::refused(tr!("{} has no such stage here", translated(&process.label))))?.clone();
    let records = records(work, &process, &values)?;
    if records.is_empty() && !dry_run {
        return Err(Error::refused(tr!("the flow belongs to no record that is here")));
    }
    refuse_second(work, table, &process, &records)?;
    if let Some(began) = values.remove("createdon") {
        values.set("overriddencreatedon", began);
    }
    let path = values.text("traversedpath").to_owned();
    let stored = work.as_consequence(|work| work.create_trusted(table, id, values))?;
    if let Some(record) = records.iter().find(|record| record.table == stage_table(&process, &stage)) {
        let of = work.table(&record.table)?;
        let old = work.load(&record.table, record.id)?;
        let mut row = Row::new();
        position::write(
            &of,
            &process,
            &stage,
            Some(&path).filter(|path| !path.is_empty()).map(String::as_str),
            &mut row,
        );
        work.as_consequence(|work| work.update_loaded(&of, &old, row))?;
    }
    Ok(stored)
}

fn process_named(work: &Work<'_, '_>, name: &str) -> Result<std::sync::Arc<Process>> {
    let process = work.model().processes.iter().find(|process| process.name == name).cloned();
    process.ok_or_else(|| {
        Error::refused(tr!("there is no process flow '{name}' here; bring its declaration in first", name))
    })
}

/// A visit lies in the past, ends after it began, and belongs to a flow of its record.
fn check_visit(work: &mut Work<'_, '_>, values: &mut Row, dry_run: bool) -> Result<()> {
    let process = process_named(work, values.text("processname"))?;
    let entered = values.value("enteredon").as_date_time();
    let left = values.value("lefton").as_date_time();
    match (entered, left) {
        (Some(entered), Some(left)) if left < entered => {
            return Err(Error::refused(tr!("the stage was left before it was entered")));
        }
        // The time spent follows from the two, whatever the file says.
        (Some(entered), Some(left)) => values.set("durationseconds", left.duration_since(entered).as_secs()),
        _ => ["durationseconds", "leftby", "leavereason"].iter().for_each(|name| drop(values.remove(name))),
    }
    let instances = work.table(&process.name)?;
    let Some(instance) = values.value("processinstanceid").as_id() else {
        return Err(Error::refused(tr!("the visit belongs to no instance of a flow")));
    };
    let keys: Vec<String> = of_records(work, &process)?.into_iter().map(|(_, key)| key).collect();
    let wanted: Vec<&str> = keys.iter().map(String::as_str).collect();
    let found = work.find(&instances.name, Filter::eq(instances.primary_key.as_str(), instance), &wanted)?;
    let Some(found) = found.first() else {
        let missing = tr!(
            "the instance {instance} of {} is not here; bring its file in with this one",
            translated(&process.label),
            instance
        );
        return if dry_run { Ok(()) } else { Err(Error::refused(missing)) };
    };
    let record = values.value("recordid").as_id();
    if !keys.iter().any(|key| found.value(key).as_id().is_some_and(|id| Some(id) == record)) {
        return Err(Error::refused(tr!("the record did not go through this instance of the flow")));
    }
    let open = Filter::eq("processinstanceid", instance).and(Filter::unary("lefton", model::Operator::Null));
    if left.is_none() && !work.find(VISITS, open, &["enteredon"])?.is_empty() {
        return Err(Error::refused(tr!("the record is in another stage of the flow already, which it has not left")));
    }
    Ok(())
}

fn refuse_future(work: &Work<'_, '_>, table: &Table, values: &Row) -> Result<()> {
    for name in ["enteredon", "lefton", "activestagestartedon", "completedon", "createdon"] {
        if let Some(at) =
            values.value(name).as_date_time().filter(|at| *at > Timestamp::max(work.now(), Timestamp::now()))
        {
            let label = table.column(name).map_or(name.into(), |column| translated(&column.label));
            return Err(Error::refused(tr!("{label}: {at} is still to come", label, at)));
        }
    }
    Ok(())
}

/// The tables whose records a flow leads, with the column of its instance that points at them.
fn of_records(work: &Work<'_, '_>, process: &Process) -> Result<Vec<(String, String)>> {
    let mut tables: Vec<(String, String)> = Vec::new();
    for stage in &process.stages {
        let table = work.table(stage_table(process, stage))?;
        if !tables.iter().any(|(known, _)| *known == table.name) {
            tables.push((table.name.clone(), table.primary_key.clone()));
        }
    }
    Ok(tables)
}

fn records(work: &Work<'_, '_>, process: &Process, values: &Row) -> Result<Vec<Reference>> {
    let tables = of_records(work, process)?.into_iter();
    Ok(tables.filter_map(|(table, key)| values.value(&key).as_id().map(|id| Reference::new(table, id))).collect())
}

/// A record has one path in a flow: the one it walked here is not overlaid by another.
fn refuse_second(work: &mut Work<'_, '_>, table: &Table, process: &Process, records: &[Reference]) -> Result<()> {
    for record in records {
        let key = work.table(&record.table)?.primary_key.clone();
        let found =
            work.find(&table.name, Filter::eq(key.as_str(), Value::from(record.clone())), &[&table.primary_key])?;
        if !found.is_empty() {
            return Err(Error::refused(tr!(
                "the {} went through {} here already",
                record.table,
                translated(&process.label)
            )));
        }
    }
    Ok(())
}
