//! Each text stands in each catalogue once, with the same places for what is put in.

use pipewright_language::{Carried, Language, in_english, in_language, speak, spoken, translated};

use crate::{catalogue, sources};
use sources::Text;

/// What stands in braces.
fn places(text: &str) -> Vec<String> {
    let mut places: Vec<String> =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(place, _)| place.to_owned()).collect();
    places.sort();
    places
}

#[test]
fn every_text_is_in_german_and_no_other() {
    let wanted = sources::wanted();
    let catalogue = catalogue::of("de");
    let missing: Vec<&Text> = wanted.iter().filter(|text| !catalogue.contains_key(text)).collect();
    let orphans: Vec<&Text> = catalogue.keys().filter(|text| !wanted.contains(*text)).collect();
    assert!(missing.is_empty(), "{} texts lack a translation: {missing:#?}", missing.len());
    assert!(orphans.is_empty(), "nobody asks for {orphans:#?}");
}

#[tokio::test]
async fn a_text_is_looked_up_in_the_language_of_the_request() {
    assert_eq!(spoken("Save"), "Save");
    in_language(Language::German, async {
        assert_eq!(spoken("Save"), "Speichern");
        assert_eq!(translated("Leads"), "Leads");
        assert_eq!(translated("Opportunities"), "Verkaufschancen");
        assert_eq!(translated("What the organisation calls it"), "What the organisation calls it");
        // What goes on elsewhere goes on in the same language.
        let carried = Carried::here();
        let elsewhere = std::thread::spawn(move || carried.in_scope(|| spoken("Save").into_owned()));
        assert_eq!(elsewhere.join().unwrap(), "Speichern");
        // What others read than whoever asks.
        assert_eq!(in_english(|| spoken("Save").into_owned()), "Save");
        assert_eq!(spoken("Save"), "Speichern");
        speak(Language::English);
        assert_eq!(spoken("Save"), "Save");
    })
    .await;
}

#[test]
fn a_browser_gets_the_first_language_there_is_a_catalogue_for() {
    assert_eq!(Language::accepted("fr-FR,de;q=0.8,en;q=0.7"), Language::German);
    assert_eq!(Language::accepted("en-GB,de;q=0.8"), Language::English);
    assert_eq!(Language::accepted(""), Language::English);
    assert_eq!(Language::accepted("ja, *;q=0.1"), Language::English);
}

#[test]
fn a_translation_has_the_places_of_its_text() {
    for (text, words) in catalogue::of("de") {
        let forms = if text.plural.is_some() { 2 } else { 1 };
        assert_eq!(words.len(), forms, "{text:?}");
        for (form, word) in words.iter().enumerate() {
            assert!(!word.trim().is_empty(), "{text:?} is not translated");
            let of = if form == 1 { text.plural.as_deref().unwrap_or(&text.english) } else { &text.english };
            assert_eq!(places(word), places(of), "{word:?} of {of:?}");
        }
    }
}
