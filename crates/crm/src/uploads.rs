//! Files that come in by themselves, whole or in chunks, for a file or image column of a row. Chunks are kept
//! until the last one is there, then the file is written like any other value.

use jiff::{SignedDuration, Timestamp};
use language::tr;
use model::{Column, ColumnType, Table, Value};
use serde::{Deserialize, Serialize};
use store::{Row, Secret};
use uuid::Uuid;

use crate::{
    App, Caller, Error, Origin, Result,
    access::{Privilege, Setting},
    activities::{content, notes},
    identity::{fingerprint, random_secret},
    records::{Work, refuse_stale},
};

/// Kind of secret that an upload in chunks is kept as; its key is the token's fingerprint.
const KIND: &str = "upload";
/// Most uploads of one person that are under way.
const MOST_OPEN: usize = 20;
/// Most chunks of a file.
const MOST_CHUNKS: usize = 1_000;
/// After this time without a chunk an upload is given up.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);
/// Longest name of a file, in characters.
const LONGEST_NAME: usize = 255;

/// Where a file is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Logical name of the table.
    pub table: String,
    /// The row.
    pub id: Uuid,
    /// Its file or image column.
    pub column: String,
    /// What the file is called.
    pub name: String,
}

/// A part of a file.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// The first byte, from 0.
    pub from: u64,
    /// Bytes of the whole file.
    pub total: u64,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// An upload under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Upload {
    to: Destination,
    total: Option<u64>,
    received: u64,
    chunks: Vec<Uuid>,
    last: Timestamp,
    /// The version the row must have still when the file is whole.
    #[serde(default)]
    version: Option<i64>,
}

/// What can be done about uploads.
pub struct Uploads<'a> {
    app: &'a App,
}

impl App {
    /// Files that come in by themselves.
    pub const fn uploads(&self) -> Uploads<'_> {
        Uploads { app: self }
    }
}

impl Uploads<'_> {
    /// Begins an upload in chunks; the token that its chunks name. With `if_versions` the row must have one
    /// of these versions, and have it still when the last chunk is there.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the caller does not see the row, [`Error::Forbidden`] where they may not change
    /// it, [`Error::Changed`] where it has another version, [`Error::Refused`] where too many uploads of theirs are under way or the column holds no files.
    pub async fn begin(&self, caller: &Caller, to: Destination, if_versions: Option<Vec<i64>>) -> Result<String> {
        let token = random_secret();
        let (key, user) = (fingerprint(&token), caller.user);
        self.app
            .work(caller, Origin::WebApi, move |work| {
                let table = work.table(&to.table)?;
                file_column(&table, &to.column)?;
                check_name(&to.name)?;
                let row = work.load(&to.table, to.id)?;
                work.authorise(Privilege::Write, &table, &row)?;
                work.authorise_columns(Setting::Update, &table, &Row::new().with(to.column.as_str(), Value::Null))?;
                let now = row.value("versionnumber").as_whole();
                let version = if_versions.map(|several| now.filter(|now| several.contains(now)).unwrap_or(-1));
                refuse_stale(&table, to.id, &row, version)?;
                tidy(work)?;
                if work.writer().secrets_of(KIND, user)?.len() >= MOST_OPEN {
                    return Err(Error::refused(tr!("{} uploads of yours are under way; finish some first", MOST_OPEN)));
                }
                let upload = Upload { to, total: None, received: 0, chunks: Vec::new(), last: work.now(), version };
                let data = serde_json::json!(upload);
                work.writer().put_secret(&Secret { kind: KIND.into(), key, owner: Some(user), expires: None, data })?;
                Ok(())
            })
            .await?;
        Ok(token)
    }

    /// Takes a chunk; true with the last one, by which the file is written to its row.
    ///
    /// # Errors
    /// [`Error::Refused`] where the upload is not known, the chunk does not follow the last one or the file
    /// is too large; what [`Work::write_file`] refuses.
    pub async fn put(&self, caller: &Caller, to: (String, Uuid, String), token: &str, chunk: Chunk) -> Result<bool> {
        let (key, user) = (fingerprint(token), caller.user);
        self.app
            .work(caller, Origin::WebApi, move |work| {
                let known = work.writer().secret(KIND, &key)?.filter(|kept| kept.owner == Some(user));
                let read = known.and_then(|kept| Some((serde_json::from_value(kept.data.clone()).ok()?, kept)));
                let Some((mut upload, known)): Option<(Upload, Secret)> = read else {
                    return Err(Error::refused(tr!("this upload is not known or was given up; begin it anew")));
                };
                if (&upload.to.table, upload.to.id, &upload.to.column) != (&to.0, to.1, &to.2) {
                    return Err(Error::refused(tr!("this upload is for another row or column")));
                }
                upload.take(work, &chunk)?;
                if upload.received < chunk.total {
                    let data = serde_json::json!(upload);
                    if !work.writer().replace_secret(&known, None, &data)? {
                        return Err(Error::refused(tr!("two chunks came at the same time; send one after the other")));
                    }
                    return Ok(false);
                }
                let mut whole = Vec::with_capacity(usize::try_from(chunk.total).unwrap_or_default());
                for part in &upload.chunks {
                    whole.extend(work.writer().file(*part)?.unwrap_or_default());
                }
                forget(work, &known, &upload)?;
                work.write_file(&upload.to, &whole, upload.version)?;
                Ok(true)
            })
            .await
    }

    /// Gives up uploads of which no chunk came for an hour.
    pub(crate) async fn tidy(&self) -> Result<()> {
        let engine = self.app.engine().await?;
        self.app.work(&engine, Origin::Engine, tidy).await
    }
}

impl Upload {
    fn take(&mut self, work: &mut Work<'_, '_>, chunk: &Chunk) -> Result<()> {
        let table = work.table(&self.to.table)?;
        let column = file_column(&table, &self.to.column)?;
        let length = chunk.bytes.len() as u64;
        if self.total.is_some_and(|total| total != chunk.total) || chunk.from != self.received {
            return Err(Error::refused(tr!(
                "the next chunk begins at byte {} and belongs to a file of the same size as the one before",
                self.received
            )));
        }
        if length == 0 || self.received + length > chunk.total || self.chunks.len() >= MOST_CHUNKS {
            return Err(Error::refused(tr!(
                "a chunk holds at least a byte and ends within the file; there are {} at most",
                MOST_CHUNKS
            )));
        }
        check_size(column, chunk.total)?;
        let part = Uuid::now_v7();
        work.writer().put_file(part, &chunk.bytes)?;
        self.chunks.push(part);
        self.total = Some(chunk.total);
        self.received += length;
        self.last = work.now();
        Ok(())
    }
}

impl Work<'_, '_> {
    /// Writes a file into a column of a row, with its name where the row has a column for it.
    ///
    /// # Errors
    /// [`Error::Invalid`] of a file that is larger than the column takes, [`Error::Refused`] of programs and
    /// of what is not what its name says; what [`Work::update`] refuses.
    pub fn write_file(&mut self, to: &Destination, bytes: &[u8], if_version: Option<i64>) -> Result<()> {
        let table = self.table(&to.table)?;
        let column = file_column(&table, &to.column)?;
        check_name(&to.name)?;
        content::check_named(&to.name, bytes)?;
        let stored = self.store_file_in(column, bytes)?;
        let mut changes = Row::new().with(column.name.as_str(), stored);
        if let Some(names) = name_column(&table, column) {
            changes.set(names.name.as_str(), to.name.as_str());
        }
        self.update(&to.table, to.id, changes, if_version).map(drop)
    }

    /// Stores a file that goes into this column.
    ///
    /// # Errors
    /// [`Error::Invalid`] of one that is larger than the column takes.
    pub fn store_file_in(&mut self, column: &Column, bytes: &[u8]) -> Result<Value> {
        check_size(column, bytes.len() as u64)?;
        self.store_file(bytes)
    }
}

/// The column that holds the name of the file in `column`: `filename` of a note, and otherwise a column of
/// text called as Dataverse does, `new_contract_name`.
pub fn name_column<'t>(table: &'t Table, column: &Column) -> Option<&'t Column> {
    let name = if column.name == "documentbody" { "filename".to_owned() } else { format!("{}_name", column.name) };
    table.column(&name).filter(|column| matches!(column.kind, ColumnType::Text { .. }) && !column.read_only)
}

/// What a file is called of which no name is kept: as its column, with the ending of its kind.
pub fn unnamed(column: &Column, bytes: &[u8]) -> String {
    content::named_after(&column.name, bytes)
}

fn file_column<'t>(table: &'t Table, name: &str) -> Result<&'t Column> {
    let is_file = |column: &&Column| matches!(column.kind, ColumnType::File { .. } | ColumnType::Image { .. });
    table.column(name).filter(is_file).ok_or_else(|| Error::refused(tr!("'{name}' holds no files", name)))
}

fn check_size(column: &Column, bytes: u64) -> Result<()> {
    let most = match column.kind {
        ColumnType::File { max_bytes } | ColumnType::Image { max_bytes } => max_bytes.min(notes::MAX_BYTES as u64),
        _ => notes::MAX_BYTES as u64,
    };
    if bytes <= most {
        return Ok(());
    }
    Err(Error::field(column, tr!("the file is larger than {} bytes", most)))
}

fn check_name(name: &str) -> Result<()> {
    let is_plain =
        !name.trim().is_empty() && !name.contains(|letter: char| letter.is_control() || "/\\".contains(letter));
    if is_plain && name.chars().count() <= LONGEST_NAME {
        return Ok(());
    }
    Err(Error::refused(tr!("a file has a name of 1 to {} characters, without slashes", LONGEST_NAME)))
}

fn tidy(work: &mut Work<'_, '_>) -> Result<()> {
    let now = work.now();
    for kept in work.writer().secrets_of_kind(KIND)? {
        let upload: Option<Upload> = serde_json::from_value(kept.data.clone()).ok();
        let is_given_up = upload.as_ref().is_none_or(|upload| now.duration_since(upload.last) > PATIENCE);
        if let (true, Some(upload)) = (is_given_up, upload) {
            forget(work, &kept, &upload)?;
        }
    }
    Ok(())
}

fn forget(work: &mut Work<'_, '_>, kept: &Secret, upload: &Upload) -> Result<()> {
    for part in &upload.chunks {
        work.writer().delete_file(*part)?;
    }
    work.writer().delete_secret(KIND, &kept.key)?;
    Ok(())
}
