//! Options and status reasons that rows still have are not taken out of the model.

use model::{Column, ColumnType, Filter, Model, ModelError, Operator, Problem, Table, Value};

use crate::{App, Caller, Result};

/// Refuses a model that no longer knows an option or status reason some row has.
pub(super) async fn refuse_lost_options(app: &App, caller: &Caller, before: &Model, after: &Model) -> Result<()> {
    let mut problems = Vec::new();
    for (table, column, number, label) in lost(before, after) {
        let operator = match column.kind {
            ColumnType::MultiChoice { .. } => Operator::ContainValues,
            _ => Operator::Eq,
        };
        let filter = Filter::compare(column.name.as_str(), operator, Value::from(number));
        let mut query = app.new_query(caller, &table.name).matching(filter).take(1);
        query.page.count = true;
        let count = app.query(caller, query).await?.total.unwrap_or_default();
        if count > 0 {
            problems.push(Problem::new(
                format!("{}.{}", table.name, column.name),
                format!(
                    "{count} rows have {number} ({label}); give them another one first, or hide it instead of removing it"
                ),
            ));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(ModelError { problems }.into()) }
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
