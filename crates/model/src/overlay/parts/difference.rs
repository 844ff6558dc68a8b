//! What differs between a shipped declaration and the one somebody wants.

use serde_json::{Value as Json, json};

use super::{Document, Edited};
use crate::{ModelError, Problem};

/// The properties of `wanted` that differ from `shipped`. Differences in what cannot be changed
/// are refused, all together.
pub(super) fn between(place: &str, shipped: &Document, wanted: &Document, changeable: &[&str]) -> Edited<Document> {
    let mut differences = Document::new();
    let mut problems = Vec::new();
    let added = wanted.keys().filter(|name| !shipped.contains_key(*name));
    for name in shipped.keys().chain(added) {
        let (before, after) = (shipped.get(name), wanted.get(name));
        if before == after {
            continue;
        }
        let here = || format!("{place}: {name}");
        if !changeable.contains(&name.as_str()) {
            let message = match (before, after) {
                (Some(before), None) => format!("this is shipped as {before} and cannot be taken out; put it in"),
                (Some(before), Some(after)) => {
                    format!(
                        "this is shipped as {before} and cannot become {after}; only {} can be changed",
                        changeable.join(", ")
                    )
                }
                _ => format!("this cannot be said of something shipped; only {} can be changed", changeable.join(", ")),
            };
            problems.push(Problem::new(here(), message));
        } else if let Some(value) = after.cloned().or_else(|| implied(name)) {
            if Some(&value) != before {
                differences.insert(name.clone(), value);
            }
        } else if name == "default" {
            differences.insert("no_default".to_owned(), json!(true));
        } else {
            let before = before.cloned().unwrap_or_default();
            problems.push(Problem::new(here(), format!("this is missing; it is shipped as {before}")));
        }
    }
    if problems.is_empty() { Ok(differences) } else { Err(ModelError { problems }) }
}

/// What an absent property means.
fn implied(property: &str) -> Option<Json> {
    match property {
        "description" => Some(json!("")),
        "required" => Some(json!("none")),
        "searchable" | "secured" | "cascade_assign" | "cascade_share" => Some(json!(false)),
        "audited" | "importable" => Some(json!(true)),
        _ => None,
    }
}
