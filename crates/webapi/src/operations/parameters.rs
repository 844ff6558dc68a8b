//! The parameters of a call: of an action from the body, of a function from the address, checked
//! against what the operation declares.

use indexmap::IndexMap;
use model::{Reference, Table};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{Kind, NAMESPACE, Operation, Parameter, arguments};
use crate::{
    error::{Error, Result},
    handlers::{Request, resolve_key},
    odata::Segment,
    wire::{members, parse_link},
};

/// What an operation is called with, by name.
pub struct Parameters {
    operation: &'static Operation,
    given: IndexMap<String, Box<RawValue>>,
}

impl Parameters {
    /// Reads them; a parameter that is not known or missing is refused.
    pub fn read(request: &Request, operation: &'static Operation, segment: &Segment) -> Result<Self> {
        let given = match operation.kind {
            Kind::Action if segment.key.as_ref().is_some_and(|key| !key.is_empty()) => {
                return Err(Error::BadRequest(format!(
                    "{}: an action takes its parameters from the body, not from the address",
                    operation.name
                )));
            }
            Kind::Action => in_body(request, operation)?,
            Kind::Function => in_address(operation, segment)?,
        };
        let parameters = Self { operation, given };
        match operation.parameters.iter().find(|known| known.required && parameters.raw(known.name).is_none()) {
            Some(missing) => Err(Error::BadBody(format!(
                "{}: the parameter '{}' is missing; send {}",
                operation.name, missing.name, missing.form
            ))),
            None => Ok(parameters),
        }
    }

    /// A parameter as JSON, where it is given and not `null`.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(|raw| raw.get()).filter(|raw| raw.trim() != "null")
    }

    /// A parameter, where it is given.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        self.raw(name).map(|raw| serde_json::from_str(raw).map_err(|_| self.wrong(name))).transpose()
    }

    /// A parameter that must be given.
    pub fn required<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        self.get(name)?.ok_or_else(|| self.wrong(name))
    }

    /// The members of a parameter that is an object.
    pub fn object(&self, name: &str) -> Result<IndexMap<String, Box<RawValue>>> {
        self.required(name)
    }

    /// A row that must be given: by its type and primary key, or by its address.
    pub async fn row(&self, request: &Request, name: &str) -> Result<Reference> {
        let raw = self.raw(name).ok_or_else(|| self.wrong(name))?;
        row_in(request, name, raw).await.map_err(|error| match error {
            None => self.wrong(name),
            Some(error) => error,
        })
    }

    /// A row of one of these tables, by its type and primary key or its key alone, where one is given.
    pub fn row_of(&self, request: &Request, name: &str, tables: &[&str]) -> Result<Option<Reference>> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let object = members(name, raw)?;
        let found = tables.iter().filter_map(|table| request.model.table(table)).find_map(|table| {
            let id = serde_json::from_str::<Uuid>(object.get(&table.primary_key)?.get()).ok()?;
            Some(Reference::new(table.name.as_str(), id))
        });
        found.map(Some).ok_or_else(|| self.wrong(name))
    }

    /// That a parameter is not what it must be.
    pub fn wrong(&self, name: &str) -> Error {
        let form = self.operation.parameters.iter().find(|known| known.name == name).map_or("", |known| known.form);
        Error::BadBody(format!("{}: '{name}' must be {form}", self.operation.name))
    }
}

/// The row that an object names; no error of its own where it is none.
pub async fn row_in(request: &Request, name: &str, raw: &str) -> std::result::Result<Reference, Option<Error>> {
    let object: IndexMap<String, Box<RawValue>> = serde_json::from_str(raw).map_err(|_| None)?;
    let text = |key: &str| object.get(key).and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    if let Some(address) = text("@odata.id") {
        let link = parse_link(name, &address)?;
        let unknown = || Error::BadRequest(format!("{name}: there is no entity set '{}'", link.set_name));
        let table = request.model.table_by_set(&link.set_name).ok_or_else(unknown)?;
        let row = Segment { name: link.set_name.clone(), key: Some(link.key) };
        return Ok(Reference::new(table.name.as_str(), resolve_key(request, table, &row).await?));
    }
    let table = typed(request, &object).ok_or(None)?;
    let id = text(&table.primary_key).and_then(|id| Uuid::try_parse(&id).ok()).ok_or(None)?;
    Ok(Reference::new(table.name.as_str(), id))
}

/// The table that `@odata.type` names.
pub fn typed<'r>(request: &'r Request, object: &IndexMap<String, Box<RawValue>>) -> Option<&'r Table> {
    let kind: String = serde_json::from_str(object.get("@odata.type")?.get()).ok()?;
    let kind = kind.trim_start_matches('#');
    let name = kind.strip_prefix(NAMESPACE).or_else(|| kind.strip_prefix("mscrm.")).unwrap_or(kind);
    request.model.table(name).map(|table| &**table)
}

fn in_body(request: &Request, operation: &'static Operation) -> Result<IndexMap<String, Box<RawValue>>> {
    let text = request.text()?;
    if text.trim().is_empty() && operation.parameters.iter().all(|known| !known.required) {
        return Ok(IndexMap::new());
    }
    let given = members(operation.name, text)?;
    // Annotations that clients send along say nothing here.
    if let Some(other) = given.keys().find(|name| !name.contains('@') && known(operation, name).is_none()) {
        return Err(Error::BadBody(unknown(operation, other)));
    }
    Ok(given)
}

fn in_address(operation: &'static Operation, segment: &Segment) -> Result<IndexMap<String, Box<RawValue>>> {
    let mut given = IndexMap::new();
    for part in segment.key.as_deref().unwrap_or_default() {
        let name = part.name.as_deref().unwrap_or_default();
        let parameter = known(operation, name).ok_or_else(|| Error::BadRequest(unknown(operation, name)))?;
        let raw = arguments::as_json(parameter.kind, &part.value)
            .ok_or_else(|| Error::BadRequest(format!("{}: '{name}' must be {}", operation.name, parameter.form)))?;
        if given.insert(name.to_owned(), raw).is_some() {
            return Err(Error::BadRequest(format!("{}: '{name}' is given twice", operation.name)));
        }
    }
    Ok(given)
}

fn known(operation: &'static Operation, name: &str) -> Option<&'static Parameter> {
    operation.parameters.iter().find(|known| known.name == name)
}

fn unknown(operation: &Operation, name: &str) -> String {
    let names: Vec<&str> = operation.parameters.iter().map(|known| known.name).collect();
    if names.is_empty() {
        return format!("{}: '{name}' is no parameter; there are none", operation.name);
    }
    format!("{}: '{name}' is no parameter; there are {}", operation.name, names.join(", "))
}
