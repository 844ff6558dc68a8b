//! Where a notification leads.

use model::{Model, Reference};
use serde_json::Value;
use store::Row;

/// Where a notification leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A record.
    Record(Reference),
    /// The list of a table: it tells of too many records to name one.
    List(String),
    /// A page of this site, as another program said.
    Page(String),
}

impl Target {
    /// Where the row leads; nowhere, where it says nothing of the kind.
    pub(super) fn of(model: &Model, row: &Row) -> Option<Self> {
        let table = row.text("objecttypecode");
        if !table.is_empty() {
            return Some(match row.value("objectid").as_id() {
                Some(id) => Self::Record(Reference::new(table, id)),
                None => Self::List(table.to_owned()),
            });
        }
        address(row.text("data")).and_then(|address| place(model, &address))
    }
}

/// The address of the first action that has one.
fn address(data: &str) -> Option<String> {
    let data: Value = serde_json::from_str(data).ok()?;
    let actions = data.get("actions")?.as_array()?;
    let url = |action: &Value| Some(action.get("data")?.get("url")?.as_str()?.to_owned());
    actions.iter().find_map(url)
}

/// A record as model-driven apps address it (`?pagetype=entityrecord&etn=lead&id=…`), or a page of this
/// site. Other sites are nowhere: a notification must not lead away from here.
fn place(model: &Model, address: &str) -> Option<Target> {
    let is_plain = |sign: char| !sign.is_control() && sign != '\\';
    if !address.chars().all(is_plain) {
        return None;
    }
    if let Some(query) = address.strip_prefix('?') {
        let value = |name: &str| query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        let (_, table) = value("etn").filter(|(_, table)| model.table(table).is_some())?;
        let (_, id) = value("id")?;
        return Some(Target::Record(Reference::new(table, id.trim_matches(['{', '}']).parse().ok()?)));
    }
    (address.starts_with('/') && !address.starts_with("//")).then(|| Target::Page(address.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads_to(url: &str) -> Option<Target> {
        let data = serde_json::json!({ "actions": [{ "title": "Open", "data": { "url": url } }] });
        Target::of(&Model::base(), &Row::new().with("data", data.to_string()))
    }

    #[test]
    fn another_program_leads_to_records_and_pages_of_this_site_only() {
        let id = uuid::Uuid::from_u128(7);
        let record = Target::Record(Reference::new("lead", id));
        assert_eq!(leads_to(&format!("?pagetype=entityrecord&etn=lead&id={id}")), Some(record));
        assert_eq!(leads_to("/leads?view=all"), Some(Target::Page("/leads?view=all".to_owned())));
        for elsewhere in
            ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "?etn=no&id=1"]
        {
            assert_eq!(leads_to(elsewhere), None, "{elsewhere}");
        }
    }
}
