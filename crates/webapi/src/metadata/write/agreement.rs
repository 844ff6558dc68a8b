//! That a definition is what was asked for: whatever a body says is told of what came of it, or refused.

use serde_json::Value;

use super::sent::{Sent, decimal};
use crate::{
    error::{Error, Result},
    metadata::{Item, item::Related},
    wire::Json,
};

/// What concerns only the apps of Dataverse: it is taken and has no effect.
const WITHOUT_EFFECT: [&str; 32] = [
    "AssociatedMenuConfiguration",
    "AutoCreateAccessTeams",
    "CanBeInManyToMany",
    "CanBePrimaryEntityInRelationship",
    "CanBeRelatedEntityInRelationship",
    "CanCreateAttributes",
    "CanCreateCharts",
    "CanCreateForms",
    "CanCreateViews",
    "CanModifyAdditionalSettings",
    "CanTriggerWorkflow",
    "ColumnNumber",
    "Entity1AssociatedMenuConfiguration",
    "Entity2AssociatedMenuConfiguration",
    "HasChanged",
    "ImeMode",
    "IntroducedVersion",
    "IsAvailableOffline",
    "IsConnectionsEnabled",
    "IsDocumentManagementEnabled",
    "IsGlobalFilterEnabled",
    "IsMailMergeEnabled",
    "IsMappable",
    "IsOfflineInMobileClient",
    "IsReadOnlyInMobileClient",
    "IsRenameable",
    "IsRequiredForForm",
    "IsSortableEnabled",
    "IsValidForForm",
    "IsValidForGrid",
    "IsVisibleInMobile",
    "IsVisibleInMobileClient",
];

/// Refuses what `sent` says otherwise than `item`, except for members that were `judged` already.
pub fn demand(sent: &Sent<'_>, item: &Item<'_>, judged: &[&str]) -> Result<()> {
    for name in sent.members.keys().filter(|name| !judged.contains(&name.as_str())) {
        if differs(sent, item, name) {
            return Err(refusal(sent, item, name));
        }
    }
    Ok(())
}

/// Whether a body says something else about a member than `item` does.
pub fn differs(sent: &Sent<'_>, item: &Item<'_>, name: &str) -> bool {
    let Some(value) = sent.get(name) else { return false };
    if WITHOUT_EFFECT.contains(&name) || (name.contains('@') && !name.ends_with("@odata.bind")) {
        return false;
    }
    match item.member(name) {
        Some(told) => !agrees(value, told),
        None => match item.lead(name) {
            Some(Related::One(Some(one))) => !agrees(value, &one.whole()),
            _ => !is_neutral(value),
        },
    }
}

fn refusal(sent: &Sent<'_>, item: &Item<'_>, name: &str) -> Error {
    let value = sent.members.get(name).map(ToString::to_string).unwrap_or_default();
    let value: String = value.chars().take(200).collect();
    let message = match (name, item.member(name)) {
        ("OptionSet", _) => {
            "options are not changed here; InsertOptionValue, UpdateOptionValue, DeleteOptionValue and OrderOption change them".to_owned()
        }
        (_, Some(told)) => {
            let told = String::from_utf8_lossy(&told.to_bytes()).chars().take(200).collect::<String>();
            format!("this cannot become {value}; it is {told}")
        }
        (_, None) => format!("this cannot be {value} here; leave it out"),
    };
    Error::BadRequest(format!("{}: {message}", sent.place_of(name)))
}

/// Whether what is sent says nothing else than what is told.
fn agrees(sent: &Value, told: &Json) -> bool {
    match (sent, told) {
        (Value::Null, _) => true,
        (Value::Bool(sent), Json::Boolean(told)) => sent == told,
        (Value::Number(_), Json::Whole(told)) => decimal(sent) == Some((*told).into()),
        (Value::Number(_), Json::Decimal(told)) => decimal(sent) == Some(*told),
        (Value::String(sent), Json::Text(told)) => sent == told,
        (Value::Array(sent), Json::List(told)) => {
            sent.len() == told.len() && sent.iter().zip(told).all(|(sent, told)| agrees(sent, told))
        }
        (Value::Object(sent), Json::Object(told)) => sent.iter().all(|(name, value)| {
            let found = told.iter().find(|(own, _)| **own == **name).map(|(_, value)| value);
            // Languages, and whether a property may be changed later, are matters of their own.
            let is_judged = name.contains('@')
                || matches!(
                    name.as_str(),
                    "CanBeChanged" | "ManagedPropertyLogicalName" | "UserLocalizedLabel" | "MetadataId" | "HasChanged"
                );
            match found {
                _ if is_judged => true,
                Some(Json::List(told)) if name == "LocalizedLabels" => has_labels(value, told),
                Some(told) => agrees(value, told),
                None => is_neutral(value),
            }
        }),
        (sent, Json::Null) => is_neutral(sent),
        _ => false,
    }
}

/// Every text that is sent is told, in whatever language.
fn has_labels(sent: &Value, told: &[Json]) -> bool {
    let texts = || {
        told.iter().filter_map(|label| match label {
            Json::Object(members) => members.iter().find(|(name, _)| &**name == "Label").map(|(_, text)| text),
            _ => None,
        })
    };
    let is_told = |label: &Value| {
        let Some(sent) = label.get("Label").and_then(Value::as_str).map(str::trim) else { return true };
        sent.is_empty() || texts().any(|told| matches!(told, Json::Text(told) if told == sent))
    };
    sent.as_array().is_none_or(|labels| labels.iter().all(is_told))
}

/// Whether it says nothing.
pub fn is_neutral(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => matches!(number.as_i64(), Some(0 | -1)),
        Value::String(text) => matches!(text.as_str(), "" | "None" | "NoCascade"),
        Value::Array(items) => items.iter().all(is_neutral),
        Value::Object(members) => members.iter().all(|(name, value)| {
            name.contains('@')
                || matches!(name.as_str(), "CanBeChanged" | "ManagedPropertyLogicalName")
                || is_neutral(value)
        }),
    }
}
