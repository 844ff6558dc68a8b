//! Values to read: calculated, rolled up, or closed to this reader.

use language::tr;
use maud::{Markup, html};

use super::Field;
use crate::components::cell::Cell;
use crate::components::icon::icon;

pub fn value(field: &Field, value: &Cell, reason: Option<&str>) -> Markup {
    html! {
        div.read-only-value id=(field.id()) role="group" tabindex="-1" aria-labelledby={ (field.id()) "-label" } {
            span { (value) }
            @if let Some(reason) = reason {
                span.read-only-reason title=(reason) { (icon(if reason == tr!("Calculated") { "calculator" } else { "lock" })) span.visually-hidden { (reason) } }
            }
        }
    }
}
