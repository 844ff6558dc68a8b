//! `POST /api/search/v2.0/query`: rows of several tables that hold words (Dataverse search, version 2.0).
//! Values inside of the body and of the answer are JSON in texts, as the contract has them.

use std::{cmp::Reverse, sync::Arc};

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::HeaderMap,
};
use crm::{App, Caller, Query, Row, Rows};
use model::{Filter, Model, Table, TableKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Result},
    handlers::authenticate,
    odata::{QueryOptions, encode},
    translate::{SelectPlan, known_table, plan_select, translate_filter, wire_name},
    wire::to_json,
};

/// Rows of an answer where nothing is said, and at most.
const TOP: usize = 50;
const MOST: usize = 100;
/// Rows that may be left out at the beginning.
const MOST_SKIPPED: usize = 500;
/// Most characters searched for, as in Dataverse.
const LONGEST: usize = 100;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    search: String,
    entities: Option<String>,
    #[serde(default)]
    count: bool,
    top: Option<usize>,
    skip: Option<usize>,
    filter: Option<Value>,
    facets: Option<Value>,
    orderby: Option<Value>,
    options: Option<Value>,
    propertybag: Option<Value>,
}

/// A table to look into.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Entity {
    name: String,
    #[serde(alias = "selectcolumns")]
    select_columns: Option<Vec<String>>,
    #[serde(alias = "searchcolumns")]
    search_columns: Option<Vec<String>>,
    filter: Option<String>,
}

/// A row found, with how well it fits.
struct Match {
    score: u8,
    row: Value,
}

/// All words must be in the row; those whose name they begin or are come first.
pub async fn query(
    State(app): State<App>,
    headers: HeaderMap,
    body: std::result::Result<Json<Asked>, JsonRejection>,
) -> Result<Json<Value>> {
    let caller = authenticate(&app, &headers).await?;
    let Json(asked) = body.map_err(|error| Error::BadBody(error.body_text()))?;
    asked.refuse_what_is_not_possible()?;
    let (model, words) = (app.model(), asked.search.trim());
    let (top, skip) = (asked.top.unwrap_or(TOP).min(MOST), asked.skip.unwrap_or_default().min(MOST_SKIPPED));
    let entities = asked.entities(&model)?;
    let mut queries = Vec::with_capacity(entities.len());
    let mut plans = Vec::with_capacity(entities.len());
    for entity in &entities {
        let (query, plan) = look_into(&app, &caller, &model, entity, words)?;
        queries.push(Query {
            page: crm::Page { size: u32::try_from(skip + top).unwrap_or(1), count: asked.count, ..query.page },
            ..query
        });
        plans.push(plan);
    }
    let found = app.queries(&caller, queries).await?;
    let mut matches: Vec<Match> =
        plans.iter().zip(&found).flat_map(|(plan, rows)| matches(plan, rows, words)).collect();
    matches.sort_by_key(|found| Reverse(found.score));
    let rows: Vec<Value> = matches.into_iter().skip(skip).take(top).map(|found| found.row).collect();
    let total: u64 = found.iter().filter_map(|rows| rows.total).sum();
    let count = if asked.count { json!(total) } else { json!(-1) };
    let response = json!({"Error": null, "Value": rows, "Facets": {}, "QueryContext": null, "Count": count});
    Ok(Json(json!({"response": response.to_string()})))
}

impl Asked {
    fn refuse_what_is_not_possible(&self) -> Result<()> {
        let words = self.search.trim();
        if !words.chars().any(char::is_alphanumeric) || words.chars().count() > LONGEST {
            return Err(Error::BadRequest(format!(
                "search: send words with letters or digits, {LONGEST} characters at most"
            )));
        }
        let is_given = |value: &Option<Value>| match value {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !matches!(text.trim(), "" | "[]" | "{}"),
            Some(Value::Array(items)) => !items.is_empty(),
            Some(_) => true,
        };
        let others = [
            ("filter", &self.filter),
            ("facets", &self.facets),
            ("orderby", &self.orderby),
            ("options", &self.options),
            ("propertybag", &self.propertybag),
        ];
        match others.into_iter().find(|(_, value)| is_given(value)) {
            Some((name, _)) => Err(Error::BadRequest(format!(
                "{name}: not possible; there are search, entities (name, selectColumns, filter), count, top and skip"
            ))),
            None => Ok(()),
        }
    }

    /// The tables asked for; all that are searched where none is named.
    fn entities(&self, model: &Model) -> Result<Vec<Entity>> {
        let is_searched =
            |table: &&Arc<Table>| table.searchable && matches!(table.kind, TableKind::Standard | TableKind::Activity);
        let Some(text) = self.entities.as_deref().filter(|text| !text.trim().is_empty()) else {
            let all = model.tables.values().filter(is_searched);
            return Ok(all.map(|table| Entity { name: table.name.clone(), ..Entity::default() }).collect());
        };
        let entities: Vec<Entity> = serde_json::from_str(text).map_err(|error| {
            Error::BadBody(format!("entities: {error}; send a text such as [{{\"name\": \"account\"}}]"))
        })?;
        for entity in &entities {
            if !known_table(model, &entity.name)?.searchable {
                return Err(Error::BadRequest(format!("entities: {} is not searched", entity.name)));
            }
            if entity.search_columns.as_ref().is_some_and(|columns| !columns.is_empty()) {
                return Err(Error::BadRequest(
                    "searchColumns: not possible; all searched columns are looked into".to_owned(),
                ));
            }
        }
        if entities.len() > model.tables.len() {
            return Err(Error::BadRequest("entities: name each table once".to_owned()));
        }
        Ok(entities)
    }
}

fn look_into<'m>(
    app: &App,
    caller: &Caller,
    model: &'m Model,
    entity: &Entity,
    words: &str,
) -> Result<(Query, SelectPlan<'m>)> {
    let table = known_table(model, &entity.name)?;
    let named = [table.primary_name.clone()];
    let plan = plan_select(table, Some(entity.select_columns.as_deref().unwrap_or(&named)))?;
    let mut query = app
        .new_summing_up(caller, &table.name)
        .select(plan.columns.iter().map(|column| column.name.as_str()))
        .matching(Filter::Search(words.to_owned()));
    if !plan.columns.iter().any(|column| column.name == table.primary_name) {
        query = query.select([table.primary_name.as_str()]);
    }
    if let Some(filter) = &entity.filter {
        let options = QueryOptions::parse(&format!("$filter={}", encode(filter)))?;
        if let Some(expression) = options.filter()? {
            query = query.matching(translate_filter(model, table, &expression)?);
        }
    }
    Ok((query, plan))
}

fn matches(plan: &SelectPlan<'_>, rows: &Rows, words: &str) -> Vec<Match> {
    rows.to_rows()
        .map(|row| {
            let score = score(row.text(&plan.table.primary_name), words);
            Match { score, row: shown(plan, &row, score) }
        })
        .collect()
}

/// 3 for a name that is what was searched for, 2 where it begins so, 1 where the words are elsewhere.
fn score(name: &str, words: &str) -> u8 {
    let (name, words) = (name.to_lowercase(), words.to_lowercase());
    match name.strip_prefix(&words) {
        Some("") => 3,
        Some(_) => 2,
        None => 1,
    }
}

fn shown(plan: &SelectPlan<'_>, row: &Row, score: u8) -> Value {
    let table = plan.table;
    let id = row.value(&table.primary_key).as_id().unwrap_or_default();
    let attributes: Map<String, Value> = plan
        .columns
        .iter()
        .filter_map(|column| {
            let value = serde_json::to_value(to_json(Some(column), row.value(&column.name))).ok()?;
            Some((wire_name(column), value))
        })
        .collect();
    json!({
        "Id": id.to_string(),
        "EntityName": table.name,
        "ObjectTypeCode": table.object_type_code,
        "Attributes": attributes,
        "Highlights": {},
        "Score": f64::from(score),
    })
}
