//! Dates and times, with the browser's own picker.

use maud::{Markup, html};

use super::Field;

pub fn input(field: &Field, kind: &str, value: &str) -> Markup {
    html! {
        input.form-control type=(kind) id=(field.id()) name=(field.name) value=(value) max=(latest(kind))
            form=[field.form.as_deref()] required[field.is_required()] autofocus[field.autofocus]
            aria-invalid=[field.invalid()] aria-describedby=[field.described_by()];
    }
}

/// Without an end, browsers let six-digit years be typed.
fn latest(kind: &str) -> &'static str {
    if kind == "date" { "9999-12-31" } else { "9999-12-31T23:59" }
}
