//! The verbs by which a designer page, an import or the API edits an overlay.
//!
//! They keep the overlay in shape (what is shipped is changed, what is own is replaced); whether
//! the result is sound is said when it is merged.

use super::{ColumnChange, Overlay, StatusChange, TableChange};
use crate::{
    Choice, ColumnDeclaration, ColumnKind, Form, Model, ModelError, Problem, Process, Status, TableDeclaration, View,
    files::Declarations,
};

/// An organisation's own options of shipped choices begin here, out of the way of later releases.
pub(super) const FIRST_OWN_NUMBER: i32 = 100_000_000;

type Edited<T = ()> = Result<T, ModelError>;

fn refuse<T>(place: impl Into<String>, message: impl Into<String>) -> Edited<T> {
    Err(Problem::new(place, message).into())
}

impl Overlay {
    /// Adds an own table.
    pub fn add_table(&mut self, name: &str, table: TableDeclaration) -> Edited {
        if self.new_tables.contains_key(name) || Declarations::base()?.tables.contains_key(name) {
            return refuse(name, "a table of this name exists already");
        }
        self.new_tables.insert(name.to_owned(), table);
        Ok(())
    }

    /// Removes an own table; its rows go when this is published.
    pub fn remove_table(&mut self, name: &str) -> Edited {
        match self.new_tables.shift_remove(name) {
            Some(_) => Ok(()),
            None => refuse(name, "only own tables can be removed"),
        }
    }

    /// The changes to a shipped table, to be written to; for what has no verb of its own.
    pub fn change_table(&mut self, name: &str) -> Edited<&mut TableChange> {
        if !Declarations::base()?.tables.contains_key(name) {
            return refuse(name, "there is no shipped table of this name");
        }
        Ok(self.tables.entry(name.to_owned()).or_default())
    }

    /// Adds an own column to a shipped or own table.
    pub fn add_column(&mut self, table: &str, name: &str, column: ColumnDeclaration) -> Edited {
        let place = format!("{table}.{name}");
        let columns = if let Some(own) = self.new_tables.get_mut(table) {
            &mut own.columns
        } else {
            let change = self.change_table(table)?;
            if Model::shipped()?.table(table).is_some_and(|shipped| shipped.columns.contains_key(name)) {
                return refuse(place, "a column of this name exists already");
            }
            &mut change.columns
        };
        if columns.contains_key(name) {
            return refuse(place, "a column of this name exists already");
        }
        columns.insert(name.to_owned(), column);
        Ok(())
    }

    /// Changes a column. A shipped one gets these changes on top of earlier ones; an own one is
    /// changed itself.
    pub fn change_column(&mut self, table: &str, name: &str, change: ColumnChange) -> Edited {
        if let Some(own) = self.own_column(table, name) {
            return super::apply::change_own_column(&format!("{table}.{name}"), own, &change);
        }
        if !Model::shipped()?.table(table).is_some_and(|shipped| shipped.columns.contains_key(name)) {
            return refuse(format!("{table}.{name}"), "there is no column of this name");
        }
        self.change_table(table)?.column_changes.entry(name.to_owned()).or_default().take_over(change);
        Ok(())
    }

    /// Gives a shipped column its shipped declaration back.
    pub fn reset_column(&mut self, table: &str, name: &str) {
        if let Some(change) = self.tables.get_mut(table) {
            change.column_changes.shift_remove(name);
        }
    }

    /// Removes an own column; its values go when this is published.
    pub fn remove_column(&mut self, table: &str, name: &str) -> Edited {
        let columns = match self.new_tables.get_mut(table) {
            Some(own) => Some(&mut own.columns),
            None => self.tables.get_mut(table).map(|change| &mut change.columns),
        };
        match columns.and_then(|columns| columns.shift_remove(name)) {
            Some(_) => Ok(()),
            None => refuse(format!("{table}.{name}"), "only own columns can be removed"),
        }
    }

    /// Adds an option and returns its number: from 100,000,000 on shipped choices, from 1 on own.
    pub fn add_option(&mut self, table: &str, column: &str, label: &str) -> Edited<i32> {
        let place = format!("{table}.{column}");
        let option = |value| Choice { value, label: label.to_owned(), color: None, hidden: false };
        if let Some(own) = self.own_column(table, column) {
            if !matches!(own.kind, ColumnKind::Choice | ColumnKind::MultiChoice) {
                return refuse(place, "this column has no options");
            }
            let value = next(&place, 1, own.options.iter().map(|option| option.value))?;
            own.options.push(option(value));
            return Ok(value);
        }
        let shipped = shipped_column(table, column)?;
        if !matches!(shipped.kind, ColumnKind::Choice | ColumnKind::MultiChoice) {
            return refuse(place, "this column has no options");
        }
        let change = self.change_table(table)?.column_changes.entry(column.to_owned()).or_default();
        let known = shipped.options.iter().chain(&change.options);
        let value = next(&place, FIRST_OWN_NUMBER, known.map(|option| option.value))?;
        change.options.push(option(value));
        Ok(value)
    }

    /// Takes an option out of what is offered: rows that have it keep it.
    pub fn hide_option(&mut self, table: &str, column: &str, value: i32) -> Edited {
        if let Some(own) = self.own_column(table, column) {
            return match own.options.iter_mut().find(|option| option.value == value) {
                Some(option) => {
                    option.hidden = true;
                    Ok(())
                }
                None => refuse(format!("{table}.{column}"), format!("there is no option {value}")),
            };
        }
        shipped_column(table, column)?;
        let change = self.change_table(table)?.column_changes.entry(column.to_owned()).or_default();
        if !change.hidden_options.contains(&value) {
            change.hidden_options.push(value);
        }
        Ok(())
    }

    /// Adds a status reason to a state and returns its number.
    pub fn add_status(&mut self, table: &str, state: i32, label: &str) -> Edited<i32> {
        if let Some(own) = self.new_tables.get_mut(table) {
            let known = own.states.iter().flat_map(|state| &state.statuses).map(|status| status.value);
            let value = next(table, 1, known)?;
            let Some(state) = own.states.iter_mut().find(|it| it.value == state) else {
                return refuse(table, format!("there is no state {state}"));
            };
            state.statuses.push(Status { value, label: label.to_owned(), color: None });
            return Ok(value);
        }
        let change = self.change_table(table)?;
        let shipped = Declarations::base()?.tables.get(table).map_or(&[][..], |table| &table.states);
        if !shipped.iter().any(|it| it.value == state) {
            return refuse(table, format!("there is no state {state}"));
        }
        let known = shipped.iter().flat_map(|state| &state.statuses).map(|status| status.value);
        let value = next(table, FIRST_OWN_NUMBER, known.chain(change.statuses.iter().map(|status| status.value)))?;
        change.statuses.push(StatusChange { state, value, label: label.to_owned(), color: None, default: false });
        Ok(value)
    }

    /// Adds a view, or puts it in the place of the one with the same name.
    pub fn set_view(&mut self, table: &str, view: View) -> Edited {
        let name = view.name.clone();
        let views = if let Some(own) = self.new_tables.get_mut(table) {
            &mut own.views
        } else {
            let change = self.change_table(table)?;
            change.removed_views.retain(|removed| *removed != name);
            &mut change.views
        };
        put(views, view, |it| it.name == name);
        Ok(())
    }

    /// Removes a view; a shipped one can be given back by [`Overlay::reset_view`].
    pub fn remove_view(&mut self, table: &str, name: &str) -> Edited {
        if let Some(own) = self.new_tables.get_mut(table) {
            own.views.retain(|view| view.name != name);
            return Ok(());
        }
        let shipped = shipped_table(table)?.views.iter().any(|view| view.name == name);
        let change = self.change_table(table)?;
        change.views.retain(|view| view.name != name);
        if shipped && !change.removed_views.iter().any(|removed| removed == name) {
            change.removed_views.push(name.to_owned());
        }
        Ok(())
    }

    /// Gives the shipped view of this name back.
    pub fn reset_view(&mut self, table: &str, name: &str) {
        if let Some(change) = self.tables.get_mut(table) {
            change.views.retain(|view| view.name != name);
            change.removed_views.retain(|removed| removed != name);
        }
    }

    /// Adds a form, or puts it in the place of the one with the same name.
    pub fn set_form(&mut self, table: &str, form: Form) -> Edited {
        let name = form.name.clone();
        let forms = if let Some(own) = self.new_tables.get_mut(table) {
            &mut own.forms
        } else {
            let change = self.change_table(table)?;
            change.removed_forms.retain(|removed| *removed != name);
            &mut change.forms
        };
        put(forms, form, |it| it.name == name);
        Ok(())
    }

    /// Removes a form; a shipped one can be given back by [`Overlay::reset_form`].
    pub fn remove_form(&mut self, table: &str, name: &str) -> Edited {
        if let Some(own) = self.new_tables.get_mut(table) {
            own.forms.retain(|form| form.name != name);
            return Ok(());
        }
        let shipped = shipped_table(table)?.forms.iter().any(|form| form.name == name);
        let change = self.change_table(table)?;
        change.forms.retain(|form| form.name != name);
        if shipped && !change.removed_forms.iter().any(|removed| removed == name) {
            change.removed_forms.push(name.to_owned());
        }
        Ok(())
    }

    /// Gives the shipped form of this name back.
    pub fn reset_form(&mut self, table: &str, name: &str) {
        if let Some(change) = self.tables.get_mut(table) {
            change.forms.retain(|form| form.name != name);
            change.removed_forms.retain(|removed| removed != name);
        }
    }

    /// Adds a process flow, or puts it in the place of the one with the same name.
    pub fn set_process(&mut self, mut process: Process) {
        // They follow from what is kept beside it.
        (process.version, process.earlier) = (0, Vec::new());
        let name = process.name.clone();
        put(&mut self.processes, process, |it| it.name == name);
    }

    /// Switches a process flow on or off.
    pub fn set_process_active(&mut self, name: &str, active: bool) {
        match self.processes.iter_mut().find(|process| process.name == name) {
            Some(own) => own.active = active,
            None => self.process_changes.entry(name.to_owned()).or_default().active = Some(active),
        }
    }

    /// Removes an own process flow, or gives the shipped one of this name back.
    pub fn reset_process(&mut self, name: &str) {
        self.processes.retain(|process| process.name != name);
        self.process_changes.shift_remove(name);
    }

    /// The declaration of an own column.
    fn own_column(&mut self, table: &str, column: &str) -> Option<&mut ColumnDeclaration> {
        match self.new_tables.get_mut(table) {
            Some(own) => own.columns.get_mut(column),
            None => self.tables.get_mut(table)?.columns.get_mut(column),
        }
    }
}

impl ColumnChange {
    /// Later changes on top of these.
    fn take_over(&mut self, later: Self) {
        macro_rules! later_wins {
            ($($field:ident),*) => { $(if later.$field.is_some() { self.$field = later.$field; })* };
        }
        self.no_default = later.no_default || (self.no_default && later.default.is_none());
        if later.no_default {
            self.default = None;
        }
        later_wins!(
            label,
            description,
            required,
            length,
            min,
            max,
            searchable,
            audited,
            importable,
            secured,
            default,
            yes,
            no,
            formula,
            autonumber
        );
        for option in later.options {
            let value = option.value;
            put(&mut self.options, option, |it| it.value == value);
        }
        for value in later.hidden_options {
            if !self.hidden_options.contains(&value) {
                self.hidden_options.push(value);
            }
        }
        if !later.option_order.is_empty() {
            self.option_order = later.option_order;
        }
    }
}

fn shipped_table(table: &str) -> Edited<&'static TableDeclaration> {
    match Declarations::base()?.tables.get(table) {
        Some(shipped) => Ok(shipped),
        None => refuse(table, "there is no table of this name"),
    }
}

fn shipped_column(table: &str, column: &str) -> Edited<&'static ColumnDeclaration> {
    match shipped_table(table)?.columns.get(column) {
        Some(shipped) => Ok(shipped),
        None => refuse(format!("{table}.{column}"), "there is no column of this name that can be changed"),
    }
}

/// The next number behind those in use, at least `first`.
pub(super) fn next(place: &str, first: i32, used: impl Iterator<Item = i32>) -> Edited<i32> {
    match used.filter(|value| *value >= first).max() {
        None => Ok(first),
        Some(last) => match last.checked_add(1) {
            Some(next) => Ok(next),
            None => refuse(place, format!("there is no number behind {last}; choose one yourself")),
        },
    }
}

fn put<T>(list: &mut Vec<T>, item: T, same: impl Fn(&T) -> bool) {
    match list.iter_mut().find(|it| same(it)) {
        Some(place) => *place = item,
        None => list.push(item),
    }
}
