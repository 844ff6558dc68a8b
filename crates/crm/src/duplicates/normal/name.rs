//! Names of people, and how words sound.

use std::sync::LazyLock;

use rphonetic::DoubleMetaphone;

use super::folded;

/// Longest code of a word.
const LONGEST: usize = 6;
static SOUNDS: LazyLock<DoubleMetaphone> = LazyLock::new(|| DoubleMetaphone::new(Some(LONGEST)));
static WHOLE_SOUNDS: LazyLock<DoubleMetaphone> = LazyLock::new(|| DoubleMetaphone::new(None));

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
/// them may be misspelt or shortened, the longest with how the others begin. Names that share the
/// first share the second.
pub fn name_keys(tokens: &[String]) -> Vec<String> {
    let mut sounds: Vec<String> = tokens.iter().map(|token| sound(token)).collect();
    sounds.sort_unstable();
    let Some(longest) = (0..sounds.len()).max_by_key(|place| sounds[*place].chars().count()) else {
        return Vec::new();
    };
    let others = sounds.iter().enumerate().filter(|(place, _)| *place != longest);
    let mut beginnings: Vec<char> = others.filter_map(|(_, sound)| sound.chars().next()).map(beginning).collect();
    beginnings.sort_unstable();
    let coarse = format!("{} {}", sounds[longest], beginnings.into_iter().collect::<String>());
    vec![sounds.join(" "), coarse]
}

/// The same for beginnings that are easily taken for each other, `C` and `K` say: an initial does
/// not tell how its name sounds.
fn beginning(sound: char) -> char {
    match sound.to_ascii_uppercase() {
        'A' | 'H' | 'W' | 'Y' => 'A',
        'B' | 'F' | 'P' | 'V' => 'P',
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => 'K',
        'D' | 'T' | '0' => 'T',
        other => other,
    }
}

/// How the letters of a company's name sound together, without vowels and in no order: the same be
/// it written in one word or in several, whichever comes first.
pub fn company_key(name: &str) -> String {
    let (letters, others): (String, String) =
        name.chars().filter(|letter| *letter != ' ').partition(char::is_ascii_alphabetic);
    let code = WHOLE_SOUNDS.double_metaphone(&letters).primary();
    let mut key: Vec<char> = code.chars().filter(|sound| !['A', 'H'].contains(sound)).collect();
    if key.is_empty() {
        key.extend(letters.chars());
    }
    key.extend(others.chars());
    key.sort_unstable();
    key.into_iter().collect()
}
