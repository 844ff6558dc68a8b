//! The steps of a wizard.

use language::tr;
use maud::{Markup, Render, html};

use super::icon::icon;

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StepState {
    /// Behind us.
    Done,
    /// Being done.
    Current,
    /// Still to come.
    #[default]
    Ahead,
}

/// One step of a wizard.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// What is done in it.
    pub label: String,
    /// Where it stands.
    pub state: StepState,
    /// Where to go back to it, for steps behind us.
    pub href: Option<String>,
}

/// The steps of a wizard in their order.
#[derive(Debug, Clone, Default)]
pub struct Steps {
    /// The steps.
    pub steps: Vec<Step>,
}

impl Render for Steps {
    fn render(&self) -> Markup {
        html! {
            ol.wizard-steps aria-label=(tr!("Steps")) {
                @for (index, step) in self.steps.iter().enumerate() {
                    li .is-done[step.state == StepState::Done] .is-current[step.state == StepState::Current]
                        aria-current=[(step.state == StepState::Current).then_some("step")] {
                        span.wizard-step-mark aria-hidden="true" {
                            @if step.state == StepState::Done { (icon("check")) } @else { (index + 1) }
                        }
                        @match &step.href {
                            Some(href) => a href=(href) { (step.label) },
                            None => span { (step.label) },
                        }
                        @if step.state == StepState::Done { span.visually-hidden { " " (tr!("(done)")) } }
                    }
                }
            }
        }
    }
}
