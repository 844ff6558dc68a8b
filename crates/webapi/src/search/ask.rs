//! What is asked. Values inside of the body are JSON in texts in version 2.0 and JSON in 1.0; either is taken
//! in both.

use std::sync::Arc;

use crm::highlight::search_words;
use model::{Model, Table, TableKind};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::tell::Kind;
use crate::{
    error::{Error, Result},
    translate::known_table,
};

/// Most characters searched for, as in Dataverse.
const LONGEST: usize = 100;

/// What is asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    search: String,
    entities: Option<Value>,
    #[serde(default, alias = "returntotalrecordcount", alias = "returnTotalRecordCount")]
    pub(super) count: Option<bool>,
    pub(super) top: Option<usize>,
    pub(super) skip: Option<usize>,
    filter: Option<String>,
    facets: Option<Value>,
    orderby: Option<Value>,
    options: Option<Value>,
    propertybag: Option<Value>,
    fuzzy: Option<bool>,
    #[serde(alias = "usefuzzy")]
    use_fuzzy: Option<bool>,
    #[serde(alias = "searchType")]
    searchtype: Option<String>,
    #[serde(alias = "searchMode")]
    searchmode: Option<String>,
}

/// A table to look into.
#[derive(Debug, Default)]
pub(super) struct Entity {
    pub name: String,
    pub select_columns: Option<Vec<String>>,
    /// A condition in the words of `$filter`.
    pub filter: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NamedEntity {
    name: String,
    #[serde(alias = "selectcolumns")]
    select_columns: Option<Vec<String>>,
    #[serde(alias = "searchcolumns")]
    search_columns: Option<Vec<String>>,
    filter: Option<String>,
}

/// As version 1.0 has it: a name alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Name(String),
    Entity(NamedEntity),
}

impl Asked {
    /// What is searched for.
    pub(super) fn words(&self) -> &str {
        self.search.trim()
    }

    /// The condition on rows of all tables.
    pub(super) fn filter(&self) -> Option<&str> {
        self.filter.as_deref().map(str::trim).filter(|filter| !filter.is_empty())
    }

    /// Whether rows that fit better come first, and the keys of the order as they are written.
    pub(super) fn order(&self) -> Result<(bool, Vec<String>)> {
        let mut keys: Vec<String> = match self.orderby.as_ref().filter(|value| is_given(value)) {
            None => return Ok((true, Vec::new())),
            Some(value) => inner("orderby", value, "[\"modifiedon desc\"]")?,
        };
        match keys.iter().position(|key| key.trim_start().starts_with("@search.score")) {
            None => Ok((false, keys)),
            Some(0) if !keys[0].trim_end().ends_with(" asc") => {
                keys.remove(0);
                Ok((true, keys))
            }
            Some(_) => {
                Err(Error::BadRequest("orderby: '@search.score desc' is possible at the beginning only".to_owned()))
            }
        }
    }

    /// # Errors
    /// [`Error::BadRequest`] with the name of what is not possible here.
    pub(super) fn refuse_what_is_not_possible(&self) -> Result<()> {
        let words = self.words();
        if search_words(words).is_empty() || words.chars().count() > LONGEST {
            return Err(Error::BadRequest(format!(
                "search: send words with letters or digits, {LONGEST} characters at most"
            )));
        }
        if words.contains(['|', '"']) || words.split_whitespace().any(|word| word.starts_with('-') && word.len() > 1) {
            return Err(Error::BadRequest(
                "search: '|', '-' before a word and quotes are not possible; all words must be in a row".to_owned(),
            ));
        }
        for (name, value) in [("facets", &self.facets), ("propertybag", &self.propertybag)] {
            if value.as_ref().is_some_and(is_given) {
                return Err(Error::BadRequest(format!(
                    "{name}: not possible; there are search, entities (name, selectColumns, filter), filter, orderby, count, top and skip"
                )));
            }
        }
        if self.fuzzy == Some(true) || self.use_fuzzy == Some(true) {
            return Err(Error::BadRequest("fuzzy: not possible; words are found as they are written".to_owned()));
        }
        if self.searchtype.as_deref().is_some_and(|kind| kind != "simple") {
            return Err(Error::BadRequest("searchtype: only simple is possible".to_owned()));
        }
        if self.searchmode.as_deref().is_some_and(|mode| mode != "all") {
            return Err(Error::BadRequest("searchmode: only all is possible: all words must be in a row".to_owned()));
        }
        self.refuse_options()
    }

    /// # Errors
    /// [`Error::BadRequest`] with the name of what only another of the three takes.
    pub(super) fn refuse_what_is_not_of(&self, kind: Kind) -> Result<()> {
        let (suggests, completes) = (kind == Kind::Suggest, kind == Kind::Autocomplete);
        let given = |value: &Option<Value>| value.as_ref().is_some_and(is_given);
        let strange = [
            ("count", (suggests || completes) && self.count == Some(true)),
            ("skip", (suggests || completes) && self.skip.is_some_and(|skip| skip > 0)),
            ("top", completes && self.top.is_some()),
            ("orderby", completes && given(&self.orderby)),
            ("options", completes && given(&self.options)),
        ];
        match strange.iter().find(|(_, is_strange)| *is_strange) {
            None => Ok(()),
            Some((name, _)) if suggests => Err(Error::BadRequest(format!(
                "{name}: not of suggestions; there are search, entities, filter, orderby, options and top"
            ))),
            Some((name, _)) => {
                Err(Error::BadRequest(format!("{name}: not of completions; there are search, entities and filter")))
            }
        }
    }

    fn refuse_options(&self) -> Result<()> {
        let Some(options) = self.options.as_ref().filter(|value| is_given(value)) else { return Ok(()) };
        let options: serde_json::Map<String, Value> = match options {
            // Dataverse's own examples write them with single quotes.
            Value::String(text) => {
                inner("options", &Value::String(text.replace('\'', "\"")), "{\"searchmode\": \"all\"}")?
            }
            other => inner("options", other, "{\"searchmode\": \"all\"}")?,
        };
        let is_ours = |(name, value): (&String, &Value)| {
            matches!((name.as_str(), value.as_str()), ("querytype", Some("simple")) | ("searchmode", Some("all")))
        };
        match options.iter().find(|option| !is_ours(*option)) {
            None => Ok(()),
            Some((name, _)) => Err(Error::BadRequest(format!(
                "options: '{name}' is not possible so; querytype is simple and searchmode all"
            ))),
        }
    }

    /// The tables asked for; all that are searched where none is named.
    pub(super) fn entities(&self, model: &Model) -> Result<Vec<Entity>> {
        let is_searched =
            |table: &&Arc<Table>| table.searchable && matches!(table.kind, TableKind::Standard | TableKind::Activity);
        let Some(value) = self.entities.as_ref().filter(|value| is_given(value)) else {
            let all = model.tables.values().filter(is_searched);
            return Ok(all.map(|table| Entity { name: table.name.clone(), ..Entity::default() }).collect());
        };
        let named: Vec<Named> = inner("entities", value, "[{\"name\": \"account\"}]")?;
        if named.len() > model.tables.len() {
            return Err(Error::BadRequest("entities: name each table once".to_owned()));
        }
        named.into_iter().map(|named| entity(model, named)).collect()
    }
}

fn entity(model: &Model, named: Named) -> Result<Entity> {
    let named = match named {
        Named::Name(name) => NamedEntity { name, ..NamedEntity::default() },
        Named::Entity(entity) => entity,
    };
    if !known_table(model, &named.name)?.searchable {
        return Err(Error::BadRequest(format!("entities: {} is not searched", named.name)));
    }
    if named.search_columns.as_ref().is_some_and(|columns| !columns.is_empty()) {
        return Err(Error::BadRequest("searchColumns: not possible; all searched columns are looked into".to_owned()));
    }
    let NamedEntity { name, select_columns, filter, .. } = named;
    Ok(Entity { name, select_columns, filter })
}

fn is_given(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !matches!(text.trim(), "" | "[]" | "{}"),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

/// A value that is JSON in a text, or JSON.
fn inner<T: DeserializeOwned>(name: &str, value: &Value, such_as: &str) -> Result<T> {
    let read = match value {
        Value::String(text) => serde_json::from_str(text),
        other => serde_json::from_value(other.clone()),
    };
    read.map_err(|error| Error::BadBody(format!("{name}: {error}; send a text such as {such_as}")))
}
