//! Languages and time zones people can choose.

use std::borrow::Cow;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use language::{spoken, text, tr};
use model::{Table, Value};
use pure_rust_locales::{Locale, locale_match};
use store::Row;

use crate::{Error, FieldError, Result};

/// Regions of the world by which time zones are named; other names are old or technical.
const AREAS: [&str; 10] = [
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];

/// Languages offered; [`locale`] takes every one whose conventions are known.
const OFFERED: [&str; 64] = [
    "af-ZA", "ar-AE", "ar-EG", "ar-SA", "bg-BG", "ca-ES", "cs-CZ", "da-DK", "de-AT", "de-CH", "de-DE", "el-GR",
    "en-AU", "en-CA", "en-GB", "en-IE", "en-IN", "en-NZ", "en-SG", "en-US", "en-ZA", "es-AR", "es-CL", "es-CO",
    "es-ES", "es-MX", "es-US", "et-EE", "eu-ES", "fi-FI", "fr-BE", "fr-CA", "fr-CH", "fr-FR", "ga-IE", "gl-ES",
    "he-IL", "hi-IN", "hr-HR", "hu-HU", "id-ID", "is-IS", "it-CH", "it-IT", "ja-JP", "ko-KR", "lt-LT", "lv-LV",
    "nb-NO", "nl-BE", "nl-NL", "pl-PL", "pt-BR", "pt-PT", "ro-RO", "ru-RU", "sk-SK", "sl-SI", "sv-SE", "th-TH",
    "tr-TR", "uk-UA", "zh-CN", "zh-TW",
];

/// What the languages and countries are called in English, by which their names are looked up.
const NAMES: [&str; 93] = [
    text!("Afrikaans"),
    text!("Arabic"),
    text!("Bulgarian"),
    text!("Catalan"),
    text!("Czech"),
    text!("Danish"),
    text!("German"),
    text!("Greek"),
    text!("English"),
    text!("Spanish"),
    text!("Estonian"),
    text!("Basque"),
    text!("Finnish"),
    text!("French"),
    text!("Irish"),
    text!("Galician"),
    text!("Hebrew"),
    text!("Hindi"),
    text!("Croatian"),
    text!("Hungarian"),
    text!("Indonesian"),
    text!("Icelandic"),
    text!("Italian"),
    text!("Japanese"),
    text!("Korean"),
    text!("Lithuanian"),
    text!("Latvian"),
    text!("Norwegian Bokmål"),
    text!("Dutch"),
    text!("Polish"),
    text!("Portuguese"),
    text!("Romanian"),
    text!("Russian"),
    text!("Slovak"),
    text!("Slovenian"),
    text!("Swedish"),
    text!("Thai"),
    text!("Turkish"),
    text!("Ukrainian"),
    text!("Chinese"),
    text!("South Africa"),
    text!("United Arab Emirates"),
    text!("Egypt"),
    text!("Saudi Arabia"),
    text!("Bulgaria"),
    text!("Spain"),
    text!("Czech Republic"),
    text!("Denmark"),
    text!("Austria"),
    text!("Switzerland"),
    text!("Germany"),
    text!("Greece"),
    text!("Australia"),
    text!("Canada"),
    text!("United Kingdom"),
    text!("Ireland"),
    text!("India"),
    text!("New Zealand"),
    text!("Singapore"),
    text!("United States"),
    text!("Argentina"),
    text!("Chile"),
    text!("Colombia"),
    text!("Mexico"),
    text!("Estonia"),
    text!("Finland"),
    text!("Belgium"),
    text!("France"),
    text!("Israel"),
    text!("Croatia"),
    text!("Hungary"),
    text!("Indonesia"),
    text!("Iceland"),
    text!("Italy"),
    text!("Japan"),
    text!("South Korea"),
    text!("Lithuania"),
    text!("Latvia"),
    text!("Norway"),
    text!("Netherlands"),
    text!("Poland"),
    text!("Brazil"),
    text!("Portugal"),
    text!("Romania"),
    text!("Russia"),
    text!("Slovakia"),
    text!("Slovenia"),
    text!("Sweden"),
    text!("Thailand"),
    text!("Turkey"),
    text!("Ukraine"),
    text!("China"),
    text!("Taiwan"),
];

/// A language with the conventions of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// BCP 47 tag: `de-AT`.
    pub tag: &'static str,
    /// What people read: `German (Austria)`.
    pub label: String,
}

/// The time zones to choose from, in the order of their names: UTC and those named by region.
pub fn time_zones() -> Vec<String> {
    let database = TimeZoneDatabase::bundled();
    let mut names: Vec<String> = database
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| name == "UTC" || AREAS.iter().any(|area| name.starts_with(area)))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The languages to choose from, in the order of their labels.
pub fn languages() -> Vec<Language> {
    let mut offered: Vec<Language> = OFFERED.iter().map(|tag| Language { tag, label: label(tag) }).collect();
    offered.sort_by(|a, b| a.label.cmp(&b.label));
    offered
}

fn label(tag: &'static str) -> String {
    let locale = style_of(tag);
    let territory = locale_match!(locale => LC_IDENTIFICATION::TERRITORY).unwrap_or_default();
    // The languages of several regions by their own name, so that they stand together.
    let language = match tag.split('-').next().unwrap_or_default() {
        "de" => "German",
        "en" => "English",
        "es" => "Spanish",
        "fr" => "French",
        "nl" => "Dutch",
        "pt" => "Portuguese",
        _ => locale_match!(locale => LC_IDENTIFICATION::LANGUAGE).unwrap_or(tag),
    };
    format!("{} ({})", in_words(language), in_words(territory))
}

/// The name in the language of the request being answered.
fn in_words(name: &'static str) -> Cow<'static, str> {
    NAMES.iter().find(|known| **known == name).map_or(Cow::Borrowed(name), |known| spoken(known))
}

/// A time zone by the name it is known by (`europe/berlin` is `Europe/Berlin`), or a sentence
/// that says what would be right.
pub fn time_zone(name: &str) -> std::result::Result<String, String> {
    let trimmed = name.trim();
    let known = if trimmed.is_empty() { None } else { TimeZone::get(trimmed).ok() };
    if let Some(name) = known.as_ref().and_then(TimeZone::iana_name) {
        return Ok(name.to_owned());
    }
    let wanted = trimmed.rsplit('/').next().unwrap_or_default().replace(' ', "_").to_lowercase();
    let near = time_zones().into_iter().filter(|zone| wanted.len() > 2 && zone.to_lowercase().contains(&wanted));
    let near: Vec<String> = near.take(3).collect();
    let hint = if near.is_empty() { tr!("Europe/Berlin or UTC") } else { near.join(&tr!(" or ")) };
    Err(tr!("'{trimmed}' is not a time zone; write an IANA name such as {hint}", trimmed, hint))
}

/// A language by its usual tag (`de_at` is `de-AT`), or a sentence that says what would be right.
pub fn locale(tag: &str) -> std::result::Result<String, String> {
    let trimmed = tag.trim();
    let usual = usual_tag(trimmed);
    if known(&usual).is_some() {
        return Ok(usual);
    }
    let language = usual.split('-').next().unwrap_or_default();
    let near: Vec<&str> =
        OFFERED.iter().copied().filter(|tag| tag.split('-').next() == Some(language)).take(3).collect();
    let hint = if near.is_empty() { tr!("en-US, en-GB or de-DE") } else { near.join(&tr!(" or ")) };
    Err(tr!("'{trimmed}' is not a language whose formats are known; write a tag such as {hint}", trimmed, hint))
}

/// `DE_at` to `de-AT`, `zh-hant-tw` to `zh-Hant-TW`.
fn usual_tag(tag: &str) -> String {
    let parts = tag.split(['-', '_']).enumerate().map(|(position, part)| match (position, part.len()) {
        (0, _) => part.to_lowercase(),
        (_, 2) => part.to_uppercase(),
        (_, 4) => part[..1].to_uppercase() + &part[1..].to_lowercase(),
        _ => part.to_owned(),
    });
    if tag.is_ascii() { parts.collect::<Vec<_>>().join("-") } else { tag.to_owned() }
}

/// The conventions of a tag: of language and region, or of a language's largest region.
fn known(tag: &str) -> Option<Locale> {
    let parts: Vec<&str> = tag.split('-').collect();
    let (language, region) = match parts.as_slice() {
        [language] => (*language, usual_region(language)?),
        [language, region] => (*language, *region),
        // A script is written between the two and changes no number and no date.
        [language, script, region] if script.len() == 4 => (*language, *region),
        _ => return None,
    };
    let name = format!("{language}_{region}");
    Locale::try_from(name.as_str()).ok()
}

fn usual_region(language: &str) -> Option<&'static str> {
    let of_language = |tag: &&&str| tag.split('-').next() == Some(language);
    match language {
        "en" => Some("US"),
        "de" => Some("DE"),
        "es" => Some("ES"),
        "fr" => Some("FR"),
        "it" => Some("IT"),
        "nl" => Some("NL"),
        "pt" => Some("PT"),
        "ar" => Some("EG"),
        "zh" => Some("CN"),
        _ => OFFERED.iter().find(of_language)?.split('-').nth(1),
    }
}

/// The conventions by which a tag's numbers and dates are written; a browser's tag may be of any
/// language, and one that is not known reads as American English.
pub(crate) fn style_of(tag: &str) -> Locale {
    let tag = usual_tag(tag);
    let language = tag.split('-').next().unwrap_or_default();
    known(&tag).or_else(|| known(language)).unwrap_or(Locale::en_US)
}

/// Refuses a time zone or language nobody knows, and brings known ones to their usual spelling.
pub(crate) fn before_write(table: &Table, row: &mut Row) -> Result<()> {
    type Read = fn(&str) -> std::result::Result<String, String>;
    let mut errors = Vec::new();
    for (name, read) in [("timezone", time_zone as Read), ("locale", locale as Read)] {
        let Some(column) = table.column(name) else { continue };
        let Some(text) = row.get(name).and_then(Value::as_text).map(str::to_owned) else { continue };
        match read(&text) {
            Ok(usual) => row.set(name, usual),
            Err(message) => errors.push(FieldError::of(column, message)),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}
