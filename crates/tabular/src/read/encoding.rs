//! The encoding of a text file: finding it out, and reading any of them as UTF-8.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How much of a file is looked at.
pub(super) const SAMPLE_BYTES: usize = 1 << 20;
const CHUNK_BYTES: usize = 64 * 1024;

/// The encoding of the text. Looks at the first megabyte; when that is plain ASCII, which every
/// encoding shares, at the megabyte where that ends, however far into the file that is.
pub(super) fn detect(mut reader: impl Read) -> io::Result<&'static Encoding> {
    let mut sample = take(&mut reader, SAMPLE_BYTES)?;
    if let Some((encoding, _)) = Encoding::for_bom(&sample) {
        return Ok(encoding);
    }
    if let Some(encoding) = utf16_without_mark(&sample) {
        return Ok(encoding);
    }
    loop {
        let ascii = Encoding::ascii_valid_up_to(&sample);
        if ascii < sample.len() {
            // Some context before the first special character helps the guess.
            sample.drain(..ascii.saturating_sub(CHUNK_BYTES));
            let missing = SAMPLE_BYTES.saturating_sub(sample.len());
            sample.extend(take(&mut reader, missing)?);
            return Ok(guess(&sample));
        }
        sample = take(&mut reader, SAMPLE_BYTES)?;
        if sample.is_empty() {
            return Ok(UTF_8);
        }
    }
}

fn guess(sample: &[u8]) -> &'static Encoding {
    let valid = match std::str::from_utf8(sample) {
        Ok(_) => true,
        // Cut within a character at the end of the sample.
        Err(error) => error.error_len().is_none(),
    };
    if valid {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    detector.guess(None, Utf8Detection::Deny)
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
