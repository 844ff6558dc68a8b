//! Files people upload: CSV in any encoding, and XLSX.

use std::fs;

use tabular::{Cell, Options, Profile, RawRow, Source, Writer, sample};
use testkit::Scratch;

use super::kind;
use crate::Target;

/// Most rows read of one file.
const ROWS: usize = 2000;

/// A file of one format.
pub(super) struct File {
    name: &'static str,
    ending: &'static str,
    scratch: Scratch,
}

impl File {
    pub(super) fn delimited() -> Self {
        Self { name: "delimited", ending: "csv", scratch: Scratch::new().unwrap() }
    }

    pub(super) fn workbook() -> Self {
        Self { name: "workbook", ending: "xlsx", scratch: Scratch::new().unwrap() }
    }
}

impl Target for File {
    fn name(&self) -> &'static str {
        self.name
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        if self.ending == "xlsx" {
            return vec![workbook(&self.scratch, 3), workbook(&self.scratch, 200), b"PK\x03\x04".to_vec()];
        }
        let text = "Name;Umsatz;Datum\r\nMüller & Söhne;1.234,56;24.11.2026\r\n\"a;\"\"b\"\r\n";
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        vec![
            b"name,phone,date\nFabrikam,+49 30 1,2026-11-24\nContoso,,11/24/2026\n".to_vec(),
            text.as_bytes().to_vec(),
            [b"\xff\xfe".as_slice(), &wide].concat(),
            text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect(),
            b"\xef\xbb\xbfa\tb\n1\t2\n".to_vec(),
            b"a|b|c\n\"x\ny\"|'2'|\n\n\n".to_vec(),
            b"sep=;\na;b\n1;2\n".to_vec(),
        ]
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            ",",
            ";",
            "\t",
            "|",
            "\n",
            "\r\n",
            "\"",
            "\"\"",
            "\u{feff}",
            "sep=;\n",
            "2026-11-24",
            "1.234,56",
            "PK\u{3}\u{4}",
            "<c r=\"XFD1048576\">",
            "<v>",
            "</row>",
            "&amp;",
            "a,b,c\n",
            ",,,,,,,,,,",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let path = self.scratch.file(&format!("file.{}", self.ending));
        fs::write(&path, input).map_err(|error| error.to_string())?;
        let options = Options::default();
        let _ = sample(&path, &options, 50);
        let mut source = match Source::open(&path, &options) {
            Ok(source) => source,
            Err(error) => return Ok(kind(&error.to_string())),
        };
        let headers = source.headers().to_vec();
        let mut outcome = format!("{:?}", source.detected());
        let mut rows: Vec<RawRow> = Vec::new();
        for row in source.rows().take(ROWS) {
            match row {
                Ok(row) => rows.push(row),
                Err(error) => outcome.push_str(&error.to_string()),
            }
        }
        let mut profile = Profile::of(&headers, &rows);
        profile.settle_dates();
        Ok(kind(&outcome))
    }
}

/// A small workbook, made by our own writer.
fn workbook(scratch: &Scratch, rows: u32) -> Vec<u8> {
    let path = scratch.file("example.xlsx");
    let mut writer = Writer::xlsx_file(&path, &["Name".to_owned(), "Number".to_owned()], "Rows").unwrap();
    for number in 0..rows {
        writer.row(&[Cell::Text(format!("Company {number}")), Cell::Number(number.into())]).unwrap();
    }
    writer.finish().unwrap();
    fs::read(path).unwrap()
}
