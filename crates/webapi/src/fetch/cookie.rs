//! Paging cookies: where a page ended, as Dataverse's clients pass it on.
//!
//! The answer holds `<cookie pagenumber="2" pagingcookie="…" istracking="False" />`; what stands in
//! `pagingcookie` is encoded as in an address, twice. Clients decode it and send it in the next
//! query. Ours holds a marker of the store, so that the next page begins behind the row that the
//! last one ended with, whatever was written between.

use super::wrong;
use crate::error::Result;

/// Longest cookie read.
const SIZE: usize = 32 * 1024;

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagingCookie {
    /// The page that was sent.
    pub page: u32,
    /// The marker behind it; groups have none.
    pub marker: Option<String>,
}

/// The cookie behind a page, as the answer holds it.
pub fn write_cookie(cookie: &PagingCookie) -> String {
    let inner = inner_cookie(cookie);
    let next = u64::from(cookie.page) + 1;
    format!("<cookie pagenumber=\"{next}\" pagingcookie=\"{}\" istracking=\"False\" />", encoded(&encoded(&inner)))
}

/// The cookie itself, as answers hold it that say the number of the next page elsewhere.
pub fn inner_cookie(cookie: &PagingCookie) -> String {
    let marker = cookie.marker.as_ref().map(|marker| format!("<row last=\"{marker}\" />")).unwrap_or_default();
    format!("<cookie page=\"{}\">{marker}</cookie>", cookie.page)
}

/// The cookie of a query: decoded or not, the inner one or the whole.
pub fn read_cookie(text: &str) -> Result<PagingCookie> {
    let strange = || wrong("paging-cookie: send it as the answer before gave it, or leave it out");
    if text.len() > SIZE {
        return Err(strange());
    }
    let mut text = decoded(text).ok_or_else(strange)?;
    if let Some(inner) = quoted(&text, "pagingcookie") {
        text = decoded(inner).ok_or_else(strange)?;
    }
    let page = quoted(&text, "page").and_then(|page| page.parse().ok()).filter(|page| *page > 0);
    let plain = |marker: &&str| marker.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let marker = match quoted(&text, "last") {
        None => None,
        Some(marker) => Some(plain(&marker).then(|| marker.to_owned()).ok_or_else(strange)?),
    };
    Ok(PagingCookie { page: page.ok_or_else(strange)?, marker })
}

/// The value of an attribute in a text without escapes.
fn quoted<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// The text as it was before it was encoded, however often.
fn decoded(text: &str) -> Option<String> {
    let mut text = text.trim().to_owned();
    for _ in 0..3 {
        if text.starts_with('<') {
            return Some(text);
        }
        text = percent_encoding::percent_decode_str(&text).decode_utf8().ok()?.into_owned();
    }
    text.starts_with('<').then_some(text)
}

/// As Dataverse encodes: with small letters.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
    }
    out
}
