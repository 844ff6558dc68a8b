//! Names of people, and how words sound.

use std::sync::LazyLock;

use rphonetic::DoubleMetaphone;

use super::folded;

/// Longest code of a word.
const LONGEST: usize = 6;
static SOUNDS: LazyLock<DoubleMetaphone> = LazyLock::new(|| DoubleMetaphone::new(Some(LONGEST)));

/// What stands before a name and is none.
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "dr", "prof", "sir", "herr", "frau", "mme", "mlle", "dipl", "ing", "jr", "sr", "ii",
    "iii",
];

/// The words of a name, folded and sorted, so that first and last name may change places.
pub fn tokens(name: &str) -> Vec<String> {
    let folded = folded(name).replace(['\'', '’', '`'], "");
    let words = || folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut tokens: Vec<String> = words().filter(|word| !TITLES.contains(word)).map(str::to_owned).collect();
    if tokens.is_empty() {
        tokens = words().map(str::to_owned).collect();
    }
    tokens.sort_unstable();
    tokens
}

/// How a word sounds: `smith` and `smyth` sound alike. A word in letters that the code does not
/// know, or in digits, stands for itself.
pub fn sound(word: &str) -> String {
    if !word.chars().all(|letter| letter.is_ascii_alphabetic()) {
        return word.to_owned();
    }
    let code = SOUNDS.double_metaphone(word).primary();
    if code.is_empty() { word.to_owned() } else { code }
}

/// Under what a name is found by names that sound like it: all of its words, and, so that one of
/// them may be misspelt, the longest with the first letters of the others.
pub fn name_keys(tokens: &[String]) -> Vec<String> {
    if tokens.is_empty() {
        return Vec::new();
    }
    let mut sounds: Vec<String> = tokens.iter().map(|token| sound(token)).collect();
    sounds.sort_unstable();
    let mut keys = vec![sounds.join(" ")];
    if tokens.len() > 1
        && let Some(longest) = (0..tokens.len()).max_by_key(|place| (tokens[*place].chars().count(), *place))
    {
        let mut initials: Vec<char> = tokens
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != longest)
            .filter_map(|(_, t)| t.chars().next())
            .collect();
        initials.sort_unstable();
        keys.push(format!("{} {}", sound(&tokens[longest]), initials.into_iter().collect::<String>()));
    }
    keys
}
