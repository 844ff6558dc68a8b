//! What a person is known by, and whether a text speaks of them.

use model::{Column, ColumnType, Reference, TextFormat};
use serde::{Deserialize, Serialize};

use crate::duplicates::normal;

/// Names shorter than this, or of one word only, would be found everywhere.
const SHORTEST_NAME: usize = 6;
/// Fewer digits are no telephone number.
const SHORTEST_NUMBER: usize = 7;

/// What a person is known by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Records that are about them.
    pub records: Vec<Reference>,
    /// Their e-mail addresses.
    pub emails: Vec<String>,
    /// Their telephone numbers.
    pub phones: Vec<String>,
    /// Their names, first name and last name.
    pub names: Vec<String>,
}

impl Person {
    /// The person a record is about.
    pub fn of(record: Reference) -> Self {
        Self { records: vec![record], ..Self::default() }
    }

    /// True where nothing is known of them.
    pub fn is_unknown(&self) -> bool {
        self.records.is_empty() && self.emails.is_empty() && self.phones.is_empty() && self.names.is_empty()
    }

    pub(super) fn add_email(&mut self, text: &str) {
        add(&mut self.emails, text);
    }

    pub(super) fn add_phone(&mut self, text: &str) {
        if digits(text).len() >= SHORTEST_NUMBER {
            add(&mut self.phones, text);
        }
    }

    pub(super) fn add_name(&mut self, text: &str) {
        add(&mut self.names, text);
    }

    /// Texts to be looked for as they are written.
    pub(super) fn written(&self) -> Vec<&str> {
        let names = self.names.iter().filter(|name| is_telling(name));
        self.emails.iter().chain(&self.phones).chain(names).map(String::as_str).collect()
    }
}

fn add(known: &mut Vec<String>, text: &str) {
    let text = text.trim();
    if !text.is_empty() && !known.iter().any(|other| other.to_lowercase() == text.to_lowercase()) {
        known.push(text.to_owned());
    }
}

fn is_telling(name: &str) -> bool {
    name.trim().contains(char::is_whitespace) && name.trim().chars().count() >= SHORTEST_NAME
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// How surely a text speaks of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spoken {
    /// It holds their name, or an address or number among other words.
    Mentioned,
    /// It is their telephone number, which colleagues may share.
    Number,
    /// It is their e-mail address.
    Email,
}

/// A person's addresses, numbers and names in the form in which they are compared.
pub(super) struct Terms {
    emails: Vec<String>,
    phones: Vec<String>,
    words: Vec<String>,
}

impl Terms {
    pub(super) fn of(person: &Person) -> Self {
        Self {
            emails: person.emails.iter().filter_map(|email| normal::email(email)).collect(),
            phones: person.phones.iter().map(|phone| digits(phone)).collect(),
            words: person.written().into_iter().map(normal::folded).collect(),
        }
    }

    /// Whether a text speaks of the person.
    pub(super) fn spoken(&self, text: &str) -> Option<Spoken> {
        let is_short = text.len() <= 320;
        if is_short && normal::email(text).is_some_and(|email| self.emails.contains(&email)) {
            return Some(Spoken::Email);
        }
        if is_short && self.is_number(text) {
            return Some(Spoken::Number);
        }
        let folded = normal::folded(text);
        self.words.iter().any(|word| folded.contains(word.as_str())).then_some(Spoken::Mentioned)
    }

    /// A number is the same with its country code and without.
    fn is_number(&self, text: &str) -> bool {
        let number = digits(text);
        if text.chars().any(char::is_alphabetic) || number.len() < SHORTEST_NUMBER {
            return false;
        }
        self.phones.iter().any(|phone| {
            let (one, other) = (phone.trim_start_matches('0'), number.trim_start_matches('0'));
            let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
            // A country code has three digits at most.
            long.ends_with(short) && long.len() <= short.len() + 3
        })
    }

    /// The text with everything that tells the person taken out.
    pub(super) fn without(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for word in &self.words {
            // Folding may change how many bytes a letter takes; letters are counted instead.
            while let Some(found) = place_of(&text, word) {
                text.replace_range(found, super::personal::ERASED);
            }
        }
        text
    }
}

/// Where a folded word stands in a text.
fn place_of(text: &str, word: &str) -> Option<std::ops::Range<usize>> {
    let mut starts = text.char_indices().map(|(place, _)| place);
    starts.find_map(|start| {
        let mut folded = String::new();
        for (place, letter) in text[start..].char_indices() {
            folded.push_str(&normal::folded(letter.encode_utf8(&mut [0; 4])));
            if folded == word {
                return Some(start..start + place + letter.len_utf8());
            }
            if !word.starts_with(&folded) {
                return None;
            }
        }
        None
    })
}

/// Whether a column holds an e-mail address of the person a row is about.
pub(super) fn is_email(column: &Column) -> bool {
    matches!(column.kind, ColumnType::Text { format: TextFormat::Email, .. })
}

/// Whether a column holds a telephone number of the person a row is about, not one of those around
/// them.
pub(super) fn is_phone(column: &Column) -> bool {
    const OF_OTHERS: [&str; 3] = ["company", "managerphone", "assistantphone"];
    matches!(column.kind, ColumnType::Text { format: TextFormat::Phone, .. })
        && !OF_OTHERS.contains(&column.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        let mut person = Person::default();
        person.add_email("Jane.Doe@Example.com");
        person.add_phone("+43 660 1234567");
        person.add_name("Jané Doe");
        Terms::of(&person)
    }

    #[test]
    fn an_address_or_number_is_told_however_it_is_written() {
        let terms = terms();
        for email in ["jane.doe@example.com", "Jane <jane.doe@example.com>"] {
            assert_eq!(terms.spoken(email), Some(Spoken::Email), "{email}");
        }
        for number in ["0660/1234567", "+436601234567", "0043 660 123 45 67"] {
            assert_eq!(terms.spoken(number), Some(Spoken::Number), "{number}");
        }
        for mention in ["Call JANE DOE back", "write to jane.doe@example.com today"] {
            assert_eq!(terms.spoken(mention), Some(Spoken::Mentioned), "{mention}");
        }
        for other in ["john.doe@example.com", "0660 7654321", "Jane", "2026-11-24", ""] {
            assert_eq!(terms.spoken(other), None, "{other}");
        }
    }

    #[test]
    fn what_tells_the_person_is_taken_out_of_a_text() {
        assert_eq!(terms().without("“jane doe” and JANÉ DOE, not Jane"), "“(erased)” and (erased), not Jane");
    }
}
