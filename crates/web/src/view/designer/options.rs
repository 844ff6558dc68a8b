//! What can be chosen in the designer's forms.

use language::{spoken, tr, translated};
use model::{Column, ColumnType, Model, Process, StageCategory, StageStep, StepAction, Table, TableKind};

use super::category;
use crate::{
    components::fields::ChoiceOption,
    view::{navigation, order::by_label},
};

const CATEGORIES: [StageCategory; 8] = [
    StageCategory::Qualify,
    StageCategory::Develop,
    StageCategory::Propose,
    StageCategory::Close,
    StageCategory::Identify,
    StageCategory::Research,
    StageCategory::Resolve,
    StageCategory::Approval,
];

const ACTIONS: [StepAction; 8] = [
    StepAction::Qualify,
    StepAction::CloseAsWon,
    StepAction::CloseAsLost,
    StepAction::AddTask,
    StepAction::AddPhonecall,
    StepAction::AddAppointment,
    StepAction::AddEmail,
    StepAction::AddNote,
];

/// The phases of the pipeline.
pub(crate) fn categories(chosen: Option<&str>) -> Vec<ChoiceOption> {
    let option = |known: StageCategory| {
        let value = category(known);
        ChoiceOption { chosen: chosen == Some(value.as_str()), label: super::phase(known), value }
    };
    CATEGORIES.map(option).into()
}

/// The phase that was chosen.
pub(crate) fn category_named(name: &str) -> Option<StageCategory> {
    CATEGORIES.into_iter().find(|known| category(*known) == name)
}

/// Tables whose records can be led through stages; those of selling first.
pub(crate) fn tables(model: &Model, chosen: &str) -> Vec<ChoiceOption> {
    let business = |table: &&std::sync::Arc<Table>| table.kind == TableKind::Standard && table.importable;
    let mut tables: Vec<&Table> = model.tables.values().filter(business).map(AsRef::as_ref).collect();
    tables.sort_by_key(|table| (navigation::rank(table), by_label(&translated(&table.label))));
    let option = |table: &Table| ChoiceOption {
        value: table.name.clone(),
        label: translated(&table.label).into_owned(),
        chosen: table.name == chosen,
    };
    let mut options: Vec<ChoiceOption> = tables.into_iter().map(option).collect();
    if !chosen.is_empty() && !options.iter().any(|option| option.chosen) {
        let label = super::table_label(model, chosen);
        options.push(ChoiceOption { value: chosen.to_owned(), label, chosen: true });
    }
    options
}

/// Lookups that lead from one table to another that the flow works on: `opportunity/originatingleadid`.
pub(crate) fn lookups(model: &Model, process: &Process, chosen: &str) -> Vec<ChoiceOption> {
    let mut options = Vec::new();
    for offered in tables(model, "") {
        let Some(table) = model.table(&offered.value).filter(|table| table.name != process.table) else { continue };
        let leads_back = |column: &&Column| column.targets().iter().any(|target| process.works_on(target));
        for column in table.columns.values().filter(leads_back) {
            let value = format!("{}/{}", table.name, column.name);
            let label = format!("{}: {}", translated(&table.label), translated(&column.label));
            options.push(ChoiceOption { chosen: value == chosen, value, label });
        }
    }
    options
}

/// Columns and actions that a step can be, each as it is sent.
pub(crate) fn steps(table: &Table, chosen: &str) -> Vec<ChoiceOption> {
    let fits = |column: &&Column| {
        !matches!(
            column.kind,
            ColumnType::Id | ColumnType::PartyList { .. } | ColumnType::File { .. } | ColumnType::Image { .. }
        )
    };
    let mut columns: Vec<&Column> = table.columns.values().filter(fits).collect();
    columns.sort_by_key(|column| by_label(&translated(&column.label)));
    let column = |column: &Column| ChoiceOption {
        value: column.name.clone(),
        label: translated(&column.label).into_owned(),
        chosen: column.name == chosen,
    };
    actions(table, chosen).into_iter().chain(columns.into_iter().map(column)).collect()
}

/// The actions that can be done on a table.
fn actions(table: &Table, chosen: &str) -> Vec<ChoiceOption> {
    let fits = |action: &StepAction| action.table().is_none_or(|only| only == table.name);
    let option = |action: StepAction| {
        let value = action_value(action);
        ChoiceOption { chosen: value == chosen, value, label: tr!("Button: {}", spoken(action.label())) }
    };
    ACTIONS.into_iter().filter(fits).map(option).collect()
}

fn action_value(action: StepAction) -> String {
    let name = serde_json::to_value(action).ok().and_then(|name| name.as_str().map(str::to_owned));
    format!("action:{}", name.unwrap_or_default())
}

/// A step as its form sends it.
pub(crate) fn chosen_of(step: &StageStep) -> String {
    step.action.map_or_else(|| step.column.clone(), action_value)
}

/// The action that was chosen; none for a column.
pub(crate) fn action_named(value: &str) -> Option<StepAction> {
    ACTIONS.into_iter().find(|action| action_value(*action) == value)
}
