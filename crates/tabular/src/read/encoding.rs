//! The encoding of a text file: finding it out, and reading any of them as UTF-8.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::options::EncodingEvidence;

/// How much of a file is looked at.
pub(super) const SAMPLE_BYTES: usize = 1 << 20;
const CHUNK_BYTES: usize = 64 * 1024;
/// Longest word shown, in bytes behind its first special character.
const LONGEST_WORD: usize = 40;

/// Special characters that speak for an encoding other than the usual ones, at least.
const MANY: usize = 6;
/// Different ones among them, at least.
const DIFFERENT: usize = 3;

/// An encoding, and what decided for it.
pub(super) struct Found {
    pub encoding: &'static Encoding,
    /// The first word with a special character, where the encoding is a guess.
    pub evidence: Option<EncodingEvidence>,
}

/// The encoding of the text. Looks at the first megabyte; when that is plain ASCII, which every
/// encoding shares, at the megabyte where that ends, however far into the file that is.
pub(super) fn detect(mut reader: impl Read) -> io::Result<Found> {
    let sure = |encoding| Ok(Found { encoding, evidence: None });
    let mut sample = take(&mut reader, SAMPLE_BYTES)?;
    if let Some((encoding, _)) = Encoding::for_bom(&sample) {
        return sure(encoding);
    }
    if let Some(encoding) = utf16_without_mark(&sample) {
        return sure(encoding);
    }
    let mut lines_before = 0;
    loop {
        let ascii = Encoding::ascii_valid_up_to(&sample);
        if ascii < sample.len() {
            // Some context before the first special character helps the guess.
            let context = ascii.saturating_sub(CHUNK_BYTES);
            lines_before += lines(&sample[..context]);
            sample.drain(..context);
            let missing = SAMPLE_BYTES.saturating_sub(sample.len());
            sample.extend(take(&mut reader, missing)?);
            let encoding = guess(&sample);
            if encoding == UTF_8 && !is_broken(&sample) {
                return sure(encoding);
            }
            return Ok(Found { encoding, evidence: first_special_word(&sample, encoding, lines_before) });
        }
        lines_before += lines(&sample);
        sample = take(&mut reader, SAMPLE_BYTES)?;
        if sample.is_empty() {
            return sure(UTF_8);
        }
    }
}

fn lines(bytes: &[u8]) -> u64 {
    bytes.split(|byte| *byte == b'\n').count().saturating_sub(1) as u64
}

/// True where the text is not UTF-8 throughout.
fn is_broken(sample: &[u8]) -> bool {
    // Cut within a character at the end of the sample is whole.
    std::str::from_utf8(sample).is_err_and(|error| error.error_len().is_some())
}

/// UTF-8 where most special characters are valid in it; else what the detector says where there
/// is much that speaks for it; else windows-1252, which most files of the western world are in.
fn guess(sample: &[u8]) -> &'static Encoding {
    if !is_broken(sample) || mostly_utf8(sample) {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    if guessed == WINDOWS_1252 || is_clear(sample) { guessed } else { WINDOWS_1252 }
}

/// A stray byte or two in a text that is UTF-8 otherwise: the rows with them are reported.
fn mostly_utf8(sample: &[u8]) -> bool {
    let (mut valid, mut broken) = (0_usize, 0_usize);
    for chunk in sample.utf8_chunks() {
        valid += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    valid >= 4 * broken
}

/// Enough special characters that another encoding can be told from windows-1252: many different
/// ones, or some that would be signs within words there (Polish `ł` would be `³`).
fn is_clear(sample: &[u8]) -> bool {
    let special: Vec<u8> = sample.iter().copied().filter(|byte| !byte.is_ascii()).collect();
    let mut different = special.clone();
    different.sort_unstable();
    different.dedup();
    if special.len() >= MANY && different.len() >= DIFFERENT {
        return true;
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(sample);
    let letters: Vec<char> = text.chars().collect();
    let odd = letters.windows(3).filter(|part| {
        part[0].is_alphabetic() && part[2].is_alphabetic() && !part[1].is_ascii() && !part[1].is_alphabetic()
    });
    different.len() > 1 && odd.count() > 0
}

/// The first word with a special character and its line, 1 is the first.
fn first_special_word(sample: &[u8], encoding: &'static Encoding, before: u64) -> Option<EncodingEvidence> {
    let place = match std::str::from_utf8(sample) {
        Err(error) if encoding == UTF_8 => error.valid_up_to(),
        _ => sample.iter().position(|byte| !byte.is_ascii())?,
    };
    let is_end = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
    let start = sample[..place].iter().rposition(is_end).map_or(0, |end| end + 1);
    let length = sample[place..].iter().position(is_end).unwrap_or(sample.len() - place).min(LONGEST_WORD);
    let (word, _) = encoding.decode_without_bom_handling(&sample[start..place + length]);
    Some(EncodingEvidence { value: word.into_owned(), line: before + lines(&sample[..place]) + 1 })
}

/// UTF-16 without a byte order mark shows by the empty half of its many ASCII characters.
fn utf16_without_mark(sample: &[u8]) -> Option<&'static Encoding> {
    let pairs = sample.len() / 2;
    let empty = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let mostly = |count: usize| pairs > 2 && count * 10 > pairs * 4;
    let (high_first, low_first) = (empty(0), empty(1));
    if mostly(low_first) && high_first * 10 < low_first {
        return Some(UTF_16LE);
    }
    (mostly(high_first) && low_first * 10 < high_first).then_some(UTF_16BE)
}

/// Up to `count` bytes.
pub(super) fn take(reader: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Any encoding in, UTF-8 out, piece by piece.
pub(super) struct Decoded<R> {
    reader: R,
    encoding: &'static Encoding,
    decoder: encoding_rs::Decoder,
    input: Vec<u8>,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    pub(super) fn new(reader: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { reader, encoding, decoder, input: vec![0; CHUNK_BYTES], ended: false }
    }

    pub(super) fn encoding_name(&self) -> &'static str {
        self.encoding.name()
    }

    /// Appends the next piece to `text`, and to `broken` the places in it where bytes were not
    /// valid in the encoding (there stands U+FFFD). False when the file has ended.
    pub(super) fn fill(&mut self, text: &mut Vec<u8>, broken: &mut Vec<usize>) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let count = read_some(&mut self.reader, &mut self.input)?;
        self.ended = count == 0;
        let mut input = &self.input[..count];
        loop {
            let room = self.decoder.max_utf8_buffer_length_without_replacement(input.len()).unwrap_or(CHUNK_BYTES * 4);
            let start = text.len();
            text.resize(start + room, 0);
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(input, &mut text[start..], self.ended);
            text.truncate(start + written);
            input = &input[read..];
            match result {
                DecoderResult::InputEmpty => return Ok(true),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    broken.push(text.len());
                    text.extend_from_slice("\u{fffd}".as_bytes());
                }
            }
        }
    }
}

fn read_some(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
