//! Answers, in the shapes of version 2.0 (JSON in a text) and 1.0.

use crm::{App, Caller};
use serde_json::{Map, Value, json};

use super::{
    ask::Asked,
    find::{Hit, find},
    suggest::{LOOKED_AT, completed, id, suggestion},
};
use crate::{
    error::{Error, Result},
    translate::wire_name,
    wire::to_json,
};

/// Rows of an answer where nothing is said, and at most.
const TOP: usize = 50;
const MOST: usize = 100;
/// Suggestions where nothing is said.
const SUGGESTED: usize = 5;
/// Rows that may be left out at the beginning.
const MOST_SKIPPED: usize = 500;
/// Fewest characters of a suggestion and a completion, as in Dataverse.
const SHORTEST: usize = 3;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Rows that hold the words.
    Query,
    /// Rows that somebody may mean who types.
    Suggest,
    /// The rest of the word that somebody types.
    Autocomplete,
}

/// In which shape it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `/api/search/v1.0`
    One,
    /// `/api/search/v2.0`, and the actions `searchquery` …
    Two,
}

/// The answer: of version 1.0 as it is sent, of 2.0 what stands in the text `response`.
pub async fn answer(app: &App, caller: &Caller, asked: &Asked, kind: Kind, version: Version) -> Result<Value> {
    asked.refuse_what_is_not_possible()?;
    asked.refuse_what_is_not_of(kind)?;
    let (model, words) = (app.model(), asked.words());
    if kind != Kind::Query && words.chars().count() < SHORTEST {
        return Err(Error::BadRequest(format!("search: send at least {SHORTEST} characters")));
    }
    let page = match kind {
        Kind::Query => (skipped(asked)?, asked.top.unwrap_or(TOP).min(MOST)),
        Kind::Suggest => (0, asked.top.unwrap_or(SUGGESTED).min(MOST)),
        Kind::Autocomplete => (0, LOOKED_AT),
    };
    let found = find(app, caller, &model, asked, page).await?;
    let total = found.total.map_or(json!(-1), |total| json!(total));
    Ok(match (kind, version) {
        (Kind::Query, Version::Two) => {
            let rows: Vec<Value> = found.hits.iter().map(|hit| row(hit, words)).collect();
            json!({"Error": null, "Value": rows, "Facets": {}, "QueryContext": null, "Count": total})
        }
        (Kind::Query, Version::One) => {
            let rows: Vec<Value> = found.hits.iter().map(|hit| flat_row(hit, words)).collect();
            json!({"value": rows, "facets": {}, "totalrecordcount": total})
        }
        (Kind::Suggest, Version::Two) => {
            let rows: Vec<Value> = found.hits.iter().map(|hit| suggested(hit, words, ("Text", "Document"))).collect();
            json!({"Error": null, "Value": rows, "QueryContext": null})
        }
        (Kind::Suggest, Version::One) => {
            let rows: Vec<Value> = found.hits.iter().map(|hit| suggested(hit, words, ("text", "document"))).collect();
            json!({"value": rows})
        }
        (Kind::Autocomplete, Version::Two) => {
            json!({"Error": null, "Value": completed(&found.hits, words), "QueryContext": null})
        }
        (Kind::Autocomplete, Version::One) => json!({"value": completed(&found.hits, words)}),
    })
}

fn skipped(asked: &Asked) -> Result<usize> {
    let skip = asked.skip.unwrap_or_default();
    if skip <= MOST_SKIPPED {
        return Ok(skip);
    }
    Err(Error::BadRequest(format!("skip: at most {MOST_SKIPPED} rows; search for more words, or with a filter")))
}

fn row(hit: &Hit<'_>, words: &str) -> Value {
    json!({
        "Id": id(hit),
        "EntityName": hit.table.name,
        "ObjectTypeCode": hit.table.object_type_code,
        "Attributes": attributes(hit),
        "Highlights": highlights(hit, words),
        "Score": f64::from(hit.score),
    })
}

fn flat_row(hit: &Hit<'_>, words: &str) -> Value {
    let mut members = Map::new();
    members.insert("@search.score".to_owned(), json!(f64::from(hit.score)));
    members.insert("@search.highlights".to_owned(), highlights(hit, words));
    members.insert("@search.entityname".to_owned(), json!(hit.table.name));
    members.insert("@search.objectid".to_owned(), json!(id(hit)));
    members.extend(attributes(hit));
    Value::Object(members)
}

fn suggested(hit: &Hit<'_>, words: &str, (text, document): (&str, &str)) -> Value {
    let (shown, row) = suggestion(hit, words);
    json!({text: shown, document: row})
}

fn highlights(hit: &Hit<'_>, words: &str) -> Value {
    Value::Object(hit.highlights(words).into_iter().map(|(column, text)| (column, json!([text]))).collect())
}

/// The columns that were asked for.
pub(super) fn attributes(hit: &Hit<'_>) -> Map<String, Value> {
    let columns = hit.columns.iter();
    let shown = columns.filter_map(|column| {
        let value = serde_json::to_value(to_json(Some(column), hit.row.value(&column.name))).ok()?;
        Some((wire_name(column), value))
    });
    shown.collect()
}
