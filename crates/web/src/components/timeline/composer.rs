//! The form by which something is added to a timeline, or an entry is changed, in its place.

use language::tr;
use maud::{Markup, Render, html};

use crate::components::{Field, FieldError, form::error_summary, icon};

/// A telephone number to call.
#[derive(Debug, Clone, Default)]
pub struct Number {
    /// Which one, such as `Mobile Phone`.
    pub label: String,
    /// The number.
    pub number: String,
}

/// Calling from the form: numbers to call, and a clock that measures the call.
#[derive(Debug, Clone, Default)]
pub struct Dialling {
    /// Known numbers.
    pub numbers: Vec<Number>,
    /// Element id of the field that holds the number.
    pub number_field: String,
    /// Element id of the field that holds the minutes.
    pub minutes_field: String,
}

/// A short form within a timeline.
///
/// It posts to `action` by script. A refused post answers 422 with the form again; an accepted one
/// takes the form away and has the timeline loaded again.
#[derive(Debug, Clone, Default)]
pub struct Composer {
    /// Prefix of its element ids.
    pub scope: String,
    /// Heading, such as `Log a call`.
    pub title: String,
    /// Icon beside the heading.
    pub icon: String,
    /// Where it posts to.
    pub action: String,
    /// The session's token against forged requests.
    pub csrf: String,
    /// The version of the entry that it was made of.
    pub version: Option<String>,
    /// What was wrong with what was sent.
    pub errors: Vec<FieldError>,
    /// What to know before filling it in.
    pub text: String,
    /// Calling from the form.
    pub dialling: Option<Dialling>,
    /// Fields to fill in.
    pub fields: Vec<Field>,
    /// Word on the button that posts.
    pub submit: String,
    /// Address of the entry that the form stands for; it comes back when the form is left.
    pub entry: Option<String>,
    /// Where people are found by `@` and records by `#` while typing.
    pub mentions: Option<(String, String)>,
    /// The field that is written with formatting: its name, and what it holds, which must be clean.
    pub formatted: Option<(String, String)>,
    /// Where it takes files and pasted pictures: how large each may be, in bytes.
    pub files: Option<usize>,
}

impl Composer {
    fn file_field(&self, largest: usize) -> Markup {
        let id = format!("{}-files", self.scope);
        let help = format!("{id}-help");
        html! {
            div.field.is-full {
                label.form-label for=(id) { (tr!("Files")) }
                div.field-control {
                    input.form-control type="file" id=(id) name="documentbody" multiple data-largest=(largest) aria-describedby=(help);
                    p.field-help id=(help) { (tr!("Up to {} MB in all.", largest / 1024 / 1024)) }
                    ul.timeline-attached data-attached hidden {}
                }
            }
        }
    }
}

impl Render for Composer {
    fn render(&self) -> Markup {
        let heading = format!("{}-heading", self.scope);
        let encoding = self.files.map(|_| "multipart/form-data");
        let (people, records) = self.mentions.clone().unzip();
        html! {
            form.timeline-composer method="post" action=(self.action) hx-post=(self.action) hx-target="this" hx-swap="outerHTML"
                hx-encoding=[encoding] enctype=[encoding] hx-disabled-elt="find button[type=submit]" aria-labelledby=(heading)
                data-composer data-people=[people] data-records=[records] data-takes-files[self.files.is_some()] novalidate {
                input type="hidden" name="csrf" value=(self.csrf);
                @if let Some(version) = &self.version { input type="hidden" name="version" value=(version); }
                h3 id=(heading) { (icon(&self.icon)) (self.title) }
                @if !self.text.is_empty() { p.timeline-composer-text { (self.text) } }
                (error_summary(&self.errors))
                @if let Some(dialling) = &self.dialling { (dialling) }
                div.timeline-composer-fields {
                    @for field in &self.fields { (Field { scope: self.scope.clone(), ..field.clone() }) }
                    @if let Some((name, html)) = &self.formatted {
                        // Only a script that lets people format fills it in and sends it.
                        input type="hidden" name={ (name) "_html" } value=(html) data-rich-for={ (self.scope) "-" (name) } disabled;
                    }
                    @if let Some(largest) = self.files { (self.file_field(largest)) }
                }
                footer {
                    @match &self.entry {
                        Some(entry) => button.btn type="button" hx-get=(entry) hx-target="closest li" hx-swap="outerHTML" { (tr!("Cancel")) },
                        None => button.btn type="button" data-composer-close { (tr!("Cancel")) },
                    }
                    button.btn.btn-primary type="submit" { (self.submit) }
                }
            }
        }
    }
}

impl Render for Dialling {
    fn render(&self) -> Markup {
        html! {
            div.dialling data-dialling data-number=(self.number_field) data-minutes=(self.minutes_field) {
                @for number in &self.numbers {
                    a.btn href={ "tel:" (dialled(&number.number)) } data-dial=(number.number) {
                        (icon("phone-call")) span { (tr!("Call {}", number.number)) } span.dialling-label { (number.label) }
                    }
                }
                div.dialling-clock {
                    button.btn type="button" data-clock aria-pressed="false" { (icon("clock")) span data-clock-word { (tr!("Start timer")) } }
                    span.dialling-time role="timer" data-clock-time { "0:00" }
                }
            }
        }
    }
}

/// A number as a telephone takes it.
fn dialled(number: &str) -> String {
    number.chars().filter(|sign| sign.is_ascii_digit() || matches!(sign, '+' | '*' | '#')).collect()
}
