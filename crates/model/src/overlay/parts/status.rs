//! Status reasons as parts.

use serde_json::{Value as Json, json};

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, address::number, read, refuse};
use crate::{
    State, Status, StatusChange,
    files::Declarations,
    overlay::edit::{FIRST_OWN_NUMBER, next},
};

pub(super) fn show(laid: &Laid<'_>, table: &str, value: &str) -> Edited<Found> {
    let place = format!("status {table}/{value}");
    let Some(value) = number(&place, value)? else { return Ok(None) };
    let Some(declared) = laid.declared.tables.get(table) else { return Ok(None) };
    let Some(document) = document(&declared.states, value) else { return Ok(None) };
    Ok(Some((origin(laid, table, value), Json::Object(document))))
}

fn document(states: &[State], value: i32) -> Option<Document> {
    let state = states.iter().find(|state| state.statuses.iter().any(|status| status.value == value))?;
    let status = state.statuses.iter().find(|status| status.value == value)?;
    let mut document = Document::new();
    document.insert("state".to_owned(), json!(state.value));
    document.insert("label".to_owned(), json!(status.label));
    if let Some(color) = &status.color {
        document.insert("color".to_owned(), json!(color));
    }
    if state.default_status == value {
        document.insert("default".to_owned(), json!(true));
    }
    Some(document)
}

pub(super) fn origin(laid: &Laid<'_>, table: &str, value: i32) -> PartOrigin {
    if laid.shipped(table).is_none_or(|table| document(&table.states, value).is_none()) {
        return PartOrigin::Own;
    }
    let changes = laid.overlay.tables.get(table).map_or(&[][..], |change| &change.statuses);
    if changes.iter().any(|it| it.value == value) { PartOrigin::Changed } else { PartOrigin::Shipped }
}

pub(super) fn put(overlay: &mut Overlay, place: &str, table: &str, value: &str, wanted: &Document) -> Edited<i32> {
    let value = number(place, value)?;
    let laid = Laid::of(overlay)?;
    let Some(declared) = laid.declared.tables.get(table) else {
        return refuse(place, format!("there is no table {table}"));
    };
    let used = declared.states.iter().flat_map(|state| &state.statuses).map(|status| status.value);
    let first = if laid.is_own_table(table) { 1 } else { FIRST_OWN_NUMBER };
    let value = match value {
        Some(value) => value,
        None => next(place, first, used)?,
    };
    let mut complete = wanted.clone();
    complete.insert("value".to_owned(), json!(value));
    let change: StatusChange = read(place, &complete)?;
    if let Some(own) = overlay.new_tables.get_mut(table) {
        put_own(place, &mut own.states, change)?;
        return Ok(value);
    }
    let shipped = Declarations::base()?.tables.get(table).map_or(&[][..], |table| &table.states);
    let as_shipped = document(shipped, value);
    if as_shipped.is_none() && value < FIRST_OWN_NUMBER {
        let message = format!(
            "an own status reason of a shipped table has a number from {FIRST_OWN_NUMBER} on, so that no later release gets in the way; write next to have one chosen"
        );
        return refuse(place, message);
    }
    let statuses = &mut overlay.change_table(table)?.statuses;
    statuses.retain(|it| it.value != value);
    if as_shipped.as_ref() != Some(wanted) {
        statuses.push(change);
    }
    Ok(value)
}

fn put_own(place: &str, states: &mut [State], wanted: StatusChange) -> Edited {
    let elsewhere =
        |state: &State| state.value != wanted.state && state.statuses.iter().any(|it| it.value == wanted.value);
    if states.iter().any(elsewhere) {
        return refuse(place, "this status reason belongs to another state");
    }
    let Some(state) = states.iter_mut().find(|state| state.value == wanted.state) else {
        return refuse(place, format!("there is no state {}", wanted.state));
    };
    let status = Status { value: wanted.value, label: wanted.label, color: wanted.color };
    match state.statuses.iter_mut().find(|known| known.value == status.value) {
        Some(known) => *known = status,
        None => state.statuses.push(status),
    }
    if wanted.default {
        state.default_status = wanted.value;
    }
    Ok(())
}

pub(super) fn remove(overlay: &mut Overlay, place: &str, table: &str, value: &str) -> Edited {
    let Some(value) = number(place, value)? else { return refuse(place, "say which number") };
    if let Some(own) = overlay.new_tables.get_mut(table) {
        own.states.iter_mut().for_each(|state| state.statuses.retain(|status| status.value != value));
    } else if let Some(change) = overlay.tables.get_mut(table) {
        change.statuses.retain(|status| status.value != value);
    }
    Ok(())
}
