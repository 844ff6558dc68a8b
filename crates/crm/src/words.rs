//! Words that sentences are put together with.

use language::{Language, tr, translated};

/// A label of the model as it stands within a sentence.
pub(crate) fn within(label: &str) -> String {
    Language::within_sentence(&translated(label))
}

/// `a or b`.
pub(crate) fn either<T: AsRef<str>>(choices: &[T]) -> String {
    let choices: Vec<&str> = choices.iter().map(AsRef::as_ref).collect();
    choices.join(&tr!(" or "))
}
