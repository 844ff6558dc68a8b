//! Where the words that were searched for stand in a text.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longest text that is shown whole, in characters; of a longer one a part around the first hit.
const WHOLE: usize = 200;
/// Characters shown before the first hit of a longer text.
const BEFORE: usize = 60;

/// The words of a text as searching compares them: in lower case, without accents.
pub fn search_words(text: &str) -> Vec<String> {
    folded(text)
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The text with `marks` around each word that one of `words` begins; none where no word of it is. A long
/// text is cut around the first.
pub fn highlighted(text: &str, words: &[String], marks: (&str, &str)) -> Option<String> {
    let hits: Vec<(usize, usize)> = tokens(text).filter(|(from, until)| begins(&text[*from..*until], words)).collect();
    let (first, _) = *hits.first()?;
    let (from, until) = part(text, first);
    let mut marked = String::with_capacity(until - from + 64);
    let mut behind = from;
    for (start, end) in hits.into_iter().filter(|(_, end)| *end <= until) {
        marked.push_str(&text[behind..start]);
        marked.push_str(marks.0);
        marked.push_str(&text[start..end]);
        marked.push_str(marks.1);
        behind = end;
    }
    marked.push_str(&text[behind..until]);
    Some(marked)
}

/// Formatted text without its formatting, for places where only words are shown. Whoever
/// shows it escapes it again, so this decides about looks, not about safety.
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        // A "<" that opens no tag is text: "5 < 6".
        let opens = behind.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/' || letter == '!');
        if !opens {
            text.push('<');
            rest = behind;
            continue;
        }
        // Where this one does not end, no later one does: the rest is text.
        let Some(end) = behind.find('>') else {
            rest = &rest[at..];
            break;
        };
        let name = behind[..end].trim_matches('/').split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let breaks = name == "br"
            || (matches!(name.as_str(), "p" | "div" | "li" | "tr") && !text.is_empty() && !text.ends_with('\n'));
        if breaks {
            text.push('\n');
        }
        rest = &behind[end + 1..];
    }
    text.push_str(rest);
    let entities = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, sign)| text.replace(entity, sign)).trim().to_owned()
}

fn begins(token: &str, words: &[String]) -> bool {
    let token = folded(token);
    words.iter().any(|word| token.starts_with(word.as_str()))
}

fn folded(text: &str) -> String {
    text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect()
}

/// Where the words of a text stand, in bytes.
fn tokens(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let inside = |letter: char| letter.is_alphanumeric() || is_combining_mark(letter);
    let mut letters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while letters.next_if(|(_, letter)| !inside(*letter)).is_some() {}
        let (start, first) = letters.next()?;
        let mut end = start + first.len_utf8();
        while let Some((at, letter)) = letters.next_if(|(_, letter)| inside(*letter)) {
            end = at + letter.len_utf8();
        }
        Some((start, end))
    })
}

/// The part of a text that is shown around a hit, in bytes, cut between words.
fn part(text: &str, hit: usize) -> (usize, usize) {
    if text.chars().count() <= WHOLE {
        return (0, text.len());
    }
    let before = text[..hit].char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at);
    let from = if before == 0 { 0 } else { text[before..hit].find(' ').map_or(hit, |space| before + space + 1) };
    let rough = text[from..].char_indices().nth(WHOLE).map_or(text.len(), |(at, _)| from + at);
    // A word that the end cuts through is left out, unless it is the hit itself.
    let last = tokens(&text[from..]).map(|(start, end)| (from + start, from + end));
    let cut = last.take_while(|(start, _)| *start < rough).find(|(_, end)| *end > rough);
    let until = cut.map_or(rough, |(start, end)| if start > hit { start } else { end });
    (from, until)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: (&str, &str) = ("[", "]");

    #[test]
    fn words_are_marked_whatever_their_case_and_accents() {
        let words = search_words("mull gmbh");
        assert_eq!(highlighted("Emil Müller GmbH & Co", &words, MARKS).unwrap(), "Emil [Müller] [GmbH] & Co");
        assert_eq!(highlighted("Emul Fuller", &words, MARKS), None, "a word is found by how it begins");
        assert_eq!(highlighted("", &words, MARKS), None);
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_hit() {
        let text = format!("{}the hidden word {}", "before ".repeat(200), "behind ".repeat(200));
        let shown = highlighted(&text, &search_words("hidden"), MARKS).unwrap();
        assert!(shown.contains("the [hidden] word behind") && shown.chars().count() < 210, "{shown}");
        let one = format!("{}ü", "x".repeat(900));
        assert_eq!(highlighted(&one, &search_words("xx"), MARKS).unwrap(), format!("[{one}]"));
    }
}
