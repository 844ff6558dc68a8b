//! What programs ask of the OAuth 2.0 server: tokens (RFC 6749), their revocation (RFC 7009), and where
//! all that is (RFC 8414). People are asked on a page, which `web` makes.

mod form;
mod metadata;
mod token;

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use crm::App;
use crm::identity::{ProgramRefusal, RefusalCode};
use serde_json::json;

/// Where people are asked.
pub const AUTHORIZE: &str = "/oauth2/authorize";
/// Where programs get tokens.
pub const TOKEN: &str = "/oauth2/token";
const REVOKE: &str = "/oauth2/revoke";
/// Where all that is told.
pub const METADATA: &str = "/.well-known/oauth-authorization-server";

/// What the handlers need to know.
#[derive(Clone)]
struct Server {
    app: App,
    /// `https://crm.example.com`, where the `Host` header does not tell.
    public_url: Option<String>,
}

/// The addresses that programs ask.
pub fn router(app: App, public_url: Option<String>) -> Router {
    Router::new()
        .route(TOKEN, post(token::issue).fallback(token::only_post))
        .route(REVOKE, post(token::revoke).fallback(token::only_post))
        .route(METADATA, get(metadata::show))
        .with_state(Server { app, public_url })
}

/// JSON that nobody keeps: it holds tokens.
fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// Why nothing is given, in the shape of RFC 6749, section 5.2.
fn refusal(error: &crm::Error) -> Response {
    let (status, name, seconds) = match error {
        crm::Error::Program(refusal) if refusal.code == RefusalCode::InvalidClient => {
            (StatusCode::UNAUTHORIZED, refusal.code.name(), None)
        }
        crm::Error::Program(refusal) => (StatusCode::BAD_REQUEST, refusal.code.name(), None),
        crm::Error::TooManyAttempts { seconds } => {
            (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", Some(*seconds))
        }
        crm::Error::Unavailable(_) | crm::Error::Uncertain(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", Some(2))
        }
        other => {
            tracing::error!(error = %other, "a program's request for a token failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "server_error", None)
        }
    };
    let description = match error {
        _ if status == StatusCode::INTERNAL_SERVER_ERROR => {
            "the server failed; the administrator finds the reason in its log".to_owned()
        }
        told => told.to_string(),
    };
    let mut response = json(status, &json!({ "error": name, "error_description": plain(&description) }));
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Pipewright\""));
    }
    if let Some(seconds) = seconds {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The letters that a description may hold (RFC 6749, appendix A.8).
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '"' | '\\' => '\'',
            ' '..='~' => letter,
            _ => '?',
        })
        .collect()
}

fn refuse(code: RefusalCode, message: impl Into<String>) -> crm::Error {
    crm::Error::Program(ProgramRefusal { code, message: message.into() })
}
