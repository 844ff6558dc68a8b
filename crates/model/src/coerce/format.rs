//! Texts with a format: what is plainly no address is refused, everything real passes.

use language::tr;

use crate::{TextFormat, Value, ValueError};

/// Schemes a web address may have. Others (`javascript:`) would run when a page links them.
const SCHEMES: [&str; 4] = ["http", "https", "ftp", "ftps"];

/// The text as it is stored, or what would be right. Telephone numbers and ticker symbols are
/// written in too many ways to be judged.
pub(super) fn written(format: TextFormat, text: &str) -> Result<Value, ValueError> {
    let text = match format {
        TextFormat::Email | TextFormat::Url => text.trim(),
        _ => text,
    };
    match format {
        TextFormat::Email if !is_email(text) => Err(ValueError::new(tr!(
            "'{}' is not an e-mail address; write one like ada@company.example, and nothing beside it",
            shortened(text)
        ))),
        TextFormat::Url if !is_web_address(text) => Err(ValueError::new(tr!(
            "'{}' is not a web address; write one like https://company.example or company.example",
            shortened(text)
        ))),
        _ => Ok(text.into()),
    }
}

/// One address without a name beside it: something before the last @, a host behind it. What
/// mail servers really accept is wide, so little is asked.
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let local_is_sound =
        quoted || !local.is_empty() && !local.contains(|c: char| c.is_whitespace() || "@,;:<>()[]\"".contains(c));
    local_is_sound && !text.contains(char::is_control) && is_host(host)
}

/// With or without a scheme; without one it must look like a host, so that a stray word is not
/// taken for an address.
fn is_web_address(text: &str) -> bool {
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"".contains(c)) {
        return false;
    }
    let (rest, named) = match text.split_once("://") {
        Some((scheme, _)) if !SCHEMES.contains(&scheme.to_lowercase().as_str()) => return false,
        Some((_, rest)) => (rest, true),
        None => (text, false),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some(_) if !host.starts_with('[') => return false,
        _ => host,
    };
    is_host(host) && (named || host.contains('.') || host.eq_ignore_ascii_case("localhost"))
}

/// Letters of any script, digits, hyphens and dots, or an address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(literal) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return !literal.is_empty() && literal.chars().all(|c| c.is_ascii_alphanumeric() || ":.".contains(c));
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_' || !c.is_ascii())
    })
}

fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST).chain(['…']).collect() }
}
