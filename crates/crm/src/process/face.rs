//! A flow's instance written as a row, as the Web API allows: every change is carried out by the
//! move it stands for, so that no gate is passed by.

use language::tr;
use model::{Reference, Table, TableKind, Value};
use store::Row;
use uuid::Uuid;

use super::{
    Instance, VISITS,
    moves::{Move, carry_out_in},
    position::{Ending, id_of},
    stage_table, switch,
};
use crate::words::within;
use crate::{Error, FieldError, Result, records::Work};

/// Columns of an instance that follow from its moves; given along, they are left out.
const FOLLOWING: &[&str] = &["traversedpath", "processid", "processversion", "name"];

/// Carries out what `changes` of an instance stand for.
pub(crate) fn change(work: &mut Work<'_, '_>, table: &Table, old: &Row, changes: &Row) -> Result<Row> {
    refuse_others(table, changes, &["activestageid", "statecode", "statuscode"])?;
    let id = old.value(&table.primary_key).as_id().unwrap_or_default();
    let to = |column: &str| changes.get(column).and_then(Value::as_whole);
    if to("statecode") == Some(0) {
        moved_in(work, table, id, Move::Reactivate)?;
    }
    if let Some(stage) = changes.get("activestageid").and_then(id_of) {
        moved_in(work, table, id, Move::To(stage))?;
    }
    if to("statecode") == Some(1) {
        let aborted = to("statuscode") == Some(Ending::Aborted as i64);
        let ending = if aborted { Move::Abandon } else { Move::Finish };
        moved_in(work, table, id, ending)?;
    }
    work.load(&table.name, id)
}

/// A new instance: the record that it names follows this flow from now on.
pub(crate) fn start(work: &mut Work<'_, '_>, table: &Table, id: Option<Uuid>, values: &Row) -> Result<Row> {
    let process = work.model().process(&table.name).cloned();
    let process = process.ok_or_else(|| Error::refused(tr!("there is no such process flow")))?;
    let of = work.table(&process.table)?;
    let mut known: Vec<&str> = vec!["activestageid"];
    let keys = process.stages.iter().map(|stage| work.table(stage_table(&process, stage)));
    let keys: Vec<String> = keys.map(|table| Ok(table?.primary_key.clone())).collect::<Result<_>>()?;
    known.extend(keys.iter().map(String::as_str));
    refuse_others(table, values, &known)?;
    let record = values.value(&of.primary_key).as_id().map(|id| Reference::new(of.name.clone(), id));
    let Some(record) = record else {
        let message = tr!("name the {} that follows the flow", within(&of.label));
        return Err(table
            .column(&of.primary_key)
            .map_or_else(|| Error::refused(&message), |c| Error::field(c, &message)));
    };
    let mut begun = match Instance::of(work, &record.table, record.id)? {
        Some(begun) if begun.process.id == process.id && begun.row.is_none() => {
            begun.authorise(work)?;
            begun
        }
        _ => return switched(work, table, &record, process.id, values),
    };
    begun.id = id.unwrap_or(begun.id);
    let id = begun.id;
    begun.begin(work)?;
    moved(work, table, id, values)
}

fn switched(work: &mut Work<'_, '_>, table: &Table, record: &Reference, process: Uuid, values: &Row) -> Result<Row> {
    let id = switch::switch(work, record, process)?.id;
    moved(work, table, id, values)
}

fn moved(work: &mut Work<'_, '_>, table: &Table, id: Uuid, values: &Row) -> Result<Row> {
    if let Some(stage) = values.get("activestageid").and_then(id_of) {
        moved_in(work, table, id, Move::To(stage))?;
    }
    work.load(&table.name, id)
}

fn moved_in(work: &mut Work<'_, '_>, table: &Table, id: Uuid, step: Move) -> Result<()> {
    let instance = instance(work, table, id)?;
    carry_out_in(work, instance, step)
}

fn instance(work: &mut Work<'_, '_>, table: &Table, id: Uuid) -> Result<Instance> {
    let row = work.load(&table.name, id)?;
    let model = work.model().clone();
    let found = model.process(&table.name).zip(model.table(&table.name));
    let instance = found.and_then(|(process, table)| Instance::from_row(&model, process, table, row));
    instance.ok_or_else(|| Error::refused(tr!("this instance has no stage; its flow was changed since")))
}

/// What is neither a move nor follows from one is refused.
fn refuse_others(table: &Table, values: &Row, known: &[&str]) -> Result<()> {
    let others = values
        .iter()
        .map(|(name, _)| name)
        .filter(|name| !known.contains(name) && !FOLLOWING.contains(name) && *name != table.primary_key);
    let errors: Vec<FieldError> = others
        .filter_map(|name| table.column(name))
        .map(|column| FieldError::of(column, tr!("is set by the flow; set activestageid, statecode or statuscode")))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// What tells how a record went through its stages is not deleted by itself; it goes with the record.
pub(crate) fn refuse_deletion(table: &Table) -> Result<()> {
    match (table.kind, table.name.as_str()) {
        (TableKind::Process, _) => {
            Err(Error::refused(tr!("a flow is not deleted but abandoned or switched; set its state")))
        }
        (_, VISITS) => Err(Error::refused(tr!("every stay in a stage is kept; it goes with its record"))),
        _ => Ok(()),
    }
}
