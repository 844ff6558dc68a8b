//! The dialog that sets or clears columns of many rows.

use crm::{Row, reading::Names};
use language::tr;
use maud::{Markup, html};
use model::{Column, ColumnType, Model, RequiredLevel, Table};

use super::{board, bulk::capital, fields::Fields, order::by_label, record::error_list};
use crate::{
    components::{Control, Dialog, DialogSize, Field, Requirement, fields::ChoiceOption, icon},
    posted::Typed,
    session::Me,
};

/// A column that is changed, and one whose value is taken away.
pub(crate) const COLUMN: &str = "column";
pub(crate) const CLEAR: &str = "clear";
/// The choice that adds a column.
pub(crate) const ADD: &str = "add";
/// Element id of the dialog, and prefix of those within.
const ID: &str = "bulk-edit";

/// What the dialog is made of.
pub(crate) struct BulkEdit<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Table,
    pub names: &'a Names,
    pub typed: &'a Typed,
    /// Those that are changed.
    pub columns: &'a [String],
    /// What is wrong, by column.
    pub errors: &'a [(String, String)],
}

/// True where many rows can be given the same value.
pub(crate) fn editable(me: &Me, table: &Table, column: &Column) -> bool {
    board::editable(me, table, column) && column.name != table.primary_key
}

/// True where a column may be without a value.
pub(crate) fn is_clearable(column: &Column) -> bool {
    let optional = !matches!(column.required, RequiredLevel::Required | RequiredLevel::System);
    optional && !matches!(column.value_type(), ColumnType::Boolean { .. })
}

impl BulkEdit<'_> {
    /// The dialog about rows that are called `words` and sent as `hidden`.
    pub fn dialog(&self, words: &str, hidden: Vec<(String, String)>) -> Dialog {
        let known = |name: &str| name == ADD || self.columns.iter().any(|column| column == name);
        Dialog {
            id: ID.to_owned(),
            title: capital(&tr!("Edit {}", words)),
            icon: "pencil".to_owned(),
            size: DialogSize::Medium,
            action: Some(format!("/{}/edits", self.table.set_name)),
            csrf: self.me.csrf.clone(),
            hidden,
            errors: error_list(self.table, self.errors, ID, known),
            text: tr!(
                "Choose columns and the value that every one of these records shall have. What cannot be changed stays as it is, and you are told why."
            ),
            body: html! { div.bulk-columns id={ (ID) "-columns" } { (self.fields()) } (self.chooser()) },
            submit: tr!("Save"),
            ..Dialog::default()
        }
    }

    /// The chosen columns.
    pub fn fields(&self) -> Markup {
        let row = Row::new();
        let fields = Fields {
            me: self.me,
            model: self.model,
            table: self.table,
            names: self.names,
            row: &row,
            typed: Some(self.typed),
            new: false,
            closed: false,
            scope: ID,
            errors: self.errors,
            parties: None,
        };
        html! {
            @for name in self.columns {
                @if let (Some(field), Some(column)) = (fields.field(name), self.table.column(name)) { (self.column(field, column)) }
            }
        }
    }

    fn column(&self, field: Field, column: &Column) -> Markup {
        let cleared = self.typed.all(CLEAR).any(|name| name == column.name);
        let field = Field { help: None, requirement: Requirement::Optional, ..field };
        html! {
            fieldset.bulk-column data-bulk-column=(column.name) {
                legend.visually-hidden { (column.label) }
                input type="hidden" name=(COLUMN) value=(column.name);
                (field)
                div.bulk-column-foot {
                    @if is_clearable(column) {
                        label.form-check {
                            input.form-check-input type="checkbox" name=(CLEAR) value=(column.name) checked[cleared];
                            span.form-check-label { (tr!("Clear the value")) span.visually-hidden { ": " (column.label) } }
                        }
                    }
                    button.btn.btn-sm.btn-ghost type="button" data-remove-column aria-label=(tr!("Leave {} as it is", column.label)) {
                        (icon("x")) span { (tr!("Leave as it is")) }
                    }
                }
            }
        }
    }

    /// What adds a column.
    fn chooser(&self) -> Markup {
        let mut columns: Vec<&Column> = self
            .table
            .columns
            .values()
            .filter(|column| editable(self.me, self.table, column) && !column.label.is_empty())
            .collect();
        columns.sort_by_key(|column| by_label(&column.label));
        let option =
            |column: &Column| ChoiceOption { value: column.name.clone(), label: column.label.clone(), chosen: false };
        let options = columns.into_iter().map(option).collect();
        let mut field = Field::new(ADD, tr!("field" => "Add a column"), Control::Choice { options });
        ID.clone_into(&mut field.scope);
        field.autofocus = self.columns.is_empty();
        field.error = self.errors.iter().find(|(name, _)| name == ADD).map(|(_, why)| crate::failure::sentence(why));
        let address = format!("/{}/edits/column", self.table.set_name);
        html! {
            div data-add-column hx-get=(address) hx-trigger="change" hx-include={ "#" (ID) "-" (ADD) } hx-target={ "#" (ID) "-columns" }
                hx-swap="beforeend" hx-disabled-elt="unset" { (field) }
        }
    }
}
