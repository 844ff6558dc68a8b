//! When two names mean the same.

use language::in_every_language;

/// The name without case, spaces and punctuation: `GTX Pro` and `GTXPro` are the same.
pub(super) fn normalised(text: &str) -> String {
    letters(text).collect()
}

/// True for a name that is `wanted` when normalised; most are not, which their first letter tells.
pub(super) fn is_normalised(name: &str, wanted: &str) -> bool {
    letters(name).eq(wanted.chars())
}

fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// The name as the database compares it: without case, without blanks around.
pub(crate) fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// True where a label of the model is meant in a language that pages are written in.
pub(super) fn is_label(label: &str, means: impl Fn(&str) -> bool) -> bool {
    in_every_language(label).iter().any(|label| means(label))
}

/// The thing whose label is meant: in English, else in another language that pages are written in.
pub(super) fn labelled<'t, T>(
    things: impl Iterator<Item = &'t T> + Clone,
    label: impl Fn(&T) -> &str,
    means: impl Fn(&str) -> bool,
) -> Option<&'t T> {
    things.clone().find(|thing| means(label(thing))).or_else(|| {
        things.clone().find(|thing| in_every_language(label(thing)).iter().skip(1).any(|label| means(label)))
    })
}

/// First names and last name of a full name; one word is a last name.
pub(super) fn split_name(name: &str) -> (Option<String>, String) {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.split_last() {
        None => (None, String::new()),
        Some((last, [])) => (None, (*last).to_owned()),
        Some((last, first)) => (Some(first.join(" ")), (*last).to_owned()),
    }
}

/// A header as a logical name: `new_` and its letters and digits.
pub(super) fn logical_name(prefix: &str, header: &str) -> String {
    let slug: String =
        header.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_lowercase()).take(50).collect();
    let slug = if slug.is_empty() { "column".to_owned() } else { slug };
    format!("{prefix}_{slug}")
}

/// A header as people read it: `year_established` becomes `Year established`.
pub(super) fn label(header: &str) -> String {
    let text = header.trim().replace('_', " ");
    let mut signs = text.chars();
    match signs.next() {
        Some(first) if !header.contains(' ') => first.to_uppercase().chain(signs).collect(),
        _ => text,
    }
}
