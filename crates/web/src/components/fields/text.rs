//! Text of one line and of several.

use maud::{Markup, html};

use super::Field;

/// What a line of text is, which decides the keyboard on a phone and the browser's help.
#[derive(Clone, Copy)]
pub enum Kind {
    Plain,
    Email,
    Phone,
    Url,
    Password,
}

impl Kind {
    fn input_type(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "tel",
            // Not `url`: people type addresses without `https://`, and the server accepts them.
            Self::Plain | Self::Url => "text",
            Self::Password => "password",
        }
    }

    fn input_mode(self) -> Option<&'static str> {
        matches!(self, Self::Url).then_some("url")
    }
}

pub fn line(field: &Field, kind: Kind, value: &str, max_length: Option<u32>, autocomplete: Option<&str>) -> Markup {
    html! {
        input.form-control type=(kind.input_type()) inputmode=[kind.input_mode()] id=(field.id()) name=(field.name)
            value=(value) maxlength=[max_length] autocomplete=(autocomplete.unwrap_or("off")) form=[field.form.as_deref()]
            required[field.is_required()] autofocus[field.autofocus]
            aria-invalid=[field.invalid()] aria-describedby=[field.described_by()];
    }
}

pub fn memo(field: &Field, value: &str, max_length: Option<u32>, rows: u8) -> Markup {
    html! {
        textarea.form-control data-grows id=(field.id()) name=(field.name) rows=(rows.max(2)) maxlength=[max_length]
            form=[field.form.as_deref()] required[field.is_required()] autofocus[field.autofocus]
            aria-invalid=[field.invalid()] aria-describedby=[field.described_by()] {
            // A leading line break would be swallowed by the HTML parser, so one is always written.
            "\n" (value)
        }
    }
}
