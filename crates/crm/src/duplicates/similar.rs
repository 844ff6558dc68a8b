//! Whether two names are alike enough, once they were found to sound alike.

use strsim::{jaro_winkler, normalized_damerau_levenshtein};

use super::normal;

/// How alike two words of a name must be, from 0 to 1.
const WORDS: f64 = 0.84;
/// How alike two names of companies must be, from 0 to 1.
const COMPANIES: f64 = 0.88;

/// True for names of people that may be the same: each word of the shorter one has a like in the
/// other, in any order; a single letter stands for a word that begins with it.
pub fn names(one: &str, other: &str) -> bool {
    let (one, other) = (normal::tokens(one), normal::tokens(other));
    let (fewer, more) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if fewer.is_empty() || (fewer.len() == 1 && more.len() > 1) {
        return false; // a last name alone is nobody's
    }
    let mut free: Vec<&String> = more.iter().collect();
    // Whole words choose before initials do.
    let mut wanted: Vec<&String> = fewer.iter().collect();
    wanted.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    for word in wanted {
        let best = free.iter().enumerate().map(|(place, other)| (place, likeness(word, other)));
        let Some((place, _)) = best.filter(|(_, likeness)| *likeness >= WORDS).max_by(|a, b| a.1.total_cmp(&b.1))
        else {
            return false;
        };
        free.swap_remove(place);
    }
    true
}

/// True for names of companies that may be the same, whatever their legal form and spaces.
pub fn companies(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (normal::company(one), normal::company(other)) else { return false };
    if one == other {
        return true;
    }
    let sorted = |name: &str| {
        let mut words: Vec<&str> = name.split(' ').collect();
        words.sort_unstable();
        words.concat()
    };
    let joined = |name: &str| name.replace(' ', "");
    let alike = |a: &str, b: &str| {
        digits(a) == digits(b) && normalized_damerau_levenshtein(a, b) >= COMPANIES - allowance(a, b)
    };
    alike(&joined(&one), &joined(&other)) || alike(&sorted(&one), &sorted(&other))
}

/// Of a short name one letter is a large part.
fn allowance(one: &str, other: &str) -> f64 {
    if one.chars().count().min(other.chars().count()) >= 5 { 0.06 } else { 0.0 }
}

/// `Studio 54` and `Studio 55` are two companies.
fn digits(name: &str) -> String {
    name.chars().filter(char::is_ascii_digit).collect()
}

fn likeness(one: &str, other: &str) -> f64 {
    let is_initial = |a: &str, b: &str| a.chars().count() == 1 && b.starts_with(a);
    if is_initial(one, other) || is_initial(other, one) {
        return 0.9;
    }
    let sounds_alike = one.chars().count() > 2 && normal::sound(one) == normal::sound(other);
    let alike = jaro_winkler(one, other);
    if sounds_alike && alike >= 0.7 { alike.max(WORDS) } else { alike }
}
