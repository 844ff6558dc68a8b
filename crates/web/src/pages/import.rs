//! Bringing files in: upload, mapping, trial, import, report.

use std::{path::Path as FilePath, sync::Arc};

use axum::{
    extract::{Multipart, Path, RawQuery, State, multipart::Field},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use crm::{
    Origin,
    import::{Control, InputFile, ProposeOptions, RunOptions, plan::Mapping},
};
use language::{Carried, tr};
use maud::Render;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tempfile::TempDir;
use tokio::{fs::File, io::AsyncWriteExt};
use uuid::Uuid;

use crate::{
    app::Site,
    components::PageLayout,
    drafts::{Draft, Stage},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, TOKEN, Typed, require_token, token_header},
    respond::{fragment, go, set_header},
    session::Me,
    view::import as view,
};

const ADDRESS: &str = "/import";
/// Imports of the past that are offered.
const RECENT: u32 = 5;

/// The page with the upload and the imports so far.
pub(crate) async fn show(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let model = site.model();
    let wanted = Typed::parse(&query.unwrap_or_default()).text("table").to_owned();
    let content = view::upload(&me, &model, &wanted, &recent(&site, &me).await?);
    Ok(me.page(&model, &tr!("Import"), PageLayout::Scrolling, "import", content))
}

/// The last imports of this person.
async fn recent(site: &Site, me: &Me) -> Result<Vec<view::Recent>, Failure> {
    let query = site
        .app
        .new_query(&me.caller, "importjob")
        .select(["importjobid", "name", "statuscode", "startedon", "successcount", "failurecount"])
        .matching(model::Filter::eq("createdby", me.caller.user))
        .matching(model::Filter::eq("isdryrun", false))
        .order_by(model::Order::descending("createdon"))
        .take(RECENT);
    let rows = site.app.query(&me.caller, query).await?;
    let recent = rows.to_rows().filter_map(|row| {
        Some(view::Recent {
            id: row.value("importjobid").as_id()?,
            name: row.text("name").to_owned(),
            status: row.value("statuscode").as_whole()?,
            began: row.value("startedon").as_date_time()?,
            created: row.value("successcount").as_whole().unwrap_or_default(),
            left_out: row.value("failurecount").as_whole().unwrap_or_default(),
        })
    });
    Ok(recent.collect())
}

/// What an upload says beside its files.
#[derive(Default)]
struct Upload {
    files: Vec<InputFile>,
    table: Option<String>,
    create_missing: bool,
}

/// Takes the files, looks into them and proposes what to do.
pub(crate) async fn create(
    State(site): State<Site>,
    me: Me,
    headers: HeaderMap,
    parts: Multipart,
) -> Result<Response, Failure> {
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::Domain(crm::Error::File(tr!("the upload cannot be stored: {}", error))))?;
    let upload = receive(&me, &headers, parts, &folder).await?;
    if upload.files.is_empty() {
        return Ok(me.go(ADDRESS, Some(Flash::failed(tr!("Choose at least one file.")))));
    }
    let wanted = upload.table.clone();
    let options =
        ProposeOptions { create_missing: upload.create_missing, table: upload.table, ..ProposeOptions::default() };
    match site.app.imports().propose(&me.caller, upload.files.clone(), options).await {
        Ok(proposal) => {
            let id = site.drafts.add(me.caller.user, folder, upload.files, proposal.files, proposal.mapping);
            Ok(me.go(&format!("{ADDRESS}/{id}"), None))
        }
        Err(error @ (crm::Error::File(_) | crm::Error::Refused(_) | crm::Error::Unknown(_))) => {
            let again = wanted.map_or_else(|| ADDRESS.to_owned(), |table| format!("{ADDRESS}?table={table}"));
            Ok(me.go(&again, Some(Flash::failed(about_files(&upload.files, &error.to_string())))))
        }
        Err(error) => Err(error.into()),
    }
}

/// A sentence; one that begins with the name of a file leaves it as it is.
fn about_files(files: &[InputFile], text: &str) -> String {
    if files.iter().any(|file| text.starts_with(file.name.as_str())) {
        let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
        return format!("{text}{end}");
    }
    sentence(text)
}

/// Streams the parts of the upload; the session's token must come before any file.
async fn receive(me: &Me, headers: &HeaderMap, mut parts: Multipart, folder: &TempDir) -> Result<Upload, Failure> {
    let bad = |error: axum::extract::multipart::MultipartError| Failure::Bad(error.body_text());
    let header = token_header(headers);
    let mut genuine = require_token(me, header.as_deref(), None).is_ok();
    let mut upload = Upload::default();
    while let Some(part) = parts.next_field().await.map_err(bad)? {
        let field = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(name) if name.is_empty() => {}
            Some(_) if !genuine => return Err(Failure::Forged),
            Some(name) => {
                let file = store(part, &name, upload.files.len(), folder.path()).await?;
                upload.files.push(file);
            }
            None => {
                let text = part.text().await.map_err(bad)?;
                match field.as_str() {
                    TOKEN => genuine = genuine || require_token(me, None, Some(&text)).is_ok(),
                    "table" => upload.table = Some(text).filter(|table| !table.is_empty()),
                    "create_missing" => upload.create_missing = text == "true",
                    _ => {}
                }
            }
        }
    }
    if genuine { Ok(upload) } else { Err(Failure::Forged) }
}

async fn store(mut part: Field<'_>, name: &str, number: usize, folder: &FilePath) -> Result<InputFile, Failure> {
    let failed =
        |error: std::io::Error| Failure::Domain(crm::Error::File(tr!("the upload cannot be stored: {}", error)));
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
    let ending: String =
        name.rsplit('.').next().unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).take(5).collect();
    let path = folder.join(format!("{number}.{ending}"));
    let mut file = File::create(&path).await.map_err(failed)?;
    while let Some(bytes) = part.chunk().await.map_err(|error| Failure::Bad(error.body_text()))? {
        file.write_all(&bytes).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    Ok(InputFile::called(name, path))
}

/// An import as it is now: mapping, progress or report; also one of the past.
pub(crate) async fn draft(State(site): State<Site>, me: Me, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let model = site.model();
    let content = if let Ok(draft) = site.drafts.get(me.caller.user, id) {
        view::draft(&me, &model, &draft)
    } else {
        let standing = site.app.imports().standing(&me.caller, id).await?;
        view::past(&me, &model, id, &standing, status_of(&site, &me, standing.job).await?)
    };
    Ok(me.page(&model, &tr!("Import"), PageLayout::Scrolling, "import", content))
}

/// The number of the status of an import.
async fn status_of(site: &Site, me: &Me, job: Uuid) -> Result<i64, Failure> {
    let query = site.app.new_query(&me.caller, "importjob").select(["statuscode"]);
    let rows = site.app.query(&me.caller, query.matching(model::Filter::eq("importjobid", job))).await?;
    Ok(rows.to_rows().next().and_then(|row| row.value("statuscode").as_whole()).unwrap_or_default())
}

/// Takes the mapping as it was edited; then tries it out or carries it out.
pub(crate) async fn advance(
    State(site): State<Site>,
    Path(id): Path<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let draft = site.drafts.get(me.caller.user, id)?;
    let here = format!("{ADDRESS}/{id}");
    match edited(&site, &draft, &typed) {
        Ok(mapping) => draft.change(|now| {
            if now.mapping != mapping {
                now.trial = None;
                now.mapping = mapping;
            }
        }),
        Err(message) => return Ok(me.go(&here, Some(Flash::failed(message)))),
    }
    match typed.text("then") {
        "check" => start(&site, &me, &draft, true),
        "run" => start(&site, &me, &draft, false),
        _ => {}
    }
    Ok(me.go(&here, None))
}

/// The mapping of the form, or of the text where that was sent.
fn edited(site: &Site, draft: &Draft, typed: &Typed) -> Result<Mapping, String> {
    if typed.has("text") {
        return Mapping::from_toml(typed.text("text")).map_err(|error| sentence(&error.to_string()));
    }
    Ok(view::mapping::read(&site.model(), draft.now().mapping, typed))
}

/// Runs in the background; the page watches.
fn start(site: &Site, me: &Me, draft: &Arc<Draft>, trial: bool) {
    let Some((control, mapping)) = draft.begin(trial) else { return };
    let (app, caller, draft) = (site.app.clone(), me.caller.clone(), draft.clone());
    tokio::spawn(Carried::here().with(async move {
        let files = draft.files.clone();
        let options = RunOptions { dry_run: trial, saved_mapping: None };
        let result =
            app.imports().run(&caller, Origin::Import, files.clone(), mapping, options, Control::clone(&control)).await;
        draft.change(|now| match result {
            Ok(report) if trial => {
                now.stage = Stage::Mapping;
                now.trial = (!report.canceled).then(|| Arc::new(report));
            }
            Ok(report) => now.stage = Stage::Done(Arc::new(report)),
            Err(error) => now.stage = Stage::Failed(about_files(&files, &error.to_string())),
        });
    }));
}

/// How far it is; the page loads itself anew when it is done.
pub(crate) async fn progress(State(site): State<Site>, me: Me, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let draft = site.drafts.get(me.caller.user, id)?;
    if let Stage::Running { control, trial } = draft.now().stage {
        Ok(fragment(view::running(&me, id, &control, trial).render()))
    } else {
        let mut response = fragment(maud::html! {});
        set_header(&mut response, "hx-refresh", "true");
        Ok(response)
    }
}

/// Stops it; what is in stays and can be undone.
pub(crate) async fn cancel(
    State(site): State<Site>,
    Path(id): Path<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let draft = site.drafts.get(me.caller.user, id)?;
    if let Stage::Running { control, .. } = draft.now().stage {
        control.cancel();
    }
    Ok(me.go(&format!("{ADDRESS}/{id}"), None))
}

/// Takes the whole import back.
pub(crate) async fn undo(State(site): State<Site>, Path(id): Path<Uuid>, posted: Posted) -> Result<Response, Failure> {
    let me = posted.me;
    let draft = site.drafts.get(me.caller.user, id).ok();
    let number = match draft.as_ref().map(|draft| draft.now().stage) {
        Some(Stage::Done(report)) => report.act,
        Some(_) => return Err(Failure::NoPage),
        None => id,
    };
    match site.app.imports().undo(&me.caller, Origin::Page, number).await {
        Ok(rows) => {
            if let Some(draft) = &draft {
                draft.change(|now| {
                    now.stage = Stage::Mapping;
                    now.trial = None;
                });
            }
            let back = if draft.is_some() { format!("{ADDRESS}/{id}") } else { ADDRESS.to_owned() };
            Ok(me.go(
                &back,
                Some(Flash::done(tr!("Import undone: one row is as it was before."
                    | "Import undone: {n} rows are as they were before." % rows))),
            ))
        }
        Err(crm::Error::Refused(message)) => {
            Ok(go(&me.browser, &format!("{ADDRESS}/{id}"), Some(Flash::failed(sentence(&message)))))
        }
        Err(error) => Err(error.into()),
    }
}

/// The rows of one file that did not come in, with the reason in a column of its own.
pub(crate) async fn failed_rows(
    State(site): State<Site>,
    me: Me,
    Path((id, number)): Path<(Uuid, usize)>,
) -> Result<Response, Failure> {
    let report = match site.drafts.get(me.caller.user, id) {
        Ok(draft) => {
            let now = draft.now();
            match now.stage {
                Stage::Done(report) => Some(report),
                _ => now.trial,
            }
        }
        Err(_) => site.app.imports().report(&me.caller, id).await?.map(Arc::new),
    };
    let job = report.as_ref().and_then(|report| report.job).unwrap_or(id);
    let mut files = site.app.imports().failed_rows(&me.caller, job).await?.into_iter();
    let file = match report {
        Some(report) => {
            let wanted = report.files.get(number).ok_or(Failure::NoPage)?.file.clone();
            files.find(|file| file.file == wanted)
        }
        None => files.nth(number),
    };
    let file = file.ok_or(Failure::NoPage)?;
    let stem = file.file.rsplit_once('.').map_or(file.file.as_str(), |(stem, _)| stem);
    let name = utf8_percent_encode(&tr!("{} - not in.csv", stem), NON_ALPHANUMERIC).to_string();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
    ];
    Ok((headers, file.content).into_response())
}
