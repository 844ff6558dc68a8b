//! The stages a deal goes through, with where it stands.

use language::tr;
use maud::{Markup, Render, html};

use super::command::Command;
use super::icon::icon;

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StageState {
    /// Gone through.
    Done,
    /// Where the record is.
    Active,
    /// Where the record was when its flow was abandoned.
    Stopped,
    /// Still to come.
    #[default]
    Ahead,
}

/// A stage of a process.
#[derive(Debug, Clone, Default)]
pub struct ProcessStage {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: StageState,
    /// Time spent in it, such as `12 days`.
    pub note: Option<String>,
    /// Address of the panel with the stage's steps.
    pub href: Option<String>,
}

/// The stages of the process a record goes through. A stage opens its panel under the bar, or
/// beside the record where the person has pinned it there.
#[derive(Debug, Clone, Default)]
pub struct ProcessBar {
    /// Name of the process.
    pub name: String,
    /// How long it runs, such as `Active for 34 days` or `Completed in 41 days`.
    pub note: String,
    /// The stages in their order.
    pub stages: Vec<ProcessStage>,
    /// What can be done with the flow as a whole: shown as buttons.
    pub commands: Vec<Command>,
    /// The rest of it, in a menu.
    pub more: Vec<Command>,
    /// The panel that stands beside the record from the beginning, because it was pinned there.
    pub pinned: Option<String>,
}

impl ProcessBar {
    fn flow_commands(&self) -> Markup {
        html! {
            div.process-commands {
                @for command in &self.commands { (command) }
                @if !self.more.is_empty() {
                    div.dropdown {
                        button.btn.btn-icon type="button" data-bs-toggle="dropdown" aria-expanded="false"
                            aria-label=(tr!("Flow commands")) title=(tr!("Flow commands")) { (icon("dots-vertical")) }
                        div.dropdown-menu.dropdown-menu-end { @for command in &self.more { (command.menu_item()) } }
                    }
                }
            }
        }
    }
}

impl Render for ProcessBar {
    fn render(&self) -> Markup {
        html! {
            section.process-bar aria-label=(self.name) data-process {
                div.process-name {
                    strong { (self.name) }
                    span { (self.note) }
                }
                ol data-stages {
                    @for stage in &self.stages {
                        li .is-done[stage.state == StageState::Done] .is-stopped[stage.state == StageState::Stopped] .is-active[stage.state == StageState::Active]
                            aria-current=[(stage.state == StageState::Active).then_some("step")] {
                            @match &stage.href {
                                Some(href) => button type="button" hx-get=(href) hx-target="#stage-slot" hx-swap="innerHTML"
                                    aria-expanded="false" aria-controls="stage-slot" data-stage=(href) { (face(stage)) },
                                None => div { (face(stage)) },
                            }
                        }
                    }
                }
                (self.flow_commands())
                @match &self.pinned {
                    Some(href) => div.stage-slot.is-pinned id="stage-slot" hx-get=(href) hx-trigger="load" hx-target="this" hx-swap="innerHTML" {},
                    None => div.stage-slot id="stage-slot" {},
                }
            }
        }
    }
}

fn face(stage: &ProcessStage) -> Markup {
    html! {
        span.process-mark aria-hidden="true" {
            @match stage.state {
                StageState::Done => (icon("check")),
                StageState::Stopped => (icon("ban")),
                StageState::Active | StageState::Ahead => {}
            }
        }
        span.process-stage { (stage.name) }
        @match stage.state {
            StageState::Done => span.visually-hidden { " " (tr!("(done)")) },
            StageState::Stopped => span.visually-hidden { " " (tr!("(abandoned here)")) },
            StageState::Active | StageState::Ahead => {}
        }
        @if let Some(note) = &stage.note { span.process-note { (note) } }
    }
}
