//! Random changes of an input.

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

/// Largest input made, in bytes.
const LARGEST: usize = 64 * 1024;
/// Bytes and numbers at the edges of types, and characters that parsers stumble over.
const EDGES: &[&str] = &[
    "0",
    "-1",
    "1e999",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "2147483648",
    "79228162514264337593543950335",
    "0.0000000000000000000000000001",
    "NaN",
    "null",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "é",
    "İ",
    "ß",
    "\u{1F600}",
    "\u{10FFFF}",
    "e\u{301}",
    "'",
    "''",
    "\"",
    "\\",
    "%",
    "%00",
    "%25",
    "%ff",
    "\r\n",
    "\t",
    "((((((((((",
    "))))))))))",
    "[[[[[[[[[[",
    "{{{{{{{{{{",
    "9999-12-31",
    "0000-00-00",
    "2024-02-30",
    "-0001-01-01",
];

/// One to several changes of an example.
pub(crate) fn bend(dice: &mut StdRng, examples: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut input = examples.choose(dice).cloned().unwrap_or_default();
    for _ in 0..*[1, 1, 2, 3, 8].choose(dice).unwrap_or(&1) {
        change(dice, &mut input, examples, words);
    }
    input.truncate(LARGEST);
    input
}

fn change(dice: &mut StdRng, input: &mut Vec<u8>, examples: &[Vec<u8>], words: &[&str]) {
    let place = dice.random_range(0..=input.len());
    let end = (place + dice.random_range(1..=16)).min(input.len());
    match dice.random_range(0..9) {
        0 if place < input.len() => input[place] ^= 1 << dice.random_range(0..8),
        1 => input.insert(place, dice.random()),
        2 => drop(input.drain(place..end)),
        3 => insert(input, place, EDGES.choose(dice).map_or(&[][..], |edge| edge.as_bytes())),
        4 | 5 => insert(input, place, words.choose(dice).map_or(&[][..], |word| word.as_bytes())),
        6 => {
            let part = input[place..end].to_vec();
            // Once or very often: depth and length have limits of their own.
            let times = if dice.random_bool(0.1) { 2000 } else { 1 };
            insert(input, place, &part.repeat(times));
        }
        7 => {
            let other = examples.choose(dice).cloned().unwrap_or_default();
            let from = dice.random_range(0..=other.len());
            input.truncate(place);
            input.extend_from_slice(&other[from..]);
        }
        _ => {
            let word = words.choose(dice).map_or(&[][..], |word| word.as_bytes()).to_vec();
            input.splice(place..end, word);
        }
    }
}

fn insert(input: &mut Vec<u8>, place: usize, part: &[u8]) {
    if input.len() + part.len() <= LARGEST {
        input.splice(place..place, part.iter().copied());
    }
}
