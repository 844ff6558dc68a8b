//! One stage of a flow with its condition and its steps.

use language::{Language, spoken, tr, translated};
use maud::{Markup, html};
use model::{Stage, StageStep, Table};

use super::{Scene, dialog_button, post_button, table_label};
use crate::components::{Badge, Tone, icon};

impl Scene<'_> {
    pub(super) fn stage(&self, at: usize, stage: &Stage) -> Markup {
        let place = format!("stage {}", stage.name);
        let href = format!("{}/stages/{}", self.href(), stage.name);
        html! {
            li.page-card.designer-stage id={ "stage-" (stage.name) } .is-branch[stage.condition.is_some()] data-place={ (href) "/place" } {
                div.designer-head {
                    span.designer-handle data-handle title=(tr!("Drag to another place")) aria-hidden="true" { (icon("grip-vertical")) }
                    h3 { (at + 1) ". " (stage.label) }
                    (Badge::new(super::phase(stage.category), Tone::Blue))
                    @if self.table_of(stage) != self.process().table { (Badge::new(table_label(self.model, self.table_of(stage)), Tone::Purple)) }
                    span.designer-tools { (self.stage_tools(at, stage, &href)) }
                }
                (self.mistakes(&place))
                @if let Some(before) = at.checked_sub(1).and_then(|before| self.process().stages.get(before)) {
                    @let table = self.table_of(before).to_owned();
                    div.designer-condition {
                        h4 { @if stage.condition.is_some() { (tr!("Only where the {} fulfils", Language::within_sentence(&table_label(self.model, &table)))) } @else { (tr!("Taken by every record")) } }
                        (self.condition(&format!("stage:{}", stage.name), &table, stage.condition.as_ref(), &format!("{place}: condition")))
                    }
                }
                (self.steps(stage, &href))
            }
        }
    }

    fn stage_tools(&self, at: usize, stage: &Stage, href: &str) -> Markup {
        let (name, label) = (&stage.name, &stage.label);
        let last = at + 1 == self.process().stages.len();
        let place = format!("{href}/place");
        html! {
            @if at > 0 { (post_button(self, &format!("up-{name}"), &place, &[("to", &(at - 1).to_string())], "arrow-up", &tr!("Move {} up", label))) }
            @if !last { (post_button(self, &format!("down-{name}"), &place, &[("to", &(at + 1).to_string())], "arrow-down", &tr!("Move {} down", label))) }
            (dialog_button(&format!("edit-{name}"), href, "edit", &tr!("Change stage {}", label)))
            @if self.process().stages.len() > 1 { (post_button(self, &format!("remove-{name}"), &format!("{href}/removal"), &[], "trash", &tr!("Remove stage {}", label))) }
        }
    }

    fn steps(&self, stage: &Stage, href: &str) -> Markup {
        let table = self.model.table(self.table_of(stage));
        html! {
            @if stage.steps.is_empty() { p.page-note { (tr!("No steps: the stage asks for nothing.")) } }
            ol.designer-steps data-sorted="steps" aria-label=(tr!("Steps of {}", stage.label)) {
                @for (at, step) in stage.steps.iter().enumerate() { (self.step(stage, href, table.map(AsRef::as_ref), at, step)) }
            }
            button.btn.btn-sm.designer-add id={ "add-step-" (stage.name) } type="button" hx-get={ (href) "/steps" } hx-target="#dialogs" hx-swap="innerHTML"
                aria-label=(tr!("Add a step to {}", stage.label)) { (icon("plus")) span { (tr!("Add step")) } }
        }
    }

    fn step(&self, stage: &Stage, href: &str, table: Option<&Table>, at: usize, step: &StageStep) -> Markup {
        let (label, note) = step_words(step, table);
        let (href, name) = (format!("{href}/steps/{at}"), format!("{}-{at}", stage.name));
        let place = format!("{href}/place");
        let move_to = |to: usize| [("to".to_owned(), to.to_string())];
        let button = |id: String, href: &str, to: Option<usize>, symbol: &str, words: String| {
            let values = to.map(move_to);
            let values: Vec<(&str, &str)> =
                values.iter().flatten().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            post_button(self, &id, href, &values, symbol, &words)
        };
        html! {
            li data-place=(place) {
                div.designer-step {
                    span.designer-handle data-handle title=(tr!("Drag to another place")) aria-hidden="true" { (icon("grip-vertical")) }
                    span.designer-step-label {
                        (label)
                        @if step.required { " " (Badge::new(tr!("Required"), Tone::Orange)) }
                        @if let Some(note) = note { small { (note) } }
                    }
                    span.designer-tools {
                        @if at > 0 { (button(format!("up-step-{name}"), &place, Some(at - 1), "arrow-up", tr!("Move {} up", label))) }
                        @if at + 1 < stage.steps.len() { (button(format!("down-step-{name}"), &place, Some(at + 1), "arrow-down", tr!("Move {} down", label))) }
                        (dialog_button(&format!("edit-step-{name}"), &href, "edit", &tr!("Change step {}", label)))
                        (button(format!("remove-step-{name}"), &format!("{href}/removal"), None, "trash", tr!("Remove step {}", label)))
                    }
                }
                (self.mistakes(&format!("stage {}: step {}", stage.name, at + 1)))
            }
        }
    }
}

/// What a step is called, and what it stands for where its name does not say it.
fn step_words(step: &StageStep, table: Option<&Table>) -> (String, Option<String>) {
    let stands_for = match step.action {
        Some(action) => tr!("Button: {}", spoken(action.label())),
        None => table
            .and_then(|table| table.column(&step.column))
            .map_or_else(|| step.column.clone(), |column| translated(&column.label).into_owned()),
    };
    match (step.label.as_str(), step.action) {
        ("", Some(action)) => (spoken(action.label()).into_owned(), Some(tr!("Button"))),
        ("", None) => (stands_for, None),
        (own, _) => (own.to_owned(), Some(stands_for).filter(|it| it != own)),
    }
}
