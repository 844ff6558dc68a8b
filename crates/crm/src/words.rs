//! Words that sentences are put together with.

use language::{Language, translated};

/// A label of the model as it stands within a sentence.
pub(crate) fn within(label: &str) -> String {
    Language::within_sentence(&translated(label))
}
