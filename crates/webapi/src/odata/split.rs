//! Cutting lists apart without being fooled by quotes and brackets.

/// Cut `text` at each `separator` that stands outside quotes and brackets.
pub fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut depth = 0_usize;
    let mut quotes = Quotes::default();
    for (index, character) in text.char_indices() {
        match character {
            _ if quotes.hold(character) => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if character == separator && depth == 0 => {
                parts.push(&text[begin..index]);
                begin = index + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

/// Whether a character stands inside a text: an OData text, or one of an object in JSON.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    braces: usize,
    is_escaped: bool,
}

impl Quotes {
    /// True where the next character is part of a text, its quotes included.
    fn hold(&mut self, character: char) -> bool {
        if let Some(quote) = self.open {
            // A doubled quote closes and opens again, which is right here.
            if character == quote && !self.is_escaped {
                self.open = None;
            }
            self.is_escaped = quote == '"' && character == '\\' && !self.is_escaped;
            return true;
        }
        match character {
            '{' => self.braces += 1,
            '}' => self.braces = self.braces.saturating_sub(1),
            '\'' => self.open = Some(character),
            '"' if self.braces > 0 => self.open = Some(character),
            _ => {}
        }
        self.open.is_some()
    }
}

/// `name(inner)` into `name` and `inner`; nothing in place of `inner` without brackets. `Err`
/// where the brackets do not close at the end.
pub fn name_and_brackets(text: &str) -> Result<(&str, Option<&str>), ()> {
    match text.split_once('(') {
        None if text.contains(')') => Err(()),
        None => Ok((text.trim(), None)),
        Some((name, rest)) => {
            let inner = rest.trim_end().strip_suffix(')').ok_or(())?;
            if balanced(inner) { Ok((name.trim(), Some(inner))) } else { Err(()) }
        }
    }
}

fn balanced(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut quotes = Quotes::default();
    for character in text.chars() {
        match character {
            _ if quotes.hold(character) => {}
            '(' => depth += 1,
            ')' if depth == 0 => return false,
            ')' => depth -= 1,
            _ => {}
        }
    }
    depth == 0 && quotes.open.is_none()
}
