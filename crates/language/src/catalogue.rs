//! Texts by their English.

use std::{
    borrow::Cow,
    path::Path,
    sync::{LazyLock, Once},
};

use tr::{PoTranslator, Translator};

use crate::Language;

/// Crates whose texts are looked up, as the compiler names them.
pub const SPEAKING: [&str; 4] = ["pipewright_model", "pipewright_crm", "pipewright_web", "pipewright"];

/// German. The first part has the head that says how plurals are formed.
const GERMAN: &[&str] = &[
    include_str!("../de/head.po"),
    include_str!("../de/model.po"),
    include_str!("../de/crm.po"),
    include_str!("../de/lists.po"),
    include_str!("../de/records.po"),
    include_str!("../de/people.po"),
    include_str!("../de/webhooks.po"),
    include_str!("../de/developer.po"),
];

static GERMAN_TEXTS: LazyLock<Option<PoTranslator>> = LazyLock::new(|| read(GERMAN));

/// The parts as one catalogue; none where one is broken, which a test keeps from being shipped.
///
/// The library reads nothing of bytes that it is given, but takes a text for a path and reads that,
/// where there is no such file.
fn read(parts: &[&str]) -> Option<PoTranslator> {
    PoTranslator::from_path(Path::new(&parts.join("\n\n"))).ok()
}

/// Lets [`tr::tr!`] look texts up; said once, before the first of them is shown.
pub fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| SPEAKING.iter().for_each(|name| tr::internal::set_translator(name, Spoken)));
}

/// Looks texts up in the language of the request being answered.
#[derive(Debug, Clone, Copy)]
struct Spoken;

impl Spoken {
    fn texts() -> Option<&'static PoTranslator> {
        match Language::current() {
            Language::German => GERMAN_TEXTS.as_ref(),
            Language::English | Language::Pseudo => None,
        }
    }
}

impl Translator for Spoken {
    fn translate<'a>(&'a self, text: &'a str, context: Option<&'a str>) -> Cow<'a, str> {
        match Self::texts() {
            Some(texts) => texts.translate(text, context),
            None => marked(text),
        }
    }

    fn ntranslate<'a>(&'a self, count: u64, one: &'a str, many: &'a str, context: Option<&'a str>) -> Cow<'a, str> {
        match Self::texts() {
            Some(texts) => texts.ntranslate(count, one, many, context),
            None => marked(if count == 1 { one } else { many }),
        }
    }
}

/// English, in brackets where it is to be seen that it was asked for.
fn marked(text: &str) -> Cow<'_, str> {
    if Language::current() == Language::Pseudo && !text.is_empty() {
        Cow::Owned(format!("⟦{text}⟧"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A label or description of the model in the language of the request being answered; what the
/// organisation wrote itself stays as it is.
pub fn translated(text: &str) -> Cow<'_, str> {
    match Spoken::texts() {
        Some(texts) => Cow::Owned(texts.translate(text, Some("model")).into_owned()),
        None => marked(text),
    }
}

/// A text that [`crate::text!`] marks, in the language of the request being answered: a constant, or
/// one that was kept in English for everybody.
pub fn spoken(text: &str) -> Cow<'_, str> {
    match Spoken::texts() {
        Some(texts) => Cow::Owned(texts.translate(text, None).into_owned()),
        None => marked(text),
    }
}

/// A label or description of the model in a language; as it is written where its catalogue has none.
pub fn translated_to(language: Language, text: &str) -> Cow<'_, str> {
    match (language, GERMAN_TEXTS.as_ref()) {
        (Language::German, Some(texts)) => Cow::Owned(texts.translate(text, Some("model")).into_owned()),
        _ => Cow::Borrowed(text),
    }
}

/// A label of the model in every language that people may have written it in, English first.
pub fn in_every_language(label: &str) -> Vec<String> {
    let mut labels = vec![label.to_owned()];
    labels.extend(GERMAN_TEXTS.iter().map(|texts| texts.translate(label, Some("model")).into_owned()));
    labels.dedup();
    labels
}
