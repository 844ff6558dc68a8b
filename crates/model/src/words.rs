//! Everything in a model that people read.

use std::sync::Arc;

use crate::{ColumnType, Form, Model, Process, Table};

impl Model {
    /// The model with other words: each label and description is given to `word`, which may change
    /// it. Names of roles stay, since people hold roles by them.
    #[must_use]
    pub fn in_other_words(&self, mut word: impl FnMut(&mut String)) -> Self {
        let mut model = self.clone();
        for table in model.tables.values_mut() {
            words_of_table(Arc::make_mut(table), &mut word);
        }
        for process in &mut model.processes {
            words_of_process(Arc::make_mut(process), &mut word);
        }
        for role in model.roles.values_mut() {
            word(&mut Arc::make_mut(role).description);
        }
        model
    }
}

fn words_of_table(table: &mut Table, word: &mut impl FnMut(&mut String)) {
    word(&mut table.label);
    word(&mut table.plural_label);
    word(&mut table.description);
    for column in table.columns.values_mut() {
        word(&mut column.label);
        word(&mut column.description);
        words_of_type(&mut column.kind, word);
    }
    for state in &mut table.states {
        word(&mut state.label);
        for status in &mut state.statuses {
            word(&mut status.label);
        }
    }
    for view in &mut table.views {
        word(&mut view.label);
    }
    for form in &mut table.forms {
        words_of_form(form, word);
    }
}

fn words_of_type(kind: &mut ColumnType, word: &mut impl FnMut(&mut String)) {
    match kind {
        ColumnType::Boolean { yes, no } => {
            word(yes);
            word(no);
        }
        ColumnType::Choice { options } | ColumnType::MultiChoice { options } => {
            for option in options {
                word(&mut option.label);
            }
        }
        ColumnType::Calculated { result, .. } => words_of_type(result, word),
        ColumnType::Rollup(rollup) => words_of_type(&mut rollup.result, word),
        _ => {}
    }
}

fn words_of_form(form: &mut Form, word: &mut impl FnMut(&mut String)) {
    word(&mut form.label);
    for tab in &mut form.tabs {
        word(&mut tab.label);
        for section in &mut tab.sections {
            word(&mut section.label);
        }
    }
}

fn words_of_process(process: &mut Process, word: &mut impl FnMut(&mut String)) {
    word(&mut process.label);
    word(&mut process.description);
    for stage in &mut process.stages {
        word(&mut stage.label);
        for step in &mut stage.steps {
            word(&mut step.label);
        }
    }
    for earlier in &mut process.earlier {
        words_of_process(Arc::make_mut(earlier), word);
    }
}
