//! The stages a deal goes through, with where it stands.

use maud::{Markup, Render, html};

use super::icon::icon;

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StageState {
    /// Gone through.
    Done,
    /// Where the record is.
    Active,
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
    /// Address of the dialog with the stage's steps.
    pub href: Option<String>,
}

/// The stages of the process a record goes through.
#[derive(Debug, Clone, Default)]
pub struct ProcessBar {
    /// Name of the process.
    pub name: String,
    /// How long it runs, such as `Active for 34 days` or `Completed in 41 days`.
    pub note: String,
    /// The stages in their order.
    pub stages: Vec<ProcessStage>,
}

impl Render for ProcessBar {
    fn render(&self) -> Markup {
        html! {
            section.process-bar aria-label=(self.name) {
                div.process-name {
                    strong { (self.name) }
                    span { (self.note) }
                }
                ol {
                    @for stage in &self.stages {
                        li .is-done[stage.state == StageState::Done] .is-active[stage.state == StageState::Active]
                            aria-current=[(stage.state == StageState::Active).then_some("step")] {
                            @match &stage.href {
                                Some(href) => button type="button" hx-get=(href) hx-target="#dialogs" hx-swap="innerHTML"
                                    aria-haspopup="dialog" { (face(stage)) },
                                None => div { (face(stage)) },
                            }
                        }
                    }
                }
            }
        }
    }
}

fn face(stage: &ProcessStage) -> Markup {
    html! {
        span.process-mark aria-hidden="true" { @if stage.state == StageState::Done { (icon("check")) } }
        span.process-stage { (stage.name) }
        @if stage.state == StageState::Done { span.visually-hidden { " (done)" } }
        @if let Some(note) = &stage.note { span.process-note { (note) } }
    }
}
