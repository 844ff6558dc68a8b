//! What every answer tells the browser, so that a fault elsewhere does less harm.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::forwarded;

/// Pages: scripts and styles from here only, none written into a page, no frames, forms to here.
const PAGES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                     font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; \
                     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// Answers of the Web API are data, whatever a browser makes of them.
const DATA: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), microphone=(), \
         geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), display-capture=()",
    ),
];
/// A year, as the lists of browsers ask for at least.
const ENCRYPTED_ONLY: &str = "max-age=31536000; includeSubDomains";

/// Adds the headers that an answer does not set itself.
pub async fn guard(request: Request, next: Next) -> Response {
    let secure = forwarded::is_secure(request.headers());
    let data = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        add(headers, name, value);
    }
    add(headers, header::CONTENT_SECURITY_POLICY, if data { DATA } else { PAGES });
    if data {
        add(headers, header::CACHE_CONTROL, "no-store");
    }
    if secure {
        add(headers, header::STRICT_TRANSPORT_SECURITY, ENCRYPTED_ONLY);
    }
    response
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
