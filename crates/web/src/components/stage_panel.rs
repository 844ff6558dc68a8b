//! What belongs to one stage of a process: its steps to fill in, what is still missing, the moves,
//! and how often the record stayed there.

use language::tr;
use maud::{Markup, Render, html};

use super::command::Command;
use super::fields::{Control, Field};
use super::form::{FieldError, error_summary};
use super::icon::icon;
use super::moment::Moment;

/// Prefix of the ids of the fields in the panel.
pub const SCOPE: &str = "stage";

/// A step that is only named, because its record is not there yet or not shown.
#[derive(Debug, Clone, Default)]
pub struct NamedStep {
    /// Its label.
    pub label: String,
    /// Whether it must be filled.
    pub required: bool,
    /// Whether it is.
    pub done: bool,
}

/// A stay in the stage.
#[derive(Debug, Clone, Default)]
pub struct Stay {
    /// Since when.
    pub entered: Moment,
    /// How long and how it ended, such as `3 days, then moved on by Ada`.
    pub text: String,
}

/// A button that saves the steps and then moves the record.
#[derive(Debug, Clone, Default)]
pub struct StageMove {
    /// The verb.
    pub label: String,
    /// What is sent as `move`.
    pub value: String,
    /// Whether it is the one that most people want.
    pub primary: bool,
}

/// One stage, opened. It posts to `action`; a refused post answers 422 with the panel again, an
/// accepted one with `HX-Redirect`.
#[derive(Debug, Clone, Default)]
pub struct StagePanel {
    /// The stage's name.
    pub title: String,
    /// Where it stands, such as `Active for 3 days`.
    pub text: String,
    /// Where it posts to; `None` where nothing can be changed.
    pub action: Option<String>,
    /// The session's token against forged requests.
    pub csrf: String,
    /// The stage's identifier.
    pub stage: String,
    /// The version of the stage's record that it was made of.
    pub version: Option<String>,
    /// Columns of which it shows what others did to them up to that version.
    pub seen: Vec<String>,
    /// Id of the form on the page that shows the same record, whose fields are the same as here.
    pub shares: Option<String>,
    /// Labels and field ids of the required steps that are still empty.
    pub missing: Vec<(String, Option<String>)>,
    /// What was wrong with what was sent.
    pub errors: Vec<FieldError>,
    /// The steps to fill in.
    pub fields: Vec<Field>,
    /// The steps that are only named.
    pub named: Vec<NamedStep>,
    /// The steps that are done by a command.
    pub actions: Vec<Command>,
    /// Way to the stage's own record, where it is another one.
    pub elsewhere: Option<Command>,
    /// The stays, the latest first.
    pub stays: Vec<Stay>,
    /// The moves; the last one stands at the right.
    pub moves: Vec<StageMove>,
    /// A command in place of the main move.
    pub instead: Option<Command>,
}

impl StagePanel {
    /// Enter in a field takes a form's first button: it saves, and moves nothing.
    fn default_button(&self) -> Markup {
        html! {
            @if self.moves.iter().any(|step| step.value == "save") {
                button.visually-hidden type="submit" name="move" value="save" tabindex="-1" aria-hidden="true" { (tr!("Save")) }
            }
        }
    }

    fn head(&self) -> Markup {
        html! {
            header.dialog-head {
                (icon("flag"))
                h2 id="stage-title" tabindex="-1" { (self.title) }
                button.dialog-close.stage-pin type="button" data-stage-pin aria-pressed="false"
                    aria-label=(tr!("Pin to the side")) title=(tr!("Pin to the side")) { (icon("pin")) }
                button.dialog-close type="button" data-stage-close aria-label=(tr!("Close stage")) { (icon("x")) }
            }
        }
    }

    fn content(&self) -> Markup {
        html! {
            div.dialog-body {
                @if !self.text.is_empty() { p { (self.text) } }
                (error_summary(&self.errors))
                @if self.errors.is_empty() { (self.missing()) }
                @for field in &self.fields { (Field { scope: SCOPE.to_owned(), ..field.clone() }) }
                @if !self.named.is_empty() { (named(&self.named)) }
                @if !self.actions.is_empty() {
                    div.stage-actions { @for action in &self.actions { (action) } }
                }
                @if let Some(elsewhere) = &self.elsewhere { div { (elsewhere) } }
                (self.stays())
            }
        }
    }

    fn missing(&self) -> Markup {
        html! {
            @if !self.missing.is_empty() {
                div.stage-missing {
                    strong { (tr!("Still needed before the next stage:")) }
                    ul {
                        @for (label, field) in &self.missing {
                            li {
                                @match field {
                                    Some(field) => a href={ "#" (field) } data-goto-field { (label) },
                                    None => (label),
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn stays(&self) -> Markup {
        html! {
            @if !self.stays.is_empty() {
                details.stage-stays {
                    summary {
                        (tr!("One stay" | "{n} stays" % self.stays.len()))
                    }
                    ol { @for stay in &self.stays { li { (stay.entered) " · " (stay.text) } } }
                }
            }
        }
    }

    fn foot(&self) -> Markup {
        html! {
            @if self.action.is_some() && (!self.moves.is_empty() || self.instead.is_some()) {
                footer.dialog-foot {
                    @for step in &self.moves {
                        button.btn type="submit" name="move" value=(step.value) .btn-primary[step.primary] { (step.label) }
                    }
                    @if let Some(instead) = &self.instead { (instead) }
                }
            }
        }
    }

    fn has_files(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.control, Control::File { .. } | Control::Image { .. }))
    }
}

fn named(steps: &[NamedStep]) -> Markup {
    html! {
        ul.stage-steps {
            @for step in steps {
                li .is-done[step.done] {
                    (icon(if step.done { "circle-check" } else { "circle-dashed" }))
                    span { (step.label) }
                    @if step.required { small { (tr!("required")) } }
                    @if step.done { span.visually-hidden { " " (tr!("(done)")) } }
                }
            }
        }
    }
}

impl Render for StagePanel {
    fn render(&self) -> Markup {
        html! {
            section.stage-panel aria-labelledby="stage-title" data-stage-panel=(self.stage) {
                @match &self.action {
                    Some(action) => form method="post" action=(action) hx-post=(action) hx-target="#stage-slot" hx-swap="innerHTML"
                        hx-disabled-elt="find button[type=submit]" hx-disinherit="*" data-stage-form data-shares=[self.shares.as_deref()]
                        hx-encoding=[self.has_files().then_some("multipart/form-data")] novalidate {
                        input type="hidden" name="csrf" value=(self.csrf);
                        input type="hidden" name="stage" value=(self.stage);
                        @if let Some(version) = &self.version {
                            input type="hidden" name="version" value=(version);
                            @for column in &self.seen { input type="hidden" name={ "seen_" (column) } value=(version); }
                        }
                        (self.default_button()) (self.head()) (self.content()) (self.foot())
                    },
                    None => div.dialog-frame { (self.head()) (self.content()) },
                }
            }
        }
    }
}
