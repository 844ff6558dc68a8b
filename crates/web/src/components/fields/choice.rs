//! One or several of a set of values.

use maud::{Markup, html};

use super::{Field, Requirement};

/// A value to choose.
#[derive(Debug, Clone, Default)]
pub struct ChoiceOption {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

pub fn select(field: &Field, options: &[ChoiceOption]) -> Markup {
    let chosen = options.iter().any(|option| option.chosen);
    // Where a value must be chosen, "nothing" can only be shown, not chosen again.
    let must = field.requirement == Requirement::Required;
    html! {
        select.form-select id=(field.id()) name=(field.name) form=[field.form.as_deref()] data-search-choice[field.searchable]
            required[must] autofocus[field.autofocus]
            aria-invalid=[field.invalid()] aria-describedby=[field.described_by()] {
            @if (!must || !chosen) && !options.iter().any(|option| option.value.is_empty()) { option value="" selected[!chosen] { "–" } }
            @for option in options { option value=(option.value) selected[option.chosen] { (option.label) } }
        }
    }
}

/// Boxes, one a value. An empty hidden value goes first, so that "none" reaches the server.
pub fn checkboxes(field: &Field, options: &[ChoiceOption]) -> Markup {
    html! {
        div.choice-boxes id=(field.id()) role="group" tabindex="-1" aria-labelledby={ (field.id()) "-label" }
            aria-describedby=[field.described_by()] {
            input type="hidden" name=(field.name) value="" form=[field.form.as_deref()];
            @for option in options {
                label.choice-box {
                    input.form-check-input type="checkbox" name=(field.name) value=(option.value) checked[option.chosen]
                        form=[field.form.as_deref()];
                    span { (option.label) }
                }
            }
        }
    }
}
