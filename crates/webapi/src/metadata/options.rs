//! The options of a column, as `OptionSetMetadata`.

use model::{Choice, ChoiceDeclaration, Column, ColumnType, Table};

use super::item::{Item, label, object};
use crate::wire::Json;

/// Whose options they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The column's own.
    Own,
    /// A choice that several tables share.
    Shared,
}

/// The options of a column of a table; none for a column without options.
pub fn of<'m>(table: &'m Table, column: &'m Column, named: Named) -> Item<'m> {
    let (kind, kind_name) = match column.value_type() {
        ColumnType::Boolean { .. } => ("BooleanOptionSetMetadata", "Boolean"),
        ColumnType::State => ("OptionSetMetadata", "State"),
        ColumnType::Status => ("OptionSetMetadata", "Status"),
        _ => ("OptionSetMetadata", "Picklist"),
    };
    let (id, name) = match named {
        Named::Own => (model::options_id(&table.name, &column.name), format!("{}_{}", table.name, column.name)),
        Named::Shared => (model::options_id("", &column.name), column.name.clone()),
    };
    let item = Item::new(kind, "MetadataId")
        .with("MetadataId", id.to_string())
        .with("Name", name)
        .with("IsGlobal", Json::Boolean(named == Named::Shared))
        .with("IsCustomOptionSet", Json::Boolean(column.custom))
        .with("IsManaged", Json::Boolean(!column.custom))
        .with("OptionSetType", kind_name)
        .with("DisplayName", label(&column.label))
        .with("Description", label(&column.description));
    match column.value_type() {
        ColumnType::Boolean { yes, no } => item
            .with("TrueOption", option((1, yes, None), column.custom, []))
            .with("FalseOption", option((0, no, None), column.custom, [])),
        ColumnType::State => item.with("Options", Json::List(states(table))),
        ColumnType::Status => item.with("Options", Json::List(statuses(table))),
        ColumnType::Choice { options } | ColumnType::MultiChoice { options } => {
            item.with("Options", choices(options, column.custom))
        }
        _ => item,
    }
}

/// A list of options of an organisation's own that columns share.
pub fn of_own<'m>(name: &str, choice: &ChoiceDeclaration) -> Item<'m> {
    Item::new("OptionSetMetadata", "MetadataId")
        .with("MetadataId", model::options_id("", name).to_string())
        .with("Name", name)
        .with("IsGlobal", Json::Boolean(true))
        .with("IsCustomOptionSet", Json::Boolean(true))
        .with("IsManaged", Json::Boolean(false))
        .with("OptionSetType", "Picklist")
        .with("DisplayName", label(&choice.label))
        .with("Description", label(&choice.description))
        .with("Options", choices(&choice.options, true))
}

fn choices(options: &[Choice], is_own: bool) -> Json {
    let told = options.iter().map(|choice| {
        let more = [("IsHidden", Json::Boolean(choice.hidden))];
        option((choice.value, &choice.label, choice.color.as_deref()), is_own, more)
    });
    Json::List(told.collect())
}

fn states(table: &Table) -> Vec<Json> {
    let states = table.states.iter().map(|state| {
        let more = [
            ("DefaultStatus", Json::Whole(state.default_status.into())),
            ("InvariantName", state.label.as_str().into()),
        ];
        of_type("StateOptionMetadata", option((state.value, &state.label, None), table.custom, more))
    });
    states.collect()
}

fn statuses(table: &Table) -> Vec<Json> {
    let statuses = table.states.iter().flat_map(|state| state.statuses.iter().map(move |status| (state, status)));
    let told = statuses.map(|(state, status)| {
        let more = [("State", Json::Whole(state.value.into())), ("TransitionData", Json::Null)];
        of_type(
            "StatusOptionMetadata",
            option((status.value, &status.label, status.color.as_deref()), table.custom, more),
        )
    });
    told.collect()
}

fn of_type(kind: &str, option: Json) -> Json {
    let Json::Object(mut members) = option else { return option };
    members.insert(0, ("@odata.type".into(), Json::Text(format!("#Microsoft.Dynamics.CRM.{kind}"))));
    Json::Object(members)
}

/// An option by number, label and colour; one that is shipped counts as managed.
fn option<const N: usize>(
    (value, text, color): (i32, &str, Option<&str>),
    is_own: bool,
    more: [(&'static str, Json); N],
) -> Json {
    let Json::Object(mut members) = object([
        ("Value", Json::Whole(value.into())),
        ("Label", label(text)),
        ("Description", label("")),
        ("Color", color.into()),
        ("IsManaged", Json::Boolean(!is_own)),
        ("ExternalValue", Json::Null),
        ("ParentValues", Json::List(Vec::new())),
    ]) else {
        return Json::Null;
    };
    members.extend(more.into_iter().map(|(name, value)| (name.into(), value)));
    Json::Object(members)
}
