//! The editor of a single filter, in the popover of a list.

use crm::reading::Names;
use language::tr;
use model::{Column, Model, Table};

use super::{
    Part,
    condition::{Condition, operator_name, operator_named},
    offered::{self, Place},
    values::ValueFields,
};
use crate::{
    components::FilterEditor,
    posted::Typed,
    session::Me,
    view::{
        list::List,
        operators::{label, operators},
    },
};

/// The editor of a filter, with what was chosen so far: of a new one, or of the one at the position
/// `edit`.
pub(crate) fn editor(
    me: &Me,
    model: &Model,
    names: &Names,
    table: &Table,
    list: &List,
    chosen: &Typed,
) -> FilterEditor {
    let position = chosen.get("edit").and_then(|position| position.parse::<usize>().ok());
    let edited = position.and_then(|position| list.filters.get(position)).and_then(|part| match part {
        Part::Condition(condition) => Some(condition),
        _ => None,
    });
    let in_view = list
        .view(table)
        .and_then(|view| view.columns.iter().find(|column| column.column.is_own()).map(|c| c.column.column.clone()));
    let editor = condition_editor(me, model, names, table, chosen, edited, in_view.as_deref());
    let mut hidden: Vec<(String, String)> =
        list.beginning().parameters().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    hidden.extend(position.map(|position| ("edit".to_owned(), position.to_string())));
    hidden.extend(editor.hidden.iter().cloned());
    FilterEditor {
        refresh: format!("/{}/filter", table.set_name),
        action: list.path(table),
        hidden,
        submit: if position.is_some() { tr!("Change filter") } else { tr!("Apply filter") },
        ..editor
    }
}

/// What one condition is chosen by, as far as it was chosen or as the one that is changed has it; of
/// the column `first` where neither says which. Where it leads is for the page to say.
pub(crate) fn condition_editor(
    me: &Me,
    model: &Model,
    names: &Names,
    table: &Table,
    chosen: &Typed,
    edited: Option<&Condition>,
    first: Option<&str>,
) -> FilterEditor {
    let wanted = chosen.get("filter_column").or(edited.map(|edited| edited.column.as_str())).unwrap_or_default();
    // A filter on a column of a related row is changed among the columns of that row.
    let place = Place::of(model, table, wanted).or_else(|| Place::of(model, table, ""));
    let Some(place) = place else { return FilterEditor::default() };
    let columns = place.columns(me, offered::can_filter);
    let named = |column: &Column| place.path(&column.name).to_string();
    let column = columns
        .iter()
        .find(|column| named(column) == wanted)
        .or_else(|| columns.iter().find(|column| Some(column.name.as_str()) == first))
        .or_else(|| columns.first())
        .copied();
    let Some(column) = column else { return FilterEditor::default() };
    let offered = operators(column);
    let name = named(column);
    let same_column = edited.filter(|edited| edited.column == name);
    let operator = operator_named(chosen.text("filter_operator"))
        .or(same_column.map(|edited| edited.operator))
        .filter(|operator| offered.contains(operator))
        .unwrap_or(offered[0]);
    let texts = shown_values(me, column, &name, chosen, same_column);
    FilterEditor {
        hidden: vec![("filter_was".to_owned(), name.clone())],
        columns: columns.iter().map(|c| (named(c), c.label.clone(), c.name == column.name)).collect(),
        operators: offered
            .iter()
            .map(|offer| (operator_name(*offer), label(*offer, column).replace('X', "…"), *offer == operator))
            .collect(),
        values: ValueFields { me, model, names, texts: &texts }.of("filter_value", place.table, column, operator),
        ..FilterEditor::default()
    }
}

/// The values that the editor begins with: those typed for the same column, else those of the
/// filter that is changed, as the person writes them.
fn shown_values(me: &Me, column: &Column, name: &str, chosen: &Typed, edited: Option<&Condition>) -> Vec<String> {
    if chosen.text("filter_was") == name {
        let second = chosen.get("filter_value_2").map(str::to_owned);
        return chosen.all("filter_value").map(str::to_owned).chain(second).collect();
    }
    edited.map(|edited| edited.shown(me, column)).unwrap_or_default()
}
