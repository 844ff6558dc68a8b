//! The built front end (`ui/dist`), embedded in the binary and served under `/assets/`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use serde::Deserialize;

/// Every file of `ui/dist`, with its `.br` and `.gz` twins.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../ui/dist/"]
struct Dist;

/// What the front end's build says about its files.
#[derive(Deserialize)]
struct Manifest {
    /// Plain name to the name that carries the content's hash.
    files: BTreeMap<String, String>,
    /// Names of the icons.
    icons: BTreeSet<String>,
}

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
    let file = Dist::get("manifest.json").expect("build.rs refuses to build without ui/dist/manifest.json");
    serde_json::from_slice(&file.data).expect("ui/build/build.js writes the manifest in this shape")
});

/// Address of a front-end file by its plain name, such as `app.js`; the address changes with the
/// content, so browsers may keep the file for ever. An unknown name gives an address that answers
/// 404, which a page survives.
pub fn asset(name: &str) -> String {
    let hashed = MANIFEST.files.get(name).map_or(name, String::as_str);
    format!("/assets/{hashed}")
}

/// Whether there is an icon of this name.
pub fn has_icon(name: &str) -> bool {
    MANIFEST.icons.contains(name)
}

/// The route that serves the front end's files.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{*path}", get(serve))
}

async fn serve(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(content_type) = content_type(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((bytes, encoding)) = best_encoding(&path, accepted) else {
        return StatusCode::NOT_FOUND.into_response();
    };

    let mut response = bytes.into_response();
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(encoding) = encoding {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The smallest stored form of a file that the browser accepts.
fn best_encoding(path: &str, accepted: &str) -> Option<(Vec<u8>, Option<&'static str>)> {
    let twin = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts(accepted, encoding))
        .find_map(|(encoding, extension)| {
            Dist::get(&format!("{path}{extension}")).map(|file| (file.data.into_owned(), Some(encoding)))
        });
    twin.or_else(|| Dist::get(path).map(|file| (file.data.into_owned(), None)))
}

/// Whether an `Accept-Encoding` value allows an encoding (named, and not with a weight of zero).
fn accepts(accepted: &str, encoding: &str) -> bool {
    accepted.split(',').any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        named && !refused
    })
}

/// The media type of the kinds of file the front end consists of; `None` for anything else, so
/// that the compressed twins and the manifest are not addresses of their own.
fn content_type(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    match extension {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "png" => Some("image/png"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        _ => None,
    }
}
