//! Narrowing a list: the quick filter, the chips of what is filtered, the editor that adds one.

use language::tr;
use maud::{Markup, Render, html};

use super::fields::Field;
use super::icon::icon;

/// The box above a list that narrows it while one types.
#[derive(Debug, Clone, Default)]
pub struct QuickFilter {
    /// Address of the list; the typed text goes along as `q`.
    pub action: String,
    /// What is typed.
    pub value: String,
    /// Says what is looked through, such as `Filter by name, company or e-mail`.
    pub placeholder: String,
    /// Parameters to keep: the view, the sort order, the other filters.
    pub hidden: Vec<(String, String)>,
}

impl QuickFilter {
    /// The filter, narrowing the element of this id.
    pub fn markup(&self, results: &str) -> Markup {
        html! {
            form.quick-filter role="search" aria-label=(tr!("This list")) method="get" action=(self.action) hx-get=(self.action)
                hx-trigger="input changed delay:250ms from:find input[type=search], submit" hx-target={ "#" (results) }
                hx-select={ "#" (results) } hx-swap="outerHTML" hx-push-url="true" hx-sync="this:replace" {
                (icon("search"))
                input.form-control type="search" name="q" value=(self.value) placeholder=(self.placeholder)
                    aria-label=(self.placeholder) autocomplete="off" spellcheck="false" data-grid-filter;
                @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
            }
        }
    }
}

/// A filter that is on.
#[derive(Debug, Clone, Default)]
pub struct FilterChip {
    /// Column, such as `Status`.
    pub column: String,
    /// Condition, such as `is Open` or `in the last 7 days`.
    pub condition: String,
    /// Address of the list without this filter.
    pub remove: String,
    /// Address of the editor fragment for this filter, if it can be changed.
    pub edit: Option<String>,
    /// Address of the dialog in which it can be changed, if it is more than one condition.
    pub dialog: Option<String>,
}

impl Render for FilterChip {
    fn render(&self) -> Markup {
        html! {
            span.filter-chip {
                @match &self.edit {
                    Some(edit) => div.dropdown {
                        button type="button" data-bs-toggle="dropdown" data-bs-auto-close="outside" aria-expanded="false"
                            title=(tr!("Change this filter")) hx-get=(edit) hx-trigger="click once" hx-target="next .filter-popover" hx-swap="innerHTML" {
                            b { (self.column) } " " (self.condition)
                        }
                        div.dropdown-menu.filter-popover {}
                    },
                    None if self.dialog.is_some() => button type="button" title=(tr!("Change this filter")) aria-haspopup="dialog"
                        hx-get=[self.dialog.as_deref()] hx-target="#dialogs" hx-swap="innerHTML" { b { (self.column) } " " (self.condition) },
                    None => span { b { (self.column) } " " (self.condition) },
                }
                a href=(self.remove) aria-label=(tr!("Remove filter {} {}", self.column, self.condition)) { (icon("x")) }
            }
        }
    }
}

/// The fragment in the "add filter" popover. Choosing another column or operator loads it again
/// with fitting operators and value fields.
#[derive(Debug, Clone, Default)]
pub struct FilterEditor {
    /// Address of this fragment, asked again on every change of column or operator.
    pub refresh: String,
    /// Address of the list that the finished filter is added to.
    pub action: String,
    /// Parameters to keep.
    pub hidden: Vec<(String, String)>,
    /// Columns to choose from: value, label, chosen.
    pub columns: Vec<(String, String, bool)>,
    /// Operators for the chosen column: value, label, chosen.
    pub operators: Vec<(String, String, bool)>,
    /// The value or values to compare with; none for operators such as `is empty`.
    pub values: Vec<Field>,
    /// Word on the button.
    pub submit: String,
}

impl Render for FilterEditor {
    fn render(&self) -> Markup {
        html! {
            form.filter-editor method="get" action=(self.action) data-filter-editor {
                (self.fields())
                div.filter-editor-commands {
                    button.btn.btn-primary type="submit" { (self.submit) }
                }
            }
        }
    }
}

impl FilterEditor {
    /// What is filled in, for a form that stands around it.
    pub fn fields(&self) -> Markup {
        html! {
            @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
            (self.choice("filter_column", &tr!("Column"), &self.columns, true))
            (self.choice("filter_operator", &tr!("Condition"), &self.operators, false))
            @for field in &self.values { (field) }
        }
    }

    fn choice(&self, name: &str, label: &str, options: &[(String, String, bool)], long: bool) -> Markup {
        html! {
            div.field {
                label.form-label for={ "editor-" (name) } { (label) }
                select.form-select id={ "editor-" (name) } name=(name) data-search-choice[long] hx-get=(self.refresh) hx-trigger="change"
                    hx-include="closest form" hx-target="closest [data-filter-editor]" hx-swap="outerHTML" {
                    @for (value, text, chosen) in options { option value=(value) selected[*chosen] { (text) } }
                }
            }
        }
    }
}
