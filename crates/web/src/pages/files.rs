//! Stored files and pictures.

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use model::ColumnType;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    session::Me,
    view::{fields, tables},
};

/// Pictures that browsers show and that cannot carry scripts: the first bytes and the media type.
const PICTURES: &[(&[u8], &str)] =
    &[(b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"), (b"RIFF", "image/webp")];

/// The file in a column of a row the caller may see. Only true pictures are shown in place;
/// anything else is downloaded, so that no file runs as a page of ours.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, column)): Address<(String, Uuid, String)>,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let column = table
        .column(&column)
        .filter(|column| matches!(column.kind, ColumnType::File { .. } | ColumnType::Image { .. }))
        .ok_or(Failure::NoPage)?;
    let row = site.app.get(&me.caller, &table.name, id, None).await?;
    let key = row.value(&column.name).as_id().ok_or(Failure::NoPage)?;
    let bytes = site.app.file(&me.caller, key).await?.ok_or(Failure::NoPage)?;
    let picture = PICTURES.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| *kind);
    let name = utf8_percent_encode(&fields::file_name(&table, column, &row), NON_ALPHANUMERIC).to_string();
    let (kind, place) = picture.map_or(("application/octet-stream", "attachment"), |kind| (kind, "inline"));
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("{place}; filename*=UTF-8''{name}")),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    Ok((headers, Body::from(bytes)).into_response())
}
