//! Numbers and amounts of money as people write them.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Which sign stands before the fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberStyle {
    /// `1,234.50`
    #[default]
    Point,
    /// `1.234,50`
    Comma,
}

impl NumberStyle {
    fn mark(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    fn other_mark(self) -> char {
        match self {
            Self::Point => ',',
            Self::Comma => '.',
        }
    }
}

/// The number in a cell: with sign (also behind it), in brackets when negative, with thousands
/// separators (the other mark, space, apostrophe), a currency sign or code, or a percent sign
/// (`12 %` is 12). `None` when the text is no number in this style.
pub fn decimal(text: &str, style: NumberStyle) -> Option<Decimal> {
    Amount::read(text)?.value(style)
}

/// The currency sign or code of an amount as it is written: `€` of `€ 1.234,50`.
pub fn currency(text: &str) -> Option<&str> {
    Amount::read(text)?.currency
}

/// Longest first where one begins with another.
const SIGNS: &[&str] = &[
    "US$", "HK$", "NZ$", "A$", "C$", "R$", "S$", "€", "$", "£", "¥", "₹", "₩", "₽", "₺", "₪", "฿", "₫", "₴", "₱",
    "kr.", "kr", "zł", "Kč", "Ft", "Fr.", "Rs.", "Rs",
];

const CODES: &[&str] = &[
    "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD",
    "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "MAD", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP",
    "PKR", "PLN", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR",
];

/// A written number taken apart: sign, currency and the digits with their marks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount<'a> {
    pub(crate) negative: bool,
    pub(crate) currency: Option<&'a str>,
    pub(crate) body: &'a str,
}

impl<'a> Amount<'a> {
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let mut body = text.trim();
        if body.is_empty() || body.len() > 60 || !body.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut negative = false;
        let mut signed = false;
        let mut currency = None;
        let mut percent = false;
        if let Some(inner) = body.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            (negative, signed, body) = (true, true, inner.trim());
        }
        loop {
            let before = body;
            if !signed && let Some((minus, rest)) = take_sign(body) {
                (negative, signed, body) = (minus, true, rest);
            }
            if currency.is_none()
                && let Some((found, rest)) = take_currency(body)
            {
                (currency, body) = (Some(found), rest);
            }
            if !percent && let Some(rest) = body.strip_suffix('%') {
                (percent, body) = (true, rest);
            }
            body = body.trim();
            if body == before {
                break;
            }
        }
        let starts = body.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
        let ends = body.ends_with(|c: char| c.is_ascii_digit());
        (starts && ends).then_some(Self { negative, currency, body })
    }

    pub(crate) fn value(&self, style: NumberStyle) -> Option<Decimal> {
        let value = if self.body.contains(['e', 'E']) { self.scientific(style)? } else { self.plain(style)? };
        Some(if self.negative { -value } else { value })
    }

    fn plain(&self, style: NumberStyle) -> Option<Decimal> {
        let (whole, fraction) = match self.body.split_once(style.mark()) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (self.body, None),
        };
        if fraction.is_some_and(|f| f.is_empty() || !f.bytes().all(|b| b.is_ascii_digit())) {
            return None;
        }
        let mut digits = ungrouped(whole, style)?;
        if let Some(fraction) = fraction {
            if digits.is_empty() {
                digits.push('0');
            }
            digits.push('.');
            digits.push_str(fraction);
        }
        Decimal::from_str(&digits).ok()
    }

    fn scientific(&self, style: NumberStyle) -> Option<Decimal> {
        let (mantissa, exponent) = self.body.split_once(['e', 'E'])?;
        let mantissa_ok = mantissa.chars().all(|c| c.is_ascii_digit() || c == style.mark());
        exponent.trim_start_matches(['+', '-']).parse::<u8>().ok()?;
        let mantissa = mantissa.replace(style.mark(), ".");
        if mantissa_ok { Decimal::from_scientific(&format!("{mantissa}e{exponent}")).ok() } else { None }
    }

    /// Reads the same in every style.
    pub(crate) fn is_plain(&self) -> bool {
        self.body.bytes().all(|b| b.is_ascii_digit())
    }

    /// Written as a code rather than a number: `00123`.
    pub(crate) fn has_leading_zero(&self) -> bool {
        let bytes = self.body.as_bytes();
        bytes.len() > 1 && bytes[0] == b'0' && bytes[1].is_ascii_digit()
    }
}

fn take_sign(text: &str) -> Option<(bool, &str)> {
    for (sign, negative) in [('-', true), ('−', true), ('+', false)] {
        if let Some(rest) = text.strip_prefix(sign) {
            return Some((negative, rest));
        }
    }
    ['-', '−'].into_iter().find_map(|sign| text.strip_suffix(sign)).map(|rest| (true, rest))
}

fn take_currency(text: &str) -> Option<(&str, &str)> {
    let is_digit = |c: char| c.is_ascii_digit();
    let (prefixed, suffixed) = (!text.starts_with(is_digit), !text.ends_with(is_digit));
    if !prefixed && !suffixed {
        return None;
    }
    for mark in SIGNS.iter().chain(CODES) {
        if prefixed && let Some(rest) = text.strip_prefix(mark) {
            return Some((&text[..mark.len()], rest));
        }
        if suffixed && let Some(rest) = text.strip_suffix(mark) {
            return Some((&text[rest.len()..], rest));
        }
    }
    None
}

/// The digits of a whole number without its thousands separators. Groups must be whole: three
/// digits last, two (Indian counting) or three before, one kind of separator throughout.
fn ungrouped(whole: &str, style: NumberStyle) -> Option<String> {
    if whole.bytes().all(|b| b.is_ascii_digit()) {
        return Some(whole.to_owned());
    }
    let separator = whole.chars().find(|c| !c.is_ascii_digit())?;
    let known = separator == style.other_mark() || matches!(separator, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’');
    let groups: Vec<&str> = whole.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let (last, middle) = rest.split_last()?;
    let whole_groups = (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && last.len() == 3
        && middle.iter().all(|group| group.len() == 2 || group.len() == 3)
        && groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_digit()));
    (known && whole_groups).then(|| groups.concat())
}
