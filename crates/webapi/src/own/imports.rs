//! Imports by multipart upload: parts `file` (one or more), `mapping` (TOML, proposed where it is
//! absent), `dry_run` and `create_missing` (`true`), `duplicates` (`skip`, `update`, `create`) and
//! `match` (columns by which rows that are there are found; repeated, in the order to try).

use std::io::Write;

use axum::{
    Json,
    extract::{Multipart, Path, State, multipart::MultipartError},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use crm::{
    App, Caller, Origin,
    import::{
        Control, InputFile, ProposeOptions, Report, RunOptions, Standing,
        plan::{Duplicates, Mapping},
    },
};
use serde::Serialize;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    handlers::authenticate,
};

/// What came in, its files in a folder that goes with it.
struct Upload {
    files: Vec<InputFile>,
    mapping: Option<Mapping>,
    dry_run: bool,
    create_missing: bool,
    duplicates: Option<Duplicates>,
    match_by: Vec<String>,
    folder: TempDir,
}

/// `POST /api/imports/proposals`: the mapping that would be used, as TOML.
pub async fn propose(State(app): State<App>, headers: HeaderMap, multipart: Multipart) -> Result<Response> {
    let caller = authenticate(&app, &headers).await?;
    let upload = receive(multipart).await?;
    let mapping = upload.adjust(proposed(&app, &caller, &upload).await?)?;
    Ok(([(header::CONTENT_TYPE, "application/toml; charset=utf-8")], mapping.to_toml()?).into_response())
}

/// `POST /api/imports`: brings the files in and answers with the report.
pub async fn create(State(app): State<App>, headers: HeaderMap, multipart: Multipart) -> Result<Json<Report>> {
    let caller = authenticate(&app, &headers).await?;
    let mut upload = receive(multipart).await?;
    let mapping = match upload.mapping.take() {
        Some(mapping) => mapping,
        None => proposed(&app, &caller, &upload).await?,
    };
    let mapping = upload.adjust(mapping)?;
    let options = RunOptions { dry_run: upload.dry_run, ..RunOptions::default() };
    let report =
        app.imports().run(&caller, Origin::WebApi, upload.files.clone(), mapping, options, Control::default()).await?;
    Ok(Json(report))
}

/// `DELETE /api/imports/{number}`: takes an import back, by the number of its act or job.
pub async fn undo(State(app): State<App>, Path(number): Path<Uuid>, headers: HeaderMap) -> Result<Response> {
    let caller = authenticate(&app, &headers).await?;
    let rows = app.imports().undo(&caller, Origin::WebApi, number).await?;
    Ok(Json(serde_json::json!({ "rows": rows })).into_response())
}

/// `GET /api/imports/{number}`: the report of an import with the word for how it stands; of one at
/// work what it did so far.
pub async fn show(State(app): State<App>, Path(number): Path<Uuid>, headers: HeaderMap) -> Result<Response> {
    let caller = authenticate(&app, &headers).await?;
    Ok(Json(Stands::from(app.imports().standing(&caller, number).await?)).into_response())
}

/// How an import stands, with its report.
#[derive(Debug, Serialize)]
struct Stands {
    /// Importing, Completed, Failed, Canceled, Interrupted or Undone.
    status: String,
    /// Rows dealt with, as last told.
    processed: u64,
    /// Rows of all files.
    total: u64,
    #[serde(flatten)]
    report: Report,
}

impl From<Standing> for Stands {
    fn from(standing: Standing) -> Self {
        let unknown = || Report { job: Some(standing.job), ..Report::default() };
        Self {
            status: standing.status,
            processed: standing.processed,
            total: standing.total,
            report: standing.report.unwrap_or_else(unknown),
        }
    }
}

/// `GET /api/imports/{number}/failed/{file}`: the rows of a file that are not in, as CSV with the
/// reason in a column of its own; also while the import runs or after it broke off.
pub async fn failed_rows(
    State(app): State<App>,
    Path((number, name)): Path<(Uuid, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let caller = authenticate(&app, &headers).await?;
    let files = app.imports().failed_rows(&caller, number).await?;
    let known: Vec<String> = files.iter().map(|file| file.file.clone()).collect();
    let file = files.into_iter().find(|file| file.file.eq_ignore_ascii_case(&name)).ok_or_else(|| {
        let known = if known.is_empty() { "no file left any out".to_owned() } else { known.join(", ") };
        crm::Error::Unknown(format!("{name} left no row out; there are {known}"))
    })?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], file.content).into_response())
}

impl Upload {
    /// The mapping with what the parts say beside it.
    fn adjust(&self, mut mapping: Mapping) -> Result<Mapping> {
        if let Some(how) = self.duplicates {
            mapping.treat_duplicates(how);
        }
        if !self.match_by.is_empty() {
            mapping.find_by(&self.match_by)?;
        }
        Ok(mapping)
    }
}

async fn proposed(app: &App, caller: &Caller, upload: &Upload) -> Result<Mapping> {
    let options = ProposeOptions { create_missing: upload.create_missing, ..ProposeOptions::default() };
    Ok(app.imports().propose(caller, upload.files.clone(), options).await?.mapping)
}

async fn receive(mut multipart: Multipart) -> Result<Upload> {
    let folder = TempDir::new().map_err(|error| crm::Error::File(format!("no room for the upload: {error}")))?;
    let mut upload = Upload {
        files: Vec::new(),
        mapping: None,
        dry_run: false,
        create_missing: false,
        duplicates: None,
        match_by: Vec::new(),
        folder,
    };
    while let Some(mut part) = multipart.next_field().await.map_err(broken)? {
        match part.name().unwrap_or_default() {
            "file" => {
                let name = part.file_name().unwrap_or("file.csv").to_owned();
                // The name is only told, never used as a path.
                let path = upload.folder.path().join(upload.files.len().to_string());
                let mut file = std::fs::File::create(&path).map_err(disk)?;
                while let Some(chunk) = part.chunk().await.map_err(broken)? {
                    file.write_all(&chunk).map_err(disk)?;
                }
                upload.files.push(InputFile::called(name, path));
            }
            "mapping" => upload.mapping = Some(Mapping::from_toml(&part.text().await.map_err(broken)?)?),
            "dry_run" => upload.dry_run = part.text().await.map_err(broken)?.trim() == "true",
            "create_missing" => upload.create_missing = part.text().await.map_err(broken)?.trim() == "true",
            "duplicates" => {
                let how = part.text().await.map_err(broken)?;
                upload.duplicates = Some(how.parse().map_err(Error::BadBody)?);
            }
            "match" => upload.match_by.push(part.text().await.map_err(broken)?),
            other => {
                return Err(Error::BadBody(format!(
                    "there is no part '{other}'; send file, mapping, dry_run, create_missing, duplicates or match"
                )));
            }
        }
    }
    if upload.files.is_empty() {
        return Err(Error::BadBody("send at least one part named file".to_owned()));
    }
    Ok(upload)
}

fn broken(error: MultipartError) -> Error {
    Error::BadBody(format!("the multipart body cannot be read: {error}"))
}

fn disk(error: std::io::Error) -> Error {
    crm::Error::File(format!("the upload cannot be kept: {error}")).into()
}
