//! Notes with their files.

use language::tr;
use model::Value;
use store::Row;
use uuid::Uuid;

use super::content;
use crate::{Error, Result, records::Work};

/// Largest file of a note, in bytes.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

impl Work<'_, '_> {
    /// Stores a file; the returned value goes into a file or image column.
    pub fn store_file(&mut self, bytes: &[u8]) -> Result<Value> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::refused(tr!("the file is larger than {} MB", MAX_BYTES / 1024 / 1024)));
        }
        let id = Uuid::now_v7();
        self.writer().put_file(id, bytes)?;
        Ok(Value::Id(id))
    }
}

/// A note with a file knows the file's size.
pub(crate) fn before_write(work: &mut Work<'_, '_>, row: &mut Row) -> Result<()> {
    match row.get("documentbody") {
        Some(Value::Id(id)) => {
            let id = *id;
            let bytes = work.writer().file(id)?.unwrap_or_default();
            content::check_named(row.text("filename"), &bytes)?;
            let size = bytes.len();
            row.set("filesize", i64::try_from(size).unwrap_or(i64::MAX));
            row.set("isdocument", true);
        }
        Some(_) => {
            row.set("filesize", Value::Null);
            row.set("isdocument", false);
        }
        None => {}
    }
    Ok(())
}
