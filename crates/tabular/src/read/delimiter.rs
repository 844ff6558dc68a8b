//! The sign between cells.

use super::encoding::Decoded;
use super::records::Records;

/// In the order of preference when several fit equally: a sign that is rare within text and
/// numbers speaks more clearly than the comma.
const CANDIDATES: [u8; 4] = [b'\t', b';', b'|', b','];
const ROWS: usize = 100;

/// The delimiter named in a first line `sep=;`, which some programs write for Excel.
pub(super) fn declared(text: &str) -> Option<u8> {
    let line = text.lines().next()?;
    let sign = line.strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="))?;
    match sign.as_bytes() {
        [sign] => Some(*sign),
        _ => None,
    }
}

/// The candidate that cuts the most rows into the same number of cells, two at least.
/// Quotes are respected. A comma when there is only one column.
pub(super) fn detect(text: &str, truncated: bool) -> u8 {
    let mut best = (0.0, b',');
    for candidate in CANDIDATES {
        let score = consistency(text, truncated, candidate);
        if score > best.0 {
            best = (score, candidate);
        }
    }
    best.1
}

/// Share of rows with the commonest number of cells.
fn consistency(text: &str, truncated: bool, delimiter: u8) -> f64 {
    let mut records = Records::new(Decoded::new(text.as_bytes(), encoding_rs::UTF_8), delimiter);
    let mut widths = Vec::with_capacity(ROWS);
    while widths.len() <= ROWS {
        match records.next_record() {
            Some(Ok(record)) => widths.push(record.cells.len()),
            Some(Err(_)) => widths.push(0),
            None => {
                // The last record of a sample is cut off somewhere.
                if truncated && widths.len() > 1 {
                    widths.pop();
                }
                break;
            }
        }
    }
    let commonest = widths
        .iter()
        .filter(|width| **width > 1)
        .map(|width| widths.iter().filter(|other| *other == width).count())
        .max()
        .unwrap_or(0);
    // Rows without the delimiter outweigh: then it is a sign within the text of one column.
    let without = widths.iter().filter(|width| **width == 1).count();
    if commonest > without { commonest as f64 / widths.len() as f64 } else { 0.0 }
}
