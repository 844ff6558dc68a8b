//! Where people are sent back to. An address must be one that was registered, letter for letter; only
//! the port of a program on the person's own device may differ (RFC 8252, section 7.3).

use language::tr;
use store::Row;
use url::{Host, Url};

use crate::{Error, Result};

/// Most addresses of one program.
const MOST: usize = 20;

/// The addresses in a text, one a line.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Refuses addresses that nobody should be sent to.
pub(super) fn check(row: &mut Row) -> Result<()> {
    let Some(text) = row.get("redirecturis").and_then(model::Value::as_text).map(str::to_owned) else { return Ok(()) };
    let addresses: Vec<&str> = lines(&text).collect();
    if addresses.len() > MOST {
        return Err(Error::refused(tr!("a program has at most {MOST} redirect addresses", MOST)));
    }
    for address in &addresses {
        if !is_sound(address) {
            return Err(Error::refused(tr!(
                "'{address}' cannot be a redirect address; write https://…, http://127.0.0.1/… for a program on the person's device, or a scheme with a dot in it like com.example.app:/…, without # and without a name and password",
                address
            )));
        }
    }
    row.set("redirecturis", addresses.join("\n"));
    Ok(())
}

/// Whether people may be sent to such an address at all.
fn is_sound(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    // An address is compared letter for letter, so that it must not hold what is written in two ways.
    let plain =
        address.chars().all(|letter| letter.is_ascii_graphic() && !matches!(letter, '"' | '\'' | ';' | ',' | '\\'));
    plain
        && match url.scheme() {
            "https" => url.host().is_some(),
            "http" => is_loopback(&url),
            // A scheme of one's own bears a name that its owner has (RFC 8252, section 7.1).
            scheme => scheme.contains('.') && url.host().is_none(),
        }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether `asked` is one of those registered.
pub(super) fn is_registered(registered: &[String], asked: &str) -> bool {
    registered.iter().any(|known| known == asked || differs_by_port(known, asked))
}

/// Two addresses of a person's own device that differ in their port only.
fn differs_by_port(known: &str, asked: &str) -> bool {
    let (Ok(mut known), Ok(mut other)) = (Url::parse(known), Url::parse(asked)) else { return false };
    if known.scheme() != "http" || !is_loopback(&known) || !is_sound(asked) {
        return false;
    }
    // Taking the port of an address with a host cannot fail.
    let taken = known.set_port(None).is_ok() && other.set_port(None).is_ok();
    taken && known == other
}

/// What a page that leads to this address must be allowed by its content security policy: the origin,
/// or the scheme of one's own.
pub(super) fn origin(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) if url.host().is_some() => url.origin().ascii_serialization(),
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}

/// The address with what the program is told behind it.
pub(super) fn with(address: &str, told: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse(address) else { return address.to_owned() };
    url.query_pairs_mut().extend_pairs(told);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_to_encrypted_addresses_their_own_device_and_apps() {
        for sound in [
            "https://app.example/callback",
            "https://app.example/callback?tenant=1",
            "http://127.0.0.1/callback",
            "http://[::1]:8400/",
            "http://localhost:3000/callback",
            "com.example.app:/callback",
        ] {
            assert!(is_sound(sound), "{sound}");
        }
        for unsound in [
            "http://app.example/callback",
            "http://127.0.0.1.evil.example/",
            "https://user:secret@app.example/",
            "https://app.example/#part",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "app:/callback",
            "https://app.example/; script-src *",
            "/callback",
            "https://app.example/\u{fc}",
        ] {
            assert!(!is_sound(unsound), "{unsound}");
        }
    }

    #[test]
    fn an_address_is_compared_letter_for_letter_but_for_the_port_on_ones_own_device() {
        let registered = ["https://app.example/callback".to_owned(), "http://127.0.0.1/done".to_owned()];
        let is = |asked: &str| is_registered(&registered, asked);
        assert!(is("https://app.example/callback") && is("http://127.0.0.1:51004/done"));
        for other in [
            "https://app.example/callback/",
            "https://app.example/callback?next=1",
            "https://app.example:8443/callback",
            "https://APP.example/callback",
            "http://127.0.0.1:51004/done/more",
            "http://127.0.0.1:51004/done#x",
            "http://127.0.0.2:51004/done",
            "http://user@127.0.0.1:51004/done",
            "https://127.0.0.1:51004/done",
        ] {
            assert!(!is(other), "{other}");
        }
    }

    #[test]
    fn what_is_told_stands_behind_what_the_address_has() {
        assert_eq!(with("https://a.example/?x=1", &[("code", "a b")]), "https://a.example/?x=1&code=a+b");
        assert_eq!(with("com.example.app:/done", &[("code", "c")]), "com.example.app:/done?code=c");
        assert_eq!(origin("http://127.0.0.1:51004/done"), "http://127.0.0.1:51004");
        assert_eq!(origin("com.example.app:/done"), "com.example.app:");
    }
}
