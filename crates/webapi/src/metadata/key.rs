//! Alternate keys, as `EntityKeyMetadata`.

use model::{AlternateKey, Model, Table};

use super::item::{Item, label};
use crate::wire::Json;

/// The keys of a table.
pub fn all(table: &Table) -> Vec<Item<'_>> {
    let keys = table.keys.iter().map(|key| {
        let columns = key.columns.iter().map(|column| column.as_str().into()).collect();
        Item::new("EntityKeyMetadata", "MetadataId")
            .with("MetadataId", model::key_id(&table.name, &key.name).to_string())
            .with("LogicalName", key.name.as_str())
            .with("SchemaName", key.schema_name.as_ref().unwrap_or(&key.name).as_str())
            .with("EntityLogicalName", table.name.as_str())
            .with("KeyAttributes", Json::List(columns))
            .with("EntityKeyIndexStatus", "Active")
            .with("DisplayName", label(key.label.as_ref().unwrap_or(&key.name)))
            .with("IsManaged", Json::Boolean(!is_own(table, key)))
    });
    keys.collect()
}

/// True for a key that the organisation has made, on a table of its own or a shipped one.
fn is_own(table: &Table, key: &AlternateKey) -> bool {
    let Ok(shipped) = Model::shipped() else { return false };
    shipped.table(&table.name).is_none_or(|table| table.keys.iter().all(|other| other.name != key.name))
}
