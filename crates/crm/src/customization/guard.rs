//! What rows still need is not taken out of the model: options and status reasons that they have,
//! tables and columns that people's own views and the rules of duplicates speak of.
//!
//! Everything is looked at as the engine sees it: rows that the one who publishes may not see
//! count, too.

use model::{Column, ColumnType, Filter, Model, ModelError, Operator, Problem, Table, Value};

use super::uses;
use crate::{App, Caller, Result, access};

/// Refuses a model that no longer knows what some row needs.
pub(super) async fn refuse_losses(app: &App, before: &Model, after: &Model) -> Result<()> {
    let engine = app.engine().await?;
    let mut problems = lost_options(app, &engine, before, after).await?;
    problems.extend(access::refuse_parts_left(before, after));
    if uses::may_be_lost(before, after) {
        problems.extend(uses::of_personal_views(app, &engine, before, after).await?);
        problems.extend(uses::of_duplicate_rules(app, &engine, before, after).await?);
    }
    if problems.is_empty() { Ok(()) } else { Err(ModelError { problems }.into()) }
}

async fn lost_options(app: &App, engine: &Caller, before: &Model, after: &Model) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for (table, column, number, label) in lost(before, after) {
        let operator = match column.kind {
            ColumnType::MultiChoice { .. } => Operator::ContainValues,
            _ => Operator::Eq,
        };
        let filter = Filter::compare(column.name.as_str(), operator, Value::from(number));
        let mut query = app.new_query(engine, &table.name).matching(filter).take(1);
        query.page.count = true;
        let count = app.query(engine, query).await?.total.unwrap_or_default();
        if count > 0 {
            problems.push(Problem::new(
                format!("{}.{}", table.name, column.name),
                format!(
                    "{count} rows have {number} ({label}); give them another one first, or hide it instead of removing it"
                ),
            ));
        }
    }
    Ok(problems)
}

/// What `before` offers and `after` does not know, with its number and label.
fn lost<'a>(before: &'a Model, after: &Model) -> Vec<(&'a Table, &'a Column, i32, &'a str)> {
    let mut lost = Vec::new();
    for table in before.tables.values() {
        let Some(later) = after.table(&table.name) else { continue };
        if **later == **table {
            continue;
        }
        for column in table.columns.values() {
            let Some(kept) = later.column(&column.name) else { continue };
            let gone = column.options().iter().filter(|it| !kept.options().iter().any(|kept| kept.value == it.value));
            lost.extend(gone.map(|it| (table.as_ref(), column, it.value, it.label.as_str())));
        }
        if let Some(column) = table.column("statuscode") {
            let statuses = table.states.iter().flat_map(|state| &state.statuses);
            let gone = statuses.filter(|status| later.status(status.value).is_none());
            lost.extend(gone.map(|it| (table.as_ref(), column, it.value, it.label.as_str())));
        }
    }
    lost
}
