//! The front end's files as a browser asks for them.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use pipewright_web::assets::{asset, routes};
use tower::ServiceExt;

async fn get(path: &str, accept_encoding: &str) -> Response<Body> {
    let app: Router = routes();
    let request =
        Request::get(path).header("accept-encoding", accept_encoding).body(Body::empty()).expect("a plain request");
    app.oneshot(request).await.expect("routing does not fail")
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

#[tokio::test]
async fn the_style_sheet_may_be_kept_for_ever_under_its_hashed_name() {
    let response = get(&asset("app.css"), "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(header(&response, "cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(header(&response, "content-encoding"), None);
}

#[tokio::test]
async fn a_browser_gets_the_smallest_form_it_accepts() {
    for (accepted, sent) in
        [("gzip, deflate, br", Some("br")), ("gzip", Some("gzip")), ("br;q=0, gzip", Some("gzip")), ("identity", None)]
    {
        let response = get(&asset("app.js"), accepted).await;
        assert_eq!(header(&response, "content-encoding"), sent, "for {accepted}");
        assert_eq!(header(&response, "vary"), Some("accept-encoding"));
    }
}

#[tokio::test]
async fn only_files_of_the_front_end_are_served() {
    for path in ["/assets/manifest.json", "/assets/../Cargo.toml", "/assets/app-0000000000.js", "/assets/none"] {
        assert_eq!(get(path, "").await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
