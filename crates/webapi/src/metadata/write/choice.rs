//! Lists of options: those of a column, and those that columns share (`GlobalOptionSetDefinitions`).

use model::Model;
use serde_json::{Map, Value, json};

use super::{label, sent::Sent};
use crate::{
    error::Result,
    metadata::{NAMESPACE, shared},
    odata::{KeyPart, Literal},
    wire::parse_link,
};

/// Most options of a list.
const MOST: usize = 5_000;
const COLUMN_TYPES: &str = "Picklist";

/// The options of a new column: its own, or the name of a shared list.
pub fn of_column(sent: &Sent<'_>, document: &mut Map<String, Value>) -> Result<()> {
    if let Some(address) = sent.text("GlobalOptionSet@odata.bind")? {
        document.insert("choice".to_owned(), json!(bound(sent, address)?));
        return Ok(());
    }
    let missing = || sent.wrong("OptionSet", "this is missing; send {\"IsGlobal\": false, \"Options\": […]}");
    let set = sent.object("OptionSet")?.ok_or_else(missing)?;
    is_of_options(&set)?;
    if set.boolean("IsGlobal")? == Some(true) {
        document.insert("choice".to_owned(), json!(set.needed("Name")?));
        return Ok(());
    }
    document.insert("options".to_owned(), options(&set)?);
    Ok(())
}

/// The name of the list that an address names, or its identifier.
fn bound<'b>(sent: &Sent<'_>, address: &'b str) -> Result<std::borrow::Cow<'b, str>> {
    let name = "GlobalOptionSet@odata.bind";
    let link = parse_link(name, address)?;
    let form = "send /GlobalOptionSetDefinitions(Name='…') or /GlobalOptionSetDefinitions(MetadataId)";
    if link.set_name != "GlobalOptionSetDefinitions" {
        return Err(sent.wrong(name, form));
    }
    match link.key.as_slice() {
        [KeyPart { value: Literal::Guid(id), .. }] => Ok(id.to_string().into()),
        [KeyPart { name: Some(key), value: Literal::Text(text) }] if key == "Name" => Ok(text.clone().into()),
        _ => Err(sent.wrong(name, form)),
    }
}

/// Puts the name of a shared list where its identifier was sent.
pub fn resolve(document: &mut Map<String, Value>, model: &Model) {
    let Some(choice) = document.get("choice").and_then(Value::as_str) else { return };
    let found = shared::all(model).into_iter().find(|item| item.is("MetadataId", choice));
    if let Some(crate::wire::Json::Text(name)) = found.as_ref().and_then(|item| item.member("Name")) {
        document.insert("choice".to_owned(), json!(name));
    }
}

/// A new shared list: its name and declaration.
pub fn read(sent: &Sent<'_>) -> Result<(String, Map<String, Value>)> {
    is_of_options(sent)?;
    if sent.boolean("IsGlobal")? == Some(false) {
        return Err(sent.wrong("IsGlobal", "what is made here is global; a local list is made with its column"));
    }
    let mut document = Map::new();
    document.insert("label".to_owned(), json!(label::needed(sent, "DisplayName")?));
    if let Some(description) = label::read(sent, "Description", None)? {
        document.insert("description".to_owned(), json!(description));
    }
    document.insert("options".to_owned(), options(sent)?);
    Ok((sent.needed("Name")?.to_owned(), document))
}

fn is_of_options(set: &Sent<'_>) -> Result<()> {
    if let Some(kind) = set.kind()?.filter(|kind| *kind != "OptionSetMetadata") {
        return Err(set.wrong("@odata.type", &format!("send {NAMESPACE}OptionSetMetadata, not '{kind}'")));
    }
    match set.text("OptionSetType")?.filter(|kind| *kind != COLUMN_TYPES) {
        Some(kind) => Err(set.wrong("OptionSetType", &format!("send {COLUMN_TYPES}, not '{kind}'"))),
        None => Ok(()),
    }
}

/// Options in order. One without a number gets the next.
fn options(set: &Sent<'_>) -> Result<Value> {
    let options = set.objects("Options", MOST)?.unwrap_or_default();
    if options.is_empty() {
        return Err(set.wrong("Options", "send at least one: {\"Value\": 1, \"Label\": {\"LocalizedLabels\": […]}}"));
    }
    options.iter().map(option).collect::<Result<Vec<_>>>().map(Value::Array)
}

fn option(sent: &Sent<'_>) -> Result<Value> {
    let known = ["Value", "Label", "Color", "IsHidden", "Description", "IsManaged", "MetadataId", "HasChanged"];
    sent.nothing_beside(&known)?;
    let mut option = Map::new();
    option.insert("label".to_owned(), json!(label::needed(sent, "Label")?));
    if let Some(value) = sent.whole("Value")? {
        option.insert("value".to_owned(), json!(value));
    }
    if let Some(color) = color(sent)? {
        option.insert("color".to_owned(), json!(color));
    }
    if sent.boolean("IsHidden")? == Some(true) {
        option.insert("hidden".to_owned(), json!(true));
    }
    if label::read(sent, "Description", None)?.is_some_and(|text| !text.is_empty()) {
        return Err(sent.wrong("Description", "options have none here; leave it out"));
    }
    Ok(Value::Object(option))
}

/// The name of a colour.
pub fn color<'b>(sent: &Sent<'b>) -> Result<Option<&'b str>> {
    let color = sent.text("Color")?.filter(|color| !color.is_empty());
    match color.filter(|color| !color.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')) {
        Some(_) => {
            Err(sent.wrong("Color", "colours are names of the design, such as green; write one, or leave it out"))
        }
        None => Ok(color),
    }
}
