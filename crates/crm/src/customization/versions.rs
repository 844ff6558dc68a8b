//! A flow that is changed leaves its former stages to the records that are led by them.

use std::collections::BTreeSet;

use model::{Filter, Overlay, Process};
use store::{Aggregate, AggregateFunction, Grouping};
use uuid::Uuid;

use crate::{App, Caller, Result};

/// The overlay with the earlier versions of flows that records still need.
pub(super) async fn kept_in(app: &App, mut overlay: Overlay) -> Result<Overlay> {
    let present = app.model();
    overlay.keep_process_versions(&present)?;
    let engine = app.engine().await?;
    for process in present.processes.iter().filter(|process| !process.earlier.is_empty()) {
        overlay.forget_process_versions(&process.name, &needed(app, &engine, process).await?);
    }
    Ok(overlay)
}

/// The versions that records are led by, or were to their end, and those with a stage that only they
/// have and records stand in without having moved.
async fn needed(app: &App, engine: &Caller, process: &Process) -> Result<BTreeSet<u32>> {
    let mut query = app.new_query(engine, &process.name).take(1000);
    query.group_by = vec![Grouping { path: "processversion".into(), part: None, alias: "version".to_owned() }];
    query.aggregates =
        vec![Aggregate { function: AggregateFunction::Count, path: None, alias: "instances".to_owned() }];
    let led = app.query(engine, query).await?;
    let version = |row: store::Row| u32::try_from(row.value("version").as_whole().unwrap_or(1)).unwrap_or(1);
    let mut needed: BTreeSet<u32> = led.to_rows().map(version).collect();
    for earlier in process.earlier.iter().filter(|earlier| !needed.contains(&earlier.version)).collect::<Vec<_>>() {
        for stage in earlier.stages.iter().filter(|stage| process.position(stage.id).is_none()) {
            if stands_somewhere(app, engine, &stage.table, stage.id).await? {
                needed.insert(earlier.version);
                break;
            }
        }
    }
    Ok(needed)
}

async fn stands_somewhere(app: &App, engine: &Caller, table: &str, stage: Uuid) -> Result<bool> {
    let Some(table) = app.model().table(table).filter(|table| table.column("stageid").is_some()).cloned() else {
        return Ok(false);
    };
    let query = app
        .new_query(engine, &table.name)
        .select([table.primary_key.as_str()])
        .matching(Filter::eq("stageid", stage))
        .take(1);
    Ok(!app.query(engine, query).await?.rows.is_empty())
}
