//! Whether a password is among those that are tried first.

use language::tr;

/// How many guesses a password must withstand, as a power of ten. Lists of common and breached
/// passwords that attackers begin with hold about so many.
const GUESSES: f64 = 6.0;
/// Letters that must be left of a password beside words about the person.
const LEFT: usize = 6;
/// Longer passwords are judged by their beginning: judging costs time that grows with the length.
const JUDGED: usize = 100;

/// Why this password is easy to guess for somebody who knows these words about the person; none
/// where it is not.
pub(super) fn reason(password: &str, words: &[String]) -> Option<String> {
    let judged: String = password.chars().take(JUDGED).collect();
    let parts: Vec<&str> = words
        .iter()
        .flat_map(|word| word.split([' ', '@', '.', '-', '_']))
        .chain(words.iter().map(String::as_str))
        .filter(|part| part.chars().count() > 2)
        .chain(["pipewright"])
        .collect();
    let verdict = zxcvbn::zxcvbn(&judged, &parts);
    if verdict.guesses_log10() >= GUESSES && !is_made_of(&judged, &parts) {
        return None;
    }
    Some(tr!(
        "this password is among the first that are guessed (a common one, a name, a date, a row of keys, or words \
         of your own address); take several words that do not belong together"
    ))
}

/// True where little is left of a password once these words are taken out of it.
fn is_made_of(password: &str, words: &[&str]) -> bool {
    let whole = password.to_lowercase();
    let mut words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let left = words.iter().fold(whole.clone(), |left, word| left.replace(word.as_str(), ""));
    left != whole && left.chars().count() < LEFT
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn common_passwords_and_ones_own_name_are_refused() {
        let words = ["Ada Adams".to_owned(), "ada@contoso.example".to_owned(), "Contoso".to_owned()];
        for easy in
            ["password123", "1234567890", "qwertyuiop", "ada@contoso", "contoso2024", "Pipewright1", "aaaaaaaaaaaa"]
        {
            assert!(reason(easy, &words).is_some(), "{easy}");
        }
        for hard in ["correct horse battery", "a long enough one", "another long one", "Xk3_vq91-Lm"] {
            assert_eq!(reason(hard, &words), None, "{hard}");
        }
    }
}
