//! A draft tried on a real record: which flow it would get, what each stage would ask and where it
//! would go on. Everything is read, nothing written.

use std::{collections::HashMap, sync::Arc};

use language::tr;
use model::{Filter, Model, Process, Reference, Table};
use store::{Query, Reader, Row, Scope};
use uuid::Uuid;

use super::{Design, Designer};
use crate::{
    Caller, Error, Result,
    process::{branch, gate, stage_table},
    reading,
};

/// A walk through a draft with a record.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The flows of the record's table, in their order, and which of them a new record like this gets.
    pub offers: Vec<Offer>,
    /// The stages walked through, the present one last.
    pub walked: Vec<TrialStage>,
    /// What *Next stage* would do.
    pub next: TrialNext,
    /// The stages that lie ahead as the values stand now.
    pub ahead: Vec<String>,
}

/// A flow that a new record could get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What people read.
    pub label: String,
    /// Security roles it is kept to.
    pub roles: Vec<String>,
    /// The record satisfies its rule, or it has none.
    pub takes: bool,
    /// It is the one that is tried.
    pub tried: bool,
}

/// One stage of the walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialStage {
    /// Short name of the stage.
    pub name: String,
    /// Its label.
    pub label: String,
    /// The record worked on in it, where there is one.
    pub record: Option<Reference>,
    /// Required steps that are empty.
    pub missing: Vec<String>,
}

/// What the next move would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialNext {
    /// On to the stage of this label.
    Stage(String),
    /// Refused, since required steps are empty.
    Missing,
    /// Refused, since there is no record of this table yet; with the label of the stage.
    NoRecord(String, String),
    /// It is the last stage; the flow can be finished.
    End,
}

impl Designer<'_> {
    /// Walks a record through the draft: so many moves, and whether empty required steps are passed as
    /// if they were filled.
    pub async fn try_on(
        &self,
        caller: &Caller,
        flow: &str,
        record: Reference,
        moves: usize,
        as_if_filled: bool,
    ) -> Result<Trial> {
        let Design { mut process, .. } = self.open(caller, flow).await?;
        process.finish();
        let caller = caller.clone();
        self.app
            .read(move |reader| {
                let row = reading::get(reader, &caller, &record.table, record.id, None)?;
                let offers = offers(reader.model(), &caller, &process, &record.table, &row);
                let mut walk = Walk::begin(reader, &caller, &process, &record, &row)?;
                // A flow has few stages; no move leads back.
                for _ in 0..moves.min(process.stages.len()) {
                    if !walk.go_on(reader, as_if_filled)? {
                        break;
                    }
                }
                let next = walk.next(reader, as_if_filled)?;
                let ahead = walk.ahead(reader)?;
                Ok(Trial { offers, walked: walk.walked, next, ahead })
            })
            .await
    }
}

fn offers(model: &Arc<Model>, caller: &Caller, tried: &Process, table: &str, row: &Row) -> Vec<Offer> {
    let others = model.processes.iter().filter(|other| other.table == table && other.name != tried.name);
    let mut flows: Vec<(i32, &Process)> =
        others.filter(|other| other.active).map(|other| (other.order, other.as_ref())).collect();
    if tried.table == table {
        let order = model.process(&tried.name).map_or(i32::MAX, |in_force| in_force.order);
        flows.push((order, tried));
    }
    flows.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    let offer = |(_, process): (i32, &Process)| Offer {
        label: process.label.clone(),
        roles: process.roles.clone(),
        takes: gate::takes(model, process, caller, row),
        tried: process.name == tried.name,
    };
    flows.into_iter().map(offer).collect()
}

/// Where the walk has come.
struct Walk<'a> {
    model: Arc<Model>,
    caller: &'a Caller,
    process: &'a Process,
    records: Vec<Reference>,
    rows: HashMap<String, Row>,
    at: usize,
    walked: Vec<TrialStage>,
}

impl<'a> Walk<'a> {
    /// The first stage on the record's table.
    fn begin(
        reader: &mut Reader<'_>,
        caller: &'a Caller,
        process: &'a Process,
        record: &Reference,
        row: &Row,
    ) -> Result<Self> {
        let model = reader.model().clone();
        let at = process.stages.iter().position(|stage| stage_table(process, stage) == record.table);
        let at = at.ok_or_else(|| Error::refused(tr!("no stage of the flow works on a {}", record.table)))?;
        let mut records = vec![record.clone()];
        // The record that the flow would have come from.
        let from = process.stages[at].relationship.as_deref().and_then(|lookup| row.value(lookup).as_reference());
        records.extend(from.filter(|from| from.table != record.table).cloned());
        let mut walk = Self { model, caller, process, records, rows: HashMap::new(), at, walked: Vec::new() };
        walk.arrive(reader, at)?;
        Ok(walk)
    }

    fn record(&self, table: &str) -> Option<Reference> {
        self.records.iter().find(|record| record.table == table).cloned()
    }

    fn arrive(&mut self, reader: &mut Reader<'_>, at: usize) -> Result<()> {
        self.at = at;
        let stage = &self.process.stages[at];
        let table = stage_table(self.process, stage);
        let record = self.record(table);
        let missing = match (self.model.table(table).cloned(), &record) {
            (Some(table), Some(record)) => {
                let row = self.row(reader, &table, record.id)?;
                gate::missing(stage, &table, row).map(|(step, _)| gate::label(step, &table)).collect()
            }
            _ => Vec::new(),
        };
        self.walked.push(TrialStage { name: stage.name.clone(), label: stage.label.clone(), record, missing });
        Ok(())
    }

    /// Gates look at the whole row, as the engine does; only labels of steps are told.
    fn row(&mut self, reader: &mut Reader<'_>, table: &Table, id: Uuid) -> Result<&Row> {
        if !self.rows.contains_key(&table.name) {
            let query = everywhere(self.caller, table, Filter::eq(table.primary_key.as_str(), id));
            let columns = table.columns.values().filter(|column| column.is_stored()).map(|column| column.name.as_str());
            let row = reader.query(&query.select(columns))?.to_rows().next().unwrap_or_default();
            self.rows.insert(table.name.clone(), row);
        }
        Ok(&self.rows[&table.name])
    }

    /// One move on; false where it would be refused.
    fn go_on(&mut self, reader: &mut Reader<'_>, as_if_filled: bool) -> Result<bool> {
        if self.is_stopped(as_if_filled) {
            return Ok(false);
        }
        let Some(next) = self.next_stage(reader, self.at)? else { return Ok(false) };
        if !self.bind(reader, next)? {
            return Ok(false);
        }
        self.arrive(reader, next)?;
        Ok(true)
    }

    fn is_stopped(&self, as_if_filled: bool) -> bool {
        !as_if_filled && self.walked.last().is_some_and(|stage| !stage.missing.is_empty())
    }

    fn next(&mut self, reader: &mut Reader<'_>, as_if_filled: bool) -> Result<TrialNext> {
        if self.is_stopped(as_if_filled) {
            return Ok(TrialNext::Missing);
        }
        let Some(next) = self.next_stage(reader, self.at)? else { return Ok(TrialNext::End) };
        let stage = &self.process.stages[next];
        if self.bind(reader, next)? {
            return Ok(TrialNext::Stage(stage.label.clone()));
        }
        let table = stage_table(self.process, stage);
        let label = self.model.table(table).map_or(table, |table| &table.label);
        Ok(TrialNext::NoRecord(stage.label.clone(), label.to_owned()))
    }

    fn next_stage(&self, reader: &mut Reader<'_>, from: usize) -> Result<Option<usize>> {
        branch::next_of(reader, &self.caller.zone(), self.process, &self.records, from)
    }

    /// A stage on another table takes the record that its relationship leads to.
    fn bind(&mut self, reader: &mut Reader<'_>, stage: usize) -> Result<bool> {
        let stage = &self.process.stages[stage];
        let name = stage_table(self.process, stage);
        if self.record(name).is_some() {
            return Ok(true);
        }
        let (Some(table), Some(lookup)) = (self.model.table(name).cloned(), &stage.relationship) else {
            return Ok(false);
        };
        let Some(from) = self.records.last().cloned() else { return Ok(false) };
        let query = everywhere(self.caller, &table, Filter::eq(lookup.as_str(), from))
            .select([table.primary_key.as_str()])
            .order_by(model::Order::descending(table.primary_key.as_str()));
        let found = reader.query(&query)?.to_rows().next().and_then(|row| row.value(&table.primary_key).as_id());
        self.records.extend(found.map(|id| Reference::new(table.name.clone(), id)));
        Ok(found.is_some())
    }

    fn ahead(&self, reader: &mut Reader<'_>) -> Result<Vec<String>> {
        let mut labels = Vec::new();
        let mut at = self.at;
        while let Some(next) = self.next_stage(reader, at)? {
            labels.push(self.process.stages[next].label.clone());
            at = next;
        }
        Ok(labels)
    }
}

fn everywhere(caller: &Caller, table: &Table, filter: Filter) -> Query {
    Query::of(&table.name, Arc::new(Scope::default()), caller.zone()).matching(filter).take(1)
}
