//! Whether a password is known from a breach: a list in a file of the organisation's, so that no
//! other server learns anything of a password.
//!
//! The list is what "Have I Been Pwned" gives out: a line for each password, its SHA-1 in
//! hexadecimal and how often it was seen (`HASH:COUNT`), in the order of the hashes. It has some
//! forty gigabytes, so it is searched where it lies, in about forty short reads.

use std::{
    cmp::Ordering,
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use language::tr;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::{Error, Result};

/// A SHA-1 in hexadecimal.
const DIGITS: usize = 40;
/// No line is longer, with its count and line end.
const LONGEST_LINE: u64 = 64;
/// Places looked at to see that a file is such a list and sorted.
const PROBES: u64 = 64;

type Hash = [u8; DIGITS / 2];

/// A list of passwords known from breaches. It is opened for every question, so that a newer one
/// may be laid in its place.
#[derive(Debug, Clone)]
pub struct BreachedPasswords {
    path: PathBuf,
}

/// A line of the list and where it lies.
struct Line {
    start: u64,
    /// Where the next one begins.
    end: u64,
    hash: Hash,
}

impl BreachedPasswords {
    /// The list in this file.
    ///
    /// # Errors
    /// [`Error::File`] where it cannot be read, is something else or is not sorted by the hash.
    pub fn open(path: &Path) -> Result<Self> {
        probe(path).map_err(|error| {
            Error::File(tr!(
                "the list of breached passwords {} cannot be used ({error}); give the SHA-1 list of “Have I Been Pwned” that is ordered by hash, as one file",
                path.display(),
                error
            ))
        })?;
        Ok(Self { path: path.to_owned() })
    }

    /// Whether the password is in the list.
    ///
    /// # Errors
    /// Refused where the list cannot be read now: what cannot be compared is not let through.
    pub(super) fn hold(&self, password: &str) -> Result<bool> {
        let mut hash = Hash::default();
        hash.copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()).as_ref());
        find(&self.path, &hash).map_err(|error| {
            tracing::error!(target: "security", path = %self.path.display(), %error, "the list of breached passwords cannot be read");
            Error::refused(
                tr!("the password cannot be compared with those known from breaches for the moment; tell an administrator"),
            )
        })
    }
}

/// Looks at some lines from the first to the last: they must be of the list's form, and in order.
fn probe(path: &Path) -> io::Result<()> {
    let (file, length) = open(path)?;
    let mut before = Hash::default();
    for place in 0..=PROBES {
        let line = line_at(&file, length, (length.saturating_sub(1) / PROBES) * place)?;
        if line.hash < before {
            return Err(io::Error::other("it is not ordered by hash"));
        }
        before = line.hash;
    }
    Ok(())
}

fn find(path: &Path, hash: &Hash) -> io::Result<bool> {
    let (file, length) = open(path)?;
    let (mut low, mut high) = (0, length);
    while low < high {
        let line = line_at(&file, length, low + (high - low) / 2)?;
        match line.hash.cmp(hash) {
            Ordering::Equal => return Ok(true),
            Ordering::Less => low = line.end,
            Ordering::Greater => high = line.start,
        }
    }
    Ok(false)
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length == 0 { Err(io::Error::other("it is empty")) } else { Ok((file, length)) }
}

/// The line that the byte `at` belongs to.
fn line_at(file: &File, length: u64, at: u64) -> io::Result<Line> {
    let from = at.saturating_sub(LONGEST_LINE);
    let to = length.min(at + LONGEST_LINE);
    let mut bytes = vec![0; (to - from) as usize];
    file.read_exact_at(&mut bytes, from)?;
    let (before, behind) = bytes.split_at((at - from) as usize);
    let start = match before.iter().rposition(|byte| *byte == b'\n') {
        Some(end) => end + 1,
        None if from == 0 => 0,
        None => return Err(no_line(at)),
    };
    let end = match behind.iter().position(|byte| *byte == b'\n') {
        Some(end) => before.len() + end + 1,
        None if to == length => bytes.len(),
        None => return Err(no_line(at)),
    };
    let hash = hash_of(&bytes[start..end]).ok_or_else(|| no_line(from + start as u64))?;
    Ok(Line { start: from + start as u64, end: from + end as u64, hash })
}

fn no_line(at: u64) -> io::Error {
    io::Error::other(format!("at byte {at} there is no line of a hash and a count"))
}

/// The hash of a line, which a count may follow.
fn hash_of(line: &[u8]) -> Option<Hash> {
    let (digits, rest) = std::str::from_utf8(line).ok()?.split_at_checked(DIGITS)?;
    if !matches!(rest.as_bytes().first(), None | Some(b':' | b'\r' | b'\n')) {
        return None;
    }
    let mut hash = Hash::default();
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// A list of these passwords, lines ending as given.
    fn list(passwords: &[String], line_end: &str) -> String {
        let hash = |password: &String| {
            digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()).as_ref().iter().fold(
                String::new(),
                |mut text, byte| {
                    let _ = write!(text, "{byte:02X}");
                    text
                },
            )
        };
        let mut lines: Vec<String> =
            passwords.iter().enumerate().map(|(at, password)| format!("{}:{}", hash(password), at * at + 1)).collect();
        lines.sort();
        lines.join(line_end)
    }

    fn opened(text: &str) -> (tempfile::NamedTempFile, Result<BreachedPasswords>) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("room");
        let list = BreachedPasswords::open(file.path());
        (file, list)
    }

    #[test]
    fn every_password_of_a_list_is_found_and_no_other() {
        for count in [1, 2, 3, 50, 1000] {
            for line_end in ["\n", "\r\n"] {
                let passwords: Vec<String> = (0..count).map(|number| format!("summer of {number}")).collect();
                let text = list(&passwords, line_end);
                for text in [text.clone(), format!("{text}{line_end}"), text.to_lowercase()] {
                    let (_file, known) = opened(&text);
                    let known = known.expect("a list");
                    for password in &passwords {
                        assert!(known.hold(password).expect("readable"), "{password} of {count}");
                        assert!(!known.hold(&format!("{password}!")).expect("readable"), "{password}! of {count}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_file_that_is_no_sorted_list_of_hashes_is_refused() {
        let sorted = list(&(0..100).map(|number| number.to_string()).collect::<Vec<_>>(), "\n");
        let backwards: Vec<&str> = sorted.lines().rev().collect();
        for (text, named) in [
            ("", "it is empty"),
            ("password\n123456\n", "no line of a hash"),
            (&"x".repeat(500), "no line of a hash"),
            (&backwards.join("\n"), "not ordered by hash"),
        ] {
            let (_file, refused) = opened(text);
            let refused = refused.expect_err("no list").to_string();
            assert!(refused.contains(named), "{refused}");
        }
    }

    #[test]
    fn a_password_is_not_let_through_where_the_list_is_gone() {
        let (file, known) = opened(&list(&["one".to_owned()], "\n"));
        file.close().expect("removed");
        assert!(matches!(known.expect("a list").hold("two"), Err(Error::Refused(_))));
    }
}
