//! Cutting lists apart without being fooled by quotes and brackets.

/// Cut `text` at each `separator` that stands outside quotes and brackets.
pub fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut depth = 0_usize;
    let mut quoted = false;
    for (index, character) in text.char_indices() {
        match character {
            // A doubled quote inside a text closes and opens again, which is right here.
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
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
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' if depth == 0 => return false,
            ')' => depth -= 1,
            _ => {}
        }
    }
    depth == 0 && !quoted
}
