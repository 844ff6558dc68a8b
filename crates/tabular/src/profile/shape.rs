//! Addresses, telephone numbers and identifiers by their looks.

/// `name@host.tld`
pub(super) fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    !name.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"' | '/'))
        && !name.contains('@')
        && host.contains('.')
        && host.split('.').all(|label| !label.is_empty())
}

/// `https://…` or `www.…`
pub(super) fn is_url(text: &str) -> bool {
    let begins_with = |start: &str| text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    let begins = ["http://", "https://", "www.", "ftp://"].into_iter().any(begins_with);
    begins && text.contains('.') && !text.contains(char::is_whitespace)
}

/// Eight, four, four, four and twelve hexadecimal digits, also in braces.
pub(super) fn is_uuid(text: &str) -> bool {
    let text = text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(text);
    let mut groups = text.split('-');
    let lengths = [8, 4, 4, 4, 12];
    lengths.iter().all(|length| {
        groups.next().is_some_and(|group| group.len() == *length && group.bytes().all(|b| b.is_ascii_hexdigit()))
    }) && groups.next().is_none()
}

/// Six to fifteen digits with nothing but the signs of telephone numbers, and an extension.
pub(super) fn may_be_phone(text: &str) -> bool {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '(') {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let number = ["ext.", "ext", "x"].iter().find_map(|mark| lower.split_once(mark)).map_or(lower.as_str(), |(n, _)| n);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (6..=15).contains(&digits)
        && number.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '/' | '.' | ' ' | '\u{a0}'))
}

/// A telephone number beyond doubt: with `+`, brackets, or digits in at least three groups.
pub(super) fn is_clearly_phone(text: &str) -> bool {
    may_be_phone(text)
        && (text.starts_with(['+', '('])
            || text.split(|c: char| !c.is_ascii_digit()).filter(|group| group.len() >= 2).count() >= 3
            || (text.starts_with('0') && text.contains([' ', '/', '-'])))
}
