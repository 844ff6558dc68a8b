//! Dialogs, rendered by the server and opened by the page when they arrive in `#dialogs`.

use language::tr;
use maud::{Markup, Render, html};

use super::fields::{Control, Field};
use super::form::{FieldError, error_summary};
use super::icon::icon;

/// How wide a dialog is, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DialogSize {
    /// For a question.
    #[default]
    Small,
    /// For a form of one column.
    Medium,
    /// For tables and comparisons.
    Large,
    /// A sheet at the right edge, for creating something beside what is open.
    Side,
}

impl DialogSize {
    fn class(self) -> &'static str {
        match self {
            Self::Small => "dialog",
            Self::Medium => "dialog is-medium",
            Self::Large => "dialog is-large",
            Self::Side => "dialog is-side",
        }
    }
}

/// A question or a small form above the page.
///
/// It posts to `action`. A refused post answers 422 with the dialog again. An accepted one answers
/// with `HX-Redirect` to where to go next, or with `HX-Trigger: dialog-done` to close it.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// Unique on the page.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Icon beside the heading.
    pub icon: String,
    /// How wide it is.
    pub size: DialogSize,
    /// Where it posts to; `None` for a dialog that only shows something.
    pub action: Option<String>,
    /// Where what was typed into a field is checked when the field is left.
    pub checks: Option<String>,
    /// The session's token against forged requests.
    pub csrf: String,
    /// Further values to send, such as the ids of the selected rows.
    pub hidden: Vec<(String, String)>,
    /// What was wrong with what was sent.
    pub errors: Vec<FieldError>,
    /// Introduction under the heading.
    pub text: String,
    /// Fields to fill in.
    pub fields: Vec<Field>,
    /// Anything else, after the fields.
    pub body: Markup,
    /// Answers to the question, each a button that posts at once, in place of the one below.
    pub answers: Vec<Answer>,
    /// Word on the button that posts.
    pub submit: String,
    /// Word on a second button that posts `then=new` too, such as `Save and new`.
    pub submit_more: Option<String>,
    /// Whether the button destroys something.
    pub danger: bool,
}

/// An answer to a dialog's question.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What is sent, by this name.
    pub name: String,
    /// With this value.
    pub value: String,
    /// On the button.
    pub label: String,
}

impl Default for Dialog {
    fn default() -> Self {
        Self {
            id: "dialog".to_owned(),
            title: String::new(),
            icon: String::new(),
            size: DialogSize::Small,
            action: None,
            checks: None,
            csrf: String::new(),
            hidden: Vec::new(),
            errors: Vec::new(),
            text: String::new(),
            fields: Vec::new(),
            body: html! {},
            answers: Vec::new(),
            submit: tr!("Save"),
            submit_more: None,
            danger: false,
        }
    }
}

impl Dialog {
    fn has_files(&self) -> bool {
        let is_file = |field: &Field| matches!(field.control, Control::File { .. } | Control::Image { .. });
        self.fields.iter().any(is_file)
    }

    fn head(&self) -> Markup {
        html! {
            header.dialog-head {
                @if !self.icon.is_empty() { (icon(&self.icon)) }
                h2 id={ (self.id) "-title" } { (self.title) }
                button.dialog-close type="button" data-dialog-close aria-label=(tr!("Close dialog")) { (icon("x")) }
            }
        }
    }

    fn content(&self) -> Markup {
        html! {
            div.dialog-body {
                @if !self.text.is_empty() { p { (self.text) } }
                (error_summary(&self.errors))
                @for field in &self.fields { (Field { scope: self.id.clone(), ..field.clone() }) }
                (self.body)
                @if !self.answers.is_empty() {
                    div.dialog-answers role="group" aria-labelledby={ (self.id) "-title" } {
                        @for (place, answer) in self.answers.iter().enumerate() {
                            button.btn type="submit" name=(answer.name) value=(answer.value) autofocus[place == 0] { (answer.label) }
                        }
                    }
                }
            }
        }
    }

    fn foot(&self) -> Markup {
        html! {
            footer.dialog-foot {
                button.btn type="button" data-dialog-close { @if self.action.is_some() { (tr!("Cancel")) } @else { (tr!("Close")) } }
                @if self.action.is_some() && self.answers.is_empty() {
                    @if let Some(more) = &self.submit_more { button.btn type="submit" name="then" value="new" { (more) } }
                    button.btn type="submit" .btn-primary[!self.danger] .btn-danger[self.danger] { (self.submit) }
                }
            }
        }
    }
}

impl Render for Dialog {
    fn render(&self) -> Markup {
        html! {
            dialog class=(self.size.class()) id=(self.id) data-dialog aria-labelledby={ (self.id) "-title" } {
                @match &self.action {
                    Some(action) => form method="post" action=(action) hx-post=(action) hx-target="closest dialog"
                        hx-encoding=[self.has_files().then_some("multipart/form-data")]
                        enctype=[self.has_files().then_some("multipart/form-data")] hx-swap="outerHTML" hx-disabled-elt="find button[type=submit]" hx-disinherit="hx-disabled-elt hx-encoding" data-checks=[self.checks.as_deref()] novalidate {
                        input type="hidden" name="csrf" value=(self.csrf);
                        @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
                        (self.head()) (self.content()) (self.foot())
                    },
                    None => div.dialog-frame { (self.head()) (self.content()) (self.foot()) },
                }
            }
        }
    }
}
