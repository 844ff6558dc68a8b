//! Each text stands in each catalogue once, with the same places for what is put in.

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
