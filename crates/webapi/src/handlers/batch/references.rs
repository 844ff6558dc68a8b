//! References of a change set: `$1` is the row that the part with Content-ID 1 has created.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// Content-IDs and the addresses of their rows: `/leads(…)`.
pub type References = BTreeMap<String, String>;

/// The address with a reference at its beginning, and one in `$id=`, replaced.
pub fn in_target(target: &str, references: &References) -> Result<String> {
    let target = in_query(target, references)?;
    let Some(rest) = target.trim_start_matches('/').strip_prefix('$') else { return Ok(target) };
    let (id, behind) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
    // `$batch` and the like are names and no references.
    if !references.contains_key(id) && !id.chars().all(|letter| letter.is_ascii_digit()) {
        return Ok(target);
    }
    Ok(format!("{}{behind}", address(id, references)?))
}

fn in_query(target: &str, references: &References) -> Result<String> {
    const LINK: &str = "$id=$";
    let Some((before, rest)) = target.split_once(LINK) else { return Ok(target.to_owned()) };
    let (id, behind) = rest.find('&').map_or((rest, ""), |at| rest.split_at(at));
    Ok(format!("{before}$id={}{behind}", address(id, references)?))
}

/// The body with the references in its links (`…@odata.bind`, `@odata.id`) replaced. Texts elsewhere are
/// what they are.
pub fn in_body(body: &str, references: &References) -> Result<String> {
    let mut written = String::with_capacity(body.len());
    let mut rest = body;
    let mut is_link = false;
    while let Some(begin) = rest.find('"') {
        let end = begin + 1 + end_of_text(&rest[begin + 1..]);
        let text = rest.get(begin + 1..end).unwrap_or_default();
        let behind = rest.get(end + 1..).unwrap_or_default();
        written.push_str(&rest[..=begin]);
        if behind.trim_start().starts_with(':') {
            is_link = text.ends_with("@odata.bind") || text == "@odata.id";
            written.push_str(text);
        } else {
            match text.strip_prefix('$').filter(|_| is_link) {
                Some(id) => written.push_str(&address(id, references)?),
                None => written.push_str(text),
            }
        }
        if end < rest.len() {
            written.push('"');
        }
        rest = behind;
    }
    written.push_str(rest);
    Ok(written)
}

/// Where a text ends: its closing quote.
fn end_of_text(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !is_escaped => return at,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

fn address(id: &str, references: &References) -> Result<String> {
    references.get(id).cloned().ok_or_else(|| {
        Error::BadRequest(format!("${id}: no earlier part of the change set with this Content-ID has created a row"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_are_references() {
        let known: References = [("1".to_owned(), "/accounts(a)".to_owned())].into();
        let body =
            r#"{"name":"$1","parent@odata.bind":"$1","list@odata.bind":["$1","/x(2)"],"note":"a \"$1\" b","n":1}"#;
        let wanted = r#"{"name":"$1","parent@odata.bind":"/accounts(a)","list@odata.bind":["/accounts(a)","/x(2)"],"note":"a \"$1\" b","n":1}"#;
        assert_eq!(in_body(body, &known).unwrap(), wanted);
        assert!(in_body(r#"{"parent@odata.bind":"$2"}"#, &known).is_err());
        assert_eq!(in_target("$1/tasks/$ref", &known).unwrap(), "/accounts(a)/tasks/$ref");
        assert_eq!(in_target("$batch", &known).unwrap(), "$batch");
        assert!(in_target("$3", &known).is_err());
        let known: References = [("acc".to_owned(), "/accounts(a)".to_owned())].into();
        assert_eq!(in_target("$acc", &known).unwrap(), "/accounts(a)");
        assert_eq!(in_target("$acc?$select=name", &known).unwrap(), "/accounts(a)?$select=name");
        assert_eq!(in_target("x(1)/y/$ref?$id=$acc", &known).unwrap(), "x(1)/y/$ref?$id=/accounts(a)");
        assert_eq!(in_target("x(1)/y/$ref?$id=/z(2)", &known).unwrap(), "x(1)/y/$ref?$id=/z(2)");
    }

    proptest::proptest! {
        #[test]
        fn a_body_without_references_stays_as_it_is(body in "[a\"\\\\{}:,@ é]{0,30}") {
            proptest::prop_assert_eq!(in_body(&body, &References::new()).unwrap(), body);
        }
    }
}
