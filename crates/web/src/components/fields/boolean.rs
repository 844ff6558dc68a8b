//! Yes or no as a switch.

use maud::{Markup, html};

use super::Field;

/// A switch. It sends `true` when on and, through the hidden input before it, `false` when off, so
/// that the server can tell "off" from "not on this form".
pub fn switch(field: &Field, value: bool, yes: &str, no: &str) -> Markup {
    html! {
        div.form-check.form-switch.switch {
            input type="hidden" name=(field.name) value="false" form=[field.form.as_deref()];
            input.form-check-input type="checkbox" role="switch" id=(field.id()) name=(field.name) value="true"
                checked[value] form=[field.form.as_deref()] autofocus[field.autofocus]
                aria-invalid=[field.invalid()] aria-describedby=[field.described_by()];
            span.switch-word aria-hidden="true" { span.when-on { (yes) } span.when-off { (no) } }
        }
    }
}
