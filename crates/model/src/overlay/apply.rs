//! The shipped declarations with an overlay laid over them.

use super::{ColumnChange, MappingChange, StatusChange, TableChange};
use crate::{
    Choice, ColumnDeclaration, ColumnKind, Form, ModelError, Overlay, Problem, Process, RequiredLevel, State, Status,
    Summary, TableDeclaration, TableKind, TableMapping, View,
    files::{Declarations, include},
    validate::has_prefix,
};

impl Overlay {
    /// What is declared once this overlay is laid over `base`.
    pub(crate) fn over(&self, base: &Declarations) -> Result<Declarations, ModelError> {
        let mut declared = base.clone();
        let mut problems = Vec::new();
        for (name, choice) in &self.choices {
            if !has_prefix(name) {
                problems.push(Problem::new(
                    format!("choice.{name}"),
                    format!("an own list of options bears a prefix; name it for instance new_{name}"),
                ));
            }
            declared.choices.insert(name.clone(), choice.clone());
        }
        for (name, table) in &self.new_tables {
            add_table(&mut declared, name, table, &mut problems);
        }
        for (name, change) in &self.tables {
            match declared.tables.get_mut(name).filter(|table| !table.custom) {
                Some(table) => change_table(name, table, change, &mut problems),
                None => problems.push(Problem::new(
                    format!("table.{name}"),
                    "there is no shipped table of this name; an own table is declared whole under new_table",
                )),
            }
        }
        self.change_processes(&mut declared.processes, &mut problems);
        for change in &self.mappings {
            change_mapping(&mut declared.mappings, change, &mut problems);
        }
        self.change_roles(&mut declared, &mut problems);
        declared.process_versions.clone_from(&self.process_versions);
        if problems.is_empty() { Ok(declared) } else { Err(ModelError { problems }) }
    }

    fn change_roles(&self, declared: &mut Declarations, problems: &mut Vec<Problem>) {
        for (name, role) in &self.roles {
            let place = format!("role.{name}");
            match declared.roles.get(name) {
                Some(shipped) if shipped.everything => {
                    problems.push(Problem::new(place, "this role may do everything and cannot be changed"));
                    continue;
                }
                Some(shipped) if shipped.label != role.label => {
                    let message =
                        format!("the label of a shipped role stays '{}'; people hold it by that", shipped.label);
                    problems.push(Problem::new(place, message));
                }
                None if !has_prefix(name) => {
                    let message = format!("an own role bears a prefix; name it for instance new_{name}");
                    problems.push(Problem::new(place, message));
                }
                Some(_) | None => {}
            }
            declared.roles.insert(name.clone(), role.clone());
        }
    }

    fn change_processes(&self, processes: &mut Vec<Process>, problems: &mut Vec<Problem>) {
        for own in &self.processes {
            match processes.iter_mut().find(|process| process.name == own.name) {
                Some(shipped) => *shipped = own.clone(),
                None if has_prefix(&own.name) => processes.push(own.clone()),
                None => problems.push(Problem::new(
                    format!("process {}", own.name),
                    format!("an own process bears a prefix; name it for instance new_{}", own.name),
                )),
            }
        }
        for (name, change) in &self.process_changes {
            let Some(process) = processes.iter_mut().find(|process| process.name == *name) else {
                problems.push(Problem::new(format!("process_change.{name}"), "there is no process of this name"));
                continue;
            };
            replace(&mut process.label, change.label.as_ref());
            process.active = change.active.unwrap_or(process.active);
            process.order = change.order.unwrap_or(process.order);
            if let Some(roles) = &change.roles {
                process.roles.clone_from(roles);
            }
            if let Some(rule) = &change.rule {
                process.rule = Some(rule.clone()).filter(|rule| !rule.is_everything());
            }
        }
    }
}

fn add_table(declared: &mut Declarations, name: &str, table: &TableDeclaration, problems: &mut Vec<Problem>) {
    let place = format!("new_table.{name}");
    if declared.tables.contains_key(name) {
        problems.push(Problem::new(place, "a table of this name is shipped; change it under table instead"));
        return;
    }
    if !matches!(table.kind, TableKind::Standard | TableKind::Activity) {
        problems.push(Problem::new(place.clone(), "an own table is of kind standard or activity"));
    }
    own_pairs(&place, &table.many_to_many, problems);
    let mut table = table.clone();
    table.custom = true;
    include(&place, &mut table, &declared.shared, problems);
    for (column_name, column) in &mut table.columns {
        column.custom = true;
        column.place = format!("{place}.columns.{column_name}");
    }
    declared.tables.insert(name.to_owned(), table);
}

fn change_table(name: &str, table: &mut TableDeclaration, change: &TableChange, problems: &mut Vec<Problem>) {
    let place = format!("table.{name}");
    replace(&mut table.label, change.label.as_ref());
    replace(&mut table.description, change.description.as_ref());
    table.plural_label = change.plural_label.clone().or(table.plural_label.take());
    table.icon = change.icon.clone().or(table.icon.take());
    table.audited = change.audited.unwrap_or(table.audited);
    table.searchable = change.searchable.unwrap_or(table.searchable);
    table.importable = change.importable.unwrap_or(table.importable);
    for (column_name, column) in &change.columns {
        let place = format!("{place}.columns.{column_name}");
        let mut column = column.clone();
        column.custom = true;
        column.place.clone_from(&place);
        if table.columns.contains_key(column_name) {
            problems.push(Problem::new(place, "a column of this name is shipped; change it under change instead"));
        } else {
            table.columns.insert(column_name.clone(), column);
        }
    }
    for (column_name, changed) in &change.column_changes {
        let place = format!("{place}.change.{column_name}");
        match table.columns.get_mut(column_name) {
            Some(column) if column.custom => {
                problems.push(Problem::new(place, "this is an own column; change it under columns itself"));
            }
            Some(column) => change_column(&place, column, changed, problems),
            None => {
                table.system_changes.insert(column_name.clone(), changed.clone());
            }
        }
    }
    change_states(&place, &mut table.states, change, problems);
    change_relationships(&place, table, change, problems);
    own_pairs(&place, &change.many_to_many, problems);
    table.many_to_many.extend(change.many_to_many.clone());
    table.indexes.extend(change.indexes.clone());
    table.keys.extend(change.keys.clone());
    override_by_name(&mut table.summaries, &change.summaries, &change.removed_summaries);
    override_by_name(&mut table.forms, &change.forms, &change.removed_forms);
    override_by_name(&mut table.views, &change.views, &change.removed_views);
    keep_one_default(&mut table.views, &change.views);
}

/// Tables of pairs are tables and bear a prefix, too.
fn own_pairs(place: &str, relationships: &[crate::ManyToManyDeclaration], problems: &mut Vec<Problem>) {
    for relationship in relationships.iter().filter(|it| !has_prefix(&it.intersect)) {
        problems.push(Problem::new(
            format!("{place}.many_to_many {}", relationship.name),
            format!("an own intersect table bears a prefix; name it for instance new_{}", relationship.intersect),
        ));
    }
}

fn replace(target: &mut String, with: Option<&String>) {
    if let Some(with) = with {
        target.clone_from(with);
    }
}

/// Things that are replaced whole, under their name.
trait Named {
    fn name(&self) -> &str;
}

macro_rules! named {
    ($($of:ty),*) => {
        $(impl Named for $of {
            fn name(&self) -> &str {
                &self.name
            }
        })*
    };
}

named!(View, Form, Summary);

fn override_by_name<T: Named + Clone>(shipped: &mut Vec<T>, own: &[T], removed: &[String]) {
    for it in own {
        match shipped.iter_mut().find(|shipped| shipped.name() == it.name()) {
            Some(shipped) => shipped.clone_from(it),
            None => shipped.push(it.clone()),
        }
    }
    // Hidden ones keep what was changed in them for when they are shown again.
    shipped.retain(|it| !removed.iter().any(|name| name == it.name()));
}

/// An own view that is to be shown first takes that place from the shipped one.
fn keep_one_default(views: &mut [View], own: &[View]) {
    // An own one may be hidden.
    if let Some(first) = own.iter().find(|own| own.default && views.iter().any(|view| view.name == own.name)) {
        let replaced = |view: &View| view.default && !own.iter().any(|own| own.name == view.name);
        for view in views.iter_mut().filter(|view| view.name != first.name && replaced(view)) {
            view.default = false;
        }
    }
}

/// The change made to an own column itself.
pub(super) fn change_own_column(
    place: &str,
    column: &mut ColumnDeclaration,
    change: &ColumnChange,
) -> Result<(), ModelError> {
    let mut problems = Vec::new();
    change_column(place, column, change, &mut problems);
    // The place belongs to merging; an overlay in hand compares without it.
    column.place.clear();
    if problems.is_empty() { Ok(()) } else { Err(ModelError { problems }) }
}

fn change_column(place: &str, column: &mut ColumnDeclaration, change: &ColumnChange, problems: &mut Vec<Problem>) {
    if column.required == RequiredLevel::System && change.required.is_some_and(|level| level != RequiredLevel::System) {
        problems.push(Problem::new(place, "the engine needs this column filled; it cannot be made optional"));
    }
    if change.default.is_some() && change.no_default {
        problems.push(Problem::new(place, "give a default or no_default, not both"));
    }
    replace(&mut column.label, change.label.as_ref());
    replace(&mut column.description, change.description.as_ref());
    column.required = change.required.unwrap_or(column.required);
    column.searchable = change.searchable.unwrap_or(column.searchable);
    column.audited = change.audited.unwrap_or(column.audited);
    column.importable = change.importable.unwrap_or(column.importable);
    column.secured = change.secured.unwrap_or(column.secured);
    column.length = change.length.or(column.length);
    column.min = change.min.clone().or(column.min.take());
    column.max = change.max.clone().or(column.max.take());
    column.yes = change.yes.clone().or(column.yes.take());
    column.no = change.no.clone().or(column.no.take());
    column.formula = change.formula.clone().or(column.formula.take());
    column.autonumber = change.autonumber.clone().or(column.autonumber.take());
    column.default = change.default.clone().or(column.default.take()).filter(|_| !change.no_default);
    place.clone_into(&mut column.place);
    let asks_for_options =
        !change.options.is_empty() || !change.hidden_options.is_empty() || !change.option_order.is_empty();
    if asks_for_options {
        if matches!(column.kind, ColumnKind::Choice | ColumnKind::MultiChoice) {
            change_options(place, &mut column.options, change, problems);
        } else {
            problems.push(Problem::new(place, "this column has no options"));
        }
    }
}

fn change_options(place: &str, options: &mut Vec<Choice>, change: &ColumnChange, problems: &mut Vec<Problem>) {
    for own in &change.options {
        match options.iter_mut().find(|option| option.value == own.value) {
            Some(option) => option.clone_from(own),
            None => options.push(own.clone()),
        }
    }
    for number in &change.hidden_options {
        match options.iter_mut().find(|option| option.value == *number) {
            Some(option) => option.hidden = true,
            None => problems.push(Problem::new(place, format!("there is no option {number} to hide"))),
        }
    }
    for number in &change.option_order {
        if !options.iter().any(|option| option.value == *number) {
            problems.push(Problem::new(place, format!("there is no option {number} to put in order")));
        }
    }
    let rank = |option: &Choice| change.option_order.iter().position(|number| *number == option.value);
    options.sort_by_key(|option| rank(option).unwrap_or(usize::MAX));
}

fn change_states(place: &str, states: &mut [State], change: &TableChange, problems: &mut Vec<Problem>) {
    for (number, label) in &change.state_labels {
        match states.iter_mut().find(|state| state.value.to_string() == *number) {
            Some(state) => state.label.clone_from(label),
            None => problems.push(Problem::new(format!("{place}.state_label"), format!("there is no state {number}"))),
        }
    }
    for status in &change.statuses {
        change_status(&format!("{place}.status {}", status.value), states, status, problems);
    }
}

fn change_status(place: &str, states: &mut [State], change: &StatusChange, problems: &mut Vec<Problem>) {
    let elsewhere = states
        .iter()
        .any(|state| state.value != change.state && state.statuses.iter().any(|status| status.value == change.value));
    if elsewhere {
        problems.push(Problem::new(place, "this status reason belongs to another state"));
        return;
    }
    let Some(state) = states.iter_mut().find(|state| state.value == change.state) else {
        problems.push(Problem::new(place, format!("there is no state {}", change.state)));
        return;
    };
    let status = Status { value: change.value, label: change.label.clone(), color: change.color.clone() };
    match state.statuses.iter_mut().find(|status| status.value == change.value) {
        Some(shipped) => *shipped = status,
        None => state.statuses.push(status),
    }
    if change.default {
        state.default_status = change.value;
    }
}

fn change_relationships(place: &str, table: &mut TableDeclaration, change: &TableChange, problems: &mut Vec<Problem>) {
    table.relationships.extend(change.relationships.clone());
    for changed in &change.relationship_changes {
        let place = format!("{place}.relationship_change {} {}", changed.column, changed.target);
        let lookup = table.columns.get(&changed.column);
        if !lookup.is_some_and(|lookup| lookup.targets.contains(&changed.target)) {
            problems.push(Problem::new(place, "there is no such lookup"));
            continue;
        }
        let named = |it: &crate::RelationshipDeclaration| it.column == changed.column && it.target == changed.target;
        if !table.relationships.iter().any(named) {
            table.relationships.push(crate::RelationshipDeclaration {
                column: changed.column.clone(),
                target: changed.target.clone(),
                name: None,
                navigation: None,
                on_delete: crate::Cascade::default(),
                cascade_assign: false,
                cascade_share: false,
            });
        }
        for relationship in table.relationships.iter_mut().filter(|it| named(it)) {
            relationship.on_delete = changed.on_delete.unwrap_or(relationship.on_delete);
            relationship.cascade_assign = changed.cascade_assign.unwrap_or(relationship.cascade_assign);
            relationship.cascade_share = changed.cascade_share.unwrap_or(relationship.cascade_share);
        }
    }
}

fn change_mapping(mappings: &mut Vec<TableMapping>, change: &MappingChange, problems: &mut Vec<Problem>) {
    let known = mappings.iter().position(|it| it.from == change.from && it.to == change.to);
    let position = known.unwrap_or(mappings.len());
    if known.is_none() {
        mappings.push(TableMapping { from: change.from.clone(), to: change.to.clone(), columns: Vec::new() });
    }
    let mapping = &mut mappings[position];
    if !change.keep_shipped {
        mapping.columns.clear();
    }
    for removed in &change.removed {
        if !mapping.columns.contains(removed) && change.keep_shipped {
            problems.push(Problem::new(
                format!("mapping {} to {}", change.from, change.to),
                format!("there is no pair {} to {} to remove", removed.from, removed.to),
            ));
        }
    }
    mapping
        .columns
        .retain(|pair| !change.removed.contains(pair) && !change.columns.iter().any(|own| own.to == pair.to));
    mapping.columns.extend(change.columns.clone());
}
