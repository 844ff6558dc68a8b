//! Requests that change something must come from our own pages.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::failure::Failure;

/// Refuses a changing request that a browser says comes from another site. The token in every
/// form is the second lock; this one also covers requests without a session.
pub(crate) async fn refuse_foreign(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !safe && is_foreign(request.headers()) {
        let (site, origin) = (request.headers().get("sec-fetch-site"), request.headers().get(header::ORIGIN));
        tracing::warn!(target: "security", ?site, ?origin, "a request from another site was refused");
        return Failure::Forged.into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::HeaderName::from_static("sec-fetch-site"))
        .is_some_and(|site| site != "same-origin" && site != "none")
    {
        return true;
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let host =
        text(header::HeaderName::from_static("x-forwarded-host")).or_else(|| text(header::HOST)).unwrap_or_default();
    origin.split_once("://").is_none_or(|(_, of)| !of.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), header::HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_post_from_another_site_is_foreign() {
        assert!(is_foreign(&headers(&[("host", "crm.example"), ("origin", "https://evil.example")])));
        assert!(is_foreign(&headers(&[("host", "crm.example"), ("origin", "null")])));
        assert!(is_foreign(&headers(&[("host", "crm.example"), ("sec-fetch-site", "cross-site")])));
    }

    #[test]
    fn a_post_from_our_own_page_is_not() {
        assert!(!is_foreign(&headers(&[
            ("host", "crm.example"),
            ("origin", "https://crm.example"),
            ("sec-fetch-site", "same-origin")
        ])));
        assert!(!is_foreign(&headers(&[("host", "crm.example")])));
    }
}
