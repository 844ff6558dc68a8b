//! Long work under way, kept fresh by polling.

use maud::{Markup, Render, html};

use super::command::Command;

/// How far a long piece of work is. While `poll` is given the fragment asks for its successor at
/// that address every second and replaces itself.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// What is being done.
    pub label: String,
    /// How much is done, in the unit of `total`.
    pub done: u64,
    /// How much there is; `None` while it is not known.
    pub total: Option<u64>,
    /// Words for how far it is, such as `4,200 of 9,240 rows`.
    pub text: String,
    /// Where the next state is found; `None` when the work has ended.
    pub poll: Option<String>,
    /// Cancel, usually.
    pub commands: Vec<Command>,
}

impl Render for Progress {
    fn render(&self) -> Markup {
        let trigger = self.poll.as_ref().map(|_| "every 1s");
        let swap = self.poll.as_ref().map(|_| "outerHTML");
        html! {
            div.progress-block hx-get=[self.poll.as_deref()] hx-trigger=[trigger] hx-swap=[swap] {
                div.progress-head {
                    strong { (self.label) }
                    span aria-live="polite" { (self.text) }
                }
                @match self.total {
                    Some(total) => progress max=(total.max(1)) value=(self.done) aria-label=(self.label) { (self.text) },
                    None => progress aria-label=(self.label) { (self.text) },
                }
                @if !self.commands.is_empty() {
                    div.progress-commands { @for command in &self.commands { (command) } }
                }
            }
        }
    }
}
