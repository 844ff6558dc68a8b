//! Text made comparable, the same way for both engines.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longest word kept for search, in characters; PostgreSQL refuses words above 2 kB.
const LONGEST_WORD: usize = 200;

/// Lower case, as the collation on SQLite compares it.
pub(crate) fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// The words of a text for search: lower case, without accents, without punctuation.
pub(crate) fn words(text: &str) -> Vec<String> {
    words_of(&folded(text)).map(str::to_owned).collect()
}

/// A text in lower case and without accents.
pub(crate) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect()
}

/// The words of a folded text.
pub(crate) fn words_of(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(|word| {
        let end = word.char_indices().nth(LONGEST_WORD).map_or(word.len(), |(end, _)| end);
        &word[..end]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_case_accents_and_punctuation() {
        assert_eq!(words("Müller-Lüdenscheid, \"GmbH\" & Co. É1"), ["muller", "ludenscheid", "gmbh", "co", "e1"]);
    }

    #[test]
    fn a_text_without_letters_has_no_words() {
        assert!(words(" '\" * () ").is_empty());
    }
}
