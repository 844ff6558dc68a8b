//! Files by themselves: `accounts(id)/entityimage` is sent whole or in chunks, and read whole or in parts.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use crm::uploads::{Chunk, Destination, name_column, unnamed};
use model::{Column, Table, Value};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{
    key, record,
    request::Request,
    response::{at, empty, octets},
};
use crate::{
    domain,
    error::{Error, Result},
    odata::Segment,
};

/// Bytes of a chunk that clients are told to send, as in Dataverse.
const CHUNK: u64 = 4 * 1024 * 1024;
const NAME: &str = "x-ms-file-name";
const SIZE: &str = "x-ms-file-size";
const TOKEN: &str = "sessiontoken";

/// Whether a request on a file column asks for the file itself and not for a value in JSON.
pub fn is_meant(request: &Request, raw: bool) -> bool {
    raw || request.options.get("size").is_some()
}

/// The file, or the part of it that `Range` names.
pub async fn read(request: &Request, table: &Table, row: &Segment, column: &Column) -> Result<Response> {
    if let Some(size) = request.options.get("size").filter(|size| *size != "full") {
        return Err(Error::BadRequest(format!("size: '{size}' is not possible; pictures are kept in full size only")));
    }
    let id = key::resolve(request, table, row).await?;
    let named = name_column(table, column);
    let columns = [Some(column), named].into_iter().flatten().map(|column| column.name.clone()).collect();
    let found = request.app.get(&request.caller, &table.name, id, Some(columns)).await?;
    let Value::Id(file) = found.value(&column.name) else { return Ok(empty(StatusCode::NO_CONTENT)) };
    let content = request.app.file(&request.caller, *file).await?.unwrap_or_default();
    let kept = named.map(|named| found.text(&named.name)).filter(|name| !name.is_empty());
    let name = kept.map_or_else(|| unnamed(column, &content), str::to_owned);
    let size = content.len() as u64;
    let asked = request.headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let mut response = match asked.map(|text| range(text, size)) {
        // Of nothing there is no part: it is sent whole.
        None | Some(Range::NotOurs) => octets(content),
        Some(Range::Outside) if size == 0 => octets(content),
        Some(Range::Outside) => return Err(Error::Range { size }),
        Some(Range::Part(from, until)) => part(&content, from, until, size),
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(SIZE, HeaderValue::from(size));
    let encoded = utf8_percent_encode(&name, NON_ALPHANUMERIC).to_string();
    let disposition = format!("attachment; filename*=UTF-8''{encoded}");
    for (header, value) in [(NAME, plain(&name).unwrap_or(&encoded)), ("content-disposition", &disposition)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(header, value);
        }
    }
    Ok(response)
}

/// The name where a header can hold it as it is.
fn plain(name: &str) -> Option<&str> {
    (name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !name.contains('%')).then_some(name)
}

fn part(content: &[u8], from: u64, until: u64, size: u64) -> Response {
    let place = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
    let mut response = octets(content.get(place(from)..=place(until)).unwrap_or_default().to_vec());
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    if let Ok(range) = HeaderValue::from_str(&format!("bytes {from}-{until}/{size}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, range);
    }
    response
}

/// What a `Range` header means for a file.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// Another unit or several parts: the whole is sent, as HTTP allows.
    NotOurs,
    /// Nothing of it is in the file.
    Outside,
    /// From this byte to that, both sent.
    Part(u64, u64),
}

fn range(text: &str, size: u64) -> Range {
    let Some((from, until)) = text.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Range::NotOurs;
    };
    let last = size.saturating_sub(1);
    match (from.trim().parse::<u64>(), until.trim()) {
        (Ok(from), _) if from >= size => Range::Outside,
        (Ok(from), "") => Range::Part(from, last),
        (Ok(from), until) => match until.parse::<u64>() {
            Ok(until) if until >= from => Range::Part(from, until.min(last)),
            _ => Range::NotOurs,
        },
        // The last so many bytes.
        (Err(_), until) if from.trim().is_empty() => match until.parse::<u64>() {
            Ok(0) => Range::Outside,
            Ok(_) if size == 0 => Range::Outside,
            Ok(many) => Range::Part(size.saturating_sub(many), last),
            Err(_) => Range::NotOurs,
        },
        _ => Range::NotOurs,
    }
}

/// `PATCH` of a file column: the whole file, the beginning of an upload in chunks, or a chunk.
pub async fn write(request: &Request, table: &Table, row: &Segment, column: &Column) -> Result<Response> {
    let id = key::resolve(request, table, row).await?;
    if let Some(token) = request.options.get(TOKEN) {
        return chunk(request, (table.name.clone(), id, column.name.clone()), token).await;
    }
    let to = Destination { table: table.name.clone(), id, column: column.name.clone(), name: name(request)? };
    if header(request, "x-ms-transfer-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("chunked")) {
        let token = request.app.uploads().begin(&request.caller, to, record::versions(request)).await?;
        let mut response = empty(StatusCode::OK);
        let url = format!("{}/{}?{TOKEN}={token}", record::url(request, table, id), column.name);
        let headers = response.headers_mut();
        headers.insert("x-ms-chunk-size", HeaderValue::from(CHUNK));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.extend(HeaderValue::from_str(&url).ok().map(|url| (header::LOCATION, url)));
        return Ok(response);
    }
    let bytes = request.bytes().to_vec();
    domain::upload(&request.app, &request.caller, to, bytes, record::wish(request)).await?;
    Ok(at(empty(StatusCode::NO_CONTENT), &record::url(request, table, id)))
}

async fn chunk(request: &Request, to: (String, uuid::Uuid, String), token: &str) -> Result<Response> {
    let bytes = request.bytes();
    let wrong = || {
        Error::BadRequest(
            "Content-Range: write the place of the chunk in the file: bytes 0-4194303/10000000, as long as the body"
                .to_owned(),
        )
    };
    let (from, until, total) = header(request, "content-range").and_then(content_range).ok_or_else(wrong)?;
    if until.checked_sub(from).and_then(|less| less.checked_add(1)) != Some(bytes.len() as u64) {
        return Err(wrong());
    }
    let chunk = Chunk { from, total, bytes: bytes.to_vec() };
    let is_whole = request.app.uploads().put(&request.caller, to, token, chunk).await?;
    Ok(empty(if is_whole { StatusCode::NO_CONTENT } else { StatusCode::PARTIAL_CONTENT }))
}

/// `bytes 0-99/250`
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, total) = text.trim().strip_prefix("bytes")?.trim_start_matches([' ', '=']).split_once('/')?;
    let (from, until) = range.split_once('-')?;
    Some((from.trim().parse().ok()?, until.trim().parse().ok()?, total.trim().parse().ok()?))
}

/// What the file is called: by the header, or in the address where a header cannot hold it.
fn name(request: &Request) -> Result<String> {
    let said = request
        .options
        .get(NAME)
        .map(str::to_owned)
        .or_else(|| request.headers.get(NAME).map(|value| decoded(value.as_bytes())));
    said.ok_or_else(|| Error::BadRequest(format!("{NAME}: say in this header what the file is called")))
}

/// A name as clients write it into a header: percent-encoded, or as it is, in UTF-8 or in Latin-1, which is
/// what a header holds by HTTP's older rules.
fn decoded(bytes: &[u8]) -> String {
    let latin = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect();
    let name = String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| latin(bytes));
    let plain = percent_decode_str(&name).decode_utf8().map(std::borrow::Cow::into_owned);
    plain.unwrap_or(name)
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_the_file_or_refused() {
        for (text, meant) in [
            ("bytes=0-3", Range::Part(0, 3)),
            ("bytes=2-", Range::Part(2, 9)),
            ("bytes=-4", Range::Part(6, 9)),
            ("bytes=-40", Range::Part(0, 9)),
            ("bytes=5-400", Range::Part(5, 9)),
            ("bytes=10-", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=5-3", Range::NotOurs),
            ("bytes=0-1,4-5", Range::NotOurs),
            ("lines=1-2", Range::NotOurs),
        ] {
            assert_eq!(range(text, 10), meant, "{text}");
        }
        assert_eq!(range("bytes=0-", 0), Range::Outside);
        assert_eq!(content_range("bytes 0-99/250"), Some((0, 99, 250)));
        assert_eq!(content_range("bytes 0-99/*"), None);
    }

    #[test]
    fn a_name_is_read_however_a_client_writes_it() {
        for written in ["Müller.pdf".as_bytes(), b"M\xfcller.pdf", b"M%C3%BCller.pdf"] {
            assert_eq!(decoded(written), "Müller.pdf");
        }
        assert_eq!(decoded(b"100%.pdf"), "100%.pdf");
    }
}
