//! Values to read: calculated, rolled up, or closed to this reader.

use language::tr;
use maud::{Markup, html};

use super::Field;
use crate::components::cell::Cell;
use crate::components::icon::icon;

/// Why a value is only read where others are filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnlyReason {
    /// It follows from others.
    Calculated,
    /// The product sets it, nobody else.
    BySystem,
    /// Its column is secured, and this person may not set it.
    Secured,
}

impl ReadOnlyReason {
    fn told(self) -> String {
        match self {
            Self::Calculated => tr!("Calculated"),
            Self::BySystem => tr!("Set by the system"),
            Self::Secured => tr!("Secured: none of your column security profiles lets you set this"),
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Calculated => "calculator",
            Self::BySystem | Self::Secured => "lock",
        }
    }
}

pub fn value(field: &Field, value: &Cell, reason: Option<ReadOnlyReason>) -> Markup {
    html! {
        div.read-only-value id=(field.id()) role="group" tabindex="-1" aria-labelledby={ (field.id()) "-label" } {
            span { (value) }
            @if let Some(reason) = reason {
                span.read-only-reason title=(reason.told()) { (icon(reason.icon())) span.visually-hidden { (reason.told()) } }
            }
        }
    }
}
