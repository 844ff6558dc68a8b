//! Tables of text in files: CSV and XLSX, detected, streamed, written.
//!
//! [`Source`] opens a file, finds out by itself how it is written (format, encoding, delimiter,
//! header row; all of it can be overridden) and hands out its rows one at a time, so that the
//! size of the file does not matter. [`Profile`] says what the columns seem to hold, with the
//! evidence, and [`parse`] turns cells into values accordingly. [`Writer`] writes the same two
//! formats, one row at a time, such that what was written can be read back without loss.
//!
//! ```no_run
//! use std::path::Path;
//! use pipewright_tabular::{Options, Profile, Source};
//!
//! let mut source = Source::open(Path::new("deals.csv"), &Options::default())?;
//! let headers = source.headers().to_vec();
//! let rows = source.rows().filter_map(Result::ok).take(1_000);
//! let mut profile = Profile::of(&headers, rows);
//! profile.settle_dates();
//! for column in &profile.columns {
//!     println!("{}: {:?}", column.header, column.kind);
//! }
//! # Ok::<(), pipewright_tabular::TabularError>(())
//! ```

mod error;
mod guard;
pub mod parse;
pub mod profile;
mod progress;
mod read;
mod write;

pub use error::{RowError, RowProblem, TabularError};
pub use parse::{DateOrder, NumberStyle};
pub use profile::{ColumnProfile, Evidence, Kind, Profile, ValueCount};
pub use progress::Progress;
pub use read::{Detected, EncodingEvidence, Format, Options, RawRow, Rows, Sample, SheetChoice, Source, sample};
pub use write::{Cell, CsvOptions, Writer, Written};
