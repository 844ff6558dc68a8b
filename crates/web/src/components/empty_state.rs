//! What is shown where there is nothing yet: what would be here and how to get it.

use maud::{Markup, Render, html};

use super::command::Command;
use super::icon::icon;

/// An empty list or page that teaches what belongs there.
#[derive(Debug, Clone, Default)]
pub struct EmptyState {
    /// Icon of what is missing.
    pub icon: String,
    /// What is missing, such as `No leads yet`.
    pub title: String,
    /// What would be here and how it comes here.
    pub text: String,
    /// The ways to get some.
    pub commands: Vec<Command>,
}

impl Render for EmptyState {
    fn render(&self) -> Markup {
        html! {
            div.empty-state {
                div.empty-state-icon { (icon(&self.icon)) }
                h2 { (self.title) }
                p { (self.text) }
                @if !self.commands.is_empty() {
                    div.empty-state-commands { @for command in &self.commands { (command) } }
                }
            }
        }
    }
}
