//! Where rows speak of tables and columns by name: people's own views, and the rules by which
//! duplicates are found.

use std::{collections::HashMap, sync::Arc};

use model::{Filter, Model, Order, Problem};
use store::{Cursor, Row};
use uuid::Uuid;

use crate::{App, Caller, Result, views};

/// Rows read in one go.
const PAGE: u32 = 1000;

/// True where something that rows may speak of leaves the model or becomes something else.
pub(super) fn may_be_lost(before: &Model, after: &Model) -> bool {
    before.tables.values().any(|table| {
        let Some(later) = after.table(&table.name) else { return true };
        !Arc::ptr_eq(later, table)
            && table
                .columns
                .values()
                .any(|column| later.column(&column.name).is_none_or(|kept| kept.kind != column.kind))
    })
}

/// People's own views that `after` can no longer show.
pub(super) async fn of_personal_views(
    app: &App,
    engine: &Caller,
    before: &Model,
    after: &Model,
) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let columns = ["userqueryid", "name", "returnedtypecode", "definition", "isdefault", "ownerid"];
    for row in all(app, engine, "userquery", &columns, Filter::everything()).await? {
        let Some(view) = views::view(&row) else { continue };
        let table = row.text("returnedtypecode");
        let known = before.check_view("", table, &view);
        let mut found = after.check_view("", table, &view);
        found.retain(|problem| !known.contains(problem));
        if found.is_empty() {
            continue;
        }
        let owner = match row.value("ownerid").as_reference() {
            Some(owner) => app.names(engine, vec![owner.clone()]).await?.get(owner).unwrap_or("nobody").to_owned(),
            None => "nobody".to_owned(),
        };
        let view = format!("saved view \"{}\" of {owner} ({table})", view.label);
        problems.extend(found.into_iter().map(|Problem { place, message }| {
            let advice = "change or delete the view (a row of userquery) first";
            Problem::new(format!("{view}{place}"), format!("{message}; {advice}"))
        }));
    }
    Ok(problems)
}

/// Rules of duplicates, and conditions of them, that speak of what `after` does not know.
pub(super) async fn of_duplicate_rules(
    app: &App,
    engine: &Caller,
    before: &Model,
    after: &Model,
) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let columns = ["duplicateruleid", "name", "baseentityname", "matchingentityname"];
    let rules = all(app, engine, "duplicaterule", &columns, Filter::everything()).await?;
    let mut by_id: HashMap<Uuid, &Row> = HashMap::new();
    for rule in &rules {
        by_id.extend(rule.value("duplicateruleid").as_id().map(|id| (id, rule)));
        for column in ["baseentityname", "matchingentityname"] {
            let table = rule.text(column);
            if before.table(table).is_some() && after.table(table).is_none() {
                let message = format!("it speaks of the table {table}; change or delete the rule first");
                problems.push(Problem::new(place(rule), message));
            }
        }
    }
    let columns = ["regardingobjectid", "baseattributename", "matchingattributename"];
    for condition in all(app, engine, "duplicaterulecondition", &columns, Filter::everything()).await? {
        let rule = condition.value("regardingobjectid").as_reference().and_then(|rule| by_id.get(&rule.id));
        let Some(rule) = rule else { continue };
        let sides = [("baseentityname", "baseattributename"), ("matchingentityname", "matchingattributename")];
        for (table, column) in sides.map(|(table, column)| (rule.text(table), condition.text(column))) {
            let in_model = |model: &Model| model.table(table).is_some_and(|table| table.column(column).is_some());
            // Of a table that goes as a whole the rule itself tells.
            if in_model(before) && after.table(table).is_some() && !in_model(after) {
                let message = format!("a condition compares {table}.{column}; change or delete it first");
                let problem = Problem::new(place(rule), message);
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
    }
    Ok(problems)
}

fn place(rule: &Row) -> String {
    format!("duplicate rule \"{}\"", rule.text("name"))
}

/// All rows of a table, page by page.
async fn all(app: &App, engine: &Caller, table: &str, columns: &[&str], filter: Filter) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let mut query = app
            .new_query(engine, table)
            .select(columns.iter().copied())
            .matching(filter.clone())
            .order_by(Order::ascending("createdon"))
            .take(PAGE);
        query.page.cursor = cursor;
        let page = app.query(engine, query).await?;
        rows.extend(page.to_rows());
        match page.next.clone() {
            Some(next) => cursor = Some(next),
            None => return Ok(rows),
        }
    }
}
