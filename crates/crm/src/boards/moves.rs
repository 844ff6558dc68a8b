//! A card is moved to another lane: what that means for its row.

use language::{tr, translated};
use model::{ColumnType, Reference, Table, Value};
use store::Row;
use uuid::Uuid;

use super::{Axis, Board, Boards, Holds, Lane};
use crate::words::within;
use crate::{
    Caller, Error, Origin, Result,
    process::{self, Instance, Move},
    records::Work,
};

impl Boards<'_> {
    /// Moves a row to a lane, together with what was filled in for it; all in one act, whose number
    /// is returned.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the fields that the flow asks for before the row may go there.
    /// [`Error::Refused`] where a rule forbids the way, also where closing asks for more than a lane
    /// can say (an opportunity is won with its actual revenue).
    pub async fn move_card(
        &self,
        caller: &Caller,
        origin: Origin,
        board: &Board,
        id: Uuid,
        lane: &Lane,
        also: Row,
    ) -> Result<Uuid> {
        let (table, axis, holds) = (board.table.clone(), board.axis.clone(), lane.holds.clone());
        self.app
            .work(caller, origin, move |work| {
                if !also.is_empty() {
                    work.update(&table.name, id, also, None)?;
                }
                put(work, &table, &axis, id, &holds)?;
                Ok(work.act())
            })
            .await
    }
}

fn put(work: &mut Work<'_, '_>, table: &Table, axis: &Axis, id: Uuid, holds: &Holds) -> Result<()> {
    match holds {
        Holds::Stages(stages) => enter(work, table, id, stages),
        Holds::NoStage => Err(Error::refused(tr!("a record that is in a stage cannot leave its flow on a board"))),
        Holds::Value(number) => {
            let changes = changes_to(table, axis.column(), *number);
            work.update(&table.name, id, changes, None).map(drop)
        }
        Holds::Flag(yes) => work.update(&table.name, id, Row::new().with(axis.column(), *yes), None).map(drop),
        Holds::Nothing => work.update(&table.name, id, Row::new().with(axis.column(), Value::Null), None).map(drop),
        Holds::Closed(state) => work.update(&table.name, id, Row::new().with("statecode", *state), None).map(drop),
    }
}

/// A status reason brings its state along: whether the way to it is open is for the state's verb to
/// say.
fn changes_to(table: &Table, column: &str, number: i32) -> Row {
    let changes = Row::new().with(column, number);
    let is_status = table.column(column).is_some_and(|column| matches!(column.kind, ColumnType::Status));
    match table.state_of_status(number) {
        Some(state) if is_status => changes.with("statecode", state.value),
        _ => changes,
    }
}

/// Enters the one of these stages that belongs to the row's own flow. A closed row opens again.
fn enter(work: &mut Work<'_, '_>, table: &Table, id: Uuid, stages: &[Uuid]) -> Result<()> {
    let row = work.load(&table.name, id)?;
    let state = row.value("statecode").as_whole().and_then(|state| i32::try_from(state).ok());
    let open = table.states.iter().find(|state| !state.closed);
    if state.and_then(|state| table.state(state)).is_some_and(|state| state.closed)
        && let Some(open) = open
    {
        work.update(&table.name, id, Row::new().with("statecode", open.value), None)?;
    }
    let Some(instance) = Instance::of(work, &table.name, id)? else {
        return Err(Error::refused(tr!("this {} follows no process flow", within(&table.label))));
    };
    let Some(stage) = instance.process.stages.iter().find(|stage| stages.contains(&stage.id)) else {
        return Err(Error::refused(tr!(
            "this {} follows “{}”, which has no such stage",
            within(&table.label),
            translated(&instance.process.label)
        )));
    };
    if stage.id == instance.stage().id {
        return Ok(());
    }
    process::carry_out(work, &Reference::new(&table.name, id), Move::To(stage.id))
}
