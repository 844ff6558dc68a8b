//! The letters of a list that is sorted by text, each leading to where it begins.

use language::tr;
use maud::{Markup, Render, html};

use super::grid::AFTER_DRAWING;

/// One letter.
#[derive(Debug, Clone, Default)]
pub struct Jump {
    /// As it is shown.
    pub label: String,
    /// As it is called: `digits`.
    pub name: String,
    /// The list from there; `None` where nothing begins with it.
    pub href: Option<String>,
    /// Whether the list was jumped to it.
    pub current: bool,
}

/// The letters, in their order.
#[derive(Debug, Clone, Default)]
pub struct JumpBar {
    /// What the list is sorted by, such as `Name`.
    pub column: String,
    /// The letters.
    pub jumps: Vec<Jump>,
    /// Address of the same bar with the letters that the list really has.
    pub complete: Option<String>,
    /// Element id of what changes when one is chosen.
    pub results: String,
}

impl Render for JumpBar {
    fn render(&self) -> Markup {
        let target = format!("#{}", self.results);
        html! {
            // On a phone it scrolls sideways.
            nav.jump-bar tabindex="0" aria-label=(tr!("Jump to a letter of {}", self.column)) hx-get=[self.complete.as_deref()]
                hx-trigger=[self.complete.as_ref().map(|_| AFTER_DRAWING)] hx-swap=[self.complete.as_ref().map(|_| "outerHTML")] {
                @for jump in &self.jumps {
                    @match &jump.href {
                        Some(href) => a href=(href) aria-label=[(!jump.name.is_empty()).then_some(&jump.name)]
                            aria-current=[jump.current.then_some("true")] hx-get=(href) hx-target=(target) hx-select=(target)
                            hx-swap="outerHTML" hx-push-url="true" hx-trigger="click" { (jump.label) },
                        None => span aria-hidden="true" { (jump.label) },
                    }
                }
            }
        }
    }
}
