//! The guard against formulas in text files.
//!
//! A spreadsheet program that opens a CSV file runs a cell such as `=HYPERLINK(…)`. Text that a
//! program would take for a formula is therefore written with an apostrophe before it. The rule
//! looks behind any apostrophes already there, so that taking the guard off again always gives
//! back what was written: `=1` becomes `'=1`, and `'=1` becomes `''=1`.

use std::borrow::Cow;

/// The text as it is to be written.
pub(crate) fn put_on(text: &str) -> Cow<'_, str> {
    if is_dangerous(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text as it was before [`put_on`].
pub(crate) fn take_off(text: String) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if is_dangerous(rest) => rest.to_owned(),
        _ => text,
    }
}

fn is_dangerous(text: &str) -> bool {
    let core = text.trim_start_matches('\'');
    core.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_plain_number(core)
}

/// A negative number as people write it. A leading plus is no part of a number here: a program
/// would take it off `+49301234`.
fn is_plain_number(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('-') else { return false };
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
}
