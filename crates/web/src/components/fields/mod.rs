//! One column of a record as something to fill in: label, control, help and error in one piece.

mod boolean;
mod choice;
mod file;
mod lookup;
mod number;
mod read_only;
mod text;
mod theirs;
mod when;

use language::tr;
use maud::{Markup, Render, html};

pub use choice::ChoiceOption;
pub use file::StoredFile;
pub use lookup::{LookupControl, LookupValue, NewRecord, PartiesControl};
pub use read_only::ReadOnlyReason;
pub use theirs::Theirs;

use super::cell::Cell;
use super::icon::icon;

/// How much a column wants a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Requirement {
    /// May stay empty.
    #[default]
    Optional,
    /// Should be filled in.
    Recommended,
    /// Must be filled in.
    Required,
}

/// How much room a field takes in its section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldWidth {
    /// One column of the section.
    #[default]
    One,
    /// All columns of the section.
    Full,
}

/// What a field is filled in with, and what is in it. Values are as typed: after a refused save
/// they come back exactly as they were sent.
#[derive(Debug, Clone)]
pub enum Control {
    /// A line of text.
    Text {
        /// The text.
        value: String,
        /// Most characters allowed.
        max_length: Option<u32>,
        /// The browser's autocomplete token.
        autocomplete: Option<String>,
    },
    /// An e-mail address.
    Email {
        /// The address.
        value: String,
    },
    /// A telephone number.
    Phone {
        /// The number.
        value: String,
    },
    /// A web address.
    Url {
        /// The address.
        value: String,
    },
    /// A password.
    Password {
        /// `current-password` or `new-password`.
        autocomplete: String,
    },
    /// Several lines of text.
    Memo {
        /// The text.
        value: String,
        /// Most characters allowed.
        max_length: Option<u32>,
        /// Lines shown; the box grows while one types.
        rows: u8,
    },
    /// A whole number.
    Whole {
        /// The number as the reader's locale writes it.
        value: String,
    },
    /// A number with decimals.
    Decimal {
        /// The number as the reader's locale writes it.
        value: String,
        /// Digits after the decimal sign.
        precision: u8,
        /// Unit behind it, such as `%`.
        unit: Option<String>,
    },
    /// An amount of money.
    Money {
        /// The amount as the reader's locale writes it, without currency.
        value: String,
        /// Digits after the decimal sign.
        precision: u8,
        /// Sign or code of its currency.
        currency: String,
    },
    /// Yes or no.
    Boolean {
        /// The value.
        value: bool,
        /// Word for yes.
        yes: String,
        /// Word for no.
        no: String,
    },
    /// One of several values; also states and status reasons.
    Choice {
        /// The values.
        options: Vec<ChoiceOption>,
    },
    /// Any of several values.
    MultiChoice {
        /// The values.
        options: Vec<ChoiceOption>,
    },
    /// A date.
    Date {
        /// `2025-11-24`, or empty.
        value: String,
    },
    /// A date and time in the reader's zone.
    DateTime {
        /// `2025-11-24T10:30`, or empty.
        value: String,
        /// Name of the zone, for the hint.
        zone: String,
    },
    /// Another record, of one table or of several.
    Lookup(LookupControl),
    /// Several other records: who takes part in an activity.
    Parties(PartiesControl),
    /// A file.
    File {
        /// The file that is stored.
        stored: Option<StoredFile>,
        /// The kinds allowed, as the `accept` attribute writes them.
        accept: Option<String>,
        /// The largest file that is accepted, in bytes.
        largest: Option<usize>,
    },
    /// A picture.
    Image {
        /// The picture that is stored.
        stored: Option<StoredFile>,
    },
    /// A value to read only: calculated, rolled up, or not to be changed by this reader.
    ReadOnly {
        /// The value.
        value: Cell,
        /// Why it cannot be changed.
        reason: Option<ReadOnlyReason>,
    },
}

/// A column to fill in.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name the value is sent under: the column's logical name.
    pub name: String,
    /// The column's label.
    pub label: String,
    /// What it is filled in with.
    pub control: Control,
    /// How much it wants a value.
    pub requirement: Requirement,
    /// What to know when filling it in.
    pub help: Option<String>,
    /// What is wrong with the value.
    pub error: Option<String>,
    /// How much room it takes.
    pub width: FieldWidth,
    /// Whether the cursor starts here.
    pub autofocus: bool,
    /// Id of the form it belongs to, when it does not stand inside it.
    pub form: Option<String>,
    /// Prefix of its element ids, for a dialog above a form with the same columns.
    pub scope: String,
    /// Whether a choice is narrowed by typing, for long lists of values.
    pub searchable: bool,
    /// Another field of the same form and the value it must have for this one to be shown.
    pub only_when: Option<OnlyWhen>,
    /// What is stored, as the control would hold it, where the control holds something else.
    pub stored: Option<String>,
    /// What somebody else made of it meanwhile.
    pub theirs: Option<Theirs>,
}

/// Shows a field only while another one has a value.
#[derive(Debug, Clone, Default)]
pub struct OnlyWhen {
    /// Name of the other field.
    pub name: String,
    /// The value it must have.
    pub value: String,
    /// Whether it has it now.
    pub holds: bool,
}

impl Field {
    /// An optional field of one column's width.
    pub fn new(name: impl Into<String>, label: impl Into<String>, control: Control) -> Self {
        let width = match control {
            Control::Memo { .. } => FieldWidth::Full,
            _ => FieldWidth::One,
        };
        Self {
            name: name.into(),
            label: label.into(),
            control,
            requirement: Requirement::Optional,
            help: None,
            error: None,
            width,
            autofocus: false,
            form: None,
            scope: "field".to_owned(),
            searchable: false,
            only_when: None,
            stored: None,
            theirs: None,
        }
    }

    /// The same field, to be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.requirement = Requirement::Required;
        self
    }

    /// The same field, better filled in.
    #[must_use]
    pub fn recommended(mut self) -> Self {
        self.requirement = Requirement::Recommended;
        self
    }

    /// The same field with a hint.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The same field with what is wrong with it.
    #[must_use]
    pub fn error(mut self, text: impl Into<String>) -> Self {
        self.error = Some(text.into());
        self
    }

    /// The same field over all columns of its section.
    #[must_use]
    pub fn full(mut self) -> Self {
        self.width = FieldWidth::Full;
        self
    }

    /// Id of the element to fill in, which labels and the error summary lead to.
    pub fn id(&self) -> String {
        format!("{}-{}", self.scope, self.name)
    }

    fn help_id(&self) -> Option<String> {
        self.help_text().map(|_| format!("{}-help", self.id()))
    }

    fn error_id(&self) -> Option<String> {
        self.error.as_ref().map(|_| format!("{}-error", self.id()))
    }

    fn help_text(&self) -> Option<String> {
        match (&self.help, &self.control) {
            (Some(help), _) => Some(help.clone()),
            (None, Control::File { largest: Some(largest), .. }) => Some(tr!("Up to {} MB.", largest / 1024 / 1024)),
            (None, Control::DateTime { zone, .. }) if !zone.is_empty() => Some(tr!("Time zone {}", zone)),
            _ => None,
        }
    }

    /// Ids of the texts that describe the control, for `aria-describedby`.
    fn described_by(&self) -> Option<String> {
        let theirs = self.theirs.as_ref().map(|_| Theirs::id(&self.id()));
        let ids: Vec<String> = self.error_id().into_iter().chain(theirs).chain(self.help_id()).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.as_ref().map(|_| "true")
    }

    fn is_required(&self) -> bool {
        self.requirement == Requirement::Required
    }

    fn control(&self) -> Markup {
        match &self.control {
            Control::Text { value, max_length, autocomplete } => {
                text::line(self, text::Kind::Plain, value, *max_length, autocomplete.as_deref())
            }
            Control::Email { value } => text::line(self, text::Kind::Email, value, None, Some("off")),
            Control::Phone { value } => text::line(self, text::Kind::Phone, value, None, Some("off")),
            Control::Url { value } => text::line(self, text::Kind::Url, value, None, Some("off")),
            Control::Password { autocomplete } => text::line(self, text::Kind::Password, "", None, Some(autocomplete)),
            Control::Memo { value, max_length, rows } => text::memo(self, value, *max_length, *rows),
            Control::Whole { value } => number::input(self, value, 0, None, None),
            Control::Decimal { value, precision, unit } => {
                number::input(self, value, *precision, None, unit.as_deref())
            }
            Control::Money { value, precision, currency } => {
                number::input(self, value, *precision, Some(currency), None)
            }
            Control::Boolean { value, yes, no } => boolean::switch(self, *value, yes, no),
            Control::Choice { options } => choice::select(self, options),
            Control::MultiChoice { options } => choice::checkboxes(self, options),
            Control::Date { value } => when::input(self, "date", value),
            Control::DateTime { value, .. } => when::input(self, "datetime-local", value),
            Control::Lookup(lookup) => lookup::select(self, lookup),
            Control::Parties(parties) => lookup::several(self, parties),
            Control::File { stored, accept, largest } => {
                file::input(self, stored.as_ref(), accept.as_deref(), *largest, false)
            }
            Control::Image { stored } => file::input(self, stored.as_ref(), Some("image/*"), None, true),
            Control::ReadOnly { value, reason } => read_only::value(self, value, *reason),
        }
    }

    fn label(&self) -> Markup {
        let marker = html! {
            @match if matches!(self.control, Control::ReadOnly { .. }) { Requirement::Optional } else { self.requirement } {
                Requirement::Required => span.field-required aria-hidden="true" title=(tr!("Required")) { "*" },
                Requirement::Recommended => span.field-recommended title=(tr!("Recommended")) { "+" span.visually-hidden { " " (tr!("recommended")) } },
                Requirement::Optional => {},
            }
        };
        html! {
            // A group of boxes and a value to read are named by their label, not focused by it.
            @match self.control {
                Control::MultiChoice { .. } | Control::ReadOnly { .. } => {
                    span.form-label id={ (self.id()) "-label" } { (self.label) (marker) }
                },
                _ => label.form-label for=(self.id()) id={ (self.id()) "-label" } { (self.label) (marker) },
            }
        }
    }
}

impl Render for Field {
    fn render(&self) -> Markup {
        html! {
            div.field .is-full[self.width == FieldWidth::Full] .has-error[self.error.is_some()] data-field=(self.name)
                data-stored=[self.stored.as_deref()]
                data-only-when=[self.only_when.as_ref().map(|when| format!("{}={}", when.name, when.value))]
                hidden[self.only_when.as_ref().is_some_and(|when| !when.holds)] {
                (self.label())
                div.field-control {
                    (self.control())
                    @if let (Some(error), Some(id)) = (&self.error, self.error_id()) {
                        p.field-error id=(id) { (icon("alert-circle")) span { (error) } }
                    }
                    @if let Some(theirs) = &self.theirs { (theirs.markup(&self.id(), &self.name, self.form.as_deref())) }
                    @if let (Some(help), Some(id)) = (self.help_text(), self.help_id()) {
                        p.field-help id=(id) { (help) }
                    }
                }
            }
        }
    }
}
