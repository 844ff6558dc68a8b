//! One form for what people write in many: e-mail addresses, phone numbers, names of companies
//! and people, web addresses. Each function gives nothing where there is nothing to compare.

mod company;
mod domain;
mod email;
mod name;
mod phone;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

pub use company::{company, without_legal_form};
pub use domain::{domain, is_shared_domain};
pub use email::email;
pub use name::{company_key, name_keys, sound, tokens};
pub use phone::{phone, region_of};

/// A text as it is compared: without spaces around it and with one between words, each letter in
/// its usual composition; in lower case unless case matters.
pub fn text(text: &str, case_sensitive: bool) -> Option<String> {
    // A compatible form may hold spaces, and a lower-case one may be composed otherwise.
    let composed: String = if case_sensitive {
        text.nfkc().collect()
    } else {
        text.nfkc().collect::<String>().to_lowercase().nfkc().collect()
    };
    let words: Vec<&str> = composed.split_whitespace().collect();
    if words.is_empty() { None } else { Some(words.join(" ")) }
}

/// Lower case without accents, `ß` as `ss`: `Müller` is `muller`.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            other => folded.push(other),
        }
    }
    folded
}
