//! The languages people read, and the texts of the product in them.
//!
//! A text stands in the code in English, inside [`tr!`]; that is what is looked up in the catalogue
//! of the language which the request being answered is in. Catalogues are gettext's PO files, one
//! folder a language (`de`), which every editor for translators opens. Labels and descriptions of
//! the model are texts too: [`translated`] looks them up. Where a text stands in a table of constants,
//! [`text!`] marks it and [`spoken`] looks it up.
//!
//! A test reads all sources and says which texts a catalogue lacks, or has no more use for.

mod catalogue;
mod current;

pub use catalogue::{SPEAKING, in_every_language, spoken, start, translated, translated_to};
pub use current::{Carried, in_english, in_language, speak, within};
pub use tr::tr;

/// A language that pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// What the code is written in.
    #[default]
    English,
    /// From its catalogue.
    German,
    /// English in brackets, by which tests find what no catalogue is asked about. Chosen by its
    /// tag alone, `en-XA`, the usual one of a language that nobody speaks.
    Pseudo,
}

impl Language {
    /// All that people can choose.
    pub const OFFERED: [Self; 2] = [Self::English, Self::German];

    /// The language of a locale, such as German for `de-AT`; English where there is no catalogue.
    pub fn of_locale(tag: &str) -> Self {
        if tag.eq_ignore_ascii_case("en-XA") {
            return Self::Pseudo;
        }
        match tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "de" => Self::German,
            _ => Self::English,
        }
    }

    /// The first language of a browser's `Accept-Language` that there is a catalogue for. Browsers
    /// write the one they like best first.
    pub fn accepted(header: &str) -> Self {
        let tags = header.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
        tags.filter(|tag| !tag.is_empty())
            .map(|tag| (tag, Self::of_locale(tag)))
            .find(|(tag, language)| *language != Self::English || tag.to_ascii_lowercase().starts_with("en"))
            .map_or(Self::English, |(_, language)| language)
    }

    /// The language with this number of Windows, by which Dataverse names languages
    /// (`uilanguageid`).
    pub fn of_number(lcid: i32) -> Option<Self> {
        Self::OFFERED.into_iter().find(|language| language.number() == lcid)
    }

    /// Its number of Windows.
    pub const fn number(self) -> i32 {
        match self {
            Self::English | Self::Pseudo => 1033,
            Self::German => 1031,
        }
    }

    /// As HTML names it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Pseudo => "en-XA",
        }
    }

    /// A label such as `Lost Opportunity` as it is written within a sentence: English writes small
    /// what German begins with a capital.
    pub fn within_sentence(label: &str) -> String {
        match Self::current() {
            Self::English | Self::Pseudo => label.to_lowercase(),
            Self::German => label.to_owned(),
        }
    }

    /// As its speakers call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English | Self::Pseudo => "English",
            Self::German => "Deutsch",
        }
    }
}

/// Marks a text that is looked up by [`spoken`] where it is shown.
#[macro_export]
macro_rules! text {
    ($text:literal) => {
        $text
    };
}
