//! The dialog in which columns, order and groups of a list are chosen.

use language::tr;
use maud::{Markup, Render, html};

use super::builder::{OptionGroup, option_groups};
use super::icon::icon;
use crate::assets::asset;

/// A column that is shown.
#[derive(Debug, Clone, Default)]
pub struct ChooserColumn {
    /// Its path.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// Its width in pixels, where it is given.
    pub width: Option<u16>,
}

/// A column that is sorted by.
#[derive(Debug, Clone, Default)]
pub struct ChooserSort {
    /// Its path.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// What the two orders are called, such as `Oldest first` and `Newest first`.
    pub words: (String, String),
    /// The largest first.
    pub descending: bool,
}

/// The dialog's content. Columns are dragged, or moved by buttons.
#[derive(Debug, Clone, Default)]
pub struct ColumnChooser {
    /// Where changes are posted to.
    pub edit: String,
    /// The columns shown, in order.
    pub columns: Vec<ChooserColumn>,
    /// Narrowest and widest column.
    pub widths: (u16, u16),
    /// Columns that can be added.
    pub add: Vec<OptionGroup>,
    /// The columns sorted by, in order.
    pub sort: Vec<ChooserSort>,
    /// Columns that can be sorted by, too; none where there are enough.
    pub add_sort: Vec<(String, String)>,
    /// What rows can be grouped by.
    pub groups: Vec<OptionGroup>,
    /// What gets the focus.
    pub focus: String,
}

impl Render for ColumnChooser {
    fn render(&self) -> Markup {
        html! {
            div.column-chooser id="column-chooser" hx-disabled-elt="unset" {
                section aria-labelledby="chooser-columns" {
                    h3 id="chooser-columns" { (tr!("Columns")) }
                    ol data-reorder=(asset("sortable.js")) {
                        @for (place, column) in self.columns.iter().enumerate() { (self.column(column, place)) }
                    }
                    (self.choice("add", &tr!("Add a column"), &html! { (option_groups(&self.add)) }))
                }
                section aria-labelledby="chooser-sort" {
                    h3 id="chooser-sort" { (tr!("Sort by")) }
                    ol { @for (place, key) in self.sort.iter().enumerate() { (self.sort(key, place)) } }
                    @if !self.add_sort.is_empty() {
                        (self.choice("add_sort", &if self.sort.is_empty() { tr!("Sort by a column") } else { tr!("Then by") }, &html! {
                            @for (value, label) in &self.add_sort { option value=(value) { (label) } }
                        }))
                    }
                }
                section {
                    label.form-label for="rows_by" { (tr!("Group rows by")) }
                    select.form-select id="rows_by" name="rows_by" data-search-choice { (option_groups(&self.groups)) }
                }
            }
        }
    }
}

impl ColumnChooser {
    fn column(&self, column: &ChooserColumn, place: usize) -> Markup {
        let (key, label) = (&column.key, &column.label);
        let last = place + 1 == self.columns.len();
        html! {
            li {
                input type="hidden" name="column" value=(key);
                span.chooser-grip data-grip aria-hidden="true" title=(tr!("Drag to move")) { (icon("grip-vertical")) }
                span.chooser-label { (label) }
                label.chooser-width {
                    span.visually-hidden { (tr!("Width of {} in pixels", label)) }
                    input.form-control type="number" inputmode="numeric" name={ "width." (key) } min=(self.widths.0) max=(self.widths.1) step="1"
                        placeholder=(tr!("auto")) value=[column.width];
                }
                (self.button("up", key, "arrow-up", &tr!("Move {label} up", label = label), place == 0))
                (self.button("down", key, "arrow-down", &tr!("Move {label} down", label = label), last))
                (self.button("remove", key, "x", &tr!("Remove {}", label), false))
            }
        }
    }

    fn sort(&self, key: &ChooserSort, place: usize) -> Markup {
        let (name, label) = (format!("order.{}", key.key), &key.label);
        let last = place + 1 == self.sort.len();
        html! {
            li {
                input type="hidden" name="sort_key" value=(key.key);
                span.chooser-label { (label) }
                label.chooser-order {
                    span.visually-hidden { (tr!("Order of {}", label)) }
                    select.form-select name=(name) autofocus[self.focus == name] {
                        option value="asc" selected[!key.descending] { (key.words.0) }
                        option value="desc" selected[key.descending] { (key.words.1) }
                    }
                }
                (self.button("sooner", &key.key, "arrow-up", &tr!("Sort by {label} sooner", label = label), place == 0))
                (self.button("later", &key.key, "arrow-down", &tr!("Sort by {label} later", label = label), last))
                (self.button("unsort", &key.key, "x", &tr!("Do not sort by {label}", label = label), false))
            }
        }
    }

    fn button(&self, what: &str, key: &str, glyph: &str, label: &str, off: bool) -> Markup {
        let value = format!("{what}:{key}");
        html! {
            button.btn.btn-icon.btn-sm.btn-ghost type="button" name="do" value=(value) aria-label=(label) title=(label)
                disabled[off] autofocus[self.focus == value && !off]
                hx-post=(self.edit) hx-target="#column-chooser" hx-swap="outerHTML" { (icon(glyph)) }
        }
    }

    fn choice(&self, name: &str, label: &str, options: &Markup) -> Markup {
        html! {
            div.chooser-add {
                label.visually-hidden for={ "chooser-" (name) } { (label) }
                select.form-select id={ "chooser-" (name) } name=(name) data-search-choice autofocus[self.focus == name]
                    hx-post=(self.edit) hx-trigger="change" hx-target="#column-chooser" hx-swap="outerHTML" {
                    option value="" selected { "+ " (label) " …" }
                    (options)
                }
            }
        }
    }
}
