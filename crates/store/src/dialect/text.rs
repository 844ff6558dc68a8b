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
    let folded: String =
        text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect();
    folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LONGEST_WORD).collect())
        .collect()
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
