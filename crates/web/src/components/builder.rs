//! The editor of a whole filter, in a dialog: groups that hold conditions, groups and related rows.

use language::tr;
use maud::{Markup, Render, html};

use super::fields::Field;
use super::icon::icon;

/// Options under a heading.
#[derive(Debug, Clone, Default)]
pub struct OptionGroup {
    /// The heading; options without one stand by themselves.
    pub label: String,
    /// Value, label, chosen.
    pub options: Vec<(String, String, bool)>,
}

/// Draws options under their headings.
pub fn option_groups(groups: &[OptionGroup]) -> Markup {
    let options = |group: &OptionGroup| {
        html! { @for (value, label, chosen) in &group.options { option value=(value) selected[*chosen] { (label) } } }
    };
    html! {
        @for group in groups {
            @if group.label.is_empty() { (options(group)) } @else { optgroup label=(group.label) { (options(group)) } }
        }
    }
}

/// The editor. Every change that alters what can be chosen asks the server for it anew.
#[derive(Debug, Clone, Default)]
pub struct FilterBuilder {
    /// Where changes are posted to.
    pub edit: String,
    /// There is no room for more.
    pub full: bool,
    /// The outermost group.
    pub root: BuilderGroup,
}

/// Several things that rows must satisfy, all or any of them.
#[derive(Debug, Clone, Default)]
pub struct BuilderGroup {
    /// Its number in the form.
    pub id: usize,
    /// That of the group it stands in.
    pub parent: Option<usize>,
    /// What the rows are, such as `leads`.
    pub of: String,
    /// One of them is enough.
    pub any: bool,
    /// The related rows that it is about; none where it is about the row itself.
    pub related: Option<BuilderRelated>,
    /// What stands in it.
    pub items: Vec<BuilderItem>,
    /// Whether groups can stand in it.
    pub nests: bool,
    /// Related rows that can be asked for: value and label.
    pub relations: Vec<(String, String)>,
    /// The choice of all or any gets the focus.
    pub focus_any: bool,
    /// The choice of has or has no gets the focus.
    pub focus_none: bool,
    /// The button that adds a condition gets the focus.
    pub focus_add: bool,
}

/// Rows that point here.
#[derive(Debug, Clone, Default)]
pub struct BuilderRelated {
    /// There must be none.
    pub none: bool,
    /// Their table.
    pub table: String,
    /// Its lookup that points here.
    pub through: String,
    /// What they are called.
    pub label: String,
}

/// One thing in a group.
#[derive(Debug, Clone)]
pub enum BuilderItem {
    /// A column compared.
    Condition(BuilderCondition),
    /// A group.
    Group(BuilderGroup),
}

/// A column compared.
#[derive(Debug, Clone, Default)]
pub struct BuilderCondition {
    /// Its number in the form.
    pub id: usize,
    /// That of the group it stands in.
    pub parent: usize,
    /// Columns to choose from, and places where there are more.
    pub columns: Vec<OptionGroup>,
    /// The column that operator and values are for.
    pub was: String,
    /// Operators to choose from; none before there is a column.
    pub operators: Vec<(String, String, bool)>,
    /// Values to compare with.
    pub values: Vec<Field>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// The column gets the focus.
    pub focus_column: bool,
    /// The operator gets the focus.
    pub focus_operator: bool,
}

impl Render for FilterBuilder {
    fn render(&self) -> Markup {
        html! { div.filter-builder id="filter-builder" hx-disabled-elt="unset" { (self.group(&self.root)) } }
    }
}

impl FilterBuilder {
    fn group(&self, group: &BuilderGroup) -> Markup {
        let id = group.id;
        let name = |what: &str| format!("n{id}-{what}");
        let label = match &group.related {
            Some(related) => related.label.clone(),
            None if id == 0 => tr!("Conditions"),
            None => tr!("Group of conditions"),
        };
        html! {
            fieldset.builder-group .is-inner[id != 0] {
                legend.visually-hidden { (label) }
                input type="hidden" name="node" value=(id);
                input type="hidden" name=(name("kind")) value=(if group.related.is_some() { "related" } else { "group" });
                @if let Some(parent) = group.parent { input type="hidden" name=(name("in")) value=(parent); }
                div.builder-head {
                    @if let Some(related) = &group.related { (related_head(related, id, group.focus_none)) }
                    (all_or_any(group))
                    @if id != 0 { (self.button("remove", id, "x", &tr!("Remove: {label}", label = label), true)) }
                }
                div.builder-items {
                    @for item in &group.items {
                        @match item {
                            BuilderItem::Condition(condition) => (self.condition(condition)),
                            BuilderItem::Group(inner) => (self.group(inner)),
                        }
                    }
                }
                @if !self.full { (self.foot(group)) }
            }
        }
    }

    fn foot(&self, group: &BuilderGroup) -> Markup {
        let id = group.id;
        let relate = format!("n{id}-relate");
        html! {
            div.builder-foot {
                button.btn.btn-sm type="button" name="do" value={ "add:" (id) } autofocus[group.focus_add]
                    hx-post=(self.edit) hx-target="#filter-builder" hx-swap="outerHTML" { (icon("plus")) span { (tr!("Condition")) } }
                @if group.nests {
                    button.btn.btn-sm type="button" name="do" value={ "group:" (id) }
                        hx-post=(self.edit) hx-target="#filter-builder" hx-swap="outerHTML" { (icon("plus")) span { (tr!("Group")) } }
                }
                @if !group.relations.is_empty() {
                    label.visually-hidden for=(relate) { (tr!("Add related rows of {}", group.of)) }
                    select.form-select id=(relate) name="relate" hx-post=(self.edit) hx-trigger="change"
                        hx-target="#filter-builder" hx-swap="outerHTML" {
                        option value="" { (tr!("+ Related rows …")) }
                        @for (value, label) in &group.relations { option value={ (id) "=" (value) } { (label) } }
                    }
                }
            }
        }
    }

    fn button(&self, what: &str, id: usize, glyph: &str, label: &str, quiet: bool) -> Markup {
        html! {
            button.btn.btn-icon.btn-sm .btn-ghost[quiet] type="button" name="do" value={ (what) ":" (id) }
                aria-label=(label) title=(label) hx-post=(self.edit) hx-target="#filter-builder" hx-swap="outerHTML" {
                (icon(glyph))
            }
        }
    }

    fn condition(&self, condition: &BuilderCondition) -> Markup {
        let id = condition.id;
        let name = |what: &str| format!("n{id}-{what}");
        let error = condition.error.as_ref().map(|_| name("error"));
        let invalid = condition.error.as_ref().map(|_| "true");
        html! {
            div.builder-condition role="group" aria-label=(tr!("Condition")) .has-error[condition.error.is_some()] {
                input type="hidden" name="node" value=(id);
                input type="hidden" name=(name("kind")) value="condition";
                input type="hidden" name=(name("in")) value=(condition.parent);
                input type="hidden" name=(name("was")) value=(condition.was);
                div.builder-column {
                    label.visually-hidden for=(name("column")) { (tr!("Column")) }
                    select.form-select id=(name("column")) name=(name("column")) data-search-choice autofocus[condition.focus_column]
                        aria-invalid=[invalid] aria-describedby=[error.as_deref()]
                        hx-post=(self.edit) hx-trigger="change" hx-target="#filter-builder" hx-swap="outerHTML"
                        hx-vals={ "{\"do\":\"column:" (id) "\"}" } { (option_groups(&condition.columns)) }
                }
                @if !condition.operators.is_empty() {
                    div.builder-operator {
                        label.visually-hidden for=(name("operator")) { (tr!("Comparison")) }
                        select.form-select id=(name("operator")) name=(name("operator")) autofocus[condition.focus_operator]
                            hx-post=(self.edit) hx-trigger="change" hx-target="#filter-builder" hx-swap="outerHTML"
                            hx-vals={ "{\"do\":\"operator:" (id) "\"}" } {
                            @for (value, label, chosen) in &condition.operators { option value=(value) selected[*chosen] { (label) } }
                        }
                    }
                    @if !condition.values.is_empty() {
                        div.builder-values { @for field in &condition.values { (field) } }
                    }
                }
                (self.button("remove", id, "x", &tr!("Remove this condition"), true))
                @if let (Some(message), Some(error)) = (&condition.error, &error) {
                    p.field-error id=(error) { (icon("alert-circle")) span { (message) } }
                }
            }
        }
    }
}

fn all_or_any(group: &BuilderGroup) -> Markup {
    let name = format!("n{}-any", group.id);
    html! {
        label.builder-any {
            span { @if group.related.is_some() { (tr!("where")) } @else { (tr!("Show {} where", group.of)) } }
            select.form-select id=(name) name=(name) autofocus[group.focus_any] {
                option value="all" selected[!group.any] { (tr!("all of these hold")) }
                option value="any" selected[group.any] { (tr!("any of these holds")) }
            }
        }
    }
}

fn related_head(related: &BuilderRelated, id: usize, focus: bool) -> Markup {
    let name = |what: &str| format!("n{id}-{what}");
    html! {
        input type="hidden" name=(name("table")) value=(related.table);
        input type="hidden" name=(name("through")) value=(related.through);
        label.builder-any {
            span.visually-hidden { (tr!("Whether there are {}", related.label)) }
            select.form-select id=(name("none")) name=(name("none")) autofocus[focus] {
                option value="has" selected[!related.none] { (tr!("Has")) }
                option value="none" selected[related.none] { (tr!("Has no")) }
            }
            b { (related.label) }
        }
    }
}
