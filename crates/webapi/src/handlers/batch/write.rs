//! The answer to a batch: a multipart message with an answer for each request.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use uuid::Uuid;

/// The answer to one request of a batch.
pub struct PartAnswer {
    /// The number its request had in the change set.
    pub content_id: Option<String>,
    status: StatusCode,
    /// Status line, headers and body.
    text: String,
}

impl PartAnswer {
    /// An answer as a part; its body is read whole.
    pub async fn of(content_id: Option<String>, response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let reason = parts.status.canonical_reason().unwrap_or("Unknown").replace('-', " ");
        let mut text = String::new();
        line(&mut text, &["HTTP/1.1 ", parts.status.as_str(), " ", &reason]);
        for (name, value) in &parts.headers {
            if let Ok(value) = value.to_str() {
                line(&mut text, &[&spelled(name.as_str()), ": ", value]);
            }
        }
        line(&mut text, &[]);
        line(&mut text, &[&String::from_utf8_lossy(&body)]);
        Self { content_id, status: parts.status, text }
    }

    /// True where the request was refused or failed.
    pub fn has_failed(&self) -> bool {
        self.status.is_client_error() || self.status.is_server_error()
    }
}

/// Clients look for some headers by the letter.
fn spelled(name: &str) -> String {
    match name {
        "odata-version" => return "OData-Version".to_owned(),
        "odata-entityid" => return "OData-EntityId".to_owned(),
        "etag" => return "ETag".to_owned(),
        _ => {}
    }
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    });
    words.collect::<Vec<_>>().join("-")
}

/// The answer to what was carried out together.
pub enum PieceAnswer {
    /// To one request, or to a change set that failed.
    Single(PartAnswer),
    /// To each request of a change set.
    ChangeSet(Vec<PartAnswer>),
}

/// All answers as one.
pub fn write(status: StatusCode, answers: &[PieceAnswer]) -> Response {
    let boundary = format!("batchresponse_{}", Uuid::new_v4());
    let mut text = String::new();
    for answer in answers {
        line(&mut text, &["--", &boundary]);
        match answer {
            PieceAnswer::Single(part) => put(&mut text, part),
            PieceAnswer::ChangeSet(parts) => {
                let inner = format!("changesetresponse_{}", Uuid::new_v4());
                line(&mut text, &["Content-Type: multipart/mixed; boundary=", &inner, "\r\n"]);
                for part in parts {
                    line(&mut text, &["--", &inner]);
                    put(&mut text, part);
                }
                line(&mut text, &["--", &inner, "--"]);
            }
        }
    }
    line(&mut text, &["--", &boundary, "--"]);
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    if let Ok(kind) = HeaderValue::from_str(&format!("multipart/mixed; boundary={boundary}")) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

fn put(text: &mut String, part: &PartAnswer) {
    line(text, &["Content-Type: application/http"]);
    line(text, &["Content-Transfer-Encoding: binary"]);
    if let Some(id) = &part.content_id {
        line(text, &["Content-ID: ", id]);
    }
    line(text, &[]);
    text.push_str(&part.text);
}

fn line(text: &mut String, parts: &[&str]) {
    text.extend(parts.iter().copied());
    text.push_str("\r\n");
}
