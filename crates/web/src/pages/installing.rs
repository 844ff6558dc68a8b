//! What lets a phone keep the site among its apps.
//!
//! There is no service worker: browsers install without one, a CRM without its server has nothing
//! to show, and a cache in the browser could show one person's page to another.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use language::{Language, tr};
use serde_json::json;

use crate::assets::asset;

/// How long the description may be kept, in seconds: new icons are there a day later.
const KEPT: &str = "public, max-age=86400";

/// The web app manifest. Browsers ask for it without a session, so it tells nothing of anybody.
pub(crate) async fn manifest() -> Response {
    let picture = |name: &str, sizes: &str, kind: &str, purpose: &str| json!({ "src": asset(name), "sizes": sizes, "type": kind, "purpose": purpose });
    let shortcut = |name: &str, url: &str| json!({ "name": name, "url": url });
    let manifest = json!({
        "id": "/",
        "name": "Pipewright",
        "short_name": "Pipewright",
        "lang": Language::current().tag(),
        "description": tr!("Leads, deals and what is to be done about them."),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f7f9",
        "theme_color": "#ffffff",
        "icons": [
            picture("icon.svg", "any", "image/svg+xml", "any"),
            picture("icon-192.png", "192x192", "image/png", "any"),
            picture("icon-512.png", "512x512", "image/png", "any"),
            picture("icon-maskable-512.png", "512x512", "image/png", "maskable"),
        ],
        "shortcuts": [
            shortcut(&tr!("My day"), "/home"),
            shortcut(&tr!("New lead"), "/leads/new"),
            shortcut(&tr!("Open leads"), "/leads"),
            shortcut(&tr!("Open opportunities"), "/opportunities"),
        ],
    });
    let mut response = manifest.to_string().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(KEPT));
    response
}
