//! A line above a record or a list that says something about the whole of it.

use maud::{Markup, Render, html};

use super::badge::Tone;
use super::command::Command;
use super::icon::icon;

/// A notice about the whole page, such as "Closed as won on 3 March: read-only".
#[derive(Debug, Clone, Default)]
pub struct Banner {
    /// Its colour.
    pub tone: Tone,
    /// Icon before the text.
    pub icon: String,
    /// What it says.
    pub text: String,
    /// What the reader can do about it.
    pub commands: Vec<Command>,
}

impl Render for Banner {
    fn render(&self) -> Markup {
        html! {
            div class={ "notice " (self.tone.class()) } role="status" {
                (icon(&self.icon))
                p { (self.text) }
                @for command in &self.commands { (command) }
            }
        }
    }
}
