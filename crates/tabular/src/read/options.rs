//! What a caller may say about a file, and what was found out about it.

use serde::{Deserialize, Serialize};

/// Overrides of the detection. All are optional; the default detects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Name of the encoding, as on the web: `utf-8`, `windows-1252`, `utf-16le` …
    pub encoding: Option<String>,
    /// The sign between cells; ASCII.
    pub delimiter: Option<char>,
    /// Whether the first row names the columns.
    pub has_header: Option<bool>,
    /// The sheet of a workbook; otherwise the first visible one with anything in it.
    pub sheet: Option<SheetChoice>,
    /// Take off the apostrophes that [`Writer`](crate::Writer) puts before text that a
    /// spreadsheet program would run as a formula. Only for text files.
    pub strip_guard: bool,
}

/// A sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SheetChoice {
    /// By its place among all sheets, 0 is the first.
    Index(usize),
    /// By its name.
    Name(String),
}

/// How a file is written, as detected or as overridden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detected {
    /// Text or workbook.
    pub format: Format,
    /// Name of the encoding; `None` for workbooks.
    pub encoding: Option<String>,
    /// What the encoding was guessed by; `None` where it is certain, given, or a workbook's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding_evidence: Option<EncodingEvidence>,
    /// The sign between cells; `None` for workbooks.
    pub delimiter: Option<char>,
    /// Whether the first row names the columns.
    pub header: bool,
    /// The sheet that is read; `None` for text.
    pub sheet: Option<String>,
    /// All worksheets of the workbook in their order; empty for text.
    pub sheets: Vec<String>,
}

/// A word by which a person sees whether the encoding was guessed right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodingEvidence {
    /// The first word with a special character, as it is read.
    pub value: String,
    /// Its line in the file, 1 is the first.
    pub line: u64,
}

/// The formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text with one row a line and a delimiter between cells.
    DelimitedText,
    /// An Excel workbook (`.xlsx`, `.xlsm`).
    Workbook,
}
