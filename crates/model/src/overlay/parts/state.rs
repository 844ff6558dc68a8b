//! States (the options of `statecode`) as parts: of a shipped one the label can be another; of an
//! own table's also whether it is closed, and the status reason a row gets with it.

use serde_json::{Value as Json, json};

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, address::number, difference, read, refuse, write};
use crate::{State, files::Declarations};

pub(super) fn show(laid: &Laid<'_>, table: &str, value: &str) -> Edited<Found> {
    let place = format!("state {table}/{value}");
    let Some(value) = number(&place, value)? else { return Ok(None) };
    let state = laid.declared.tables.get(table).and_then(|declared| find(&declared.states, value));
    let Some(state) = state else { return Ok(None) };
    Ok(Some((origin(laid, table, value), Json::Object(document(&place, state)?))))
}

fn find(states: &[State], value: i32) -> Option<&State> {
    states.iter().find(|state| state.value == value)
}

/// What is said of the state itself; its status reasons are parts of their own.
fn document(place: &str, state: &State) -> Edited<Document> {
    let mut document = write(place, state)?;
    document.retain(|property, _| matches!(property.as_str(), "label" | "default_status" | "closed"));
    Ok(document)
}

pub(super) fn origin(laid: &Laid<'_>, table: &str, value: i32) -> PartOrigin {
    if laid.is_own_table(table) {
        return PartOrigin::Own;
    }
    let change = laid.overlay.tables.get(table);
    let changed = change.is_some_and(|change| change.state_labels.contains_key(&value.to_string()));
    if changed { PartOrigin::Changed } else { PartOrigin::Shipped }
}

pub(super) fn put(overlay: &mut Overlay, place: &str, table: &str, value: &str, wanted: &Document) -> Edited {
    let Some(value) = number(place, value)? else { return refuse(place, "say which number") };
    let absent = || format!("there is no state {value}; the states of an own table are declared with the table");
    if let Some(own) = overlay.new_tables.get_mut(table) {
        let Some(state) = own.states.iter_mut().find(|state| state.value == value) else {
            return refuse(place, absent());
        };
        let mut complete = wanted.clone();
        complete.insert("value".to_owned(), json!(value));
        complete.entry("default_status").or_insert_with(|| json!(state.default_status));
        complete.insert("statuses".to_owned(), json!(state.statuses));
        *state = read(place, &complete)?;
        return Ok(());
    }
    let Some(shipped) = Declarations::base()?.tables.get(table) else {
        return refuse(place, format!("there is no table {table}"));
    };
    let Some(state) = find(&shipped.states, value) else { return refuse(place, absent()) };
    let as_shipped = document(place, state)?;
    // The label alone is enough.
    let mut complete = as_shipped.clone();
    complete.extend(wanted.clone());
    let differences = difference::between(place, &as_shipped, &complete, &["label"])?;
    let labels = &mut overlay.change_table(table)?.state_labels;
    labels.shift_remove(&value.to_string());
    match differences.get("label") {
        None => {}
        Some(Json::String(label)) if !label.trim().is_empty() => {
            labels.insert(value.to_string(), label.clone());
        }
        Some(_) => return refuse(format!("{place}: label"), "a label is text, and not empty"),
    }
    Ok(())
}

pub(super) fn remove(overlay: &mut Overlay, place: &str, table: &str, value: &str) -> Edited {
    let Some(value) = number(place, value)? else { return refuse(place, "say which number") };
    if overlay.new_tables.contains_key(table) {
        return refuse(place, "this state belongs to its table; put the table without it");
    }
    if let Some(change) = overlay.tables.get_mut(table) {
        change.state_labels.shift_remove(&value.to_string());
    }
    Ok(())
}
