//! Tables: `EntityMetadata` with its columns read as a declaration.

use serde_json::{Map, Value, json};

use super::{
    column::{self, logical_name},
    label,
    sent::Sent,
};
use crate::{error::Result, metadata::Item};

/// Most columns that a table is made with.
const MOST: usize = 500;

/// A table as it is to be declared.
pub struct Read {
    /// Its logical name.
    pub name: String,
    /// The declaration, in the words of the declaration files, without its columns.
    pub document: Map<String, Value>,
    /// Its columns.
    pub columns: Vec<column::Read>,
}

impl Read {
    /// The declaration with its columns.
    pub fn whole(&self) -> Value {
        let mut document = self.document.clone();
        let columns = self.columns.iter().map(|column| (column.name.clone(), Value::Object(column.document.clone())));
        document.insert("columns".to_owned(), Value::Object(columns.collect()));
        Value::Object(document)
    }
}

/// Members that are read here; what came of all others is compared with what was sent.
pub const JUDGED: [&str; 4] = ["DisplayName", "DisplayCollectionName", "Description", "Attributes"];

/// Reads a new table.
pub fn read(sent: &Sent<'_>) -> Result<Read> {
    is_of_tables(sent)?;
    let (name, schema_name) = logical_name(sent)?;
    let mut document = Map::new();
    document.insert("schema_name".to_owned(), json!(schema_name));
    document.insert("label".to_owned(), json!(label::needed(sent, "DisplayName")?));
    for (property, member) in [("plural_label", "DisplayCollectionName"), ("description", "Description")] {
        if let Some(text) = label::read(sent, member, None)?.filter(|text| !text.is_empty()) {
            document.insert(property.to_owned(), json!(text));
        }
    }
    let ownership = match sent.text("OwnershipType")? {
        None | Some("UserOwned") => "user",
        Some("OrganizationOwned") => "organization",
        Some(_) => return Err(sent.wrong("OwnershipType", "write UserOwned or OrganizationOwned")),
    };
    document.insert("ownership".to_owned(), json!(ownership));
    if let Some(set) = sent.text("EntitySetName")?.filter(|set| !set.is_empty()) {
        demand_set(sent, set, &name)?;
        document.insert("set_name".to_owned(), json!(set));
    }
    document.insert("searchable".to_owned(), json!(sent.boolean("SyncToExternalSearchIndex")?.unwrap_or(true)));
    abilities(sent, &mut document)?;
    let columns = columns(sent, &mut document)?;
    Ok(Read { name, document, columns })
}

/// What is to change in a table, which is told as `present` now, in the words of the declaration files.
pub fn changes(sent: &Sent<'_>, present: &Item<'_>) -> Result<Map<String, Value>> {
    is_of_tables(sent)?;
    let mut document = Map::new();
    for (property, member) in
        [("label", "DisplayName"), ("plural_label", "DisplayCollectionName"), ("description", "Description")]
    {
        if let Some(text) = label::read(sent, member, present.member(member))? {
            document.insert(property.to_owned(), json!(text));
        }
    }
    if let Some(yes) = sent.boolean("SyncToExternalSearchIndex")? {
        document.insert("searchable".to_owned(), json!(yes));
    }
    abilities(sent, &mut document)?;
    for member in ["HasNotes", "HasActivities"] {
        if sent.boolean(member)? == Some(false) {
            return Err(sent.wrong(member, "what a table has of these is kept; once true it stays true"));
        }
    }
    if sent.get("Attributes").is_some() {
        return Err(sent.wrong("Attributes", "columns are changed one by one, at EntityDefinitions(…)/Attributes(…)"));
    }
    Ok(document)
}

/// The name of a set stands in addresses, beside those of sets that later releases bring.
fn demand_set(sent: &Sent<'_>, set: &str, name: &str) -> Result<()> {
    let prefix = name.split_inclusive('_').next().unwrap_or_default();
    let is_name = set.len() <= 63
        && set.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty())
        && set.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_name {
        return Ok(());
    }
    let form = format!(
        "a set is named by small letters, digits and _, with the prefix of its table: {name}s; or leave it out"
    );
    Err(sent.wrong("EntitySetName", &form))
}

fn abilities(sent: &Sent<'_>, document: &mut Map<String, Value>) -> Result<()> {
    for (property, member) in [("notes", "HasNotes"), ("activities", "HasActivities")] {
        if let Some(yes) = sent.boolean(member)? {
            document.insert(property.to_owned(), json!(yes));
        }
    }
    if let Some(yes) = sent.managed_boolean("IsAuditEnabled")? {
        document.insert("audited".to_owned(), json!(yes));
    }
    Ok(())
}

/// The columns of a new table, of which one is its primary name.
fn columns(sent: &Sent<'_>, document: &mut Map<String, Value>) -> Result<Vec<column::Read>> {
    let mut columns: Vec<column::Read> = Vec::new();
    let mut primary = sent.text("PrimaryNameAttribute")?.map(str::to_owned);
    for one in sent.objects("Attributes", MOST)?.unwrap_or_default() {
        let mut read = column::read(&one)?;
        if columns.iter().any(|known| known.name == read.name) {
            return Err(one.wrong("SchemaName", "a column of this name stands before"));
        }
        if one.boolean("IsPrimaryName")? == Some(true) {
            if primary.as_ref().is_some_and(|name| *name != read.name) {
                return Err(one.wrong("IsPrimaryName", "only one column is the primary name"));
            }
            primary = Some(read.name.clone());
        }
        if primary.as_ref() == Some(&read.name) {
            if !matches!(read.document.get("type").and_then(Value::as_str), Some("text" | "autonumber")) {
                return Err(one.wrong("IsPrimaryName", "the primary name is a StringAttributeMetadata"));
            }
            read.document.entry("searchable").or_insert(json!(true));
        }
        columns.push(read);
    }
    match primary.filter(|name| columns.iter().any(|column| column.name == *name)) {
        Some(name) => document.insert("primary_name".to_owned(), json!(name)),
        None => {
            return Err(sent.wrong(
                "Attributes",
                "send the column of the primary name: a StringAttributeMetadata with IsPrimaryName true",
            ));
        }
    };
    Ok(columns)
}

fn is_of_tables(sent: &Sent<'_>) -> Result<()> {
    match sent.kind()?.filter(|kind| *kind != "EntityMetadata") {
        Some(kind) => {
            Err(sent.wrong("@odata.type", &format!("send Microsoft.Dynamics.CRM.EntityMetadata, not '{kind}'")))
        }
        None => Ok(()),
    }
}
