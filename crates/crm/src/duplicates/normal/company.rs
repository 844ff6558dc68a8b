//! Names of companies.

use super::folded;

/// Words that say what a company is before the law, or that say no more than "company".
const FORMS: &[&str] = &[
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "llc",
    "llp",
    "lp",
    "plc",
    "pc",
    "gmbh",
    "mbh",
    "ag",
    "kg",
    "kgaa",
    "ohg",
    "gbr",
    "ug",
    "ev",
    "eg",
    "se",
    "sa",
    "sas",
    "sasu",
    "sarl",
    "eurl",
    "sl",
    "slu",
    "srl",
    "srls",
    "spa",
    "snc",
    "bv",
    "nv",
    "vof",
    "cv",
    "oy",
    "oyj",
    "ab",
    "as",
    "asa",
    "aps",
    "ivs",
    "pty",
    "pte",
    "pvt",
    "private",
    "sro",
    "zrt",
    "kft",
    "doo",
    "dd",
    "ood",
    "eood",
    "ooo",
    "oao",
    "zao",
    "jsc",
    "kk",
    "gk",
    "bhd",
    "sdn",
    "sp",
    "zoo",
    "ltda",
    "me",
    "eireli",
    "sab",
    "holding",
    "holdings",
    "group",
    "gruppe",
    "intl",
    "international",
];
/// Words between two parts of a name.
const JOINING: &[&str] = &["and", "und", "et", "y", "e", "i", "of", "the", "der", "die", "das", "la", "le", "les"];

/// A company's name without its legal form, as it was written: `Contoso` for `Contoso, Inc.`
pub fn without_legal_form(name: &str) -> String {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    while words.len() > 1 && is_form(words[words.len() - 1]) {
        words.pop();
    }
    words.join(" ").trim_end_matches([',', '&', ' ']).to_owned()
}

/// The words that make the name, folded and without legal form: `contoso` for `Contoso.inc`,
/// `muller sohne` for `Müller & Söhne GmbH & Co. KG`.
pub fn company(name: &str) -> Option<String> {
    let folded = folded(name).replace(['\'', '’', '`'], "");
    // `S.A.` and `e.V.` are one word each, `Contoso.inc` is two.
    let spaced: Vec<String> = folded.split_whitespace().map(undotted).collect();
    let all: Vec<&str> = spaced
        .iter()
        .flat_map(|word| word.split(|letter: char| !letter.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let meaning: Vec<&str> = all.iter().copied().filter(|word| !JOINING.contains(word)).collect();
    let words = if meaning.is_empty() { all } else { meaning };
    let mut kept = words.as_slice();
    while let [rest @ .., last] = kept
        && !rest.is_empty()
        && FORMS.contains(last)
    {
        kept = rest;
    }
    let first = usize::from(kept.len() > 1 && matches!(kept[0], "gmbh" | "ooo" | "pt" | "cv"));
    let kept = &kept[first..];
    (!kept.is_empty()).then(|| kept.join(" "))
}

/// `s.a.` becomes `sa`; other words stay.
fn undotted(word: &str) -> String {
    let parts: Vec<&str> = word.trim_end_matches([',', ';']).split('.').filter(|part| !part.is_empty()).collect();
    if parts.len() > 1 && parts.iter().all(|part| part.chars().count() == 1) { parts.concat() } else { word.to_owned() }
}

fn is_form(word: &str) -> bool {
    let bare: String = folded(word).chars().filter(|letter| letter.is_alphanumeric()).collect();
    bare.is_empty() || FORMS.contains(&bare.as_str())
}
