//! Alternate keys: `EntityKeyMetadata` read as a declaration.

use serde_json::{Value, json};

use super::{column::logical_name, label, sent::Sent};
use crate::error::Result;

/// Members that are read here.
pub const JUDGED: [&str; 2] = ["DisplayName", "KeyAttributes"];

/// A key's logical name and declaration.
pub fn read(sent: &Sent<'_>) -> Result<(String, Value)> {
    if let Some(kind) = sent.kind()?.filter(|kind| *kind != "EntityKeyMetadata") {
        return Err(sent.wrong("@odata.type", &format!("send Microsoft.Dynamics.CRM.EntityKeyMetadata, not '{kind}'")));
    }
    let (name, schema_name) = logical_name(sent)?;
    let missing = || sent.wrong("KeyAttributes", "send the logical names of columns: [\"new_code\"]");
    let columns = sent.get("KeyAttributes").and_then(Value::as_array).ok_or_else(missing)?;
    let columns = columns.iter().map(|column| column.as_str().map(str::to_lowercase).ok_or_else(missing));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let mut document = json!({ "columns": columns });
    if schema_name != name {
        document["schema_name"] = json!(schema_name);
    }
    if let Some(label) = label::read(sent, "DisplayName", None)?.filter(|label| !label.is_empty()) {
        document["label"] = json!(label);
    }
    Ok((name, document))
}
