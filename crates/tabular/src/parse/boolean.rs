//! Yes and no.

/// Which way of writing yes and no a cell uses. A column keeps to one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A word: yes, no, true, ja, non …
    Word(bool),
    /// 0 or 1.
    Digit(bool),
    /// A cross or tick; the opposite is an empty cell.
    Mark,
}

/// Yes or no in English, German, French or Spanish, `1`/`0`, or a cross (which means yes).
/// `None` for anything else, also for an empty cell: whether that means no depends on the column.
pub fn boolean(text: &str) -> Option<bool> {
    match answer(text)? {
        Answer::Word(value) | Answer::Digit(value) => Some(value),
        Answer::Mark => Some(true),
    }
}

pub(crate) fn answer(text: &str) -> Option<Answer> {
    let text = text.trim();
    if text.len() > 9 {
        return None;
    }
    Some(match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "ja" | "j" | "wahr" | "oui" | "o" | "vrai" | "sí" | "si" | "s" | "verdadero" => {
            Answer::Word(true)
        }
        "no" | "n" | "false" | "f" | "nein" | "falsch" | "non" | "faux" | "falso" => Answer::Word(false),
        "1" => Answer::Digit(true),
        "0" => Answer::Digit(false),
        "x" | "✓" | "✔" | "☑" => Answer::Mark,
        _ => return None,
    })
}
