//! How large a workbook is once it is unpacked.
//!
//! A workbook is a ZIP archive, and a few kilobytes of one may unpack to gigabytes. Before
//! anything is unpacked, the sizes that the archive tells of its parts are therefore added up.
//! They may be believed: a part that goes on beyond its own is an error in `zip`.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use zip::ZipArchive;

use crate::error::TabularError;

const MIB: u64 = 1024 * 1024;

/// The most that is unpacked of one workbook.
struct Limits {
    /// Parts of the archive.
    parts: usize,
    /// Bytes of all parts together. Sheets are streamed, so that this bounds time: a sheet of a
    /// million rows, the most there can be, takes some 700 MiB with twenty columns.
    whole: u64,
    /// Bytes of a part that is no sheet. Such parts are kept in memory while the workbook is open,
    /// above all the texts that cells share.
    kept: u64,
    /// Times that the whole may be larger than the file. Spreadsheet programs write some ten
    /// times, sheets of the same few words forty; a bomb of one deflated layer has a thousand.
    ratio: u64,
    /// Bytes that are free of the ratio: small workbooks of nothing but blanks pack well.
    free: u64,
}

const LIMITS: Limits = Limits { parts: 10_000, whole: 2048 * MIB, kept: 512 * MIB, ratio: 100, free: 64 * MIB };

/// Refuses a workbook that unpacks to more than is read of one. Whether it is damaged is not asked
/// here: whoever reads the part in question says so.
pub(super) fn refuse_larger(path: &Path, file: &File) -> Result<(), TabularError> {
    let packed = file.metadata().map_err(|source| TabularError::Read { path: path.to_owned(), source })?.len();
    match ZipArchive::new(BufReader::new(file)) {
        Ok(mut archive) => LIMITS.check(&mut archive, packed),
        Err(_) => Ok(()),
    }
    .map_err(|limit| TabularError::UnpacksTooLarge { path: path.to_owned(), limit })
}

impl Limits {
    /// What is exceeded, in words.
    fn check<R: Read + Seek>(&self, archive: &mut ZipArchive<R>, packed: u64) -> Result<(), String> {
        if archive.len() > self.parts {
            return Err(format!("{} parts", self.parts));
        }
        let by_ratio = packed.saturating_mul(self.ratio).max(self.free);
        let mut whole = 0_u64;
        for index in 0..archive.len() {
            // A damaged entry cannot be unpacked either.
            let Ok(part) = archive.by_index_raw(index) else { continue };
            let is_sheet = part.name().is_ok_and(|name| name.contains("/worksheets/"));
            if !is_sheet && part.size() > self.kept {
                return Err(format!("{} MiB of texts", self.kept / MIB));
            }
            whole = whole.saturating_add(part.size());
        }
        if whole > self.whole {
            return Err(format!("{} MiB", self.whole / MIB));
        }
        if whole > by_ratio {
            return Err(format!("{} MiB, out of all proportion to its size", by_ratio / MIB));
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use std::io::{Cursor, Write};

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// Large enough to be told from one another, small enough to be made quickly.
    const SMALL: Limits = Limits { parts: 5, whole: 8 * MIB, kept: 3 * MIB, ratio: 100, free: MIB };

    fn archive(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// Bytes that pack to about their own size.
    fn noise(length: u64) -> Vec<u8> {
        let mut state = 1_u32;
        let next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        std::iter::repeat_with(next).take(usize::try_from(length).unwrap()).collect()
    }

    fn zeros(length: u64) -> Vec<u8> {
        vec![0; usize::try_from(length).unwrap()]
    }

    fn check(bytes: Vec<u8>) -> Result<(), String> {
        let packed = bytes.len() as u64;
        SMALL.check(&mut ZipArchive::new(Cursor::new(bytes)).unwrap(), packed)
    }

    #[test]
    fn what_stays_below_every_limit_is_read() {
        assert_eq!(check(archive(&[("xl/worksheets/a.xml", noise(7 * MIB)), ("xl/styles.xml", zeros(MIB))])), Ok(()));
    }

    #[test]
    fn parts_together_may_not_exceed_the_whole() {
        let parts = archive(&[("xl/worksheets/a.xml", noise(5 * MIB)), ("xl/worksheets/b.xml", noise(4 * MIB))]);
        assert_eq!(check(parts), Err("8 MiB".to_owned()));
    }

    #[test]
    fn what_is_kept_in_memory_may_be_less_than_what_is_streamed() {
        let parts = archive(&[("xl/sharedStrings.xml", noise(4 * MIB))]);
        assert_eq!(check(parts), Err("3 MiB of texts".to_owned()));
    }

    #[test]
    fn a_small_file_may_not_unpack_to_a_large_one() {
        let parts = archive(&[("xl/worksheets/a.xml", zeros(2 * MIB))]);
        assert_eq!(check(parts), Err("1 MiB, out of all proportion to its size".to_owned()));
    }

    #[test]
    fn there_may_not_be_any_number_of_parts() {
        let names: Vec<String> = (0..6).map(|number| number.to_string()).collect();
        let parts: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), Vec::new())).collect();
        assert_eq!(check(archive(&parts)), Err("5 parts".to_owned()));
    }
}
