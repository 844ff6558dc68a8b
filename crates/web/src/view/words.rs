//! Two texts beside each other, with the words marked in which they differ.

use std::time::{Duration, Instant};

use similar::{Algorithm, ChangeTag, capture_diff_slices_deadline};

use crate::components::Words;

/// Texts from this length on are compared by words; shorter ones are read at a glance.
const LONG: usize = 60;
/// Texts beyond this many words are shown whole.
const MOST_WORDS: usize = 5_000;
/// How long is looked for the smallest difference.
const PATIENCE: Duration = Duration::from_millis(20);

/// The comparison of two texts that are worth one.
pub(crate) fn compared(before: &str, after: &str) -> Option<Words> {
    let is_long = |text: &str| text.chars().count() >= LONG || text.contains('\n');
    if before.is_empty() || after.is_empty() || !(is_long(before) || is_long(after)) {
        return None;
    }
    let (old, new) = (words(before), words(after));
    if old.len() + new.len() > MOST_WORDS {
        return Some(Words { before: vec![(before.to_owned(), false)], after: vec![(after.to_owned(), false)] });
    }
    let deadline = Instant::now() + PATIENCE;
    let mut compared = Words::default();
    for change in capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(deadline))
        .iter()
        .flat_map(|part| part.iter_changes(&old, &new))
    {
        let word = change.value();
        match change.tag() {
            ChangeTag::Equal => {
                put(&mut compared.before, word, false);
                put(&mut compared.after, word, false);
            }
            ChangeTag::Delete => put(&mut compared.before, word, true),
            ChangeTag::Insert => put(&mut compared.after, word, true),
        }
    }
    Some(compared)
}

/// Words and what stands between them, so that all of it put together is the text.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_blank = first.is_whitespace();
        let end = rest.find(|letter: char| letter.is_whitespace() != is_blank).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        words.push(word);
        rest = behind;
    }
    words
}

fn put(pieces: &mut Vec<(String, bool)>, word: &str, changed: bool) {
    match pieces.last_mut().filter(|(_, same)| *same == changed) {
        Some((text, _)) => text.push_str(word),
        None => pieces.push((word.to_owned(), changed)),
    }
}

#[cfg(test)]
mod tests {
    use super::compared;

    #[test]
    fn only_the_words_that_differ_are_marked() {
        let before = "The customer wants three robots by May, with training on the spot.";
        let after = "The customer wants four robots by June, with training on the spot.";
        let words = compared(before, after).unwrap();
        let marked = |pieces: &[(String, bool)]| {
            pieces.iter().filter(|(_, changed)| *changed).map(|(text, _)| text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(marked(&words.before), ["three", "May,"]);
        assert_eq!(marked(&words.after), ["four", "June,"]);
        let whole: String = words.after.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(whole, after);
    }

    #[test]
    fn short_texts_are_not_taken_apart() {
        assert!(compared("Buyer", "Head buyer").is_none());
    }
}
