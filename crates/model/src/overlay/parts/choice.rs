//! Lists of options as parts, of one column or shared, and single options of them.

use serde_json::{Value as Json, json};

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, address::number, column, read, refuse, write};
use crate::{
    Choice, ChoiceDeclaration, ColumnChange, ModelError, Problem,
    files::Declarations,
    overlay::edit::{FIRST_OWN_NUMBER, next},
};

pub(super) fn show(laid: &Laid<'_>, path: &[&str]) -> Edited<Found> {
    match path {
        [name] => {
            let found = laid.overlay.choices.get(*name);
            found.map(|choice| Ok((PartOrigin::Own, Json::Object(write(name, choice)?)))).transpose()
        }
        [table, column] => {
            let Some((options, shared)) = options_of(laid, table, column) else { return Ok(None) };
            if let Some(shared) = shared {
                return refuse(
                    format!("choice {table}/{column}"),
                    format!("this column takes its options from the shared choice {shared}; see choice {shared}"),
                );
            }
            Ok(Some((origin(laid, table, column), json!({ "options": options }))))
        }
        _ => Ok(None),
    }
}

/// The options of a column, and the shared choice they come from.
fn options_of<'a>(laid: &'a Laid<'_>, table: &str, column: &str) -> Option<(&'a [Choice], Option<&'a str>)> {
    let column = laid.declared.tables.get(table)?.columns.get(column)?;
    let choice = matches!(column.kind, crate::ColumnKind::Choice | crate::ColumnKind::MultiChoice);
    choice.then_some((column.options.as_slice(), column.choice.as_deref()))
}

pub(super) fn origin(laid: &Laid<'_>, table: &str, column: &str) -> PartOrigin {
    if !laid.shipped(table).is_some_and(|shipped| shipped.columns.contains_key(column)) {
        return PartOrigin::Own;
    }
    let change = laid.overlay.tables.get(table).and_then(|change| change.column_changes.get(column));
    let changed = change.is_some_and(|change| {
        !change.options.is_empty() || !change.hidden_options.is_empty() || !change.option_order.is_empty()
    });
    if changed { PartOrigin::Changed } else { PartOrigin::Shipped }
}

pub(super) fn put(overlay: &mut Overlay, place: &str, path: &[&str], document: &Document) -> Edited {
    match path {
        [name] => {
            let present = overlay.choices.get(*name).map(|choice| choice.options.clone()).unwrap_or_default();
            let mut document = document.clone();
            if let Some(options) = document.get_mut("options") {
                number_options(place, options, &present, 1)?;
            }
            let choice: ChoiceDeclaration = read(place, &document)?;
            overlay.choices.insert((*name).to_owned(), choice);
            Ok(())
        }
        [table, name] => {
            if let Some(foreign) = document.keys().find(|property| *property != "options") {
                return refuse(
                    format!("{place}: {foreign}"),
                    format!("of a column's choice only options are put here; put column {table}/{name} for the rest"),
                );
            }
            let laid = Laid::of(overlay)?;
            show(&laid, path)?.map_or_else(|| refuse(place, "there is no such choice column"), Ok)?;
            let Some(mut whole) = column::document(&laid, table, name)? else {
                return refuse(place, "there is no such choice column");
            };
            whole.extend(document.clone());
            column::put(overlay, place, table, name, &whole)
        }
        _ => refuse(place, "there is no such choice"),
    }
}

pub(super) fn remove(overlay: &mut Overlay, place: &str, path: &[&str]) -> Edited {
    match path {
        [name] => {
            overlay.choices.shift_remove(*name);
            Ok(())
        }
        [table, name] => {
            if column::own(overlay, table, name).is_some() {
                return refuse(place, format!("a choice column goes as a whole; remove column {table}/{name}"));
            }
            let changes = overlay.tables.get_mut(*table).and_then(|change| change.column_changes.get_mut(*name));
            if let Some(change) = changes {
                change.options.clear();
                change.hidden_options.clear();
                change.option_order.clear();
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

pub(super) fn show_option(laid: &Laid<'_>, path: &[&str], value: &str) -> Edited<Found> {
    let place = format!("option {}/{value}", path.join("/"));
    let Some(value) = number(&place, value)? else { return Ok(None) };
    let Some((_, document)) = show(laid, path)? else { return Ok(None) };
    let options: Vec<Choice> = parse_options(&place, &document)?;
    let Some(option) = options.into_iter().find(|option| option.value == value) else { return Ok(None) };
    let origin = option_origin(path, &option);
    Ok(Some((origin, Json::Object(write(&place, &option)?))))
}

pub(super) fn option_origin(path: &[&str], option: &Choice) -> PartOrigin {
    let shipped = shipped_options(path).unwrap_or_default();
    match shipped.iter().find(|shipped| shipped.value == option.value) {
        None => PartOrigin::Own,
        Some(shipped) if shipped == option => PartOrigin::Shipped,
        Some(_) => PartOrigin::Changed,
    }
}

fn shipped_options(path: &[&str]) -> Edited<&'static [Choice]> {
    let [table, column] = path else { return Ok(&[]) };
    let column = Declarations::base()?.tables.get(*table).and_then(|table| table.columns.get(*column));
    Ok(column.map_or(&[], |column| column.options.as_slice()))
}

fn parse_options(place: &str, document: &Json) -> Edited<Vec<Choice>> {
    let options = document.get("options").cloned().unwrap_or_default();
    serde_json::from_value(options).map_err(|error| Problem::new(place, error.to_string()).into())
}

/// Adds an option at the end or changes it in its place; returns its number.
pub(super) fn put_option(
    overlay: &mut Overlay,
    place: &str,
    path: &[&str],
    value: &str,
    document: &Document,
) -> Edited<i32> {
    let wanted = number(place, value)?;
    let laid = Laid::of(overlay)?;
    let Some((_, mut choice)) = show(&laid, path)? else { return refuse(place, "there is no such choice") };
    let mut options = parse_options(place, &choice)?;
    let shipped = shipped_options(path)?;
    let first = if shipped.is_empty() { 1 } else { FIRST_OWN_NUMBER };
    let value = match wanted {
        Some(value) => value,
        None => next(place, first, options.iter().map(|option| option.value))?,
    };
    let mut document = document.clone();
    document.insert("value".to_owned(), json!(value));
    let option: Choice = read(place, &document)?;
    match options.iter_mut().find(|known| known.value == value) {
        Some(known) => *known = option,
        None => options.push(option),
    }
    choice["options"] = json!(options);
    let Json::Object(choice) = choice else { return refuse(place, "there is no such choice") };
    put(overlay, place, path, &choice)?;
    Ok(value)
}

/// Removes an own option, or gives a shipped one its shipped label back.
pub(super) fn remove_option(overlay: &mut Overlay, place: &str, path: &[&str], value: &str) -> Edited {
    let Some(value) = number(place, value)? else { return refuse(place, "say which number") };
    let laid = Laid::of(overlay)?;
    let Some((_, mut choice)) = show(&laid, path)? else { return Ok(()) };
    let mut options = parse_options(place, &choice)?;
    let shipped = shipped_options(path)?.iter().find(|shipped| shipped.value == value);
    match (options.iter().position(|option| option.value == value), shipped) {
        (Some(position), Some(shipped)) => options[position] = shipped.clone(),
        (Some(position), None) => drop(options.remove(position)),
        (None, _) => return Ok(()),
    }
    choice["options"] = json!(options);
    let Json::Object(choice) = choice else { return Ok(()) };
    put(overlay, place, path, &choice)
}

/// Options may be written without their number, or as their label alone: one that is known by
/// its label keeps its number, the others get the next.
pub(super) fn number_options(place: &str, options: &mut Json, present: &[Choice], first: i32) -> Edited {
    let Json::Array(options) = options else { return Ok(()) };
    let given = options.iter().filter_map(|option| option.get("value")?.as_i64());
    let given: Vec<i32> = given.filter_map(|value| i32::try_from(value).ok()).collect();
    let mut used: Vec<i32> = present.iter().map(|option| option.value).chain(given).collect();
    for option in options {
        if let Json::String(label) = option {
            *option = json!({ "label": label });
        }
        let Json::Object(object) = option else { continue };
        if object.contains_key("value") {
            continue;
        }
        let label = object.get("label").and_then(Json::as_str).unwrap_or_default();
        let known = present.iter().find(|known| known.label == label);
        let value = match known {
            Some(known) => known.value,
            None => next(place, first, used.iter().copied())?,
        };
        used.push(value);
        object.insert("value".to_owned(), json!(value));
    }
    Ok(())
}

/// What has to be said so that `wanted` comes of the shipped options.
pub(super) fn change_options(place: &str, shipped: &[Choice], wanted: &[Choice], change: &mut ColumnChange) -> Edited {
    let mut problems = Vec::new();
    for lost in shipped.iter().filter(|option| !wanted.iter().any(|it| it.value == option.value)) {
        let message = format!(
            "option {} ({}) is shipped and cannot be removed; put it with hidden = true, so that it is no longer offered",
            lost.value, lost.label
        );
        problems.push(Problem::new(format!("{place}: options"), message));
    }
    for option in wanted {
        match shipped.iter().find(|known| known.value == option.value) {
            Some(known) if known == option => {}
            Some(known) if (Choice { hidden: true, ..known.clone() }) == *option => {
                change.hidden_options.push(option.value);
            }
            None if option.value < FIRST_OWN_NUMBER => problems.push(Problem::new(
                format!("{place}: options"),
                format!(
                    "an own option of a shipped choice has a number from {FIRST_OWN_NUMBER} on, not {}, so that no later release gets in the way; leave the number out to have one chosen",
                    option.value
                ),
            )),
            Some(_) | None => change.options.push(option.clone()),
        }
    }
    let own = change.options.iter().filter(|option| !shipped.iter().any(|known| known.value == option.value));
    let natural = shipped.iter().chain(own).map(|option| option.value);
    if !natural.eq(wanted.iter().map(|option| option.value)) {
        change.option_order = wanted.iter().map(|option| option.value).collect();
    }
    if problems.is_empty() { Ok(()) } else { Err(ModelError { problems }) }
}
