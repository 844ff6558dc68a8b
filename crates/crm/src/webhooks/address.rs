//! Addresses that can be sent to.

use http::Uri;
use language::tr;

/// The address, where it is a whole one of the web without a name and password in it. Whether it lies
/// inside the network shows only when it is looked up: then the policy of [`outgoing::Client`] decides.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn checked(text: &str) -> Result<Uri, String> {
    let whole = || tr!("write a whole address, such as https://example.com/hooks");
    let uri: Uri = text.trim().parse().map_err(|_| whole())?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(whole());
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(tr!(
            "an address with a name or password in it is not kept; the receiver knows us by the signature"
        ));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_whole_one_without_a_password() {
        for right in ["https://example.com/hooks?to=sales", "http://10.0.0.7:8080", " https://[::1]/x "] {
            assert!(checked(right).is_ok(), "{right}");
        }
        for wrong in ["example.com", "ftp://example.com", "https://", "https://ada:secret@example.com", "/hooks", ""] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
    }
}
