//! Turning patterns of the word lists into texts.

use std::fmt::Write;

use crate::dice::Dice;

/// What the words in braces stand for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scene {
    pub contact: String,
    pub company: String,
    pub product: String,
    pub topic: String,
    pub area: String,
    pub makes: String,
    pub site: String,
    pub seller: String,
    pub number: i64,
}

impl Scene {
    /// `pattern` with its words in braces replaced and `\n` as new lines.
    pub fn tell(&self, pattern: &str) -> String {
        let mut text = String::with_capacity(pattern.len() + 40);
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            let (word, after) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(before);
            self.put(word, text.is_empty() || text.ends_with(". "), &mut text);
            rest = after;
        }
        text.push_str(rest);
        if text.contains("\\n") { text.replace("\\n", "\n") } else { text }
    }

    fn put(&self, word: &str, begins: bool, text: &mut String) {
        let value = match word {
            "contact" => &self.contact,
            "company" => &self.company,
            "product" => &self.product,
            "topic" => &self.topic,
            "makes" => &self.makes,
            "site" => &self.site,
            "seller" => &self.seller,
            "area" if begins => return text.push_str(&capital(&self.area)),
            "area" => &self.area,
            _ => {
                let _ = write!(text, "{}", self.number);
                return;
            }
        };
        text.push_str(value);
    }
}

/// Digits for every `#`.
pub(crate) fn digits(pattern: &str, dice: &mut Dice) -> String {
    let mut first = true;
    let digit = |sign: char| match sign {
        '#' => {
            // A house number does not begin with 0.
            let digit = if std::mem::take(&mut first) { dice.between(1, 9) } else { dice.between(0, 9) };
            char::from(b'0' + digit as u8)
        }
        other => other,
    };
    pattern.chars().map(digit).collect()
}

/// With a capital letter at the beginning.
pub(crate) fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

/// Plain letters and digits, for addresses: `Müller-Lüdenscheid` becomes `mueller-luedenscheid`.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for sign in text.chars().flat_map(char::to_lowercase) {
        match sign {
            'a'..='z' | '0'..='9' => plain.push(sign),
            'ä' | 'æ' => plain.push_str("ae"),
            'ö' | 'ø' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            'á' | 'à' | 'â' | 'ã' | 'å' | 'ą' => plain.push('a'),
            'ç' | 'ć' | 'č' => plain.push('c'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ě' => plain.push('e'),
            'í' | 'î' | 'ï' => plain.push('i'),
            'ł' => plain.push('l'),
            'ñ' | 'ń' | 'ň' => plain.push('n'),
            'ó' | 'ô' | 'õ' => plain.push('o'),
            'ř' => plain.push('r'),
            'ś' | 'š' => plain.push('s'),
            'ú' | 'û' | 'ů' => plain.push('u'),
            'ý' => plain.push('y'),
            'ż' | 'ź' | 'ž' => plain.push('z'),
            ' ' | '-' | '&' if !plain.is_empty() && !plain.ends_with('-') => plain.push('-'),
            _ => {}
        }
    }
    plain.trim_end_matches('-').to_owned()
}
