//! Answers.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    wire::{Annotations, EntityTag, Json},
};

const JSON: &str = "application/json; odata.metadata=minimal";
const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");
const ENTITY_ID: HeaderName = HeaderName::from_static("odata-entityid");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const STATUS: &str = "Microsoft.PowerApps.CDS.ErrorDetails.HttpStatusCode";
const INNER: &str = "Microsoft.PowerApps.CDS.InnerError.Message";
const TRACE: &str = "Microsoft.PowerApps.CDS.TraceText";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-service-request-id");

/// JSON.
pub fn json(status: StatusCode, body: &Json) -> Response {
    with_body(status, JSON, body.to_bytes())
}

/// An object whose context is `context` (absolute), with these members behind it.
pub fn object(status: StatusCode, context: String, mut members: Vec<(Arc<str>, Json)>) -> Response {
    members.insert(0, ("@odata.context".into(), Json::Text(context)));
    json(status, &Json::Object(members))
}

/// Plain text.
pub fn text(body: String) -> Response {
    with_body(StatusCode::OK, "text/plain", body.into_bytes())
}

/// XML, packed by gzip or not.
pub fn xml(body: Bytes, is_packed: bool) -> Response {
    let mut response = with_body(StatusCode::OK, "application/xml", body);
    if is_packed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// A document of `OpenAPI`.
pub fn openapi(body: String) -> Response {
    with_body(StatusCode::OK, "application/json", body)
}

/// The content of a file.
pub fn octets(body: Vec<u8>) -> Response {
    with_body(StatusCode::OK, "application/octet-stream", body)
}

/// Nothing to say.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// With the address of a written row.
pub fn at(mut response: Response, url: &str) -> Response {
    set(&mut response, ENTITY_ID, url);
    set(&mut response, header::LOCATION, url);
    response
}

/// With what was applied of the client's preferences.
pub fn applied(mut response: Response, applied: Option<String>) -> Response {
    if let Some(applied) = applied {
        set(&mut response, APPLIED, &applied);
    }
    response
}

/// With the row's version.
pub fn tagged(mut response: Response, tag: Option<EntityTag>) -> Response {
    if let Some(tag) = tag {
        set(&mut response, header::ETAG, &tag.to_string());
    }
    response
}

/// What every answer carries; errors become JSON.
pub fn finish(result: Result<Response>) -> Response {
    finish_for(result, &Annotations::default())
}

/// As [`finish`], with what the client wants to be told beside an error.
pub fn finish_for(result: Result<Response>, wanted: &Annotations) -> Response {
    let mut response = result.unwrap_or_else(|error| refusal(&error, wanted));
    set(&mut response, ODATA_VERSION, "4.0");
    set(&mut response, REQUEST_ID, &Uuid::now_v7().to_string());
    response
}

fn refusal(error: &Error, wanted: &Annotations) -> Response {
    let status = error.status();
    if status.is_server_error() {
        tracing::error!(%error, "a Web API request failed");
    }
    // The key is left out: it may be a value of the row.
    if let Error::NotFound { table, .. } | Error::Domain(crm::Error::NotFound { table, .. }) = error {
        tracing::info!(target: "security", table, "asked for a record that is not there, or not for them");
    }
    let mut inner = vec![("code".into(), error.code().into()), ("message".into(), error.sentence().into())];
    inner.extend(beside(error, status, wanted));
    let body = Json::Object(vec![("error".into(), Json::Object(inner))]);
    let mut response = with_body(status, JSON, body.to_bytes());
    if status == StatusCode::UNAUTHORIZED {
        set(&mut response, header::WWW_AUTHENTICATE, "Bearer realm=\"Pipewright\", error=\"invalid_token\"");
    }
    if let Error::MethodNotAllowed { allowed, .. } = error {
        set(&mut response, header::ALLOW, allowed);
    }
    if let Error::Range { size } = error {
        set(&mut response, header::CONTENT_RANGE, &format!("bytes */{size}"));
    }
    if let Some(seconds) = error.retry_after() {
        set(&mut response, header::RETRY_AFTER, &seconds.to_string());
    }
    response
}

/// What Dataverse tells beside an error, for those who ask. There is nothing to hide in it and nothing more
/// to know: the sentence is for the reader as it is.
fn beside(error: &Error, status: StatusCode, wanted: &Annotations) -> Vec<(Arc<str>, Json)> {
    let told = [
        (STATUS, status.as_u16().to_string()),
        (INNER, error.sentence()),
        (TRACE, format!("{} {}: {}", status.as_u16(), error.code(), error.sentence())),
    ];
    let told = told.into_iter().filter(|(name, _)| wanted.wants(name));
    told.map(|(name, text)| (format!("@{name}").into(), Json::Text(text))).collect()
}

fn with_body(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Set a header; text that no header can hold is left out rather than failing the request.
fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
